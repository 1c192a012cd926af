//! The contract over accounts in memory, with a clock that tests move.

use std::sync::Arc;
use std::time::Duration;

use accounts::{
    Accounts, Admission, CreateAccount, Limits, Mount, MountPolicy, Parts, Register, SessionRules,
};
use accounts::{Registration, TokenUse};
use axum::Router;
use axum::body::Body;
use axum::http::{Method, StatusCode};
use crypto::{Argon2Cost, HashPool, HashPoolSettings, RootSecret, SeededRandomness};
use db::{Database, DatabaseUrl, Options};
use harness::http::{Answer, Request};
use harness::server::Server;
use http_body_util::BodyExt;
use model::{Clock, ManualClock, Permissions, Realm, Span, Timestamp};
use serde_json::json;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;
use web::{Contract, Endpoint, Field, RawBody};

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
            policy: melon::policy("http://localhost:3000"),
            limits: Limits::default(),
            min_password: 8,
            cost: Argon2Cost { memory_kib: 64, passes: 1, lanes: 1 },
            max_wait: Duration::from_secs(60),
        };
        change(&mut settings);
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let clock = Arc::new(ManualClock::at(START));
        let (accounts, database) = runtime.block_on(open(settings, Arc::clone(&clock)));
        let mount = |name| accounts.mount(name).unwrap();
        let contracts = vec![melon::contract(mount("melon")), neighbour(mount("other"))];
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

    pub(crate) fn get(&self, target: &str) -> Answer {
        self.ask(Request::new("GET", target))
    }

    pub(crate) fn get_as(&self, target: &str, token: &str) -> Answer {
        self.ask(Request::new("GET", target).bearer(token))
    }

    pub(crate) fn login(&self, username: &str, password: &str) -> Answer {
        self.ask(Request::new("GET", "/auth/login").query(&[("username", username), ("password", password)]))
    }

    /// Asks an endpoint below `/api/users/` with a token and these parameters.
    pub(crate) fn users(&self, method: &str, name: &str, token: &str, fields: &[(&str, &str)]) -> Answer {
        self.ask(Request::new(method, &format!("/api/users/{name}")).bearer(token).query(fields))
    }

    /// The id of an account.
    pub(crate) fn id(&self, username: &str) -> String {
        self.run(self.accounts.find(&realm(), username)).unwrap().unwrap().id.to_string()
    }

    /// Makes an account with the usual password and these permissions, and signs it in.
    pub(crate) fn signed_in(&self, username: &str, permissions: &[&str]) -> String {
        let command = CreateAccount {
            realm: &realm(),
            username,
            email: None,
            email_confirmed: false,
            password: PASSWORD.into(),
            permissions: Some(Permissions::new(permissions.iter().map(ToString::to_string))),
        };
        self.run(self.accounts.create(command)).unwrap();
        self.login(username, PASSWORD).expect_status(200).text()
    }

    /// An invite code, exchanged for a Server token.
    pub(crate) fn server_token(&self) -> String {
        let code = self.run(self.accounts.create_invite(&realm())).unwrap();
        self.get(&format!("/auth/code-authenticate?code={code}")).expect_status(200).text()
    }

    pub(crate) fn create(&self, token: &str, fields: &[(&str, &str)]) -> Answer {
        self.ask(Request::new("POST", "/api/users/create").bearer(token).query(fields))
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

pub(crate) fn realm() -> Realm {
    Realm::new("default")
}

pub(crate) fn client() -> accounts::Client {
    accounts::Client { address: std::net::Ipv4Addr::LOCALHOST.into(), user_agent: String::new() }
}

async fn open(settings: Settings, clock: Arc<ManualClock>) -> (Accounts, Database) {
    let url = DatabaseUrl::parse(&harness::engine::fresh_database()).unwrap();
    let database = Database::open(&url, Options::default()).await.unwrap();
    database.migrate(store::migrations::ALL, START.0).await.unwrap();
    let randomness = Arc::new(SeededRandomness::new(7));
    let pool = HashPoolSettings { threads: 1, cost: settings.cost, max_wait: settings.max_wait };
    let other = MountPolicy { name: "other".into(), registration: Registration::Open, ..melon::policy("") };
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
        mounts: vec![settings.policy, other],
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

/// Another contract on the same accounts, through which anybody registers: transcripts begin there.
fn neighbour(mount: Mount) -> Contract {
    let register = Endpoint::new(Method::POST, "/api/auth/register", register, mount);
    Contract { name: "neighbour", endpoints: vec![register], territories: Vec::new(), exclusive: None }
}

async fn register(
    axum::extract::State(mount): axum::extract::State<Mount>,
    RawBody(_, body): RawBody,
) -> axum::response::Response {
    let fields = web::json_fields(&body).unwrap();
    let text = |name| match fields.field(name) {
        Field::Text(text) => text,
        _ => panic!("{name} is missing"),
    };
    let command = Register {
        username: text("username"),
        email: None,
        password: text("password").into(),
        permissions: None,
        admission: Admission::Own,
        sign_in: true,
        client: client(),
    };
    let grant = mount.register(command).await.unwrap().grant.unwrap();
    let mut claims = serde_json::to_value(grant.private_claims(TokenUse::Access)).unwrap();
    claims["exp"] = json!(grant.access_expires_at());
    let token = mount.sign(&claims).unwrap();
    let body = format!(r#"{{"token":"{token}","permissions":["user"]}}"#);
    let json = [("content-type", "application/json; charset=utf-8")];
    axum::response::IntoResponse::into_response((StatusCode::OK, json, body))
}

impl Server for Stage {
    fn send(&mut self, request: Request) -> Answer {
        self.ask(request)
    }

    fn newest_mail(&self, _address: &str, _subject: &str) -> Option<String> {
        None
    }

    fn permit(&mut self, username: &str, permission: &str, on: bool) {
        let changed = if on {
            self.run(self.accounts.permit(&realm(), username, permission))
        } else {
            self.run(self.accounts.forbid(&realm(), username, permission))
        };
        changed.unwrap();
    }

    fn totp_now(&self) -> i64 {
        self.clock.now().seconds()
    }
}
