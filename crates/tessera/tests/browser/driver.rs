//! A WebDriver server of our own.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};

/// ChromeDriver on a free port. It and its browsers end when it is dropped.
pub(crate) struct Driver {
    child: Child,
    pub(crate) url: String,
    /// Kept open, or its next line would end the process.
    _output: BufReader<ChildStdout>,
}

impl Driver {
    pub(crate) fn start() -> Driver {
        let spawned = Command::new("chromedriver")
            .args(["--port=0", "--log-level=SEVERE"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn();
        let mut child = match spawned {
            Ok(child) => child,
            Err(error) => {
                panic!("chromedriver: {error}. ./test installs it (Debian: chromium, chromium-driver)")
            }
        };
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let port = loop {
            let mut line = String::new();
            assert_ne!(output.read_line(&mut line).unwrap(), 0, "chromedriver ended at once");
            if let Some((_, port)) = line.trim_end().trim_end_matches('.').split_once("successfully on port ")
            {
                break port.parse::<u16>().unwrap();
            }
        };
        Driver { child, url: format!("http://127.0.0.1:{port}"), _output: output }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // An error means that all of them have ended already.
        _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        _ = self.child.wait();
    }
}
