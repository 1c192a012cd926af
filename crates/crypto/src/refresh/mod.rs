//! Refresh tokens: a session and its generation, authenticated, so that the database need not keep them.

mod base52;
#[cfg(test)]
mod tests;

use std::fmt;

use aws_lc_rs::hmac;

use crate::{digest::constant_time_equal, root::RootSecret};

/// Bytes that identify a session.
const SESSION: usize = 16;
/// Bytes that are authenticated: the session and its generation.
const CLAIM: usize = SESSION + 4;

/// Writes and reads the refresh tokens of one mount.
///
/// A token is exactly 64 letters `[a-zA-Z]`: the session (16 bytes), its generation (4 bytes, big-endian) and
/// the first 25 bytes of an HMAC-SHA256 over both, read as one 360-bit number and written in base 52. Forging
/// one means guessing 200 bits. The key depends on the mount, so one mount's tokens mean nothing to another.
/// What a token claims is authentic, not current: whether the session lives and the generation is the newest
/// is for the store to say.
pub struct RefreshCodec(hmac::Key);

impl RefreshCodec {
    /// The codec of the mount that `mount_scope` names. The scope must never change while tokens live.
    pub fn new(root: &RootSecret, mount_scope: &str) -> Self {
        let key = root.derive(&format!("refresh tokens/{mount_scope}"));
        Self(hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()))
    }

    /// The token of one generation of one session: always the same 64 letters.
    pub fn encode(&self, session: [u8; 16], generation: u32) -> String {
        let mut bytes = [0; base52::BYTES];
        bytes[..SESSION].copy_from_slice(&session);
        bytes[SESSION..CLAIM].copy_from_slice(&generation.to_be_bytes());
        let tag = hmac::sign(&self.0, &bytes[..CLAIM]);
        bytes[CLAIM..].copy_from_slice(&tag.as_ref()[..base52::BYTES - CLAIM]);
        base52::encode(&bytes)
    }

    /// What an authentic token says: session and generation. `None` for any other text.
    ///
    /// Only the text that [`RefreshCodec::encode`] makes is accepted; there is no second spelling.
    pub fn decode(&self, text: &str) -> Option<([u8; 16], u32)> {
        let bytes = base52::decode(text)?;
        let (claim, given) = bytes.split_at(CLAIM);
        let tag = hmac::sign(&self.0, claim);
        if !constant_time_equal(&tag.as_ref()[..given.len()], given) {
            return None;
        }
        let (session, generation) = claim.split_at(SESSION);
        Some((session.try_into().ok()?, u32::from_be_bytes(generation.try_into().ok()?)))
    }
}

impl fmt::Debug for RefreshCodec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RefreshCodec(..)")
    }
}
