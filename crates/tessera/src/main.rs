//! Puts a Tessera together and runs it.
//!
//! No rules live here: the command line ([`cli`]) is read, the settings are turned into parts
//! ([`compose`]), and either the server ([`serve`]) or one of the [`commands`] is run with them.

mod audit;
mod cli;
mod commands;
mod compose;
mod connection;
mod doctor;
mod health;
mod links;
mod listen;
mod logging;
mod master;
mod metrics;
mod notify;
mod openapi;
mod ops;
mod origins;
mod output;
mod pages;
mod reload;
mod runtime;
mod serve;
mod signals;
mod since;
mod timer;
mod tls;
mod traces;
mod transport;

use std::process::ExitCode;

use clap::Parser;

/// Cheaper and steadier than the system's allocator under many small requests.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What this program says it is.
const VERSION: &str = match defects::POSSIBLE {
    false => env!("CARGO_PKG_VERSION"),
    true => concat!(env!("CARGO_PKG_VERSION"), " WITH SEEDED DEFECTS, NOT FOR USE"),
};

// No program that people are given can be built with the mistakes of `proof`.
const _: () = assert!(
    !defects::POSSIBLE || env!("CARGO_BIN_NAME").len() > "tessera".len(),
    "the feature seeded-defects is for --bin tessera-defects only"
);

fn main() -> ExitCode {
    if defects::POSSIBLE {
        output::aside("MADE TO FAIL: this program has mistakes that can be seeded. Use it for nothing.");
    }
    let line = cli::Line::parse();
    let runtime = match runtime::start() {
        Ok(runtime) => runtime,
        Err(error) => return output::failed(&error),
    };
    match runtime.block_on(commands::run(line)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => output::failed(&*problem),
    }
}
