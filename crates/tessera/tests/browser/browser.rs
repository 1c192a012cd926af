//! One browser with an empty profile, and what a person does with it.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use url::Url;

use crate::driver::Driver;

/// Chromium needs the whole of a small machine.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// How long a browser may take for one thing. Far longer than it takes: on a busy machine a test must not fail
/// for being slow.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);

/// The pictures that the documentation keeps.
const KEPT: [&str; 5] = ["confirm", "reset-wrong", "reset-wrong-dark", "not-me", "start"];

/// How much of a page is seen at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Screen {
    Phone,
    Desktop,
}

/// Whether pages may run scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scripts {
    On,
    Off,
}

/// A running browser. It is closed when dropped.
pub(crate) struct Browser {
    pub(crate) screen: Screen,
    pub(crate) scripts: Scripts,
    runtime: Runtime,
    client: Client,
    _driver: Driver,
    _profile: TempDir,
    _turn: MutexGuard<'static, ()>,
}

/// A command that WebDriver leaves to its vendors.
#[derive(Debug)]
struct Vendor {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Vendor {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _url: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}

impl Screen {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Screen::Phone => "phone",
            Screen::Desktop => "desktop",
        }
    }

    /// ChromeDriver needs scripts to touch, so without them it clicks.
    fn metrics(self, scripts: Scripts) -> Value {
        let touch = scripts == Scripts::On;
        match self {
            Screen::Phone => {
                json!({ "width": 390, "height": 844, "pixelRatio": 1, "mobile": true, "touch": touch })
            }
            Screen::Desktop => {
                json!({ "width": 1280, "height": 800, "pixelRatio": 1, "mobile": false, "touch": false })
            }
        }
    }
}

fn capabilities(profile: &TempDir, screen: Screen, scripts: Scripts) -> Capabilities {
    let mut args: Vec<String> = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--lang=en",
    ]
    .map(str::to_owned)
    .to_vec();
    args.push(format!("--user-data-dir={}", profile.path().display()));
    let blocked = match scripts {
        Scripts::On => json!({}),
        Scripts::Off => json!({ "profile.managed_default_content_settings.javascript": 2 }),
    };
    let options = json!({
        "args": args,
        "prefs": blocked,
        "mobileEmulation": { "deviceMetrics": screen.metrics(scripts) },
    });
    let mut capabilities = Capabilities::new();
    capabilities.insert("goog:chromeOptions".into(), options);
    capabilities.insert("goog:loggingPrefs".into(), json!({ "browser": "ALL", "performance": "ALL" }));
    capabilities
}

impl Browser {
    pub(crate) fn open(screen: Screen, scripts: Scripts) -> Browser {
        let turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let (driver, profile) = (Driver::start(), tempfile::tempdir().unwrap());
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let capabilities = capabilities(&profile, screen, scripts);
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let connected = builder.capabilities(capabilities);
        let connected = runtime.block_on(connected.connect(&driver.url));
        let client = connected.unwrap_or_else(|error| panic!("Chromium does not start: {error}"));
        Browser { screen, scripts, runtime, client, _driver: driver, _profile: profile, _turn: turn }
    }

    #[track_caller]
    pub(crate) fn go(&self, url: &str) {
        self.wait(self.client.goto(url)).unwrap();
    }

    #[track_caller]
    pub(crate) fn title(&self) -> String {
        self.wait(self.client.title()).unwrap()
    }

    /// Waits until an element shows this text: a click returns before the next page is there.
    #[track_caller]
    pub(crate) fn expect(&self, css: &str, text: &str) {
        let began = Instant::now();
        loop {
            let shown = self.wait(async { self.client.find(Locator::Css(css)).await?.text().await });
            match shown {
                Ok(shown) if shown == text => return,
                // It may be gone between finding and reading it.
                _ if began.elapsed() < PATIENCE => thread::sleep(PAUSE),
                other => panic!("{css}: expected {text:?}, got {other:?}"),
            }
        }
    }

    /// Waits until an element is there.
    #[track_caller]
    pub(crate) fn wait_for(&self, css: &str) {
        let began = Instant::now();
        while self.wait(self.client.find(Locator::Css(css))).is_err() {
            assert!(began.elapsed() < PATIENCE, "{css} does not come");
            thread::sleep(PAUSE);
        }
    }

    /// Types over what a field has in it.
    #[track_caller]
    pub(crate) fn replace(&self, css: &str, text: &str) {
        self.with(css, async |element| {
            // Control and A, which selects everything, then the text.
            element.send_keys(&format!("\u{e009}a\u{e000}{text}")).await.unwrap();
        });
    }

    /// The text that is seen of an element.
    #[track_caller]
    pub(crate) fn text(&self, css: &str) -> String {
        self.with(css, async |element| element.text().await.unwrap())
    }

    /// A property of an element, as text.
    #[track_caller]
    pub(crate) fn prop(&self, css: &str, property: &str) -> Option<String> {
        self.with(css, async |element| element.prop(property).await.unwrap())
    }

    #[track_caller]
    pub(crate) fn click(&self, css: &str) {
        self.with(css, async |element| element.click().await.unwrap());
    }

    #[track_caller]
    pub(crate) fn fill(&self, css: &str, text: &str) {
        self.with(css, async |element| element.send_keys(text).await.unwrap());
    }

    /// Types into whatever has the focus.
    #[track_caller]
    pub(crate) fn keys(&self, keys: &str) {
        self.wait(async {
            self.client.active_element().await.unwrap().send_keys(keys).await.unwrap();
        });
    }

    /// The id of what has the focus.
    #[track_caller]
    pub(crate) fn focused(&self) -> String {
        self.wait(async {
            self.client.active_element().await.unwrap().prop("id").await.unwrap().unwrap_or_default()
        })
    }

    /// Runs a script as somebody at the console would; the page's own may be off all the same.
    #[track_caller]
    pub(crate) fn run(&self, script: &str) -> Value {
        self.wait(self.client.execute(script, Vec::new())).unwrap()
    }

    /// The same for a script that calls its last argument when it is done.
    #[track_caller]
    pub(crate) fn run_async(&self, script: &str) -> Value {
        self.wait(self.client.execute_async(script, Vec::new())).unwrap()
    }

    /// Shows pages as somebody sees them who prefers dark ones.
    #[track_caller]
    pub(crate) fn prefer(&self, scheme: &str) {
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.vendor("goog/cdp/execute", json!({ "cmd": "Emulation.setEmulatedMedia", "params": media }));
    }

    /// What was logged since the last time: `browser` is the console, `performance` the network.
    #[track_caller]
    pub(crate) fn log(&self, kind: &str) -> Vec<Value> {
        let log = self.vendor("se/log", json!({ "type": kind }));
        log.as_array().expect("a list of entries").clone()
    }

    /// Keeps a picture of what is seen: among the build's files, and in the documentation if asked for and [`KEPT`].
    #[track_caller]
    pub(crate) fn picture(&self, name: &str) {
        let png = self.wait(self.client.screenshot()).unwrap();
        let mut folders = vec![PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("screenshots")];
        if KEPT.contains(&name) && std::env::var_os("SCREENSHOTS").is_some() {
            folders.push(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/screenshots"));
        }
        for folder in folders {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(format!("{name}-{}.png", self.screen.name())), &png).unwrap();
        }
    }

    #[track_caller]
    fn with<T>(&self, css: &str, act: impl AsyncFnOnce(fantoccini::elements::Element) -> T) -> T {
        self.wait(async {
            match self.client.find(Locator::Css(css)).await {
                Ok(element) => act(element).await,
                Err(error) => panic!("{css}: {error}\n{}", self.client.source().await.unwrap_or_default()),
            }
        })
    }

    #[track_caller]
    fn vendor(&self, path: &'static str, body: Value) -> Value {
        self.wait(self.client.issue_cmd(Vendor { path, body })).unwrap()
    }

    #[track_caller]
    fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        let done = self.runtime.block_on(async { tokio::time::timeout(PATIENCE, work).await });
        done.expect("the browser does not answer")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // So that it ends in peace; what does not is killed with its driver.
        let closing = self.client.clone().close();
        _ = self.runtime.block_on(async { tokio::time::timeout(Duration::from_secs(5), closing).await });
    }
}
