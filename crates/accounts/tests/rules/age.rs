//! How long a process that is cut off goes on believing tokens.

use std::fmt::Debug;

use accounts::{CheckRefused, Failure, Fault};
use model::Span;

use crate::mounts::realm;
use crate::{Verbs, World, client, engines, unbelieved};

/// Neither yes nor no.
fn unavailable<T: Debug>(answer: Result<T, Failure>) {
    match answer {
        Err(Failure::Fault(Fault::Unavailable)) => {}
        other => panic!("not unavailable: {other:?}"),
    }
}

engines! { on disk
    async fn a_process_without_a_database_checks_for_a_while_and_then_says_neither_yes_nor_no(world: World) {
        world.account("bob").await;
        let argon = world.mount("argon");
        let (grant, ended) = (argon.enter("bob").await, argon.enter("bob").await);
        let (good, bad, key) = (argon.access(&grant), argon.access(&ended), world.key_of("bob", &["user"]).await);
        argon.sign_out(&argon.caller(&ended).await, &client()).await.unwrap();
        let other = world.second().await;
        let there = other.mount("argon");
        other.accounts.follow_once().await.unwrap();
        there.check(&good).await.unwrap();
        there.check_api_key(&key.text).await.unwrap();
        other.db.clone().close().await;
        other.pass(Span::seconds(30));
        there.check(&good).await.unwrap();
        assert_eq!(unbelieved(there.check(&bad).await), CheckRefused::SessionEnded);
        other.pass(Span(1));
        unavailable(there.check(&good).await);
        unavailable(there.check(&bad).await);
        unavailable(there.check_api_key(&key.text).await);
        assert!(other.accounts.ready().await.is_err() && other.accounts.follow_once().await.is_err());
        // What is no token of ours is none, whatever others did.
        assert_eq!(unbelieved(there.check(&format!("{good}x")).await), CheckRefused::Invalid);
    }

    async fn a_clock_that_is_set_back_makes_no_knowledge_younger(world: World) {
        world.account("bob").await;
        let argon = world.mount("argon");
        let good = argon.access(&argon.enter("bob").await);
        world.accounts.follow_once().await.unwrap();
        world.pass(Span::seconds(20));
        world.pass(Span::seconds(-15));
        world.pass(Span::seconds(11));
        unavailable(argon.check(&good).await);
        world.accounts.follow_once().await.unwrap();
        argon.check(&good).await.unwrap();
    }

    async fn what_was_forgotten_by_a_clock_that_was_ahead_is_learned_again(world: World) {
        world.account("bob").await;
        let argon = world.mount("argon");
        let (good, ended) = (argon.enter("bob").await, argon.enter("bob").await);
        let (good, bad) = (argon.access(&good), argon.access(&ended));
        argon.sign_out(&argon.caller(&ended).await, &client()).await.unwrap();
        world.pass(Span::days(30));
        world.accounts.sweep(Span::days(400)).await.unwrap();
        let other = world.second().await;
        world.pass(Span::days(-30));
        for node in [&world, &other] {
            unavailable(node.mount("argon").check(&bad).await);
            unavailable(node.mount("argon").check(&good).await);
            node.accounts.follow_once().await.unwrap();
            assert_eq!(unbelieved(node.mount("argon").check(&bad).await), CheckRefused::SessionEnded);
            node.mount("argon").check(&good).await.unwrap();
        }
    }

    async fn whoever_reads_the_list_to_its_end_again_checks_again(world: World) {
        world.account("bob").await;
        let argon = world.mount("argon");
        let (good, ended) = (argon.enter("bob").await, argon.enter("bob").await);
        let other = world.second().await;
        other.accounts.follow_once().await.unwrap();
        let there = other.mount("argon");
        assert!(there.check(&argon.access(&ended)).await.is_ok());
        // Ten seconds, ten minutes, ten days: the last also longer than the list is kept.
        for (cut, goes) in [(Span::seconds(40), "a"), (Span::minutes(15), "b"), (Span::days(10), "c")] {
            world.account(goes).await;
            let gone = argon.enter(goes).await;
            let token = argon.access(&gone);
            other.accounts.follow_once().await.unwrap();
            there.check(&token).await.unwrap();
            argon.sign_out(&argon.caller(&gone).await, &client()).await.unwrap();
            world.accounts.permit(&realm(), "bob", goes).await.unwrap();
            other.pass(cut);
            world.accounts.sweep(Span::days(1)).await.unwrap();
            unavailable(there.check(&argon.access(&argon.enter("bob").await)).await);
            other.accounts.follow_once().await.unwrap();
            assert!(there.check(&token).await.is_err());
            let bob = there.caller(&argon.enter("bob").await).await;
            assert!(bob.account.permissions.holds(goes));
        }
        drop(good);
    }

    async fn the_server_vouches_only_from_when_it_loaded(world: World) {
        world.account("bob").await;
        let good = world.mount("argon").access(&world.mount("argon").enter("bob").await);
        let other = world.second().await;
        other.mount("argon").check(&good).await.unwrap();
        other.pass(Span::seconds(31));
        // Nobody follows: a process that serves nobody vouches for what it just did itself.
        other.mount("argon").check(&good).await.unwrap();
        other.db.clone().close().await;
        let accounts = other.accounts.clone();
        let following = tokio::spawn(async move { accounts.follow_events().await });
        while other.mount("argon").check(&good).await.is_ok() {
            tokio::task::yield_now().await;
        }
        unavailable(other.mount("argon").check(&good).await);
        following.abort();
    }
}
