//! The contract, composed, over accounts in an SQLite database in memory, at a time that tests move.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use accounts::{Accounts, Client, Limits, Mount, MountPolicy, Parts, SessionRules};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::HeaderMap;
use crypto::{Argon2Cost, HashPool, HashPoolSettings, RootSecret, SeededRandomness};
use db::{Database, DatabaseUrl, Options};
use harness::json::Json;
use http_body_util::BodyExt;
use mail::{FolderTransport, Sender, Transport};
use model::{ManualClock, Span, Timestamp};
use tempfile::TempDir;
use tower::ServiceExt;

/// What a test can have otherwise.
pub(crate) struct Settings {
    pub(crate) policy: MountPolicy,
    pub(crate) limits: Limits,
    pub(crate) min_password: usize,
    pub(crate) memory_kib: u32,
    pub(crate) max_wait: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            policy: goscrobble::policy("https://music.example/"),
            limits: Limits::default(),
            min_password: 8,
            memory_kib: 64,
            max_wait: Duration::from_secs(60),
        }
    }
}

pub(crate) struct Server {
    pub(crate) accounts: Accounts,
    pub(crate) mount: Mount,
    /// A second mount of the same realm, whose tokens look the same.
    pub(crate) other: Mount,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) database: Database,
    service: web::Origin,
    mails: TempDir,
    transport: Transport,
}

/// An answer as the caller has it.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    /// Empty if missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The access token of a successful answer.
    pub(crate) fn token(&self) -> String {
        let body = Json::parse(&self.body).unwrap();
        let Some(Json::Text(token)) = body.get("token") else { panic!("no token in {self:?}") };
        token.clone()
    }

    /// The refresh token inside the access token.
    pub(crate) fn refresh_token(&self) -> String {
        let Json::Text(token) = claim(&self.token(), "refresh_token") else { panic!("no text") };
        token
    }

    /// Status and body at once.
    pub(crate) fn says(&self) -> (u16, &str) {
        (self.status, &self.body)
    }
}

/// One claim of a token.
pub(crate) fn claim(token: &str, name: &str) -> Json {
    harness::jwt::parts(token).unwrap().claims.get(name).unwrap().clone()
}

/// An application error as sent.
pub(crate) fn error(text: &str) -> String {
    format!(r#"{{"error":"{text}"}}"#)
}

/// A caller of the rules themselves.
pub(crate) fn somebody() -> Client {
    Client { address: IpAddr::V4(Ipv4Addr::LOCALHOST), user_agent: String::new() }
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(Settings::default()).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        let clock = Arc::new(ManualClock::at(Timestamp(0) + Span::days(20_000) + Span(123_456)));
        let randomness = Arc::new(SeededRandomness::new(7));
        let url = DatabaseUrl::parse(&harness::engine::fresh_database()).unwrap();
        let database = Database::open(&url, Options::default()).await.unwrap();
        database.migrate(store::migrations::ALL, 0).await.unwrap();
        let cost = Argon2Cost { memory_kib: settings.memory_kib, passes: 1, lanes: 1 };
        let pool = HashPoolSettings { threads: 1, cost, max_wait: settings.max_wait };
        let other = MountPolicy { name: "other".to_owned(), second_step: true, ..settings.policy.clone() };
        let accounts = Accounts::open(Parts {
            db: database.clone(),
            clock: clock.clone(),
            randomness: randomness.clone(),
            pool: HashPool::start(pool, randomness.clone()).unwrap(),
            root: RootSecret::generate(&*randomness),
            limits: settings.limits,
            sessions: SessionRules {
                refresh_grace: Span::seconds(10),
                longest: Span::days(90),
                trust_memory_for: Span::seconds(30),
            },
            passwords: accounts::PasswordRules::at_least(settings.min_password),
            keys: accounts::KeyRules::default(),
            mounts: vec![settings.policy, other],
        });
        let accounts = accounts.await.unwrap();
        let mount = accounts.mount("goscrobble").unwrap();
        let other = accounts.mount("other").unwrap();
        let contracts = vec![goscrobble::contract(mount.clone())];
        let service = web::compose(contracts, web::Limits::default(), Router::new()).unwrap();
        let mails = tempfile::tempdir().unwrap();
        let sender = Sender { name: "Test".to_owned(), address: "test@music.example".to_owned() };
        let transport = Transport::Folder(FolderTransport::new(mails.path(), sender).unwrap());
        Self { accounts, mount, other, clock, database, service, mails, transport }
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.service.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8(bytes.to_vec()).unwrap();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// A call with a body, below `/api/v1/`.
    pub(crate) async fn post(&self, call: &str, body: impl Into<Body>) -> Answer {
        self.send("POST", &format!("/api/v1/{call}"), &[], body).await
    }

    /// A call with an access token, below `/api/v1/`.
    pub(crate) async fn call(&self, method: &str, call: &str, token: &str, body: impl Into<Body>) -> Answer {
        self.send(method, &format!("/api/v1/{call}"), &[("authorization", token)], body).await
    }

    /// Makes an account and signs it in; the permission is one more, or empty.
    pub(crate) async fn signed_in(&self, name: &str, permission: &str) -> String {
        self.register(name, "password-1").await;
        if !permission.is_empty() {
            self.accounts.permit(&self.mount.policy().realm, name, permission).await.unwrap();
        }
        self.login(name, "password-1").await.token()
    }

    /// Makes the account `NAME` with the address `NAME@test.com`.
    pub(crate) async fn register(&self, name: &str, password: &str) {
        let body = format!(r#"{{"username":"{name}","email":"{name}@test.com","password":"{password}"}}"#);
        let answer = self.post("register", body).await;
        assert_eq!(answer.says(), (200, r#"{"message":"User created succesfully. You may now login"}"#));
    }

    pub(crate) async fn login(&self, name: &str, password: &str) -> Answer {
        self.post("login", format!(r#"{{"username":"{name}","password":"{password}"}}"#)).await
    }

    pub(crate) async fn refresh(&self, token: &str) -> Answer {
        self.post("refresh", format!(r#"{{"token":"{token}"}}"#)).await
    }

    /// Asks for the caller's own account, with this `Authorization`.
    pub(crate) async fn check(&self, authorization: &str) -> Answer {
        self.send("GET", "/api/v1/user", &[("authorization", authorization)], "").await
    }

    /// The text of the newest mail to an address after everything owed was sent.
    pub(crate) async fn newest_mail(&self, address: &str, subject: &str) -> Option<String> {
        self.accounts.send_due(&self.transport).await.unwrap();
        harness::mailbox::newest(self.mails.path(), address, subject)
    }

    /// Asks for a reset of `NAME@test.com` and gives the mailed token.
    pub(crate) async fn mailed_reset(&self, name: &str) -> String {
        let address = format!("{name}@test.com");
        let answer = self.post("sendreset", format!(r#"{{"email":"{address}"}}"#)).await;
        assert_eq!(answer.says(), (200, r#"{"message":"Password reset email sent"}"#));
        let text = self.newest_mail(&address, "reset").await.unwrap();
        harness::mailbox::link_token(&text).unwrap().to_owned()
    }
}
