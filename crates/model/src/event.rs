//! What happened: the audit trail, and what other processes learn from.

use crate::actor::Actor;
use crate::id::{AccountId, SessionId};
use crate::pick::text_enum;
use crate::realm::Realm;
use crate::time::Timestamp;

text_enum! {
    /// What kind of thing happened.
    pub enum EventKind {
        /// An account was made.
        AccountCreated = "account_created",
        /// An account and everything of it was deleted; the detail is its username.
        AccountDeleted = "account_deleted",
        /// An account may not sign in any more.
        AccountDisabled = "account_disabled",
        /// An account may sign in again.
        AccountEnabled = "account_enabled",
        /// The owner of an address has shown to receive mail there.
        EmailConfirmed = "email_confirmed",
        /// A mail with a confirmation link was put into the outbox.
        ConfirmationSent = "confirmation_sent",
        /// A confirmation link was asked for that no mail was sent for.
        ConfirmationIgnored = "confirmation_ignored",
        /// A sign-in opened a session.
        SignedIn = "signed_in",
        /// A sign-in was refused; the detail says why.
        SignInRefused = "sign_in_refused",
        /// A sign-in was refused unseen, after too many; the detail says whose counter it was. Noted once an hour.
        SignInThrottled = "sign_in_throttled",
        /// Something else than a sign-in was refused unseen, after too many; the detail says what, and whose counter it
        /// was. Noted once an hour.
        Throttled = "throttled",
        /// The current password that a change asks for was wrong.
        PasswordRefused = "password_refused",
        /// The code that switching a second factor on or off asks for was wrong.
        CodeRefused = "code_refused",
        /// A mail told the owner of wrong codes after a right password.
        WrongCodesTold = "wrong_codes_told",
        /// A right password; the second step is awaited.
        SecondStepAwaited = "second_step_awaited",
        /// A refresh token was exchanged; the detail is the new generation.
        SessionRefreshed = "session_refreshed",
        /// A session was ended; the detail is the reason.
        SessionEnded = "session_ended",
        /// A session ended by itself, because its time was over; the detail says which time.
        SessionExpired = "session_expired",
        /// A mail with a password reset link was put into the outbox.
        ResetSent = "reset_sent",
        /// A password reset was asked for that no mail was sent for; the detail says why.
        ResetIgnored = "reset_ignored",
        /// The password was changed by its owner.
        PasswordChanged = "password_changed",
        /// The password was replaced by way of a mailed link.
        PasswordReset = "password_reset",
        /// The password was set by an administrator.
        PasswordSet = "password_set",
        /// The stored hash was made anew with the present settings.
        PasswordRehashed = "password_rehashed",
        /// The username was changed; the detail is the old one.
        UsernameChanged = "username_changed",
        /// Permissions were changed; the detail is the new list.
        PermissionsChanged = "permissions_changed",
        /// A second factor waits for its first right code.
        TwoFactorPrepared = "two_factor_prepared",
        /// A second factor is asked for from now on.
        TwoFactorEnabled = "two_factor_enabled",
        /// No second factor is asked for any more.
        TwoFactorDisabled = "two_factor_disabled",
        /// A backup code was used up.
        BackupCodeUsed = "backup_code_used",
        /// An administrator made an invite code.
        InviteCreated = "invite_created",
        /// An invite code was exchanged for the right to make one account.
        InviteRedeemed = "invite_redeemed",
        /// An invite code was guessed wrong.
        InviteRefused = "invite_refused",
        /// A mail told the owner of a sign-in from a new device.
        NewDeviceTold = "new_device_told",
        /// A mail was sent to a new address, to show that it is received there.
        EmailChangeSent = "email_change_sent",
        /// The e-mail address was changed; the detail is the old one.
        EmailChanged = "email_changed",
        /// What a product keeps with an account was changed; the detail is the product.
        ProfileChanged = "profile_changed",
        /// An API key was made; the detail is its id.
        ApiKeyCreated = "api_key_created",
        /// An API key was changed or made anew; the detail is its id.
        ApiKeyChanged = "api_key_changed",
        /// An API key was deleted; the detail is its id.
        ApiKeyDeleted = "api_key_deleted",
        /// An administrator changed a setting; the detail is its name.
        SettingChanged = "setting_changed",
        /// A mail that was given up or waited was let be tried again; the detail is its id.
        MailRetried = "mail_retried",
        /// A signing key was made or its turn to sign was brought forward; the detail is its id.
        SigningKeyRotated = "signing_key_rotated",
        /// A signing key is believed no more; the detail is its id.
        SigningKeyRetired = "signing_key_retired",
        /// Another master secret opens the installation.
        MasterSecretChanged = "master_secret_changed",
        /// The database was restored from a backup; the detail is when that was taken, as far as is known.
        Restored = "restored",
        /// Something that only a newer version of this program has a name for.
        Other = "other",
    }
}

/// One entry of the event list. Entries are never changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its place in the list, given by the database; zero before it is stored.
    pub sequence: i64,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub kind: EventKind,
    /// In which realm.
    pub realm: Realm,
    /// To whom.
    pub account: Option<AccountId>,
    /// In which session, or which one.
    pub session: Option<SessionId>,
    /// From which address; empty if from none.
    pub address: String,
    /// Who did it; none = whoever sat at the address: the owner of the account, or who wanted to pass for one.
    pub actor: Option<Actor>,
    /// What the kind says besides; never a secret.
    pub detail: String,
}

impl Event {
    /// An event that concerns nobody yet.
    #[must_use]
    pub fn new(kind: EventKind, realm: &Realm, at: Timestamp) -> Self {
        Self {
            sequence: 0,
            at,
            kind,
            realm: realm.clone(),
            account: None,
            session: None,
            address: String::new(),
            actor: None,
            detail: String::new(),
        }
    }

    /// The same, about this account.
    #[must_use]
    pub fn of(mut self, account: &AccountId) -> Self {
        self.account = Some(account.clone());
        self
    }

    /// The same, in this session.
    #[must_use]
    pub fn in_session(mut self, session: SessionId) -> Self {
        self.session = Some(session);
        self
    }

    /// The same, asked for from this address.
    #[must_use]
    pub fn from(mut self, address: &str) -> Self {
        address.clone_into(&mut self.address);
        self
    }

    /// The same, done by somebody else than the owner of the account.
    #[must_use]
    pub fn by(mut self, actor: Actor) -> Self {
        self.actor = Some(actor);
        self
    }

    /// The same with words of its own.
    #[must_use]
    pub fn saying(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }
}
