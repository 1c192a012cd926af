//! Exchanging refresh tokens on PostgreSQL.

mod layer;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use harness::machine::Usage;
use harness::postgres::{Cluster, Options};
use harness::process::TesseraProcess;
use layer::Layer;
use model::{AccountId, Event, EventKind, Realm, Session, SessionId, Timestamp};

use super::refresh::{CALLERS, Refreshes};
use crate::Problem;
use crate::client::closed;
use crate::context::Context;
use crate::results::{Comparison, Goal};
use crate::stats::as_f64;
use crate::stock::{Contract, Stock, sign_in};
use crate::subject::Hashing;

/// Connections that the server has to the database.
const CONNECTIONS: usize = 16;
/// How long pgbench runs: every client prepares its statements first, which must not be what is measured.
const SECONDS: &str = "5";
const LAYER: &str = "the same statements by the server's database layer alone";

/// A cluster that loses nothing in a power cut.
pub(super) fn cluster() -> Cluster {
    Cluster::start(Options::new().durable())
}

pub(super) fn run(context: &Context) -> Result<Vec<Comparison>, Problem> {
    let sessions = context.pick(2_000, 20_000);
    let cluster = cluster();
    let database = cluster.create_database();
    let stock = Stock::make_in(&context.binary, cluster.url(&database), sessions, Hashing::Cheap)?;
    let server = TesseraProcess::start(stock.options(&context.binary));
    let tokens = sign_in(&server, Contract::GoScrobble, &stock.spread(sessions))?;
    let mut script = Refreshes::of(&tokens)?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("refresh.sql");
    fs::write(&file, floor_script(sessions))?;
    let floor = floor_database(context, &cluster, sessions)?;
    let layer = Layer::new(&cluster.url(&floor), sessions)?;
    let time = context.sample().max(Duration::from_secs(1));
    let mut ours = || -> Result<[f64; 3], Problem> {
        let used = [Usage::of(server.pid()).cpu_seconds, cluster.cpu_seconds()];
        let tally = closed::run(server.address(), CALLERS, Some(time), &mut script)?.only(200)?;
        let each = |used: f64| used * 1e6 / as_f64(tally.all());
        let of_server = each(Usage::of(server.pid()).cpu_seconds - used[0]);
        Ok([tally.per_second(200), of_server, each(cluster.cpu_seconds() - used[1])])
    };
    let through_layer = || -> Result<[f64; 2], Problem> {
        let used = cluster.cpu_seconds();
        let done = as_f64(layer.refresh(CALLERS, time)?);
        Ok([done / time.as_secs_f64(), (cluster.cpu_seconds() - used) * 1e6 / done])
    };
    let mut samples = [const { Vec::new() }; 7];
    for _ in 0..context.rounds() {
        let (ours, layer) = (ours()?, through_layer()?);
        // With as many clients as ours has callers, or with as many as ours has connections: what is better.
        let [many, few] = [CALLERS, CONNECTIONS].map(|clients| pgbench(&cluster, &floor, &file, clients));
        let (many, few) = (many?, few?);
        let bare = if many[0] > few[0] { many } else { few };
        samples
            .iter_mut()
            .zip(ours.into_iter().chain(layer).chain(bare))
            .for_each(|(samples, one)| samples.push(one));
    }
    let [ours, of_server, of_postgres, layer, layer_of_postgres, bare, bare_of_postgres] = samples;
    let floor = "pgbench with the same statements, 64 or 16 clients";
    Ok(vec![
        Comparison::alone("refreshes: processor time of the server", "us each", of_server),
        Comparison::alone("refreshes: processor time of PostgreSQL", "us each", of_postgres)
            .beside(format!("{floor}, their connecting included"), bare_of_postgres.clone()),
        Comparison::alone(format!("{LAYER}: processor time of PostgreSQL"), "us each", layer_of_postgres)
            .beside(format!("{floor}, their connecting included"), bare_of_postgres),
        Comparison::alone(LAYER, "per second", layer).beside(floor, bare.clone()),
        Comparison::alone("refreshes", "per second", ours)
            .beside(floor, bare)
            .aiming(Goal::TimesAtLeast(0.80)),
    ])
}

/// The id of a session and of an account by its number, which pgbench can draw.
fn session_id(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// The same of the number that a text of SQL stands for.
fn id_of(number: &str) -> String {
    format!("('00000000-0000-4000-8000-' || lpad(({number})::text, 12, '0'))")
}

/// A database with the same tables and as many rows.
fn floor_database(context: &Context, cluster: &Cluster, sessions: usize) -> Result<String, Problem> {
    let database = cluster.create_database();
    // The server makes the tables.
    Stock::make_in(&context.binary, cluster.url(&database), 0, Hashing::Cheap)?;
    let (stored, id) = (Hashing::Cheap.stored()?, id_of("n"));
    cluster.sql(
        &database,
        &format!(
            "insert into account (id, realm, username, username_key, email, email_key, email_confirmed, password, \
             permissions, administrator, disabled, totp_last_step, profile, version, created_at, updated_at) \
             select {id}, 'default', 'user' || n, 'user' || n, n || '@example.com', \
             n || '@example.com', true, '{stored}', '[\"user\"]', false, false, 0, '{{}}', 0, n, n \
             from generate_series(1, {sessions}) n; \
             insert into session (id, realm, account_id, mount, generation, address, user_agent, created_at, \
             rotated_at, expires_at) select {id}, 'default', {id}, \
             'goscrobble', 0, '127.0.0.1', '', n, n, 9000000000000000 from generate_series(1, {sessions}) n; \
             analyze"
        ),
    );
    Ok(database)
}

/// One refresh as pgbench runs it: the server's reading, then its batch, whose beginning is sent at once. The time is the
/// present one, as in the server: indexes grow at their ends.
fn floor_script(sessions: usize) -> String {
    let id = id_of(":n");
    let (id, now) = (id.as_str(), "(extract(epoch from clock_timestamp()) * 1000000)::bigint");
    let session = Session {
        id: SessionId::from_bytes([0; 16]),
        account: AccountId::from_text(""),
        realm: Realm::new("default"),
        mount: String::new(),
        generation: 0,
        address: String::new(),
        user_agent: String::new(),
        created_at: Timestamp(0),
        rotated_at: Timestamp(0),
        expires_at: Timestamp(0),
        ended: None,
        refreshes_empty_at: None,
    };
    let event = Event::new(EventKind::SessionRefreshed, &session.realm, Timestamp(0));
    let (rotate, append) = (store::sessions::rotate(&session, 0), store::events::append(&event));
    let rotate = filled(
        rotate.sql(),
        &[
            id,
            "generation + 1",
            now,
            &format!("{now} + 2592000000000"),
            "'127.0.0.1'",
            "''",
            "null",
            "generation",
        ],
    );
    let append = filled(
        append.sql(),
        &[now, "'session_refreshed'", "'default'", id, id, "'127.0.0.1'", "'1'", "null"],
    );
    format!(
        "\\set n random(1, {sessions})\n\
         select * from (select * from session where id = {id} limit 1) as of_session \
         join account on account.id = of_session.account_id;\n\
         \\startpipeline\nbegin;\n{rotate};\n{append};\n\\endpipeline\n\
         commit;\n"
    )
}

/// A statement with these texts for its parameters.
fn filled(sql: &str, values: &[&str]) -> String {
    // None has ten parameters, so no number begins another.
    let numbered = (1..).zip(values);
    numbered.fold(sql.to_owned(), |sql, (number, value)| sql.replace(&format!("${number}"), value))
}

/// Transactions in a second, and microseconds of PostgreSQL's processor time for one.
fn pgbench(cluster: &Cluster, database: &str, script: &Path, clients: usize) -> Result<[f64; 2], Problem> {
    let used = cluster.cpu_seconds();
    let clients = clients.to_string();
    let output = Command::new("pgbench")
        .args(["-n", "-M", "prepared", "-j", "2", "-c", &clients, "-T", SECONDS])
        .args(["-U", "tessera", "-p", &cluster.port().to_string(), "-h"])
        .arg(cluster.folder())
        .arg("-f")
        .arg(script)
        .arg(database)
        .output()
        .map_err(|error| format!("pgbench: {error}"))?;
    let used = cluster.cpu_seconds() - used;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let number = |key: &str| {
        said.lines().find_map(|line| line.strip_prefix(key)?.split([' ', '/']).next()?.parse().ok())
    };
    let (rate, done): (Option<f64>, Option<f64>) =
        (number("tps = "), number("number of transactions actually processed: "));
    let measured = rate.zip(done).map(|(rate, done)| [rate, used * 1e6 / done]);
    measured.ok_or_else(|| format!("pgbench: {}", String::from_utf8_lossy(&output.stderr)).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_is_filled_in() {
        let script = floor_script(5);
        assert!(!script.contains('$'), "{script}");
    }
}
