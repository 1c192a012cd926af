//! What access tokens are believed, and signing out.

use accounts::{Admission, CheckRefused, TokenUse};
use model::{EndReason, EventKind, Span};
use serde_json::json;

use crate::{Verbs, World, client, engines, unbelieved};

engines! {
    async fn a_token_is_good_at_its_own_mount_only(world: World) {
        world.account("bob").await;
        let names = ["argon", "wolfpal", "melon", "goscrobble"];
        for home in names {
            let token = world.mount(home).access(&world.mount(home).enter("bob").await);
            for other in names.into_iter().filter(|other| *other != home) {
                assert_eq!(unbelieved(world.mount(other).check(&token).await), CheckRefused::Invalid, "{home} {other}");
            }
            world.mount(home).check(&token).await.unwrap();
        }
    }

    async fn a_mount_with_the_key_of_another_still_tells_their_tokens_apart(world: World) {
        world.account("bob").await;
        let world = world.under(|terms| {
            let shared = accounts::SigningKey::Given { key: crate::secret(&"k".repeat(32)), previous: vec![] };
            terms.mounts.truncate(3);
            terms.mounts.iter_mut().for_each(|mount| mount.key = shared.clone());
        }).await;
        let (argon, melon) = (world.mount("argon"), world.mount("melon"));
        let token = argon.access(&argon.enter("bob").await);
        assert_eq!(unbelieved(melon.check(&token).await), CheckRefused::Invalid);
        argon.check(&token).await.unwrap();
    }

    async fn a_token_is_good_for_its_own_use_only(world: World) {
        world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let grant = wolfpal.enter("bob").await;
        for purpose in [TokenUse::Refresh, TokenUse::Server] {
            let token = wolfpal.token(&grant, purpose);
            assert_eq!(unbelieved(wolfpal.check(&token).await), CheckRefused::Invalid);
            assert_eq!(unbelieved(wolfpal.check_for_sign_out(&token).await), CheckRefused::Invalid);
        }
        let access = wolfpal.access(&grant);
        assert_eq!(wolfpal.open_refresh_jwt(&access).unwrap_err(), CheckRefused::Invalid);
        assert_eq!(wolfpal.open_server_token(&access).unwrap_err(), CheckRefused::Invalid);
        wolfpal.open_refresh_jwt(&wolfpal.token(&grant, TokenUse::Refresh)).unwrap();
    }

    async fn a_token_without_our_claims_is_none(world: World) {
        world.account("bob").await;
        let argon = world.mount("argon");
        let grant = argon.enter("bob").await;
        let exp = grant.access_expires_at();
        let whole = serde_json::to_value(grant.private_claims(TokenUse::Access)).unwrap();
        for missing in ["sid", "gen", "aid", "mnt", "use"] {
            let mut claims = whole.clone();
            claims["exp"] = json!(exp);
            claims.as_object_mut().unwrap().remove(missing);
            let token = argon.sign(&claims).unwrap();
            assert_eq!(unbelieved(argon.check(&token).await), CheckRefused::Invalid, "{missing}");
        }
        for garbage in ["", ".", "..", "a.b.c", "\0", &"x".repeat(100_000)] {
            assert_eq!(unbelieved(argon.check(garbage).await), CheckRefused::Invalid);
        }
    }

    async fn an_access_token_ends_when_it_says(world: World) {
        world.account("bob").await;
        let argon = world.mount("argon");
        let grant = argon.enter("bob").await;
        assert_eq!(grant.access_expires_at(), grant.issued_at() + 24 * 3_600);
        // Times in tokens are whole seconds; this one began 654,321 microseconds into its second.
        world.pass(Span(Span::hours(24).0 - 654_321 - 1));
        argon.caller(&grant).await;
        world.pass(Span(1));
        let token = argon.access(&grant);
        assert_eq!(unbelieved(argon.check(&token).await), CheckRefused::Expired);
    }

    async fn signing_out_ends_the_session_at_once_and_once(world: World) {
        world.account("bob").await;
        let argon = world.mount("argon");
        let (grant, other) = (argon.enter("bob").await, argon.enter("bob").await);
        let caller = argon.caller(&grant).await;
        argon.sign_out(&caller, &client()).await.unwrap();
        assert_eq!(unbelieved(argon.check(&argon.access(&grant)).await), CheckRefused::SessionEnded);
        assert_eq!(unbelieved(argon.sign_out(&caller, &client()).await), CheckRefused::SessionEnded);
        argon.caller(&other).await;
        let events = world.events(EventKind::SessionEnded).await;
        assert_eq!(events.len(), 1);
        assert_eq!((events[0].session, events[0].detail.as_str()), (Some(caller.session().unwrap()), EndReason::SignedOut.as_str()));
    }

    async fn signing_out_needs_no_token_in_time(world: World) {
        world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let grant = wolfpal.enter("bob").await;
        let token = wolfpal.access(&grant);
        world.pass(Span::hours(2));
        assert_eq!(unbelieved(wolfpal.check(&token).await), CheckRefused::Expired);
        let caller = wolfpal.check_for_sign_out(&token).await.unwrap();
        wolfpal.sign_out(&caller, &client()).await.unwrap();
        assert!(wolfpal.renew(&grant).await.is_err());
        assert_eq!(unbelieved(wolfpal.check_for_sign_out(&token).await), CheckRefused::SessionEnded);
        // Long after, when nobody remembers the session, it still does not sign out twice.
        world.pass(Span::days(100));
        world.accounts.sweep(Span::days(400)).await.unwrap();
        assert_eq!(unbelieved(wolfpal.check_for_sign_out(&token).await), CheckRefused::SessionEnded);
        assert_eq!(unbelieved(wolfpal.sign_out(&caller, &client()).await), CheckRefused::SessionEnded);
    }

    async fn a_token_from_before_a_refresh_does_not_sign_out(world: World) {
        world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let first = wolfpal.enter("bob").await;
        let old = wolfpal.access(&first);
        let second = wolfpal.renew(&first).await.unwrap();
        world.pass(Span::hours(12));
        world.accounts.sweep(Span::days(400)).await.unwrap();
        assert_eq!(unbelieved(wolfpal.check_for_sign_out(&old).await), CheckRefused::SessionEnded);
        wolfpal.check_for_sign_out(&wolfpal.access(&second)).await.unwrap();
        world.pass(Span::hours(12));
        assert_eq!(unbelieved(wolfpal.check_for_sign_out(&wolfpal.access(&second)).await), CheckRefused::SessionEnded);
    }

    async fn a_session_without_refresh_lasts_as_long_as_its_token(world: World) {
        let argon = world.mount("argon");
        let grant = argon.register_with("bob", None, Admission::Own).await.unwrap().grant.unwrap();
        assert_eq!(grant.refresh_expires_at(), grant.access_expires_at());
        let session = &world.accounts.sessions(&world.stored("bob").await, 1).await.unwrap()[0];
        assert_eq!(session.expires_at.seconds(), grant.access_expires_at());
    }

    async fn what_a_check_says_of_the_account_is_what_is_true_now(world: World) {
        world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let grant = wolfpal.enter("bob").await;
        assert!(!wolfpal.caller(&grant).await.account.permissions.holds("mod"));
        world.accounts.permit(&crate::mounts::realm(), "bob", "mod").await.unwrap();
        assert!(wolfpal.caller(&grant).await.account.permissions.holds("mod"));
    }

    async fn a_token_of_another_installation_is_not_believed(world: World) {
        world.account("bob").await;
        let argon = world.mount("argon");
        let claims = argon.enter("bob").await.private_claims(TokenUse::Access);
        let mut claims = serde_json::to_value(claims).unwrap();
        claims["exp"] = json!(argon.now().seconds() + 60);
        let strange = crypto::JwtKey::hmac(crypto::JwtAlgorithm::HS256, "x", &[7; 32]).unwrap();
        let token = crypto::KeyRing::new(strange, vec![]).unwrap().sign(&claims, 0).unwrap();
        assert_eq!(unbelieved(argon.check(&token).await), CheckRefused::Invalid);
        argon.check(&argon.sign(&claims).unwrap()).await.unwrap();
    }
}
