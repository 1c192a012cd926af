use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::*;

/// Names the file that the process to be killed writes its folder to.
const VICTIM: &str = "TESSERA_TEST_VICTIM";

fn gone(path: &Path) -> bool {
    let began = Instant::now();
    while path.exists() && began.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(20));
    }
    !path.exists()
}

fn postmaster(folder: &Path) -> PathBuf {
    let text = std::fs::read_to_string(folder.join("data/postmaster.pid")).unwrap();
    Path::new("/proc").join(text.lines().next().unwrap())
}

#[test]
fn databases_are_empty_and_strangers_to_each_other() {
    let cluster = Cluster::shared();
    let (one, two) = (cluster.create_database(), cluster.create_database());
    cluster.sql(&one, "create table t (a text)");
    assert_eq!(cluster.sql(&one, "select count(*) from pg_tables where schemaname = 'public'"), "1");
    assert_eq!(cluster.sql(&two, "select count(*) from pg_tables where schemaname = 'public'"), "0");
    assert_eq!(cluster.sql(&two, "show server_encoding"), "UTF8");
    // Sorted as people do, so that a statement which counts on the order of bytes shows.
    assert_eq!(cluster.sql(&two, "select 'a' < 'B'"), "t");
}

#[test]
fn the_time_of_a_cluster_is_this_programs() {
    let cluster = Cluster::start(Options::new());
    let (before, began) = (helpers::look(), Instant::now());
    cluster.sql("postgres", "select count(*) from generate_series(1, 2000000) n where n::text like '%7'");
    // A process that ends during a look is missing until the next.
    while helpers::look() <= before {
        assert!(began.elapsed() < Duration::from_secs(60));
    }
    let after = helpers::look();
    drop(cluster);
    assert!(helpers::look() >= after);
}

#[test]
fn a_cluster_comes_back_with_its_data_and_goes_with_its_owner() {
    let cluster = Cluster::start(Options::new().durable().setting("work_mem", "'5MB'"));
    let name = cluster.create_database();
    cluster.sql(&name, "create table t (a text); insert into t values ('kept')");
    assert_eq!(cluster.sql(&name, "show work_mem"), "5MB");
    for stop in [Stop::Fast, Stop::Immediate] {
        cluster.stop(stop);
        assert!(!cluster.folder().join("data/postmaster.pid").exists() || stop == Stop::Immediate);
        cluster.start_again();
        assert_eq!(cluster.sql(&name, "select a from t"), "kept");
    }
    cluster.pause();
    let folder = cluster.folder().to_owned();
    let process = postmaster(&folder);
    assert!(process.exists());
    drop(cluster);
    assert!(gone(&folder) && gone(&process));
}

#[test]
fn a_killed_process_leaves_no_cluster() {
    let note = tempfile::NamedTempFile::new().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "postgres::tests::the_process_to_be_killed", "--ignored"])
        .env(VICTIM, note.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut folder = String::new();
    while folder.is_empty() {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::sleep(Duration::from_millis(20));
        folder = std::fs::read_to_string(note.path()).unwrap();
    }
    let folder = PathBuf::from(folder);
    let process = postmaster(&folder);
    assert!(process.exists());
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(gone(&folder) && gone(&process));
}

#[test]
#[ignore = "run by the test above, in a process of its own"]
fn the_process_to_be_killed() {
    let Some(note) = std::env::var_os(VICTIM) else { return };
    let cluster = Cluster::start(Options::new());
    std::fs::write(note, cluster.folder().to_str().unwrap()).unwrap();
    std::thread::sleep(Duration::from_secs(600));
}
