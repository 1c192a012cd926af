//! Stored passwords: how they are written, read and compared.

mod argon2id;
mod bcrypt;
mod pbkdf2;
mod phc;
mod verify;

#[cfg(test)]
mod tests;

pub use argon2id::Argon2Cost;
pub(crate) use argon2id::{SALT, decoy};
pub(crate) use verify::{Hasher, Verification};
pub use verify::{Scheme, scheme_of};
