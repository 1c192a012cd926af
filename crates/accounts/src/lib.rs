//! Holds the rules: who may get in, for how long, and what ends it.
//!
//! A contract is given a [`Mount`] and calls its verbs (`register`, `sign_in`, `refresh`, ...) with a
//! command struct; what contracts differ in is the mount's [`MountPolicy`], never an `if`. An outcome is
//! `Ok`, or a [`Failure`]: a [`Refusal`] (a closed list of what the caller did wrong), a moment without
//! room, or a fault that is logged here and never shown. An administrator's verbs are on [`Accounts`].
//!
//! Every verb follows one pattern: read, check, hash (never inside a write), then write **one batch** whose
//! guards decide races, then tell [`memory`] what changed. To add a verb: one file, a command struct, the
//! events it writes, its tests in `tests/`.

mod accounts;
mod administer;
mod api_keys;
mod asked;
mod check;
mod confirm;
mod counts;
mod documents;
mod email_change;
mod event_list;
mod examine;
mod expiry;
mod follow;
mod gaps;
mod guess;
mod import;
mod invite;
mod key_list;
mod key_turns;
mod keys;
mod mailed;
mod members;
mod memory;
mod mount;
mod new_device;
mod one_time;
mod outbox;
mod own_sessions;
mod passwords;
mod permissions;
mod profile;
mod ready;
mod refresh;
mod refusal;
mod register;
mod reset;
mod restore;
mod root;
mod search;
mod search_index;
mod second_step;
mod sessions;
mod settings;
mod sign_in;
mod sweep;
mod throttle;
mod token;
mod transfer;
mod two_factor;

pub use accounts::{Accounts, Limits, Parts, Rules, SessionRules};
pub use administer::{CreateAccount, InviteListed};
pub use api_keys::{ApiKeyDraft, NewApiKey};
pub use check::Caller;
pub use counts::{MailWaiting, MountStats, Outcomes};
pub use event_list::{EventQuery, EventTail};
pub use examine::{Examined, examine};
pub use import::{Common, Conflict, ImportBatch, Imported, OnConflict, Unimportable};
pub use key_list::{KeyListed, KeyOrigin, KeyState};
pub use key_turns::{KeyRefused, Retired, Rotated, Turn};
pub use keys::{KeyRules, KeyUnusable};
pub use mailed::Mailed;
pub use members::UpdateMember;
pub use memory::AccountState;
pub use mount::{MailedToken, Mount, MountPolicy, Registration, SigningKey};
pub use own_sessions::OwnSession;
pub use passwords::{PasswordRules, RefusedPasswords};
pub use profile::{ChangeProfile, PasswordChange, ProfileChanged};
pub use ready::NotReady;
pub use refresh::RefreshToken;
pub use refusal::{CheckRefused, Failure, Fault, Refusal};
pub use register::{Admission, Register, Registered};
pub use reset::ResetPassword;
pub use restore::{BackupRefused, Contents, Revival, contents, prepare, restored, unused};
pub use root::MasterRefused;
pub use second_step::SecondStep;
pub use sessions::Grant;
pub use sign_in::{Login, SignIn, SignedIn};
pub use throttle::Client;
pub use token::{PrivateClaims, ServerClaims, TokenUse};
pub use transfer::{Moved, Step, Transfer, TransferRefused};
pub use two_factor::Prepared;
