//! The shell that holds a cluster in its hands.
//!
//! It takes commands from a pipe. When the pipe closes, because the cluster was dropped or because the test
//! process ended in whatever way, it stops the server and removes the folder.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use tempfile::TempDir;

use super::programs::Programs;

/// Reads a verb and its arguments per line, tab-separated, and answers the status of each. `$1` is the folder of
/// the commands; the working folder is the cluster's.
const SCRIPT: &str = r#"
bin=$1
postmaster() { [ -f data/postmaster.pid ] && head -n 1 data/postmaster.pid; }
# The postmaster and its children: each is a session of its own, so there is no group to signal.
signal() {
    main=$(postmaster) || return 1
    set -- "$1" "$main"
    for stat in /proc/[0-9]*/stat; do
        line=$(cat "$stat" 2>/dev/null) || continue
        fields=${line##*) }
        parent=${fields#* }
        if [ "${parent%% *}" = "$main" ]; then child=${stat#/proc/}; set -- "$@" "${child%/stat}"; fi
    done
    kill -s "$@"
}
tab=$(printf '\t')
while IFS= read -r line; do
    IFS=$tab; set -f
    set -- $line
    unset IFS; set +f
    verb=$1; shift
    case $verb in
        init)
            "$bin/initdb" -D data --locale-provider=icu --icu-locale=en-US --locale=C "$@" ||
                { rm -rf data; "$bin/initdb" -D data --locale=C "$@"; } ;;
        start) : >log; "$bin/pg_ctl" -D data -w -t 60 -s -l log -o "-p $1" start || { cat log; false; } ;;
        stop) "$bin/pg_ctl" -D data -w -t 60 -s -m "$1" stop ;;
        kill) kill -s KILL "$1" ;;
        signal) signal "$1" ;;
    esac >said 2>&1
    echo $?
done
if postmaster >/dev/null; then
    signal CONT
    "$bin/pg_ctl" -D data -w -t 60 -s -m immediate stop
fi >said 2>&1
rm -rf "$(pwd)"
"#;

/// The shell and its pipes.
#[derive(Debug)]
pub(super) struct Keeper {
    child: Child,
    /// None once it was told to end.
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    folder: PathBuf,
}

impl Keeper {
    /// Starts the shell in that folder, which is its own from now on.
    pub(super) fn start(programs: &Programs, folder: TempDir) -> io::Result<(Keeper, PathBuf)> {
        let mut command = programs.shell();
        command.args([OsStr::new("-c"), OsStr::new(SCRIPT), OsStr::new("keeper")]).arg(programs.folder());
        // Away from the terminal's group: an interrupt there must not end it before it has tidied up.
        command.current_dir(folder.path()).process_group(0);
        command.env_remove("PGDATA").env("LC_ALL", "C").env("TZ", "UTC");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let (Some(commands), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("the shell has no pipes"));
        };
        let path = folder.keep();
        let keeper = Keeper {
            child,
            commands: Some(commands),
            answers: BufReader::new(answers),
            folder: path.clone(),
        };
        Ok((keeper, path))
    }

    /// Has one command run and waits for its end; the error is what it said.
    pub(super) fn run(&mut self, verb: &str, arguments: &[impl AsRef<str>]) -> io::Result<()> {
        let Some(commands) = &mut self.commands else { return Err(io::Error::other("the shell has ended")) };
        let mut line = verb.to_owned();
        for argument in arguments {
            line.push('\t');
            line.push_str(argument.as_ref());
        }
        line.push('\n');
        commands.write_all(line.as_bytes())?;
        commands.flush()?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        if answer.trim() == "0" { Ok(()) } else { Err(io::Error::other(said(&self.folder))) }
    }
}

fn said(folder: &Path) -> String {
    fs::read_to_string(folder.join("said")).unwrap_or_default()
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.commands = None;
        let _ = self.child.wait();
    }
}
