//! Says what an account, a session and the things around them are, without touching the outside world.
//!
//! Types here are plain values with pure transitions: a method takes what it needs to know (the time,
//! a setting) and answers; nothing here reads a clock, a database or a socket. The one exception is
//! [`SystemClock`], which lives beside the [`Clock`] it implements.
//!
//! To add a subject: one file, one type, its transitions as methods, its text forms (`as_str`,
//! `parse`) beside it. What is stored about it goes into `store`, what may be done with it into
//! `accounts`.

mod account;
mod actor;
mod api_key;
mod event;
mod event_filter;
mod id;
mod name;
mod one_time;
mod permission;
mod pick;
mod place;
mod profile;
mod realm;
mod session;
mod throttle;
mod time;

pub use account::{Account, TwoFactor};
pub use actor::Actor;
pub use api_key::ApiKey;
pub use event::{Event, EventKind};
pub use event_filter::EventFilter;
pub use id::{AccountId, SessionId, new_id};
pub use name::{MAX_NAME_BYTES, NameUnusable, email_key, name_key, usable_email, usable_name};
pub use one_time::{OneTimeKind, OneTimeToken};
pub use permission::Permissions;
pub use place::place;
pub use profile::{Profile, ProfileTooLarge};
pub use realm::Realm;
pub use session::{EndReason, Presented, Session};
pub use throttle::Throttle;
pub use time::{Clock, ManualClock, Span, SystemClock, Timestamp};
