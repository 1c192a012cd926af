//! Choosing a new password by way of a mailed link.

use accounts::{Limits, Refusal, ResetPassword};
use model::{EventKind, Span, Throttle};

use crate::mounts::realm;
use crate::{PASSWORD, Verbs, World, client, engines, from, refused, secret};

const PAGE: &str = "/forgot-password/";

impl World {
    /// Asks for a link at `wolfpal` and answers the mailed token.
    async fn reset_token(&self, email: &str) -> String {
        self.mount("wolfpal").send_reset(email, &client()).await.unwrap();
        self.accounts.see_to_asked().await.unwrap();
        self.last_link(PAGE).await
    }

    async fn reset(&self, token: &str, password: &str) -> Result<(), accounts::Failure> {
        let command = ResetPassword { token, password: secret(password), client: client() };
        self.mount("wolfpal").reset_password(command).await
    }
}

engines! {
    async fn a_link_sets_a_password_once(world: World) {
        world.account("bob").await;
        let token = world.reset_token("bob@example.com").await;
        assert_eq!(token.len(), 64);
        world.pass(Span::seconds(1));
        world.reset(&token, "new password").await.unwrap();
        assert_eq!(refused(world.reset(&token, "newer password").await), Refusal::TokenUnknown);
        let argon = world.mount("argon");
        for wrong in [PASSWORD, "newer password"] {
            assert_eq!(refused(argon.try_password("bob", wrong).await), Refusal::WrongCredentials);
        }
        argon.try_password("bob", "new password").await.unwrap();
        assert_eq!(world.events(EventKind::PasswordReset).await.len(), 1);
        // The owner is told, and no session was opened by it.
        let mails = world.accounts.mails(10).await.unwrap();
        assert_eq!((mails[0].kind.as_str(), mails.len()), ("password_changed", 2));
        assert_eq!(world.events(EventKind::SignedIn).await.len(), 1);
    }

    async fn asking_whether_a_link_is_live_does_not_use_it(world: World) {
        world.account("bob").await;
        let token = world.reset_token("bob@example.com").await;
        let wolfpal = world.mount("wolfpal");
        for _ in 0..10 {
            assert!(wolfpal.reset_is_live(&token).await.unwrap());
        }
        for other in ["", "\0", &token[1..], &token.to_uppercase()] {
            assert!(!wolfpal.reset_is_live(other).await.unwrap());
        }
        world.reset(&token, "new password").await.unwrap();
        assert!(!wolfpal.reset_is_live(&token).await.unwrap());
    }

    async fn a_link_is_good_for_a_quarter_of_an_hour(world: World) {
        world.account("bob").await;
        let token = world.reset_token("bob@example.com").await;
        world.pass(Span(Span::minutes(15).0 - 1));
        assert!(world.mount("wolfpal").reset_is_live(&token).await.unwrap());
        world.pass(Span(1));
        assert!(!world.mount("wolfpal").reset_is_live(&token).await.unwrap());
        assert_eq!(refused(world.reset(&token, "new password").await), Refusal::TokenUnknown);
    }

    async fn a_new_link_ends_the_one_before_also_of_another_mount(world: World) {
        world.account("bob").await;
        let first = world.reset_token("bob@example.com").await;
        world.pass(Span::seconds(1));
        world.mount("goscrobble").send_reset("bob@example.com", &client()).await.unwrap();
        world.accounts.see_to_asked().await.unwrap();
        let second = world.last_link("/reset/").await;
        assert_eq!(second.len(), 16);
        assert_eq!(refused(world.reset(&first, "new password").await), Refusal::TokenUnknown);
        assert!(world.mount("goscrobble").reset_is_live(&second).await.unwrap());
    }

    async fn an_unusable_password_does_not_cost_the_link(world: World) {
        world.account("bob").await;
        let token = world.reset_token("bob@example.com").await;
        assert_eq!(refused(world.reset(&token, "short").await), Refusal::PasswordTooShort { min: 8 });
        assert_eq!(refused(world.reset(&token, &"x".repeat(1_025)).await), Refusal::PasswordTooLong);
        world.reset(&token, "new password").await.unwrap();
    }

    async fn guessing_links_costs_no_hash(world: World) {
        world.account("bob").await;
        let hashes = world.pool.stats().hashed;
        for guess in ["", "x", &"A".repeat(64)] {
            assert_eq!(refused(world.reset(guess, "new password").await), Refusal::TokenUnknown);
        }
        assert_eq!(world.pool.stats().hashed, hashes);
    }

    async fn a_link_is_worth_nothing_once_the_address_or_the_password_is_another(world: World) {
        world.account("bob").await;
        let token = world.reset_token("bob@example.com").await;
        world.tamper("bob", |bob| bob.email = Some("else@example.com".into())).await;
        assert_eq!(refused(world.reset(&token, "new password").await), Refusal::TokenUnknown);
        world.pass(Span::seconds(1));
        let token = world.reset_token("else@example.com").await;
        world.accounts.set_password(&realm(), "bob", secret("another password")).await.unwrap();
        assert_eq!(refused(world.reset(&token, "new password").await), Refusal::TokenUnknown);
        world.mount("argon").try_password("bob", "another password").await.unwrap();
    }

    async fn a_link_dies_when_the_account_is_disabled(world: World) {
        world.account("bob").await;
        let token = world.reset_token("bob@example.com").await;
        world.accounts.disable(&realm(), "bob").await.unwrap();
        assert_eq!(refused(world.reset(&token, "new password").await), Refusal::TokenUnknown);
        let mails = world.accounts.mails(10).await.unwrap().len();
        world.mount("wolfpal").send_reset("bob@example.com", &client()).await.unwrap();
        world.accounts.see_to_asked().await.unwrap();
        assert_eq!(world.accounts.mails(10).await.unwrap().len(), mails);
    }

    async fn it_confirms_the_address_and_leaves_the_second_factor(world: World) {
        world.account("bob").await;
        let codes = world.two_factor("bob").await;
        world.tamper("bob", |bob| bob.email_confirmed = false).await;
        let token = world.reset_token("bob@example.com").await;
        world.reset(&token, PASSWORD).await.unwrap();
        let wolfpal = world.mount("wolfpal");
        let ticket = wolfpal.ticket("bob").await;
        wolfpal.finish(&ticket, &codes.now(&world)).await.unwrap();
    }

    async fn it_lifts_the_lock_that_guessing_put_on_the_account(world: World) {
        world.account("bob").await;
        let three = Throttle { burst: 3, every: Span::hours(1) };
        let world = world.limited(Limits { per_account: Some(three), ..Default::default() }).await;
        let argon = world.mount("argon");
        for _ in 0..4 {
            refused(argon.try_password("bob", "wrong").await);
        }
        let token = world.reset_token("bob@example.com").await;
        world.reset(&token, "new password").await.unwrap();
        argon.try_password("bob", "new password").await.unwrap();
    }

    async fn asking_tells_nobody_whether_there_is_such_an_account(world: World) {
        world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let mut batches = Vec::new();
        for email in ["bob@example.com", "nobody@example.com"] {
            let before = world.db.stats().batches;
            wolfpal.send_reset(email, &client()).await.unwrap();
            batches.push(world.db.stats().batches - before);
            world.accounts.see_to_asked().await.unwrap();
        }
        assert_eq!(batches[0], batches[1]);
        for email in ["", "bob", "bob@example.com\r\nBcc: eve@example.com", "bob@example.com,eve@example.com", "@"] {
            wolfpal.send_reset(email, &client()).await.unwrap();
            world.accounts.see_to_asked().await.unwrap();
        }
        assert_eq!(world.accounts.mails(100).await.unwrap().len(), 1);
        let ignored = world.events(EventKind::ResetIgnored).await;
        assert!(!format!("{ignored:?}").contains("nobody@example.com"), "an event is no list of guesses: {ignored:?}");
    }

    async fn an_address_gets_a_few_mails_and_is_not_told_when_there_are_no_more(world: World) {
        world.account("bob").await;
        let three = Throttle { burst: 3, every: Span::minutes(61) };
        let world = world.limited(Limits { mail: Some(three), ..Default::default() }).await;
        for number in 0..10 {
            let asker = from(&format!("192.0.2.{number}"));
            world.pass(Span::seconds(1));
            world.mount("wolfpal").send_reset(["bob@example.com", "BOB@example.com"][number % 2], &asker).await.unwrap();
            world.accounts.see_to_asked().await.unwrap();
        }
        assert_eq!(world.accounts.mails(100).await.unwrap().len(), 2);
        world.reset(&world.last_link(PAGE).await, "new password").await.unwrap();
    }

    async fn the_mail_names_who_asked_and_where(world: World) {
        world.account("bob").await;
        world.mount("wolfpal").send_reset("bob@example.com", &from("203.0.113.9")).await.unwrap();
        world.accounts.see_to_asked().await.unwrap();
        let mail = world.last_mail().await;
        assert!(mail.contains("203.0.113.9") && mail.contains("bob") && mail.contains("15 minutes"), "{mail}");
        assert!(mail.contains("https://site.example/forgot-password/"), "{mail}");
    }
}
