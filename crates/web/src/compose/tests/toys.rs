//! Four contracts that collide the way real ones do, and a caller.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{Path, Request, State},
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};
use http_body::Frame;
use http_body_util::BodyExt;
use tower::ServiceExt;
use tower_http::cors::{Any, CorsLayer};

use crate::{
    Client, Contract, Endpoint, Exclusive, Limits, MediaType, Miss, Missed, Origin, RawBody, Territory,
    answer, compose, json_fields, media_type,
};

/// An answer as the caller has it.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub(super) fn all() -> Vec<Contract> {
    vec![red(), blue(), green(), violet()]
}

pub(super) fn service() -> Origin {
    service_of(all(), Limits::default())
}

pub(super) fn service_of(contracts: Vec<Contract>, limits: Limits) -> Origin {
    let extra = Router::new()
        .route("/", get(|| async { "home" }))
        .route("/.well-known/jwks.json", get(|| async { "keys" }))
        .route("/auth/keys", get(|| async { "more keys" }))
        .route("/boom", get(panics));
    compose(contracts, limits, extra).unwrap()
}

pub(super) async fn send(service: &Origin, request: Request) -> Answer {
    let response = service.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

pub(super) fn request(method: &str, target: &str, body: impl Into<Body>) -> Request {
    let builder = Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap()).uri(target);
    builder.body(body.into()).unwrap()
}

/// Sends a request without headers or body to a fresh service.
pub(super) async fn ask(method: &str, target: &str) -> Answer {
    send(&service(), request(method, target, Body::empty())).await
}

pub(super) async fn post(target: &str, content_type: &'static str, body: &'static str) -> Answer {
    let mut request = request("POST", target, body);
    request.headers_mut().insert(header::CONTENT_TYPE, content_type.parse().unwrap());
    send(&service(), request).await
}

/// A body whose length nobody announces.
pub(super) fn chunked(chunks: Vec<Bytes>) -> Body {
    let (sender, receiver) = tokio::sync::mpsc::channel::<Bytes>(chunks.len().max(1));
    for chunk in chunks {
        sender.try_send(chunk).unwrap();
    }
    Body::new(Channel(receiver))
}

/// A body that breaks off.
pub(super) fn broken() -> Body {
    Body::new(Broken(Some("half".into())))
}

struct Broken(Option<Bytes>);

impl axum::body::HttpBody for Broken {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let gone = || Err(std::io::Error::other("gone"));
        Poll::Ready(Some(self.0.take().map(Frame::data).map_or_else(gone, Ok)))
    }
}

struct Channel(tokio::sync::mpsc::Receiver<Bytes>);

impl axum::body::HttpBody for Channel {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.0.poll_recv(context).map(|chunk| chunk.map(|bytes| Ok(Frame::data(bytes))))
    }
}

/// Endpoints of one toy: each answers `name endpoint parameter body`.
struct Toy(&'static str);

impl Toy {
    fn says(&self, method: Method, path: &'static str) -> Endpoint {
        Endpoint::new(method, path, echo, (self.0, path))
    }

    fn says_parameter(&self, method: Method, path: &'static str) -> Endpoint {
        Endpoint::new(method, path, echo_parameter, (self.0, path))
    }

    fn reads(&self, path: &'static str) -> Endpoint {
        Endpoint::new(Method::POST, path, echo_body, (self.0, path))
    }
}

type Label = (&'static str, &'static str);

async fn echo(State((name, path)): State<Label>, request: Request) -> String {
    let query = request.uri().query().map_or(String::new(), |query| format!(" ?{query}"));
    format!("{name} {path}{query}")
}

async fn echo_parameter(State((name, path)): State<Label>, Path(parameter): Path<String>) -> String {
    format!("{name} {path} [{parameter}]")
}

async fn echo_body(State((name, path)): State<Label>, RawBody(_, body): RawBody) -> String {
    let text = String::from_utf8_lossy(&body);
    if text.len() > 100 {
        format!("{name} {path} {} bytes", text.len())
    } else {
        format!("{name} {path} {text}")
    }
}

/// Reads with the framework's own extractor, whose refusals know no contract.
async fn echo_bytes(body: Bytes) -> String {
    format!("{} bytes", body.len())
}

async fn panics() -> String {
    panic!("secret in a panic")
}

async fn sleeps() -> String {
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    String::from("late")
}

async fn who(client: Client) -> String {
    let id = client.request_id.map_or_else(String::new, |id| id.to_string());
    format!("{} {} {id}", client.address, client.user_agent)
}

/// A miss that says whose words it is and what it words.
macro_rules! words {
    ($name:ident, $who:literal) => {
        fn $name(missed: &Missed) -> Response {
            let status = match missed {
                Missed::NotFound => StatusCode::NOT_FOUND,
                Missed::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
                Missed::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
                Missed::Unreadable => StatusCode::BAD_REQUEST,
                Missed::TimedOut => StatusCode::REQUEST_TIMEOUT,
                Missed::Panicked => StatusCode::INTERNAL_SERVER_ERROR,
            };
            answer::text(status, &format!("{} {}", $who, status.as_u16()))
        }
    };
}

words!(red_miss, "red");
words!(blue_miss, "blue");
words!(green_miss, "green");
words!(violet_miss, "violet");

fn territories(prefixes: &[&'static str], miss: Miss) -> Vec<Territory> {
    prefixes.iter().map(|prefix| Territory { prefix, miss }).collect()
}

/// Lists under `/api/users`, and takes what nobody claims of the shared sign-in.
pub(super) fn red() -> Contract {
    let toy = Toy("red");
    let endpoints = vec![
        toy.reads("/api/auth/login"),
        toy.says(Method::GET, "/api/auth/state").with_head(),
        toy.says(Method::GET, "/api/users").with_head(),
        toy.says(Method::POST, "/api/users"),
        toy.says_parameter(Method::GET, "/api/users/{id}").with_head(),
        toy.says_parameter(Method::PATCH, "/api/users/{id}"),
        toy.says_parameter(Method::DELETE, "/api/users/{id}"),
        toy.says_parameter(Method::GET, "/api/users/{id}/keys"),
        toy.reads("/three").claiming(|_, body| body.starts_with(b"r")),
        toy.reads("/only-red").claiming(|_, _| false),
        Endpoint::new(Method::POST, "/api/auth/bytes", echo_bytes, ()),
        Endpoint::new(Method::POST, "/api/auth/fails", panics, ()),
    ];
    Contract {
        name: "red",
        endpoints,
        territories: territories(&["/api", "/api/users"], red_miss),
        exclusive: None,
    }
}

/// Claims sign-ins by form or with an `email`.
pub(super) fn blue() -> Contract {
    let toy = Toy("blue");
    let endpoints = vec![
        toy.reads("/api/auth/login").claiming(has_email),
        toy.reads("/auth/login"),
        toy.says(Method::GET, "/account"),
        toy.says_parameter(Method::PUT, "/user/activate-account/{token}"),
        toy.says(Method::POST, "/user/activate-account/resend"),
        toy.says(Method::POST, "/user/forgot-password"),
        toy.reads("/three").claiming(|_, body| body.starts_with(b"b")),
        Endpoint::new(Method::POST, "/api/auth/fails", panics, ()).claiming(has_email),
        Endpoint::new(Method::GET, "/account/own-miss", || async { Missed::Unreadable.into_response() }, ()),
    ];
    let territories = territories(&["/api/auth", "/auth", "/account", "/user"], blue_miss);
    Contract { name: "blue", endpoints, territories, exclusive: None }
}

fn has_email(headers: &HeaderMap, body: &[u8]) -> bool {
    match media_type(headers) {
        MediaType::Form => true,
        MediaType::Json => json_fields(body).is_ok_and(|fields| fields.has("email")),
        MediaType::None | MediaType::Other => false,
    }
}

/// Reads only by GET under `/auth`, and has literals beside red's parameter.
pub(super) fn green() -> Contract {
    let toy = Toy("green");
    let endpoints = vec![
        toy.says(Method::GET, "/auth/login"),
        toy.says(Method::GET, "/auth/invite"),
        toy.says(Method::GET, "/api/users/current"),
        toy.says(Method::PATCH, "/api/users/change-password"),
        toy.says(Method::POST, "/api/users/create"),
        toy.reads("/three").claiming(|_, body| body.starts_with(b"g")),
        Endpoint::new(Method::GET, "/auth/panics", panics, ()),
        Endpoint::new(Method::GET, "/auth/sleeps", sleeps, ()),
        Endpoint::new(Method::GET, "/who", who, ()),
        Endpoint::new(
            Method::GET,
            "/cached",
            || async { ([(header::CACHE_CONTROL, "max-age=60")], "cached") },
            (),
        ),
        Endpoint::new(Method::POST, "/green/panics", panics, ()),
    ];
    Contract { name: "green", endpoints, territories: territories(&["/green"], green_miss), exclusive: None }
}

/// Has `/api/v1` to itself, open to other origins.
pub(super) fn violet() -> Contract {
    let toy = Toy("violet");
    let endpoints = vec![
        toy.reads("/api/v1/login"),
        toy.says(Method::GET, "/api/v1/user"),
        toy.says(Method::PATCH, "/api/v1/user"),
        toy.says(Method::GET, "/api/v1/user/"),
        toy.says_parameter(Method::GET, "/api/v1/profile/{name}"),
        Endpoint::new(
            Method::GET,
            "/api/v1/closed",
            || async { answer::empty(StatusCode::UNAUTHORIZED) },
            (),
        ),
        Endpoint::new(Method::GET, "/api/v1/panics", panics, ()),
        Endpoint::new(Method::GET, "/api/v1/sleeps", sleeps, ()),
    ];
    let layer =
        |router: Router| router.layer(CorsLayer::new().allow_origin(Any).allow_methods([Method::GET]));
    Contract {
        name: "violet",
        endpoints,
        territories: territories(&["/api/v1"], violet_miss),
        exclusive: Some(Exclusive { prefix: "/api/v1", layer }),
    }
}

/// A body of which nothing ever comes.
pub(super) struct Endless;

impl axum::body::HttpBody for Endless {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Pending
    }
}
