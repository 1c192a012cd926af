//! The contract over accounts in memory, with a clock that tests move.

use std::sync::Arc;
use std::time::Duration;

use accounts::{Accounts, Limits, Mount, MountPolicy, Parts, SessionRules};
use axum::Router;
use axum::body::Body;
use crypto::{Argon2Cost, HashPool, HashPoolSettings, RootSecret, SeededRandomness};
use db::{Database, DatabaseUrl, Options};
use harness::http::{Answer, Request};
use harness::server::Server;
use http_body_util::BodyExt;
use model::{Clock, ManualClock, Realm, Span, Timestamp};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;
use web::{Contract, Missed, Territory};

/// 2027-01-01T00:00:00Z.
const START: Timestamp = Timestamp(1_798_761_600_000_000);
/// A password that everybody here has.
pub(crate) const PASSWORD: &str = "correct horse";

/// What a test may want otherwise.
pub(crate) struct Settings {
    pub(crate) policy: MountPolicy,
    pub(crate) limits: Limits,
    pub(crate) min_password: usize,
    pub(crate) cost: Argon2Cost,
    /// The longest that a password may wait to be hashed.
    pub(crate) max_wait: Duration,
    /// Whether another contract is mounted before, which words misses under `/api/auth`.
    pub(crate) neighbour: bool,
}

/// A server in this process.
pub(crate) struct Stage {
    runtime: Runtime,
    router: web::Origin,
    database: Database,
    pub(crate) accounts: Accounts,
    pub(crate) clock: Arc<ManualClock>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings {
            policy: argon::policy("http://localhost:3000"),
            limits: Limits::default(),
            min_password: 8,
            cost: Argon2Cost { memory_kib: 64, passes: 1, lanes: 1 },
            max_wait: Duration::from_secs(60),
            neighbour: true,
        };
        change(&mut settings);
        let mut contracts = if settings.neighbour { vec![neighbour()] } else { Vec::new() };
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let clock = Arc::new(ManualClock::at(START));
        let (accounts, database) = runtime.block_on(open(settings, Arc::clone(&clock)));
        contracts.push(argon::contract(accounts.mount("argon").unwrap()));
        let router = web::compose(contracts, web::Limits::default(), Router::new()).unwrap();
        Self { runtime, router, database, accounts, clock }
    }

    pub(crate) fn ask(&self, request: Request) -> Answer {
        self.ask_all(vec![request]).remove(0)
    }

    /// Sends the requests at once, and answers in their order.
    pub(crate) fn ask_all(&self, requests: Vec<Request>) -> Vec<Answer> {
        self.runtime.block_on(async {
            let one = |request| tokio::spawn(answer(self.router.clone(), request));
            let tasks: Vec<_> = requests.into_iter().map(one).collect();
            let mut answers = Vec::new();
            for task in tasks {
                answers.push(task.await.unwrap());
            }
            answers
        })
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask(Request::new("POST", path).json(body))
    }

    /// Registers a name with the usual password; the token.
    pub(crate) fn register(&self, username: &str) -> String {
        let body = json!({ "username": username, "password": PASSWORD });
        self.post("/api/auth/register", &body).expect_status(200).field("token")
    }

    /// Registers a name with the usual password and makes it an administrator; the token.
    pub(crate) fn administrator(&self, username: &str) -> String {
        let token = self.register(username);
        self.run(self.accounts.permit(&Realm::new("default"), username, "admin")).unwrap();
        token
    }

    /// Sends a request with a token, and with a body if one is given.
    pub(crate) fn call(&self, token: &str, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let request = Request::new(method, path).bearer(token);
        self.ask(match body {
            Some(body) => request.json(body),
            None => request,
        })
    }

    /// Makes an API key of a token's user; its id and its text.
    pub(crate) fn api_key(&self, token: &str, permissions: &[&str]) -> (String, String) {
        let body = json!({ "name": "a key", "permissions": permissions });
        let made = self.call(token, "POST", "/api/api-keys", Some(&body)).expect_status(201);
        (made.field("id"), made.field("key"))
    }

    /// The id of a user.
    pub(crate) fn id(&self, username: &str) -> String {
        let found = self.run(self.accounts.find(&Realm::new("default"), username)).unwrap();
        found.unwrap().id.to_string()
    }

    pub(crate) fn login(&self, username: &str, password: &str) -> Answer {
        self.post("/api/auth/login", &json!({ "username": username, "password": password }))
    }

    pub(crate) fn state(&self, token: &str) -> Answer {
        self.ask(Request::new("GET", "/api/auth/state").bearer(token))
    }

    pub(crate) fn profile(&self, token: &str, body: &Value) -> Answer {
        self.ask(Request::new("PUT", "/api/auth/profile").bearer(token).json(body))
    }

    pub(crate) fn mount(&self, name: &str) -> Mount {
        self.accounts.mount(name).unwrap()
    }

    pub(crate) fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// From now on the database answers nothing.
    pub(crate) fn close_database(&self) {
        self.run(self.database.clone().close());
    }
}

async fn open(settings: Settings, clock: Arc<ManualClock>) -> (Accounts, Database) {
    let url = DatabaseUrl::parse(&harness::engine::fresh_database()).unwrap();
    let database = Database::open(&url, Options::default()).await.unwrap();
    database.migrate(store::migrations::ALL, START.0).await.unwrap();
    let randomness = Arc::new(SeededRandomness::new(7));
    let pool = HashPoolSettings { threads: 1, cost: settings.cost, max_wait: settings.max_wait };
    // A second mount of the same realm, whose tokens must open nothing here.
    let other = MountPolicy { name: "other".into(), ..argon::policy("") };
    // A mount of a realm of its own, of whose accounts nobody here knows.
    let elsewhere =
        MountPolicy { name: "elsewhere".into(), realm: Realm::new("elsewhere"), ..argon::policy("") };
    let parts = Parts {
        db: database.clone(),
        clock,
        pool: HashPool::start(pool, Arc::clone(&randomness) as _).unwrap(),
        root: RootSecret::generate(&*randomness),
        randomness,
        limits: settings.limits,
        sessions: SessionRules {
            refresh_grace: Span::seconds(10),
            longest: Span::days(30),
            trust_memory_for: Span::seconds(30),
        },
        passwords: accounts::PasswordRules::at_least(settings.min_password),
        keys: accounts::KeyRules::default(),
        mounts: vec![settings.policy, other, elsewhere],
    };
    (Accounts::open(parts).await.unwrap(), database)
}

async fn answer(router: web::Origin, request: Request) -> Answer {
    let mut sent = axum::http::Request::builder().method(request.method.as_str()).uri(&request.target);
    for (name, value) in &request.headers {
        sent = sent.header(name, value);
    }
    let sent = sent.body(Body::from(request.body)).unwrap();
    let (head, body) = router.oneshot(sent).await.unwrap().into_parts();
    let text = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Answer {
        status: head.status.as_u16(),
        headers: head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body: body.collect().await.unwrap().to_bytes().to_vec(),
    }
}

/// A contract mounted before that words what nobody answers under `/api/auth`, as WolfPal's does.
fn neighbour() -> Contract {
    fn miss(missed: &Missed) -> axum::response::Response {
        let (status, error) = match missed {
            Missed::NotFound => (404, "Whoops, this resource or route could not be found"),
            _ => (405, "Method not allowed"),
        };
        let status = axum::http::StatusCode::from_u16(status).unwrap();
        web::json(status, &json!({ "code": status.as_u16(), "error": error }))
    }
    let territories = vec![Territory { prefix: "/api/auth", miss }];
    Contract { name: "neighbour", endpoints: Vec::new(), territories, exclusive: None }
}

impl Server for Stage {
    fn send(&mut self, request: Request) -> Answer {
        self.ask(request)
    }

    fn newest_mail(&self, _address: &str, _subject: &str) -> Option<String> {
        None
    }

    fn permit(&mut self, username: &str, permission: &str, on: bool) {
        let realm = Realm::new("default");
        let changed = if on {
            self.run(self.accounts.permit(&realm, username, permission))
        } else {
            self.run(self.accounts.forbid(&realm, username, permission))
        };
        changed.unwrap();
    }

    fn totp_now(&self) -> i64 {
        self.clock.now().seconds()
    }
}
