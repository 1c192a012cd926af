//! One line per endpoint.

use super::{Caller, Carrier, Field, Good};

/// Method, path, where fields are, which, and who may call.
pub(super) type Line = (&'static str, &'static str, &'static [Carrier], &'static [Field], Caller);

const fn field(name: &'static str, good: Good) -> Field {
    Field { name, good, optional: false }
}

const fn optional(name: &'static str, good: Good) -> Field {
    Field { name, good, optional: true }
}

const JSON: &[Carrier] = &[Carrier::Json];
const FORM: &[Carrier] = &[Carrier::Form];
const BODY: &[Carrier] = &[Carrier::Json, Carrier::Form];
const QUERY: &[Carrier] = &[Carrier::Query];
const ANY: &[Carrier] = &[Carrier::Query, Carrier::Form, Carrier::Json];

const NAME: Field = field("username", Good::Name);
const NEW_NAME: Field = field("username", Good::NewName);
const ADDRESS: Field = field("email", Good::Address);
const NEW_ADDRESS: Field = field("email", Good::NewAddress);
const PASSWORD: Field = field("password", Good::WrongPassword);
const NEW_PASSWORD: Field = field("password", Good::NewPassword);
const ID: Field = field("id", Good::Id);
const CODE: Field = field("code", Good::Code);
const TOKEN: Field = field("token", Good::Token);

const ADMIN: Caller = Caller::Administrator;
const USER: Caller = Caller::User;
const ANYBODY: Caller = Caller::Anybody;

const PROFILE: &[Field] = &[
    optional("newUsername", Good::Name),
    optional("currentPassword", Good::WrongPassword),
    optional("newPassword", Good::NewPassword),
];
const MEMBER: &[Field] = &[
    optional("username", Good::NewName),
    optional("password", Good::NewPassword),
    optional("permissions", Good::List),
];
const API_KEY: &[Field] =
    &[field("name", Good::Words), field("permissions", Good::List), optional("expiresAt", Good::Time)];

pub(super) const ARGON: [Line; 17] = [
    ("POST", "/api/auth/register", JSON, &[NEW_NAME, NEW_PASSWORD], ANYBODY),
    ("POST", "/api/auth/login", JSON, &[NAME, PASSWORD], ANYBODY),
    ("GET", "/api/auth/state", &[], &[], USER),
    ("PUT", "/api/auth/profile", JSON, PROFILE, USER),
    ("GET", "/api/system", &[], &[], ANYBODY),
    ("PUT", "/api/system/settings", JSON, &[field("panel_name", Good::Words)], ADMIN),
    ("GET", "/api/users", &[], &[], ADMIN),
    ("POST", "/api/users", JSON, &[NEW_NAME, NEW_PASSWORD, optional("permissions", Good::List)], ADMIN),
    ("GET", "/api/users/{id}", &[], &[], ADMIN),
    ("PATCH", "/api/users/{id}", JSON, MEMBER, ADMIN),
    ("DELETE", "/api/users/{id}", &[], &[], ADMIN),
    ("GET", "/api/api-keys", QUERY, &[optional("userId", Good::Id)], ADMIN),
    ("POST", "/api/api-keys", JSON, API_KEY, ADMIN),
    ("GET", "/api/api-keys/{id}", &[], &[], ADMIN),
    ("PATCH", "/api/api-keys/{id}", JSON, API_KEY, ADMIN),
    ("DELETE", "/api/api-keys/{id}", &[], &[], ADMIN),
    ("POST", "/api/api-keys/{id}/regenerate", &[], &[], ADMIN),
];

const OLD_AND_NEW: &[Field] =
    &[field("oldPassword", Good::WrongPassword), field("newPassword", Good::NewPassword)];
const TWICE: &[Field] = &[NEW_PASSWORD, field("comfirmPassword", Good::NewPassword)];
const GOALS: &[Field] = &[field("weeklyGoals", Good::Truth), optional("yearlyGoals", Good::Truth)];

/// Each with and without `/api` before it.
pub(super) const WOLFPAL: [Line; 29] = [
    ("POST", "/auth/register", BODY, &[NEW_NAME, NEW_ADDRESS, NEW_PASSWORD], ANYBODY),
    ("POST", "/auth/login", BODY, &[ADDRESS, PASSWORD], ANYBODY),
    ("POST", "/auth/two-factor", BODY, &[TOKEN, CODE], ANYBODY),
    ("POST", "/auth/refresh", BODY, &[field("refresh_token", Good::Token)], ANYBODY),
    ("POST", "/auth/logout", &[], &[], USER),
    ("PUT", "/user/activate-account/{token}", &[], &[], ANYBODY),
    ("POST", "/user/activate-account/resend", BODY, &[ADDRESS], ANYBODY),
    ("POST", "/user/forgot-password", BODY, &[ADDRESS], ANYBODY),
    ("POST", "/user/reset-password/{token}", BODY, TWICE, ANYBODY),
    ("GET", "/account", &[], &[], USER),
    ("PUT", "/account/change-password", BODY, OLD_AND_NEW, USER),
    ("PUT", "/account/change-username", BODY, &[NEW_NAME], USER),
    ("POST", "/account/change-email", BODY, &[NEW_ADDRESS], USER),
    ("POST", "/account/change-email/resend", &[], &[], USER),
    ("POST", "/account/email-change/resend", &[], &[], USER),
    ("PUT", "/account/change-email/{token}", &[], &[], USER),
    ("PUT", "/account/email-change/{token}", &[], &[], USER),
    ("POST", "/account/two-factor", &[], &[], USER),
    ("PUT", "/account/two-factor", BODY, &[CODE], USER),
    ("DELETE", "/account/two-factor", QUERY, &[CODE], USER),
    ("GET", "/account/two-factor/backup-codes", &[], &[], USER),
    ("GET", "/sessions", &[], &[], USER),
    ("DELETE", "/sessions", &[], &[], USER),
    ("DELETE", "/sessions/{id}", &[], &[], USER),
    ("GET", "/account/sessions", &[], &[], USER),
    ("DELETE", "/account/sessions", &[], &[], USER),
    ("DELETE", "/account/sessions/{id}", &[], &[], USER),
    ("GET", "/notifications", &[], &[], USER),
    ("PUT", "/notifications/email", BODY, GOALS, USER),
];

const UPDATE: &[Field] = &[
    ID,
    optional("role", Good::Role),
    optional("bio", Good::Words),
    optional("favTrackId", Good::Id),
    optional("favAlbumId", Good::Id),
    optional("favArtistId", Good::Id),
    optional("publicStats", Good::Truth),
];

pub(super) const MELON: [Line; 16] = [
    ("GET", "/auth/login", QUERY, &[NAME, PASSWORD], ANYBODY),
    ("GET", "/auth/invite", &[], &[], ADMIN),
    ("GET", "/auth/code-authenticate", QUERY, &[CODE], ANYBODY),
    ("POST", "/auth/code-authenticate", BODY, &[CODE], ANYBODY),
    ("GET", "/auth/check", &[], &[], USER),
    ("GET", "/check", &[], &[], USER),
    ("POST", "/api/users/create", ANY, &[NEW_NAME, NEW_PASSWORD, optional("role", Good::Role)], ADMIN),
    ("GET", "/api/users/current", &[], &[], USER),
    ("GET", "/api/users/get", QUERY, &[ID], USER),
    ("GET", "/api/users/search", QUERY, &[optional("username", Good::Name)], USER),
    ("POST", "/api/users/add-friend", ANY, &[ID], USER),
    ("POST", "/api/users/remove-friend", ANY, &[ID], USER),
    ("PATCH", "/api/users/update", ANY, UPDATE, USER),
    ("PATCH", "/api/users/change-username", ANY, &[ID, NEW_NAME], USER),
    ("PATCH", "/api/users/change-password", ANY, &[ID, NEW_PASSWORD], USER),
    ("POST", "/api/users/delete", ANY, &[ID], ADMIN),
];

/// Without `active`: `false` in its place disables the caller, who then is refused everything.
const SETTINGS: &[Field] = &[optional("timezone", Good::Zone), optional("token", Good::Words)];

pub(super) const GOSCROBBLE: [Line; 12] = [
    ("POST", "/api/v1/register", JSON, &[NEW_ADDRESS, NEW_NAME, NEW_PASSWORD], ANYBODY),
    ("POST", "/api/v1/login", JSON, &[NAME, PASSWORD], ANYBODY),
    ("POST", "/api/v1/sendreset", JSON, &[ADDRESS], ANYBODY),
    ("POST", "/api/v1/resetpassword", JSON, &[TOKEN, optional("password", Good::NewPassword)], ANYBODY),
    ("POST", "/api/v1/refresh", JSON, &[TOKEN], ANYBODY),
    ("GET", "/api/v1/serverinfo", &[], &[], ANYBODY),
    ("GET", "/api/v1/user/", &[], &[], ANYBODY),
    ("GET", "/api/v1/user", &[], &[], USER),
    ("PATCH", "/api/v1/user", JSON, SETTINGS, USER),
    ("GET", "/api/v1/config", &[], &[], ADMIN),
    ("POST", "/api/v1/config", JSON, &[optional("REGISTRATION_ENABLED", Good::Digit)], ADMIN),
    ("GET", "/api/v1/profile/{username}", &[], &[], ANYBODY),
];

const EVENTS: &[Field] = &[
    optional("account", Good::Name),
    optional("kind", Good::Kind),
    optional("since", Good::Time),
    optional("before", Good::Number),
    optional("limit", Good::Number),
];

/// What is Tessera's own.
pub(super) const TESSERA: [Line; 1] = [("GET", "/tessera/events", QUERY, EVENTS, ADMIN)];

pub(super) const PAGES: [Line; 9] = [
    ("GET", "/pages/{mount}/confirm/{token}", &[], &[], ANYBODY),
    ("POST", "/pages/{mount}/confirm/{token}", &[], &[], ANYBODY),
    ("GET", "/pages/{mount}/reset/{token}", &[], &[], ANYBODY),
    (
        "POST",
        "/pages/{mount}/reset/{token}",
        FORM,
        &[NEW_PASSWORD, field("repeat", Good::NewPassword)],
        ANYBODY,
    ),
    ("GET", "/pages/{mount}/email/{token}", &[], &[], ANYBODY),
    ("POST", "/pages/{mount}/email/{token}", &[], &[], ANYBODY),
    ("GET", "/pages/{mount}/not-me/{token}", &[], &[], ANYBODY),
    ("POST", "/pages/{mount}/not-me/{token}", &[], &[], ANYBODY),
    ("GET", "/pages/style.css", &[], &[], ANYBODY),
];
