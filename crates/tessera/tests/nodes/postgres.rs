//! On PostgreSQL: a file has one node only.

mod cut_off;
pub(crate) mod fleet;
mod killed;
mod limits;
mod load;
mod person;
#[path = "../program/races.rs"]
mod races;
mod restarts;
mod revocation;
mod rolling;
mod trips;
