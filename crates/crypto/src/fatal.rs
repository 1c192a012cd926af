//! The end of the process when the platform's cryptography is broken.

/// Logs what is broken, then aborts.
///
/// For failures no caller could answer safely: no entropy from the operating system, or a primitive that
/// refuses input which is valid by construction. Going on would mean guessable or missing secrets, and an
/// unwinding panic could be caught and lived with.
pub(crate) fn abort(what: &'static str) -> ! {
    tracing::error!(what, "the platform's cryptography does not work; the process ends here");
    std::process::abort()
}
