//! Putting a new address in the place of the old one.

use accounts::{Admission, ChangeProfile, Limits, Login, PasswordChange, Refusal};
use model::{EventKind, Span, Throttle};

use crate::mounts::realm;
use crate::races::{at_once, winner};
use crate::{PASSWORD, Verbs, World, client, engines, from, refused, secret};

const PAGE: &str = "/change-email/";
const NEW: &str = "new@example.com";

impl World {
    /// Asks for a new address and answers what was mailed there.
    async fn new_address(&self, name: &str, email: &str) -> String {
        self.pass(Span::seconds(1));
        let caller = self.caller_at("wolfpal", name).await;
        self.mount("wolfpal").change_email(&caller, email, &client()).await.unwrap();
        let token = self.last_link(PAGE).await;
        self.pass(Span::seconds(1));
        token
    }

    async fn confirm_new(&self, token: &str) -> Result<(), accounts::Failure> {
        self.mount("wolfpal").confirm_email_change(token, &client()).await
    }

    async fn newest_mail(&self) -> (String, String) {
        let mail = self.accounts.mails(1).await.unwrap().remove(0);
        (mail.kind, mail.recipient)
    }

    async fn address(&self, name: &str) -> String {
        self.stored(name).await.email.unwrap()
    }
}

engines! {
    async fn only_the_new_address_gets_the_link_and_the_old_one_stays_until_it_is_opened(world: World) {
        world.account("bob").await;
        let (wolfpal, caller) = (world.mount("wolfpal"), world.caller_at("wolfpal", "bob").await);
        let token = world.new_address("bob", NEW).await;
        assert_eq!((world.accounts.mails(9).await.unwrap().len(), token.len()), (1, 48));
        assert_eq!(world.newest_mail().await, ("email_change_sent".into(), NEW.into()));
        assert_eq!(wolfpal.waiting_email(&caller).await.unwrap().as_deref(), Some(NEW));
        assert_eq!(world.address("bob").await, "bob@example.com");
        assert_eq!(refused(wolfpal.attempt(Login::Email(NEW), PASSWORD, client()).await), Refusal::WrongCredentials);
        wolfpal.attempt(Login::Email("bob@example.com"), PASSWORD, client()).await.unwrap();
        world.confirm_new(&token).await.unwrap();
        // The old one is told; it is worth nothing any more.
        assert_eq!(world.newest_mail().await, ("email_changed".into(), "bob@example.com".into()));
        let told = world.last_mail().await;
        assert!(!told.contains(&token) && !told.contains(NEW), "{told}");
        assert_eq!(refused(wolfpal.attempt(Login::Email("bob@example.com"), PASSWORD, client()).await), Refusal::WrongCredentials);
        wolfpal.attempt(Login::Email(NEW), PASSWORD, client()).await.unwrap();
        assert!(world.stored("bob").await.email_confirmed);
        assert_eq!(wolfpal.waiting_email(&caller).await.unwrap(), None);
        assert_eq!(refused(wolfpal.resend_email_change(&caller, &client()).await), Refusal::EmailChangeUnknown);
        // It is used up.
        assert_eq!(refused(world.confirm_new(&token).await), Refusal::TokenUnknown);
        assert_eq!(world.events(EventKind::EmailChanged).await.len(), 1);
    }

    async fn a_second_request_ends_the_first(world: World) {
        world.account("bob").await;
        let first = world.new_address("bob", NEW).await;
        let second = world.new_address("bob", "newer@example.com").await;
        assert_eq!(refused(world.confirm_new(&first).await), Refusal::TokenUnknown);
        let caller = world.caller_at("wolfpal", "bob").await;
        world.mount("wolfpal").resend_email_change(&caller, &client()).await.unwrap();
        let third = world.last_link(PAGE).await;
        assert_eq!(refused(world.confirm_new(&second).await), Refusal::TokenUnknown);
        world.confirm_new(&third).await.unwrap();
        assert_eq!(world.address("bob").await, "newer@example.com");
    }

    async fn a_link_is_good_for_two_hours(world: World) {
        world.account("bob").await;
        world.account("eve").await;
        let bob = world.new_address("bob", NEW).await;
        let eve = world.new_address("eve", "other@example.com").await;
        world.pass(Span(Span::hours(2).0 - Span::seconds(3).0));
        assert_eq!(refused(world.confirm_new(&bob).await), Refusal::TokenUnknown);
        world.pass(Span(Span::seconds(2).0 - 1));
        world.confirm_new(&eve).await.unwrap();
        let token = world.new_address("eve", NEW).await;
        world.pass(Span(Span::hours(2).0 - Span::seconds(1).0));
        assert_eq!(refused(world.confirm_new(&token).await), Refusal::TokenUnknown);
    }

    async fn an_address_that_was_taken_meanwhile_is_not_taken_away(world: World) {
        world.account("bob").await;
        world.account("eve").await;
        let (bob, eve) = (world.new_address("bob", NEW).await, world.new_address("eve", "NEW@example.com").await);
        world.confirm_new(&eve).await.unwrap();
        assert_eq!(refused(world.confirm_new(&bob).await), Refusal::TokenUnknown);
        let late = world.new_address("bob", "later@example.com").await;
        world.argon().register_with("mia", Some("Later@Example.com"), Admission::Own).await.unwrap();
        assert_eq!(refused(world.confirm_new(&late).await), Refusal::TokenUnknown);
        assert_eq!(world.address("bob").await, "bob@example.com");
        assert_eq!(world.events(EventKind::EmailChanged).await.len(), 1);
    }

    async fn a_link_dies_with_the_right_to_it(world: World) {
        let wolfpal = world.mount("wolfpal");
        for name in ["disabled", "password", "reset", "deleted"] {
            world.account(name).await;
        }
        let disabled = world.new_address("disabled", "a@example.com").await;
        world.accounts.disable(&realm(), "disabled").await.unwrap();
        assert_eq!(refused(world.confirm_new(&disabled).await), Refusal::TokenUnknown);
        world.accounts.enable(&realm(), "disabled").await.unwrap();
        let password = world.new_address("password", "b@example.com").await;
        let change = PasswordChange { current: secret(PASSWORD), new: secret("new password") };
        let change = ChangeProfile { username: None, password: Some(change), client: client() };
        wolfpal.change_profile(&world.caller_at("wolfpal", "password").await, change).await.unwrap();
        let reset = world.new_address("reset", "c@example.com").await;
        world.accounts.set_password(&realm(), "reset", secret("new password")).await.unwrap();
        let deleted = world.new_address("deleted", "d@example.com").await;
        world.accounts.delete(&realm(), "deleted").await.unwrap();
        for token in [disabled, password, reset, deleted] {
            assert_eq!(refused(world.confirm_new(&token).await), Refusal::TokenUnknown);
        }
        assert_eq!(world.events(EventKind::EmailChanged).await, vec![]);
    }

    async fn what_was_mailed_to_the_old_address_dies_with_it(world: World) {
        world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let token = world.new_address("bob", NEW).await;
        wolfpal.send_reset("bob@example.com", &client()).await.unwrap();
        world.accounts.see_to_asked().await.unwrap();
        let reset = world.last_link("/forgot-password/").await;
        world.pass(Span::seconds(1));
        world.confirm_new(&token).await.unwrap();
        assert!(!wolfpal.reset_is_live(&reset).await.unwrap());
        // And it is one kind of link: none opens what another is for.
        assert_eq!(refused(world.confirm_new(&reset).await), Refusal::TokenUnknown);
    }

    async fn somebody_else_who_is_signed_in_does_not_open_it(world: World) {
        world.account("bob").await;
        world.account("eve").await;
        let token = world.new_address("bob", NEW).await;
        let wolfpal = world.mount("wolfpal");
        let (bob, eve) = (world.caller_at("wolfpal", "bob").await, world.caller_at("wolfpal", "eve").await);
        let key = world.by_key("bob", &["user"]).await;
        assert_eq!(refused(wolfpal.confirm_own_email_change(&eve, &token, &client()).await), Refusal::TokenUnknown);
        assert_eq!(refused(wolfpal.confirm_own_email_change(&key, &token, &client()).await), Refusal::NotPermitted);
        wolfpal.confirm_own_email_change(&bob, &token, &client()).await.unwrap();
        assert_eq!((world.address("bob").await, world.address("eve").await), (NEW.into(), "eve@example.com".into()));
    }

    async fn what_cannot_be_is_refused_before_anything_is_mailed(world: World) {
        world.account("bob").await;
        world.account("eve").await;
        let (wolfpal, bob) = (world.mount("wolfpal"), world.caller_at("wolfpal", "bob").await);
        for (email, refusal) in [
            ("", Refusal::EmailUnusable),
            ("no address", Refusal::EmailUnusable),
            ("a@b\r\nBcc: c@d", Refusal::EmailUnusable),
            ("BOB@Example.com", Refusal::EmailUnchanged),
            ("EVE@example.com", Refusal::NameTaken),
        ] {
            assert_eq!(refused(wolfpal.change_email(&bob, email, &client()).await), refusal, "{email}");
        }
        let argon = world.argon();
        let here = argon.change_email(&world.caller_at("argon", "bob").await, NEW, &client()).await;
        assert_eq!(refused(here), Refusal::NotPermitted);
        assert_eq!(world.accounts.mails(9).await.unwrap(), vec![]);
        for token in ["", "x", "\0", &"A".repeat(48)] {
            assert_eq!(refused(world.confirm_new(token).await), Refusal::TokenUnknown);
        }
    }

    async fn nobody_is_mailed_or_probed_without_end(world: World) {
        world.account("bob").await;
        world.account("eve").await;
        let (three, five) = (Throttle { burst: 3, every: Span::hours(1) }, Throttle { burst: 5, every: Span::hours(1) });
        let world = world.limited(Limits { mail: Some(three), registration: Some(five), ..Default::default() }).await;
        let (wolfpal, bob, eve) = (world.mount("wolfpal"), world.caller_at("wolfpal", "bob").await, world.caller_at("wolfpal", "eve").await);
        wolfpal.change_email(&bob, "victim@example.com", &client()).await.unwrap();
        wolfpal.resend_email_change(&bob, &client()).await.unwrap();
        // Whoever asks: it is the one who is mailed that has had enough.
        assert!(matches!(refused(wolfpal.resend_email_change(&bob, &client()).await), Refusal::Throttled { .. }));
        let other = wolfpal.change_email(&eve, "VICTIM@example.com", &from("192.0.2.9")).await;
        assert!(matches!(refused(other), Refusal::Throttled { .. }));
        assert_eq!(world.accounts.mails(9).await.unwrap().len(), 2);
        // Asking which addresses are taken is counted as registering is.
        for _ in 0..4 {
            assert_eq!(refused(wolfpal.change_email(&bob, "eve@example.com", &client()).await), Refusal::NameTaken);
        }
        for email in ["eve@example.com", "nobody@example.com"] {
            assert!(matches!(refused(wolfpal.change_email(&bob, email, &client()).await), Refusal::Throttled { .. }));
        }
    }

    async fn one_link_is_one_change(world: World) {
        world.account("bob").await;
        for round in 1..=50 {
            let email = format!("new{round}@example.com");
            let token = world.new_address("bob", &email).await;
            let answers = at_once(|_| {
                let (wolfpal, token) = (world.mount("wolfpal"), token.clone());
                async move { wolfpal.confirm_email_change(&token, &client()).await }
            })
            .await;
            winner(answers, &[Refusal::TokenUnknown]);
            assert_eq!(world.address("bob").await, email);
            assert_eq!(world.events(EventKind::EmailChanged).await.len(), round);
            world.pass(Span::hours(1));
        }
    }
}
