//! Where log lines go.

use std::io::IsTerminal;

use config::{LogFormat, LogSettings};
use tracing_subscriber::EnvFilter;

/// The filter in the settings is none.
#[derive(Debug, thiserror::Error)]
#[error("log.level: {0}")]
pub(crate) struct BadFilter(tracing_subscriber::filter::ParseError);

/// Sends log lines to standard error: as text on a terminal, as JSON elsewhere, unless set otherwise.
pub(crate) fn start(settings: &LogSettings) -> Result<(), BadFilter> {
    let filter = EnvFilter::try_new(&settings.level).map_err(BadFilter)?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let text = match settings.format {
        LogFormat::Auto => std::io::stderr().is_terminal(),
        LogFormat::Text => true,
        LogFormat::Json => false,
    };
    // A second start in one process keeps the first one's choice.
    _ = if text { builder.try_init() } else { builder.json().try_init() };
    Ok(())
}
