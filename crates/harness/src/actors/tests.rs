//! The actors' requests, seen by a server that answers everything alike.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};

use super::{Argon, GoScrobble, Melon, WolfPal};

/// Answers `count` requests on one connection with `body`; joined, it gives the first line of each, its
/// authorization and its body.
fn serve(count: usize, status: &'static str, body: &'static str) -> (SocketAddr, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serving = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream);
        (0..count).map(|_| answer_one(&mut reader, status, body)).collect()
    });
    (address, serving)
}

fn answer_one(reader: &mut BufReader<TcpStream>, status: &str, body: &str) -> String {
    let (mut seen, mut length) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some(digits) = line.strip_prefix("Content-Length: ") {
            length = digits.parse().unwrap();
        }
        if seen.is_empty() || line.starts_with("Authorization: ") || line.starts_with("Accept: ") {
            seen.push(line.trim_end_matches(" HTTP/1.1").to_owned());
        }
    }
    let mut content = vec![0; length];
    reader.read_exact(&mut content).unwrap();
    if !content.is_empty() {
        seen.push(String::from_utf8(content).unwrap());
    }
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n", body.len());
    reader.get_mut().write_all(format!("{head}{body}").as_bytes()).unwrap();
    seen.join(" | ")
}

#[test]
fn argon() {
    let (address, serving) = serve(5, "200 OK", r#"{"token":"T"}"#);
    let mut argon = Argon::at(address);
    assert_eq!(argon.register("a", "p"), "T");
    assert_eq!(argon.sign_in("a", "p"), "T");
    argon.state("T");
    argon.rename("T", "b");
    argon.change_password("T", "p", "q");
    let expected = [
        r#"POST /api/auth/register | {"password":"p","username":"a"}"#,
        r#"POST /api/auth/login | {"password":"p","username":"a"}"#,
        "GET /api/auth/state | Authorization: Bearer T",
        r#"PUT /api/auth/profile | Authorization: Bearer T | {"newUsername":"b"}"#,
        r#"PUT /api/auth/profile | Authorization: Bearer T | {"currentPassword":"p","newPassword":"q"}"#,
    ];
    assert_eq!(sorted(serving), expected);
}

#[test]
fn wolfpal() {
    let body =
        r#"{"access_token":"A","refresh_token":"R","secret":"JBSWY3DPEHPK3PXP","backupCodes":["1","2"]}"#;
    let (address, serving) = serve(8, "200 OK", body);
    let mut wolfpal = WolfPal::at(address);
    wolfpal.register("a", "a@b", "p");
    wolfpal.confirm("C");
    let tokens = wolfpal.sign_in("a@b", "p");
    assert_eq!((tokens.access.as_str(), tokens.refresh.as_str()), ("A", "R"));
    assert_eq!(wolfpal.refresh("R"), tokens);
    let enrolled = wolfpal.enrol_totp("A", 59);
    assert_eq!(enrolled.secret, b"Hello!\xde\xad\xbe\xef");
    assert_eq!(enrolled.backup_codes, ["1", "2"]);
    wolfpal.second_step("S", "1");
    wolfpal.sign_out("A");
    // The well-known code of this secret for the counter 0.
    let expected = [
        r#"POST /api/auth/register | {"email":"a@b","password":"p","username":"a"}"#,
        "PUT /api/user/activate-account/C",
        r#"POST /api/auth/login | {"email":"a@b","password":"p"}"#,
        r#"POST /api/auth/refresh | {"refresh_token":"R"}"#,
        "POST /api/account/two-factor | Authorization: Bearer A",
        r#"PUT /api/account/two-factor | Authorization: Bearer A | {"code":"282760"}"#,
        r#"POST /api/auth/two-factor | {"code":"1","token":"S"}"#,
        "POST /api/auth/logout | Authorization: Bearer A",
    ];
    assert_eq!(sorted(serving), expected);
}

#[test]
fn melon() {
    let (address, serving) = serve(6, "200 OK", r#""7QK2""#);
    let mut melon = Melon::at(address);
    assert_eq!(melon.sign_in("a&b", "p+q"), "7QK2");
    assert_eq!(melon.invite("T"), "7QK2");
    assert_eq!(melon.redeem("7QK2"), "7QK2");
    assert_eq!(melon.create("S", "c", "p"), "7QK2");
    melon.check("T");
    melon.current("T");
    let expected = [
        "GET /auth/login?username=a%26b&password=p%2Bq | Accept: application/json",
        "GET /auth/invite | Authorization: Bearer T | Accept: application/json",
        "GET /auth/code-authenticate?code=7QK2 | Accept: application/json",
        "POST /api/users/create?username=c&password=p | Authorization: Bearer S | Accept: application/json",
        "GET /auth/check | Authorization: Bearer T | Accept: application/json",
        "GET /api/users/current | Authorization: Bearer T | Accept: application/json",
    ];
    assert_eq!(sorted(serving), expected);
}

/// A token with the one claim `refresh_token`, "R".
const REFRESHING: &str = r#"{"token":"e30.eyJyZWZyZXNoX3Rva2VuIjoiUiJ9.AA"}"#;

#[test]
fn goscrobble() {
    let (address, serving) = serve(6, "200 OK", REFRESHING);
    let mut goscrobble = GoScrobble::at(address);
    goscrobble.register("a", "a@b", "p");
    let tokens = goscrobble.sign_in("a", "p");
    assert_eq!(tokens.refresh, "R");
    assert_eq!(goscrobble.refresh("R"), tokens);
    goscrobble.send_reset("a@b");
    goscrobble.reset_password("M", "q");
    goscrobble.user("T");
    let expected = [
        r#"POST /api/v1/register | {"email":"a@b","password":"p","username":"a"}"#,
        r#"POST /api/v1/login | {"password":"p","username":"a"}"#,
        r#"POST /api/v1/refresh | {"token":"R"}"#,
        r#"POST /api/v1/sendreset | {"email":"a@b"}"#,
        r#"POST /api/v1/resetpassword | {"password":"q","token":"M"}"#,
        "GET /api/v1/user | Authorization: Bearer T",
    ];
    assert_eq!(sorted(serving), expected);
}

#[test]
#[should_panic(expected = "expected HTTP 200, got:\nHTTP 401")]
fn a_verb_that_promises_success_panics_with_the_answer() {
    let (address, _serving) = serve(1, "401 Unauthorized", r#"{"error":"Invalid credentials"}"#);
    Argon::at(address).sign_in("a", "p");
}

/// What was seen, whatever the order of the keys in JSON bodies: `serde_json` may keep or sort them,
/// depending on what else is built.
fn sorted(serving: JoinHandle<Vec<String>>) -> Vec<String> {
    let seen = serving.join().unwrap();
    seen.iter().map(|line| with_sorted_keys(line)).collect()
}

fn with_sorted_keys(line: &str) -> String {
    let Some((before, body)) = line.split_once(" | {") else { return line.to_owned() };
    let body = body.trim_end_matches('}');
    let mut entries: Vec<&str> = body.split(',').collect();
    entries.sort_unstable();
    format!("{before} | {{{}}}", entries.join(","))
}
