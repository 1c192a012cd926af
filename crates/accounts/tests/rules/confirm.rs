//! Confirming an address.

use accounts::{Admission, Limits, Refusal};
use model::{EventKind, Span, Throttle};

use crate::mounts::realm;
use crate::{Verbs, World, client, engines, from, refused};

const PAGE: &str = "/activate-account/";

impl World {
    /// Registers at `wolfpal` and answers the mailed token.
    async fn unconfirmed(&self, name: &str) -> String {
        let email = format!("{name}@example.com");
        self.mount("wolfpal").register_with(name, Some(&email), Admission::Own).await.unwrap();
        self.last_link(PAGE).await
    }
}

engines! {
    async fn a_link_confirms_once(world: World) {
        let token = world.unconfirmed("bob").await;
        let wolfpal = world.mount("wolfpal");
        assert_eq!((token.len(), refused(wolfpal.try_password("bob", crate::PASSWORD).await)), (32, Refusal::EmailUnconfirmed));
        wolfpal.confirm_email(&token, &client()).await.unwrap();
        assert!(wolfpal.caller(&wolfpal.enter("bob").await).await.account.email_confirmed);
        assert_eq!(refused(wolfpal.confirm_email(&token, &client()).await), Refusal::TokenUnknown);
        assert_eq!(world.events(EventKind::EmailConfirmed).await.len(), 1);
    }

    async fn a_link_is_good_for_three_hours(world: World) {
        let bob = world.unconfirmed("bob").await;
        world.pass(Span::seconds(1));
        let eve = world.unconfirmed("eve").await;
        let wolfpal = world.mount("wolfpal");
        world.pass(Span(Span::hours(3).0 - Span::seconds(1).0 - 1));
        wolfpal.confirm_email(&bob, &client()).await.unwrap();
        world.pass(Span(Span::seconds(1).0 + 1));
        assert_eq!(refused(wolfpal.confirm_email(&eve, &client()).await), Refusal::TokenUnknown);
    }

    async fn a_new_link_ends_the_one_before(world: World) {
        let first = world.unconfirmed("bob").await;
        let wolfpal = world.mount("wolfpal");
        world.pass(Span::seconds(1));
        wolfpal.resend_confirmation("BOB@example.com", &client()).await.unwrap();
        world.accounts.see_to_asked().await.unwrap();
        let second = world.last_link(PAGE).await;
        assert_ne!(first, second);
        assert_eq!(refused(wolfpal.confirm_email(&first, &client()).await), Refusal::TokenUnknown);
        wolfpal.confirm_email(&second, &client()).await.unwrap();
    }

    async fn a_link_is_worth_nothing_for_another_address(world: World) {
        let token = world.unconfirmed("bob").await;
        world.tamper("bob", |bob| bob.email = Some("victim@example.com".into())).await;
        let wolfpal = world.mount("wolfpal");
        assert_eq!(refused(wolfpal.confirm_email(&token, &client()).await), Refusal::TokenUnknown);
        assert!(!world.stored("bob").await.email_confirmed);
        // Another spelling of the same address is the same address.
        world.tamper("bob", |bob| bob.email = Some("BOB@EXAMPLE.COM".into())).await;
        wolfpal.confirm_email(&token, &client()).await.unwrap();
    }

    async fn nothing_but_a_mailed_confirmation_confirms(world: World) {
        let token = world.unconfirmed("bob").await;
        let wolfpal = world.mount("wolfpal");
        world.pass(Span::seconds(1));
        wolfpal.send_reset("bob@example.com", &client()).await.unwrap();
        world.accounts.see_to_asked().await.unwrap();
        let reset = world.last_link("/forgot-password/").await;
        for other in ["", &reset, &token[1..], &token.to_lowercase(), &format!("{token} "), "\0", "é"] {
            assert_eq!(refused(wolfpal.confirm_email(other, &client()).await), Refusal::TokenUnknown, "{other:?}");
        }
        assert!(!wolfpal.reset_is_live(&token).await.unwrap());
        world.accounts.delete(&realm(), "bob").await.unwrap();
        assert_eq!(refused(wolfpal.confirm_email(&token, &client()).await), Refusal::TokenUnknown);
    }

    async fn asking_again_tells_nobody_anything(world: World) {
        world.account("confirmed").await;
        world.unconfirmed("bob").await;
        world.account("gone").await;
        world.accounts.disable(&realm(), "gone").await.unwrap();
        let wolfpal = world.mount("wolfpal");
        let before = world.accounts.mails(100).await.unwrap().len();
        for email in ["confirmed@example.com", "nobody@example.com", "gone@example.com", "no address", "", "a@b\r\nBcc: c@d"] {
            wolfpal.resend_confirmation(email, &client()).await.unwrap();
            world.accounts.see_to_asked().await.unwrap();
        }
        assert_eq!(world.accounts.mails(100).await.unwrap().len(), before);
        wolfpal.resend_confirmation("bob@example.com", &client()).await.unwrap();
        world.accounts.see_to_asked().await.unwrap();
        let mails = world.accounts.mails(100).await.unwrap();
        assert_eq!((mails.len(), mails[0].recipient.as_str()), (before + 1, "bob@example.com"));
    }

    async fn mail_goes_to_the_stored_address_whatever_was_asked_with(world: World) {
        world.unconfirmed("bob").await;
        world.mount("wolfpal").resend_confirmation("ＢＯＢ@example.com", &client()).await.unwrap();
        world.accounts.see_to_asked().await.unwrap();
        assert_eq!(world.accounts.mails(1).await.unwrap()[0].recipient, "bob@example.com");
    }

    async fn an_address_gets_a_few_mails_and_is_not_told_when_there_are_no_more(world: World) {
        let three = Throttle { burst: 3, every: Span::minutes(61) };
        world.unconfirmed("bob").await;
        let world = world.limited(Limits { mail: Some(three), ..Default::default() }).await;
        let wolfpal = world.mount("wolfpal");
        let before = world.accounts.mails(100).await.unwrap().len();
        for number in 0..10 {
            let asker = from(&format!("192.0.2.{number}"));
            world.pass(Span::seconds(1));
            wolfpal.resend_confirmation("bob@example.com", &asker).await.unwrap();
            world.accounts.see_to_asked().await.unwrap();
        }
        assert_eq!(world.accounts.mails(100).await.unwrap().len(), before + 2);
        // The last link that was mailed is the good one: a mail that was not sent replaced nothing.
        let token = world.last_link(PAGE).await;
        wolfpal.confirm_email(&token, &client()).await.unwrap();
        // Nor another kind of mail: an address has one budget for all.
        wolfpal.send_reset("bob@example.com", &client()).await.unwrap();
        world.accounts.see_to_asked().await.unwrap();
        assert_eq!(world.accounts.mails(100).await.unwrap().len(), before + 2);
    }

    async fn asking_for_mail_that_is_not_sent_leaves_an_address_its_own(world: World) {
        world.account("bob").await;
        let three = Throttle { burst: 3, every: Span::minutes(61) };
        let world = world.limited(Limits { mail: Some(three), ..Default::default() }).await;
        let wolfpal = world.mount("wolfpal");
        for number in 0..10 {
            let asker = from(&format!("192.0.2.{number}"));
            wolfpal.resend_confirmation("bob@example.com", &asker).await.unwrap();
            world.accounts.see_to_asked().await.unwrap();
            wolfpal.resend_confirmation("newcomer@example.com", &asker).await.unwrap();
            world.accounts.see_to_asked().await.unwrap();
            wolfpal.send_reset("newcomer@example.com", &asker).await.unwrap();
            world.accounts.see_to_asked().await.unwrap();
        }
        let mails = || async { world.accounts.mails(100).await.unwrap().len() };
        assert_eq!(mails().await, 0);
        // Who is confirmed still gets both mails that one may ask for, and who registers now is mailed.
        for sent in 1..=2 {
            wolfpal.send_reset("bob@example.com", &client()).await.unwrap();
            world.accounts.see_to_asked().await.unwrap();
            assert_eq!(mails().await, sent);
        }
        wolfpal.register_with("newcomer", Some("newcomer@example.com"), Admission::Own).await.unwrap();
        assert_eq!(mails().await, 3);
        wolfpal.resend_confirmation("newcomer@example.com", &client()).await.unwrap();
        world.accounts.see_to_asked().await.unwrap();
        assert_eq!(mails().await, 4);
    }

    async fn whoever_asks_too_often_is_told_so_whether_or_not_there_is_such_an_account(world: World) {
        world.unconfirmed("bob").await;
        let two = Throttle { burst: 2, every: Span::minutes(2) };
        let world = world.limited(Limits { mail_per_address: Some(two), ..Default::default() }).await;
        let wolfpal = world.mount("wolfpal");
        for (email, asker) in [("bob@example.com", "192.0.2.7"), ("nobody@example.com", "192.0.2.8")] {
            for _ in 0..2 {
                wolfpal.resend_confirmation(email, &from(asker)).await.unwrap();
                world.accounts.see_to_asked().await.unwrap();
            }
            let refusal = refused(wolfpal.resend_confirmation(email, &from(asker)).await);
            assert_eq!(refusal, Refusal::Throttled { retry_after: Span::minutes(2) });
            // One budget for all mails that are asked for.
            assert!(matches!(refused(wolfpal.send_reset(email, &from(asker)).await), Refusal::Throttled { .. }));
        }
    }

    async fn a_mount_that_mails_nothing_mails_nothing(world: World) {
        world.mount("argon").register_with("bob", Some("bob@example.com"), Admission::Own).await.unwrap();
        world.mount("goscrobble").resend_confirmation("bob@example.com", &client()).await.unwrap();
        world.accounts.see_to_asked().await.unwrap();
        assert_eq!(world.accounts.mails(100).await.unwrap(), vec![]);
    }
}
