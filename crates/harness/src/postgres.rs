//! A throwaway PostgreSQL: a cluster in a folder of its own that ends with the test.

mod keeper;
mod options;
mod programs;
#[cfg(test)]
mod tests;

use std::fs;
use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use keeper::Keeper;
pub use options::Options;
use programs::Programs;

use crate::machine::helpers;
use crate::machine::stat::TICKS_PER_SECOND;

/// The superuser of every cluster.
const USER: &str = "tessera";
/// The longest path of a Unix socket on every system we know.
const LONGEST_SOCKET_PATH: usize = 103;

/// How a cluster is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Ends every connection, undoing what it had under way, and writes everything down.
    Fast,
    /// At once, as in a power cut: the next start begins with crash recovery.
    Immediate,
}

/// A running cluster. Dropping it, or the end of the test process however it comes, stops the cluster and
/// removes its folder.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    port: u16,
    password: Option<String>,
    programs: Programs,
    keeper: Mutex<Keeper>,
    databases: AtomicU64,
}

impl Cluster {
    /// The one cluster of this test process, started when it is first asked for. Panics when there is no
    /// PostgreSQL to start.
    #[expect(clippy::panic, reason = "a test of an engine cannot go on without the engine")]
    #[track_caller]
    pub fn shared() -> &'static Cluster {
        static SHARED: OnceLock<Result<Cluster, String>> = OnceLock::new();
        let started =
            SHARED.get_or_init(|| Cluster::try_start(Options::new()).map_err(|error| error.to_string()));
        match started {
            Ok(cluster) => cluster,
            Err(error) => panic!("{}", advice(error)),
        }
    }

    /// Starts a cluster of its own, for tests that stop it or set it up in a special way. Panics when it
    /// cannot.
    #[expect(clippy::panic, reason = "a test of an engine cannot go on without the engine")]
    #[track_caller]
    pub fn start(options: Options) -> Cluster {
        match Cluster::try_start(options) {
            Ok(cluster) => cluster,
            Err(error) => panic!("{}", advice(&error.to_string())),
        }
    }

    fn try_start(options: Options) -> io::Result<Cluster> {
        let programs = Programs::find()?;
        let folder = tempfile::Builder::new().prefix("pg").tempdir()?;
        programs.give(folder.path())?;
        let (mut keeper, folder) = Keeper::start(&programs, folder)?;
        options.write_files(&folder, &programs)?;
        keeper.run("init", &options.init_arguments(&folder, USER))?;
        options.write_settings(&folder)?;
        let port = start_on_free_port(&mut keeper, &folder)?;
        let cluster = Cluster {
            folder,
            port,
            password: options.password,
            programs,
            keeper: Mutex::new(keeper),
            databases: AtomicU64::new(0),
        };
        cluster.helps();
        Ok(cluster)
    }

    /// The process that all others of the cluster come from, if it runs.
    fn postmaster(&self) -> Option<u32> {
        let text = fs::read_to_string(self.folder.join("data/postmaster.pid")).ok()?;
        text.lines().next()?.parse().ok()
    }

    /// Its time is this program's.
    fn helps(&self) {
        self.postmaster().into_iter().for_each(helpers::count);
    }

    /// Seconds of all cores that it has used since it was started last.
    pub fn cpu_seconds(&self) -> f64 {
        self.postmaster().and_then(helpers::of_family).unwrap_or_default() / TICKS_PER_SECOND
    }

    /// Where the cluster keeps its data (in `data`), its log (`log`) and its socket.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The port on 127.0.0.1, which is in the name of the socket too.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of a database through the Unix socket.
    pub fn url(&self, database: &str) -> String {
        let folder = self.folder.display();
        format!("postgres://{}@/{database}?host={folder}&port={}", self.credentials(), self.port)
    }

    /// The URL of a database through TCP.
    pub fn tcp_url(&self, database: &str) -> String {
        format!("postgres://{}@127.0.0.1:{}/{database}", self.credentials(), self.port)
    }

    fn credentials(&self) -> String {
        match &self.password {
            Some(password) => format!("{USER}:{}", encoded(password)),
            None => USER.to_owned(),
        }
    }

    /// Makes an empty database, and answers its name.
    #[track_caller]
    pub fn create_database(&self) -> String {
        let name = format!("t{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("create database {name}"));
        name
    }

    /// The URL of a database of its own, made empty just now.
    #[track_caller]
    pub fn fresh_url(&self) -> String {
        self.url(&self.create_database())
    }

    /// Runs statements as the superuser, beside whatever is tested; the answer is one line per row with `|`
    /// between columns. Panics when they fail.
    #[expect(clippy::panic, reason = "a test that cannot set its stage fails")]
    #[track_caller]
    pub fn sql(&self, database: &str, sql: &str) -> String {
        match self.psql(database, sql).output() {
            Ok(output) if output.status.success() => {
                String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
            }
            Ok(output) => panic!("{sql}: {}", String::from_utf8_lossy(&output.stderr)),
            Err(error) => panic!("psql: {error}"),
        }
    }

    /// Whether the server takes connections and answers.
    pub fn answers(&self) -> bool {
        self.psql("postgres", "select 1").output().is_ok_and(|output| output.status.success())
    }

    fn psql(&self, database: &str, sql: &str) -> Command {
        let mut command = Command::new(self.programs.path("psql"));
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", USER, "-d", database]);
        command.arg("-h").arg(&self.folder).args(["-p", &self.port.to_string(), "-c", sql]);
        command.env("PGPASSWORD", self.password.as_deref().unwrap_or_default());
        command
    }

    /// Stops the server; the data stays.
    #[track_caller]
    pub fn stop(&self, how: Stop) {
        let mode = match how {
            Stop::Fast => "fast",
            Stop::Immediate => "immediate",
        };
        helpers::look();
        self.command("stop", &[mode]);
    }

    /// Starts the server again, on the same data and port, and waits until it serves.
    #[track_caller]
    pub fn start_again(&self) {
        self.command("start", &[&self.port.to_string()]);
        self.helps();
    }

    /// Kills the process behind one connection to that database (SIGKILL), if there is one. The server then
    /// ends every connection and recovers, as after a crash.
    #[track_caller]
    pub fn kill_backend(&self, database: &str) {
        let sql = format!(
            "select pid from pg_stat_activity where datname = '{database}' and pid <> pg_backend_pid() limit 1"
        );
        let pid = self.sql("postgres", &sql);
        if !pid.is_empty() {
            self.command("kill", &[&pid]);
        }
    }

    /// Stops all of the server's processes where they stand (SIGSTOP): connections stay open, and nothing
    /// answers.
    #[track_caller]
    pub fn pause(&self) {
        self.command("signal", &["STOP"]);
    }

    /// Lets them go on.
    #[track_caller]
    pub fn resume(&self) {
        self.command("signal", &["CONT"]);
    }

    #[expect(clippy::panic, reason = "a test that cannot set its stage fails")]
    #[track_caller]
    fn command(&self, verb: &str, arguments: &[&str]) {
        let done = self.keeper().run(verb, arguments);
        if let Err(error) = done {
            panic!("{verb} {arguments:?}: {error}");
        }
    }

    fn keeper(&self) -> MutexGuard<'_, Keeper> {
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        helpers::look();
    }
}

/// The text as it can stand anywhere in a URL.
fn encoded(text: &str) -> String {
    let one = |byte: u8| match byte {
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}

fn advice(error: &str) -> String {
    format!(
        "PostgreSQL cannot be started for the tests: {error}\n\
         Install it (on Debian: apt-get install postgresql; its commands are looked for in PATH and in \
         /usr/lib/postgresql), or leave its tests out with ./test --sqlite"
    )
}

/// Starts the server on a port that nobody uses, below those that the system gives out by itself.
fn start_on_free_port(keeper: &mut Keeper, folder: &Path) -> io::Result<u16> {
    const FIRST: u16 = 15_000;
    const PORTS: u16 = 15_000;
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let mut last = io::Error::other("no free port was found");
    // Processes begin at different places, so that tests run at once seldom meet.
    let process = u16::try_from(std::process::id().wrapping_mul(37) % u32::from(PORTS)).unwrap_or(0);
    for _ in 0..50 {
        let port = FIRST + process.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % PORTS;
        let socket = folder.join(format!(".s.PGSQL.{port}"));
        if socket.as_os_str().len() > LONGEST_SOCKET_PATH {
            return Err(io::Error::other(format!("{} is too long for a socket", socket.display())));
        }
        if TcpListener::bind(("127.0.0.1", port)).is_err() {
            continue;
        }
        match keeper.run("start", &[&port.to_string()]) {
            Ok(()) => return Ok(port),
            // Somebody else may have taken the port just now; any other reason will not go away.
            Err(error) if error.to_string().contains("in use") => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}
