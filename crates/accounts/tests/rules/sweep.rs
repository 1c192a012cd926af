//! Throwing away what is over.

use accounts::Limits;
use model::{Span, Throttle};

use crate::mounts::realm;
use crate::verbs::newest_event;
use crate::{Verbs, World, client, engines, refused};

const TABLES: [&str; 6] = ["account", "session", "one_time_token", "throttle", "outbox", "event"];

/// How many rows each table has.
async fn rows(world: &World) -> [usize; 6] {
    let mut counts = [0; 6];
    for (count, table) in counts.iter_mut().zip(TABLES) {
        let all = db::Statement::new(format!("select 1 from {table}"), vec![]);
        *count = world.db.query(all).await.unwrap().len();
    }
    counts
}

/// One of everything that lives.
async fn furnish(world: &World) {
    world.account("bob").await;
    world.two_factor("bob").await;
    let wolfpal = world.mount("wolfpal");
    wolfpal.ticket("bob").await;
    wolfpal.send_reset("bob@example.com", &client()).await.unwrap();
    world.accounts.see_to_asked().await.unwrap();
    refused(wolfpal.try_password("bob", "wrong").await);
    world.accounts.create_invite(&realm()).await.unwrap();
}

engines! {
    async fn what_is_live_stays(world: World) {
        let ten = Throttle { burst: 10, every: Span::minutes(16) };
        let world = world.limited(Limits { per_account: Some(ten), ..Limits::default() }).await;
        furnish(&world).await;
        let before = rows(&world).await;
        assert!(before.iter().all(|count| *count > 0), "{before:?}");
        world.accounts.sweep(Span::days(400)).await.unwrap();
        assert_eq!(rows(&world).await, before);
        // Mail that is still owed stays, however old.
        world.pass(Span::days(365));
        world.accounts.sweep(Span::days(400)).await.unwrap();
        let noted = before[1];
        assert_eq!(rows(&world).await, [1, 0, 0, 0, before[4], before[5] + noted]);
    }

    async fn each_thing_goes_in_its_own_time(world: World) {
        let ten = Throttle { burst: 10, every: Span::minutes(16) };
        let world = world.limited(Limits { per_account: Some(ten), ..Limits::default() }).await;
        furnish(&world).await;
        world.accounts.send_due(&world.transport()).await.unwrap();
        let [_, sessions, _, throttles, mails, events] = rows(&world).await;
        let keep = Span::days(90);
        for (days, left) in [
            (1, [1, sessions, 0, throttles, mails, events]),
            // On the second day every session was over, which is noted.
            (2, [1, sessions, 0, 0, mails, events + sessions]),
            (29, [1, sessions, 0, 0, mails, events + sessions]),
            (32, [1, 0, 0, 0, 0, events + sessions]),
            (89, [1, 0, 0, 0, 0, events + sessions]),
            (91, [1, 0, 0, 0, 0, sessions]),
            (93, [1, 0, 0, 0, 0, 0]),
        ] {
            let begun = world.stored("bob").await.created_at;
            let now = model::Clock::now(&*world.clock);
            world.pass((begun + Span::days(days)) - now);
            world.accounts.sweep(keep).await.unwrap();
            assert_eq!(rows(&world).await, left, "after {days} days");
        }
    }

    async fn thousands_of_rows_go_in_one_sweep_but_many_batches(world: World) {
        for _ in 0..1_001 {
            refused(world.mount("argon").try_password("nobody", "wrong").await);
        }
        world.pass(Span::days(2));
        let batches = world.db.stats().batches;
        world.accounts.sweep(Span::days(1)).await.unwrap();
        assert_eq!(rows(&world).await, [0; 6]);
        assert_eq!(world.db.stats().batches - batches, 8, "three for the events, one for each other kind and for what is over");
    }

    async fn events_are_kept_for_others_to_learn_from(world: World) {
        refused(world.mount("argon").try_password("nobody", "wrong").await);
        world.pass(Span::minutes(59));
        world.accounts.sweep(Span(1)).await.unwrap();
        assert_eq!(rows(&world).await[5], 1);
        world.pass(Span::minutes(2));
        world.accounts.sweep(Span(1)).await.unwrap();
        assert_eq!(rows(&world).await[5], 0);
    }

    async fn of_several_processes_one_sweeps_and_another_when_it_died(world: World) {
        let other = world.second().await;
        for _ in 0..3 {
            refused(world.mount("argon").try_password("nobody", "wrong").await);
            world.pass(Span::minutes(1));
        }
        // One event of the three is older than an hour now.
        world.pass(Span::minutes(58));
        for (who, passes, left) in [
            (&world, Span::minutes(1), 2),
            (&other, Span(0), 2),
            (&world, Span::minutes(3) - Span(1), 1),
            (&other, Span(1), 1),
            (&other, Span(0), 0),
        ] {
            who.accounts.sweep(Span(1)).await.unwrap();
            assert_eq!(rows(&world).await[5], left);
            world.pass(passes);
        }
    }

    async fn a_sweep_forgets_no_end_that_still_matters(world: World) {
        world.account("bob").await;
        let argon = world.mount("argon");
        let grant = argon.enter("bob").await;
        let token = argon.access(&grant);
        argon.sign_out(&argon.caller(&grant).await, &client()).await.unwrap();
        for _ in 0..24 {
            assert!(argon.check(&token).await.is_err());
            world.accounts.sweep(Span(1)).await.unwrap();
            world.pass(Span::hours(1));
        }
    }

    async fn the_place_in_the_event_list_does_not_go_back_when_it_is_swept(world: World) {
        world.account("bob").await;
        world.accounts.follow_once().await.unwrap();
        let last = newest_event(&world).await.unwrap().sequence;
        world.pass(Span::days(2));
        world.accounts.sweep(Span::days(1)).await.unwrap();
        assert_eq!(newest_event(&world).await, None);
        world.account("eve").await;
        assert!(newest_event(&world).await.unwrap().sequence > last);
        world.accounts.follow_once().await.unwrap();
    }
}
