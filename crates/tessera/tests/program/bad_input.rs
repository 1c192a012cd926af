//! Bad input at every endpoint: it is refused in the contract's own words and leaves nothing behind.
//!
//! [`rows`] lists the endpoints; a test compares the list with what the contracts themselves declare, so
//! that a new endpoint without a row fails. [`bodies`] (with [`values`], [`written`]), [`paths`] and
//! [`tokens`] are what is done to each of them, [`wire`] what is done to the server; [`shape`] says what a
//! refusal looks like.

mod bodies;
mod paths;
mod rows;
mod shape;
pub(crate) mod tokens;
mod values;
mod wire;
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use accounts::{Accounts, Limits, Parts, SessionRules};
use crypto::{Argon2Cost, HashPool, HashPoolSettings, Randomness, RootSecret, SystemRandomness};
use db::{Database, DatabaseUrl};
use model::{Span, SystemClock};
use rows::Row;

use crate::openapi;

/// The contract that what is Tessera's own counts as.
pub(crate) const OWN: &str = "tessera";

/// Contract, method and path of every endpoint: of the contracts as they declare themselves, and of what is Tessera's
/// own as it is documented.
pub(crate) fn declared() -> Vec<(String, String, String)> {
    let listed = |one: web::Listed| (one.contract.to_owned(), one.method.to_string(), one.path.to_owned());
    let own = |(method, path): (String, String)| (OWN.to_owned(), method, path);
    let paths = openapi::document().paths();
    let own = paths.into_iter().filter(|(_, path)| path.starts_with("/tessera")).map(own);
    of_contracts().into_iter().map(listed).chain(own).collect()
}

fn of_contracts() -> Vec<web::Listed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let randomness: Arc<dyn Randomness> = Arc::new(SystemRandomness);
        let url = DatabaseUrl::parse("sqlite::memory:").unwrap();
        let db = Database::open(&url, db::Options::default()).await.unwrap();
        db.migrate(store::migrations::ALL, 0).await.unwrap();
        let settings = HashPoolSettings {
            threads: 1,
            cost: Argon2Cost { memory_kib: 64, passes: 1, lanes: 1 },
            max_wait: std::time::Duration::from_secs(1),
        };
        let mounts = [wolfpal::policy, argon::policy, melon::policy, goscrobble::policy];
        let parts = Parts {
            pool: HashPool::start(settings, Arc::clone(&randomness)).unwrap(),
            root: RootSecret::generate(&*randomness),
            db,
            clock: Arc::new(SystemClock),
            randomness,
            limits: Limits::default(),
            sessions: SessionRules {
                refresh_grace: Span::seconds(10),
                longest: Span::days(30),
                trust_memory_for: Span::seconds(30),
            },
            passwords: accounts::PasswordRules::at_least(8),
            keys: accounts::KeyRules::default(),
            mounts: mounts.map(|policy| policy("http://127.0.0.1:3000")).to_vec(),
        };
        let accounts = Accounts::open(parts).await.unwrap();
        let mount = |name: &str| accounts.mount(name).unwrap();
        let mounts = ["wolfpal", "argon", "melon", "goscrobble"].map(mount);
        web::listing(&[
            wolfpal::contract(mount("wolfpal")),
            argon::contract(mount("argon")),
            melon::contract(mount("melon")),
            goscrobble::contract(mount("goscrobble")),
            pages::contract(&mounts, "http://127.0.0.1:3000"),
        ])
    })
}

#[test]
fn every_endpoint_has_a_row() {
    let line = |contract: &str, method: &str, path: &str| format!("{contract} {method} {path}");
    let declared: BTreeSet<String> =
        declared().iter().map(|(contract, method, path)| line(contract, method, path)).collect();
    let rows: BTreeSet<String> =
        rows::all().iter().map(|row| line(row.contract, row.method, &row.path)).collect();
    let missing: Vec<_> = declared.difference(&rows).collect();
    let stale: Vec<_> = rows.difference(&declared).collect();
    assert!(missing.is_empty() && stale.is_empty(), "without a row: {missing:#?}\nnot served: {stale:#?}");
}

/// Names that have no row of their own: spellings of others, and what would disable the caller.
const WITHOUT_ROW: [&str; 3] = ["Code", "Token", "active"];

#[test]
fn every_field_has_a_row_and_is_documented() {
    let document = openapi::document();
    let mut read: BTreeMap<(&str, String), BTreeSet<String>> = BTreeMap::new();
    for row in rows::all().into_iter().filter(|row| row.contract != "pages") {
        let names = row.fields.iter().map(|field| field.name.to_owned());
        read.entry((row.method, row.path.clone())).or_default().extend(names);
    }
    for ((method, path), names) in read {
        let mut documented = document.fields(method, &path);
        documented.retain(|name| !WITHOUT_ROW.contains(&name.as_str()));
        assert_eq!(documented, names, "{method} {path}");
    }
}

/// Does something to every row, some rows at a time, and says what was found wrong with all of them.
fn each_row(check: impl Fn(&Row) -> Vec<String> + Sync) {
    let rows = rows::all();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut wrong = Vec::new();
        while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
            wrong.extend(check(row).into_iter().map(|what| format!("{} {}: {what}", row.method, row.path)));
        }
        wrong
    };
    let wrong: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{} things are wrong:\n{}", wrong.len(), wrong.join("\n"));
}
