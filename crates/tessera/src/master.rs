//! The master secret: given by a setting, or a file that is made at the first start.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use config::{Secret, Settings};
use crypto::{BadMasterSecret, MasterSecret, Randomness};
use secrecy::ExposeSecret;

/// Why there is no master secret.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoMasterSecret {
    #[error("master_secret: {0}")]
    Bad(#[from] BadMasterSecret),
    #[error("{0}")]
    Setting(#[from] config::SecretUnreadable),
    #[error("cannot read or make the master secret {path}: {cause}")]
    File { path: String, cause: io::Error },
    #[error("there is no master secret in {path}: say --data or --config as the server is started")]
    Missing { path: String },
    #[error("{path} can be read by others: chmod 600 {path}")]
    Open { path: String },
}

/// Whether there is a master secret to obtain without making one.
pub(crate) fn exists(settings: &Settings) -> bool {
    settings.master_secret.is_some() || settings.master_secret_file.is_some() || file(settings).exists()
}

fn file(settings: &Settings) -> PathBuf {
    settings.data.join("master.secret")
}

/// The master secret of an installation, and whether it was made just now.
pub(crate) fn obtain(
    settings: &Settings,
    randomness: &dyn Randomness,
) -> Result<(MasterSecret, bool), NoMasterSecret> {
    let given =
        Secret::direct_or_file(settings.master_secret.as_ref(), settings.master_secret_file.as_deref())?;
    if let Some(secret) = given {
        return Ok((MasterSecret::from_text(secret.expose().trim())?, false));
    }
    from_file(&file(settings), randomness)
}

/// Where the master secret stands, in words.
pub(crate) fn place(settings: &Settings) -> String {
    match (&settings.master_secret, &settings.master_secret_file) {
        (Some(_), _) => "the setting master_secret".to_owned(),
        (None, Some(file)) => file.display().to_string(),
        (None, None) => file(settings).display().to_string(),
    }
}

/// The master secret of an installation that has one already, and where it stands.
pub(crate) fn existing(
    settings: &Settings,
    randomness: &dyn Randomness,
) -> Result<(MasterSecret, String), NoMasterSecret> {
    let path = place(settings);
    if !exists(settings) {
        return Err(NoMasterSecret::Missing { path });
    }
    Ok((obtain(settings, randomness)?.0, path))
}

/// The master secret in a file that only its owner can read, and whether it was made just now.
pub(crate) fn from_file(
    path: &Path,
    randomness: &dyn Randomness,
) -> Result<(MasterSecret, bool), NoMasterSecret> {
    let failed = |cause| NoMasterSecret::File { path: path.display().to_string(), cause };
    let made = make(path, randomness).map_err(failed)?;
    if fs::metadata(path).map_err(failed)?.permissions().mode() & 0o077 != 0 {
        return Err(NoMasterSecret::Open { path: path.display().to_string() });
    }
    let text = fs::read_to_string(path).map_err(failed)?;
    Ok((MasterSecret::from_text(text.trim())?, made))
}

/// Makes the file if there is none. It appears whole or not at all, also when two processes start at once
/// or the power fails: written beside, synchronised, then linked into place.
fn make(path: &Path, randomness: &dyn Randomness) -> io::Result<bool> {
    if path.exists() {
        return Ok(false);
    }
    let beside = path.with_extension(format!("secret.{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    writeln!(file, "{}", MasterSecret::generate(randomness).to_text().expose_secret())?;
    file.sync_all()?;
    let linked = fs::hard_link(&beside, path);
    fs::remove_file(&beside)?;
    match linked {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
        Err(error) => return Err(error),
    }
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(true)
}
