//! D2: the power fails under load.

use defects::Defect;
use harness::ledger::settings;
use harness::process::TesseraProcess;

use crate::Problem;
use crate::disk::Disk;
use crate::figure::{Control, Figure, Outcome, SQLITE};
use crate::rounds::rounds;
use crate::stage::Stage;

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
    engines: SQLITE,
    run,
    controls: &[Control { defect: Defect::SyncAtCheckpoint, engines: SQLITE, within: 20 }],
};

fn run(stage: &Stage) -> Result<Outcome, Problem> {
    let disk = match Disk::new() {
        Ok(disk) => disk,
        Err(why) => return Ok(Outcome::NotHere(why)),
    };
    let mut server = TesseraProcess::start(settings(stage.options()).folder_in(&disk.root()));
    disk.sync()?;
    let (counted, _) = rounds(stage, &mut server, |server| {
        server.kill9();
        Ok(disk.cut()?)
    })?;
    Ok(Outcome::Counted(counted))
}
