//! Makes connections to one database, each set up in the same way.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use secrecy::ExposeSecret;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_postgres::{Client, Config, SimpleQueryMessage};

use super::address::{Address, Security};
use super::bounds::Bounds;
use super::failure::{Failure, passes_soon};
use super::session::{Counted, Session};
use super::tls::Tls;
use super::wire::{Wire, all};
use crate::{Fault, ServerOptions};

/// Settings of every session.
const SETTINGS: [(&str, &str); 3] = [
    ("default_transaction_isolation", "read committed"),
    ("standard_conforming_strings", "on"),
    ("jit", "off"),
];
/// What is answered must be on the disk; what is stricter than that stays.
const DURABLE: &str = "select set_config(name, 'on', false) from pg_settings \
     where name = 'synchronous_commit' and setting = 'off'";

/// Makes sessions.
pub(super) struct Connector {
    config: Config,
    tls: Tls,
    bounds: Bounds,
    open: Arc<AtomicUsize>,
}

/// Why there is no session.
struct Refused {
    failure: Failure,
    /// Whether the server may take us soon.
    soon: bool,
}

impl Connector {
    /// The password comes from the URL, else from the options, else from `PGPASSWORD`.
    pub(super) fn new(address: &Address, options: &ServerOptions) -> Result<Self, Fault> {
        let bounds = Bounds::new(options.patience);
        let mut config = address.config.clone();
        if config.get_password().is_none() {
            match (&options.password, std::env::var("PGPASSWORD")) {
                (Some(password), _) => _ = config.password(password.expose_secret()),
                (None, Ok(password)) => _ = config.password(password),
                (None, Err(_)) => {}
            }
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(bounds.patience);
        }
        let in_url = address.root_file.as_deref().map(Path::new);
        let root_file = in_url.or(options.ca_file.as_deref());
        // Whoever names an authority and says no more wants all of it.
        let security = address.security.unwrap_or(match root_file {
            Some(_) => Security::VerifyFull,
            None => Security::Prefer,
        });
        config.ssl_mode(security.ssl_mode());
        Ok(Self { config, tls: Tls::new(security, root_file)?, bounds, open: Arc::default() })
    }

    pub(super) fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// How many sessions there are.
    pub(super) fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// A new session, which keeps to the bounds.
    pub(super) async fn connect(&self) -> Result<Session, Failure> {
        self.attempt(&self.bounds.settings()).await.map_err(|refused| refused.failure)
    }

    /// A new session whose statements take as long as they need.
    pub(super) async fn connect_unbounded(&self) -> Result<Session, Failure> {
        let attempt = timeout(self.bounds.patience, self.attempt(&self.bounds.none())).await;
        attempt.unwrap_or_else(|_| Err(silent())).map_err(|refused| refused.failure)
    }

    /// The first session: a server that is about to come up is waited for.
    pub(super) async fn connect_at_last(&self) -> Result<Session, Failure> {
        let end = Instant::now() + self.bounds.patience;
        let mut pause = std::time::Duration::from_millis(50);
        loop {
            let attempt = timeout_at(end, self.attempt(&self.bounds.settings())).await;
            match attempt.unwrap_or_else(|_| Err(silent())) {
                Ok(session) => return Ok(session),
                Err(refused) if refused.soon && Instant::now() + pause < end => {
                    tracing::warn!(fault = %refused.failure.fault, "waiting for the database");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(std::time::Duration::from_secs(1));
                }
                Err(refused) => return Err(refused.failure),
            }
        }
    }

    async fn attempt(&self, bounds: &[(&'static str, u128)]) -> Result<Session, Refused> {
        let (client, connection) = self
            .config
            .connect(self.tls.clone())
            .await
            .map_err(|error| Refused { failure: Failure::connecting(&error), soon: passes_soon(&error) })?;
        let mut wire = Wire::new(connection);
        let set_up = wire.drive(set_up(&client, bounds)).await;
        set_up.map_err(|failure| Refused { failure, soon: false })?;
        Ok(Session::new(client, wire, Counted::new(&self.open)))
    }
}

fn silent() -> Refused {
    Refused { failure: Failure::lost("it does not answer"), soon: false }
}

/// Sets what the server knows: a version, or another server that speaks this protocol, may go without it.
fn set(name: &str, value: impl std::fmt::Display) -> String {
    format!("select set_config(name, '{value}', false) from pg_settings where name = '{name}'")
}

/// Sets the session up in one round trip.
async fn set_up(client: &Client, bounds: &[(&'static str, u128)]) -> Result<(), Failure> {
    let always = SETTINGS.iter().map(|(name, value)| set(name, value));
    let bounds = bounds.iter().map(|(name, value)| set(name, value));
    let mut requests: Vec<String> = always.chain(bounds).collect();
    requests.extend([DURABLE.to_owned(), "show synchronous_commit".to_owned()]);
    let answers = all(requests.iter().map(|sql| client.simple_query(sql))).await;
    for error in answers.iter().filter_map(|answer| answer.as_ref().err()) {
        match error.as_db_error() {
            Some(cause) if cause.severity() != "FATAL" => {
                tracing::debug!(cause = cause.message(), "the database server does without a setting");
            }
            _ => return Err(Failure::connecting(error)),
        }
    }
    let Some(Ok(messages)) = answers.last() else { return Ok(()) };
    let level = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    if level == Some("off") {
        // What is answered would not survive a crash of the server.
        return Err(Failure::lost("it insists on synchronous_commit = off"));
    }
    Ok(())
}
