//! What the process is told from outside.

use std::process;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::compose::Problem;

/// What a shell shows for a process that a signal ended, counted from here.
const BY_SIGNAL: i32 = 128;

/// Turns true with the first SIGTERM or SIGINT. With the second the process ends at once, whatever is under way.
pub(crate) fn stopping() -> Result<watch::Receiver<bool>, Problem> {
    let (stop, stopping) = watch::channel(false);
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        told(&mut terminate, &mut interrupt).await;
        tracing::info!("stopping");
        stop.send_replace(true);
        let kind = told(&mut terminate, &mut interrupt).await;
        tracing::warn!("told to stop a second time: not waiting for what is under way");
        process::exit(BY_SIGNAL + kind.as_raw_value());
    });
    Ok(stopping)
}

async fn told(terminate: &mut Signal, interrupt: &mut Signal) -> SignalKind {
    tokio::select! {
        _ = terminate.recv() => SignalKind::terminate(),
        _ = interrupt.recv() => SignalKind::interrupt(),
    }
}

/// SIGHUP: the settings are to be read again.
pub(crate) fn hang_up() -> Result<Signal, Problem> {
    Ok(signal(SignalKind::hangup())?)
}
