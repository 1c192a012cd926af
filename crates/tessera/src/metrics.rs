//! How the server is doing, for Prometheus: everything that the parts count, under the names that
//! docs/guide/src/monitoring.md lists.

mod process;
mod text;

use std::sync::Arc;
use std::time::Duration;

use accounts::{Accounts, MailWaiting, MountStats, NotReady, Outcomes};
use crypto::HashPool;
use db::Database;
use model::{Span, Timestamp};
use tokio::time::timeout;
use web::{Answered, Origin};

use crate::listen::Connections;
pub(crate) use text::MEDIA_TYPE;
use text::{Number, Page, Unit};

/// How long the database may take: whoever asks for metrics wants some also when it does not answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whom to ask.
#[derive(Clone)]
pub(crate) struct Sources {
    pub(crate) accounts: Accounts,
    pub(crate) db: Database,
    pub(crate) pool: HashPool,
    pub(crate) origins: Vec<Origin>,
    pub(crate) connections: Arc<Connections>,
    pub(crate) started: Timestamp,
}

impl Sources {
    /// The page of all metrics. What the database would have to be asked for is missing while it does not answer.
    pub(crate) async fn page(&self) -> String {
        let asked = async { (self.accounts.ready().await, self.accounts.mail_waiting().await.ok()) };
        let (ready, owed) = timeout(PATIENCE, asked).await.unwrap_or((Err(NotReady::Unanswered), None));
        let mut page = Page::default();
        self.process(&mut page, ready.is_ok());
        self.requests(&mut page);
        verdicts(&mut page, &self.accounts.stats());
        self.hashing(&mut page);
        self.database(&mut page);
        let lag = number(self.accounts.event_lag());
        page.gauge("tessera_event_lag_seconds", "Age of what is known of other processes' changes.")
            .is(&[], lag);
        mail(&mut page, &self.accounts.mail_stats(), owed);
        page.finish()
    }

    fn process(&self, page: &mut Page, ready: bool) {
        let version = &[("version", crate::VERSION)];
        page.gauge("tessera_build_info", "Which program this is.").is(version, 1);
        page.gauge("tessera_ready", "1 if /readyz says yes, but for a stop under way.")
            .is(&[], u8::from(ready));
        let started = number(Span(self.started.0));
        page.gauge("process_start_time_seconds", "When it was started, since the epoch.").is(&[], started);
        if let Some(bytes) = process::resident_bytes() {
            page.gauge("process_resident_memory_bytes", "Memory in use.").is(&[], bytes);
        }
        if let Some(files) = process::open_files() {
            page.gauge("process_open_fds", "Files and sockets that are open.").is(&[], files);
        }
        if let Some(most) = process::most_files() {
            page.gauge("process_max_fds", "Files and sockets that may be open.").is(&[], most);
        }
    }

    fn requests(&self, page: &mut Page) {
        let traffic = Answered::together(self.origins.iter().flat_map(Origin::traffic));
        let mut family = page.counter("tessera_http_requests_total", "Requests answered.");
        for endpoint in &traffic {
            for (status, count) in &endpoint.statuses {
                let status = if *status == 0 { "other".to_owned() } else { status.to_string() };
                let labels = [labels(endpoint).as_slice(), &[("status", &*status)]].concat();
                family.is(&labels, count);
            }
        }
        let help = "Time from a request to the head of its answer.";
        let mut family = page.histogram("tessera_http_request_duration_seconds", help);
        for endpoint in &traffic {
            family.spread(&labels(endpoint), &endpoint.times, Unit::Micros);
        }
        let (open, accepted) = (self.connections.open(), self.connections.accepted());
        page.gauge("tessera_connections_open", "Connections of clients.").is(&[], open);
        page.counter("tessera_connections_total", "Connections accepted.").is(&[], accepted);
    }

    fn hashing(&self, page: &mut Page) {
        let hashes = self.pool.stats();
        page.gauge("tessera_hash_queued", "Password hashes that wait for a thread.").is(&[], hashes.queued);
        page.gauge("tessera_hash_running", "Password hashes being computed.").is(&[], hashes.running);
        page.counter("tessera_hashes_total", "Password hashes computed.").is(&[], hashes.hashed);
        let help = "Password hashes refused because the wait was too long.";
        page.counter("tessera_hash_shed_total", help).is(&[], hashes.shed);
        let help = "Time that password hashes waited for a thread.";
        page.histogram("tessera_hash_wait_seconds", help).spread(&[], &self.pool.waits(), Unit::Micros);
    }

    fn database(&self, page: &mut Page) {
        let (stats, commits) = (self.db.stats(), self.db.commits());
        page.counter("tessera_db_queries_total", "Queries asked.").is(&[], self.db.queries());
        page.counter("tessera_db_commits_total", "Transactions committed.").is(&[], stats.commits);
        page.counter("tessera_db_batches_total", "Batches written or refused.").is(&[], stats.batches);
        let help = "Batches run again because another one was in the way.";
        page.counter("tessera_db_retries_total", help).is(&[], stats.retries);
        let help = "Batches in one transaction.";
        page.histogram("tessera_db_commit_batches", help).spread(&[], &commits.batches, Unit::Things);
        let help = "Time from the beginning of a transaction until it is committed.";
        page.histogram("tessera_db_commit_seconds", help).spread(&[], &commits.micros, Unit::Micros);
        let mut family = page.gauge("tessera_db_connections", "Connections to a database server.");
        let used = stats.connections_open.saturating_sub(stats.connections_idle);
        family.is(&[("state", "used")], used);
        family.is(&[("state", "idle")], stats.connections_idle);
        let help = "Calls that wait for a connection, or for the threads of a database file.";
        page.gauge("tessera_db_waiting", help).is(&[], stats.callers_waiting);
    }
}

fn labels(endpoint: &Answered) -> [(&'static str, &str); 3] {
    [("contract", endpoint.contract), ("method", &endpoint.method), ("route", endpoint.pattern)]
}

/// What became of sign-ins, second steps and tokens.
fn verdicts(page: &mut Page, mounts: &[MountStats]) {
    let mut family = |name, help, outcomes: fn(&MountStats) -> &Outcomes| {
        let mut family = page.counter(name, help);
        for mount in mounts {
            for (outcome, count) in outcomes(mount) {
                family.is(&[("contract", &mount.mount), ("outcome", outcome)], count);
            }
        }
    };
    family("tessera_sign_ins_total", "Sign-ins by password.", |mount| &mount.sign_ins);
    family("tessera_second_steps_total", "Codes of second factors.", |mount| &mount.second_steps);
    family("tessera_token_checks_total", "Access tokens and API keys shown.", |mount| &mount.checks);
}

fn mail(page: &mut Page, sent: &Outcomes, owed: Option<MailWaiting>) {
    let mut family = page.counter("tessera_mail_total", "Attempts of this process to send a mail.");
    for (outcome, count) in sent {
        family.is(&[("outcome", outcome)], count);
    }
    let Some(MailWaiting { mails, oldest }) = owed else { return };
    page.gauge("tessera_mail_waiting", "Mails neither sent nor given up.").is(&[], mails);
    let oldest = number(oldest.unwrap_or_default());
    page.gauge("tessera_mail_oldest_seconds", "Age of the oldest of them; 0 if there is none.")
        .is(&[], oldest);
}

/// A time, which is never negative here.
fn number(span: Span) -> Number {
    Number::Micros(u64::try_from(span.0).unwrap_or(0))
}
