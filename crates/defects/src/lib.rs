//! Mistakes that can be made on purpose, to show that what looks for them finds them.
//!
//! Without the feature `seeded`, which only the binary `tessera-defects` has, nothing here can happen: [`seeded`]
//! is a constant `false` and [`committed`] is empty, so the compiler leaves both out.

/// A mistake that can be made on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// SQLite syncs its log at checkpoints only: what was acknowledged is lost in a power cut.
    SyncAtCheckpoint,
    /// A batch is answered before it is committed, and committed a moment later.
    AnswerBeforeCommit,
    /// What the disk refused is answered as if it had been written.
    WriteErrorsIgnored,
    /// Each statement of a batch is committed by itself.
    BatchInPieces,
    /// No statement has to touch any number of rows.
    NoGuards,
    /// The refresh token before the present one is never taken again, as if there were no grace.
    NoGrace,
    /// A refresh token from long ago is refused and its session goes on.
    ReuseForgiven,
    /// What ended is not read at the start: only the process that ended it knows.
    FloorsForgotten,
    /// A process hears what it ended itself from the event list only, as others do.
    FloorsLate,
    /// Tries are counted by the process, not in the database.
    TriesInMemory,
    /// Codes of an authenticator are not remembered as used.
    CodesForgotten,
    /// Wrong passwords are counted by what was typed, not by whose account it is.
    SpellingsApart,
    /// Mails to an address are not counted.
    MailsUncounted,
    /// Nothing that is over is ever thrown away.
    NothingSwept,
    /// Each hash of a password leaves memory behind that nobody uses any more.
    HashMemoryKept,
    /// A connection's descriptor outlives the connection.
    ConnectionsKept,
    /// What was forgotten by a clock that was ahead is not learned again when it is set back.
    ClockTrusted,
    /// Whoever wants a password hashed waits for it, however long the queue is.
    QueueUnbounded,
    /// Wrong codes of a second factor are counted by the ticket only, not over the account.
    CodesUncounted,
    /// The password of a name that nobody has is not hashed.
    DecoyLeftOut,
    /// Refusing a password takes a millisecond longer if somebody has the name.
    KnownSlower,
    /// Mail that is asked for is written while the answer waits for it, if somebody has the address.
    MailBeforeAnswer,
    /// One-time tokens are logged where they are made.
    TokensLogged,
    /// One-time tokens are stored as they are.
    TokensPlain,
    /// An endpoint does not ask who is calling.
    AnybodyAsks,
    /// Text is cut in the middle of a letter.
    TextCutInLetters,
    /// A name may stand twice in a body.
    NamesTwice,
    /// Any signature is taken for a good one. The tests of signatures that others made make it themselves.
    SignaturesUnchecked,
    /// A name that nobody has is refused in other words than a wrong password.
    NobodyTold,
    /// Mail that is asked for goes to the address as it was typed, not as it is stored.
    MailedAsTyped,
    /// The codes of an authenticator are those of the step after. Its tests make it themselves.
    StepsAhead,
    /// A page names a test that there is not. What reads the page makes it itself.
    TestMissing,
    /// A library has a known hole. What looks for holes makes it itself.
    HolePlanted,
}

/// Every defect with the name that seeds it.
pub const ALL: &[(&str, Defect)] = &[
    ("sync-at-checkpoint", Defect::SyncAtCheckpoint),
    ("answer-before-commit", Defect::AnswerBeforeCommit),
    ("write-errors-ignored", Defect::WriteErrorsIgnored),
    ("batch-in-pieces", Defect::BatchInPieces),
    ("no-guards", Defect::NoGuards),
    ("no-grace", Defect::NoGrace),
    ("reuse-forgiven", Defect::ReuseForgiven),
    ("floors-forgotten", Defect::FloorsForgotten),
    ("floors-late", Defect::FloorsLate),
    ("tries-in-memory", Defect::TriesInMemory),
    ("codes-forgotten", Defect::CodesForgotten),
    ("spellings-apart", Defect::SpellingsApart),
    ("mails-uncounted", Defect::MailsUncounted),
    ("nothing-swept", Defect::NothingSwept),
    ("hash-memory-kept", Defect::HashMemoryKept),
    ("connections-kept", Defect::ConnectionsKept),
    ("clock-trusted", Defect::ClockTrusted),
    ("queue-unbounded", Defect::QueueUnbounded),
    ("codes-uncounted", Defect::CodesUncounted),
    ("decoy-left-out", Defect::DecoyLeftOut),
    ("known-slower", Defect::KnownSlower),
    ("mail-before-answer", Defect::MailBeforeAnswer),
    ("tokens-logged", Defect::TokensLogged),
    ("tokens-plain", Defect::TokensPlain),
    ("anybody-asks", Defect::AnybodyAsks),
    ("text-cut-in-letters", Defect::TextCutInLetters),
    ("names-twice", Defect::NamesTwice),
    ("signatures-unchecked", Defect::SignaturesUnchecked),
    ("nobody-told", Defect::NobodyTold),
    ("mailed-as-typed", Defect::MailedAsTyped),
    ("steps-ahead", Defect::StepsAhead),
    ("test-missing", Defect::TestMissing),
    ("hole-planted", Defect::HolePlanted),
];

impl Defect {
    /// The name that seeds it.
    #[must_use]
    pub fn name(self) -> &'static str {
        ALL.iter().find(|(_, known)| *known == self).map_or("", |(name, _)| name)
    }
}

/// Whether this build can have defects at all.
pub const POSSIBLE: bool = cfg!(feature = "seeded");

/// The variable of the environment that names the defect to seed.
pub const VARIABLE: &str = "SEEDED_DEFECT";

/// The variable that says after which commit since [`serving`] was called the process ends without warning: 1 is the
/// first.
pub const CRASH_VARIABLE: &str = "SEEDED_CRASH";

/// The variable that names a file with the microseconds by which the clock is ahead, read anew each time. Without the
/// file it is right.
pub const CLOCK_VARIABLE: &str = "SEEDED_CLOCK";

/// Whether that mistake is to be made.
#[cfg(not(feature = "seeded"))]
#[inline(always)]
#[must_use]
pub const fn seeded(_: Defect) -> bool {
    false
}

/// The same for a mistake that would keep the process from starting: it is made once [`serving`] was called.
#[cfg(not(feature = "seeded"))]
#[inline(always)]
#[must_use]
pub const fn seeded_when_serving(_: Defect) -> bool {
    false
}

/// The process has started and serves.
#[cfg(not(feature = "seeded"))]
#[inline(always)]
pub const fn serving() {}

/// Something was committed and nobody was told yet: a place to end without warning.
#[cfg(not(feature = "seeded"))]
#[inline(always)]
pub const fn committed() {}

/// By how many microseconds the clock is ahead of the machine's.
#[cfg(not(feature = "seeded"))]
#[inline(always)]
#[must_use]
pub const fn clock_ahead() -> i64 {
    0
}

#[cfg(feature = "seeded")]
pub use on_purpose::{clock_ahead, committed, seeded, seeded_when_serving, serving};

#[cfg(feature = "seeded")]
mod on_purpose {
    use std::ffi::OsString;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

    use super::{ALL, CLOCK_VARIABLE, CRASH_VARIABLE, Defect, VARIABLE};

    /// Whether that mistake is to be made. Ends the process when the variable names none: a control that seeds
    /// nothing would show nothing.
    #[must_use]
    pub fn seeded(defect: Defect) -> bool {
        static SEEDED: OnceLock<Option<Defect>> = OnceLock::new();
        let chosen = SEEDED.get_or_init(|| {
            let name = std::env::var(VARIABLE).ok()?;
            let found = ALL.iter().find(|(known, _)| *known == name);
            found.map(|(_, defect)| *defect).or_else(|| std::process::abort())
        });
        *chosen == Some(defect)
    }

    static SERVING: AtomicBool = AtomicBool::new(false);

    /// The same for a mistake that would keep the process from starting: it is made once [`serving`] was called.
    #[must_use]
    pub fn seeded_when_serving(defect: Defect) -> bool {
        SERVING.load(Ordering::Relaxed) && seeded(defect)
    }

    /// The process has started and serves.
    pub fn serving() {
        SERVING.store(true, Ordering::Relaxed);
    }

    /// Something was committed and nobody was told yet: ends the process as a power cut would if it is the commit
    /// that the variable names.
    pub fn committed() {
        static POINT: OnceLock<Option<u64>> = OnceLock::new();
        static COMMITS: AtomicU64 = AtomicU64::new(0);
        if !SERVING.load(Ordering::Relaxed) {
            return;
        }
        let point = POINT.get_or_init(|| std::env::var(CRASH_VARIABLE).ok()?.parse().ok());
        if Some(COMMITS.fetch_add(1, Ordering::Relaxed) + 1) == *point {
            std::process::abort();
        }
    }

    /// By how many microseconds the clock is ahead of the machine's, as the file has it that the variable names.
    #[must_use]
    pub fn clock_ahead() -> i64 {
        static FILE: OnceLock<Option<OsString>> = OnceLock::new();
        let file = FILE.get_or_init(|| std::env::var_os(CLOCK_VARIABLE));
        let text = file.as_ref().and_then(|path| std::fs::read_to_string(path).ok());
        text.and_then(|text| text.trim().parse().ok()).unwrap_or_default()
    }
}
