//! What somebody is shown of their account and its sessions, fields in the original's order.

use accounts::AccountState;
use model::Permissions;
use serde::Serialize;
use utoipa::ToSchema;

use crate::device::Device;
use crate::preferences::Preferences;

/// `GET /account`
#[derive(Serialize, ToSchema)]
pub(crate) struct Account<'a> {
    user: User<'a>,
}

/// Secrets that the original showed are left out (wolfpal.md 6).
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct User<'a> {
    notifications: Preferences,
    two_factor: bool,
    email_verified: bool,
    is_banned: bool,
    streamer_mode: bool,
    role: &'static str,
    #[serde(rename = "_id")]
    id: &'a str,
    username: &'a str,
    email: &'a str,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
    slug: String,
    #[serde(rename = "__v")]
    revision: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    new_email: Option<&'a str>,
}

impl<'a> Account<'a> {
    /// An account, with the address that waits to take the place of its own.
    pub(crate) fn of(account: &'a AccountState, notifications: Preferences, new: Option<&'a str>) -> Self {
        let user = User {
            notifications,
            two_factor: account.two_factor,
            email_verified: account.email_confirmed,
            is_banned: account.disabled,
            streamer_mode: false,
            role: role(&account.permissions),
            id: account.id.as_str(),
            username: &account.username,
            email: account.email.as_deref().unwrap_or_default(),
            created_at: account.created_at.rfc3339(),
            updated_at: account.updated_at.rfc3339(),
            slug: account.username.to_lowercase(),
            revision: 0,
            new_email: new,
        };
        Self { user }
    }
}

/// WolfPal's one role for permissions.
fn role(permissions: &Permissions) -> &'static str {
    if permissions.holds("owner") {
        "owner"
    } else if permissions.administrate() {
        "admin"
    } else {
        "user"
    }
}

/// `GET /sessions`
#[derive(Serialize, ToSchema)]
pub(crate) struct Sessions<'a> {
    sessions: Vec<Session<'a>>,
    total: usize,
}

impl<'a> Sessions<'a> {
    /// These sessions.
    pub(crate) fn new(sessions: Vec<Session<'a>>) -> Self {
        Self { total: sessions.len(), sessions }
    }
}

/// One session of [`Sessions`].
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Session<'a> {
    device: Device<'a>,
    location: &'static str,
    #[serde(rename = "_id")]
    id: String,
    access_token_hash: String,
    #[schema(format = DateTime)]
    expire_at: String,
    #[schema(format = DateTime)]
    created_at: String,
}

impl<'a> Session<'a> {
    /// A session, with what its client knows it by.
    pub(crate) fn of(session: &'a model::Session, access_token_hash: String) -> Self {
        Self {
            device: Device::of(&session.user_agent),
            location: crate::device::UNKNOWN,
            id: session.id.to_string(),
            access_token_hash,
            expire_at: session.expires_at.rfc3339(),
            created_at: session.created_at.rfc3339(),
        }
    }
}

/// `GET /notifications`
#[derive(Serialize, ToSchema)]
pub(crate) struct Notifications {
    pub(crate) notifications: Preferences,
}
