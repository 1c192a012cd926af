//! Of many parallel uses of one code, one ticket or one name one wins.

use accounts::{Admission, ChangeProfile, Grant, Refusal};
use db::params;
use model::{EventKind, Span};

use crate::races::{ROUNDS, USES, at_once, winner};
use crate::two_factor::Codes;
use crate::{Verbs, World, client, engines};

impl World {
    /// Finishes 16 sign-ins at once with one code, each with a ticket of its own: one gets in.
    async fn race_for(&self, code: &str) -> Grant {
        let wolfpal = self.mount("wolfpal");
        let begun = self.last_event().await;
        let sessions = self.number("select count(*) from session", params![]).await;
        let answers = at_once(|_| {
            let (wolfpal, code) = (wolfpal.clone(), code.to_owned());
            async move { wolfpal.finish(&wolfpal.ticket("bob").await, &code).await }
        })
        .await;
        let (_, grant) = winner(answers, &[Refusal::CodeWrong]);
        assert_eq!(self.since(begun, EventKind::SignedIn).await, 1);
        assert_eq!(self.number("select count(*) from session", params![]).await, sessions + 1);
        grant
    }
}

engines! { on disk
    async fn one_code_is_one_sign_in(world: World) {
        world.account("bob").await;
        let codes = world.two_factor("bob").await;
        for _ in 0..ROUNDS {
            world.race_for(&codes.now(&world)).await;
            world.pass(Span::seconds(30));
        }
    }

    async fn one_backup_code_is_one_sign_in(world: World) {
        world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let mut codes = world.two_factor("bob").await;
        for round in 1..=ROUNDS {
            let begun = world.last_event().await;
            let grant = world.race_for(&codes.backup.pop().unwrap()).await;
            assert_eq!(world.since(begun, EventKind::BackupCodeUsed).await, 1);
            let left = world.number("select count(*) from backup_code", params![]).await;
            assert_eq!(left, codes.backup.len() as i64);
            if codes.backup.is_empty() && round < ROUNDS {
                let caller = wolfpal.caller(&grant).await;
                wolfpal.disable_two_factor(&caller, &codes.now(&world), &client()).await.unwrap();
                world.pass(Span::minutes(1));
                codes = Codes::of(&wolfpal.prepare_two_factor(&caller, &client()).await.unwrap());
                wolfpal.enable_two_factor(&caller, &codes.now(&world), &client()).await.unwrap();
                world.pass(Span::minutes(1));
            }
        }
    }

    async fn one_ticket_is_one_sign_in(world: World) {
        world.account("bob").await;
        let codes = world.two_factor("bob").await;
        let wolfpal = world.mount("wolfpal");
        for round in 1..=ROUNDS {
            let (ticket, code) = (wolfpal.ticket("bob").await, codes.now(&world));
            let answers = at_once(|_| {
                let (wolfpal, ticket, code) = (wolfpal.clone(), ticket.clone(), code.clone());
                async move { wolfpal.finish(&ticket, &code).await }
            })
            .await;
            winner(answers, &[Refusal::CodeWrong, Refusal::TicketUnknown]);
            // One session is from before there was a second factor.
            assert_eq!(world.number("select count(*) from session", params![]).await, 1 + round as i64);
            world.pass(Span::seconds(30));
        }
    }

    async fn one_code_enables_or_disables_once(world: World) {
        world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let grant = wolfpal.enter("bob").await;
        let caller = wolfpal.caller(&grant).await;
        for _ in 0..ROUNDS / 10 {
            let codes = Codes::of(&wolfpal.prepare_two_factor(&caller, &client()).await.unwrap());
            for enable in [true, false] {
                let answers = at_once(|_| {
                    let (wolfpal, caller, code) = (wolfpal.clone(), caller.clone(), codes.now(&world));
                    async move {
                        if enable {
                            wolfpal.enable_two_factor(&caller, &code, &client()).await
                        } else {
                            wolfpal.disable_two_factor(&caller, &code, &client()).await
                        }
                    }
                })
                .await;
                winner(answers, &[Refusal::CodeWrong, Refusal::TwoFactorNotInitialised]);
                let left = world.number("select count(*) from backup_code", params![]).await;
                assert_eq!(left, if enable { 4 } else { 0 });
                world.pass(Span::seconds(30));
            }
        }
    }

    async fn one_name_is_one_account(world: World) {
        for round in 1..=ROUNDS {
            let begun = world.last_event().await;
            let answers = at_once(|number| {
                let mount = world.mount(["argon", "wolfpal", "goscrobble"][number % 3]);
                let name = format!("{}{round}", ["straße", "STRASSE", "Strasse", "ｓｔｒａｓｓｅ"][number % 4]);
                async move { mount.register_with(&name, None, Admission::Own).await }
            })
            .await;
            winner(answers, &[Refusal::NameTaken]);
            assert_eq!(world.since(begun, EventKind::AccountCreated).await, 1);
            assert_eq!(world.since(begun, EventKind::SignedIn).await, 1);
            assert_eq!(world.number("select count(*) from account", params![]).await, round as i64);
        }
    }

    async fn one_name_is_one_new_name(world: World) {
        let mut callers = Vec::new();
        for number in 0..USES {
            let name = format!("n{number}");
            world.account(&name).await;
            callers.push(world.mount("argon").caller(&world.mount("argon").enter(&name).await).await);
        }
        for round in 1..=ROUNDS / 10 {
            let begun = world.last_event().await;
            let answers = at_once(|number| {
                let (argon, caller) = (world.mount("argon"), callers[number].clone());
                let username = format!("{}{round}", ["straße", "STRASSE"][number % 2]);
                async move {
                    let change = ChangeProfile { username: Some(&username), password: None, client: client() };
                    argon.change_profile(&caller, change).await
                }
            })
            .await;
            winner(answers, &[Refusal::NameTaken]);
            assert_eq!(world.since(begun, EventKind::UsernameChanged).await, 1);
            // Changes of one account are counted.
            world.pass(Span::minutes(1));
        }
    }

    async fn one_address_is_one_account(world: World) {
        for round in 1..=ROUNDS / 10 {
            let answers = at_once(|number| {
                let wolfpal = world.mount("wolfpal");
                let (name, email) = (format!("r{round}n{number}"), format!("{}{round}@example.com", ["bob", "BOB"][number % 2]));
                async move { wolfpal.register_with(&name, Some(&email), Admission::Own).await }
            })
            .await;
            winner(answers, &[Refusal::NameTaken]);
            assert_eq!(world.number("select count(*) from account", params![]).await, round as i64);
            assert_eq!(world.number("select count(*) from outbox", params![]).await, round as i64);
            assert_eq!(world.number("select count(*) from one_time_token", params![]).await, round as i64);
        }
    }
}
