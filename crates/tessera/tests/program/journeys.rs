//! What each product's own client does, in its order: its headers, its bodies, and what it reads of each
//! answer (section 4 of each contract's fact sheet).

mod argon;
mod goscrobble;
mod melon;
mod wolfpal;

use aws_lc_rs::digest::{SHA512, digest};
use data_encoding::HEXLOWER;
use harness::http::{Answer, Client, Request};
use harness::jwt;
use harness::process::TesseraProcess;
use serde_json::Value;

/// The lower-hex SHA-512 of a text, as WolfPal's client computes it of its access token.
pub(crate) fn sha512(text: &str) -> String {
    HEXLOWER.encode(digest(&SHA512, text.as_bytes()).as_ref())
}

/// A client with the headers that it sends each time.
struct Surfer {
    client: Client,
    headers: Vec<(&'static str, String)>,
    /// Sent as `Bearer`, empty for none.
    token: String,
}

impl Surfer {
    fn new(server: &TesseraProcess, headers: &[(&'static str, &str)]) -> Surfer {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Surfer { client: server.client(), headers, token: String::new() }
    }

    #[track_caller]
    fn ask(&mut self, request: Request) -> Answer {
        let request = self.headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        let request = if self.token.is_empty() { request } else { request.bearer(&self.token) };
        self.client.send(&request).unwrap()
    }

    #[track_caller]
    fn get(&mut self, target: &str) -> Answer {
        self.ask(Request::new("GET", target))
    }

    #[track_caller]
    fn send(&mut self, method: &str, target: &str, fields: &Value) -> Answer {
        self.ask(Request::new(method, target).json(fields))
    }

    /// A request without a body.
    #[track_caller]
    fn bare(&mut self, method: &str, target: &str) -> Answer {
        self.ask(Request::new(method, target))
    }
}

/// The claims of a token as a client decodes them.
#[track_caller]
fn claims(token: &str) -> Value {
    serde_json::from_str(&jwt::parts(token).expect("a token").claims.to_string()).unwrap()
}

/// The text under a name.
#[track_caller]
fn text<'a>(json: &'a Value, name: &str) -> &'a str {
    json[name].as_str().unwrap_or_else(|| panic!("no text {name} in {json}"))
}
