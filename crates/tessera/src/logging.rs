//! Where log lines go.

mod named;

use std::io::IsTerminal;
use std::panic;

use config::{LogFormat, LogSettings};
use named::Named;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt, reload};

use crate::traces::Collecting;

/// The filter in the settings is none.
#[derive(Debug, thiserror::Error)]
#[error("log.level: {0}")]
pub(crate) struct BadFilter(tracing_subscriber::filter::ParseError);

/// Changes what is logged.
pub(crate) struct Level(reload::Handle<EnvFilter, Registry>);

impl Level {
    /// From now on this is logged.
    pub(crate) fn set(&self, filter: EnvFilter) {
        // It fails only where nothing is logged any more.
        _ = self.0.reload(filter);
    }
}

/// What `log.level` says.
pub(crate) fn filter(settings: &LogSettings) -> Result<EnvFilter, BadFilter> {
    EnvFilter::try_new(&settings.level).map_err(BadFilter)
}

/// Sends log lines to standard error: as text on a terminal, as JSON elsewhere, unless set otherwise. Traces have a
/// filter of their own, whatever the level of the log.
pub(crate) fn start(settings: &LogSettings, traces: Option<Collecting>) -> Result<Level, BadFilter> {
    let (filter, handle) = reload::Layer::new(filter(settings)?);
    let terminal = std::io::stderr().is_terminal();
    let text = match settings.format {
        LogFormat::Auto => terminal,
        LogFormat::Text => true,
        LogFormat::Json => false,
    };
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = if text {
        let format = fmt::format().with_ansi(terminal);
        lines.with_ansi(terminal).event_format(Named { format, json: false }).boxed()
    } else {
        let format = fmt::format().json();
        lines.json().event_format(Named { format, json: true }).boxed()
    };
    // A second start in one process keeps the first one's choice, and a level that cannot be changed stays.
    let wanted = filter_fn(Collecting::wants).with_max_level_hint(LevelFilter::DEBUG);
    let traces = traces.map(|traces| traces.with_filter(wanted));
    _ = tracing_subscriber::registry().with(lines.with_filter(filter)).with(traces).try_init();
    Ok(Level(handle))
}

/// Has panics logged like everything else, so that a log of JSON is JSON to the last line.
pub(crate) fn log_panics() {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = panic.payload_as_str().unwrap_or_default();
        tracing::error!(place, message, "panicked");
    }));
}
