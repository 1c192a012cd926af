//! PostgreSQL's own commands, and who may run them.

use std::io;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where Debian and its kin keep each version's commands.
const VERSIONS: &str = "/usr/lib/postgresql";

/// The commands, and the user that runs the server.
#[derive(Debug)]
pub(super) struct Programs {
    folder: PathBuf,
    /// The server refuses to run as root: then somebody else runs it.
    user: Option<User>,
}

#[derive(Debug)]
struct User {
    id: u32,
    group: u32,
}

impl Programs {
    /// Those in `PATH`, else those of the newest version that is installed.
    pub(super) fn find() -> io::Result<Programs> {
        let in_path = std::env::var_os("PATH").unwrap_or_default();
        let mut versions: Vec<PathBuf> = std::fs::read_dir(VERSIONS)
            .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
            .unwrap_or_default();
        let number = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
        versions.sort_by_key(|path| std::cmp::Reverse(number(path)));
        let newest_first = versions.into_iter().map(|version| version.join("bin"));
        let complete = |folder: &PathBuf| {
            ["initdb", "postgres", "pg_ctl", "psql"].iter().all(|name| folder.join(name).is_file())
        };
        let folder = std::env::split_paths(&in_path)
            .chain(newest_first)
            .find(complete)
            .ok_or_else(|| io::Error::other("initdb, postgres, pg_ctl and psql were not found"))?;
        let user = if rustix::process::geteuid().is_root() { Some(User::unprivileged()?) } else { None };
        Ok(Programs { folder, user })
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Lets the server's user have a file or folder.
    pub(super) fn give(&self, path: &Path) -> io::Result<()> {
        match &self.user {
            Some(user) => chown(path, Some(user.id), Some(user.group)),
            None => Ok(()),
        }
    }

    /// A shell that runs as the server's user.
    pub(super) fn shell(&self) -> Command {
        let Some(user) = &self.user else { return Command::new("sh") };
        let mut command = Command::new("setpriv");
        command.arg(format!("--reuid={}", user.id)).arg(format!("--regid={}", user.group));
        command.args(["--clear-groups", "sh"]);
        command
    }
}

impl User {
    /// The user that comes with the package, else the one that owns nothing.
    fn unprivileged() -> io::Result<User> {
        let number = |flag: &str, name: &str| {
            let output = Command::new("id").args([flag, name]).output().ok()?;
            String::from_utf8_lossy(&output.stdout).trim().parse().ok()
        };
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| Some(User { id: number("-u", name)?, group: number("-g", name)? }))
            .ok_or_else(|| io::Error::other("there is no user postgres or nobody to run it"))
    }
}
