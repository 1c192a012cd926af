//! The server that a browser visits.

use std::thread;
use std::time::{Duration, Instant};

use harness::process::{Options, TesseraProcess};
use harness::server::Server;

pub(crate) const PASSWORD: &str = "correct horse 1";

/// What links begin with unless set otherwise; the server's own port is another in a test.
const PUBLIC: &str = "http://127.0.0.1:3000";
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(10);

/// A server whose every mail links to our own pages. It believes what the tests say of their addresses.
pub(crate) fn start() -> TesseraProcess {
    let ours = "confirm = \"ours\"\nreset = \"ours\"\nemail = \"ours\"\n";
    let settings = format!(
        "trusted_proxies = [\"127.0.0.0/8\"]\n[mounts.wolfpal.links]\n{ours}[mounts.goscrobble.links]\n{ours}"
    );
    let options = Options::new(env!("CARGO_BIN_EXE_tessera")).settings(&settings).unthrottled();
    let cheap = options.env("TESSERA_PASSWORDS__MEMORY_KIB", "64").env("TESSERA_PASSWORDS__PASSES", "1");
    TesseraProcess::start(cheap)
}

/// What a browser calls the server.
pub(crate) fn origin(server: &TesseraProcess) -> String {
    format!("http://{}", server.address())
}

pub(crate) fn email_of(name: &str) -> String {
    format!("{name}@mail.example.com")
}

/// Our own page that the newest such mail links to, once there is one.
#[track_caller]
pub(crate) fn linked(server: &TesseraProcess, address: &str, subject: &str) -> String {
    let began = Instant::now();
    let mail = loop {
        if let Some(mail) = server.newest_mail(address, subject) {
            break mail;
        }
        assert!(began.elapsed() < PATIENCE, "no mail to {address}: {subject}");
        thread::sleep(PAUSE);
    };
    let link = mail.split_whitespace().find(|word| word.starts_with(PUBLIC));
    let link = link.unwrap_or_else(|| panic!("no link to {PUBLIC} in:\n{mail}"));
    assert!(link.starts_with(&format!("{PUBLIC}/pages/")), "{link} is not our page");
    link.replacen(PUBLIC, &origin(server), 1)
}
