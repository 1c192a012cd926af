//! Running the server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use accounts::Accounts;
use config::{MailSettings, OpsListen, Security, Settings};
use crypto::{Randomness, SystemRandomness};
use mail::{FolderTransport, Sender, SmtpTransport, Transport};
use model::Span;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::compose::{self, Installation, Opening, Problem};
use crate::{listen, logging, ops, origins, output};

/// How often old rows are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// How often keys are looked at that may be over or old.
const TEND_KEYS_EVERY: Duration = Duration::from_secs(60);
/// How long a background task that broke rests.
const RESTART_AFTER: Duration = Duration::from_secs(1);
/// How long requests under way may take once the server was told to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// Serves until SIGTERM or SIGINT: then no connection is accepted any more, requests under way are
/// finished within [`DRAIN`], and the database is closed.
pub(crate) async fn run(settings: Settings) -> Result<(), Problem> {
    logging::start(&settings.log)?;
    let listener = bind(settings.listen, "listen").await?;
    let installation = compose::open(settings, Opening::OrMake).await?;
    let settings = &installation.settings;
    let transport = transport(&settings.mail, settings)?;
    let router = origins::router(settings, installation.accounts.mounts(), &limits(settings))?;
    let ops_listener = match settings.ops.listen {
        OpsListen::Off => None,
        OpsListen::At(address) => Some(bind(address, "ops.listen").await?),
    };
    greet(&installation, &listener, ops_listener.as_ref())?;
    let stopping = stopping()?;
    in_background(&installation, transport, ops_listener, &stopping);
    listen::serve(listener, router, stopping, DRAIN).await;
    installation.db.close().await;
    tracing::info!("stopped");
    Ok(())
}

async fn bind(address: SocketAddr, setting: &str) -> Result<TcpListener, Problem> {
    TcpListener::bind(address)
        .await
        .map_err(|cause| format!("{setting}: cannot listen on {address}: {cause}").into())
}

fn limits(settings: &Settings) -> web::Limits {
    let mut seed = [0; 8];
    SystemRandomness.fill(&mut seed);
    web::Limits {
        proxies: settings.trusted_proxies.clone().into(),
        id_seed: u64::from_le_bytes(seed),
        ..web::Limits::default()
    }
}

/// Turns true once the process is asked to stop.
fn stopping() -> Result<watch::Receiver<bool>, Problem> {
    let (stop, stopping) = watch::channel(false);
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        tracing::info!("stopping");
        stop.send_replace(true);
    });
    Ok(stopping)
}

/// What goes on beside the answers: mail, news from other processes, sweeping, keys, the operator's listener.
fn in_background(
    installation: &Installation,
    transport: Transport,
    ops_listener: Option<TcpListener>,
    stopping: &watch::Receiver<bool>,
) {
    let keep: Span = installation.settings.events.keep.duration().into();
    let transport = Arc::new(transport);
    let accounts = &installation.accounts;
    keep_going("mail", accounts, move |accounts| {
        let transport = Arc::clone(&transport);
        async move { accounts.send_mail(&transport).await }
    });
    keep_going("events", accounts, |accounts| async move { accounts.follow_events().await });
    keep_going("sweep", accounts, move |accounts| async move {
        loop {
            // A failure is logged where it arose; the next round tries again.
            _ = accounts.sweep(keep).await;
            tokio::time::sleep(SWEEP_EVERY).await;
        }
    });
    keep_going("keys", accounts, |accounts| async move {
        loop {
            // As above.
            _ = accounts.tend_keys().await;
            tokio::time::sleep(TEND_KEYS_EVERY).await;
        }
    });
    if let Some(listener) = ops_listener {
        let routes = ops::routes(accounts.clone(), installation.db.clone(), installation.pool.clone());
        tokio::spawn(listen::serve(listener, routes, stopping.clone(), Duration::ZERO));
    }
}

/// Runs a task that never ends, again if it does: a bug in one must not leave the server deaf to what other
/// processes end, or its mail unsent.
fn keep_going<F, R>(name: &'static str, accounts: &Accounts, task: F)
where
    F: Fn(Accounts) -> R + Send + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let accounts = accounts.clone();
    tokio::spawn(async move {
        loop {
            if tokio::spawn(task(accounts.clone())).await.is_err() {
                tracing::error!(task = name, "a background task broke; it is started again");
            }
            tokio::time::sleep(RESTART_AFTER).await;
        }
    });
}

/// Where mail goes.
fn transport(mail: &MailSettings, settings: &Settings) -> Result<Transport, Problem> {
    let sender = Sender { name: mail.from_name.clone(), address: mail.from.clone() };
    let Some(smtp) = &mail.smtp else {
        return Ok(Transport::Folder(FolderTransport::new(settings.data.join("mail"), sender)?));
    };
    let password = config::Secret::direct_or_file(smtp.password.as_ref(), smtp.password_file.as_deref())?;
    let server = mail::SmtpSettings {
        host: smtp.host.clone(),
        port: smtp.port(),
        security: match smtp.security {
            Security::StartTls => mail::Security::StartTls,
            Security::Tls => mail::Security::Tls,
            Security::None => mail::Security::None,
        },
        username: smtp.username.clone(),
        password: password.map(|password| password.secret_string()),
        timeout: smtp.timeout.duration(),
        sender,
    };
    Ok(Transport::Smtp(match &smtp.ca_file {
        Some(file) => SmtpTransport::with_ca_file(server, file)?,
        None => SmtpTransport::new(server)?,
    }))
}

/// Tells a newcomer where things are and what to do next.
fn greet(
    installation: &Installation,
    listener: &TcpListener,
    ops: Option<&TcpListener>,
) -> Result<(), Problem> {
    let settings = &installation.settings;
    let address = listener.local_addr()?;
    let program = std::env::args().next().unwrap_or_else(|| "tessera".into());
    let data = settings.data.display();
    output::line(format_args!("Tessera {}", env!("CARGO_PKG_VERSION")));
    output::line(format_args!("listening on http://{address}"));
    if let Some(ops) = ops {
        output::line(format_args!("health and metrics on http://{}", ops.local_addr()?));
    }
    for made in &installation.made {
        output::line(format_args!("made the {made}"));
    }
    output::line(format_args!("data in {data}, mail in {}", mail_place(settings)));
    output::line(format_args!(
        "\nmake an administrator:\n  {program} account create --username admin --permission admin --data {data}"
    ));
    output::line(format_args!(
        "try it:\n  curl http://{address}/api/auth/register -H 'Content-Type: application/json' \
         -d '{{\"username\":\"ada\",\"password\":\"correct horse\"}}'\n"
    ));
    Ok(())
}

fn mail_place(settings: &Settings) -> String {
    match &settings.mail.smtp {
        Some(smtp) => format!("sent through {}", smtp.host),
        None => settings.data.join("mail").display().to_string(),
    }
}
