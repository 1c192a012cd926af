//! What a server prints, kept in files beside its data.

use std::fs::{self, File};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// What stands before the port in the line that says where the server listens, without and with TLS.
const LISTENING: [&str; 2] = ["listening on http://127.0.0.1:", "listening on https://127.0.0.1:"];

/// New files for standard output and standard error of the start with that number.
pub(super) fn files(folder: &Path, start: usize) -> io::Result<(File, File)> {
    Ok((File::create(stdout(folder, start))?, File::create(stderr(folder, start))?))
}

/// Everything printed so far since that start.
pub(super) fn read_all(folder: &Path, start: usize) -> String {
    let read = |path| String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned();
    format!("{}{}", read(stdout(folder, start)), read(stderr(folder, start)))
}

/// The address in the first finished line that names one, once it has been printed.
pub(super) fn address(folder: &Path, start: usize) -> Option<SocketAddr> {
    let printed = fs::read(stdout(folder, start)).ok()?;
    let printed = String::from_utf8_lossy(&printed);
    let finished = printed.rsplit_once('\n')?.0;
    finished.lines().find_map(port_in).map(|port| SocketAddr::from(([127, 0, 0, 1], port)))
}

fn port_in(line: &str) -> Option<u16> {
    let (_, rest) = LISTENING.iter().find_map(|words| line.split_once(words))?;
    let digits = rest.split(|character: char| !character.is_ascii_digit()).next()?;
    digits.parse().ok()
}

fn stdout(folder: &Path, start: usize) -> PathBuf {
    folder.join(format!("stdout-{start}.log"))
}

fn stderr(folder: &Path, start: usize) -> PathBuf {
    folder.join(format!("stderr-{start}.log"))
}
