//! `tessera config`.

use config::{Layers, REFERENCE, load};
use serde_json::json;

use crate::cli::Config as Command;
use crate::compose::{self, Problem};
use crate::output;

pub(super) fn run(command: &Command, layers: &Layers, json: bool) -> Result<(), Problem> {
    if matches!(command, Command::Reference) {
        return match json {
            true => output::json(&json!({ "reference": REFERENCE })),
            false => output::line(REFERENCE.trim_end()),
        };
    }
    let settings = load(layers)?;
    compose::check(&settings)?;
    match command {
        Command::Check if json => output::json(&json!({ "sound": true })),
        Command::Check => output::line("the settings are sound"),
        _ if json => output::json(&settings),
        _ => output::line(toml::to_string(&settings)?.trim_end()),
    }
}
