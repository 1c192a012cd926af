//! Processes that work for this program though they are not its children.

use std::fs;
use std::sync::{Mutex, PoisonError};

use super::stat::Stat;

static HELPERS: Mutex<Helpers> = Mutex::new(Helpers { running: Vec::new(), ended: 0.0 });

struct Helpers {
    running: Vec<Helper>,
    /// Ticks that those used which are gone.
    ended: f64,
}

struct Helper {
    pid: u32,
    /// What it and its children had used at the last look.
    ticks: f64,
}

/// Counts from now on what a process and its children use, also what they have used so far.
pub(crate) fn count(pid: u32) {
    HELPERS.lock().unwrap_or_else(PoisonError::into_inner).running.push(Helper { pid, ticks: 0.0 });
}

/// Looks at all of them, and answers the ticks that they have used so far: of one that has ended, until the last look.
pub(crate) fn look() -> f64 {
    let Helpers { running, ended } = &mut *HELPERS.lock().unwrap_or_else(PoisonError::into_inner);
    running.retain_mut(|helper| match of_family(helper.pid) {
        Some(ticks) => {
            helper.ticks = helper.ticks.max(ticks);
            true
        }
        None => {
            *ended += helper.ticks;
            false
        }
    });
    *ended + running.iter().map(|helper| helper.ticks).sum::<f64>()
}

/// Ticks of a process and its children so far. One that ends during the look is missing until the next.
pub(crate) fn of_family(pid: u32) -> Option<f64> {
    let parent = Stat::of(pid)?;
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let children = pids.filter_map(Stat::of).filter(|stat| stat.parent == pid);
    Some(parent.all() + children.map(Stat::all).sum::<f64>())
}
