//! Exchanging refresh tokens.

use accounts::{CheckRefused, Grant, Limits, Mount, Refusal, TokenUse};
use model::{EndReason, EventKind, Span, Throttle};

use crate::mounts::realm;
use crate::{Verbs, World, client, engines, from, refused, unbelieved};

/// Both tokens of a grant.
fn tokens(mount: &Mount, grant: &Grant) -> [String; 3] {
    [mount.access(grant), mount.token(grant, TokenUse::Refresh), mount.refresh_letters(grant)]
}

engines! {
    async fn a_session_is_refreshed_only_so_often(world: World) {
        world.account("bob").await;
        let limit = Throttle { burst: 3, every: Span::seconds(10) };
        let world = world.limited(Limits { refresh: Some(limit), ..Limits::default() }).await;
        let wolfpal = world.mount("wolfpal");
        let (mut grant, other) = (wolfpal.enter("bob").await, wolfpal.enter("bob").await);
        for _ in 0..3 {
            grant = wolfpal.renew(&grant).await.unwrap();
        }
        let commits = world.db.stats().batches;
        let refusal = refused(wolfpal.renew(&grant).await);
        assert_eq!(refusal, Refusal::Throttled { retry_after: Span::seconds(10) });
        assert_eq!(world.db.stats().batches, commits, "a refusal writes nothing");
        // It is the session that has to wait; its tokens are as good as before.
        wolfpal.caller(&grant).await;
        wolfpal.renew(&other).await.unwrap();
        world.pass(Span::seconds(9));
        assert_eq!(refused(wolfpal.renew(&grant).await), Refusal::Throttled { retry_after: Span::seconds(1) });
        world.pass(Span::seconds(1));
        let next = wolfpal.renew(&grant).await.unwrap();
        // A lost answer is given again without being counted.
        wolfpal.renew(&grant).await.unwrap();
        assert_eq!(refused(wolfpal.renew(&next).await), Refusal::Throttled { retry_after: Span::seconds(10) });
        // A quiet hour saves up no more than the burst.
        world.pass(Span::minutes(20));
        grant = next;
        for _ in 0..3 {
            grant = wolfpal.renew(&grant).await.unwrap();
        }
        assert!(matches!(refused(wolfpal.renew(&grant).await), Refusal::Throttled { .. }));
        assert_eq!(world.number("select count(*) from throttle", vec![]).await, 0, "counted in the session's row");
    }

    async fn a_stolen_refresh_token_is_noticed_however_often_it_is_tried(world: World) {
        world.account("bob").await;
        let limit = Throttle { burst: 1, every: Span::hours(1) };
        let world = world.limited(Limits { refresh: Some(limit), ..Limits::default() }).await;
        let wolfpal = world.mount("wolfpal");
        let first = wolfpal.enter("bob").await;
        let second = wolfpal.renew(&first).await.unwrap();
        world.pass(Span::seconds(11));
        assert_eq!(refused(wolfpal.renew(&first).await), Refusal::RefreshRefused);
        assert!(wolfpal.check(&wolfpal.access(&second)).await.is_err());
    }

    async fn every_exchange_begins_a_generation_and_ends_the_tokens_before(world: World) {
        world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let mut grant = wolfpal.enter("bob").await;
        for generation in 1..=5 {
            world.pass(Span::minutes(20));
            let before = wolfpal.access(&grant);
            let next = wolfpal.renew(&grant).await.unwrap();
            assert_eq!(unbelieved(wolfpal.check(&before).await), CheckRefused::SessionEnded);
            wolfpal.caller(&next).await;
            assert_eq!(next.private_claims(TokenUse::Refresh).generation, generation);
            assert_eq!(next.private_claims(TokenUse::Refresh).sid, grant.private_claims(TokenUse::Refresh).sid);
            assert_eq!(next.issued_at(), wolfpal.now().seconds());
            grant = next;
        }
        assert_eq!(world.events(EventKind::SessionRefreshed).await.len(), 5);
        assert_eq!(world.number("select count(*) from session", vec![]).await, 1);
    }

    async fn both_forms_of_a_refresh_token_say_the_same(world: World) {
        world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let grant = wolfpal.enter("bob").await;
        let opened = wolfpal.open_refresh_jwt(&wolfpal.token(&grant, TokenUse::Refresh)).unwrap();
        let next = wolfpal.refresh(opened, &client()).await.unwrap();
        assert_eq!(tokens(&wolfpal, &wolfpal.renew(&grant).await.unwrap()), tokens(&wolfpal, &next));
    }

    async fn within_the_grace_the_one_before_gets_the_same_successor(world: World) {
        world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let first = wolfpal.enter("bob").await;
        let second = wolfpal.renew(&first).await.unwrap();
        for _ in 0..4 {
            world.pass(Span(2_500_000));
            let again = wolfpal.renew(&first).await.unwrap();
            assert_eq!(tokens(&wolfpal, &again), tokens(&wolfpal, &second));
        }
        // Ten seconds to the microsecond were the last; nothing was written, nobody was signed out.
        assert_eq!(world.events(EventKind::SessionRefreshed).await.len(), 1);
        wolfpal.caller(&second).await;
        wolfpal.renew(&second).await.unwrap();
    }

    async fn after_the_grace_the_one_before_was_copied(world: World) {
        let bob = world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let first = wolfpal.enter("bob").await;
        let second = wolfpal.renew(&first).await.unwrap();
        world.pass(Span(10_000_001));
        let stolen = wolfpal.open_refresh_letters(&wolfpal.refresh_letters(&first)).unwrap();
        assert_eq!(refused(wolfpal.refresh(stolen, &from("198.51.100.66")).await), Refusal::RefreshRefused);
        let access = wolfpal.access(&second);
        assert_eq!(unbelieved(wolfpal.check(&access).await), CheckRefused::SessionEnded);
        assert_eq!(refused(wolfpal.renew(&second).await), Refusal::RefreshRefused);
        let session = &world.accounts.sessions(&bob, 1).await.unwrap()[0];
        assert_eq!(session.ended, Some((wolfpal.now(), EndReason::RefreshReused)));
        let events = world.events(EventKind::SessionEnded).await;
        assert_eq!(events.len(), 1);
        let told = &events[0].detail;
        assert!(told.starts_with("refresh_reused; refreshed at 20"), "{told}");
        assert!(told.contains("from 192.0.2.1") && told.ends_with("again from 198.51.100.66"), "{told}");
    }

    async fn a_grand_parent_was_copied_even_within_the_grace(world: World) {
        world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let first = wolfpal.enter("bob").await;
        let second = wolfpal.renew(&first).await.unwrap();
        let third = wolfpal.renew(&second).await.unwrap();
        assert_eq!(refused(wolfpal.renew(&first).await), Refusal::RefreshRefused);
        for grant in [&second, &third] {
            assert_eq!(refused(wolfpal.renew(grant).await), Refusal::RefreshRefused);
            assert_eq!(unbelieved(wolfpal.check(&wolfpal.access(grant)).await), CheckRefused::SessionEnded);
        }
        assert_eq!(world.events(EventKind::SessionEnded).await.len(), 1);
    }

    async fn a_generation_that_was_never_given_out_ends_nothing(world: World) {
        world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let first = wolfpal.enter("bob").await;
        let second = wolfpal.renew(&first).await.unwrap();
        // As after a restored backup: the token is ours, the row is older than it.
        let restored = "update session set generation = 0";
        world.execute(restored).await;
        assert_eq!(refused(wolfpal.renew(&second).await), Refusal::RefreshRefused);
        assert_eq!(world.events(EventKind::SessionEnded).await.len(), 0);
        wolfpal.renew(&first).await.unwrap();
    }

    async fn a_refresh_token_is_good_at_its_own_mount_only(world: World) {
        world.account("bob").await;
        let (wolfpal, goscrobble) = (world.mount("wolfpal"), world.mount("goscrobble"));
        let grant = wolfpal.enter("bob").await;
        let letters = wolfpal.refresh_letters(&grant);
        assert_eq!(letters.len(), 64);
        assert_eq!(goscrobble.open_refresh_letters(&letters).unwrap_err(), Refusal::RefreshRefused);
        let jwt = wolfpal.token(&grant, TokenUse::Refresh);
        assert_eq!(goscrobble.open_refresh_jwt(&jwt).unwrap_err(), CheckRefused::Invalid);
        // Nor when its signature was believed elsewhere.
        let opened = wolfpal.open_refresh_jwt(&jwt).unwrap();
        assert_eq!(refused(goscrobble.refresh(opened, &client()).await), Refusal::RefreshRefused);
        wolfpal.renew(&grant).await.unwrap();
    }

    async fn letters_that_were_tampered_with_open_nothing(world: World) {
        world.account("bob").await;
        let goscrobble = world.mount("goscrobble");
        let letters = goscrobble.refresh_letters(&goscrobble.enter("bob").await);
        for at in 0..64 {
            let mut other = letters.clone().into_bytes();
            other[at] = if other[at] == b'a' { b'b' } else { b'a' };
            let other = String::from_utf8(other).unwrap();
            assert_eq!(goscrobble.open_refresh_letters(&other).unwrap_err(), Refusal::RefreshRefused);
        }
        for other in ["", &letters[1..], &format!("{letters}a"), &letters.to_uppercase(), "é"] {
            assert_eq!(goscrobble.open_refresh_letters(other).unwrap_err(), Refusal::RefreshRefused);
        }
    }

    async fn a_disabled_account_refreshes_nothing(world: World) {
        world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let grant = wolfpal.enter("bob").await;
        // Disabled by hand in the database, its sessions left alone.
        world.tamper("bob", |bob| bob.disabled = true).await;
        assert_eq!(refused(wolfpal.renew(&grant).await), Refusal::RefreshRefused);
        world.tamper("bob", |bob| bob.disabled = false).await;
        let next = wolfpal.renew(&grant).await.unwrap();
        world.tamper("bob", |bob| bob.disabled = true).await;
        assert_eq!(refused(wolfpal.renew(&grant).await), Refusal::RefreshRefused, "in the grace");
        drop(next);
        world.accounts.delete(&realm(), "bob").await.unwrap();
        assert_eq!(refused(wolfpal.renew(&grant).await), Refusal::RefreshRefused);
    }

    async fn an_ended_session_refreshes_nothing(world: World) {
        world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let grant = wolfpal.enter("bob").await;
        let next = wolfpal.renew(&grant).await.unwrap();
        wolfpal.sign_out(&wolfpal.caller(&next).await, &client()).await.unwrap();
        for grant in [&grant, &next] {
            assert_eq!(refused(wolfpal.renew(grant).await), Refusal::RefreshRefused);
        }
        let events = world.events(EventKind::SessionEnded).await;
        assert_eq!(events.len(), 1, "a session ends once: {events:?}");
    }

    async fn a_refresh_token_ends_when_it_says(world: World) {
        world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let (early, late) = (wolfpal.enter("bob").await, wolfpal.enter("bob").await);
        let jwt = wolfpal.token(&late, TokenUse::Refresh);
        world.pass(Span(Span::hours(24).0 - 654_321 - 1));
        wolfpal.renew(&early).await.unwrap();
        wolfpal.open_refresh_jwt(&jwt).unwrap();
        world.pass(Span(1));
        assert_eq!(refused(wolfpal.renew(&late).await), Refusal::RefreshRefused);
        assert_eq!(wolfpal.open_refresh_jwt(&jwt).unwrap_err(), CheckRefused::Expired);
        assert_eq!(world.events(EventKind::SessionEnded).await.len(), 0);
    }

    async fn refreshing_keeps_a_session_alive_for_thirty_days_at_most(world: World) {
        let bob = world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let begun = wolfpal.now();
        let mut grant = wolfpal.enter("bob").await;
        for _ in 0..59 {
            world.pass(Span::hours(12));
            grant = wolfpal.renew(&grant).await.unwrap();
        }
        assert_eq!(grant.refresh_expires_at(), (begun + Span::days(30)).seconds());
        world.pass(Span(Span::hours(12).0 - Span::minutes(10).0));
        grant = wolfpal.renew(&grant).await.unwrap();
        assert_eq!(grant.access_expires_at(), (begun + Span::days(30)).seconds(), "nor does the access token outlive it");
        wolfpal.caller(&grant).await;
        world.pass(Span::minutes(10));
        assert_eq!(unbelieved(wolfpal.check(&wolfpal.access(&grant)).await), CheckRefused::Expired);
        assert_eq!(refused(wolfpal.renew(&grant).await), Refusal::RefreshRefused);
        assert_eq!(world.accounts.sessions(&bob, 10).await.unwrap().len(), 1);
    }

    async fn a_session_is_where_it_was_last_refreshed(world: World) {
        let bob = world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let grant = wolfpal.enter("bob").await;
        let token = wolfpal.open_refresh_letters(&wolfpal.refresh_letters(&grant)).unwrap();
        wolfpal.refresh(token, &from("::ffff:203.0.113.5")).await.unwrap();
        assert_eq!(world.accounts.sessions(&bob, 1).await.unwrap()[0].address, "203.0.113.5");
    }
}
