//! `tessera completions` and `tessera man`: the command line, written down.

use std::fs;
use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Line;
use crate::compose::Problem;
use crate::output;

/// Prints the completions for a shell.
pub(super) fn completions(shell: Shell) -> Result<(), Problem> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Line::command(), "tessera", &mut text);
    output::line(String::from_utf8(text)?.trim_end());
    Ok(())
}

/// Writes a page for each command into a folder, which is made if it is not there.
pub(super) fn man(folder: &Path) -> Result<(), Problem> {
    let named = |error: std::io::Error| format!("{}: {error}", folder.display());
    fs::create_dir_all(folder).map_err(named)?;
    clap_mangen::generate_to(Line::command(), folder).map_err(named)?;
    Ok(())
}
