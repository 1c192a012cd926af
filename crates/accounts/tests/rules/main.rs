//! The rules, one file per subject, seen from the attacker first. Each body runs once per engine, on an
//! empty database; time moves by hand only.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod confirm;
mod follow;
mod gate;
mod imported;
mod invite;
mod meanwhile;
mod mounts;
mod outbox;
mod permissions;
mod profile;
mod races;
mod races_sign_in;
mod races_tokens;
mod refresh;
mod register;
mod reset;
mod revocation;
mod second_step;
mod secrecy;
mod sessions;
mod sign_in;
mod sweep;
mod throttle;
mod throttle_parallel;
mod two_factor;
mod verbs;
mod world;

use gate::Gate;
use verbs::{PASSWORD, Verbs, client, fault_free, from, refused, secret, unbelieved};
use world::{World, engines};
