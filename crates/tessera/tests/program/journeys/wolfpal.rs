//! WolfPal's web client: axios with JSON under `/api` (wolfpal.md 4).

use harness::process::TesseraProcess;
use harness::server::Server;
use harness::totp;
use serde_json::{Value, json};

use super::{Surfer, claims, sha512, text};
use crate::stand::{PASSWORD, address_of, mailed, mailed_after, server, unique};

const CHROME: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/87.0.4280.88 Safari/537.36";

/// A tab of the client, with what it keeps in its cookies.
struct Tab {
    surfer: Surfer,
    refresh: String,
}

impl Tab {
    fn new(server: &TesseraProcess) -> Tab {
        let headers = [("Accept", "application/json, text/plain, */*"), ("User-Agent", CHROME)];
        Tab { surfer: Surfer::new(server, &headers), refresh: String::new() }
    }

    fn sign_in(&mut self, email: &str, password: &str) -> Value {
        self.surfer.token.clear();
        let fields = json!({ "email": email, "password": password });
        self.surfer.send("POST", "/api/auth/login", &fields).json()
    }

    /// Keeps the tokens, whose `exp` the client must be able to read, and asks who it is.
    #[track_caller]
    fn keep(&mut self, answer: &Value) -> Value {
        text(answer, "access_token").clone_into(&mut self.surfer.token);
        text(answer, "refresh_token").clone_into(&mut self.refresh);
        for token in [&self.surfer.token, &self.refresh] {
            assert!(claims(token)["exp"].is_u64(), "{token}");
        }
        let account = self.surfer.get("/api/account").expect_status(200).json();
        let user = account["user"].clone();
        assert!(user["twoFactor"].is_boolean(), "{account}");
        // Read without looking whether they are there.
        let goals = &user["notifications"]["email"];
        assert!(goals["weeklyGoals"].is_boolean() && goals["yearlyGoals"].is_boolean(), "{account}");
        user
    }

    #[track_caller]
    fn refresh(&mut self) {
        self.surfer.token.clear();
        let fields = json!({ "refresh_token": self.refresh });
        let answer = self.surfer.send("POST", "/api/auth/refresh", &fields).expect_status(200).json();
        self.keep(&answer);
    }

    #[track_caller]
    fn devices(&mut self) -> Vec<Value> {
        let list = self.surfer.get("/api/account/sessions").expect_status(200).json();
        let sessions = list["sessions"].as_array().unwrap().clone();
        assert_eq!(list["total"], sessions.len());
        sessions
    }

    /// The device that has the badge `Current`.
    #[track_caller]
    fn current(&mut self) -> Value {
        let hash = sha512(&self.surfer.token);
        let own = |one: &Value| one["accessTokenHash"] == hash;
        let mine: Vec<Value> = self.devices().into_iter().filter(own).collect();
        assert_eq!(mine.len(), 1, "{} of the devices are the current one", mine.len());
        mine[0].clone()
    }
}

#[track_caller]
fn register(server: &TesseraProcess, tab: &mut Tab, name: &str, email: &str) {
    let fields = json!({ "username": name, "email": email, "password": PASSWORD });
    let registered = tab.surfer.send("POST", "/api/auth/register", &fields).expect_status(201).json();
    assert_eq!(registered["code"], "PENDING_CONFIRMATION");
    // The client signs in at once; any code that it does not know is a message to try again.
    let early = tab.sign_in(email, PASSWORD);
    assert_eq!(early["code"], "PENDING_CONFIRMATION");
    assert!(early.get("codes").is_none(), "{early}");
    let link = mailed(server, email, "activate");
    let confirmed = tab.surfer.bare("PUT", &format!("/api/user/activate-account/{link}")).expect_status(200);
    assert!(!confirmed.field("message").is_empty());
}

/// Enrols as the dialogs do, and returns secret and backup codes.
#[track_caller]
fn enrol(server: &TesseraProcess, tab: &mut Tab) -> (Vec<u8>, Vec<Value>) {
    let begun = tab.surfer.bare("POST", "/api/account/two-factor").expect_status(200).json();
    assert!(text(&begun, "qrCode").starts_with("data:image/"), "{begun}");
    let secret = totp::secret_bytes(text(&begun, "secret")).unwrap();
    let code = totp::code_at(&secret, server.totp_now() - totp::STEP_SECONDS);
    let done = tab.surfer.send("PUT", "/api/account/two-factor", &json!({ "code": code })).expect_status(200);
    assert!(!done.field("code").is_empty());
    let codes = begun["backupCodes"].as_array().unwrap().clone();
    let file = tab.surfer.get("/api/account/two-factor/backup-codes").expect_status(200).text();
    assert!(codes.iter().all(|code| file.contains(code.as_str().unwrap())), "{file}");
    (secret, codes)
}

#[test]
fn a_goal_tracker_is_joined_secured_and_kept() {
    let server = server();
    let (name, mut tab) = (unique("wolf"), Tab::new(&server));
    let email = address_of(&name);
    register(&server, &mut tab, &name, &email);
    let granted = tab.sign_in(&email, PASSWORD);
    assert_eq!(granted["twoFactor"], false);
    let user = tab.keep(&granted);
    assert_eq!((&user["username"], &user["email"]), (&json!(name), &json!(email)));
    assert_eq!(user["twoFactor"], false);
    let (secret, backup) = enrol(&server, &mut tab);
    tab.surfer.bare("POST", "/api/auth/logout").expect_status(200);

    let asked = tab.sign_in(&email, PASSWORD);
    assert_eq!(asked["twoFactor"], true);
    let step = |code: &str| json!({ "token": text(&asked, "token"), "code": code });
    let wrong = tab.surfer.send("POST", "/api/auth/two-factor", &step("000000")).expect_status(401);
    assert_eq!(wrong.field("code"), "INVALID_TWO_FACTOR_CODE");
    let code = totp::code_at(&secret, server.totp_now());
    let granted = tab.surfer.send("POST", "/api/auth/two-factor", &step(&code)).expect_status(200).json();
    assert_eq!(tab.keep(&granted)["twoFactor"], true);
    let before = tab.current();
    tab.refresh();
    // The badge goes along with the new token.
    assert_eq!(tab.current()["_id"], before["_id"]);
    assert_eq!(before["device"]["browser"], "Chrome");

    let mut other = Tab::new(&server);
    let asked = other.sign_in(&email, PASSWORD);
    let fields = json!({ "token": asked["token"], "code": backup[0] });
    let granted = other.surfer.send("POST", "/api/auth/two-factor", &fields).expect_status(200).json();
    other.keep(&granted);
    assert_eq!(tab.devices().len(), 2);
    let id = text(&other.current(), "_id").to_owned();
    let ended = tab.surfer.bare("DELETE", &format!("/api/account/sessions/{id}")).expect_status(200);
    assert_eq!(ended.field("code"), "SESSION_REVOKED");
    assert_eq!(other.surfer.get("/api/account").status, 401);
    assert_eq!(tab.devices().len(), 1);
}

#[test]
fn a_password_is_changed_and_then_forgotten() {
    let server = server();
    let (name, mut tab) = (unique("wolf"), Tab::new(&server));
    let email = address_of(&name);
    register(&server, &mut tab, &name, &email);
    let granted = tab.sign_in(&email, PASSWORD);
    tab.keep(&granted);
    let change = |old: &str| json!({ "oldPassword": old, "newPassword": "another horse 2" });
    let wrong = tab.surfer.send("PUT", "/api/account/change-password", &change("no horse")).json();
    assert_eq!(wrong["code"], "INVALID_CREDENTIALS");
    let changed =
        tab.surfer.send("PUT", "/api/account/change-password", &change(PASSWORD)).expect_status(200);
    assert_eq!(changed.field("code"), "PASSWORD_CHANGED");
    // Then the client signs out; what it is answered does not matter, as long as it is answered.
    assert!(tab.surfer.bare("POST", "/api/auth/logout").status < 500);
    assert_eq!(tab.sign_in(&email, PASSWORD)["code"], "INVALID_CREDENTIALS");
    let granted = tab.sign_in(&email, "another horse 2");
    tab.keep(&granted);

    let mut visitor = Tab::new(&server);
    let asked = visitor.surfer.send("POST", "/api/user/forgot-password/", &json!({ "email": email }));
    assert!(asked.expect_status(200).json().get("codes").is_none());
    let link = mailed_after("", &server, &email, "reset");
    let fields = json!({ "password": "third horse 3", "comfirmPassword": "third horse 3" });
    let target = format!("/api/user/reset-password/{link}");
    visitor.surfer.send("POST", &target, &fields).expect_status(200);
    assert_eq!(visitor.surfer.send("POST", &target, &fields).status, 400, "the link works twice");
    assert_eq!(tab.surfer.get("/api/account").status, 401, "a session outlived the reset");
    let granted = visitor.sign_in(&email, "third horse 3");
    assert_eq!(visitor.keep(&granted)["username"], name);
}
