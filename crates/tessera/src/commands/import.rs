//! `tessera account import`.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use accounts::{Accounts, ImportBatch, Imported, OnConflict, Unimportable};
use model::Realm;
use serde_json::json;
use tokio::sync::mpsc;

use crate::compose::Problem;
use crate::output::{self, Record};

/// Accounts stored together: enough that their commit costs little, few enough that a server beside it can
/// write in between.
const TOGETHER: usize = 1_000;
/// The longest line in bytes, so that a file without line ends is not read into memory.
const LONGEST: u64 = 64 * 1_024;
/// The most lines that are told about.
const TOLD: usize = 100;

/// What is asked for.
pub(super) struct Import {
    pub(super) file: PathBuf,
    pub(super) on_conflict: OnConflict,
    pub(super) dry_run: bool,
}

/// Some lines of the file, read.
struct Piece {
    batch: ImportBatch,
    /// Lines that are no accounts.
    unusable: Vec<(u64, Unimportable)>,
    /// The first and the last line.
    lines: (u64, u64),
}

/// What was done so far.
#[derive(Default)]
struct Tally {
    created: usize,
    present: usize,
    conflicts: usize,
    unusable: usize,
}

impl Import {
    /// Reads on a thread of its own while what was read before is stored.
    pub(super) async fn run(self, accounts: &Accounts, realm: &Realm, json: bool) -> Result<(), Problem> {
        let input = open(&self.file)?;
        let (pieces, mut read) = mpsc::channel(1);
        let (source, realm) = (accounts.clone(), realm.clone());
        std::thread::Builder::new().name("import-reader".into()).spawn(move || {
            let last = pieces_of(input, &pieces, || source.import_batch(&realm));
            if let Err(error) = last {
                // Whoever no longer listens has stopped for another reason.
                _ = pieces.blocking_send(Err(error));
            }
        })?;
        let mut tally = Tally::default();
        while let Some(piece) = read.recv().await {
            let piece = piece.map_err(|error| format!("{}: {error}", self.file.display()))?;
            self.store(piece, accounts, &mut tally).await?;
            output::progress(format_args!("{} accounts", tally.created + tally.present));
        }
        output::progress("");
        output::record(json, &tally.shown(self.dry_run))?;
        let wrong = tally.unusable + tally.conflicts;
        if self.dry_run && wrong > 0 {
            return Err(format!("{wrong} lines cannot be imported").into());
        }
        Ok(())
    }

    async fn store(&self, piece: Piece, accounts: &Accounts, tally: &mut Tally) -> Result<(), Problem> {
        for (line, why) in &piece.unusable {
            tally.tell(*line, why);
            tally.unusable += 1;
        }
        if !piece.unusable.is_empty() && !self.dry_run {
            return Err(stopped(piece.unusable.len(), piece.lines, tally));
        }
        let imported = if self.dry_run {
            accounts.import_preview(&piece.batch).await?
        } else {
            accounts.import(piece.batch, self.on_conflict).await?
        };
        let Imported { created, present, conflicts } = imported;
        for conflict in &conflicts {
            tally.tell(conflict.line, &conflict.what);
            tally.conflicts += 1;
        }
        if !conflicts.is_empty() && !self.dry_run && self.on_conflict == OnConflict::Fail {
            return Err(stopped(conflicts.len(), piece.lines, tally));
        }
        tally.created += created;
        tally.present += present;
        Ok(())
    }
}

fn stopped(wrong: usize, (first, last): (u64, u64), tally: &Tally) -> Problem {
    format!(
        "{wrong} of the lines {first} to {last} cannot be imported, so none of them was; {} accounts from before \
         are there. Mend the file and import it again: what is there already is passed over",
        tally.created + tally.present
    )
    .into()
}

impl Tally {
    fn tell(&self, line: u64, why: &dyn std::error::Error) {
        match self.unusable + self.conflicts {
            told if told < TOLD => output::aside(format_args!("line {line}: {why}")),
            TOLD => output::aside("there are more lines like these"),
            _ => {}
        }
    }

    fn shown(&self, dry_run: bool) -> Record {
        Record::from([
            ("created", json!(self.created)),
            ("already_there", json!(self.present)),
            ("conflicts", json!(self.conflicts)),
            ("unusable", json!(self.unusable)),
            ("dry_run", json!(dry_run)),
        ])
    }
}

fn open(file: &Path) -> Result<Box<dyn BufRead + Send>, Problem> {
    if file == Path::new("-") {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let opened = File::open(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(Box::new(BufReader::with_capacity(256 * 1_024, opened)))
}

/// Reads to the end, or until nobody listens any more.
fn pieces_of(
    mut input: Box<dyn BufRead + Send>,
    pieces: &mpsc::Sender<io::Result<Piece>>,
    new_batch: impl Fn() -> ImportBatch,
) -> io::Result<()> {
    let mut line = Vec::new();
    let mut number = 0;
    let mut ended = false;
    while !ended {
        let mut piece = Piece { batch: new_batch(), unusable: Vec::new(), lines: (number + 1, number) };
        while piece.batch.len() + piece.unusable.len() < TOGETHER {
            line.clear();
            if (&mut input).take(LONGEST).read_until(b'\n', &mut line)? == 0 {
                ended = true;
                break;
            }
            number += 1;
            if line.last() != Some(&b'\n') && u64::try_from(line.len()).is_ok_and(|length| length == LONGEST)
            {
                let error = format!("line {number} is longer than {LONGEST} bytes");
                return Err(io::Error::new(io::ErrorKind::InvalidData, error));
            }
            if !line.trim_ascii().is_empty()
                && let Err(why) = piece.batch.read(number, &line)
            {
                piece.unusable.push((number, why));
            }
        }
        piece.lines.1 = number;
        if pieces.blocking_send(Ok(piece)).is_err() {
            break;
        }
    }
    Ok(())
}
