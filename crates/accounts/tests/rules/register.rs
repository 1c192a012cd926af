//! Making an account.

use accounts::{Admission, EventQuery, Limits, Refusal, Register, Registration};
use model::{EventKind, Permissions, Span, Throttle};

use crate::mounts::realm;
use crate::verbs::newest_event;
use crate::{PASSWORD, Verbs, World, client, engines, from, refused, secret};

fn command<'a>(username: &'a str, password: &str, admission: Admission<'a>) -> Register<'a> {
    Register {
        username,
        email: None,
        password: secret(password),
        permissions: Some(Permissions::default().with("admin")),
        admission,
        sign_in: false,
        client: client(),
    }
}

engines! {
    async fn who_may_register_is_the_mounts_policy(world: World) {
        let world = world.under(|terms| terms.mounts[3].registration = Registration::Closed).await;
        let own = Admission::Own;
        world.mount("argon").register_with("bob", None, own).await.unwrap();
        for (name, open) in [("argon", true), ("wolfpal", true), ("melon", false), ("goscrobble", false)] {
            let mount = world.mount(name);
            assert_eq!(mount.registration_open().await.unwrap(), open);
            if !open {
                assert_eq!(refused(mount.register_with("eve", None, own).await), Refusal::RegistrationClosed);
            }
        }
        let invited = Admission::Invited("no such invite");
        assert_eq!(refused(world.mount("melon").register_with("eve", None, invited).await), Refusal::InviteUnknown);
        let closed = world.mount("goscrobble").register_with("eve", None, invited).await;
        assert_eq!(refused(closed), Refusal::RegistrationClosed);
        assert_eq!(world.number("select count(*) from account", vec![]).await, 1);
    }

    async fn an_administrator_registers_others_everywhere_and_nobody_else_does(world: World) {
        world.account_with("root", &["ADMIN"]).await;
        world.account_with("almost", &["admin.x", "administrator"]).await;
        let world = world.under(|terms| terms.mounts[0].registration = Registration::Closed).await;
        let argon = world.mount("argon");
        let almost = argon.caller(&argon.enter("almost").await).await;
        let by = Admission::Administrator(&almost);
        assert_eq!(refused(argon.register(command("eve", PASSWORD, by)).await), Refusal::NotPermitted);
        let root = argon.caller(&argon.enter("root").await).await;
        let made = argon.register(command("eve", PASSWORD, Admission::Administrator(&root))).await.unwrap();
        assert!(made.grant.is_none() && made.account.permissions.holds("admin"));
    }

    async fn nobody_gives_themselves_permissions(world: World) {
        let argon = world.mount("argon");
        let made = argon.register(command("eve", PASSWORD, Admission::Own)).await.unwrap().account;
        assert_eq!(made.permissions, Permissions::of_a_newcomer());
        assert_eq!(world.stored("eve").await.permissions.as_slice(), ["user"]);
        // Nor by being the first.
        assert!(!argon.caller(&argon.enter("eve").await).await.account.permissions.grants("admin"));
    }

    async fn spellings_of_one_name_are_one_name(world: World) {
        let own = Admission::Own;
        world.mount("argon").register_with("Straße", None, own).await.unwrap();
        world.mount("argon").register_with("bob", Some("Bob@Example.com"), own).await.unwrap();
        for (name, email) in [
            ("STRASSE", None), ("strasse", None), ("ｓｔｒａｓｓｅ", None), ("BOB", None), ("ｂｏｂ", None),
            ("eve", Some("bob@example.com")), ("eve", Some("BOB@EXAMPLE.COM")), ("eve", Some("ｂob@example.com")),
        ] {
            for mount in ["argon", "wolfpal", "goscrobble"] {
                let answer = world.mount(mount).register_with(name, email, own).await;
                assert_eq!(refused(answer), Refusal::NameTaken, "{name} {email:?}");
            }
        }
        // A letter without its dot is another letter; a name is kept as it was typed.
        world.mount("argon").register_with("bıb", None, own).await.unwrap();
        assert_eq!(world.stored("strasse").await.username, "Straße");
    }

    async fn a_taken_name_leaves_nothing_behind(world: World) {
        world.account("bob").await;
        let before = world.last_event().await;
        let hashes = world.pool.stats().hashed;
        let wolfpal = world.mount("wolfpal");
        refused(wolfpal.register_with("BOB", Some("new@example.com"), Admission::Own).await);
        refused(wolfpal.register_with("eve", Some("BOB@example.com"), Admission::Own).await);
        assert_eq!(newest_event(&world).await.unwrap().sequence, before);
        assert_eq!(world.pool.stats().hashed, hashes);
        for table in ["session", "one_time_token", "outbox"] {
            let rows = world.db.query(db::Statement::new(format!("select 1 from {table}"), vec![])).await.unwrap();
            assert!(rows.is_empty(), "{table}");
        }
    }

    async fn unusable_names_and_addresses_are_refused_everywhere(world: World) {
        let argon = world.mount("argon");
        for name in ["", " ", "\u{3000}", "a\0", "a\nb", "a\u{200B}", "\u{202E}a", "a\u{AD}b", &"é".repeat(128)] {
            let answer = argon.register_with(name, None, Admission::Own).await;
            assert_eq!(refused(answer), Refusal::UsernameUnusable, "{name:?}");
        }
        for email in ["", "a", "@", "a@", "@b", "a@b@c", "a b@c", "a@b\r\nBcc: x@y", "a\0@b", &format!("{}@b", "x".repeat(254))] {
            let answer = argon.register_with("eve", Some(email), Admission::Own).await;
            assert_eq!(refused(answer), Refusal::EmailUnusable, "{email:?}");
        }
        assert_eq!(world.number("select count(*) from account", vec![]).await, 0);
    }

    async fn passwords_are_measured_in_characters_and_bounded_in_bytes(world: World) {
        let argon = world.mount("argon");
        for (short, length) in [("", 0), ("1234567", 7), ("ééééééé", 7), ("🦀🦀🦀🦀", 4)] {
            assert_eq!(short.chars().count(), length);
            let answer = argon.register(command("bob", short, Admission::Own)).await;
            assert_eq!(refused(answer), Refusal::PasswordTooShort { min: 8 });
        }
        let long = "é".repeat(513);
        assert_eq!(refused(argon.register(command("bob", &long, Admission::Own)).await), Refusal::PasswordTooLong);
        for (name, password) in [("bob", "é".repeat(8)), ("eve", "é".repeat(512)), ("nul", "with\0nul".into())] {
            argon.register(command(name, &password, Admission::Own)).await.unwrap();
            argon.try_password(name, &password).await.unwrap();
            let mut shorter = password.clone();
            shorter.pop();
            assert_eq!(refused(argon.try_password(name, &shorter).await), Refusal::WrongCredentials);
        }
    }

    async fn an_address_registers_a_few_accounts_and_learns_of_a_few_names(world: World) {
        world.account("bob").await;
        let three = Throttle { burst: 3, every: Span::minutes(2) };
        let world = world.limited(Limits { registration: Some(three), ..Default::default() }).await;
        let argon = world.mount("argon");
        argon.register_with("one", None, Admission::Own).await.unwrap();
        // Being told that a name is taken costs as much as taking it; so does typing nonsense.
        assert_eq!(refused(argon.register_with("bob", None, Admission::Own).await), Refusal::NameTaken);
        assert_eq!(refused(world.mount("wolfpal").register_with("", None, Admission::Own).await), Refusal::UsernameUnusable);
        let refusal = refused(world.mount("goscrobble").register_with("two", None, Admission::Own).await);
        assert_eq!(refusal, Refusal::Throttled { retry_after: Span::minutes(2) });
        let elsewhere = Register { client: from("192.0.2.2"), ..command("two", PASSWORD, Admission::Own) };
        argon.register(elsewhere).await.unwrap();
        world.pass(Span::minutes(2));
        argon.register_with("three", None, Admission::Own).await.unwrap();
    }

    async fn a_newcomer_is_in_at_once_where_that_is_asked_for(world: World) {
        let argon = world.mount("argon");
        let made = argon.register_with("bob", Some("bob@example.com"), Admission::Own).await.unwrap();
        let caller = argon.caller(&made.grant.unwrap()).await;
        assert_eq!((caller.account.username.as_str(), caller.account.email_confirmed), ("bob", false));
        let all = world.accounts.events(&realm(), EventQuery::default(), 10).await.unwrap();
        let kinds: Vec<_> = all.iter().map(|event| event.kind).collect();
        assert_eq!(kinds, [EventKind::SignedIn, EventKind::AccountCreated]);
    }

    async fn the_confirmation_is_owed_in_the_same_breath(world: World) {
        let wolfpal = world.mount("wolfpal");
        wolfpal.register_with("bob", Some("bob@example.com"), Admission::Own).await.unwrap();
        wolfpal.register_with("eve", None, Admission::Own).await.unwrap();
        let mails = world.accounts.mails(10).await.unwrap();
        assert_eq!((mails.len(), mails[0].recipient.as_str()), (1, "bob@example.com"));
        assert_eq!(world.events(EventKind::ConfirmationSent).await.len(), 1);
    }

    async fn an_administrators_account_is_as_ordered(world: World) {
        let realm = crate::mounts::realm();
        let order = |username, email, password| accounts::CreateAccount {
            realm: &realm,
            username,
            email,
            email_confirmed: true,
            password: secret(password),
            permissions: None,
        };
        let bob = world.accounts.create(order("bob", None, PASSWORD)).await.unwrap();
        assert!(!bob.email_confirmed, "there is no address to confirm");
        assert_eq!(bob.permissions, Permissions::of_a_newcomer());
        for (username, email, password, why) in [
            ("BOB", None, PASSWORD, Refusal::NameTaken),
            ("", None, PASSWORD, Refusal::UsernameUnusable),
            ("eve", Some("x"), PASSWORD, Refusal::EmailUnusable),
            ("eve", None, "short", Refusal::PasswordTooShort { min: 8 }),
        ] {
            assert_eq!(refused(world.accounts.create(order(username, email, password)).await), why);
        }
    }
}
