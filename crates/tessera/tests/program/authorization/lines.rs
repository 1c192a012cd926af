//! The table.
//!
//! A line says with one mark per caller who may: `+` is granted and gets the line's status, digits are the
//! last of 401, 403 and 404. The callers are, in this order: nobody, unconfirmed, second step pending, user,
//! other user, administrator, disabled, expired, API key with fewer permissions, API key.

/// One endpoint.
pub(super) struct Line {
    pub(super) contract: &'static str,
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    /// What is sent, as `name=value&..`; names in braces are filled in.
    pub(super) fields: &'static str,
    pub(super) may: &'static str,
    /// The status for those who may.
    pub(super) granted: u16,
}

/// GoScrobble's error in a 200.
pub(super) const SAID: u16 = 0;

/// Everybody.
pub(super) const ALL: &str = "++++++++++";

/// Those who are signed in.
const USER: &str = "1+1+++1111";
const ADMIN: &str = "11111+1111";
/// The owner, or an administrator.
const OWNER: &str = "111+1+1111";

const ARGON_KEYS_TOO: &str = "1+1+++11++";
const ARGON_ADMIN: &str = "13133+113+";
/// An API key manages none, and reads its owner's only.
const ARGON_NO_KEY: &str = "13133+1133";

/// Who is not confirmed has no token of WolfPal.
const WOLFPAL: &str = "111+++1111";
/// Signing out must not need a refresh first (wolfpal.md 2.6).
const WOLFPAL_SIGN_OUT: &str = "111+++1+11";
/// Another's session is not there, not even for administrators.
const WOLFPAL_OWNER: &str = "111+441111";

/// An `Authorization` that is sent must be good; API keys are not looked at.
const IF_ANY: &str = "++1+++11++";

type Short = (&'static str, &'static str, &'static str, &'static str, u16);

const OF_ARGON: [Short; 17] = [
    ("POST", "/api/auth/register", "username={new}&password={password}", ALL, 200),
    ("POST", "/api/auth/login", "username={name}&password={password}", ALL, 200),
    ("GET", "/api/auth/state", "", ARGON_KEYS_TOO, 200),
    ("PUT", "/api/auth/profile", "newUsername={new}", USER, 200),
    ("GET", "/api/system", "", ALL, 200),
    ("PUT", "/api/system/settings", "panel_name=Panel", ARGON_ADMIN, 200),
    ("GET", "/api/users", "", ARGON_ADMIN, 200),
    ("POST", "/api/users", "username={new}&password={password}", ARGON_ADMIN, 201),
    ("GET", "/api/users/{id}", "", ARGON_ADMIN, 200),
    ("PATCH", "/api/users/{id}", "username={new}", ARGON_ADMIN, 200),
    ("DELETE", "/api/users/{id}", "", ARGON_ADMIN, 200),
    ("GET", "/api/api-keys", "", ARGON_ADMIN, 200),
    ("POST", "/api/api-keys", r#"name=key&permissions=["user"]"#, ARGON_NO_KEY, 201),
    ("GET", "/api/api-keys/{id}", "", ARGON_NO_KEY, 200),
    ("PATCH", "/api/api-keys/{id}", "name=key", ARGON_NO_KEY, 200),
    ("POST", "/api/api-keys/{id}/regenerate", "", ARGON_NO_KEY, 200),
    ("DELETE", "/api/api-keys/{id}", "", ARGON_NO_KEY, 204),
];

const NEW_PASSWORD: &str = "password={password}&comfirmPassword={password}";

/// Each with and without `/api` before it. Tokens in paths are such as nobody gave out.
macro_rules! of_wolfpal {
    ($prefix:literal) => {
        [
            (
                "POST",
                concat!($prefix, "/auth/register"),
                "username={new}&email={mail}&password={password}",
                ALL,
                201,
            ),
            ("POST", concat!($prefix, "/auth/two-factor"), "token=none&code=000000", ALL, 400),
            ("POST", concat!($prefix, "/auth/refresh"), "refresh_token=none", ALL, 401),
            ("POST", concat!($prefix, "/auth/logout"), "", WOLFPAL_SIGN_OUT, 200),
            ("PUT", concat!($prefix, "/user/activate-account/{token}"), "", ALL, 400),
            ("POST", concat!($prefix, "/user/activate-account/resend"), "email={own-mail}", ALL, 200),
            ("POST", concat!($prefix, "/user/forgot-password"), "email={own-mail}", ALL, 200),
            ("POST", concat!($prefix, "/user/reset-password/{token}"), NEW_PASSWORD, ALL, 400),
            ("GET", concat!($prefix, "/account"), "", WOLFPAL, 200),
            (
                "PUT",
                concat!($prefix, "/account/change-password"),
                "oldPassword={password}&newPassword={new}-word",
                WOLFPAL,
                200,
            ),
            ("PUT", concat!($prefix, "/account/change-username"), "username={new}", WOLFPAL, 200),
            ("POST", concat!($prefix, "/account/change-email"), "email={mail}", WOLFPAL, 200),
            ("POST", concat!($prefix, "/account/change-email/resend"), "", WOLFPAL, 400),
            ("POST", concat!($prefix, "/account/email-change/resend"), "", WOLFPAL, 400),
            ("PUT", concat!($prefix, "/account/change-email/{token}"), "", WOLFPAL, 400),
            ("PUT", concat!($prefix, "/account/email-change/{token}"), "", WOLFPAL, 400),
            ("POST", concat!($prefix, "/account/two-factor"), "", WOLFPAL, 200),
            ("PUT", concat!($prefix, "/account/two-factor"), "code=000000", WOLFPAL, 400),
            ("DELETE", concat!($prefix, "/account/two-factor"), "code=000000", WOLFPAL, 400),
            ("GET", concat!($prefix, "/account/two-factor/backup-codes"), "", WOLFPAL, 400),
            ("GET", concat!($prefix, "/sessions"), "", WOLFPAL, 200),
            ("DELETE", concat!($prefix, "/sessions"), "", WOLFPAL, 200),
            ("DELETE", concat!($prefix, "/sessions/{id}"), "", WOLFPAL_OWNER, 200),
            ("GET", concat!($prefix, "/account/sessions"), "", WOLFPAL, 200),
            ("DELETE", concat!($prefix, "/account/sessions"), "", WOLFPAL, 200),
            ("DELETE", concat!($prefix, "/account/sessions/{id}"), "", WOLFPAL_OWNER, 200),
            ("GET", concat!($prefix, "/notifications"), "", WOLFPAL, 200),
            ("PUT", concat!($prefix, "/notifications/email"), "weeklyGoals=true", WOLFPAL, 200),
        ]
    };
}

/// Who is not confirmed does not sign in: only confirmed addresses are sent here.
const WOLFPAL_SIGN_IN: [Short; 2] = [
    ("POST", "/auth/login", "email={name}@mail.example.com&password={password}", ALL, 200),
    ("POST", "/api/auth/login", "email={name}@mail.example.com&password={password}", ALL, 200),
];

const OF_MELON: [Short; 16] = [
    ("GET", "/auth/login", "username={name}&password={password}", ALL, 200),
    ("GET", "/auth/invite", "", ADMIN, 200),
    ("GET", "/auth/code-authenticate", "code=zzzzz", ALL, 401),
    ("POST", "/auth/code-authenticate", "code=zzzzz", ALL, 401),
    ("GET", "/auth/check", "", USER, 200),
    ("GET", "/check", "", USER, 200),
    ("POST", "/api/users/create", "username={new}&password={password}", ADMIN, 200),
    ("GET", "/api/users/current", "", USER, 200),
    ("GET", "/api/users/get", "id={owner}", OWNER, 200),
    ("GET", "/api/users/search", "username=actor", USER, 200),
    ("POST", "/api/users/add-friend", "id={owner}", USER, 200),
    ("POST", "/api/users/remove-friend", "id={owner}", USER, 200),
    ("PATCH", "/api/users/update", "id={owner}&bio=words", OWNER, 200),
    ("PATCH", "/api/users/change-username", "id={owner}&username={new}", OWNER, 200),
    ("PATCH", "/api/users/change-password", "id={owner}&password={password}", OWNER, 200),
    ("POST", "/api/users/delete", "id={owner}", ADMIN, 200),
];

const OF_GOSCROBBLE: [Short; 12] = [
    ("POST", "/api/v1/register", "email={mail}&username={new}&password={password}", ALL, 200),
    ("POST", "/api/v1/login", "username={name}&password={password}", ALL, 200),
    ("POST", "/api/v1/sendreset", "email={own-mail}", ALL, 200),
    ("POST", "/api/v1/resetpassword", "token=none&password={password}", ALL, SAID),
    ("POST", "/api/v1/refresh", "token=none", ALL, SAID),
    ("GET", "/api/v1/serverinfo", "", ALL, 200),
    ("GET", "/api/v1/user/", "", IF_ANY, 200),
    ("GET", "/api/v1/user", "", USER, 200),
    ("PATCH", "/api/v1/user", "timezone=UTC", USER, 200),
    ("GET", "/api/v1/config", "", ADMIN, 200),
    ("POST", "/api/v1/config", "REGISTRATION_ENABLED=1", ADMIN, 200),
    ("GET", "/api/v1/profile/{username}", "", ALL, 200),
];

/// Of any contract; these callers show what Argon gave them.
const OF_TESSERA: [Short; 1] = [("GET", "/tessera/events", "limit=1&kind=signed_in", ARGON_ADMIN, 200)];

/// The token in the path is all that counts, and it is none.
const OF_PAGES: [Short; 9] = [
    ("GET", "/pages/{mount}/confirm/{token}", "", ALL, 404),
    ("POST", "/pages/{mount}/confirm/{token}", "", ALL, 404),
    ("GET", "/pages/{mount}/reset/{token}", "", ALL, 404),
    ("POST", "/pages/{mount}/reset/{token}", "password={password}&repeat={password}", ALL, 404),
    ("GET", "/pages/{mount}/email/{token}", "", ALL, 404),
    ("POST", "/pages/{mount}/email/{token}", "", ALL, 404),
    ("GET", "/pages/{mount}/not-me/{token}", "", ALL, 404),
    ("POST", "/pages/{mount}/not-me/{token}", "", ALL, 404),
    ("GET", "/pages/style.css", "", ALL, 200),
];

/// Every line.
pub(super) fn all() -> Vec<Line> {
    let of = |contract: &'static str, lines: &[Short]| -> Vec<Line> {
        let line = |&(method, path, fields, may, granted): &Short| Line {
            contract,
            method,
            path,
            fields,
            may,
            granted,
        };
        lines.iter().map(line).collect()
    };
    [
        of("argon", &OF_ARGON),
        of("wolfpal", &WOLFPAL_SIGN_IN),
        of("wolfpal", &of_wolfpal!("")),
        of("wolfpal", &of_wolfpal!("/api")),
        of("melon", &OF_MELON),
        of("goscrobble", &OF_GOSCROBBLE),
        of("pages", &OF_PAGES),
        of("tessera", &OF_TESSERA),
    ]
    .into_iter()
    .flatten()
    .collect()
}
