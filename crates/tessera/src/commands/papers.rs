//! `tessera completions` and `tessera man`: the command line, written down.

use std::fs;
use std::io;
use std::path::Path;

use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;
use serde_json::json;

use crate::cli::Line;
use crate::compose::Problem;
use crate::output;

/// Prints the completions for a shell.
pub(super) fn completions(shell: Shell, json: bool) -> Result<(), Problem> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Line::command(), "tessera", &mut text);
    let text = String::from_utf8(text)?;
    if json {
        return output::json(&json!({ "shell": shell.to_string(), "script": text }));
    }
    output::line(text.trim_end())
}

/// Writes a page for each command into a folder, which is made if it is not there.
pub(super) fn man(folder: &Path, json: bool) -> Result<(), Problem> {
    let mut command = Line::command().disable_help_subcommand(true);
    command.build();
    let written = fs::create_dir_all(folder).and_then(|()| pages(command, folder));
    written.map_err(|error| format!("{}: {error}", folder.display()))?;
    if json { output::json(&json!({ "folder": folder })) } else { Ok(()) }
}

/// Writes the page of a command and those of everything below it.
fn pages(command: Command, folder: &Path) -> io::Result<()> {
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        pages(below.clone(), folder)?;
    }
    // There is no date to tell; a blank keeps its place, so that the version is not shown there.
    let version = format!("Tessera {}", command.get_version().unwrap_or_default());
    Man::new(command).date(" ").source(version).manual("Tessera").generate_to(folder).map(drop)
}
