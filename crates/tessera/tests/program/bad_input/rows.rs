//! The endpoints, and what each of them reads.

use crate::stand::{PASSWORD, address_of, unique};

/// One endpoint.
pub(crate) struct Row {
    pub(crate) contract: &'static str,
    pub(crate) method: &'static str,
    /// As the contract declares it, parameters included.
    pub(crate) path: String,
    /// Where it looks for fields.
    pub(crate) carriers: &'static [Carrier],
    pub(crate) fields: &'static [Field],
    /// Whose token it asks for.
    pub(crate) caller: Caller,
    /// True if it answers success whatever it is given, so as to reveal nothing.
    pub(crate) quiet: bool,
}

/// Where fields are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carrier {
    Json,
    Form,
    Query,
}

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    Anybody,
    User,
    Administrator,
}

/// One field and what is good in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) good: Good,
    pub(crate) optional: bool,
}

/// What would be right in a field as far as anybody can tell who does not know the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Good {
    /// A name that nobody has.
    NewName,
    /// An address that nobody has.
    NewAddress,
    /// The name of an account that is there.
    Name,
    /// Its address.
    Address,
    /// A password to be set.
    NewPassword,
    /// A password that is wrong.
    WrongPassword,
    /// A one-time or refresh token that nobody gave out.
    Token,
    /// A code that nobody gave out.
    Code,
    /// A role of Melon.
    Role,
}

impl Good {
    /// The text. `name` is the account that is there.
    pub(crate) fn text(self, name: &str) -> String {
        match self {
            Good::NewName => unique("bad"),
            Good::NewAddress => address_of(&unique("bad")),
            Good::Name => name.to_owned(),
            Good::Address => address_of(name),
            Good::NewPassword => PASSWORD.to_owned(),
            Good::WrongPassword => "not the password".to_owned(),
            Good::Token => "qh8C0G8azJRUJmdn9jCiZNJ0pTLmBldoChcRvPgt31GEOD5sShmHzqn7ROCzqwU2".to_owned(),
            Good::Code => "zzzz".to_owned(),
            Good::Role => "User".to_owned(),
        }
    }

    /// Whether a password is taken as it is: any characters may be in one (contracts take it exactly as
    /// received).
    pub(crate) fn takes_any_character(self) -> bool {
        matches!(self, Good::NewPassword | Good::WrongPassword)
    }
}

const fn field(name: &'static str, good: Good) -> Field {
    Field { name, good, optional: false }
}

const fn optional(name: &'static str, good: Good) -> Field {
    Field { name, good, optional: true }
}

const JSON: &[Carrier] = &[Carrier::Json];
const BODY: &[Carrier] = &[Carrier::Json, Carrier::Form];
const QUERY: &[Carrier] = &[Carrier::Query];
const ANY: &[Carrier] = &[Carrier::Query, Carrier::Form, Carrier::Json];

type Line = (&'static str, &'static str, &'static [Carrier], &'static [Field], Caller);

const ARGON: [Line; 5] = [
    (
        "POST",
        "/api/auth/register",
        JSON,
        &[field("username", Good::NewName), field("password", Good::NewPassword)],
        Caller::Anybody,
    ),
    (
        "POST",
        "/api/auth/login",
        JSON,
        &[field("username", Good::Name), field("password", Good::WrongPassword)],
        Caller::Anybody,
    ),
    ("GET", "/api/auth/state", &[], &[], Caller::User),
    (
        "PUT",
        "/api/auth/profile",
        JSON,
        &[
            optional("newUsername", Good::Name),
            optional("currentPassword", Good::WrongPassword),
            optional("newPassword", Good::NewPassword),
        ],
        Caller::User,
    ),
    ("GET", "/api/system", &[], &[], Caller::Anybody),
];

/// Each with and without `/api` before it.
const WOLFPAL: [Line; 11] = [
    (
        "POST",
        "/auth/register",
        BODY,
        &[
            field("username", Good::NewName),
            field("email", Good::NewAddress),
            field("password", Good::NewPassword),
        ],
        Caller::Anybody,
    ),
    (
        "POST",
        "/auth/login",
        BODY,
        &[field("email", Good::Address), field("password", Good::WrongPassword)],
        Caller::Anybody,
    ),
    (
        "POST",
        "/auth/two-factor",
        BODY,
        &[field("token", Good::Token), field("code", Good::Code)],
        Caller::Anybody,
    ),
    ("POST", "/auth/refresh", BODY, &[field("refresh_token", Good::Token)], Caller::Anybody),
    ("POST", "/auth/logout", &[], &[], Caller::User),
    ("PUT", "/user/activate-account/{token}", &[], &[], Caller::Anybody),
    ("POST", "/user/activate-account/resend", BODY, &[field("email", Good::Address)], Caller::Anybody),
    ("POST", "/account/two-factor", &[], &[], Caller::User),
    ("PUT", "/account/two-factor", BODY, &[field("code", Good::Code)], Caller::User),
    ("DELETE", "/account/two-factor", QUERY, &[field("code", Good::Code)], Caller::User),
    ("GET", "/account/two-factor/backup-codes", &[], &[], Caller::User),
];

const MELON: [Line; 7] = [
    (
        "GET",
        "/auth/login",
        QUERY,
        &[field("username", Good::Name), field("password", Good::WrongPassword)],
        Caller::Anybody,
    ),
    ("GET", "/auth/invite", &[], &[], Caller::Administrator),
    ("GET", "/auth/code-authenticate", QUERY, &[field("code", Good::Code)], Caller::Anybody),
    ("POST", "/auth/code-authenticate", BODY, &[field("code", Good::Code)], Caller::Anybody),
    ("GET", "/auth/check", &[], &[], Caller::User),
    ("GET", "/check", &[], &[], Caller::User),
    (
        "POST",
        "/api/users/create",
        ANY,
        &[
            field("username", Good::NewName),
            field("password", Good::NewPassword),
            optional("role", Good::Role),
        ],
        Caller::Administrator,
    ),
];

const GOSCROBBLE: [Line; 7] = [
    (
        "POST",
        "/api/v1/register",
        JSON,
        &[
            field("email", Good::NewAddress),
            field("username", Good::NewName),
            field("password", Good::NewPassword),
        ],
        Caller::Anybody,
    ),
    (
        "POST",
        "/api/v1/login",
        JSON,
        &[field("username", Good::Name), field("password", Good::WrongPassword)],
        Caller::Anybody,
    ),
    ("POST", "/api/v1/sendreset", JSON, &[field("email", Good::Address)], Caller::Anybody),
    (
        "POST",
        "/api/v1/resetpassword",
        JSON,
        &[field("token", Good::Token), optional("password", Good::NewPassword)],
        Caller::Anybody,
    ),
    ("POST", "/api/v1/refresh", JSON, &[field("token", Good::Token)], Caller::Anybody),
    ("GET", "/api/v1/serverinfo", &[], &[], Caller::Anybody),
    ("GET", "/api/v1/user/", &[], &[], Caller::Anybody),
];

/// Every row.
pub(crate) fn all() -> Vec<Row> {
    let of = |contract, prefix: &'static str, lines: &'static [Line]| {
        lines.iter().map(move |line| {
            let (method, path, carriers, fields, caller) = *line;
            let quiet = path.ends_with("/resend") || path.ends_with("/sendreset");
            Row { contract, method, path: format!("{prefix}{path}"), carriers, fields, caller, quiet }
        })
    };
    of("argon", "", &ARGON)
        .chain(of("wolfpal", "", &WOLFPAL))
        .chain(of("wolfpal", "/api", &WOLFPAL))
        .chain(of("melon", "", &MELON))
        .chain(of("goscrobble", "", &GOSCROBBLE))
        .collect()
}

impl Row {
    /// The path as a client would send it: parameters filled with what nobody gave out.
    pub(crate) fn target(&self) -> String {
        self.path.replace("{token}", "abcdefghijklmnopqrstuvwxyz012345")
    }

    /// Whether its path is meant by `target`, by any method.
    pub(crate) fn is_at(&self, target: &str) -> bool {
        let (path, target) = (self.path.trim_end_matches('/'), target.strip_suffix('/').unwrap_or(target));
        let (own, other) = (path.split('/'), target.split('/'));
        own.clone().count() == other.clone().count()
            && own.zip(other).all(|(own, other)| own == other || own.starts_with('{') && !other.is_empty())
    }

    /// Whether another contract answers the same method and path, told apart by the body.
    pub(crate) fn shared(&self) -> bool {
        self.method == "POST" && ["/api/auth/login", "/api/auth/register"].contains(&self.path.as_str())
    }

    /// The fields as they should be.
    pub(crate) fn good(&self, name: &str) -> Vec<(&'static str, String)> {
        self.fields.iter().map(|field| (field.name, field.good.text(name))).collect()
    }
}
