//! One sign-in of one account through one mount, for as long as it lasts.

use crate::id::{AccountId, SessionId};
use crate::pick::text_enum;
use crate::realm::Realm;
use crate::time::{Span, Timestamp};

/// One session as it stands in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id; every token names it.
    pub id: SessionId,
    /// Whose it is.
    pub account: AccountId,
    /// The realm of the account.
    pub realm: Realm,
    /// The mount it was opened through; its tokens are good there and nowhere else.
    pub mount: String,
    /// How often its refresh token was exchanged: the current one carries this number.
    pub generation: u32,
    /// The address it was opened or last refreshed from.
    pub address: String,
    /// The user agent it was opened or last refreshed with.
    pub user_agent: String,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When the current generation began.
    pub rotated_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// When the bucket of its refreshes will be empty (see [`Throttle`](crate::Throttle)); none = it is.
    pub refreshes_empty_at: Option<Timestamp>,
    /// When it was ended, and why.
    pub ended: Option<(Timestamp, EndReason)>,
}

text_enum! {
    /// Why a session ended before its time; the user and an administrator can read it.
    pub enum EndReason {
        /// Its owner signed out.
        SignedOut = "signed_out",
        /// Its owner ended it from another session.
        EndedByOwner = "ended_by_owner",
        /// Its owner said, by way of a mailed link, that it was somebody else's.
        NotMe = "not_me",
        /// A refresh token that had been exchanged before came again: it was copied.
        RefreshReused = "refresh_reused",
        /// The account's password was changed from another session.
        PasswordChanged = "password_changed",
        /// The account's password was reset by mail.
        PasswordReset = "password_reset",
        /// A second factor was switched on from another session.
        TwoFactorEnabled = "two_factor_enabled",
        /// The account's name, which its tokens carry, was changed.
        UsernameChanged = "username_changed",
        /// The account's permissions, which its tokens carry, were changed.
        PermissionsChanged = "permissions_changed",
        /// The account was disabled.
        AccountDisabled = "account_disabled",
        /// An administrator ended it.
        EndedByAdministrator = "ended_by_administrator",
        /// The database was restored from a backup: it may have ended after that was taken.
        Restored = "restored",
    }
}

/// What a presented refresh token is to the session it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presented {
    /// The current generation: it may be exchanged.
    Current,
    /// The generation before, within the grace: its holder gets the same successor again.
    JustRotated,
    /// An older one, or the one before after the grace: somebody has a copy.
    Reused,
    /// A generation that was never given out: the database is older than the token.
    Unknown,
    /// The session has ended.
    Ended,
    /// The session's time is over.
    Expired,
}

impl Session {
    /// Judges a refresh token of this session by its generation at a time.
    #[must_use]
    pub fn present(&self, generation: u32, now: Timestamp, grace: Span) -> Presented {
        if self.ended.is_some() {
            Presented::Ended
        } else if generation > self.generation {
            Presented::Unknown
        } else if self.expires_at <= now {
            Presented::Expired
        } else if generation == self.generation {
            Presented::Current
        } else if generation + 1 == self.generation && now - self.rotated_at <= grace {
            Presented::JustRotated
        } else {
            Presented::Reused
        }
    }

    /// Whether its tokens may still be believed.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ended.is_none() && self.expires_at > now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(generation: u32) -> Session {
        Session {
            id: SessionId::new(Timestamp(0), [0; 10]),
            account: AccountId::from_text("a"),
            realm: Realm::new("default"),
            mount: "wolfpal".into(),
            generation,
            address: String::new(),
            user_agent: String::new(),
            created_at: Timestamp(0),
            rotated_at: Timestamp(0) + Span::seconds(100),
            expires_at: Timestamp(0) + Span::hours(24),
            refreshes_empty_at: None,
            ended: None,
        }
    }

    #[test]
    fn only_the_one_before_has_a_grace() {
        let at = |seconds| Timestamp(0) + Span::seconds(seconds);
        let grace = Span::seconds(10);
        let session = session(3);
        assert_eq!(session.present(3, at(200), grace), Presented::Current);
        assert_eq!(session.present(2, at(110), grace), Presented::JustRotated);
        assert_eq!(session.present(2, at(111), grace), Presented::Reused);
        assert_eq!(session.present(1, at(101), grace), Presented::Reused);
        assert_eq!(session.present(4, at(101), grace), Presented::Unknown);
        assert_eq!(session.present(u32::MAX, at(101), grace), Presented::Unknown);
        assert_eq!(session.present(3, at(86_400), grace), Presented::Expired);
    }

    #[test]
    fn an_ended_session_stays_ended_whatever_is_presented() {
        let mut session = session(1);
        session.ended = Some((Timestamp(5), EndReason::SignedOut));
        for generation in 0..4 {
            assert_eq!(session.present(generation, Timestamp(6), Span::seconds(10)), Presented::Ended);
        }
        assert!(!session.is_live(Timestamp(6)));
    }

    #[test]
    fn a_clock_that_went_back_grants_no_more_than_the_grace() {
        let before_rotation = Timestamp(0) + Span::seconds(50);
        assert_eq!(session(1).present(0, before_rotation, Span::seconds(10)), Presented::JustRotated);
        assert_eq!(session(2).present(0, before_rotation, Span::seconds(10)), Presented::Reused);
    }
}
