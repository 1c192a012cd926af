//! D2: the power fails under load.

use defects::Defect;
use harness::engine::Engine;
use harness::ledger::{settings, until_the_end};
use harness::process::TesseraProcess;

use crate::Problem;
use crate::disk::Disk;
use crate::figure::{Control, Counted, Figure, Measure, Outcome};
use crate::stage::Stage;
use crate::{sqlite, stats};

pub(crate) const FIGURE: Figure = Figure {
    id: "D2",
    title: "simulated power cut under mixed load",
    goal: "acknowledged changes lost 0, ended sessions revived 0, damaged databases 0",
    about: "As D1, but everything the server writes is on a disk whose power is cut: what the kernel had not written \
            out is gone. The disk is an ext4 image on XFS, copied at one instant; that models neither a disk that lies \
            about what it has written nor torn sectors. It needs root, loop devices and mkfs.xfs. On SQLite only: of \
            PostgreSQL it would test PostgreSQL, whose synchronous_commit Tessera checks on every connection.",
    trials: "power cuts",
    small: 4,
    full: 200,
    engines: &[Engine::Sqlite],
    run,
    controls: &[Control { defect: Defect::SyncAtCheckpoint, engines: &[Engine::Sqlite], within: 20 }],
};

fn run(stage: &Stage) -> Result<Outcome, Problem> {
    let disk = match Disk::new() {
        Ok(disk) => disk,
        Err(why) => return Ok(Outcome::NotHere(why)),
    };
    let mut server = TesseraProcess::start(settings(stage.options()).folder_in(&disk.root()));
    disk.sync()?;
    let mut counted = Counted::default();
    let (mut everybody, mut promised) = (Vec::new(), 0);
    for number in 0..stage.trials {
        let mut cut = Ok(());
        let mut known = until_the_end(&mut server, number, 40 + number * 37 % 50, |server| {
            server.kill9();
            cut = disk.cut();
        });
        cut?;
        server.restart();
        known.broken.extend(sqlite::damage(&server.data())?);
        for (number, person) in known.people.iter_mut().enumerate() {
            known.broken.extend(person.audit(&server, number % 3 == 0));
        }
        counted.trial(known.broken);
        if !stage.goes_on(counted.failures) {
            break;
        }
        promised += known.promised;
        everybody.extend(known.people);
    }
    if !stage.is_control() {
        everybody.iter_mut().for_each(|person| counted.broken(person.audit(&server, false)));
    }
    Ok(Outcome::Counted(counted.measured(Measure::of("acknowledged changes", stats::count(promised), ""))))
}
