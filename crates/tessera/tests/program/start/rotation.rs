//! Keys that change under a running server, and another master secret.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use harness::actors::{Argon, GoScrobble, Melon, WolfPal};
use harness::http::Request;
use harness::process::{Options, TesseraProcess};
use serde_json::Value;

use crate::stand::{
    Everywhere, PASSWORD, account, address_of, cheap, eventually, run, told, wolfpal_believes,
};

/// Two servers on one database.
fn two_servers(options: fn() -> Options) -> (TesseraProcess, TesseraProcess) {
    let secret = "99112233445566778899aabbccddeeff00112233445566778899aabbccddee99";
    let first = TesseraProcess::start(options().on_file().env("TESSERA_MASTER_SECRET", secret));
    let database = format!("sqlite:{}", first.data().join("tessera.db").display());
    let second = TesseraProcess::start(options().env("TESSERA_MASTER_SECRET", secret).database(&database));
    (first, second)
}

fn kid(token: &str) -> String {
    jsonwebtoken::decode_header(token).unwrap().kid.expect("a key id")
}

/// The keys of a mount that are or were in use.
fn keys_of(server: &TesseraProcess, mount: &str) -> Vec<Value> {
    let all = told(server, &["key", "list"], "");
    all.as_array().unwrap().iter().filter(|key| key["mount"] == mount).cloned().collect()
}

fn of_state(server: &TesseraProcess, mount: &str, state: &str) -> Vec<String> {
    let keys = keys_of(server, mount).into_iter().filter(|key| key["state"] == state);
    keys.map(|key| key["id"].as_str().unwrap().to_owned()).collect()
}

/// Signs in at one server and shows every token at both, as often as there is time; how often.
fn use_tokens(name: &str, [one, two]: [SocketAddr; 2], over: &AtomicBool, done: &AtomicUsize) {
    let mut kept: Vec<(String, String)> = Vec::new();
    let (mut argon, mut melon) = (Argon::at(one), Melon::at(one));
    let mut checks = [one, two].map(|at| (Argon::at(at), Melon::at(at)));
    while !over.load(Ordering::SeqCst) {
        kept.push((argon.sign_in(name, PASSWORD), melon.sign_in(name, PASSWORD)));
        for (at_argon, melon) in &mut checks {
            // The newest, and one from before.
            for (argon_token, melon_token) in kept.iter().rev().take(3).chain(kept.first()) {
                at_argon.state(argon_token).expect_status(200);
                melon.check(melon_token).expect_status(200);
            }
        }
        let tokens = WolfPal::at(one).sign_in(&address_of(name), PASSWORD);
        WolfPal::at(two).try_refresh(&tokens.refresh).expect_status(200);
        let letters = GoScrobble::at(two).sign_in(name, PASSWORD).refresh;
        GoScrobble::at(one).try_refresh(&letters).expect_status(200);
        done.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn a_rotation_under_load_refuses_no_good_token() {
    let options = || {
        cheap()
            .unthrottled()
            .env("TESSERA_KEYS__LEAD", "6s")
            .env("TESSERA_SESSIONS__TRUST_MEMORY_FOR", "5s")
            .env("TESSERA_MOUNTS__ARGON__ALGORITHM", "ES256")
    };
    let (one, two) = two_servers(options);
    let name = account(&one, "rotated");
    let first = kid(&Argon::at(one.address()).sign_in(&name, PASSWORD));
    let (name, over, done) = (&name, &AtomicBool::new(false), &AtomicUsize::new(0));
    thread::scope(|scope| {
        for at in [[one.address(), two.address()], [two.address(), one.address()]] {
            scope.spawn(move || use_tokens(name, at, over, done));
        }
        eventually("tokens are used", || done.load(Ordering::SeqCst) > 2);
        let rotated = told(&one, &["key", "rotate", "--all"], "");
        assert_eq!(rotated.as_array().unwrap().len(), 4, "{rotated}");
        let signs = |server: &TesseraProcess| kid(&Argon::at(server.address()).sign_in(name, PASSWORD));
        for server in [&one, &two] {
            eventually("the next key signs", || signs(server) != first);
        }
        let so_far = done.load(Ordering::SeqCst);
        eventually("tokens are used after it", || done.load(Ordering::SeqCst) > so_far + 2);
        over.store(true, Ordering::SeqCst);
    });
    for mount in ["argon", "wolfpal", "melon", "goscrobble"] {
        // They were rotated one after the other, so the last turn may begin a moment later.
        eventually(mount, || of_state(&two, mount, "accepted").len() == 1);
        assert_eq!(of_state(&two, mount, "signing").len(), 1, "{mount}");
    }
    assert_eq!(of_state(&one, "argon", "accepted"), [first]);
}

#[test]
fn a_leaked_key_is_believed_no_more() {
    let (one, two) = two_servers(|| cheap().unthrottled());
    let name = account(&one, "leaked");
    let tokens = Everywhere::sign_in(&one, &name, PASSWORD);
    for mount in ["argon", "wolfpal", "goscrobble"] {
        let [id] = of_state(&one, mount, "signing").try_into().unwrap();
        let retired = told(&one, &["key", "retire", &id], "");
        assert_eq!((&retired["mount"], &retired["retired"]), (&mount.into(), &true.into()));
        let again = one.cli(&["key", "retire", &id], "");
        assert!(!again.status.success());
        assert!(String::from_utf8_lossy(&again.stderr).contains("before"));
    }
    for server in [&one, &two] {
        let at = server.address();
        eventually("Argon's is refused", || Argon::at(at).state(&tokens.argon).status == 401);
        eventually("WolfPal's is refused", || !wolfpal_believes(server, &tokens.wolfpal.access));
        assert_eq!(WolfPal::at(at).try_refresh(&tokens.wolfpal.refresh).status, 401);
        Melon::at(at).check(&tokens.melon).expect_status(200);
        Everywhere::sign_in(server, &name, PASSWORD);
    }
    // Its refresh token is signed by no such key: the session goes on.
    let renewed = GoScrobble::at(two.address()).try_refresh(&tokens.goscrobble.refresh).expect_status(200);
    assert!(renewed.text().contains("token"), "{renewed}");
    let kinds = told(&one, &["event", "list"], "").to_string();
    assert!(kinds.contains("signing_key_retired") && kinds.contains("signing_key_rotated"), "{kinds}");
    let plain = run(&one, &["key", "list"], "");
    assert!(String::from_utf8_lossy(&plain.stdout).contains("retired"));
}

#[test]
fn published_keys_stand_by_mount_and_are_kept_for_less_than_a_lead() {
    let server = TesseraProcess::start(
        cheap()
            .env("TESSERA_MOUNTS__ARGON__ALGORITHM", "EdDSA")
            .env("TESSERA_MOUNTS__MELON__ALGORITHM", "ES256"),
    );
    let get = |path: &str| server.client().send(&Request::new("GET", path)).unwrap();
    run(&server, &["key", "rotate", "--mount", "argon"], "");
    let ids = |path: &str| -> Vec<String> {
        let answer = get(path).expect_status(200);
        assert_eq!(answer.header("cache-control"), Some("public, max-age=15"));
        let set = answer.json();
        set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    };
    eventually("the next key is published", || ids("/.well-known/jwks.json").len() == 3);
    assert_eq!(ids("/.well-known/jwks/argon.json"), ["default-argon-EdDSA-2", "default-argon-EdDSA-1"]);
    assert_eq!(ids("/.well-known/jwks/melon.json"), ["default-melon-ES256-1"]);
    assert_eq!(get("/.well-known/jwks/wolfpal.json").status, 404, "a shared secret");
    assert_eq!(get("/.well-known/jwks/nobody.json").status, 404);
    let refused = server.cli(&["key", "rotate"], "");
    assert_eq!(refused.status.code(), Some(2), "it must be said which");
}

#[test]
fn another_master_secret_opens_the_installation_and_the_one_before_does_not() {
    let mut server = TesseraProcess::start(cheap().unthrottled());
    let name = account(&server, "resealed");
    let mut tokens = Everywhere::sign_in(&server, &name, PASSWORD);
    let file = server.data().join("next.secret");
    let args = ["key", "reseal", "--new-master-file", file.to_str().unwrap()];
    let changed = told(&server, &args, "");
    assert_eq!((&changed["changed"], &changed["made"]), (&true.into(), &true.into()));
    assert!(changed["next"].as_str().unwrap().contains("master.secret"), "{changed}");
    assert!(tokens.believed(&server).argon, "the running server goes on");
    let said = |output: std::process::Output| {
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(said(server.cli(&args, "")).contains("not the one of this installation"));
    server.stop();
    let start = ["serve", "--listen", "127.0.0.1:0"];
    assert!(said(server.cli(&start, "")).contains("not the one of this installation"));
    std::fs::rename(&file, server.data().join("master.secret")).unwrap();
    server.restart();
    assert_eq!(tokens.believed(&server), crate::stand::Believed::ALL);
    let same = server.data().join("master.secret");
    let output = server.cli(&["key", "reseal", "--new-master-file", same.to_str().unwrap()], "");
    assert!(said(output).contains("already"));
    assert!(told(&server, &["event", "list"], "").to_string().contains("master_secret_changed"));
}
