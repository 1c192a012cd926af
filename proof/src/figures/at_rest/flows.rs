//! Everything that people do with secrets, once each.

use std::thread;
use std::time::{Duration, Instant};

use harness::actors::{Argon, GoScrobble, GoScrobbleTokens, Melon, Tokens, WolfPal};
use harness::http::{Answer, Request};
use harness::people::{PASSWORD, address_of, unique};
use harness::process::TesseraProcess;
use harness::server::Server;
use harness::{mailbox, totp};
use serde_json::json;

use crate::Problem;
use crate::post::Post;
use crate::search::Secret;

const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(5);

/// Somebody with accounts of every product, and what they know.
pub(super) struct Cast<'a, R> {
    server: &'a TesseraProcess,
    post: &'a Post,
    random: &'a mut R,
    pub(super) secrets: Vec<Secret>,
    /// Answers that must not repeat what they refuse.
    pub(super) refusals: Vec<Answer>,
}

impl<'a, R: FnMut(usize) -> String> Cast<'a, R> {
    pub(super) fn new(server: &'a TesseraProcess, post: &'a Post, random: &'a mut R) -> Self {
        Self { server, post, random, secrets: Vec::new(), refusals: Vec::new() }
    }

    pub(super) fn everything(&mut self, boss: &str) -> Result<(), Problem> {
        let (name, password) = self.wolfpal()?;
        let password = self.resets(&name, &password)?;
        self.second_factor(&name, &password)?;
        self.argon(boss)?;
        self.melon(boss);
        self.goscrobble();
        self.mistakes(&name)
    }

    /// A password that every way of writing it down changes.
    fn password(&mut self, what: &'static str) -> String {
        let password = format!("p\u{f6} \"%+&\\{}", (self.random)(16));
        self.knows(what, &password);
        // What is left of it where the rest was cut off or changed.
        let (_, core) = password.split_at(password.len() - 16);
        self.knows(what, core);
        password
    }

    fn knows(&mut self, what: &'static str, secret: &str) {
        self.secrets.push(Secret::new(what, secret));
    }

    /// What makes a token one: its signature, or all of it.
    fn token(&mut self, what: &'static str, token: &str) {
        self.knows(what, token.rsplit('.').next().unwrap_or_default());
    }

    fn tokens(&mut self, tokens: &Tokens) {
        self.token("an access token of wolfpal", &tokens.access);
        self.token("a refresh token of wolfpal", &tokens.refresh);
    }

    fn goscrobble_tokens(&mut self, tokens: &GoScrobbleTokens) {
        self.token("an access token of goscrobble", &tokens.access);
        self.token("a refresh token of goscrobble", &tokens.refresh);
    }

    /// The token in the newest mail about a subject that is not `before`.
    fn mailed(&self, address: &str, subject: &str, before: &str) -> Result<String, Problem> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let token = self.post.mails(|mails| {
                let of_subject = mails.iter().rev().filter(|mail| mail.subject.contains(subject));
                let mut mine = of_subject.filter(|mail| mail.goes_to(address));
                mine.next().and_then(|mail| mailbox::link_token(&mail.text).map(str::to_owned))
            });
            match token {
                Some(token) if token != before => return Ok(token),
                _ => thread::sleep(PAUSE),
            }
        }
        Err(format!("no mail about {subject} came to {address}").into())
    }

    fn ask(&self, request: &Request) -> Result<Answer, Problem> {
        Ok(self.server.client().send(request)?)
    }

    /// Registers, confirms, signs in, refreshes, changes the address and the password, signs out.
    fn wolfpal(&mut self) -> Result<(String, String), Problem> {
        let (name, password) = (unique("person"), self.password("a password"));
        let (email, mut wolfpal) = (address_of(&name), WolfPal::at(self.server.address()));
        let _ = wolfpal.register(&name, &email, &password).expect_status(201);
        let resend = Request::new("POST", "/user/activate-account/resend").json(&json!({ "email": email }));
        let first = self.mailed(&email, "Activate", "")?;
        let _ = self.ask(&resend)?.expect_status(200);
        let confirmation = self.mailed(&email, "Activate", &first)?;
        let _ = wolfpal.confirm(&confirmation).expect_status(200);
        let wrong = self.password("a wrong password");
        self.refusals.push(wolfpal.try_sign_in(&email, &wrong));
        let tokens = wolfpal.sign_in(&email, &password);
        let refreshed = wolfpal.refresh(&tokens.refresh);
        let change = Request::new("POST", "/account/change-email").bearer(&refreshed.access);
        let new = address_of(&unique("moved"));
        let _ = self.ask(&change.json(&json!({ "email": new })))?.expect_status(200);
        let link = self.mailed(&new, "Verify", "")?;
        self.refusals.push(self.ask(&Request::new("PUT", &format!("/account/change-email/{link}")))?);
        let _ = wolfpal.sign_out(&refreshed.access).expect_status(200);
        // From a place that was not seen before, with another program, which is mailed.
        let fields = json!({ "email": email, "password": password });
        let elsewhere = Request::new("POST", "/auth/login")
            .header("User-Agent", "another/1.0")
            .header("X-Forwarded-For", "198.51.100.7")
            .json(&fields);
        let elsewhere = Tokens::of(self.ask(&elsewhere)?);
        let _ = self.mailed(&email, "New sign-in", "")?;
        for tokens in [&tokens, &refreshed, &elsewhere] {
            self.tokens(tokens);
        }
        Ok((name, password))
    }

    /// Forgets the password twice, and changes it once knowing it.
    fn resets(&mut self, name: &str, old: &str) -> Result<String, Problem> {
        let (email, at) = (address_of(name), self.server.address());
        let (second, third, fourth) = (
            self.password("a new password"),
            self.password("a new password"),
            self.password("a new password"),
        );
        let _ = WolfPal::at(at).send_reset(&email).expect_status(200);
        let first_link = self.mailed(&email, "Reset", "")?;
        self.refusals.push(WolfPal::at(at).reset_password(&format!("{first_link}x"), &second));
        let _ = WolfPal::at(at).reset_password(&first_link, &second).expect_status(200);
        let _ = GoScrobble::at(at).send_reset(&email).expect_status(200);
        let link = self.mailed(&email, "Reset", &first_link)?;
        let _ = GoScrobble::at(at).reset_password(&link, &third).expect_status(200);
        let argon = Argon::at(at).sign_in(name, &third);
        self.token("an access token of argon", &argon);
        self.refusals.push(Argon::at(at).change_password(&argon, old, &fourth));
        let _ = Argon::at(at).change_password(&argon, &third, &fourth).expect_status(200);
        Ok(fourth)
    }

    /// Enrols, signs in with a backup code, mistypes one, and takes the factor off.
    fn second_factor(&mut self, name: &str, password: &str) -> Result<(), Problem> {
        let (email, mut wolfpal) = (address_of(name), WolfPal::at(self.server.address()));
        let tokens = wolfpal.sign_in(&email, password);
        let now = self.server.totp_now();
        let enrolled = wolfpal.enrol_totp(&tokens.access, now);
        self.secrets.push(Secret::new("the seed of a second factor", enrolled.secret.clone()));
        self.knows("the seed of a second factor in letters", &base32(&enrolled.secret));
        for code in &enrolled.backup_codes {
            self.secrets.push(Secret::short("a backup code", code));
        }
        let mut ticket = || wolfpal.try_sign_in(&email, password).expect_status(200).field("token");
        let (wrong, used) = (ticket(), ticket());
        self.refusals.push(wolfpal.second_step(&wrong, "00000000"));
        let signed_in = Tokens::of(wolfpal.second_step(&used, &enrolled.backup_codes[0]));
        let off = Request::new("DELETE", "/account/two-factor").bearer(&signed_in.access);
        let code = totp::code_at(&enrolled.secret, now);
        let _ = self.ask(&off.query(&[("code", &code)]))?.expect_status(200);
        for ticket in [wrong, used] {
            self.knows("a ticket", &ticket);
        }
        for tokens in [&tokens, &signed_in] {
            self.tokens(tokens);
        }
        Ok(())
    }

    /// Registers, and as an administrator makes, uses and renews an API key.
    fn argon(&mut self, boss: &str) -> Result<(), Problem> {
        let mut argon = Argon::at(self.server.address());
        let (name, password) = (unique("argonaut"), self.password("a password"));
        let token = argon.register(&name, &password);
        self.token("an access token of argon", &token);
        let boss = argon.sign_in(boss, PASSWORD);
        self.token("an access token of argon", &boss);
        let fields = json!({ "name": "a key", "permissions": ["user"] });
        let made =
            self.ask(&Request::new("POST", "/api/api-keys").bearer(&boss).json(&fields))?.expect_status(201);
        let (id, key) = (made.field("id"), made.field("key"));
        let _ = self.ask(&Request::new("GET", "/api/api-keys").bearer(&key))?;
        let again = Request::new("POST", &format!("/api/api-keys/{id}/regenerate")).bearer(&boss);
        let renewed = self.ask(&again)?.expect_status(200).field("key");
        self.refusals.push(self.ask(&Request::new("GET", "/api/api-keys").bearer(&key))?);
        for key in [key, renewed] {
            // Its beginning is shown, so that keys can be told apart.
            self.knows("an API key", key.get(key.len() / 2..).unwrap_or_default());
        }
        Ok(())
    }

    /// Invites somebody, who makes an account.
    fn melon(&mut self, boss: &str) {
        let mut melon = Melon::at(self.server.address());
        let token = melon.sign_in(boss, PASSWORD);
        self.token("an access token of melon", &token);
        let code = melon.invite(&token);
        let admitted = melon.redeem(&code);
        self.secrets.push(Secret::short("an invite code", &code));
        self.token("an invited token", &admitted);
        let (name, password) = (unique("guest"), self.password("a password"));
        melon.create(&admitted, &name, &password);
        let again = self.password("a refused password");
        self.refusals.push(melon.try_create(&admitted, &unique("guest"), &again));
        let token = melon.sign_in(&name, &password);
        self.token("an access token of melon", &token);
        let wrong = self.password("a wrong password");
        self.refusals.push(melon.try_sign_in(&name, &wrong));
    }

    fn goscrobble(&mut self) {
        let mut goscrobble = GoScrobble::at(self.server.address());
        let (name, password) = (unique("listener"), self.password("a password"));
        let _ = goscrobble.register(&name, &address_of(&name), &password).expect_status(200);
        let wrong = self.password("a wrong password");
        self.refusals.push(goscrobble.try_sign_in(&name, &wrong));
        let tokens = goscrobble.sign_in(&name, &password);
        let refreshed = goscrobble.refresh(&tokens.refresh);
        for tokens in [&tokens, &refreshed] {
            self.goscrobble_tokens(tokens);
        }
    }

    /// Secrets where none belongs, and requests that nobody can read.
    fn mistakes(&mut self, name: &str) -> Result<(), Problem> {
        let as_name = self.password("a password in the place of a name");
        let (email, at) = (address_of(name), self.server.address());
        let mut refused = vec![
            Argon::at(at).try_sign_in(&as_name, &as_name),
            Melon::at(at).try_sign_in(&as_name, &as_name),
            GoScrobble::at(at).try_sign_in(&as_name, &as_name),
            WolfPal::at(at).try_sign_in(&as_name, &as_name),
            GoScrobble::at(at).try_refresh(&as_name),
        ];
        for path in
            ["/api/auth/login", "/api/auth/register", "/api/v1/login", "/api/v1/resetpassword", "/auth/login"]
        {
            let password = self.password("a password in a broken request");
            let core = password.get(password.len() - 16..).unwrap_or_default().to_owned();
            let post = |body: String| {
                let mut request = Request::new("POST", path).header("Content-Type", "application/json");
                request.body = body.into_bytes();
                request
            };
            let requests = [
                post(format!(r#"{{"email":"{email}","username":"{name}","password":"{core}"#)),
                post(json!({ "email": email, "username": name, "password": [password] }).to_string()),
                post(json!({ "email": email, "username": name, "password": { "is": password } }).to_string()),
                post(
                    json!({ "email": [password], "username": { "a": password }, "password": 1 }).to_string(),
                ),
                post(format!(r#"{{"email":"{email}","password":"{core}\ud800"}}"#)),
                Request::new("POST", path).header("Content-Type", "text/plain").json(&json!(password)),
                Request::new("DELETE", path).query(&[("password", &password)]),
                Request::new("GET", &format!("/{core}")).bearer(&core),
                Request::new("GET", "/api/auth/state").bearer(&core),
                Request::new("GET", "/auth/check").header("Authorization", &format!("Basic {core}")),
                Request::new("GET", "/api/v1/user").header("Cookie", &format!("token={core}")),
                Request::new("PUT", &format!("/user/activate-account/{core}")),
            ];
            for request in requests {
                refused.push(self.ask(&request)?);
            }
        }
        self.refusals.append(&mut refused);
        Ok(())
    }
}

/// Letters as authenticator apps are shown (RFC 4648, section 6).
fn base32(bytes: &[u8]) -> String {
    let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |shift| byte >> shift & 1));
    let bits: Vec<u8> = bits.collect();
    let letter = |five: &[u8]| {
        let value = five.iter().fold(0, |value, bit| value << 1 | bit);
        char::from(if value < 26 { b'A' + value } else { b'2' + value - 26 })
    };
    bits.chunks_exact(5).map(letter).collect()
}
