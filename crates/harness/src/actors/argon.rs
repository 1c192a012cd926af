//! Argon's web client: JSON, one token, no refresh.

use std::net::SocketAddr;

use serde_json::json;

use super::ask;
use crate::http::{Answer, Client, Request};

/// A user of Argon.
#[derive(Debug)]
pub struct Argon(Client);

impl Argon {
    /// A client of the server at `address`.
    pub fn at(address: SocketAddr) -> Argon {
        Argon(Client::new(address))
    }

    /// Registers and returns the access token.
    #[track_caller]
    pub fn register(&mut self, username: &str, password: &str) -> String {
        self.try_register(username, password).expect_status(200).field("token")
    }

    /// `POST /api/auth/register`
    #[track_caller]
    pub fn try_register(&mut self, username: &str, password: &str) -> Answer {
        self.post("/api/auth/register", username, password)
    }

    /// Signs in and returns the access token.
    #[track_caller]
    pub fn sign_in(&mut self, username: &str, password: &str) -> String {
        self.try_sign_in(username, password).expect_status(200).field("token")
    }

    /// `POST /api/auth/login`
    #[track_caller]
    pub fn try_sign_in(&mut self, username: &str, password: &str) -> Answer {
        self.post("/api/auth/login", username, password)
    }

    /// `GET /api/auth/state`
    #[track_caller]
    pub fn state(&mut self, token: &str) -> Answer {
        ask(&mut self.0, &Request::new("GET", "/api/auth/state").bearer(token))
    }

    /// `PUT /api/auth/profile` with a new name.
    #[track_caller]
    pub fn rename(&mut self, token: &str, username: &str) -> Answer {
        let request = Request::new("PUT", "/api/auth/profile").bearer(token);
        ask(&mut self.0, &request.json(&json!({ "newUsername": username })))
    }

    /// `PUT /api/auth/profile` with a new password.
    #[track_caller]
    pub fn change_password(&mut self, token: &str, current: &str, new: &str) -> Answer {
        let request = Request::new("PUT", "/api/auth/profile").bearer(token);
        ask(&mut self.0, &request.json(&json!({ "currentPassword": current, "newPassword": new })))
    }

    #[track_caller]
    fn post(&mut self, path: &str, username: &str, password: &str) -> Answer {
        let fields = json!({ "username": username, "password": password });
        ask(&mut self.0, &Request::new("POST", path).json(&fields))
    }
}
