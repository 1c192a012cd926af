//! `tessera restore`.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use accounts::{Contents, Revival};
use config::Settings;
use crypto::{MasterSecret, SystemRandomness};
use db::{Database, DatabaseUrl, file};
use model::{Clock, SystemClock, Timestamp};
use serde_json::json;

use super::backup;
use super::partial::{Partial, long, size};
use crate::compose::{self, Problem};
use crate::master;
use crate::output::{self, Record};

/// Between two looks at the clock.
const PAUSE: Duration = Duration::from_millis(50);

pub(super) async fn run(
    from: &Path,
    keep_sessions: bool,
    settings: &Settings,
    json: bool,
) -> Result<(), Problem> {
    let target = backup::of(settings)?;
    file::unused(&target)?;
    if size(&file::with_end(from, "-wal")) > 0 {
        let shown = from.display();
        let why = "is no backup but a database in use: what was written last stands in the log beside it";
        return Err(format!("{shown} {why}. Make one of it with tessera backup, and restore that").into());
    }
    let (master, _) = master::existing(settings, &SystemRandomness)?;
    compose::folder(&settings.data)?;
    let partial = Partial::beside(&target);
    let (source, to, whole) = (from.to_owned(), partial.path().to_owned(), size(from));
    let copied = long("restore", partial.path(), whole, move || copy(&source, &to)).await?;
    copied.map_err(|error| format!("{}: {error}", from.display()))?;
    let revival = if keep_sessions { Revival::Everything } else { Revival::Nothing };
    let contents = ready(partial.path(), &master, revival)
        .await
        .map_err(|problem| format!("{}: {problem}; nothing was changed", from.display()))?;
    settle(&target).await;
    let aside = file::with_end(&target, &format!(".replaced-{}", stamp()));
    let replaces = target.exists();
    file::replace(&target, partial.path(), &aside)?;
    let record = Record::from([
        ("restored", json!(target)),
        ("accounts", json!(contents.accounts)),
        ("newest_event_at", json!(contents.newest_event.map(Timestamp::rfc3339))),
        ("sessions", json!(if keep_sessions { "kept" } else { "ended" })),
        ("replaced", json!(replaces.then_some(aside))),
    ]);
    tell(record, keep_sessions, json)
}

/// For a database that was put back by other means.
pub(super) async fn in_place(settings: &Settings, json: bool) -> Result<(), Problem> {
    let url = compose::database_url(settings)?;
    let options = compose::database_options(settings)?;
    if !Database::exists(&url, &options).await? {
        return Err(format!("there is no installation in {url}").into());
    }
    if let Some(path) = url.file() {
        file::unused(path)?;
    }
    let (master, _) = master::existing(settings, &SystemRandomness)?;
    let db = Database::open(&url, options).await?;
    let done = async {
        accounts::unused(&db, &SystemClock).await?;
        anew(&db, &master, Revival::Nothing).await
    };
    let done = done.await;
    db.close().await;
    let contents = done?;
    let record = Record::from([
        ("restored", json!(url.to_string())),
        ("accounts", json!(contents.accounts)),
        ("newest_event_at", json!(contents.newest_event.map(Timestamp::rfc3339))),
        ("sessions", json!("ended")),
    ]);
    tell(record, false, json)
}

fn tell(record: Record, keep_sessions: bool, json: bool) -> Result<(), Problem> {
    let next = if keep_sessions {
        "start the server here, and none on the old database any more"
    } else {
        "start the server; everybody signs in again. Passwords, second factors, API keys and accounts are as they were \
         when the backup was taken: what was changed or taken away since has to be again"
    };
    if json {
        return output::json(&record.with("next", json!(next)));
    }
    output::record(false, &record)?;
    output::line(format_args!("\nnext: {next}"))
}

/// Reads the whole backup into a new file that its owner only can read.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut source: Box<dyn Read> =
        if from == Path::new("-") { Box::new(io::stdin()) } else { Box::new(File::open(from)?) };
    let mut target = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    io::copy(&mut source, &mut target)?;
    target.sync_all()
}

/// Checks a copy of the backup and makes it what a server is to find.
async fn ready(path: &Path, master: &MasterSecret, revival: Revival) -> Result<Contents, Problem> {
    if !file::is_one(path)? {
        return Err("this is no backup".into());
    }
    if let Some(first) = file::findings(path, true)?.first() {
        return Err(format!("this backup is damaged: {first}").into());
    }
    let db = Database::open(&DatabaseUrl::sqlite_file(path), db::Options::default()).await?;
    let done = anew(&db, master, revival).await;
    db.close().await;
    File::open(path)?.sync_all()?;
    done
}

async fn anew(db: &Database, master: &MasterSecret, revival: Revival) -> Result<Contents, Problem> {
    let contents = accounts::prepare(db, master, &SystemClock, &SystemRandomness).await?;
    let from = accounts::restored(db, &SystemClock, contents.newest_event, revival).await?;
    // A server that started earlier would hand out tokens that nobody believes.
    while SystemClock.now() < from {
        tokio::time::sleep(PAUSE).await;
    }
    Ok(contents)
}

/// Has the database that is replaced finish what is in its write-ahead log, if it can be opened at all.
async fn settle(path: &Path) {
    if path.exists()
        && let Ok(db) = Database::open(&DatabaseUrl::sqlite_file(path), db::Options::default()).await
    {
        db.close().await;
    }
}

/// The time as a part of a file name.
fn stamp() -> String {
    SystemClock.now().whole_second().rfc3339().replace([':', '-'], "")
}
