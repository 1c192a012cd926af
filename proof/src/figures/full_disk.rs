//! D5: the disk is full, and has room again.

use std::fs;
use std::io::Write;
use std::path::Path;

use defects::Defect;
use harness::actors::{Tokens, WolfPal};
use harness::people::{PASSWORD, address_of};
use harness::process::TesseraProcess;

use crate::Problem;
use crate::cast::{account, newcomer, session, until_written};
use crate::disk::Disk;
use crate::figure::{Control, Counted, Figure, Measure, Outcome, SQLITE};
use crate::stage::Stage;
use crate::{sqlite, stats};

pub(crate) const FIGURE: Figure = Figure {
    id: "D5",
    title: "disk full and back",
    goal: "tokens refused while full 0, changes acknowledged and lost 0, answers but 503 to what cannot be written 0; \
           written again in at most 5 s without a restart; damaged databases 0",
    about: "The disk that the server writes to is filled until it refuses a registration. While it is full, tokens \
            that were handed out before are checked, and registrations tried; then room is made, and the time until the \
            next registration is taken. In the end the server is killed, and every registration that was acknowledged \
            must be there. It needs root and loop devices. On SQLite only: PostgreSQL's disk is its own.",
    trials: "times full",
    small: 2,
    full: 20,
    engines: SQLITE,
    run,
    controls: &[Control { defect: Defect::WriteErrorsIgnored, engines: SQLITE, within: 2 }],
};

/// Checks and registrations while the disk is full.
const WHILE_FULL: usize = 20;

fn run(stage: &Stage) -> Result<Outcome, Problem> {
    let disk = match Disk::new() {
        Ok(disk) => disk,
        Err(why) => return Ok(Outcome::NotHere(why)),
    };
    let options = stage.options().env("TESSERA_MOUNTS__WOLFPAL__REQUIRE_CONFIRMED_EMAIL", "false");
    let mut server = TesseraProcess::start(options.folder_in(&disk.root()));
    let tokens = session(&server, &account(&server)?);
    let mut counted = Counted::default();
    let (mut acknowledged, mut back) = (Vec::new(), Vec::new());
    for _ in 0..stage.trials {
        let full = Full::of(&disk.root())?;
        counted.trial(while_full(&server, &tokens, &mut acknowledged));
        drop(full);
        match until_written(&server) {
            Some((name, time)) => {
                acknowledged.push(name);
                back.push(time.as_secs_f64());
            }
            None => counted.broken(vec!["nothing is written again".to_owned()]),
        }
        if !stage.goes_on(counted.failures) {
            break;
        }
    }
    server.kill9();
    server.restart();
    counted.broken(sqlite::damage(&server.data())?.into_iter().collect());
    let mut wolfpal = WolfPal::at(server.address());
    let lost =
        acknowledged.iter().filter(|name| wolfpal.try_sign_in(&address_of(name), PASSWORD).status != 200);
    counted.broken(lost.map(|name| format!("{name} was acknowledged and is lost")).collect());
    let back = stats::percentile(&mut back, 1.0);
    Ok(Outcome::Counted(
        counted
            .measured(Measure::of("acknowledged registrations", stats::count(acknowledged.len()), ""))
            .measured(Measure::of("longest until written again", back, "s").at_most(5.0).timed()),
    ))
}

/// What is wrong while nothing can be written.
fn while_full(server: &TesseraProcess, tokens: &Tokens, acknowledged: &mut Vec<String>) -> Vec<String> {
    let mut broken = Vec::new();
    let mut refused = 0;
    let mut wolfpal = WolfPal::at(server.address());
    for _ in 0..WHILE_FULL {
        if !wolfpal.believes(&tokens.access) {
            broken.push("a good token was refused while the disk was full".to_owned());
        }
        let (name, answer) = newcomer(&mut wolfpal);
        match answer.status {
            // The log of the database may still have had room.
            201 => acknowledged.push(name),
            503 => refused += 1,
            _ => broken.push(format!("while the disk was full: {answer}")),
        }
    }
    if refused == 0 {
        broken.push("every registration was acknowledged on a full disk".to_owned());
    }
    broken
}

/// A disk without room, until it is dropped.
struct Full(std::path::PathBuf);

impl Full {
    fn of(root: &Path) -> Result<Self, Problem> {
        let path = root.join("ballast");
        let mut file = fs::File::create(&path)?;
        let full = Self(path);
        for size in [1 << 20, 1 << 12, 1] {
            let bytes = vec![b'x'; size];
            // Until there is no room for so much any more.
            while file.write_all(&bytes).and_then(|()| file.sync_data()).is_ok() {}
        }
        Ok(full)
    }
}

impl Drop for Full {
    fn drop(&mut self) {
        // A folder that is gone has room.
        let _ = fs::remove_file(&self.0);
    }
}
