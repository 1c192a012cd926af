//! What is counted for whoever watches.

use accounts::{Limits, Outcomes};
use model::{Span, Throttle};

use crate::{Verbs, World, engines, refused, unbelieved};

/// What there was of each outcome; what never happened left out.
fn seen(outcomes: &Outcomes) -> Vec<(&'static str, u64)> {
    outcomes.iter().copied().filter(|(_, count)| *count > 0).collect()
}

engines! {
    async fn every_sign_in_is_counted_under_what_became_of_it(world: World) {
        let three = Some(Throttle { burst: 3, every: Span::hours(1) });
        let world = world.limited(Limits { per_account: three, ..Limits::default() }).await;
        for name in ["bob", "carol"] {
            world.account(name).await;
        }
        let codes = world.two_factor("carol").await;
        let wolfpal = world.mount("wolfpal");
        wolfpal.enter("bob").await;
        for name in ["bob", "bob", "bob", "nobody"] {
            refused(wolfpal.try_password(name, "wrong").await);
        }
        refused(wolfpal.try_password("bob", "wrong").await);
        let ticket = wolfpal.ticket("carol").await;
        refused(wolfpal.finish(&ticket, &codes.wrong(&world)).await);
        refused(wolfpal.finish("no ticket", &codes.now(&world)).await);
        wolfpal.finish(&ticket, &codes.now(&world)).await.unwrap();
        let stats = world.accounts.stats();
        let of = |name: &str| stats.iter().find(|stats| stats.mount == name).unwrap();
        // Carol signed in too, before she had a second factor.
        let expected = [("ok", 2), ("second_step", 1), ("wrong", 4), ("throttled", 1)];
        assert_eq!(seen(&of("wolfpal").sign_ins), expected);
        assert_eq!(seen(&of("wolfpal").second_steps), [("ok", 1), ("wrong", 1), ("unknown", 1)]);
        assert_eq!(seen(&of("argon").sign_ins), [], "nobody asked there");
    }

    async fn every_check_is_counted_under_its_verdict(world: World) {
        world.account("bob").await;
        let argon = world.mount("argon");
        let grant = argon.enter("bob").await;
        let token = argon.access(&grant);
        argon.check(&token).await.unwrap();
        unbelieved(argon.check("no token").await);
        unbelieved(argon.check_api_key("ARGX_none").await);
        let caller = argon.caller(&grant).await;
        argon.sign_out(&caller, &crate::client()).await.unwrap();
        unbelieved(argon.check(&token).await);
        world.pass(Span::days(400));
        world.accounts.follow_once().await.unwrap();
        unbelieved(argon.check(&token).await);
        let stats = world.accounts.stats();
        let argon = stats.iter().find(|stats| stats.mount == "argon").unwrap();
        let expected = [("ok", 2), ("invalid", 1), ("expired", 1), ("ended", 1), ("api_key_invalid", 1)];
        assert_eq!(seen(&argon.checks), expected);
    }

    async fn what_is_known_of_others_ages_until_the_next_look(world: World) {
        world.accounts.follow_once().await.unwrap();
        world.pass(Span::seconds(7));
        assert_eq!(world.accounts.event_lag(), Span::seconds(7));
        world.accounts.follow_once().await.unwrap();
        assert_eq!(world.accounts.event_lag(), Span(0));
    }
}
