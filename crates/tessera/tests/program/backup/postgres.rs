//! A database on a server has means of its own; what must not come back to life with them does not either.

use std::process::Command;

use harness::postgres::Cluster;
use harness::process::TesseraProcess;

use crate::stand::{Believed, Everywhere, PASSWORD, account, cheap, told};

#[track_caller]
fn run(program: &str, args: &[&str]) {
    let output = Command::new(program).args(args).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_dump_of_postgres_is_restored_and_nothing_is_revived() {
    let cluster = Cluster::shared();
    let (first, second) = (cluster.create_database(), cluster.create_database());
    let secret = "TESSERA_MASTER_SECRET";
    let options = || cheap().unthrottled().env(secret, super::SECRET);
    let server = TesseraProcess::start(options().database(&cluster.url(&first)));
    let name = account(&server, "dumped");
    let mut tokens = Everywhere::sign_in(&server, &name, PASSWORD);
    let refused = server.cli(&["backup", "x.backup"], "");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("pg_dump"), "{said}");
    let file = server.data().join("dump");
    let file = file.to_str().unwrap();
    run("pg_dump", &["--format=custom", "--file", file, &cluster.tcp_url(&first)]);
    run("pg_restore", &["--no-owner", "--exit-on-error", "--dbname", &cluster.tcp_url(&second), file]);

    let mut there = TesseraProcess::start(options().on_file());
    there.stop();
    let url = cluster.url(&second);
    let in_place =
        |server: &TesseraProcess| server.cli(&["restore", "--in-place", "--database", &url, "--json"], "");
    // The dump has the lease of the server that it was taken from.
    let held = cluster.sql(&second, "select count(*) from lease");
    if held != "0" {
        let output = in_place(&there);
        assert!(String::from_utf8_lossy(&output.stderr).contains("wait until"), "{output:?}");
        cluster.sql(&second, "update lease set until = 0");
    }
    let output = in_place(&there);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut server = server;
    server.stop();
    let anew = TesseraProcess::start(options().database(&url));
    assert_eq!(tokens.believed(&anew), Believed::NONE);
    let mut again = Everywhere::sign_in(&anew, &name, PASSWORD);
    assert_eq!(again.believed(&anew), Believed::ALL);
    assert!(told(&anew, &["event", "list"], "").to_string().contains("\"restored\""));
}
