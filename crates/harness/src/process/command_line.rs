//! The command line beside a server.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use super::Options;

/// `tessera ARGS` with the settings and on the data of one server, whether that runs or not; lives on its own,
/// so that it can be used while the server is stopped and started.
#[derive(Clone, Debug)]
pub struct CommandLine {
    pub(super) options: Options,
    pub(super) folder: PathBuf,
}

impl CommandLine {
    /// Runs `tessera ARGS`, giving it `stdin`, and waits for its end. Panics when the binary cannot be run.
    #[expect(clippy::panic, reason = "a binary that cannot be run fails its test")]
    #[track_caller]
    pub fn run(&self, args: &[&str], stdin: &str) -> Output {
        let mut command = self.options.command(args, &self.folder);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        match ended(&mut command, stdin) {
            Ok(output) => output,
            Err(error) => panic!("tessera {args:?}: {error}"),
        }
    }
}

impl CommandLine {
    /// Starts `tessera ARGS` and does not wait for it; what it prints can be read. Panics when the binary cannot be
    /// run.
    #[expect(clippy::panic, reason = "a binary that cannot be run fails its test")]
    #[track_caller]
    pub fn start(&self, args: &[&str]) -> Child {
        let mut command = self.options.command(args, &self.folder);
        match command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn() {
            Ok(child) => child,
            Err(error) => panic!("tessera {args:?}: {error}"),
        }
    }
}

fn ended(command: &mut Command, stdin: &str) -> io::Result<Output> {
    let mut child: Child = command.spawn()?;
    if let Some(mut pipe) = child.stdin.take() {
        // A command that needs no input may have ended before it was written.
        match pipe.write_all(stdin.as_bytes()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error),
            _ => {}
        }
    }
    child.wait_with_output()
}
