//! Guesses made all at once.

use accounts::{Failure, Limits, Login, Refusal};
use model::{Span, Throttle};

use crate::{PASSWORD, Verbs, World, client, engines, fault_free, from};

const BURST: u32 = 10;

fn limit() -> Option<Throttle> {
    Some(Throttle { burst: BURST, every: Span::minutes(16) })
}

/// 64 guesses at once, and how many of them were compared with the password.
async fn guess(world: &World, login: fn(usize) -> String, address: fn(usize) -> String) -> (u64, usize) {
    let hashes = world.pool.stats().hashed;
    let guesses: Vec<_> = (0..64)
        .map(|number| {
            let mount = world.mount(["argon", "wolfpal", "melon", "goscrobble"][number % 4]);
            tokio::spawn(async move {
                mount.attempt(Login::Username(&login(number)), "wrong", from(&address(number))).await
            })
        })
        .collect();
    let mut compared = 0;
    for guess in guesses {
        match guess.await.unwrap() {
            Err(Failure::Refused(Refusal::WrongCredentials)) => compared += 1,
            Err(Failure::Refused(Refusal::Throttled { .. })) => {}
            other => panic!("{other:?}"),
        }
    }
    (world.pool.stats().hashed - hashes, compared)
}

engines! { on disk
    async fn parallel_guesses_at_an_account_are_all_counted(world: World) {
        world.account("bob").await;
        let world = world.limited(Limits { per_account: limit(), ..Limits::default() }).await;
        let guesses = guess(&world, |_| "bob".into(), |number| format!("192.0.2.{number}")).await;
        assert_eq!(guesses, (u64::from(BURST), BURST as usize));
    }

    async fn parallel_guesses_at_a_name_that_nobody_has_are_all_counted(world: World) {
        let world = world.limited(Limits { per_account: limit(), ..Limits::default() }).await;
        let guesses = guess(&world, |_| "nobody".into(), |number| format!("192.0.2.{number}")).await;
        assert_eq!(guesses, (u64::from(BURST), BURST as usize));
    }

    async fn parallel_guesses_from_an_address_are_all_counted(world: World) {
        let world = world.limited(Limits { per_address: limit(), ..Limits::default() }).await;
        let one_network = |number| format!("2001:db8::{number:x}");
        let guesses = guess(&world, |number| format!("name{number}"), one_network).await;
        assert_eq!(guesses, (u64::from(BURST), BURST as usize));
    }

    async fn parallel_guesses_through_two_processes_are_all_counted(world: World) {
        world.account("bob").await;
        let world = world.limited(Limits { per_account: limit(), ..Limits::default() }).await;
        let other = world.second().await;
        let address = |number| format!("192.0.2.{number}");
        let (here, there) = tokio::join!(guess(&world, |_| "bob".into(), address), guess(&other, |_| "BOB".into(), address));
        assert_eq!(here.1 + there.1, BURST as usize);
    }

    async fn parallel_codes_are_all_counted(world: World) {
        world.account("bob").await;
        let codes = world.two_factor("bob").await;
        let world = world.limited(Limits { second_factor: limit(), ..Limits::default() }).await;
        let wolfpal = world.mount("wolfpal");
        let mut guesses = Vec::new();
        for _ in 0..32 {
            let (ticket, wrong, wolfpal) = (wolfpal.ticket("bob").await, codes.wrong(&world), wolfpal.clone());
            guesses.push(tokio::spawn(async move { wolfpal.finish(&ticket, &wrong).await }));
        }
        let mut wrong = 0;
        for guess in guesses {
            match guess.await.unwrap() {
                Err(Failure::Refused(Refusal::CodeWrong)) => wrong += 1,
                Err(Failure::Refused(Refusal::Throttled { .. })) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(wrong, BURST);
    }

    async fn right_passwords_all_at_once_hold_nobody_up(world: World) {
        world.account("bob").await;
        let world = world.limited(Limits { per_address: limit(), ..Limits::default() }).await;
        // As many at once as the limit allows at once, again and again.
        for _ in 0..5 {
            let all: Vec<_> = (0..BURST)
                .map(|_| {
                    let argon = world.mount("argon");
                    tokio::spawn(async move { argon.attempt(Login::Username("bob"), PASSWORD, client()).await })
                })
                .collect();
            for one in all {
                assert!(fault_free(&one.await.unwrap()));
            }
        }
    }
}
