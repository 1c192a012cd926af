//! Drives a Tessera server the way its clients do, for tests.
//!
//! A newcomer's recipe:
//!
//! 1. Start a server: [`process::TesseraProcess::start`] with [`process::Options::new`], given the path
//!    that `env!("CARGO_BIN_EXE_tessera")` names. Or implement [`server::Server`] around a router to stay
//!    in process.
//! 2. Replay what is documented: [`transcript::replay_file`] runs one `*.http` file against a server and
//!    panics with the title, the place, what was expected and what came. [`transcript`] describes the
//!    format.
//! 3. Write stories with [`actors`]: one client per contract, one verb per thing its users do.
//! 4. Hold a contract's OpenAPI document against all that: [`openapi::Audit`].
//! 5. For odd bytes use [`http::Client`] directly: it sends what it is told and nothing more.
//! 6. [`postgres::Cluster::shared`] is a database server for the tests of one process, and
//!    [`postgres::Cluster::start`] one to be stopped, paused and killed.
//! 7. Everything above runs on the engine that [`engine::VARIABLE`] names, without a word in the test.
//! 8. A test that a figure of docs/proof.md consists of says how much it tried: [`figure::tried`].

pub mod actors;
pub mod cargo;
pub mod engine;
pub mod evidence;
pub mod figure;
pub mod http;
pub mod json;
pub mod jwt;
pub mod ledger;
pub mod machine;
pub mod mailbox;
pub mod openapi;
pub mod people;
pub mod postgres;
pub mod process;
pub mod proxy;
pub mod server;
pub mod totp;
pub mod transcript;
