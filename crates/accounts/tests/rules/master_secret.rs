//! Another master secret: everything goes on, and the one before opens nothing.

use accounts::{Accounts, Admission, MasterRefused, ResetPassword, TokenUse};
use crypto::{JwtAlgorithm, SeededRandomness};
use db::{Batch, Database, Options, Statement};
use model::{Clock, EventKind, Span};

use crate::mounts::realm;
use crate::realms::draft;
use crate::world::master;
use crate::{PASSWORD, Verbs, World, client, engines, refused, secret};

engines! { on disk
    async fn everything_goes_on_under_another_master_secret(world: World) {
        let world = world.under(|terms| terms.mounts[0].algorithm = JwtAlgorithm::EdDSA).await;
        for name in ["bob", "eve", "joe"] {
            world.account(name).await;
        }
        let mut grants = Vec::new();
        for name in ["argon", "wolfpal", "melon", "goscrobble"] {
            let grant = world.mount(name).enter("joe").await;
            grants.push((name, world.mount(name).access(&grant), grant));
        }
        let key = world.argon().create_api_key(&world.caller_at("argon", "joe").await, draft(&["user"]), &client()).await.unwrap();
        let codes = world.two_factor("bob").await;
        let prepared = world.mount("wolfpal").caller(&world.mount("wolfpal").enter("eve").await).await;
        let prepared_codes = world.mount("wolfpal").prepare_two_factor(&prepared, &client()).await.unwrap().backup_codes;
        let invite = world.accounts.create_invite(&realm()).await.unwrap();
        let server = world.mount("melon").redeem_invite(&world.accounts.create_invite(&realm()).await.unwrap(), &client()).await.unwrap();
        world.pass(Span::seconds(1));
        let ticket = world.mount("wolfpal").ticket("bob").await;
        world.mount("wolfpal").send_reset("joe@example.com", &client()).await.unwrap();
        world.accounts.see_to_asked().await.unwrap();

        world.accounts.change_master(&master("3f"), &master("00")).await.unwrap();
        assert_eq!(world.events(EventKind::MasterSecretChanged).await.len(), 1);
        assert_eq!(world.with_master("3f").await.err(), Some(MasterRefused::Wrong));
        // The running process goes on, and so does one that is started with the new secret.
        let other = world.started_with("00").await;
        for world in [&world, &other] {
            for (name, access, grant) in &grants {
                world.mount(name).check(access).await.unwrap();
                assert_eq!(world.mount(name).access(grant), *access, "{name} signs with another key");
                world.mount(name).open_refresh_jwt(&world.mount(name).token(grant, TokenUse::Refresh)).unwrap();
            }
            world.argon().check_api_key(&key.text).await.unwrap();
            let eve = world.mount("wolfpal").caller(&world.mount("wolfpal").enter("eve").await).await;
            assert_eq!(world.mount("wolfpal").backup_codes(&eve).await.unwrap(), prepared_codes);
        }
        let wolfpal = other.mount("wolfpal");
        let bob = wolfpal.finish(&ticket, &codes.now(&other)).await.unwrap();
        let mut shown = wolfpal.backup_codes(&wolfpal.caller(&bob).await).await.unwrap();
        let mut expected = codes.backup.clone();
        shown.sort();
        expected.sort();
        assert_eq!(shown, expected);
        wolfpal.finish(&wolfpal.ticket("bob").await, &codes.backup[0]).await.unwrap();
        other.mount("goscrobble").renew(&grants[3].2).await.unwrap();
        other.mount("melon").register_with("ann", None, Admission::Invited(&server.jti)).await.unwrap();
        other.mount("melon").redeem_invite(&invite, &client()).await.unwrap();
        // What was owed before is sent, and its link is good.
        let token = other.owed_link().await;
        let reset = ResetPassword { token: &token, password: secret("another horse battery"), client: client() };
        wolfpal.reset_password(reset).await.unwrap();
        other.mount("argon").try_password("joe", "another horse battery").await.unwrap();
        refused(other.mount("argon").try_password("joe", PASSWORD).await);
    }

    async fn only_the_secret_in_force_is_replaced(world: World) {
        let (old, new) = (master("3f"), master("00"));
        assert_eq!(world.accounts.change_master(&new, &old).await, Err(MasterRefused::Wrong));
        assert_eq!(world.accounts.change_master(&old, &old).await, Err(MasterRefused::Same));
        world.with_master("3f").await.unwrap();
        let other = world.second().await;
        for round in 0..20_u8 {
            let from = format!("{round:02x}");
            let begins = if round == 0 { "3f" } else { &from };
            let to = format!("{:02x}", round + 1);
            let tasks: Vec<_> = [&world, &other].into_iter().enumerate().map(|(number, world)| {
                let accounts = world.accounts.clone();
                let (old, new) = (master(begins), master(if number == 0 { &to } else { "ff" }));
                tokio::spawn(async move { accounts.change_master(&old, &new).await })
            }).collect();
            let mut outcomes = Vec::new();
            for task in tasks {
                outcomes.push(task.await.unwrap());
            }
            assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
            if outcomes[1].is_ok() {
                world.accounts.change_master(&master("ff"), &master(&to)).await.unwrap();
            }
            world.with_master(&to).await.unwrap();
        }
    }

    async fn a_wrong_secret_is_not_taken_for_the_right_one_by_an_installation_from_before(world: World) {
        let forget = || async { world.db.write(Batch::from(Statement::new("delete from root_secret", vec![]))).await.unwrap() };
        forget().await;
        assert_eq!(world.with_master("00").await.err(), Some(MasterRefused::Wrong), "its keys do not open");
        // Nor if nothing is sealed but a second factor.
        world.account("bob").await;
        world.two_factor("bob").await;
        world.db.write(Batch::from(Statement::new("delete from signing_key", vec![]))).await.unwrap();
        assert_eq!(world.with_master("00").await.err(), Some(MasterRefused::Wrong));
        assert_eq!(world.number("select count(*) from root_secret", vec![]).await, 0, "a wrong one was kept");
        world.with_master("3f").await.unwrap();
        assert_eq!(world.with_master("00").await.err(), Some(MasterRefused::Wrong));
    }

    async fn a_new_installation_derives_nothing_from_its_master_secret(world: World) {
        let url = db::DatabaseUrl::parse("sqlite::memory:").unwrap();
        let fresh = Database::open(&url, Options::default()).await.unwrap();
        fresh.migrate(store::migrations::ALL, 0).await.unwrap();
        let opened = async |master: &crypto::MasterSecret, just_made| {
            Accounts::root(&fresh, master, &SeededRandomness::new(7), world.clock.now(), just_made).await
        };
        let derived = |root: &crypto::RootSecret| root.derive("x").as_bytes().to_vec();
        let root = opened(&master("3f"), true).await.unwrap();
        assert_ne!(derived(&root), derived(&crypto::RootSecret::of_master(&master("3f"))));
        assert_eq!(derived(&opened(&master("3f"), false).await.unwrap()), derived(&root));
        assert_eq!(opened(&master("00"), true).await.err(), Some(MasterRefused::Wrong));
    }

    /// A new column of bytes has to be looked at: what is sealed with a key of the root secret survives another
    /// master secret, and so do digests under such a key. Anything else that depends on the master secret must be
    /// thought of in `change_master`.
    async fn every_column_of_bytes_is_accounted_for(_world: World) {
        let sealed_or_digest = [
            "account.totp_secret", "account.totp_pending", "api_key.digest", "backup_code.digest",
            "backup_code.sealed", "one_time_token.digest", "outbox.sealed", "signing_key.sealed",
        ];
        let wrapped = ["root_secret.wrapped"];
        // A part of a name as it is.
        let plain = ["name_suffix.suffix"];
        let mut found = Vec::new();
        for sql in store::migrations::ALL.iter().flat_map(|migration| migration.sql) {
            let mut words = sql.split_whitespace().skip(2);
            let table = words.next().unwrap();
            let columns = sql.split([',', '(']).filter(|column| column.contains(" bytea"));
            found.extend(columns.map(|column| {
                let column = column.split(" column ").last().unwrap();
                format!("{table}.{}", column.split_whitespace().next().unwrap())
            }));
        }
        let known: Vec<String> = sealed_or_digest.iter().chain(&wrapped).chain(&plain).map(|&column| column.to_owned()).collect();
        assert_eq!(found.iter().find(|column| !known.contains(column)), None);
        assert_eq!(found.len(), known.len(), "{found:?}");
    }
}

impl World {
    /// The token of the reset link in the only mail that is owed.
    async fn owed_link(&self) -> String {
        let owed = self.accounts.mails(10).await.unwrap();
        let reset = owed.iter().find(|mail| mail.kind == "reset_sent").unwrap();
        while self.accounts.send_due(&self.transport()).await.unwrap() > 0 {}
        let file = self.mail_folder().join(format!("{}.eml", reset.id));
        let mail = std::fs::read_to_string(file).unwrap().replace("=\r\n", "");
        let token = mail.split("/forgot-password/").nth(1).unwrap();
        token.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect()
    }
}
