//! HTTP/1.1 requests and answers with exact control of the bytes.

mod client;
mod read;
#[cfg(test)]
mod tests;

use std::fmt;

pub use client::Client;

/// One request, sent as it stands: the target is not normalised, headers may repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method, as sent.
    pub method: String,
    /// Path and query, as sent.
    pub target: String,
    /// Names and values in the order sent.
    pub headers: Vec<(String, String)>,
    /// The body; empty for none.
    pub body: Vec<u8>,
}

impl Request {
    /// A request without headers or body.
    pub fn new(method: &str, target: &str) -> Request {
        Request {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// Adds a header after those that are there, also when one of that name is.
    pub fn header(mut self, name: &str, value: &str) -> Request {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds `Authorization: Bearer TOKEN`.
    pub fn bearer(self, token: &str) -> Request {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    /// Sends `value` as `application/json`.
    pub fn json(self, value: &serde_json::Value) -> Request {
        let mut request = self.header("Content-Type", "application/json");
        request.body = value.to_string().into_bytes();
        request
    }

    /// Sends `fields` as `application/x-www-form-urlencoded`, in the order given.
    pub fn form(self, fields: &[(&str, &str)]) -> Request {
        let mut request = self.header("Content-Type", "application/x-www-form-urlencoded");
        request.body = encoded(fields).into_bytes();
        request
    }

    /// Appends `fields` to the target as its query.
    pub fn query(mut self, fields: &[(&str, &str)]) -> Request {
        self.target = format!("{}?{}", self.target, encoded(fields));
        self
    }

    /// The bytes on the wire. `host` fills `Host` unless a header of that name is there; `Content-Length`
    /// is added when there is a body, or a method that usually has one, unless the headers already frame it.
    pub fn to_bytes(&self, host: &str) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        if !self.has("host") {
            head.push_str(&format!("Host: {host}\r\n"));
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let expects_length =
            matches!(self.method.as_str(), "POST" | "PUT" | "PATCH") || !self.body.is_empty();
        if expects_length && !self.has("content-length") && !self.has("transfer-encoding") {
            head.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }

    fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|(there, _)| there.eq_ignore_ascii_case(name))
    }
}

/// `fields` as a form body or a query, percent-encoded.
fn encoded(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// What came back. Its `Debug` and `Display` show everything, tokens included: it is for tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Names and values in the order received.
    pub headers: Vec<(String, String)>,
    /// The body, transfer coding removed.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first header of that name, letter case ignored.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers_named(name).next()
    }

    /// Every header of that name, letter case ignored, in the order received.
    pub fn headers_named(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers
            .iter()
            .filter(move |(there, _)| there.eq_ignore_ascii_case(name))
            .map(|(_, value)| &**value)
    }

    /// The body as text; bytes that are not UTF-8 become U+FFFD.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON, keys unordered. Panics, showing the answer, when it is something else.
    #[expect(clippy::panic, reason = "a test stops at an answer that is not what its contract promises")]
    pub fn json(&self) -> serde_json::Value {
        match serde_json::from_slice(&self.body) {
            Ok(value) => value,
            Err(error) => panic!("the body is not JSON ({error}):\n{self}"),
        }
    }

    /// The text under `key` of the JSON body. Panics, showing the answer, when there is none.
    #[expect(clippy::panic, reason = "a test stops at an answer that is not what its contract promises")]
    pub fn field(&self, key: &str) -> String {
        match self.json().get(key).and_then(serde_json::Value::as_str) {
            Some(text) => text.to_owned(),
            None => panic!("no text under {key:?} in:\n{self}"),
        }
    }

    /// This answer, if it has that status. Panics, showing it, if not.
    #[expect(clippy::panic, reason = "a test stops at an answer that is not what its contract promises")]
    #[track_caller]
    pub fn expect_status(self, status: u16) -> Answer {
        if self.status != status {
            panic!("expected HTTP {status}, got:\n{self}");
        }
        self
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "HTTP {}", self.status)?;
        for (name, value) in &self.headers {
            writeln!(formatter, "{name}: {value}")?;
        }
        write!(formatter, "\n{}", self.text())
    }
}
