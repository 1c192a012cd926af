//! What is measured, one file each.

mod bulk;
mod check;
mod engines;
mod growth;
mod instructions;
mod memory;
mod overload;
mod refresh;
mod refresh_postgres;
mod register;
mod sign_in;
mod start;

use crate::Problem;
use crate::context::Context;
use crate::results::Comparison;

/// One thing to measure.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// What it measures, in a sentence.
    pub(crate) about: &'static str,
    pub(crate) run: fn(&Context) -> Result<Vec<Comparison>, Problem>,
    /// Whether it is too long for `quick`.
    pub(crate) long: bool,
    /// Whether its medians are kept run after run.
    pub(crate) followed: bool,
}

/// Every scenario, in the order in which they are run.
pub(crate) const ALL: [Scenario; 13] = [
    Scenario {
        name: "check",
        about: "Checking access tokens, 10,000 of them in turn over 32 connections, beside a bare axum handler that answers the same bytes to the same requests.",
        run: check::run,
        long: false,
        followed: false,
    },
    Scenario {
        name: "sign-in",
        about: "Signing in by password, 16 at once, beside the same Argon2id hashes without a server around them, and beside the crate argon2 0.5 with fresh memory for each.",
        run: sign_in::run,
        long: false,
        followed: false,
    },
    Scenario {
        name: "register",
        about: "Registering with a confirmation mail, 16 at once, beside as many Argon2id hashes without a server.",
        run: register::run,
        long: false,
        followed: false,
    },
    Scenario {
        name: "refresh",
        about: "Exchanging refresh tokens, 64 at once, every answer on disk before it is sent, beside the same statements on bare rusqlite: in groups as large as the server's, and in a transaction each.",
        run: refresh::run,
        long: false,
        followed: false,
    },
    Scenario {
        name: "overload",
        about: "Three times as many sign-ins offered as can be served, with token checks beside them at a quarter of what the server can do on 32 connections; times count from when a request was due.",
        run: overload::run,
        long: false,
        followed: false,
    },
    Scenario {
        name: "bulk",
        about: "`tessera account import` of accounts with their hashes, beside the same rows inserted by prepared statements on bare rusqlite in transactions of 50,000 accounts.",
        run: bulk::run,
        long: false,
        followed: false,
    },
    Scenario {
        name: "start",
        about: "From starting the process to its first answer, beside `tessera --version`.",
        run: start::run,
        long: false,
        followed: false,
    },
    Scenario {
        name: "memory",
        about: "Resident memory, idle beside a bare axum server, with many accounts and sessions, and under load.",
        run: memory::run,
        long: false,
        followed: false,
    },
    Scenario {
        name: "growth",
        about: "What one request takes with many accounts, beside the same with few; and what an account takes on disk.",
        run: growth::run,
        long: false,
        followed: false,
    },
    Scenario {
        name: "growth-large",
        about: "The same with ten times as many accounts again.",
        run: growth::run_large,
        long: true,
        followed: false,
    },
    Scenario {
        name: "refresh-postgres",
        about: "Exchanging refresh tokens on PostgreSQL, 64 at once, beside pgbench with the same statements over the same socket.",
        run: refresh_postgres::run,
        long: false,
        followed: false,
    },
    Scenario {
        name: "engines",
        about: "The same requests on PostgreSQL and, in the same run, on SQLite.",
        run: engines::run,
        long: false,
        followed: false,
    },
    Scenario {
        name: "instructions",
        about: "Processor instructions for one request, counted by callgrind. It has no SHA instructions, so hashing weighs more than on the machine itself; repeated runs differ by a few percent. Good for following one version after the other, not for what a request costs.",
        run: instructions::run,
        long: true,
        followed: true,
    },
];

/// Many connections for requests that cost little.
const CONNECTIONS: usize = 32;
/// Callers of what takes a password hash.
const CALLERS: usize = 16;

/// How many thousands there are, with commas.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let from_end = digits.chars().rev().enumerate();
    let spaced = from_end.flat_map(|(place, digit)| {
        let comma = (place > 0 && place % 3 == 0).then_some(',');
        comma.into_iter().chain([digit])
    });
    spaced.collect::<Vec<_>>().into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_have_commas() {
        let shown = [0, 999, 1_000, 10_000, 1_234_567].map(thousands);
        assert_eq!(shown, ["0", "999", "1,000", "10,000", "1,234,567"]);
    }

    #[test]
    fn names_are_unique_and_fit_for_files() {
        let mut names: Vec<&str> = ALL.iter().map(|scenario| scenario.name).collect();
        assert!(names.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }
}
