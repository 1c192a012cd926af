//! A server in this process, and a caller.

use std::sync::Arc;
use std::time::Duration;

use accounts::{Accounts, Limits, MountPolicy, Parts, SessionRules};
use axum::Router;
use axum::body::Body;
use crypto::{Argon2Cost, HashPool, HashPoolSettings, RootSecret, SeededRandomness};
use db::{Database, DatabaseUrl, Options};
use harness::http::{Answer, Request};
use harness::server::Server;
use harness::{mailbox, totp};
use http_body_util::BodyExt;
use mail::{FolderTransport, Sender, Transport};
use model::{Clock, ManualClock, Realm, Span, Timestamp};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt;

/// 2026-01-31T12:00:00Z, where a step of one-time codes begins.
const START: Timestamp = Timestamp(1_769_860_800_000_000);

pub(crate) const PASSWORD: &str = "password-1";

/// What may differ from the usual.
pub(crate) struct Setting {
    pub(crate) limits: Limits,
    pub(crate) min_password: usize,
    pub(crate) policies: Vec<MountPolicy>,
}

pub(crate) struct World {
    pub(crate) accounts: Accounts,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) realm: Realm,
    runtime: Runtime,
    db: Database,
    router: web::Origin,
    mails: TempDir,
}

/// What a sign-in wins.
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut Setting)) -> Self {
        let policies = vec![wolfpal::policy("https://wolf.example/")];
        let mut setting = Setting { limits: Limits::default(), min_password: 8, policies };
        change(&mut setting);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let clock = Arc::new(ManualClock::at(START));
        let (accounts, db) = runtime.block_on(open(setting, Arc::clone(&clock)));
        let mount = accounts.mount("wolfpal").unwrap();
        let contracts = vec![wolfpal::contract(mount)];
        let router = web::compose(contracts, web::Limits::default(), Router::new()).unwrap();
        let realm = Realm::new("default");
        Self { accounts, clock, realm, runtime, db, router, mails: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    pub(crate) fn ask(&self, request: Request) -> Answer {
        self.wait(answered(self.router.clone(), request))
    }

    /// All at once.
    pub(crate) fn ask_together(&self, requests: Vec<Request>) -> Vec<Answer> {
        self.wait(async {
            let spawned = requests.into_iter().map(|request| answered(self.router.clone(), request));
            let running: Vec<_> = spawned.map(tokio::spawn).collect();
            let mut answers = Vec::new();
            for one in running {
                answers.push(one.await.unwrap());
            }
            answers
        })
    }

    pub(crate) fn post(&self, path: &str, fields: Value) -> Answer {
        self.ask(Request::new("POST", path).json(&fields))
    }

    /// Status and body on one line.
    pub(crate) fn line(&self, request: Request) -> String {
        line(&self.ask(request))
    }

    /// An account with a confirmed address `NAME@a.example.com` and [`PASSWORD`].
    pub(crate) fn account(&self, name: &str) {
        self.register(name);
        let token = self.mailed(name, "Activate");
        self.ask(Request::new("PUT", &format!("/user/activate-account/{token}"))).expect_status(200);
    }

    pub(crate) fn register(&self, name: &str) {
        let email = format!("{name}@a.example.com");
        let fields = json!({ "username": name, "email": email, "password": PASSWORD });
        self.post("/auth/register", fields).expect_status(201);
    }

    pub(crate) fn login(&self, name: &str) -> Answer {
        self.login_with(name, PASSWORD)
    }

    pub(crate) fn login_with(&self, name: &str, password: &str) -> Answer {
        let email = format!("{name}@a.example.com");
        self.post("/auth/login", json!({ "email": email, "password": password }))
    }

    pub(crate) fn sign_in(&self, name: &str) -> Tokens {
        tokens(self.login(name))
    }

    /// The token in the newest mail to an account.
    #[track_caller]
    pub(crate) fn mailed(&self, name: &str, subject: &str) -> String {
        let text = self.newest_mail(&format!("{name}@a.example.com"), subject).expect("a mail");
        mailbox::link_token(&text).expect("a link").to_owned()
    }

    /// Enrols a second factor with the code of the step before now; its secret.
    pub(crate) fn enrol(&self, access: &str) -> Vec<u8> {
        let path = "/account/two-factor";
        let begun = self.ask(Request::new("POST", path).bearer(access)).expect_status(200);
        let secret = totp::secret_bytes(&begun.field("secret")).unwrap();
        let code = totp::code_at(&secret, self.totp_now() - totp::STEP_SECONDS);
        let proof = Request::new("PUT", path).bearer(access).json(&json!({ "code": code }));
        self.ask(proof).expect_status(200);
        secret
    }

    pub(crate) fn code(&self, secret: &[u8]) -> String {
        totp::code_at(secret, self.totp_now())
    }

    /// Whether an access token is believed: asking for backup codes has no effect.
    pub(crate) fn believes(&self, access: &str) -> bool {
        let path = "/account/two-factor/backup-codes";
        match self.line(Request::new("GET", path).bearer(access)).as_str() {
            "401 Unauthorized" => false,
            line if line.starts_with("400 {\"code\":\"TWO_FACTOR_NOT_INITIALIZE\"") => true,
            line => panic!("{line}"),
        }
    }

    pub(crate) fn advance(&self, span: Span) {
        self.clock.advance(span);
    }

    /// From now on the database does not answer.
    pub(crate) fn lose_database(&self) {
        self.wait(self.db.clone().close());
    }
}

impl Server for World {
    /// Between any two requests of a real server some time goes by.
    fn send(&mut self, request: Request) -> Answer {
        self.advance(Span(1));
        self.ask(request)
    }

    fn newest_mail(&self, address: &str, subject: &str) -> Option<String> {
        let sender = Sender { name: "WolfPal".into(), address: "noreply@wolf.example".into() };
        let folder = FolderTransport::new(self.mails.path(), sender).unwrap();
        self.wait(self.accounts.send_due(&Transport::Folder(folder))).unwrap();
        mailbox::newest(self.mails.path(), address, subject)
    }

    fn permit(&mut self, username: &str, permission: &str, on: bool) {
        let done = if on {
            self.wait(self.accounts.permit(&self.realm, username, permission))
        } else {
            self.wait(self.accounts.forbid(&self.realm, username, permission))
        };
        done.unwrap();
    }

    fn totp_now(&self) -> i64 {
        self.clock.now().seconds()
    }
}

async fn open(setting: Setting, clock: Arc<ManualClock>) -> (Accounts, Database) {
    let url = DatabaseUrl::parse(&harness::engine::fresh_database()).unwrap();
    let db = Database::open(&url, Options::default()).await.unwrap();
    db.migrate(store::migrations::ALL, clock.now().0).await.unwrap();
    let randomness = Arc::new(SeededRandomness::new(7));
    let cost = Argon2Cost { memory_kib: 64, passes: 1, lanes: 1 };
    let pool = HashPoolSettings { threads: 1, cost, max_wait: Duration::from_secs(60) };
    let parts = Parts {
        db: db.clone(),
        clock,
        pool: HashPool::start(pool, Arc::clone(&randomness) as _).unwrap(),
        root: RootSecret::generate(&*randomness),
        randomness,
        limits: setting.limits,
        sessions: SessionRules {
            refresh_grace: Span::seconds(10),
            longest: Span::days(30),
            trust_memory_for: Span::seconds(30),
        },
        passwords: accounts::PasswordRules::at_least(setting.min_password),
        keys: accounts::KeyRules::default(),
        mounts: setting.policies,
    };
    (Accounts::open(parts).await.unwrap(), db)
}

/// Sends a request of the harness through a router.
pub(crate) async fn answered(router: web::Origin, request: Request) -> Answer {
    let mut builder = axum::http::Request::builder().method(request.method.as_str()).uri(&request.target);
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    let response = router.oneshot(builder.body(Body::from(request.body)).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let text = |value: &axum::http::HeaderValue| value.to_str().unwrap().to_owned();
    Answer {
        status: parts.status.as_u16(),
        headers: parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body: body.collect().await.unwrap().to_bytes().to_vec(),
    }
}

pub(crate) fn line(answer: &Answer) -> String {
    format!("{} {}", answer.status, answer.text())
}

#[track_caller]
pub(crate) fn tokens(answer: Answer) -> Tokens {
    let answer = answer.expect_status(200);
    Tokens { access: answer.field("access_token"), refresh: answer.field("refresh_token") }
}
