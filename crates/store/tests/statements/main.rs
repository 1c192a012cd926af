//! Every statement of the store runs, on every engine, and says what it should; and none says anything that
//! the engines understand differently.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod accounts;
mod api_keys;
mod bench;
mod events;
mod fixtures;
mod leases;
mod lint;
mod members;
mod outbox;
mod previous;
mod restored;
mod root_secret;
mod search;
mod sessions;
mod signing_keys;
mod source;
mod throttles;
mod tokens;
mod transfer;

use std::collections::BTreeSet;

use bench::{Bench, engines, pure, read, write};

engines! {
    /// A new function of the store fails this test until it is used in one of the modules above.
    async fn every_public_function_of_the_store_is_used(bench: Bench) {
        let mut bench = bench;
        accounts::run(&mut bench).await;
        accounts::backup_codes(&mut bench).await;
        sessions::run(&mut bench).await;
        sessions::ending(&mut bench).await;
        events::run(&mut bench).await;
        sessions::expiring(&mut bench).await;
        events::filters(&mut bench).await;
        events::holes(&mut bench).await;
        tokens::run(&mut bench).await;
        throttles::run(&mut bench).await;
        outbox::run(&mut bench).await;
        leases::run(&mut bench).await;
        signing_keys::run(&mut bench).await;
        root_secret::run(&mut bench).await;
        members::run(&mut bench).await;
        search::run(&mut bench).await;
        api_keys::run(&mut bench).await;
        api_keys::settings(&mut bench).await;
        transfer::run(&mut bench).await;
        restored::run(&mut bench).await;
        let used: BTreeSet<_> = bench.used.iter().copied().map(str::to_owned).collect();
        let there = source::public_functions();
        assert!(there.len() > 50, "{there:?}");
        assert_eq!(there.difference(&used).collect::<Vec<_>>(), Vec::<&String>::new(), "never used");
        assert_eq!(used.difference(&there).collect::<Vec<_>>(), Vec::<&String>::new(), "not found in the sources");
        bench.record.write_if_asked();
    }

    async fn the_migrations_are_applied_once(bench: Bench) {
        let again = bench.db.migrate(store::migrations::ALL, 2).await.unwrap();
        assert_eq!(again.applied, Vec::<i64>::new());
        assert_eq!(again.version, store::migrations::ALL.last().unwrap().version);
    }
}
