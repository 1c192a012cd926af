//! Calls of a running server to the system that fail: `strace` attaches itself to its thread that writes the database.

use std::fs;
use std::io;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use harness::process::{Signal, TesseraProcess};
use rustix::process::{Pid, kill_process};
use tempfile::NamedTempFile;

/// The thread of the server that writes.
const WRITER: &str = "db-writer";
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(2);

/// Which calls fail, with what, and which of them.
pub(crate) struct Failing<'a> {
    /// Their names, separated by commas.
    pub(crate) calls: &'a str,
    /// As the C library names it.
    pub(crate) error: &'a str,
    /// `3` is the third alone, `3+` that and each that follows.
    pub(crate) when: &'a str,
}

/// A thread whose calls fail until this is dropped.
pub(crate) struct Injection {
    strace: Child,
    log: NamedTempFile,
}

impl Injection {
    /// From now on those calls fail that concern the database's files.
    pub(crate) fn on(server: &TesseraProcess, failing: &Failing) -> io::Result<Self> {
        let log = NamedTempFile::new()?;
        let said = NamedTempFile::new()?;
        let Failing { calls, error, when } = failing;
        let mut command = Command::new("strace");
        command.args(["-p", &writer(server)?, "-e", &format!("trace={calls}")]);
        command.args(["-e", &format!("inject={calls}:error={error}:when={when}")]).arg("-o").arg(log.path());
        let database = server.data().canonicalize()?.join("tessera.db");
        for end in ["", "-wal"] {
            command.arg("-P").arg(format!("{}{end}", database.display()));
        }
        let strace = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(said.reopen()?).spawn()?;
        let mut injection = Self { strace, log };
        let began = Instant::now();
        // Says so once every call is seen.
        while !fs::read_to_string(said.path())?.contains("attached") {
            if injection.strace.try_wait()?.is_some() || began.elapsed() > PATIENCE {
                return Err(io::Error::other(fs::read_to_string(said.path())?));
            }
            thread::sleep(PAUSE);
        }
        Ok(injection)
    }

    /// How many calls have failed so far.
    pub(crate) fn failed(&self) -> io::Result<usize> {
        Ok(fs::read_to_string(self.log.path())?.matches("(INJECTED)").count())
    }
}

impl Drop for Injection {
    fn drop(&mut self) {
        // Told so, it lets go of the thread; if it is gone, so is whom it held.
        let _ = kill_process(Pid::from_child(&self.strace), Signal::INT);
        let _ = self.strace.wait();
    }
}

/// The number of the thread that writes.
fn writer(server: &TesseraProcess) -> io::Result<String> {
    for task in fs::read_dir(format!("/proc/{}/task", server.pid()))? {
        let task = task?;
        if fs::read_to_string(task.path().join("comm"))?.trim() == WRITER {
            return Ok(task.file_name().to_string_lossy().into_owned());
        }
    }
    Err(io::Error::other(format!("there is no thread {WRITER}")))
}
