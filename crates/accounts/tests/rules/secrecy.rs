//! What a thief of the database, or a reader of logs, does not learn.

use accounts::{Admission, ResetPassword, SecondStep, SignedIn, TokenUse};
use db::{Row, Statement};

use crate::mounts::realm;
use crate::two_factor::Codes;
use crate::{PASSWORD, Verbs, World, client, engines, secret};

impl World {
    /// Every table, as the migrations made them.
    fn tables() -> Vec<&'static str> {
        let statements = store::migrations::ALL.iter().flat_map(|migration| migration.sql);
        statements.filter_map(|sql| sql.strip_prefix("create table ")?.split_whitespace().next()).collect()
    }

    /// Every cell of every row, as bytes.
    async fn cells(&self) -> Vec<(&'static str, Vec<u8>)> {
        let mut cells = Vec::new();
        for table in Self::tables() {
            for row in self.db.query(Statement::new(format!("select * from {table}"), vec![])).await.unwrap()
            {
                cells.extend((0..).map_while(|column| cell(&row, column)).map(|bytes| (table, bytes)));
            }
        }
        cells
    }
}

/// A column of whatever kind; none behind the last.
fn cell(row: &Row, column: usize) -> Option<Vec<u8>> {
    let text = row.opt_text(column).map(|text| text.unwrap_or_default().into_bytes());
    let int = || row.opt_int(column).map(|int| int.unwrap_or_default().to_string().into_bytes());
    let bytes = || row.opt_bytes(column).map(Option::unwrap_or_default);
    text.or_else(|_| int()).or_else(|_| bytes()).ok()
}

fn holds(cell: &[u8], secret: &[u8]) -> bool {
    cell.windows(secret.len()).any(|window| window == secret)
}

engines! {
    async fn no_secret_stands_in_any_cell_of_the_database(world: World) {
        let (wolfpal, melon) = (world.mount("wolfpal"), world.mount("melon"));
        let mut secrets: Vec<(&str, Vec<u8>)> = vec![("password", PASSWORD.into())];
        wolfpal.register_with("eve", Some("eve@example.com"), Admission::Own).await.unwrap();
        secrets.push(("confirmation", world.last_link("/activate-account/").await.into()));
        world.account("bob").await;
        let caller = wolfpal.caller(&wolfpal.enter("bob").await).await;
        let prepared = wolfpal.prepare_two_factor(&caller, &client()).await.unwrap();
        let codes = Codes::of(&prepared);
        let raw = data_encoding::BASE32_NOPAD.decode(prepared.secret.as_bytes()).unwrap();
        let array = raw.iter().map(u8::to_string).collect::<Vec<_>>().join(",");
        secrets.extend([("secret", raw), ("secret", array.into()), ("secret", prepared.secret.clone().into())]);
        secrets.extend(prepared.backup_codes.iter().map(|code| ("backup code", code.clone().into())));
        // Once while it waits, once in force.
        for round in 0..2 {
            let ticket = if round == 0 {
                None
            } else {
                wolfpal.enable_two_factor(&caller, &codes.now(&world), &client()).await.unwrap();
                world.pass(model::Span::minutes(1));
                Some(wolfpal.ticket("bob").await)
            };
            let grant = match &ticket {
                None => wolfpal.enter("bob").await,
                Some(ticket) => wolfpal.finish(&wolfpal.ticket("bob").await, &codes.now(&world)).await
                    .inspect(|_| secrets.push(("ticket", ticket.clone().into()))).unwrap(),
            };
            secrets.push(("access token", wolfpal.access(&grant).into()));
            secrets.push(("refresh token", wolfpal.refresh_letters(&grant).into()));
            secrets.push(("refresh token", wolfpal.token(&grant, TokenUse::Refresh).into()));
            world.pass(model::Span::seconds(1));
            wolfpal.send_reset("bob@example.com", &client()).await.unwrap();
            world.accounts.see_to_asked().await.unwrap();
            // Looked at while the mail is still owed, and again below when it is sent.
            assert!(world.cells().await.iter().all(|(_, cell)| !holds(cell, b"forgot-password")));
            secrets.push(("reset", world.last_link("/forgot-password/").await.into()));
            let code = world.accounts.create_invite(&realm()).await.unwrap();
            let server = melon.redeem_invite(&code, &client()).await.unwrap().jti;
            secrets.push(("server token", server.into()));
            let cells = world.cells().await;
            assert!(cells.len() > 100, "{}", cells.len());
            for (name, secret) in &secrets {
                let found = cells.iter().find(|(_, cell)| holds(cell, secret));
                assert_eq!(found.map(|(table, _)| table), None, "a {name}");
            }
        }
        // Four characters may turn up anywhere; no cell is the code itself.
        let invite = world.accounts.create_invite(&realm()).await.unwrap();
        assert!(world.cells().await.iter().all(|(_, cell)| cell != invite.as_bytes()));
    }

    async fn every_table_is_looked_at(world: World) {
        for made in store::migrations::ALL.iter().flat_map(|migration| migration.sql) {
            let is_table = made.contains("create") && made.contains(" table ");
            assert_eq!(is_table, made.starts_with("create table "), "a table made in words that this test overlooks");
        }
        for table in World::tables() {
            world.db.query(Statement::new(format!("select * from {table}"), vec![])).await.unwrap();
        }
    }

    async fn debug_shows_no_secret(world: World) {
        world.account("bob").await;
        let codes = world.two_factor("bob").await;
        let (wolfpal, melon) = (world.mount("wolfpal"), world.mount("melon"));
        let signed_in = wolfpal.try_password("bob", PASSWORD).await.unwrap();
        let shown = format!("{signed_in:?}");
        let SignedIn::SecondStep { ticket } = &signed_in else { panic!("{signed_in:?}") };
        assert!(!shown.contains(ticket.as_str()), "{shown}");
        let code = world.accounts.create_invite(&realm()).await.unwrap();
        let server = melon.redeem_invite(&code, &client()).await.unwrap();
        let register = accounts::Register {
            username: "eve",
            email: None,
            password: secret(PASSWORD),
            permissions: None,
            admission: Admission::Invited(&server.jti),
            sign_in: false,
            client: client(),
        };
        let reset = ResetPassword { token: ticket, password: secret(PASSWORD), client: client() };
        let second = SecondStep { ticket, code: &codes.backup[0], client: client() };
        let account = world.stored("bob").await;
        let shown = format!("{server:?} {register:?} {reset:?} {second:?} {account:?} {wolfpal:?}");
        let password = account.password.as_deref().unwrap();
        for secret in [ticket.as_str(), &server.jti, &codes.backup[0], PASSWORD, password] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }

    async fn a_database_with_another_master_secret_is_not_opened_over_its_keys(world: World) {
        let world = world.under(|terms| terms.mounts[0].algorithm = crypto::JwtAlgorithm::EdDSA).await;
        world.account("bob").await;
        world.mount("argon").enter("bob").await;
        assert_eq!(world.with_master("00").await.err(), Some(accounts::MasterRefused::Wrong));
        assert!(world.with_master("3f").await.is_ok(), "the right one");
    }
}
