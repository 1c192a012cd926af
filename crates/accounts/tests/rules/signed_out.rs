//! Why somebody was signed out: whatever ends a session, the list of the account's events says what it was, who did it
//! and from where.

use accounts::{ChangeProfile, EventQuery, PasswordChange, Refusal, ResetPassword, Revival, UpdateMember};
use model::{Account, AccountId, Actor, Event, EventKind, SessionId, Span};

use crate::mounts::realm;
use crate::realms::permissions;
use crate::two_factor::Codes;
use crate::{PASSWORD, Verbs, World, client, engines, from, refused, secret};

/// Where others than the owner sit.
const ELSEWHERE: &str = "198.51.100.7";

impl World {
    /// The newest event that says something of why this session is over.
    async fn why(&self, account: &AccountId, session: SessionId) -> Event {
        let name = format!("id:{account}");
        let query = EventQuery { account: Some(&name), ..EventQuery::default() };
        let events = self.accounts.events(&realm(), query, 100).await.unwrap();
        let ends = [EventKind::SessionEnded, EventKind::SessionExpired, EventKind::AccountDeleted];
        let of = |event: &&Event| ends.contains(&event.kind) && event.session.is_none_or(|of| of == session);
        let mut why: Vec<_> = events.iter().filter(of).cloned().collect();
        assert_eq!(why.len(), 1, "{events:#?}");
        why.remove(0)
    }

    /// Somebody with a session, and the caller that they are with another one.
    async fn person(&self, name: &str) -> (Account, SessionId, accounts::Caller) {
        let account = self.account(name).await;
        let session = self.caller_at("wolfpal", name).await.session().unwrap();
        (account, session, self.caller_at("wolfpal", name).await)
    }
}

fn answer(event: &Event) -> (EventKind, &str, &str, Option<Actor>) {
    (event.kind, &event.detail, &event.address, event.actor.clone())
}

engines! {
    async fn by_the_owner(world: World) {
        let wolfpal = world.mount("wolfpal");
        let (bob, session, own) = world.person("bob").await;
        wolfpal.end_own_session(&own, session, &from(ELSEWHERE)).await.unwrap();
        let why = world.why(&bob.id, session).await;
        assert_eq!(answer(&why), (EventKind::SessionEnded, "ended_by_owner", ELSEWHERE, None));
        let session = own.session().unwrap();
        wolfpal.sign_out(&own, &client()).await.unwrap();
        let why = world.why(&bob.id, session).await;
        assert_eq!(answer(&why), (EventKind::SessionEnded, "signed_out", "192.0.2.1", None));
    }

    async fn by_a_change_that_the_owner_made(world: World) {
        let wolfpal = world.mount("wolfpal");
        for (name, reason) in [("ann", "password_changed"), ("ben", "password_reset"), ("cat", "two_factor_enabled"), ("dan", "account_disabled")] {
            let (account, session, own) = world.person(name).await;
            match reason {
                "password_changed" => {
                    let password = Some(PasswordChange { current: secret(PASSWORD), new: secret("new password") });
                    let change = ChangeProfile { username: None, password, client: from(ELSEWHERE) };
                    _ = wolfpal.change_profile(&own, change).await.unwrap();
                }
                "password_reset" => {
                    world.pass(Span::seconds(1));
                    wolfpal.send_reset("ben@example.com", &client()).await.unwrap();
                    let token = &world.last_link("/forgot-password/").await;
                    let reset = ResetPassword { token, password: secret("new password"), client: from(ELSEWHERE) };
                    wolfpal.reset_password(reset).await.unwrap();
                }
                "two_factor_enabled" => {
                    let codes = Codes::of(&wolfpal.prepare_two_factor(&own, &client()).await.unwrap());
                    wolfpal.enable_two_factor(&own, &codes.now(&world), &from(ELSEWHERE)).await.unwrap();
                }
                _ => wolfpal.disable_own(&own, &from(ELSEWHERE)).await.unwrap(),
            }
            let why = world.why(&account.id, session).await;
            assert_eq!(answer(&why), (EventKind::SessionEnded, reason, ELSEWHERE, None));
        }
    }

    async fn by_a_copied_refresh_token(world: World) {
        let bob = world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let first = wolfpal.enter("bob").await;
        let session = wolfpal.caller(&first).await.session().unwrap();
        wolfpal.renew(&first).await.unwrap();
        world.pass(Span::seconds(11));
        let stolen = wolfpal.open_refresh_letters(&wolfpal.refresh_letters(&first)).unwrap();
        assert_eq!(refused(wolfpal.refresh(stolen, &from(ELSEWHERE)).await), Refusal::RefreshRefused);
        let why = world.why(&bob.id, session).await;
        assert_eq!((why.kind, &*why.address), (EventKind::SessionEnded, ELSEWHERE));
        assert!(why.detail.starts_with("refresh_reused; refreshed at") && why.detail.contains("192.0.2.1"), "{}", why.detail);
    }

    async fn by_an_administrator_who_is_named(world: World) {
        let melon = world.mount("melon");
        world.account_with("root", &["admin"]).await;
        let root = world.caller_at("melon", "root").await;
        let actor = Some(Actor::Administrator(root.account.id.clone()));
        let password = UpdateMember { password: Some(secret("new password")), ..Default::default() };
        let role = UpdateMember { permissions: Some(permissions(&["admin"])), ..Default::default() };
        let name = UpdateMember { username: Some("renamed"), ..Default::default() };
        for (change, reason) in [(password, "password_changed"), (role, "permissions_changed"), (name, "username_changed")] {
            let bob = world.account(reason).await;
            let session = world.caller_at("melon", reason).await.session().unwrap();
            melon.update_member(&root, &bob.id, change, &from(ELSEWHERE)).await.unwrap();
            let why = world.why(&bob.id, session).await;
            assert_eq!(answer(&why), (EventKind::SessionEnded, reason, ELSEWHERE, actor.clone()));
        }
        let bob = world.account("bob").await;
        let session = world.caller_at("melon", "bob").await.session().unwrap();
        melon.delete_member(&root, &bob.id, &from(ELSEWHERE)).await.unwrap();
        let why = world.why(&bob.id, session).await;
        assert_eq!(answer(&why), (EventKind::AccountDeleted, "bob", ELSEWHERE, actor));
    }

    async fn by_the_command_line(world: World) {
        let (accounts, realm) = (&world.accounts, realm());
        for (name, reason) in [
            ("ann", "ended_by_administrator"), ("ben", "ended_by_administrator"), ("cat", "account_disabled"), ("dan", "permissions_changed"),
        ] {
            let account = world.account(name).await;
            let session = world.caller_at("melon", name).await.session().unwrap();
            match name {
                "ann" => assert!(accounts.end_session(session).await.unwrap()),
                "ben" => _ = accounts.set_password(&realm, name, secret("new password")).await.unwrap(),
                "cat" => _ = accounts.disable(&realm, name).await.unwrap(),
                _ => _ = accounts.permit(&realm, name, "admin").await.unwrap(),
            }
            let why = world.why(&account.id, session).await;
            assert_eq!(answer(&why), (EventKind::SessionEnded, reason, "", Some(Actor::CommandLine)));
        }
        let eve = world.account("eve").await;
        let session = world.caller_at("melon", "eve").await.session().unwrap();
        accounts.delete(&realm, "eve").await.unwrap();
        let why = world.why(&eve.id, session).await;
        assert_eq!(answer(&why), (EventKind::AccountDeleted, "eve", "", Some(Actor::CommandLine)));
    }

    async fn by_a_restore(world: World) {
        let (bob, session, own) = world.person("bob").await;
        world.mount("wolfpal").sign_out(&own, &client()).await.unwrap();
        accounts::restored(&world.db, &*world.clock, None, Revival::Nothing).await.unwrap();
        let why = world.why(&bob.id, session).await;
        assert_eq!(answer(&why), (EventKind::SessionEnded, "restored", "", Some(Actor::CommandLine)));
        let why = world.why(&bob.id, own.session().unwrap()).await;
        assert_eq!(why.detail, "signed_out", "as it was");
    }

    async fn by_itself(world: World) {
        world.accounts.sweep(Span::days(90)).await.unwrap();
        let (bob, session, own) = world.person("bob").await;
        let wolfpal = world.mount("wolfpal");
        wolfpal.sign_out(&own, &client()).await.unwrap();
        world.pass(Span::hours(24));
        world.accounts.sweep(Span::days(90)).await.unwrap();
        assert_eq!(world.events(EventKind::SessionExpired).await, vec![], "a clock elsewhere may be behind");
        world.pass(Span::minutes(1));
        for _ in 0..3 {
            world.accounts.sweep(Span::days(90)).await.unwrap();
        }
        let why = world.why(&bob.id, session).await;
        assert_eq!((why.kind, why.actor), (EventKind::SessionExpired, Some(Actor::Server)));
        assert!(why.detail.starts_with("wolfpal: not renewed by 20"), "{}", why.detail);
        // One that was refreshed for as long as any may be.
        let mut grant = wolfpal.enter("bob").await;
        let session = wolfpal.caller(&grant).await.session().unwrap();
        for _ in 0..31 {
            world.pass(Span::hours(23));
            grant = wolfpal.renew(&grant).await.unwrap();
        }
        world.pass(Span::hours(23));
        world.accounts.sweep(Span::days(90)).await.unwrap();
        let why = world.why(&bob.id, session).await;
        assert!(why.detail.starts_with("wolfpal: sessions.longest was reached by 20"), "{}", why.detail);
    }

    async fn thousands_at_once_are_all_noted(world: World) {
        world.accounts.sweep(Span::days(90)).await.unwrap();
        world.account("bob").await;
        for _ in 0..1_203 {
            world.mount("argon").enter("bob").await;
        }
        world.pass(Span::hours(25));
        // Another process does not do it again.
        let other = world.second().await;
        world.accounts.sweep(Span::days(90)).await.unwrap();
        world.pass(Span::minutes(5));
        other.accounts.sweep(Span::days(90)).await.unwrap();
        let noted = world.events(EventKind::SessionExpired).await;
        let sessions: std::collections::BTreeSet<_> = noted.iter().filter_map(|event| event.session).collect();
        assert_eq!((noted.len(), sessions.len()), (1_203, 1_203));
    }
}
