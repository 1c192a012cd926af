//! Settings that change while the server runs: read again on SIGHUP from the places they came from.

use std::sync::Arc;
use std::time::Duration;

use accounts::Accounts;
use config::{Layers, Settings};
use mail::Transport;
use tokio::signal::unix::Signal;
use tokio::sync::watch;

use crate::compose::{self, Problem};
use crate::logging::{self, Level};
use crate::notify::{self, State};
use crate::tls::{self, Certificate};
use crate::transport;

/// How often the certificate's files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Everything that can be given other settings.
pub(crate) struct Reloader {
    pub(crate) layers: Layers,
    pub(crate) in_force: watch::Sender<Arc<Settings>>,
    pub(crate) accounts: Accounts,
    pub(crate) level: Level,
    pub(crate) transports: watch::Sender<Arc<Transport>>,
    pub(crate) certificate: Option<Certificate>,
}

impl Reloader {
    /// Reads the settings again with every signal, and a certificate also when its files change, for ever.
    pub(crate) async fn run(mut self, mut signal: Signal) {
        loop {
            tokio::select! {
                Some(()) = signal.recv() => {
                    notify::tell(State::Reloading);
                    self.reload();
                    notify::tell(State::Ready);
                }
                () = tokio::time::sleep(LOOK_EVERY) => self.look_at_the_certificate(),
            }
        }
    }

    fn look_at_the_certificate(&mut self) {
        match self.certificate.as_mut().map(Certificate::look) {
            Some(Ok(true)) => tracing::info!("a new certificate is shown"),
            Some(Err(error)) => tracing::error!(%error, "the certificate before is kept"),
            Some(Ok(false)) | None => {}
        }
    }

    fn reload(&mut self) {
        if let Err(error) = self.try_reload() {
            tracing::error!(%error, "the settings are wrong, and stay as they were");
        }
    }

    /// Everything that can go wrong comes first: either all of it changes or nothing.
    fn try_reload(&mut self) -> Result<(), Problem> {
        let read = config::load(&self.layers)?;
        compose::check(&read)?;
        let before = Arc::clone(&self.in_force.borrow());
        let next = self.laid_over(&before, &read);
        let rules = compose::rules(&next)?;
        let filter = logging::filter(&next.log)?;
        let transport = transport::of(&next)?;
        let loaded = match (&self.certificate, next.tls.files()?) {
            (Some(_), Some(files)) => Some(tls::load(files)?),
            _ => None,
        };
        self.level.set(filter);
        self.accounts.set_rules(rules);
        self.transports.send_replace(Arc::new(transport));
        if let (Some(certificate), Some(loaded)) = (&mut self.certificate, loaded) {
            certificate.replace(loaded);
        }
        for setting in before.changes(&next) {
            tracing::info!(setting, "changed");
        }
        for setting in next.changes(&read) {
            tracing::warn!(setting, "changed, but takes effect at the next start only");
        }
        tracing::info!("the settings were read again");
        self.in_force.send_replace(Arc::new(next));
        Ok(())
    }

    /// What is in force, with what can change taken from what was read.
    fn laid_over(&self, before: &Settings, read: &Settings) -> Settings {
        let mut next = before.clone();
        next.log.level.clone_from(&read.log.level);
        next.passwords.min_length = read.passwords.min_length;
        next.passwords.refuse_common = read.passwords.refuse_common;
        next.passwords.refused_file.clone_from(&read.passwords.refused_file);
        (next.drain, next.drain_delay) = (read.drain, read.drain_delay);
        next.throttle = read.throttle.clone();
        next.sessions = read.sessions.clone();
        next.events = read.events.clone();
        next.mail = read.mail.clone();
        // A server that speaks TLS goes on doing so, and one that does not does not begin.
        if self.certificate.is_some() && matches!(read.tls.files(), Ok(Some(_))) {
            next.tls = read.tls.clone();
        }
        next
    }
}
