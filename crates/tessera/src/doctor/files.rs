//! The master secret, who may read what, and whether there is room.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use config::{Layers, Settings};
use crypto::SystemRandomness;

use super::Finding;
use crate::master;

/// Below this many bytes a database soon cannot be written.
const LEAST: u64 = 64 << 20;
/// Below this share of the whole (one in so many) it is time to look.
const SHARE: u64 = 20;

pub(super) fn checks(settings: &Settings, layers: &Layers) -> Vec<Finding> {
    let mut findings = vec![secret(settings)];
    findings.extend(data(settings));
    findings.extend(open_files(settings, layers));
    findings.extend(space(settings));
    findings
}

fn secret(settings: &Settings) -> Finding {
    const CHECK: &str = "master secret";
    match master::existing(settings, &SystemRandomness) {
        Ok((_, place)) => Finding::ok(CHECK, format!("in {place}")),
        Err(problem) => {
            let advice = "without the one of this installation nothing in its database opens: bring it back from \
                 where it is kept";
            Finding::fault(CHECK, problem.to_string(), advice)
        }
    }
}

fn data(settings: &Settings) -> Option<Finding> {
    const CHECK: &str = "data folder";
    let path = settings.data.display();
    let Ok(metadata) = fs::metadata(&settings.data) else {
        let seen = format!("{path} is not there, or cannot be looked into");
        return Some(Finding::fault(CHECK, seen, "say --data or --config as the server is started"));
    };
    let mode = metadata.permissions().mode() & 0o777;
    Some(if mode & 0o077 == 0 {
        Finding::ok(CHECK, format!("{path}, for its owner alone"))
    } else {
        let seen = format!("{path} has mode {mode:03o}: others can look into it");
        Finding::fault(CHECK, seen, format!("chmod 700 {path}"))
    })
}

/// Files with something in them that others must not read.
fn open_files(settings: &Settings, layers: &Layers) -> Vec<Finding> {
    let database = crate::compose::database_url(settings).ok();
    let database = database.as_ref().and_then(|url| url.file()).map(Path::to_owned);
    let smtp = settings.mail.smtp.as_ref().and_then(|smtp| smtp.password_file.clone());
    let settings_file = layers.settings_file().filter(|_| has_secrets(settings)).map(Path::to_owned);
    // What a server writes is its own; what an administrator writes may be given to its group to read.
    let (nobody_else, no_others) = (0o077, 0o007);
    let files = [
        ("database file", database, nobody_else),
        ("settings file", settings_file, no_others),
        ("master_secret_file", settings.master_secret_file.clone(), no_others),
        ("tls.key_file", settings.tls.key_file.clone(), no_others),
        ("mail.smtp.password_file", smtp, no_others),
        ("database_server.password_file", settings.database_server.password_file.clone(), no_others),
    ];
    let opened = files.into_iter().filter_map(|(check, path, refused)| {
        let path = path?;
        let mode = fs::metadata(&path).ok()?.permissions().mode() & 0o777;
        let path = path.display();
        let seen = format!("{path} has mode {mode:03o}: others can read it");
        (mode & refused != 0).then(|| Finding::warning(check, seen, format!("chmod 600 {path}")))
    });
    opened.collect()
}

/// Whether one of the settings is a secret itself.
fn has_secrets(settings: &Settings) -> bool {
    // Settings are serialised with a word in the place of every secret.
    serde_json::to_string(settings).is_ok_and(|text| text.contains("(set)"))
}

fn space(settings: &Settings) -> Option<Finding> {
    let disk = rustix::fs::statvfs(&settings.data).ok()?;
    Some(room(disk.f_bavail.saturating_mul(disk.f_frsize), disk.f_blocks.saturating_mul(disk.f_frsize)))
}

/// What so many free bytes of so many mean.
fn room(free: u64, whole: u64) -> Finding {
    const CHECK: &str = "disk";
    let seen = format!("{} of {} MiB are free", free >> 20, whole >> 20);
    let advice = "make room: without it nothing is written, and every change is answered with 503";
    if free < LEAST {
        Finding::fault(CHECK, seen, advice)
    } else if free < whole / SHARE {
        Finding::warning(CHECK, seen, advice)
    } else {
        Finding::ok(CHECK, seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn a_full_disk_is_a_fault_and_a_nearly_full_one_a_warning() {
        for (free, whole, verdict) in [
            (0, 0, Verdict::Fault),
            (63 << 20, 100 << 20, Verdict::Fault),
            (1 << 30, 100 << 30, Verdict::Warning),
            (6 << 30, 100 << 30, Verdict::Ok),
        ] {
            assert_eq!(room(free, whole).verdict, verdict, "{free} of {whole}");
        }
    }
}
