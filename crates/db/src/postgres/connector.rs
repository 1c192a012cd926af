//! Makes connections to one database, each set up in the same way.

use std::path::Path;

use secrecy::ExposeSecret;
use tokio::time::{Instant, timeout_at};
use tokio_postgres::{Client, Config, SimpleQueryMessage};

use super::address::{Address, Security};
use super::bounds::Bounds;
use super::failure::{Failure, passes_soon};
use super::session::Session;
use super::tls::Tls;
use super::wire::{Wire, all};
use crate::{Fault, ServerOptions};

/// Settings of every session. Each is asked for by itself: a server that does not know one of them, such as
/// one that only speaks PostgreSQL's protocol, goes without it.
const SETTINGS: [&str; 4] = [
    "set default_transaction_isolation = 'read committed'",
    "set standard_conforming_strings = on",
    "set jit = off",
    // Switched on, never down from something stricter.
    "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'",
];

/// Makes sessions.
pub(super) struct Connector {
    config: Config,
    tls: Tls,
    bounds: Bounds,
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
        Ok(Self { config, tls: Tls::new(security, root_file)?, bounds })
    }

    pub(super) fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// A new session, which keeps to the bounds.
    pub(super) async fn connect(&self) -> Result<Session, Failure> {
        self.attempt(&self.bounds.settings()).await.map_err(|refused| refused.failure)
    }

    /// A new session whose statements take as long as they need.
    pub(super) async fn connect_unbounded(&self) -> Result<Session, Failure> {
        self.attempt(&[]).await.map_err(|refused| refused.failure)
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

    async fn attempt(&self, bounds: &[String]) -> Result<Session, Refused> {
        let (client, connection) = self
            .config
            .connect(self.tls.clone())
            .await
            .map_err(|error| Refused { failure: Failure::connecting(&error), soon: passes_soon(&error) })?;
        let mut wire = Wire::new(connection);
        let set_up = wire.drive(set_up(&client, bounds)).await;
        set_up.map_err(|failure| Refused { failure, soon: false })?;
        Ok(Session::new(client, wire))
    }
}

fn silent() -> Refused {
    Refused { failure: Failure::lost("it does not answer"), soon: false }
}

/// Sets the session up in one round trip.
async fn set_up(client: &Client, bounds: &[String]) -> Result<(), Failure> {
    let settings = SETTINGS.into_iter().chain(bounds.iter().map(String::as_str));
    let mut requests: Vec<_> = settings.collect();
    requests.push("show synchronous_commit");
    let answers = all(requests.into_iter().map(|sql| client.simple_query(sql))).await;
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
