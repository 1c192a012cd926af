//! Telling the service manager how we are (sd_notify(3)): datagrams to the socket in `NOTIFY_SOCKET`, if there is
//! one.

use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// What the service manager is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Requests are answered by the settings as they are.
    Ready,
    /// The settings are read again; [`State::Ready`] follows.
    Reloading,
    /// The end has begun.
    Stopping,
    /// Still alive.
    Watchdog,
}

impl State {
    fn text(self) -> String {
        match self {
            Self::Ready => "READY=1".into(),
            Self::Reloading => {
                // The manager tells an answer to its own signal from an older one by this.
                let now = clock_gettime(ClockId::Monotonic);
                format!("RELOADING=1\nMONOTONIC_USEC={}", now.tv_sec * 1_000_000 + now.tv_nsec / 1_000)
            }
            Self::Stopping => "STOPPING=1".into(),
            Self::Watchdog => "WATCHDOG=1".into(),
        }
    }
}

/// Tells the service manager, if there is one that wants to know.
pub(crate) fn tell(state: State) {
    let Some(socket) = std::env::var_os("NOTIFY_SOCKET").filter(|name| !name.is_empty()) else { return };
    let address = match socket.as_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name),
        path => SocketAddr::from_pathname(std::ffi::OsStr::from_bytes(path)),
    };
    let sent =
        address.and_then(|address| UnixDatagram::unbound()?.send_to_addr(state.text().as_bytes(), &address));
    if let Err(cause) = sent {
        tracing::warn!(%cause, ?state, "the service manager could not be told");
    }
}

/// How often the service manager wants to hear that we are alive; none = it does not. Half of its patience, as
/// sd_watchdog_enabled(3) advises.
pub(crate) fn watchdog() -> Option<Duration> {
    let number = |name| std::env::var(name).ok()?.parse::<u64>().ok();
    if number("WATCHDOG_PID").is_some_and(|pid| pid != u64::from(std::process::id())) {
        return None;
    }
    number("WATCHDOG_USEC")
        .filter(|patience| *patience > 1)
        .map(|patience| Duration::from_micros(patience / 2))
}
