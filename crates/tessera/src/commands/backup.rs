//! `tessera backup`.

use std::fs::{self, File};
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use accounts::Contents;
use config::Settings;
use crypto::SystemRandomness;
use db::{Database, DatabaseUrl, file};
use model::{Clock, SystemClock};
use serde_json::json;

use super::partial::{Partial, long, size};
use crate::compose::{self, Problem};
use crate::master;
use crate::output::{self, Record};

/// What is said of a database that makes its own backups.
const ON_A_SERVER: &str = "the database is on a server, which has means of its own: pg_dump --format=custom makes a \
     backup while everything runs; after pg_restore, and before a server starts, run `tessera restore --in-place`";

pub(super) async fn run(file: &Path, force: bool, settings: &Settings, json: bool) -> Result<(), Problem> {
    let database = of(settings)?;
    if !database.exists() {
        let place = database.display();
        return Err(format!("there is no database at {place}: say --data, --database or --config").into());
    }
    let to_output = file == Path::new("-");
    if to_output && (json || io::stdout().is_terminal()) {
        return Err("a backup is no text for a terminal, and no JSON: redirect standard output".into());
    }
    if !to_output {
        free(file, &database, force)?;
    }
    let partial = Partial::beside(if to_output { &database } else { file });
    let taken = SystemClock.now();
    let (from, to) = (database.clone(), partial.path().to_owned());
    let whole = size(&database) + size(&file::with_end(&database, "-wal"));
    long("backup", partial.path(), whole, move || file::copy(&from, &to)).await??;
    let contents = checked(partial.path(), settings).await?;
    if to_output {
        io::copy(&mut File::open(partial.path())?, &mut io::stdout().lock())?;
        return Ok(());
    }
    let bytes = size(partial.path());
    place(partial.path(), file, force)?;
    let next = format!(
        "keep the master secret too, in another place ({}): without it nobody can use a backup, and with both anybody \
         can",
        master::place(settings)
    );
    let record = Record::from([
        ("backup", json!(file)),
        ("bytes", json!(bytes)),
        ("taken_at", json!(taken.rfc3339())),
        ("accounts", json!(contents.accounts)),
        ("newest_event_at", json!(contents.newest_event.map(model::Timestamp::rfc3339))),
    ]);
    if json {
        return output::json(&record.with("next", json!(next)));
    }
    output::record(false, &record)?;
    output::line(format_args!("\nthe copy was opened and checked. Next: {next}"))
}

/// The file of the database.
pub(super) fn of(settings: &Settings) -> Result<PathBuf, Problem> {
    let url = compose::database_url(settings)?;
    Ok(url.file().ok_or(ON_A_SERVER)?.to_owned())
}

/// Whether a backup may stand at that path.
fn free(file: &Path, database: &Path, force: bool) -> Result<(), Problem> {
    let shown = file.display();
    if !file.exists() {
        return Ok(());
    }
    if !force {
        return Err(
            format!("{shown} is there already: take another name, or say --force to replace it").into()
        );
    }
    let same = fs::canonicalize(file)? == fs::canonicalize(database)?;
    if same || !file::is_one(file)? {
        return Err(format!("{shown} is no backup, and is not replaced").into());
    }
    Ok(())
}

/// Opens the copy as a server would, and looks at every page and index.
async fn checked(path: &Path, settings: &Settings) -> Result<Contents, Problem> {
    let damage = file::findings(path, true)?;
    if let Some(first) = damage.first() {
        return Err(format!(
            "the copy is damaged, and so may the database be: {first}. See `tessera doctor`"
        )
        .into());
    }
    // The copy need not be opened where its secret is not at hand.
    let master = master::existing(settings, &SystemRandomness).ok().map(|(secret, _)| secret);
    let copy = Database::open(&DatabaseUrl::sqlite_file(path), db::Options::default()).await?;
    let contents = accounts::contents(&copy, master.as_ref()).await;
    copy.close().await;
    File::open(path)?.sync_all()?;
    Ok(contents?)
}

/// Gives the whole copy its name, and what it replaces goes in the same step.
fn place(partial: &Path, file: &Path, force: bool) -> Result<(), Problem> {
    let named = |error: io::Error| format!("cannot write {}: {error}", file.display());
    if force {
        fs::rename(partial, file).map_err(named)?;
    } else {
        // Unlike a renaming, this refuses a file that came to be meanwhile.
        fs::hard_link(partial, file).map_err(named)?;
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(File::open(folder)?.sync_all().map_err(named)?)
}
