//! The real binary, started on a folder of its own.

mod command_line;
mod options;
mod output;
#[cfg(test)]
mod tests;

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

pub use command_line::CommandLine;
pub use options::Options;
pub use rustix::process::Signal;
use rustix::process::{Pid, kill_process};
use tempfile::TempDir;

use crate::http::{Answer, Client, Request};
use crate::server::Server;
use crate::{mailbox, totp};

/// How long a start may take (a debug build on a busy machine), and a stop.
const START_LIMIT: Duration = Duration::from_secs(60);
const STOP_LIMIT: Duration = Duration::from_secs(30);
/// Until a running server has surely learnt what a command changed: it looks every 200 ms.
const LEARNT_WITHIN: Duration = Duration::from_secs(1);
/// Between two looks at something awaited.
const PAUSE: Duration = Duration::from_millis(10);

/// A running server and its folder. Dropping it kills the server and removes the folder.
#[derive(Debug)]
pub struct TesseraProcess {
    options: Options,
    folder: TempDir,
    starts: usize,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    client: Client,
}

/// A start that did not end in a listening server.
#[derive(Debug)]
pub struct StartFailed {
    /// The exit status if the process ended by itself; `None` if it could not be run or said nothing.
    pub status: Option<ExitStatus>,
    /// What it printed, or why it could not be run.
    pub output: String,
}

impl TesseraProcess {
    /// Starts a server on a fresh folder and waits until it listens. Panics, showing what it printed, when
    /// it does not.
    #[expect(clippy::panic, reason = "without a server there is no test")]
    #[track_caller]
    pub fn start(options: Options) -> TesseraProcess {
        match TesseraProcess::try_start(options) {
            Ok(server) => server,
            Err(failed) => panic!("the server did not start ({:?}):\n{}", failed.status, failed.output),
        }
    }

    /// The same for starts that are expected to fail.
    pub fn try_start(options: Options) -> Result<TesseraProcess, StartFailed> {
        let folder = options.folder().map_err(not_run)?;
        let mut server =
            TesseraProcess { options: options.with_database(), folder, starts: 0, running: None };
        server.options.write_settings(server.folder.path()).map_err(not_run)?;
        server.launch()?;
        Ok(server)
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Where the server listens. Panics when it is not running.
    #[track_caller]
    pub fn address(&self) -> SocketAddr {
        self.running().client.address()
    }

    /// The number of the server's process. Panics when it is not running.
    #[track_caller]
    pub fn pid(&self) -> u32 {
        self.running().child.id()
    }

    /// A client of its own, with its own connection. Panics when the server is not running.
    #[track_caller]
    pub fn client(&self) -> Client {
        Client::new(self.address())
    }

    /// What the server printed since its last start: standard output, then standard error.
    pub fn output(&self) -> String {
        output::read_all(self.folder.path(), self.starts)
    }

    /// Sets a variable of the server's environment from its next start on.
    pub fn set_env(&mut self, name: &str, value: &str) {
        self.options = self.options.clone().env(name, value);
    }

    /// Runs another program from its next start on, the command line too.
    pub fn set_binary(&mut self, binary: &Path) {
        self.options = self.options.clone().binary(binary);
    }

    /// Whether the server ends by itself within that time, or did not even start.
    pub fn dies_within(&mut self, limit: Duration) -> bool {
        let running = self.running.as_mut();
        running.is_none_or(|running| wait(&mut running.child, limit).is_some())
    }

    /// Kills the server like a power cut would (SIGKILL). Does nothing when it is not running.
    pub fn kill9(&mut self) {
        if let Some(mut running) = self.running.take() {
            // An error means that it has ended already.
            let _ = running.child.kill();
            let _ = running.child.wait();
        }
    }

    /// Asks the server to stop (SIGTERM) and waits for it. Panics when it is not running, or does not end.
    #[track_caller]
    pub fn stop(&mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        self.ended()
    }

    /// Sends the server a signal. Panics when it is not running.
    #[expect(clippy::panic, reason = "a signal that does not arrive fails its test")]
    #[track_caller]
    pub fn signal(&self, signal: Signal) {
        if let Err(error) = kill_process(Pid::from_child(&self.running().child), signal) {
            panic!("{signal:?}: {error}");
        }
    }

    /// Waits for the end of a server that was told to stop. Panics when it is not running, or does not end.
    #[expect(clippy::panic, reason = "a server that does not stop fails its test")]
    #[track_caller]
    pub fn ended(&mut self) -> ExitStatus {
        let Some(mut running) = self.running.take() else { panic!("the server is not running") };
        let ended = wait(&mut running.child, STOP_LIMIT);
        if let Some(status) = ended {
            return status;
        }
        let _ = running.child.kill();
        let _ = running.child.wait();
        panic!("the server did not stop:\n{}", self.output());
    }

    /// Starts the server again on the same folder, stopping it first if it runs. It listens on another
    /// port then. Panics when it does not start.
    #[expect(clippy::panic, reason = "without a server there is no test")]
    #[track_caller]
    pub fn restart(&mut self) {
        if self.running.is_some() {
            self.stop();
        }
        if let Err(failed) = self.launch() {
            panic!("the server did not start again ({:?}):\n{}", failed.status, failed.output);
        }
    }

    /// Runs `tessera ARGS` on the same data, giving it `stdin`, and waits for its end. Works beside a
    /// running server and without one. Panics when the binary cannot be run.
    #[track_caller]
    pub fn cli(&self, args: &[&str], stdin: &str) -> Output {
        self.command_line().run(args, stdin)
    }

    /// The command line on the same data, as a value of its own.
    pub fn command_line(&self) -> CommandLine {
        CommandLine { options: self.options.clone(), folder: self.folder.path().to_owned() }
    }

    #[expect(clippy::panic, reason = "a test must not talk to a server that it has stopped")]
    #[track_caller]
    fn running(&self) -> &Running {
        match &self.running {
            Some(running) => running,
            None => panic!("the server is not running"),
        }
    }

    fn launch(&mut self) -> Result<(), StartFailed> {
        self.starts += 1;
        let folder = self.folder.path();
        let mut command = self.options.serve(folder);
        let (stdout, stderr) = output::files(folder, self.starts).map_err(not_run)?;
        let mut child =
            command.stdin(Stdio::null()).stdout(stdout).stderr(stderr).spawn().map_err(not_run)?;
        match await_address(&mut child, folder, self.starts) {
            Ok(address) => {
                self.running = Some(Running { child, client: Client::new(address) });
                Ok(())
            }
            Err(status) => {
                let _ = child.kill();
                let _ = child.wait();
                Err(StartFailed { status, output: self.output() })
            }
        }
    }
}

impl Drop for TesseraProcess {
    fn drop(&mut self) {
        self.kill9();
    }
}

impl Server for TesseraProcess {
    #[expect(clippy::panic, reason = "a server that hangs up fails its test")]
    fn send(&mut self, request: Request) -> Answer {
        let sent = match &mut self.running {
            Some(running) => running.client.send(&request),
            None => panic!("the server is not running"),
        };
        match sent {
            Ok(answer) => answer,
            Err(error) => {
                panic!("{} {}: {error}\n{}", request.method, request.target, self.output())
            }
        }
    }

    fn newest_mail(&self, address: &str, subject: &str) -> Option<String> {
        mailbox::newest(&self.data().join("mail"), address, subject)
    }

    #[expect(clippy::panic, reason = "a test cannot go on without the permission")]
    fn permit(&mut self, username: &str, permission: &str, on: bool) {
        let verb = if on { "permit" } else { "forbid" };
        let output = self.cli(&["account", verb, username, permission], "");
        if !output.status.success() {
            panic!("account {verb} {username} {permission}: {}", String::from_utf8_lossy(&output.stderr));
        }
        if self.running.is_some() {
            thread::sleep(LEARNT_WITHIN);
        }
    }

    /// The system's clock, which the server follows too. Waits for the next step of 30 s when the present
    /// one is about to end, so that a code computed now is still taken when it arrives.
    #[expect(
        clippy::disallowed_methods,
        reason = "the server runs on the system's clock, and so do its codes"
    )]
    fn totp_now(&self) -> i64 {
        loop {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
            let now = i64::try_from(now).unwrap_or(i64::MAX);
            if now.rem_euclid(totp::STEP_SECONDS) < totp::STEP_SECONDS - 3 {
                return now;
            }
            thread::sleep(PAUSE);
        }
    }
}

fn not_run(error: io::Error) -> StartFailed {
    StartFailed { status: None, output: format!("could not be run: {error}") }
}

/// The address the server says it listens on. Errs with the exit status when it ends before, and without
/// one when the time is up.
fn await_address(child: &mut Child, folder: &Path, start: usize) -> Result<SocketAddr, Option<ExitStatus>> {
    let began = Instant::now();
    while began.elapsed() < START_LIMIT {
        // Looked at first, so that what a process printed before it ended is still read below.
        let ended = child.try_wait().ok().flatten();
        if ended.is_some() {
            return Err(ended);
        }
        if let Some(address) = output::address(folder, start) {
            return Ok(address);
        }
        thread::sleep(PAUSE);
    }
    Err(None)
}

fn wait(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let began = Instant::now();
    while began.elapsed() < limit {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        thread::sleep(PAUSE);
    }
    None
}
