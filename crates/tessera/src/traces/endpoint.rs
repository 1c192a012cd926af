//! Where the collector is.

use std::str::FromStr;

use axum::http::Uri;

/// The path that OTLP over HTTP has for traces where none is given (OTLP 1.0, section "OTLP/HTTP Request").
const PATH: &str = "/v1/traces";

/// A collector on a network of the operator's own. Plain HTTP: what goes there holds no secret, and TLS to elsewhere is
/// what collectors on the same machine are for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// `HOST:PORT`.
    pub(super) authority: String,
    pub(super) path: String,
}

/// The text is no such place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("traces.endpoint: expected \"http://HOST:PORT\", without TLS, a user or a query")]
pub(crate) struct BadEndpoint;

impl FromStr for Endpoint {
    type Err = BadEndpoint;

    fn from_str(text: &str) -> Result<Self, BadEndpoint> {
        let uri: Uri = text.parse().map_err(|_| BadEndpoint)?;
        let authority = uri.authority().ok_or(BadEndpoint)?;
        if uri.scheme_str() != Some("http") || authority.as_str().contains('@') || uri.query().is_some() {
            return Err(BadEndpoint);
        }
        let port = authority.port_u16().unwrap_or(80);
        let path = if uri.path() == "/" { PATH } else { uri.path() };
        Ok(Self { authority: format!("{}:{port}", authority.host()), path: path.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_a_port_and_a_path() {
        for (text, authority, path) in [
            ("http://127.0.0.1:4318", "127.0.0.1:4318", "/v1/traces"),
            ("http://collector/", "collector:80", "/v1/traces"),
            ("http://[::1]:4318/otlp/v1/traces", "[::1]:4318", "/otlp/v1/traces"),
        ] {
            let expected = Endpoint { authority: authority.into(), path: path.into() };
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
        for text in
            ["", "127.0.0.1:4318", "https://collector", "http://user:password@collector", "http://c/?key=1"]
        {
            assert_eq!(text.parse::<Endpoint>(), Err(BadEndpoint), "{text}");
        }
    }
}
