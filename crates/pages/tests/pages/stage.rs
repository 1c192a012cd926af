//! Accounts in memory with two mounts, their mails in a folder, and a clock that tests move.

use std::sync::Arc;
use std::time::Duration;

use accounts::{
    Accounts, Admission, Caller, Client, Limits, Login, MailedToken, Mount, MountPolicy, Parts,
    PrivateClaims, Register, Registration, SessionRules, SignIn, SignedIn, SigningKey, TokenUse,
};
use axum::Router;
use axum::body::Body;
use crypto::{Alphabet, Argon2Cost, HashPool, HashPoolSettings, JwtAlgorithm, RootSecret, SeededRandomness};
use db::{Database, DatabaseUrl, Options};
use harness::http::{Answer, Request};
use harness::mailbox;
use http_body_util::BodyExt;
use mail::{FolderTransport, Sender, Transport};
use model::{ManualClock, Realm, Span, Timestamp};
use pages::Page;
use secrecy::SecretString;
use serde::Serialize;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

/// 2027-01-01T00:00:00Z.
const START: Timestamp = Timestamp(1_798_761_600_000_000);
pub(crate) const PASSWORD: &str = "correct horse";
/// What browsers call the server here.
pub(crate) const URL: &str = "https://auth.example.com";

/// What a test may want otherwise.
pub(crate) struct Setting {
    pub(crate) limits: Limits,
    pub(crate) min_password: usize,
    pub(crate) cost: Argon2Cost,
    /// The longest that a password may wait to be hashed.
    pub(crate) max_wait: Duration,
    pub(crate) shop: MountPolicy,
}

/// A server in this process.
pub(crate) struct Stage {
    runtime: Runtime,
    router: web::Origin,
    database: Database,
    mails: TempDir,
    pub(crate) accounts: Accounts,
    pub(crate) clock: Arc<ManualClock>,
}

/// The claims of an access token, with nothing a contract adds.
#[derive(Serialize)]
struct Claims {
    exp: i64,
    #[serde(flatten)]
    private: PrivateClaims,
}

/// A mount whose every link leads to our pages.
fn policy(name: &str, realm: &str) -> MountPolicy {
    let mailed = |hours, page| {
        let link = pages::link(URL, name, page);
        Some(MailedToken { alphabet: Alphabet::UrlSafe, length: 43, lifetime: Span::hours(hours), link })
    };
    MountPolicy {
        name: name.to_owned(),
        realm: Realm::new(realm),
        site: "Corner Shop".to_owned(),
        algorithm: JwtAlgorithm::HS256,
        key: SigningKey::Own,
        access: Span::hours(24),
        refresh: None,
        registration: Registration::Open,
        second_step: false,
        min_password: 0,
        email_as_password: false,
        require_confirmed_email: false,
        claims_username: false,
        claims_permissions: &[],
        confirmation: mailed(3, Page::Confirm),
        reset: mailed(1, Page::Reset),
        email_change: mailed(3, Page::Email),
        not_me: mailed(168, Page::NotMe),
    }
}

/// Somebody at an address of their own.
pub(crate) fn client(last: u8) -> Client {
    Client { address: [203, 0, 113, last].into(), user_agent: format!("Browser/{last}") }
}

/// The address of an account, also of one whose name no address could have.
pub(crate) fn email_of(name: &str) -> String {
    let plain: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    format!("{plain}@mail.example.com")
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut Setting)) -> Self {
        let mut setting = Setting {
            limits: Limits::default(),
            min_password: 8,
            cost: Argon2Cost { memory_kib: 64, passes: 1, lanes: 1 },
            max_wait: Duration::from_secs(60),
            shop: policy("shop", "default"),
        };
        change(&mut setting);
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let clock = Arc::new(ManualClock::at(START));
        let (accounts, database) = runtime.block_on(open(setting, Arc::clone(&clock)));
        let contract = pages::contract(accounts.mounts(), URL);
        let router = web::compose(vec![contract], web::Limits::default(), Router::new()).unwrap();
        Self { runtime, router, database, mails: tempfile::tempdir().unwrap(), accounts, clock }
    }

    pub(crate) fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    pub(crate) fn ask(&self, request: Request) -> Answer {
        self.ask_all(vec![request]).remove(0)
    }

    /// Sends the requests at once, and answers in their order.
    pub(crate) fn ask_all(&self, requests: Vec<Request>) -> Vec<Answer> {
        self.run(async {
            let one = |request| tokio::spawn(answer(self.router.clone(), request));
            let tasks: Vec<_> = requests.into_iter().map(one).collect();
            let mut answers = Vec::new();
            for task in tasks {
                answers.push(task.await.unwrap());
            }
            answers
        })
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask(Request::new("GET", path))
    }

    /// Sends the page's form with no more than its button.
    pub(crate) fn press(&self, path: &str) -> Answer {
        self.ask(Request::new("POST", path).form(&[]))
    }

    pub(crate) fn set_password(&self, path: &str, password: &str, repeat: &str) -> Answer {
        self.ask(Request::new("POST", path).form(&[("password", password), ("repeat", repeat)]))
    }

    pub(crate) fn shop(&self) -> Mount {
        self.accounts.mount("shop").unwrap()
    }

    pub(crate) fn register(&self, name: &str) {
        let email = email_of(name);
        let register = Register {
            username: name,
            email: Some(&email),
            password: PASSWORD.into(),
            permissions: None,
            admission: Admission::Own,
            sign_in: false,
            client: client(1),
        };
        self.run(self.shop().register(register)).unwrap();
    }

    /// Registers an account and confirms its address: no other is told of what happens to the account.
    pub(crate) fn confirmed(&self, name: &str) {
        self.register(name);
        self.press(&self.linked(&email_of(name), "Activate")).expect_status(200);
    }

    /// An access token, if the password is right.
    pub(crate) fn sign_in(&self, name: &str, password: &str, client: Client) -> Option<String> {
        let password = SecretString::from(password);
        let command = SignIn { login: Login::Username(name), password, client };
        let SignedIn::Complete(grant) = self.run(self.shop().sign_in(command)).ok()? else { return None };
        let claims =
            Claims { exp: grant.access_expires_at(), private: grant.private_claims(TokenUse::Access) };
        Some(self.shop().sign(&claims).unwrap())
    }

    pub(crate) fn caller(&self, token: &str) -> Option<Caller> {
        self.run(self.shop().check(token)).ok()
    }

    /// The newest mail to an account.
    pub(crate) fn mail(&self, address: &str, subject: &str) -> Option<String> {
        let sender = Sender { name: "Shop".into(), address: "noreply@shop.example".into() };
        let folder = FolderTransport::new(self.mails.path(), sender).unwrap();
        self.run(self.accounts.send_due(&Transport::Folder(folder))).unwrap();
        mailbox::newest(self.mails.path(), address, subject)
    }

    /// The path of the link in the newest mail to an account.
    #[track_caller]
    pub(crate) fn linked(&self, address: &str, subject: &str) -> String {
        let Some(text) = self.mail(address, subject) else { panic!("no mail to {address}: {subject}") };
        let at = text.find(URL).unwrap_or_else(|| panic!("no link of ours in:\n{text}"));
        text[at + URL.len()..].split_whitespace().next().unwrap().to_owned()
    }

    /// The path of a live link to a page, mailed to the account `name`, which is made for it.
    #[track_caller]
    pub(crate) fn live(&self, page: Page, name: &str) -> String {
        let address = email_of(name);
        if page == Page::Confirm {
            self.register(name);
        } else {
            self.confirmed(name);
        }
        match page {
            Page::Confirm => self.linked(&address, "Activate"),
            Page::Reset => {
                self.run(self.shop().send_reset(&address, &client(1))).unwrap();
                self.linked(&address, "Reset")
            }
            Page::Email => {
                let caller = self.caller(&self.sign_in(name, PASSWORD, client(1)).unwrap()).unwrap();
                let new = email_of(&format!("new-{name}"));
                self.run(self.shop().change_email(&caller, &new, &client(1))).unwrap();
                self.linked(&new, "new email")
            }
            Page::NotMe => {
                self.sign_in(name, PASSWORD, client(1)).unwrap();
                self.sign_in(name, PASSWORD, client(66)).unwrap();
                self.linked(&address, "New sign-in")
            }
        }
    }

    /// From now on the database answers nothing.
    pub(crate) fn close_database(&self) {
        self.run(self.database.clone().close());
    }
}

async fn open(setting: Setting, clock: Arc<ManualClock>) -> (Accounts, Database) {
    let url = DatabaseUrl::parse(&harness::engine::fresh_database()).unwrap();
    let database = Database::open(&url, Options::default()).await.unwrap();
    database.migrate(store::migrations::ALL, START.0).await.unwrap();
    let randomness = Arc::new(SeededRandomness::new(7));
    let pool = HashPoolSettings { threads: 1, cost: setting.cost, max_wait: setting.max_wait };
    let parts = Parts {
        db: database.clone(),
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
        mounts: vec![setting.shop, policy("elsewhere", "another")],
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
