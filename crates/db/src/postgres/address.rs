//! Reads the URL of a PostgreSQL database.

use std::fmt;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

use crate::UrlError;

/// The port that the server listens on by default.
const PORT: u16 = 5432;

/// Where a PostgreSQL database is and how to talk to it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(super) config: Config,
    pub(super) security: Option<Security>,
    pub(super) root_file: Option<String>,
    /// Fit for a log.
    shown: String,
}

/// How much the connection is protected: libpq's `sslmode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Security {
    /// In the clear.
    Disable,
    /// Encrypted if the server offers it; whoever it is.
    Prefer,
    /// Encrypted, whoever the server is. With authorities to trust the same as [`Security::VerifyCa`].
    Require,
    /// Encrypted, to a server with a certificate of a trusted authority.
    VerifyCa,
    /// The same, and the certificate is for the host.
    VerifyFull,
}

impl Address {
    /// Reads what stands after `postgres:`.
    pub(crate) fn parse(rest: &str) -> Result<Self, UrlError> {
        let rest = rest.strip_prefix("//").ok_or(UrlError::Server)?;
        if rest.contains(['\0', '#']) {
            return Err(UrlError::Server);
        }
        let (rest, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (credentials, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        let mut reader = Reader::default();
        reader.credentials(credentials)?;
        if !database.is_empty() {
            reader.config.dbname(decoded(database)?);
        }
        for host in hosts.split(',').filter(|_| !hosts.is_empty()) {
            reader.host_and_port(host)?;
        }
        for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            reader.parameter(name, &decoded(value)?)?;
        }
        reader.finish()
    }
}

#[derive(Default)]
struct Reader {
    config: Config,
    security: Option<Security>,
    root_file: Option<String>,
    hosts: Vec<String>,
    ports: Vec<u16>,
}

impl Reader {
    fn credentials(&mut self, credentials: &str) -> Result<(), UrlError> {
        let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
        if !user.is_empty() {
            self.config.user(decoded(user)?);
        }
        if !password.is_empty() {
            self.config.password(decoded(password)?);
        }
        Ok(())
    }

    /// `host`, `host:port`, `[v6]:port`, or a percent-encoded folder of a socket.
    fn host_and_port(&mut self, text: &str) -> Result<(), UrlError> {
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']').ok_or(UrlError::Server)?;
                (host, port.strip_prefix(':').or(port.is_empty().then_some("")).ok_or(UrlError::Server)?)
            }
            None => text.split_once(':').unwrap_or((text, "")),
        };
        self.hosts.push(decoded(host)?);
        self.ports.push(if port.is_empty() { PORT } else { number(port)? });
        Ok(())
    }

    fn parameter(&mut self, name: &str, value: &str) -> Result<(), UrlError> {
        match name {
            "host" => self.hosts = value.split(',').map(str::to_owned).collect(),
            "port" => self.ports = value.split(',').map(number).collect::<Result<_, _>>()?,
            "sslmode" => {
                self.security = Some(match value {
                    "disable" => Security::Disable,
                    "prefer" => Security::Prefer,
                    "require" => Security::Require,
                    "verify-ca" => Security::VerifyCa,
                    "verify-full" => Security::VerifyFull,
                    _ => return Err(UrlError::Value("sslmode")),
                });
            }
            "sslrootcert" => self.root_file = Some(value.to_owned()),
            "connect_timeout" => {
                let seconds = value.parse().map_err(|_| UrlError::Value("connect_timeout"))?;
                if seconds > 0 {
                    self.config.connect_timeout(Duration::from_secs(seconds));
                }
            }
            "application_name" => _ = self.config.application_name(value),
            "target_session_attrs" => {
                self.config.target_session_attrs(match value {
                    "any" => TargetSessionAttrs::Any,
                    "read-write" => TargetSessionAttrs::ReadWrite,
                    _ => return Err(UrlError::Value("target_session_attrs")),
                });
            }
            _ => return Err(UrlError::unknown(name)),
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Address, UrlError> {
        if self.hosts.is_empty() || self.hosts.iter().any(String::is_empty) {
            return Err(UrlError::Server);
        }
        if self.ports.len() > 1 && self.ports.len() != self.hosts.len() {
            return Err(UrlError::Value("port"));
        }
        for host in &self.hosts {
            self.config.host(host);
        }
        for port in &self.ports {
            self.config.port(*port);
        }
        if self.config.get_application_name().is_none() {
            self.config.application_name("tessera");
        }
        // A socket of this machine is as private as the machine.
        if self.config.get_hosts().iter().all(|host| matches!(host, Host::Unix(_))) {
            self.security = Some(Security::Disable);
        }
        // Of several servers one takes writes.
        if self.hosts.len() > 1 && self.config.get_target_session_attrs() == TargetSessionAttrs::Any {
            self.config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        // We would rather wait for a new connection than for one that a firewall has forgotten.
        self.config.keepalives_idle(Duration::from_secs(30));
        let shown = self.shown();
        Ok(Address { config: self.config, security: self.security, root_file: self.root_file, shown })
    }

    fn shown(&self) -> String {
        let user = self.config.get_user().map(|user| format!("{user}@")).unwrap_or_default();
        let port = |at: usize| self.ports.get(at).or(self.ports.first()).copied().unwrap_or(PORT);
        let hosts = self.hosts.iter().enumerate().map(|(at, host)| format!("{host}:{}", port(at)));
        let database = self.config.get_dbname().unwrap_or_default();
        format!("postgres://{user}{}/{database}", hosts.collect::<Vec<_>>().join(","))
    }
}

impl Security {
    pub(super) fn ssl_mode(self) -> SslMode {
        match self {
            Self::Disable => SslMode::Disable,
            Self::Prefer => SslMode::Prefer,
            Self::Require | Self::VerifyCa | Self::VerifyFull => SslMode::Require,
        }
    }
}

fn decoded(text: &str) -> Result<String, UrlError> {
    percent_decode_str(text).decode_utf8().map(Into::into).map_err(|_| UrlError::Server)
}

fn number(text: &str) -> Result<u16, UrlError> {
    text.parse().ok().filter(|port| *port > 0).ok_or(UrlError::Value("port"))
}

impl fmt::Display for Address {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}
