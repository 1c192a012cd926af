//! Who is calling, as far as HTTP can tell.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use axum::extract::{ConnectInfo, FromRequestParts};
use http::{HeaderMap, header, request::Parts};

use crate::{proxies::TrustedProxies, request_id::RequestId};

/// A user agent is kept for the user to recognise a session by, not to identify anything.
const USER_AGENT_CHARACTERS: usize = 256;

/// The caller of one request; an extractor that never refuses.
///
/// The address is the peer's, or what a trusted proxy says (see [`TrustedProxies`]); `0.0.0.0` if
/// the connection has none, as in tests without a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// IPv4-mapped IPv6 is given as IPv4.
    pub address: IpAddr,
    /// At most 256 characters, control characters removed, empty if not sent.
    pub user_agent: String,
    /// The id in the answer's `x-request-id`, none outside a composed service.
    pub request_id: Option<RequestId>,
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(socket)| socket.ip());
        let address = match parts.extensions.get::<TrustedProxies>() {
            Some(proxies) => proxies.client(peer, &parts.headers),
            None => peer.to_canonical(),
        };
        let request_id = parts.extensions.get().copied();
        Ok(Self { address, user_agent: user_agent(&parts.headers), request_id })
    }
}

fn user_agent(headers: &HeaderMap) -> String {
    let Some(value) = headers.get(header::USER_AGENT) else { return String::new() };
    let text = String::from_utf8_lossy(value.as_bytes());
    text.chars().filter(|character| !character.is_control()).take(USER_AGENT_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{body::Body, extract::Request};

    async fn client(request: Request) -> Client {
        let (mut parts, _) = request.into_parts();
        Client::from_request_parts(&mut parts, &()).await.unwrap()
    }

    fn from(peer: &str) -> Request {
        let mut request = Request::new(Body::empty());
        let socket: SocketAddr = peer.parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(socket));
        request
    }

    #[tokio::test]
    async fn the_forwarded_header_counts_only_with_trusted_proxies() {
        let mut request = from("[::ffff:10.0.0.1]:5000");
        request.headers_mut().insert("x-forwarded-for", "203.0.113.9".parse().unwrap());
        request.headers_mut().insert("x-request-id", "forged".parse().unwrap());
        let mut again = from("10.0.0.1:5000");
        *again.headers_mut() = request.headers().clone();
        let seen = client(request).await;
        assert_eq!((seen.address.to_string().as_str(), seen.request_id), ("10.0.0.1", None));
        again.extensions_mut().insert(TrustedProxies::from(vec!["10.0.0.0/8".parse().unwrap()]));
        assert_eq!(client(again).await.address.to_string(), "203.0.113.9");
    }

    #[tokio::test]
    async fn the_user_agent_is_short_and_printable() {
        let mut request = from("10.0.0.1:1");
        let sent = format!("a\tb{}", "\u{e9}".repeat(400));
        request.headers_mut().insert(header::USER_AGENT, sent.parse().unwrap());
        let seen = client(request).await;
        assert!(seen.user_agent.starts_with("ab\u{e9}"));
        assert_eq!(seen.user_agent.chars().count(), 256);
        let mut request = Request::new(Body::empty());
        let odd = http::HeaderValue::from_bytes(b"x\xff").unwrap();
        request.headers_mut().insert(header::USER_AGENT, odd);
        let seen = client(request).await;
        assert_eq!((seen.user_agent.as_str(), seen.address), ("x\u{fffd}", Ipv4Addr::UNSPECIFIED.into()));
        assert_eq!(client(from("10.0.0.1:1")).await.user_agent, "");
    }
}
