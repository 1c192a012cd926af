//! The first start: what it makes, what it prints, and whether that works as printed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use harness::actors::Argon;
use harness::http::{Client, Request};
use harness::process::TesseraProcess;

use crate::stand::{PASSWORD, cheap, unique};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).permissions().mode()
        & 0o777
}

#[test]
fn what_is_made_is_nobody_elses_to_read() {
    let server = TesseraProcess::start(cheap().on_file());
    let data = server.data();
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&data.join("master.secret")), 0o600);
    let files: Vec<_> = fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().path()).collect();
    let database: Vec<_> =
        files.iter().filter(|path| path.to_string_lossy().contains("tessera.db")).collect();
    assert!(!database.is_empty(), "{files:?}");
    for path in database {
        assert_eq!(mode(path), 0o600, "{}", path.display());
    }
    let secret = fs::read_to_string(data.join("master.secret")).unwrap();
    assert!(!server.output().contains(secret.trim()), "the master secret was printed");
}

/// The words of a command as a shell reads them: spaces part them, single quotes hold them together.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in line.chars() {
        match character {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            other => words.last_mut().unwrap().push(other),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The request that a printed curl line would send, and to whom.
fn curl(line: &str) -> (String, Request) {
    let words = words(line);
    assert_eq!(words[0], "curl");
    let url = words[1].strip_prefix("http://").expect("a URL after curl");
    let (host, path) = url.split_once('/').expect("a path");
    let mut request = Request::new("GET", &format!("/{path}"));
    for option in words[2..].chunks(2) {
        match option {
            [flag, value] if flag == "-H" => {
                let (name, value) = value.split_once(": ").expect("a header");
                request = request.header(name, value);
            }
            [flag, value] if flag == "-d" => {
                request.method = "POST".to_owned();
                request.body = value.clone().into_bytes();
            }
            other => panic!("this test does not know {other:?}"),
        }
    }
    (host.to_owned(), request)
}

#[test]
fn it_prints_where_it_listens_and_a_line_that_works() {
    let server = TesseraProcess::start(cheap());
    let printed = server.output();
    let at = server.address();
    assert!(printed.contains(&format!("listening on http://{at}\n")), "{printed}");
    for made in ["made the data folder", "made the master secret", "made the database"] {
        assert!(printed.contains(made), "{printed}");
    }
    let line = printed.lines().map(str::trim).find(|line| line.starts_with("curl ")).expect("a curl line");
    let (host, request) = curl(line);
    assert_eq!(host, at.to_string());
    let answer = Client::new(at).send(&request).unwrap().expect_status(200);
    assert!(answer.json()["token"].is_string(), "{answer}");
    // The account that it made signs in.
    let fields: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
    let (name, password) = (fields["username"].as_str().unwrap(), fields["password"].as_str().unwrap());
    Argon::at(at).sign_in(name, password);
}

#[test]
fn the_printed_command_makes_an_administrator() {
    let server = TesseraProcess::start(cheap());
    let printed = server.output();
    let line = printed.lines().find(|line| line.contains(" account create ")).expect("a command");
    let words: Vec<&str> = line.split_whitespace().skip(1).take_while(|word| *word != "--data").collect();
    crate::stand::run(&server, &words, &format!("{PASSWORD}\n"));
    let token = Argon::at(server.address()).sign_in("admin", PASSWORD);
    let state = Argon::at(server.address()).state(&token).expect_status(200).json();
    assert_eq!(state["permissions"], serde_json::json!(["admin"]));
}

#[test]
fn the_root_tells_people_and_programs_what_is_here() {
    let server = TesseraProcess::start(cheap());
    let ask = |accept: &str| {
        server.client().send(&Request::new("GET", "/").header("Accept", accept)).unwrap().expect_status(200)
    };
    let page = ask("text/html,application/xhtml+xml,*/*;q=0.8");
    assert!(page.header("content-type").unwrap().starts_with("text/html"), "{page}");
    assert!(page.header("content-security-policy").unwrap().contains("default-src 'none'"), "{page}");
    let told = ask("application/json").json();
    for (contract, title) in
        [("argon", "Argon"), ("wolfpal", "WolfPal"), ("melon", "Melon"), ("goscrobble", "GoScrobble")]
    {
        assert!(page.text().contains(title), "{title}: {page}");
        let listed = told["contracts"].as_array().unwrap().iter().any(|listed| listed["name"] == contract);
        assert!(listed, "{contract}: {told}");
    }
    assert_eq!(told["name"], "Tessera");
}

#[test]
fn every_link_on_the_pages_leads_somewhere() {
    let server = TesseraProcess::start(cheap());
    let mut client = server.client();
    let mut found = vec!["/".to_owned()];
    let mut next = 0;
    while let Some(path) = found.get(next).cloned() {
        next += 1;
        let answer = client.send(&Request::new("GET", &path)).unwrap();
        assert_eq!(answer.status, 200, "{path}: {answer}");
        let text = answer.text();
        let parts = text.split("href=\"/").skip(1).chain(text.split("src=\"/").skip(1));
        for link in parts.filter_map(|part| part.split(['"', '#']).next()) {
            let link = format!("/{link}");
            if !found.contains(&link) {
                found.push(link);
            }
        }
    }
    assert!(found.len() > 1, "the first page links nowhere");
}

#[test]
fn a_restart_keeps_tokens_accounts_and_the_secret() {
    let mut server = TesseraProcess::start(cheap());
    let secret = fs::read(server.data().join("master.secret")).unwrap();
    let name = unique("lasting");
    let token = Argon::at(server.address()).register(&name, PASSWORD);
    server.restart();
    assert!(!server.output().contains("made the"), "{}", server.output());
    assert_eq!(fs::read(server.data().join("master.secret")).unwrap(), secret);
    assert_eq!(Argon::at(server.address()).state(&token).expect_status(200).field("username"), name);
    Argon::at(server.address()).sign_in(&name, PASSWORD);
    server.kill9();
    server.restart();
    assert_eq!(Argon::at(server.address()).state(&token).status, 200);
}
