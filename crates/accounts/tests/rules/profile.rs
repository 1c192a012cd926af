//! Changing one's own name and password.

use accounts::{ChangeProfile, CheckRefused, PasswordChange, ProfileChanged, Refusal};
use model::EventKind;

use crate::mounts::realm;
use crate::{PASSWORD, Verbs, World, client, engines, refused, secret, unbelieved};

fn change<'a>(username: Option<&'a str>, password: Option<(&str, &str)>) -> ChangeProfile<'a> {
    let password =
        password.map(|(current, new)| PasswordChange { current: secret(current), new: secret(new) });
    ChangeProfile { username, password, client: client() }
}

fn changed(answer: ProfileChanged) -> accounts::Grant {
    match answer {
        ProfileChanged::Changed(grant) => grant,
        ProfileChanged::Unchanged => panic!("unchanged"),
    }
}

engines! {
    async fn a_new_name_signs_in_and_the_old_one_is_free(world: World) {
        world.account("bob").await;
        let argon = world.mount("argon");
        let caller = argon.caller(&argon.enter("bob").await).await;
        let grant = changed(argon.change_profile(&caller, change(Some("robert"), None)).await.unwrap());
        assert_eq!(grant.account.username, "robert");
        assert_eq!(argon.caller(&grant).await.account.username, "robert");
        argon.enter("Robert").await;
        assert_eq!(refused(argon.try_password("bob", PASSWORD).await), Refusal::WrongCredentials);
        argon.register_with("bob", None, accounts::Admission::Own).await.unwrap();
        let events = world.events(EventKind::UsernameChanged).await;
        assert_eq!((events.len(), events[0].detail.as_str()), (1, "bob"));
    }

    async fn a_name_is_taken_in_any_spelling_but_ones_own(world: World) {
        world.account("bob").await;
        world.account("eve").await;
        let argon = world.mount("argon");
        let caller = argon.caller(&argon.enter("bob").await).await;
        for taken in ["eve", "EVE", "ｅｖｅ"] {
            assert_eq!(refused(argon.change_profile(&caller, change(Some(taken), None)).await), Refusal::NameTaken);
        }
        for unusable in ["", "\u{202E}bob", "b\0b", &"x".repeat(256)] {
            let answer = argon.change_profile(&caller, change(Some(unusable), None)).await;
            assert_eq!(refused(answer), Refusal::UsernameUnusable);
        }
        let grant = changed(argon.change_profile(&caller, change(Some("BOB"), None)).await.unwrap());
        assert_eq!(grant.account.username, "BOB");
    }

    async fn nothing_is_saved_when_the_current_password_is_wrong(world: World) {
        world.account("bob").await;
        let argon = world.mount("argon");
        let grant = argon.enter("bob").await;
        let caller = argon.caller(&grant).await;
        let before = world.stored("bob").await;
        for wrong in ["wrong", "", "new password"] {
            let both = change(Some("robert"), Some((wrong, "new password")));
            assert_eq!(refused(argon.change_profile(&caller, both).await), Refusal::CurrentPasswordWrong);
        }
        let both = change(Some("robert"), Some((PASSWORD, "short")));
        assert_eq!(refused(argon.change_profile(&caller, both).await), Refusal::PasswordTooShort { min: 8 });
        let long = "x".repeat(1_025);
        let both = change(Some("robert"), Some((PASSWORD, &long)));
        assert_eq!(refused(argon.change_profile(&caller, both).await), Refusal::PasswordTooLong);
        assert_eq!(world.stored("bob").await, before);
        argon.caller(&grant).await;
        assert_eq!(world.events(EventKind::UsernameChanged).await.len(), 0);
        assert_eq!(world.accounts.mails(10).await.unwrap(), vec![]);
    }

    async fn name_and_password_change_together(world: World) {
        world.account("bob").await;
        let argon = world.mount("argon");
        let (own, other) = (argon.enter("bob").await, world.mount("wolfpal").enter("bob").await);
        let caller = argon.caller(&own).await;
        let both = change(Some("robert"), Some((PASSWORD, "new password")));
        let grant = changed(argon.change_profile(&caller, both).await.unwrap());
        assert_eq!(argon.caller(&grant).await.session().unwrap(), caller.session().unwrap());
        assert_eq!(unbelieved(argon.check(&argon.access(&own)).await), CheckRefused::SessionEnded);
        let wolfpal = world.mount("wolfpal");
        assert_eq!(unbelieved(wolfpal.check(&wolfpal.access(&other)).await), CheckRefused::SessionEnded);
        assert_eq!(refused(argon.try_password("robert", PASSWORD).await), Refusal::WrongCredentials);
        argon.try_password("robert", "new password").await.unwrap();
        // The owner is told of a new password by mail, at the stored address.
        let mails = world.accounts.mails(10).await.unwrap();
        assert_eq!((mails.len(), mails[0].kind.as_str(), mails[0].recipient.as_str()), (1, "password_changed", "bob@example.com"));
    }

    async fn the_refresh_token_goes_on_from_the_new_tokens(world: World) {
        world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let first = wolfpal.enter("bob").await;
        let caller = wolfpal.caller(&first).await;
        let grant = changed(wolfpal.change_profile(&caller, change(None, Some((PASSWORD, "new password")))).await.unwrap());
        wolfpal.renew(&grant).await.unwrap();
        world.pass(model::Span::seconds(11));
        assert_eq!(refused(wolfpal.renew(&first).await), Refusal::RefreshRefused);
    }

    async fn a_mailed_reset_and_a_waiting_second_step_end_with_the_password(world: World) {
        world.account("bob").await;
        let codes = world.two_factor("bob").await;
        let wolfpal = world.mount("wolfpal");
        let grant = wolfpal.finish(&wolfpal.ticket("bob").await, &codes.now(&world)).await.unwrap();
        wolfpal.send_reset("bob@example.com", &client()).await.unwrap();
        world.accounts.see_to_asked().await.unwrap();
        let (link, ticket) = (world.last_link("/forgot-password/").await, wolfpal.ticket("bob").await);
        let caller = wolfpal.caller(&grant).await;
        changed(wolfpal.change_profile(&caller, change(None, Some((PASSWORD, "new password")))).await.unwrap());
        assert!(!wolfpal.reset_is_live(&link).await.unwrap());
        assert_eq!(refused(wolfpal.finish(&ticket, &codes.backup[0]).await), Refusal::TicketUnknown);
    }

    async fn nothing_to_change_changes_nothing(world: World) {
        world.account("bob").await;
        let argon = world.mount("argon");
        let grant = argon.enter("bob").await;
        let caller = argon.caller(&grant).await;
        for nothing in [change(None, None), change(Some("bob"), None)] {
            let answer = argon.change_profile(&caller, nothing).await.unwrap();
            assert!(matches!(answer, ProfileChanged::Unchanged));
        }
        argon.caller(&grant).await;
        assert_eq!(world.stored("bob").await.version, 0);
    }

    async fn an_ended_session_or_a_gone_account_changes_nothing(world: World) {
        world.account("bob").await;
        let argon = world.mount("argon");
        let caller = argon.caller(&argon.enter("bob").await).await;
        // The caller was checked just before; then the session ended.
        argon.sign_out(&caller, &client()).await.unwrap();
        let answer = argon.change_profile(&caller, change(Some("robert"), None)).await;
        assert_eq!(unbelieved(answer), CheckRefused::SessionEnded);
        assert_eq!(world.stored("bob").await.username, "bob");
        world.accounts.disable(&realm(), "bob").await.unwrap();
        let answer = argon.change_profile(&caller, change(Some("robert"), None)).await;
        assert_eq!(unbelieved(answer), CheckRefused::AccountGone);
        world.accounts.delete(&realm(), "bob").await.unwrap();
        let answer = argon.change_profile(&caller, change(Some("robert"), None)).await;
        assert_eq!(unbelieved(answer), CheckRefused::AccountGone);
    }

    async fn an_account_without_a_password_has_none_to_change(world: World) {
        world.account("bob").await;
        let argon = world.mount("argon");
        let caller = argon.caller(&argon.enter("bob").await).await;
        world.tamper("bob", |bob| bob.password = None).await;
        for guess in ["", PASSWORD] {
            let answer = argon.change_profile(&caller, change(None, Some((guess, "new password")))).await;
            assert_eq!(refused(answer), Refusal::CurrentPasswordWrong);
        }
    }
}
