//! How a server is to be started.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::engine::{Engine, engine};
use crate::figure;
use crate::postgres::Cluster;

/// The settings of the section `throttle`. A name that the server does not know ends its start, so this list
/// cannot go stale unnoticed.
const THROTTLES: [&str; 9] = [
    "INVITE_IN_ALL",
    "INVITE_PER_ADDRESS",
    "MAIL",
    "MAIL_PER_ADDRESS",
    "PER_ACCOUNT",
    "PER_ADDRESS",
    "REFRESH",
    "REGISTRATION",
    "SECOND_FACTOR",
];

/// A binary with its settings. Without further ado a server listens on a free port of the loopback
/// address, keeps everything in its own folder, and has no second listener.
#[derive(Clone, Debug)]
pub struct Options {
    binary: PathBuf,
    settings: String,
    environment: Vec<(String, String)>,
    database: Place,
    folder_in: Option<PathBuf>,
}

/// Where a server's database is.
#[derive(Clone, Debug)]
enum Place {
    /// On the engine of this run, made when the server is started.
    Ours,
    /// The file in the data folder.
    File,
    Url(String),
}

impl Options {
    /// The binary at that path, or the one that [`figure::BINARY`] names.
    pub fn new(binary: impl Into<PathBuf>) -> Options {
        let environment = vec![("TESSERA_OPS__LISTEN".to_owned(), "off".to_owned())];
        Options {
            binary: std::env::var_os(figure::BINARY).map_or_else(|| binary.into(), PathBuf::from),
            settings: String::new(),
            environment,
            database: Place::Ours,
            folder_in: None,
        }
    }

    /// The same with another binary.
    pub(super) fn binary(mut self, binary: &Path) -> Options {
        self.binary = binary.to_owned();
        self
    }

    /// Adds lines to its `tessera.toml`. Without any, no such file is written.
    pub fn settings(mut self, toml: &str) -> Options {
        self.settings.push_str(toml);
        self.settings.push('\n');
        self
    }

    /// Sets a variable of its environment; the later of two with one name counts. Variables `TESSERA_*` of
    /// the test's own environment are not handed on.
    pub fn env(mut self, name: &str, value: &str) -> Options {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Turns on the listener for health and metrics, on a free port.
    pub fn with_ops(self) -> Options {
        self.env("TESSERA_OPS__LISTEN", "127.0.0.1:0")
    }

    /// Makes passwords cost almost nothing to hash.
    pub fn cheap(self) -> Options {
        self.env("TESSERA_PASSWORDS__MEMORY_KIB", "64").env("TESSERA_PASSWORDS__PASSES", "1")
    }

    /// Turns off every throttle: all requests of a test come from one address.
    pub fn unthrottled(self) -> Options {
        THROTTLES.iter().fold(self, |options, name| options.env(&format!("TESSERA_THROTTLE__{name}"), "off"))
    }

    /// Uses that database instead of one of its own on the engine of this run.
    pub fn database(mut self, url: &str) -> Options {
        self.database = Place::Url(url.to_owned());
        self
    }

    /// Uses the file in the data folder, whatever the engine of this run: for tests of that file, and of what
    /// is before any database.
    pub fn on_file(mut self) -> Options {
        self.database = Place::File;
        self
    }

    /// Puts the server's folder there instead of among temporary files.
    pub fn folder_in(mut self, parent: &Path) -> Options {
        self.folder_in = Some(parent.to_owned());
        self
    }

    /// An empty folder for the server.
    pub(super) fn folder(&self) -> io::Result<TempDir> {
        match &self.folder_in {
            Some(parent) => tempfile::tempdir_in(parent),
            None => tempfile::tempdir(),
        }
    }

    /// Makes the database if it is one of the server's own.
    #[track_caller]
    pub(super) fn with_database(mut self) -> Options {
        if matches!(self.database, Place::Ours) {
            self.database = match engine() {
                Engine::Sqlite => Place::File,
                Engine::Postgres => Place::Url(Cluster::shared().fresh_url()),
            };
        }
        self
    }

    /// Writes `tessera.toml` if there are settings.
    pub(super) fn write_settings(&self, folder: &Path) -> io::Result<()> {
        if self.settings.is_empty() { Ok(()) } else { fs::write(folder.join("tessera.toml"), &self.settings) }
    }

    /// `tessera serve` on that folder.
    pub(super) fn serve(&self, folder: &Path) -> Command {
        self.command(&["serve", "--listen", "127.0.0.1:0"], folder)
    }

    /// `tessera ARGS` on that folder.
    pub(super) fn command(&self, args: &[&str], folder: &Path) -> Command {
        let mut command = Command::new(&self.binary);
        command.current_dir(folder).args(args).arg("--data").arg(folder.join("data"));
        if !self.settings.is_empty() {
            command.arg("--config").arg(folder.join("tessera.toml"));
        }
        if let Place::Url(url) = &self.database {
            command.args(["--database", url]);
        }
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("TESSERA_") {
                command.env_remove(name);
            }
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }
}
