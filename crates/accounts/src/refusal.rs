//! Everything that a verb may answer instead of what was asked for.

use db::FaultKind;
use model::Span;

/// What the caller did wrong. The list is closed: every contract maps every entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Unknown name, wrong password, disabled account, or a second factor that this mount cannot ask for.
    #[error("wrong credentials")]
    WrongCredentials,
    /// The password was right, but the mount asks for a confirmed address.
    #[error("e-mail address not confirmed")]
    EmailUnconfirmed,
    /// Too many tries; the next one passes after this time.
    #[error("too many tries")]
    Throttled {
        /// Until then.
        retry_after: Span,
    },
    /// Nobody may register here, or not without an invite.
    #[error("registration is closed")]
    RegistrationClosed,
    /// No account can have this username.
    #[error("unusable username")]
    UsernameUnusable,
    /// No account can have this e-mail address.
    #[error("unusable e-mail address")]
    EmailUnusable,
    /// The new password has fewer characters than the realm asks for.
    #[error("password too short")]
    PasswordTooShort {
        /// What it asks for.
        min: usize,
    },
    /// The new password is longer than any may be.
    #[error("password too long")]
    PasswordTooLong,
    /// The new password is one that is tried first: a common one, a name of the account or the site, or on
    /// the operator's list.
    #[error("password too common")]
    PasswordTooCommon,
    /// The username or the e-mail address belongs to somebody.
    #[error("name taken")]
    NameTaken,
    /// The second step's ticket is unknown, used, over, or out of tries.
    #[error("unknown second step")]
    TicketUnknown,
    /// The code of the second factor is wrong or was used before.
    #[error("wrong code")]
    CodeWrong,
    /// The refresh token opens nothing: unknown, over, or its session has ended.
    #[error("refresh token refused")]
    RefreshRefused,
    /// The mailed token is unknown, used or over.
    #[error("unknown token")]
    TokenUnknown,
    /// The invite code or what it was exchanged for is unknown, used or over.
    #[error("unknown invite")]
    InviteUnknown,
    /// As many invite codes as there may be are waiting to be used.
    #[error("too many invites")]
    TooManyInvites,
    /// The caller's permissions do not suffice.
    #[error("not permitted")]
    NotPermitted,
    /// The account does not exist (any more).
    #[error("unknown account")]
    AccountUnknown,
    /// An administrator's word for an account means several.
    #[error("several accounts are meant; say username:NAME, email:ADDRESS or id:ID")]
    NameAmbiguous,
    /// The current password, asked for to change it, is wrong.
    #[error("current password wrong")]
    CurrentPasswordWrong,
    /// There is no such session of the caller's.
    #[error("unknown session")]
    SessionUnknown,
    /// The address is the account's own already.
    #[error("same e-mail address")]
    EmailUnchanged,
    /// No change of address waits to be confirmed.
    #[error("no change of address")]
    EmailChangeUnknown,
    /// There is no such API key.
    #[error("unknown API key")]
    ApiKeyUnknown,
    /// What a product keeps with an account would become too large.
    #[error("profile too large")]
    ProfileTooLarge,
    /// It would leave the realm without an administrator.
    #[error("last administrator")]
    LastAdministrator,
    /// No second factor was prepared, or none is in force.
    #[error("two-factor not initialised")]
    TwoFactorNotInitialised,
}

/// Why a presented token is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckRefused {
    /// Not a token of this mount and use, or its signature is wrong.
    #[error("invalid token")]
    Invalid,
    /// It was one; its time is over.
    #[error("expired token")]
    Expired,
    /// Its session has ended.
    #[error("session ended")]
    SessionEnded,
    /// The API key is unknown.
    #[error("invalid API key")]
    ApiKeyInvalid,
    /// The API key's time is over.
    #[error("expired API key")]
    ApiKeyExpired,
    /// Its account is gone or disabled.
    #[error("account gone")]
    AccountGone,
}

/// Why a verb did not do what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The caller's fault.
    #[error("refused: {0}")]
    Refused(#[from] Refusal),
    /// The caller's token is not believed.
    #[error("token refused: {0}")]
    Unauthenticated(#[from] CheckRefused),
    /// No room at this moment; nothing was done.
    #[error("overloaded")]
    Overloaded {
        /// When there may be.
        retry_after: Span,
    },
    /// Our fault; logged where it arose.
    #[error(transparent)]
    Fault(Fault),
}

/// Something broke. It was logged where it arose; it says nothing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The database does not answer at the moment.
    #[error("storage unavailable")]
    Unavailable,
    /// A bug, or data that nobody can read.
    #[error("internal error")]
    Internal,
}

impl Fault {
    /// Logs the cause and forgets it.
    pub(crate) fn logged(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "internal error");
        Self::Internal
    }
}

impl From<db::Fault> for Fault {
    fn from(cause: db::Fault) -> Self {
        match cause.kind() {
            FaultKind::Unavailable => {
                tracing::error!(%cause, "storage unavailable");
                Self::Unavailable
            }
            FaultKind::Broken => Self::logged(&cause),
        }
    }
}

impl From<db::Fault> for Failure {
    fn from(cause: db::Fault) -> Self {
        Self::Fault(cause.into())
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<crypto::Overloaded> for Failure {
    fn from(overloaded: crypto::Overloaded) -> Self {
        Self::Overloaded { retry_after: overloaded.retry_after.into() }
    }
}
