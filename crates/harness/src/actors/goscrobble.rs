//! GoScrobble's web client: JSON, every refusal in an HTTP 200, the refresh token inside the access token.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::ask;
use crate::http::{Answer, Client, Request};
use crate::json::Json;
use crate::jwt;

/// A user of GoScrobble.
#[derive(Debug)]
pub struct GoScrobble(Client);

/// What a sign-in or a refresh wins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoScrobbleTokens {
    /// The access token.
    pub access: String,
    /// The refresh token, which is also among the access token's claims.
    pub refresh: String,
}

impl GoScrobbleTokens {
    /// The tokens of a successful answer. Panics, showing it, if it is something else.
    #[expect(clippy::panic, reason = "a test stops at an answer that is not what its contract promises")]
    #[track_caller]
    pub fn of(answer: Answer) -> GoScrobbleTokens {
        let answer = answer.expect_status(200);
        let access = answer.field("token");
        let claims = jwt::parts(&access).map(|parts| parts.claims);
        match claims.as_ref().and_then(|claims| claims.get("refresh_token")) {
            Some(Json::Text(refresh)) => GoScrobbleTokens { refresh: refresh.clone(), access },
            _ => panic!("no refresh_token among the claims of:\n{answer}"),
        }
    }
}

impl GoScrobble {
    /// A client of the server at `address`.
    pub fn at(address: SocketAddr) -> GoScrobble {
        GoScrobble(Client::new(address))
    }

    /// `POST /api/v1/register`
    #[track_caller]
    pub fn register(&mut self, username: &str, email: &str, password: &str) -> Answer {
        let fields = json!({ "email": email, "username": username, "password": password });
        self.post("/api/v1/register", &fields)
    }

    /// Signs in by username or e-mail address.
    #[track_caller]
    pub fn sign_in(&mut self, username: &str, password: &str) -> GoScrobbleTokens {
        GoScrobbleTokens::of(self.try_sign_in(username, password))
    }

    /// `POST /api/v1/login`
    #[track_caller]
    pub fn try_sign_in(&mut self, username: &str, password: &str) -> Answer {
        self.post("/api/v1/login", &json!({ "username": username, "password": password }))
    }

    /// Refreshes and returns the new tokens.
    #[track_caller]
    pub fn refresh(&mut self, refresh_token: &str) -> GoScrobbleTokens {
        GoScrobbleTokens::of(self.try_refresh(refresh_token))
    }

    /// `POST /api/v1/refresh`
    #[track_caller]
    pub fn try_refresh(&mut self, refresh_token: &str) -> Answer {
        self.post("/api/v1/refresh", &json!({ "token": refresh_token }))
    }

    /// `POST /api/v1/sendreset`
    #[track_caller]
    pub fn send_reset(&mut self, email: &str) -> Answer {
        self.post("/api/v1/sendreset", &json!({ "email": email }))
    }

    /// `POST /api/v1/resetpassword`
    #[track_caller]
    pub fn reset_password(&mut self, token: &str, password: &str) -> Answer {
        self.post("/api/v1/resetpassword", &json!({ "token": token, "password": password }))
    }

    /// `GET /api/v1/user`
    #[track_caller]
    pub fn user(&mut self, token: &str) -> Answer {
        ask(&mut self.0, &Request::new("GET", "/api/v1/user").bearer(token))
    }

    #[track_caller]
    fn post(&mut self, path: &str, fields: &Value) -> Answer {
        ask(&mut self.0, &Request::new("POST", path).json(fields))
    }
}
