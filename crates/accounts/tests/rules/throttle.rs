//! How often may be guessed.

use accounts::{Failure, Limits, Login, Refusal};
use model::{Span, Throttle};

use crate::{PASSWORD, Verbs, World, client, engines, from, refused, secret};

/// Three at once, then one per minute.
const THREE: Throttle = Throttle { burst: 3, every: Span::minutes(1) };

fn per_account() -> Limits {
    Limits { per_account: Some(THREE), ..Limits::default() }
}

fn per_address() -> Limits {
    Limits { per_address: Some(THREE), ..Limits::default() }
}

fn throttled(refusal: Refusal) -> bool {
    matches!(refusal, Refusal::Throttled { .. })
}

engines! {
    async fn one_counter_whatever_spelling_and_mount_and_way_to_name_it(world: World) {
        world.account("bob").await;
        let world = world.limited(per_account()).await;
        let (argon, wolfpal, melon) = (world.mount("argon"), world.mount("wolfpal"), world.mount("melon"));
        refused(argon.attempt(Login::Username("BOB"), "wrong", from("192.0.2.1")).await);
        refused(wolfpal.attempt(Login::Email("Bob@Example.com"), "wrong", from("192.0.2.2")).await);
        refused(melon.attempt(Login::Username("ｂｏｂ"), "wrong", from("192.0.2.3")).await);
        let hashes = world.pool.stats().hashed;
        for (mount, login) in [(&argon, Login::Username("bob")), (&wolfpal, Login::Email("bob@example.com"))] {
            // Nor does the right password pass: whether it is right is not looked at.
            let refusal = refused(mount.attempt(login, PASSWORD, from("192.0.2.4")).await);
            assert_eq!(refusal, Refusal::Throttled { retry_after: Span::minutes(1) });
        }
        assert_eq!(world.pool.stats().hashed, hashes);
    }

    async fn a_name_that_nobody_has_is_held_up_just_the_same(world: World) {
        world.account("bob").await;
        let world = world.limited(per_account()).await;
        let argon = world.mount("argon");
        for name in ["bob", "nobody"] {
            for spelling in [name.to_owned(), name.to_uppercase(), name.to_owned()] {
                assert_eq!(refused(argon.try_password(&spelling, "wrong").await), Refusal::WrongCredentials);
            }
            let refusal = refused(argon.try_password(name, "wrong").await);
            assert_eq!(refusal, Refusal::Throttled { retry_after: Span::minutes(1) }, "{name}");
        }
    }

    async fn waiting_as_long_as_asked_lets_exactly_one_through(world: World) {
        world.account("bob").await;
        let world = world.limited(per_account()).await;
        let argon = world.mount("argon");
        for _ in 0..3 {
            refused(argon.try_password("bob", "wrong").await);
        }
        world.pass(Span::seconds(20));
        let refusal = refused(argon.try_password("bob", "wrong").await);
        assert_eq!(refusal, Refusal::Throttled { retry_after: Span::seconds(40) });
        world.pass(Span(Span::seconds(40).0 - 1));
        assert!(throttled(refused(argon.try_password("bob", "wrong").await)));
        world.pass(Span(1));
        assert_eq!(refused(argon.try_password("bob", "wrong").await), Refusal::WrongCredentials);
        assert!(throttled(refused(argon.try_password("bob", PASSWORD).await)));
        world.pass(Span::minutes(1));
        argon.enter("bob").await;
    }

    async fn a_right_password_gives_an_account_its_own_try_back_and_no_more(world: World) {
        world.account("bob").await;
        let world = world.limited(per_account()).await;
        let argon = world.mount("argon");
        for _ in 0..10 {
            argon.enter("bob").await;
        }
        // The owner's signing in buys strangers no more guesses.
        for _ in 0..3 {
            argon.enter("bob").await;
            refused(argon.attempt(Login::Username("bob"), "wrong", from("192.0.2.9")).await);
        }
        assert!(throttled(refused(argon.attempt(Login::Username("bob"), "wrong", from("192.0.2.9")).await)));
    }

    async fn a_right_password_gives_an_address_its_own_try_back_and_no_more(world: World) {
        world.account("bob").await;
        world.account("eve").await;
        let world = world.limited(per_address()).await;
        let argon = world.mount("argon");
        for _ in 0..10 {
            argon.enter("eve").await;
        }
        // Signing in to her own account does not buy eve more guesses at others'.
        for _ in 0..3 {
            argon.enter("eve").await;
            assert_eq!(refused(argon.try_password("bob", "wrong").await), Refusal::WrongCredentials);
        }
        assert!(throttled(refused(argon.try_password("bob", "wrong").await)));
        assert!(throttled(refused(argon.try_password("eve", PASSWORD).await)));
        argon.attempt(Login::Username("eve"), PASSWORD, from("192.0.2.2")).await.unwrap();
    }

    async fn a_second_factor_that_cannot_be_asked_for_counts_as_a_wrong_try(world: World) {
        world.account("bob").await;
        world.two_factor("bob").await;
        let world = world.limited(Limits { per_address: Some(THREE), ..per_account() }).await;
        for _ in 0..3 {
            assert_eq!(refused(world.mount("argon").try_password("bob", PASSWORD).await), Refusal::WrongCredentials);
        }
        assert!(throttled(refused(world.mount("argon").try_password("bob", PASSWORD).await)));
        let elsewhere = world.mount("wolfpal").attempt(Login::Username("bob"), PASSWORD, from("192.0.2.9")).await;
        assert!(throttled(refused(elsewhere)), "the account's counter");
        world.account("eve").await;
        assert!(throttled(refused(world.mount("argon").try_password("eve", PASSWORD).await)), "the address's counter");
    }

    async fn an_unconfirmed_address_with_the_right_password_is_no_guess(world: World) {
        world.account("bob").await;
        world.tamper("bob", |bob| bob.email_confirmed = false).await;
        let world = world.limited(Limits { per_address: Some(THREE), ..per_account() }).await;
        for _ in 0..10 {
            assert_eq!(refused(world.mount("wolfpal").try_password("bob", PASSWORD).await), Refusal::EmailUnconfirmed);
        }
    }

    async fn where_the_account_cannot_be_read_nothing_was_guessed(world: World) {
        world.account("bob").await;
        let world = world.limited(Limits { per_address: Some(THREE), ..per_account() }).await;
        world.execute("alter table account rename column last_sign_in_at to gone").await;
        for _ in 0..10 {
            let failed = world.mount("argon").try_password("bob", PASSWORD).await;
            assert!(matches!(failed, Err(Failure::Fault(_))), "{failed:?}");
        }
        world.execute("alter table account rename column gone to last_sign_in_at").await;
        world.mount("argon").try_password("bob", PASSWORD).await.unwrap();
    }

    async fn whoever_is_held_up_at_one_counter_is_not_counted_at_the_other(world: World) {
        world.account("bob").await;
        let world = world.limited(Limits { per_address: Some(THREE), ..per_account() }).await;
        let argon = world.mount("argon");
        for _ in 0..3 {
            refused(argon.attempt(Login::Username("eve"), "wrong", from("192.0.2.1")).await);
        }
        // The address is used up: nobody can lock bob out from there.
        for _ in 0..10 {
            assert!(throttled(refused(argon.attempt(Login::Username("bob"), "wrong", from("192.0.2.1")).await)));
        }
        for _ in 0..3 {
            let answer = argon.attempt(Login::Username("bob"), "wrong", from("192.0.2.2")).await;
            assert_eq!(refused(answer), Refusal::WrongCredentials);
        }
    }

    async fn a_network_is_one_address_and_an_ipv4_address_is_one_in_both_forms(world: World) {
        let world = world.limited(per_address()).await;
        let argon = world.mount("argon");
        for (three, also, not) in [
            (["2001:db8:1:2::1", "2001:db8:1:2:ffff::", "2001:db8:1:2::"], "2001:db8:1:2:a:b:c:d", "2001:db8:1:3::1"),
            (["203.0.113.7", "::ffff:203.0.113.7", "::ffff:cb00:7107"], "203.0.113.7", "203.0.113.8"),
        ] {
            for address in three {
                let answer = argon.attempt(Login::Username("x"), "wrong", from(address)).await;
                assert_eq!(refused(answer), Refusal::WrongCredentials, "{address}");
            }
            assert!(throttled(refused(argon.attempt(Login::Username("y"), "wrong", from(also)).await)), "{also}");
            let answer = argon.attempt(Login::Username("z"), "wrong", from(not)).await;
            assert_eq!(refused(answer), Refusal::WrongCredentials, "{not}");
        }
    }

    async fn guessing_the_current_password_to_change_it_is_the_same_guessing(world: World) {
        world.account("bob").await;
        let world = world.limited(per_account()).await;
        let argon = world.mount("argon");
        let caller = argon.caller(&argon.enter("bob").await).await;
        let guess = |password: &str| accounts::ChangeProfile {
            username: None,
            password: Some(accounts::PasswordChange { current: secret(password), new: secret("new password") }),
            client: client(),
        };
        for _ in 0..2 {
            assert_eq!(refused(argon.change_profile(&caller, guess("wrong")).await), Refusal::CurrentPasswordWrong);
        }
        assert_eq!(refused(argon.try_password("bob", "wrong").await), Refusal::WrongCredentials);
        assert!(throttled(refused(argon.change_profile(&caller, guess(PASSWORD)).await)));
    }

    async fn no_limit_means_that_nothing_is_counted(world: World) {
        for _ in 0..50 {
            assert_eq!(refused(world.mount("argon").try_password("bob", "wrong").await), Refusal::WrongCredentials);
        }
        assert_eq!(world.number("select count(*) from throttle", vec![]).await, 0);
    }
}

engines! { on disk
    async fn counters_survive_a_restart(world: World) {
        world.account("bob").await;
        let world = world.limited(per_account()).await;
        for _ in 0..3 {
            refused(world.mount("argon").try_password("bob", "wrong").await);
            refused(world.mount("argon").try_password("nobody", "wrong").await);
        }
        let world = world.restarted().await;
        assert!(throttled(refused(world.mount("wolfpal").try_password("bob", PASSWORD).await)));
        assert!(throttled(refused(world.mount("wolfpal").try_password("Nobody", PASSWORD).await)));
    }

    async fn two_processes_count_together(world: World) {
        world.account("bob").await;
        let world = world.limited(per_account()).await;
        let other = world.second().await;
        refused(world.mount("argon").try_password("bob", "wrong").await);
        refused(other.mount("argon").try_password("bob", "wrong").await);
        refused(world.mount("argon").try_password("bob", "wrong").await);
        assert!(throttled(refused(other.mount("argon").try_password("bob", "wrong").await)));
    }
}
