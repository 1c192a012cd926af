//! The root of the settings and its small sections.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::database::{DatabaseAddress, DatabaseServerSettings};
use crate::keys::KeySettings;
use crate::limit::Limit;
use crate::mail::MailSettings;
use crate::mounts::Mounts;
use crate::secret::Secret;
use crate::time::Time;
use crate::tls::TlsSettings;
use crate::traces::TraceSettings;

/// Everything that can be set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where the server listens.
    pub listen: SocketAddr,
    /// The folder for database, master secret and mail.
    pub data: PathBuf,
    /// The database; none = `sqlite:DATA/tessera.db`.
    pub database: Option<DatabaseAddress>,
    /// What browsers call this origin; links in mails begin with it unless a mount says otherwise.
    pub public_url: String,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The secret that opens what the database keeps; none = the file `DATA/master.secret`.
    pub master_secret: Option<Secret>,
    /// A file with it.
    pub master_secret_file: Option<PathBuf>,
    /// Who may make an account.
    pub registration: Registration,
    /// How long requests and a mail under way may take once the server was told to stop.
    pub drain: Time,
    /// How long it says that it is not ready before it stops to take connections; none = not at all.
    pub drain_delay: Option<Time>,
    /// The server's certificate.
    pub tls: TlsSettings,
    /// What is logged.
    pub log: LogSettings,
    /// Health, readiness and metrics.
    pub ops: OpsSettings,
    /// Traces of requests.
    pub traces: TraceSettings,
    /// A database on a server.
    pub database_server: DatabaseServerSettings,
    /// The documentation.
    pub docs: DocsSettings,
    /// Password hashing.
    pub passwords: PasswordSettings,
    /// Limits on guessing.
    pub throttle: ThrottleSettings,
    /// Sessions of every mount.
    pub sessions: SessionSettings,
    /// Signing keys.
    pub keys: KeySettings,
    /// The event list.
    pub events: EventSettings,
    /// Mail.
    pub mail: MailSettings,
    /// The contracts.
    pub mounts: Mounts,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 3000)),
            data: "data".into(),
            database: None,
            public_url: "http://127.0.0.1:3000".into(),
            trusted_proxies: Vec::new(),
            master_secret: None,
            master_secret_file: None,
            registration: Registration::Open,
            drain: Time::seconds(10),
            drain_delay: None,
            tls: TlsSettings::default(),
            log: LogSettings::default(),
            ops: OpsSettings::default(),
            traces: TraceSettings::default(),
            database_server: DatabaseServerSettings::default(),
            docs: DocsSettings::default(),
            passwords: PasswordSettings::default(),
            throttle: ThrottleSettings::default(),
            sessions: SessionSettings::default(),
            keys: KeySettings::default(),
            events: EventSettings::default(),
            mail: MailSettings::default(),
            mounts: Mounts::default(),
        }
    }
}

/// Who may make an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Registration {
    /// Everybody.
    Open,
    /// Whoever has an invite code.
    Invite,
    /// Nobody but administrators.
    Closed,
}

/// `[log]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogSettings {
    /// A level or a filter such as `info,tessera=debug`.
    pub level: String,
    /// The form of a line.
    pub format: LogFormat,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { level: "info".into(), format: LogFormat::Auto }
    }
}

/// The form of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// `[ops]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OpsSettings {
    /// Where `/healthz`, `/readyz` and `/metrics` are.
    pub listen: OpsListen,
}

impl Default for OpsSettings {
    fn default() -> Self {
        Self { listen: OpsListen::At(SocketAddr::from(([127, 0, 0, 1], 3001))) }
    }
}

/// `[docs]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DocsSettings {
    /// Whether `/docs` and `/openapi.json` are there.
    pub enabled: bool,
}

impl Default for DocsSettings {
    fn default() -> Self {
        Self { enabled: true }
    }
}

/// An address, or `off`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum OpsListen {
    /// Nowhere.
    Off,
    /// There; port 0 takes any free one.
    At(SocketAddr),
}

impl FromStr for OpsListen {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "off" => Ok(Self::Off),
            address => address
                .parse()
                .map(Self::At)
                .map_err(|_| "expected an address such as \"127.0.0.1:3001\", or \"off\""),
        }
    }
}

impl TryFrom<String> for OpsListen {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<OpsListen> for String {
    fn from(listen: OpsListen) -> Self {
        match listen {
            OpsListen::Off => "off".into(),
            OpsListen::At(address) => address.to_string(),
        }
    }
}

/// `[passwords]`: Argon2id (RFC 9106) and the threads it runs on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordSettings {
    /// Memory of one hash in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
    /// Hashes at once; 0 = one per core.
    pub threads: usize,
    /// The longest that a sign-in may wait for its hash; beyond it, 503 at once.
    pub max_wait: Time,
    /// The shortest new password, in characters; a mount may ask for more.
    pub min_length: MinPassword,
    /// Whether common passwords are refused, and names of the account and the site.
    pub refuse_common: bool,
    /// A file with more passwords to refuse.
    pub refused_file: Option<PathBuf>,
}

impl Default for PasswordSettings {
    fn default() -> Self {
        Self {
            memory_kib: 19_456,
            passes: 2,
            lanes: 1,
            threads: 0,
            max_wait: Time::seconds(5),
            min_length: MinPassword::LEAST,
            refuse_common: true,
            refused_file: None,
        }
    }
}

/// The fewest characters of a new password: 8 to 64, as NIST SP 800-63B-4 and ASVS 5.0 allow no fewer and have
/// everybody take 64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "usize", into = "usize")]
pub struct MinPassword(usize);

impl MinPassword {
    /// What is asked for at least.
    pub const LEAST: Self = Self(8);

    /// The number of characters.
    #[must_use]
    pub fn characters(self) -> usize {
        self.0
    }
}

impl TryFrom<usize> for MinPassword {
    type Error = &'static str;
    fn try_from(characters: usize) -> Result<Self, Self::Error> {
        if (8..=64).contains(&characters) { Ok(Self(characters)) } else { Err("expected 8 to 64 characters") }
    }
}

impl From<MinPassword> for usize {
    fn from(min: MinPassword) -> Self {
        min.0
    }
}

/// `[throttle]`: limits on guessing, the same for every contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ThrottleSettings {
    /// Wrong passwords per account.
    pub per_account: Limit,
    /// Wrong passwords per account from a place where it signed in before, once `per_account` is used up.
    pub per_known_place: Limit,
    /// Wrong passwords per address (IPv6: per /64).
    pub per_address: Limit,
    /// Wrong codes of the second factor per account.
    pub second_factor: Limit,
    /// New accounts and taken names per address.
    pub registration: Limit,
    /// Wrong invite codes per address.
    pub invite_per_address: Limit,
    /// Wrong invite codes in all.
    pub invite_in_all: Limit,
    /// Mails to one address, all kinds together.
    pub mail: Limit,
    /// Asked-for mails per address of the caller.
    pub mail_per_address: Limit,
    /// Refreshes per session.
    pub refresh: Limit,
}

impl Default for ThrottleSettings {
    fn default() -> Self {
        Self {
            per_account: Limit::rate(10, Time::minutes(16)),
            per_known_place: Limit::rate(5, Time::hours(1)),
            per_address: Limit::rate(50, Time::seconds(20)),
            second_factor: Limit::rate(10, Time::hours(3)),
            registration: Limit::rate(20, Time::minutes(2)),
            invite_per_address: Limit::rate(10, Time::minutes(10)),
            invite_in_all: Limit::rate(100, Time::minutes(1)),
            mail: Limit::rate(3, Time::minutes(61)),
            mail_per_address: Limit::rate(20, Time::minutes(2)),
            refresh: Limit::rate(30, Time::seconds(10)),
        }
    }
}

/// `[sessions]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SessionSettings {
    /// How long the refresh token before the current one still gets the same successor.
    pub refresh_grace: Time,
    /// The longest a session can be kept alive by refreshing.
    pub longest: Time,
    /// How old a server's knowledge of what others changed may be before it checks no token any more.
    pub trust_memory_for: Time,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            refresh_grace: Time::seconds(10),
            longest: Time::days(30),
            trust_memory_for: Time::seconds(30),
        }
    }
}

/// `[events]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EventSettings {
    /// How long events are kept.
    pub keep: Time,
}

impl Default for EventSettings {
    fn default() -> Self {
        Self { keep: Time::days(400) }
    }
}
