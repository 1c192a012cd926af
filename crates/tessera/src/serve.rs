//! Running the server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use accounts::Accounts;
use config::{Layers, OpsListen, Settings};
use crypto::{Randomness, SystemRandomness};
use model::{Clock, SystemClock};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::compose::{self, Installation, Opening, Problem};
use crate::listen::Connections;
use crate::metrics::Sources;
use crate::notify::{self, State};
use crate::origins::Door;
use crate::reload::Reloader;
use crate::tls::{self, Certificate};
use crate::{listen, logging, ops, origins, output, signals, traces, transport};

/// How often old rows are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// How often accounts are looked for that searches do not find by the index.
const INDEX_EVERY: Duration = Duration::from_secs(2);
/// How often keys are looked at that may be over or old.
const TEND_KEYS_EVERY: Duration = Duration::from_secs(60);
/// How long the collector of traces may take at the end.
const LAST_TRACES: Duration = Duration::from_secs(2);
/// How long a background task that broke rests.
const RESTART_AFTER: Duration = Duration::from_secs(1);

/// Serves until SIGTERM or SIGINT. Then it is not ready any more, and after `drain_delay` takes no connection any
/// more; requests and a mail under way are finished within `drain`, and the database is closed.
pub(crate) async fn run(settings: Settings, layers: Layers, json: bool) -> Result<(), Problem> {
    let traces = compose::collector(&settings)?.map(|endpoint| traces::pair(endpoint, seed()));
    let (collecting, traces) = traces.unzip();
    let level = logging::start(&settings.log, collecting)?;
    logging::log_panics();
    let certificate = settings.tls.files()?.map(tls::load).transpose()?.map(Certificate::new);
    let acceptor = certificate.as_ref().map(Certificate::acceptor).transpose()?;
    if certificate.is_some() && !settings.public_url.starts_with("https://") {
        tracing::warn!("public_url does not begin with https://, so links in mails lead past TLS");
    }
    let listener = bind(settings.listen, "listen").await?;
    let installation = compose::open(settings, Opening::OrMake).await?;
    let (settings, accounts) = (&installation.settings, &installation.accounts);
    let (transports, transport) = watch::channel(Arc::new(transport::of(settings)?));
    let (door, origins) = origins::door(settings, accounts.mounts(), &limits(settings))?;
    let connections = Arc::new(Connections::default());
    let sources = Sources {
        accounts: accounts.clone(),
        db: installation.db.clone(),
        pool: installation.pool.clone(),
        origins,
        connections: Arc::clone(&connections),
        started: SystemClock.now(),
    };
    let ops_listener = match settings.ops.listen {
        OpsListen::Off => None,
        OpsListen::At(address) => Some(bind(address, "ops.listen").await?),
    };
    let mut stopping = signals::stopping()?;
    let hang_up = signals::hang_up()?;
    greet(&installation, &listener, ops_listener.as_ref(), json)?;

    let (in_force, mut newest) = watch::channel(Arc::new(settings.clone()));
    let (closing, closed) = watch::channel(false);
    let (answered, all_answered) = watch::channel(false);
    let traces = traces.map(|traces| tokio::spawn(traces.run(all_answered)));
    // Answers to the end of the process, so nobody tells it to stop.
    let (_open, never) = watch::channel(false);
    let mut beside = JoinSet::new();
    if let Some(listener) = ops_listener {
        let door = Door::Router(ops::routes(sources, stopping.clone()));
        beside.spawn(listen::serve(listener, door, None, Arc::default(), never));
    }
    in_background(&mut beside, accounts, &newest);
    let reloader = Reloader { layers, in_force, accounts: accounts.clone(), level, transports, certificate };
    let reloading = beside.spawn(reloader.run(hang_up));
    let mut under_way = JoinSet::new();
    keep_going(&mut under_way, "mail", accounts, move |accounts| {
        let transport = transport.clone();
        async move { accounts.send_mail(transport).await }
    });
    under_way.spawn(listen::serve(listener, door, acceptor, connections, closed));
    notify::tell(State::Ready);
    defects::serving();

    listen::told(&mut stopping).await;
    notify::tell(State::Stopping);
    let settings = Arc::clone(&newest.borrow_and_update());
    if let Some(delay) = settings.drain_delay {
        tokio::time::sleep(delay.duration()).await;
    }
    // With it goes whoever could name another transport, which ends the sending of mail.
    reloading.abort();
    closing.send_replace(true);
    let finished = async { while under_way.join_next().await.is_some() {} };
    if tokio::time::timeout(settings.drain.duration(), finished).await.is_err() {
        tracing::warn!("what was under way is broken off: it took longer than the setting drain allows");
    }
    under_way.shutdown().await;
    beside.shutdown().await;
    // A failure was logged where it arose; the lease then ends by itself.
    _ = accounts.release_leases().await;
    installation.db.close().await;
    answered.send_replace(true);
    if let Some(traces) = traces {
        _ = tokio::time::timeout(LAST_TRACES, traces).await;
    }
    tracing::info!("stopped");
    Ok(())
}

async fn bind(address: SocketAddr, setting: &str) -> Result<TcpListener, Problem> {
    TcpListener::bind(address)
        .await
        .map_err(|cause| format!("{setting}: cannot listen on {address}: {cause}").into())
}

/// What makes the ids of two runs differ.
fn seed() -> u64 {
    let mut seed = [0; 8];
    SystemRandomness.fill(&mut seed);
    u64::from_le_bytes(seed)
}

fn limits(settings: &Settings) -> web::Limits {
    web::Limits {
        proxies: settings.trusted_proxies.clone().into(),
        id_seed: seed(),
        https: settings.public_url.starts_with("https://") || settings.tls.cert_file.is_some(),
        ..web::Limits::default()
    }
}

/// What goes on beside the answers: news from other processes, sweeping, the search index, keys, signs of life.
fn in_background(beside: &mut JoinSet<()>, accounts: &Accounts, settings: &watch::Receiver<Arc<Settings>>) {
    keep_going(beside, "events", accounts, |accounts| async move { accounts.follow_events().await });
    let settings = settings.clone();
    keep_going(beside, "sweep", accounts, move |accounts| {
        let settings = settings.clone();
        async move {
            loop {
                let keep = settings.borrow().events.keep.duration().into();
                // A failure is logged where it arose; the next round tries again.
                _ = accounts.sweep(keep).await;
                tokio::time::sleep(SWEEP_EVERY).await;
            }
        }
    });
    keep_going(beside, "search index", accounts, |accounts| async move {
        loop {
            // As above.
            _ = accounts.index().await;
            tokio::time::sleep(INDEX_EVERY).await;
        }
    });
    keep_going(beside, "keys", accounts, |accounts| async move {
        loop {
            // As above.
            _ = accounts.tend_keys().await;
            tokio::time::sleep(TEND_KEYS_EVERY).await;
        }
    });
    if let Some(every) = notify::watchdog() {
        beside.spawn(async move {
            loop {
                notify::tell(State::Watchdog);
                tokio::time::sleep(every).await;
            }
        });
    }
}

/// Runs a task to its end, again if it breaks: a bug in one must not leave the server deaf to what other processes
/// end, or its mail unsent.
fn keep_going<F, R>(beside: &mut JoinSet<()>, name: &'static str, accounts: &Accounts, task: F)
where
    F: Fn(Accounts) -> R + Send + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let accounts = accounts.clone();
    beside.spawn(async move {
        let mut running = JoinSet::new();
        running.spawn(task(accounts.clone()));
        while let Some(Err(_broken)) = running.join_next().await {
            tracing::error!(task = name, "a background task broke; it is started again");
            tokio::time::sleep(RESTART_AFTER).await;
            running.spawn(task(accounts.clone()));
        }
    });
}

/// Tells a newcomer where things are and what to do next.
fn greet(
    installation: &Installation,
    listener: &TcpListener,
    ops: Option<&TcpListener>,
    json: bool,
) -> Result<(), Problem> {
    let settings = &installation.settings;
    let address = listener.local_addr()?;
    let ops = ops.map(TcpListener::local_addr).transpose()?;
    let program = std::env::args().next().unwrap_or_else(|| "tessera".into());
    let data = settings.data.display();
    let scheme = if settings.tls.cert_file.is_some() { "https" } else { "http" };
    if json {
        _ = output::json(&json!({
            "version": crate::VERSION,
            "listening": format!("{scheme}://{address}"),
            "operations": ops.map(|ops| format!("http://{ops}")),
            "made": installation.made,
            "data": settings.data,
            "mail": transport::place(settings),
        }));
        return Ok(());
    }
    // Whoever started it may have hung up since, which is no reason to stop.
    let line = |text: std::fmt::Arguments<'_>| _ = output::line(text);
    line(format_args!("Tessera {}", crate::VERSION));
    line(format_args!("listening on {scheme}://{address}"));
    if let Some(ops) = ops {
        line(format_args!("health and metrics on http://{ops}"));
    }
    for made in &installation.made {
        line(format_args!("made the {made}"));
    }
    line(format_args!("data in {data}, mail in {}", transport::place(settings)));
    line(format_args!(
        "\nmake an administrator:\n  {program} account create --username admin --permission admin --data {data}"
    ));
    line(format_args!(
        "try it:\n  curl {scheme}://{address}/api/auth/register -H 'Content-Type: application/json' \
         -d '{{\"username\":\"ada\",\"password\":\"correct horse\"}}'\n"
    ));
    Ok(())
}
