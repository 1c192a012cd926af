//! Processes that work for this program though they are not its children.

use std::fs;
use std::sync::{Mutex, PoisonError};

/// Those there are, each with the ticks that it and its children had used at the last look.
static RUNNING: Mutex<(Vec<(u32, f64)>, f64)> = Mutex::new((Vec::new(), 0.0));

/// Counts from now on what a process and its children use, also what they have used so far.
pub(crate) fn count(pid: u32) {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner).0.push((pid, 0.0));
}

/// Ticks of all of them so far. Of one that has ended it is what it had used at the last look.
pub(crate) fn ticks() -> f64 {
    let (running, ended) = &mut *RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    let stats = stats();
    running.retain_mut(|(pid, ticks)| {
        let there = stats.iter().any(|stat| stat.pid == *pid);
        if there {
            *ticks = of_family(*pid, &stats);
        } else {
            *ended += *ticks;
        }
        there
    });
    *ended + running.iter().map(|(_, ticks)| ticks).sum::<f64>()
}

/// Ticks of a process and its children so far.
pub(crate) fn family_ticks(pid: u32) -> f64 {
    of_family(pid, &stats())
}

fn of_family(pid: u32, stats: &[Stat]) -> f64 {
    stats.iter().filter(|stat| stat.pid == pid || stat.parent == pid).map(|stat| stat.ticks).sum()
}

/// What the kernel tells of a process.
struct Stat {
    pid: u32,
    parent: u32,
    /// Its own and those of the children it has waited for.
    ticks: f64,
}

/// Of every process.
fn stats() -> Vec<Stat> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter_map(stat).collect()
}

fn stat(pid: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = super::after_name(&text).split_whitespace();
    let parent = fields.nth(1)?.parse().ok()?;
    let ticks = fields.skip(9).take(4).filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    Some(Stat { pid, parent, ticks })
}
