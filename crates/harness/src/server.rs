//! What a transcript needs of a server, wherever that server runs.

use crate::http::{Answer, Request};

/// A server that transcripts can be replayed on: the real binary, or a router in the same process.
pub trait Server {
    /// Sends one request and waits for its answer. Panics when none comes: a server that hangs up has
    /// failed the test.
    fn send(&mut self, request: Request) -> Answer;

    /// The decoded plain text part of the newest mail to `address` whose subject contains `subject`
    /// (letter case ignored), if there is one by now. Callers ask again until their patience ends, so an
    /// implementation need not wait; it may deliver the outbox first.
    fn newest_mail(&self, address: &str, subject: &str) -> Option<String>;

    /// Gives (`on`) or takes away a permission as an administrator of the machine would, and returns once
    /// the server goes by it. Panics when that is refused.
    fn permit(&mut self, username: &str, permission: &str, on: bool);

    /// The server's clock, in seconds since the epoch, UTC: what one-time codes are computed for.
    fn totp_now(&self) -> i64;

    /// Is told the title of the section that a transcript has come to.
    fn section(&mut self, _title: &str) {}

    /// The prefix and ten characters that make a name of its own, if this server wants to choose them: one
    /// that records does, so that two recordings are the same.
    fn fresh(&mut self, _prefix: &str) -> Option<String> {
        None
    }
}
