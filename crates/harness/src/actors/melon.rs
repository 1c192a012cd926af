//! Melon's client library: queries, bare texts in JSON quotes, invitations.

use std::net::SocketAddr;

use super::ask;
use crate::http::{Answer, Client, Request};

/// A user of Melon.
#[derive(Debug)]
pub struct Melon(Client);

impl Melon {
    /// A client of the server at `address`.
    pub fn at(address: SocketAddr) -> Melon {
        Melon(Client::new(address))
    }

    /// Signs in and returns the access token.
    #[track_caller]
    pub fn sign_in(&mut self, username: &str, password: &str) -> String {
        unquoted(&self.try_sign_in(username, password).expect_status(200))
    }

    /// `GET /auth/login`
    #[track_caller]
    pub fn try_sign_in(&mut self, username: &str, password: &str) -> Answer {
        let request = Request::new("GET", "/auth/login");
        self.ask(request.query(&[("username", username), ("password", password)]))
    }

    /// Makes an invite code; the token must be an administrator's.
    #[track_caller]
    pub fn invite(&mut self, token: &str) -> String {
        unquoted(&self.try_invite(token).expect_status(200))
    }

    /// `GET /auth/invite`
    #[track_caller]
    pub fn try_invite(&mut self, token: &str) -> Answer {
        self.ask(Request::new("GET", "/auth/invite").bearer(token))
    }

    /// Turns an invite code into a Server token.
    #[track_caller]
    pub fn redeem(&mut self, code: &str) -> String {
        unquoted(&self.try_redeem(code).expect_status(200))
    }

    /// `GET /auth/code-authenticate`
    #[track_caller]
    pub fn try_redeem(&mut self, code: &str) -> Answer {
        self.ask(Request::new("GET", "/auth/code-authenticate").query(&[("code", code)]))
    }

    /// Creates an account with a Server token or an administrator's, and returns its id.
    #[track_caller]
    pub fn create(&mut self, token: &str, username: &str, password: &str) -> String {
        unquoted(&self.try_create(token, username, password).expect_status(200))
    }

    /// `POST /api/users/create`
    #[track_caller]
    pub fn try_create(&mut self, token: &str, username: &str, password: &str) -> Answer {
        let request = Request::new("POST", "/api/users/create").bearer(token);
        self.ask(request.query(&[("username", username), ("password", password)]))
    }

    /// `GET /auth/check`
    #[track_caller]
    pub fn check(&mut self, token: &str) -> Answer {
        self.ask(Request::new("GET", "/auth/check").bearer(token))
    }

    /// `GET /api/users/current`
    #[track_caller]
    pub fn current(&mut self, token: &str) -> Answer {
        self.ask(Request::new("GET", "/api/users/current").bearer(token))
    }

    #[track_caller]
    fn ask(&mut self, request: Request) -> Answer {
        ask(&mut self.0, &request.header("Accept", "application/json"))
    }
}

/// The text of an answer without its quotes, as the library reads it.
fn unquoted(answer: &Answer) -> String {
    answer.text().replace('"', "")
}
