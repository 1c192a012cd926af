//! WolfPal's web client: JSON under `/api`, an access and a refresh token, a second factor.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::ask;
use crate::http::{Answer, Client, Request};
use crate::totp;

/// A user of WolfPal.
#[derive(Debug)]
pub struct WolfPal(Client);

/// What a sign-in or a refresh wins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// The access token.
    pub access: String,
    /// The refresh token.
    pub refresh: String,
}

impl Tokens {
    /// The tokens of a successful answer. Panics, showing it, if it is something else.
    #[track_caller]
    pub fn of(answer: Answer) -> Tokens {
        let answer = answer.expect_status(200);
        Tokens { access: answer.field("access_token"), refresh: answer.field("refresh_token") }
    }
}

/// What an enrolment of a second factor wins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolled {
    /// The secret's bytes.
    pub secret: Vec<u8>,
    /// The codes for a lost device.
    pub backup_codes: Vec<String>,
}

impl WolfPal {
    /// A client of the server at `address`.
    pub fn at(address: SocketAddr) -> WolfPal {
        WolfPal(Client::new(address))
    }

    /// `POST /api/auth/register`
    #[track_caller]
    pub fn register(&mut self, username: &str, email: &str, password: &str) -> Answer {
        let fields = json!({ "username": username, "email": email, "password": password });
        self.post("/api/auth/register", &fields)
    }

    /// `PUT /api/user/activate-account/TOKEN`
    #[track_caller]
    pub fn confirm(&mut self, token: &str) -> Answer {
        ask(&mut self.0, &Request::new("PUT", &format!("/api/user/activate-account/{token}")))
    }

    /// Signs in an account without second factor.
    #[track_caller]
    pub fn sign_in(&mut self, email: &str, password: &str) -> Tokens {
        Tokens::of(self.try_sign_in(email, password))
    }

    /// `POST /api/auth/login`
    #[track_caller]
    pub fn try_sign_in(&mut self, email: &str, password: &str) -> Answer {
        self.post("/api/auth/login", &json!({ "email": email, "password": password }))
    }

    /// `POST /api/auth/two-factor` with the token that a sign-in answered with.
    #[track_caller]
    pub fn second_step(&mut self, token: &str, code: &str) -> Answer {
        self.post("/api/auth/two-factor", &json!({ "token": token, "code": code }))
    }

    /// Refreshes and returns the new tokens.
    #[track_caller]
    pub fn refresh(&mut self, refresh_token: &str) -> Tokens {
        Tokens::of(self.try_refresh(refresh_token))
    }

    /// `POST /api/auth/refresh`
    #[track_caller]
    pub fn try_refresh(&mut self, refresh_token: &str) -> Answer {
        self.post("/api/auth/refresh", &json!({ "refresh_token": refresh_token }))
    }

    /// `POST /api/auth/logout`
    #[track_caller]
    pub fn sign_out(&mut self, access_token: &str) -> Answer {
        ask(&mut self.0, &Request::new("POST", "/api/auth/logout").bearer(access_token))
    }

    /// `GET /api/account`
    #[track_caller]
    pub fn account(&mut self, access_token: &str) -> Answer {
        ask(&mut self.0, &Request::new("GET", "/api/account").bearer(access_token))
    }

    /// Whether an access token is believed, asked on a path that changes nothing.
    #[expect(clippy::panic, reason = "an answer that is neither yes nor no fails its test")]
    #[track_caller]
    pub fn believes(&mut self, access_token: &str) -> bool {
        let path = "/api/account/two-factor/backup-codes";
        let answer = ask(&mut self.0, &Request::new("GET", path).bearer(access_token));
        // 400: the account has no second factor, so there are no codes.
        match answer.status {
            200 | 400 => true,
            401 => false,
            _ => panic!("{answer}"),
        }
    }

    /// Enrols a second factor, proving it with the code of the step before `now` (seconds since the epoch,
    /// UTC): the present one stays free for the sign-in that usually follows.
    #[track_caller]
    pub fn enrol_totp(&mut self, access_token: &str, now: i64) -> Enrolled {
        let path = "/api/account/two-factor";
        let begun = ask(&mut self.0, &Request::new("POST", path).bearer(access_token)).expect_status(200);
        let secret = totp::secret_bytes(&begun.field("secret")).unwrap_or_default();
        let code = totp::code_at(&secret, now - totp::STEP_SECONDS);
        let proof = Request::new("PUT", path).bearer(access_token).json(&json!({ "code": code }));
        let _ = ask(&mut self.0, &proof).expect_status(200);
        let json = begun.json();
        let codes = json.get("backupCodes").and_then(Value::as_array).into_iter().flatten();
        Enrolled { secret, backup_codes: codes.filter_map(Value::as_str).map(str::to_owned).collect() }
    }

    /// `POST /api/user/forgot-password`
    #[track_caller]
    pub fn send_reset(&mut self, email: &str) -> Answer {
        self.post("/api/user/forgot-password", &json!({ "email": email }))
    }

    /// `POST /api/user/reset-password/TOKEN`
    #[track_caller]
    pub fn reset_password(&mut self, token: &str, password: &str) -> Answer {
        let fields = json!({ "password": password, "comfirmPassword": password });
        self.post(&format!("/api/user/reset-password/{token}"), &fields)
    }

    #[track_caller]
    fn post(&mut self, path: &str, fields: &Value) -> Answer {
        ask(&mut self.0, &Request::new("POST", path).json(fields))
    }
}
