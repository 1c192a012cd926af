//! The rules, one file per subject, seen from the attacker first. Each body runs once per engine, on an
//! empty database; time moves by hand only.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod age;
mod api_keys;
mod asked;
mod confirm;
mod cost;
mod counts;
mod documents;
mod email_change;
mod event_list;
mod follow;
mod gate;
mod import;
mod imported;
mod invite;
mod known_place;
mod master_secret;
mod meanwhile;
mod members;
mod mounts;
mod new_device;
mod nodes;
mod outbox;
mod own_sessions;
mod passwords;
mod permissions;
mod profile;
mod races;
mod races_sign_in;
mod races_tokens;
mod realms;
mod refresh;
mod register;
mod reset;
mod revocation;
mod search;
mod second_step;
mod secrecy;
mod sessions;
mod settings;
mod sign_in;
mod signed_out;
mod signing_keys;
mod sweep;
mod throttle;
mod throttle_parallel;
mod two_factor;
mod verbs;
mod world;

use gate::Gate;
use verbs::{PASSWORD, Verbs, client, fault_free, from, refused, secret, unbelieved};
use world::{World, engines};
