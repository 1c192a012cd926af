//! The program on a database server.

use std::fs;
use std::process::{Command, Output};

use harness::actors::Argon;
use harness::engine;
use harness::postgres::{Cluster, Options as ClusterOptions};
use harness::process::TesseraProcess;

use crate::stand::{BINARY, PASSWORD, account, cheap, told, usernames};

#[test]
fn a_server_and_its_commands_work_on_it() {
    let cluster = Cluster::shared();
    let name = cluster.create_database();
    let mut server = TesseraProcess::start(cheap().unthrottled().database(&cluster.url(&name)));
    assert!(!server.data().join("tessera.db").exists());
    let ada = account(&server, "ada");
    let mut argon = Argon::at(server.address());
    argon.sign_in(&ada, PASSWORD);
    assert_eq!(told(&server, &["account", "show", &ada], "")["username"], *ada);
    server.restart();
    Argon::at(server.address()).sign_in(&ada, PASSWORD);
    assert_eq!(usernames(&server), [ada]);
    assert_eq!(cluster.sql(&name, "select count(*) from account"), "1");
}

#[test]
fn the_password_comes_from_a_setting_and_is_never_told() {
    let cluster = Cluster::start(ClusterOptions::new().password("hunter2 @/?"));
    let name = cluster.create_database();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    fs::write(&file, "hunter2 @/?\n").unwrap();
    let url = cluster.url(&name).replace(":hunter2%20%40%2F%3F@", "@");
    let settings = format!("[database_server]\npassword_file = \"{}\"", file.display());
    let server = TesseraProcess::start(cheap().database(&url).settings(&settings));
    account(&server, "ada");
    assert!(!server.output().contains("hunter2"), "{}", server.output());
    let another = cluster.tcp_url(&cluster.create_database());
    let server = TesseraProcess::start(cheap().on_file().env("TESSERA_DATABASE", &another));
    assert!(!server.output().contains("hunter2"), "{}", server.output());
    let shown = told(&server, &["config", "show"], "");
    assert!(shown["database"].as_str().unwrap().contains("tessera:(set)@127.0.0.1"), "{shown}");
    // Something else than the right one.
    fs::write(&file, "hunter3\n").unwrap();
    let failed = TesseraProcess::try_start(cheap().database(&url).settings(&settings)).unwrap_err();
    assert!(failed.output.contains("password authentication failed"), "{}", failed.output);
    assert!(!failed.output.contains("hunter"), "{}", failed.output);
}

#[test]
fn a_command_makes_no_installation_of_a_mistyped_name() {
    let cluster = Cluster::shared();
    let (own, empty) = (cluster.create_database(), cluster.create_database());
    let server = TesseraProcess::start(cheap().database(&cluster.url(&own)));
    let elsewhere = tempfile::tempdir().unwrap();
    let list = |database: &str, data: &std::path::Path| -> Output {
        let url = cluster.url(database);
        let mut command = Command::new(BINARY);
        command.env_remove(engine::VARIABLE);
        command.args(["account", "list", "--database", &url, "--data"]).arg(data).output().unwrap()
    };
    for (database, data) in [(&empty, server.data()), (&own, elsewhere.path().join("data"))] {
        let output = list(database, &data);
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("there is no Tessera in"), "{said}");
    }
    assert_eq!(cluster.sql(&empty, "select count(*) from pg_tables where schemaname = 'public'"), "0");
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    assert_eq!(list(&own, &server.data()).status.code(), Some(0));
}
