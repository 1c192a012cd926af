//! The endpoints, and what each of them reads.

mod lines;

use lines::{ARGON, GOSCROBBLE, Line, MELON, PAGES, TESSERA, WOLFPAL};

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
    /// An id that nothing has.
    Id,
    /// A title, a biography and the like.
    Words,
    /// A list of permissions.
    List,
    /// A point in time.
    Time,
    /// A time zone.
    Zone,
    /// True or false.
    Truth,
    /// The same as GoScrobble writes it.
    Digit,
    /// A kind of event.
    Kind,
    /// A number.
    Number,
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
            Good::Id => "01890a5d-ac96-774b-bcce-b302099a8057".to_owned(),
            Good::Words => "some words".to_owned(),
            Good::List => r#"["user"]"#.to_owned(),
            Good::Time => "2100-01-01T00:00:00Z".to_owned(),
            Good::Zone => "Europe/Berlin".to_owned(),
            Good::Truth => "true".to_owned(),
            Good::Digit | Good::Number => "1".to_owned(),
            Good::Kind => "signed_in".to_owned(),
        }
    }

    /// Whether a password is taken as it is: any characters may be in one (contracts take it exactly as
    /// received).
    pub(crate) fn takes_any_character(self) -> bool {
        matches!(self, Good::NewPassword | Good::WrongPassword)
    }

    /// Whether a value that is bad elsewhere is right here.
    pub(crate) fn takes(self, what: &str) -> bool {
        match self {
            Good::List => matches!(what, "an empty list" | "a list"),
            Good::Truth => matches!(what, "true" | "false"),
            _ => false,
        }
    }
}

/// Paths whose endpoints answer the same whatever they are asked about.
const QUIET: [&str; 4] = ["/resend", "/sendreset", "/forgot-password", "/remove-friend"];

/// Takes what it can read and passes over the rest (goscrobble.md 3).
const LENIENT: (&str, &str) = ("PATCH", "/api/v1/user");

/// Every row.
pub(crate) fn all() -> Vec<Row> {
    let of = |contract, prefix: &'static str, lines: &'static [Line]| {
        lines.iter().map(move |line| {
            let (method, path, carriers, fields, caller) = *line;
            let quiet = QUIET.iter().any(|end| path.ends_with(end)) || (method, path) == LENIENT;
            Row { contract, method, path: format!("{prefix}{path}"), carriers, fields, caller, quiet }
        })
    };
    of("argon", "", &ARGON)
        .chain(of("wolfpal", "", &WOLFPAL))
        .chain(of("wolfpal", "/api", &WOLFPAL))
        .chain(of("melon", "", &MELON))
        .chain(of("goscrobble", "", &GOSCROBBLE))
        .chain(of("pages", "", &PAGES))
        .chain(of(super::OWN, "", &TESSERA))
        .collect()
}

impl Row {
    /// The path as a client would send it: parameters filled with what nobody gave out.
    pub(crate) fn target(&self) -> String {
        let fill = |part: &str| match part {
            "{mount}" => "wolfpal".to_owned(),
            "{id}" => Good::Id.text(""),
            _ if part.starts_with('{') => "abcdefghijklmnopqrstuvwxyz012345".to_owned(),
            _ => part.to_owned(),
        };
        self.path.split('/').map(fill).collect::<Vec<_>>().join("/")
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
