//! What figures are measured on, and what else it was doing.

pub(crate) mod helpers;
pub(crate) mod stat;

use std::path::Path;
use std::process::Command;
use std::{fs, io};

use serde::{Deserialize, Serialize};
use stat::{Stat, TICKS_PER_SECOND};

/// A machine and what runs on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// The processor's name for itself.
    pub cpu: String,
    /// How many threads run at once.
    pub cores: usize,
    /// All memory in MiB.
    pub memory_mib: u64,
    /// The release of the running kernel.
    pub kernel: String,
    /// What the compiler says of itself.
    pub rustc: String,
    /// The load averages of 1, 5 and 15 minutes before the first sample.
    pub load: String,
}

impl Machine {
    /// This one, now. What the system does not tell stays empty.
    pub fn here() -> Self {
        let after = |path: &str, key: &str| {
            let text = fs::read_to_string(path).unwrap_or_default();
            let line = text.lines().find(|line| line.starts_with(key)).unwrap_or_default();
            line.split_once(':').map_or(String::new(), |(_, value)| value.trim().to_owned())
        };
        let memory = after("/proc/meminfo", "MemTotal");
        let memory: u64 = memory.split(' ').next().and_then(|kib| kib.parse().ok()).unwrap_or_default();
        Self {
            cpu: after("/proc/cpuinfo", "model name"),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_mib: memory / 1_024,
            kernel: first_line("/proc/sys/kernel/osrelease"),
            rustc: said(Command::new("rustc").arg("--version")),
            load: first_line("/proc/loadavg").split(' ').take(3).collect::<Vec<_>>().join(" "),
        }
    }
}

/// The commit that is checked out in a folder, marked if files differ from it.
pub fn commit(folder: &Path) -> String {
    said(Command::new("git").args(["describe", "--always", "--dirty", "--abbrev=12"]).current_dir(folder))
}

/// The date in UTC, as the machine has it.
pub fn today() -> String {
    said(Command::new("date").args(["-u", "+%F"]))
}

fn first_line(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default().lines().next().unwrap_or_default().to_owned()
}

/// The first line that a program prints; nothing if it cannot be run.
pub fn said(command: &mut Command) -> String {
    let output = command.output().map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&output).lines().next().unwrap_or_default().to_owned()
}

/// What a process holds and has used so far.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Resident memory in MiB.
    pub memory_mib: f64,
    /// Seconds of all cores together.
    pub cpu_seconds: f64,
    /// Open file descriptors.
    pub descriptors: usize,
    /// Threads, sleeping ones too.
    pub threads: usize,
}

/// Processor time of the whole machine and of this program with its helpers, to tell what others used meanwhile.
#[derive(Clone, Copy, Debug)]
pub struct Watch {
    /// Ticks of all processors, idle ones too.
    all: f64,
    busy: f64,
    /// Ticks of this process, of those it has waited for and of its helpers.
    own: f64,
}

impl Watch {
    /// Begins to watch.
    pub fn now() -> Self {
        let all = first_line("/proc/stat");
        // The first eight are user, nice, system, idle, iowait, irq, softirq and steal; guests are in user.
        let all: Vec<f64> =
            all.split_whitespace().skip(1).take(8).filter_map(|field| field.parse().ok()).collect();
        let total: f64 = all.iter().sum();
        let waiting: f64 = all.iter().skip(3).take(2).sum();
        let own = Stat::of("self").map_or(0.0, Stat::all) + helpers::look();
        Self { all: total, busy: total - waiting, own }
    }

    /// The part of the machine that others have used since; what belongs to this program must have ended.
    pub fn others(self) -> f64 {
        let now = Self::now();
        let others = (now.busy - self.busy) - (now.own - self.own);
        (others / (now.all - self.all).max(1.0)).clamp(0.0, 1.0)
    }
}

/// Processor time in seconds that those threads of a running process have used whose names begin so; without those that
/// have ended.
pub fn seconds_of_threads(pid: u32, name: &str) -> f64 {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return 0.0 };
    let threads = threads.flatten().map(|thread| thread.path());
    let named = threads
        .filter(|thread| fs::read_to_string(thread.join("comm")).is_ok_and(|comm| comm.starts_with(name)));
    named.filter_map(|thread| Stat::at(&thread)).map(|stat| stat.own).sum::<f64>() / TICKS_PER_SECOND
}

/// Bytes that a running process has read, had read from a disk, and written so far; those that were read were in memory
/// but for those from a disk. Of what goes through sockets it has only what is written in several pieces at once, such as a
/// server's answers.
///
/// # Errors
/// If the system does not tell.
pub fn bytes_moved(pid: u32) -> io::Result<[f64; 3]> {
    let told = fs::read_to_string(format!("/proc/{pid}/io"))?;
    let bytes = |key: &str| {
        let value = told.lines().find_map(|line| line.strip_prefix(key)?.parse().ok());
        value.ok_or_else(|| io::Error::other(format!("no {key} of the process {pid}")))
    };
    Ok([bytes("rchar: ")?, bytes("read_bytes: ")?, bytes("wchar: ")?])
}

impl Usage {
    /// Of a running process; zero of one that is gone.
    pub fn of(pid: u32) -> Self {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let number = |key: &str| {
            let value = status.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
            value.split_whitespace().next().unwrap_or_default()
        };
        let kib: f64 = number("VmRSS:").parse().unwrap_or_default();
        let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count);
        Self {
            memory_mib: kib / 1_024.0,
            cpu_seconds: Stat::of(pid).map_or(0.0, |stat| stat.own) / TICKS_PER_SECOND,
            descriptors,
            threads: number("Threads:").parse().unwrap_or_default(),
        }
    }
}
