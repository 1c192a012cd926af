//! What became of what was asked, counted since the start for whoever watches.

use std::sync::atomic::{AtomicI64, Ordering};

use model::Span;
use tally::Count;

use crate::accounts::Accounts;
use crate::check::Caller;
use crate::refusal::{CheckRefused, Failure, Refusal};
use crate::sessions::Grant;
use crate::sign_in::SignedIn;

/// How often it ended how: the names of a closed list, each with its number.
pub type Outcomes = Vec<(&'static str, u64)>;

/// What was asked of one mount, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MountStats {
    /// The mount's name.
    pub mount: String,
    /// Sign-ins by name and password.
    pub sign_ins: Outcomes,
    /// Their second steps.
    pub second_steps: Outcomes,
    /// Tokens and API keys that were shown.
    pub checks: Outcomes,
}

/// Mail that is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailWaiting {
    /// How many mails are neither sent nor given up.
    pub mails: u64,
    /// How long ago the oldest of them was put in.
    pub oldest: Option<Span>,
}

/// A closed list of outcomes.
macro_rules! outcomes {
    ($(#[$what:meta])* $list:ident: $($outcome:ident),+) => {
        $(#[$what])*
        #[derive(Debug, Default)]
        pub(crate) struct $list {
            $($outcome: Count),+
        }

        impl $list {
            fn read(&self) -> Outcomes {
                vec![$((stringify!($outcome), self.$outcome.get())),+]
            }
        }
    };
}

outcomes! {
    /// Of sign-ins: `shed` found no room for its hash, `failed` is our fault.
    SignIns: ok, second_step, wrong, unconfirmed, throttled, shed, failed
}

outcomes! {
    /// Of second steps: `unknown` has no ticket that is good.
    SecondSteps: ok, wrong, unknown, throttled, failed
}

outcomes! {
    /// Of checks: `unavailable` could not be decided.
    Checks: ok, invalid, expired, ended, gone, api_key_invalid, api_key_expired, unavailable
}

outcomes! {
    /// Of attempts to send a mail: `delayed` is tried again, `given_up` is not.
    Mails: sent, delayed, given_up
}

/// What a mount counts.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) sign_ins: SignIns,
    pub(crate) second_steps: SecondSteps,
    pub(crate) checks: Checks,
}

impl SignIns {
    pub(crate) fn note(&self, outcome: &Result<SignedIn, Failure>) {
        let count = match outcome {
            Ok(SignedIn::Complete(_)) => &self.ok,
            Ok(SignedIn::SecondStep { .. }) => &self.second_step,
            Err(Failure::Refused(Refusal::EmailUnconfirmed)) => &self.unconfirmed,
            Err(Failure::Refused(Refusal::Throttled { .. })) => &self.throttled,
            Err(Failure::Refused(_) | Failure::Unauthenticated(_)) => &self.wrong,
            Err(Failure::Overloaded { .. }) => &self.shed,
            Err(Failure::Fault(_)) => &self.failed,
        };
        count.one();
    }
}

impl SecondSteps {
    pub(crate) fn note(&self, outcome: &Result<Grant, Failure>) {
        let count = match outcome {
            Ok(_) => &self.ok,
            Err(Failure::Refused(Refusal::TicketUnknown)) => &self.unknown,
            Err(Failure::Refused(Refusal::Throttled { .. })) => &self.throttled,
            Err(Failure::Refused(_) | Failure::Unauthenticated(_)) => &self.wrong,
            Err(Failure::Overloaded { .. } | Failure::Fault(_)) => &self.failed,
        };
        count.one();
    }
}

impl Checks {
    pub(crate) fn note(&self, outcome: &Result<Caller, Failure>) {
        let count = match outcome {
            Ok(_) => &self.ok,
            Err(Failure::Unauthenticated(refused)) => match refused {
                CheckRefused::Invalid => &self.invalid,
                CheckRefused::Expired => &self.expired,
                CheckRefused::SessionEnded => &self.ended,
                CheckRefused::AccountGone => &self.gone,
                CheckRefused::ApiKeyInvalid => &self.api_key_invalid,
                CheckRefused::ApiKeyExpired => &self.api_key_expired,
            },
            Err(Failure::Refused(_) | Failure::Overloaded { .. } | Failure::Fault(_)) => &self.unavailable,
        };
        count.one();
    }
}

impl Mails {
    pub(crate) fn sent(&self) {
        self.sent.one();
    }

    pub(crate) fn failed(&self, for_good: bool) {
        if for_good { self.given_up.one() } else { self.delayed.one() }
    }
}

/// When the event list was last known to its end, by [`model::Clock::elapsed`].
#[derive(Debug, Default)]
pub(crate) struct Looked(AtomicI64);

impl Looked {
    pub(crate) fn at(&self, elapsed: Span) {
        self.0.store(elapsed.0, Ordering::Relaxed);
    }
}

impl Accounts {
    /// What became of what was asked of each mount.
    #[must_use]
    pub fn stats(&self) -> Vec<MountStats> {
        let read = |mount: &crate::Mount| {
            let counts = &mount.inner.counts;
            MountStats {
                mount: mount.policy().name.clone(),
                sign_ins: counts.sign_ins.read(),
                second_steps: counts.second_steps.read(),
                checks: counts.checks.read(),
            }
        };
        self.mounts().iter().map(read).collect()
    }

    /// How attempts of this process to send a mail ended.
    #[must_use]
    pub fn mail_stats(&self) -> Outcomes {
        self.core.mails.read()
    }

    /// The mail that is owed, by whichever process.
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer.
    pub async fn mail_waiting(&self) -> Result<MailWaiting, Failure> {
        let (mails, oldest) = store::outbox::waiting(&self.core.db).await?;
        Ok(MailWaiting {
            mails: mails.try_into().unwrap_or(0),
            oldest: oldest.map(|since| (self.core.clock.now() - since).max(Span(0))),
        })
    }

    /// How old what this process knows of other processes' changes is.
    #[must_use]
    pub fn event_lag(&self) -> Span {
        (self.core.clock.elapsed() - Span(self.core.looked.0.load(Ordering::Relaxed))).max(Span(0))
    }
}
