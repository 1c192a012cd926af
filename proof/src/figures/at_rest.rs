//! S18: secrets that a thief of the disk, or a reader of logs, does not find.

mod flows;

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;

use defects::Defect;
use harness::engine::Engine;
use harness::http::{Answer, Client, Request};
use harness::postgres::{self, Cluster};
use harness::process::TesseraProcess;

use crate::Problem;
use crate::cast::{administrator, command};
use crate::compare::Chance;
use crate::figure::{BOTH, Control, Counted, Figure, Measure, Outcome};
use crate::post::Post;
use crate::search::{Search, Secret};
use crate::stage::Stage;
use crate::stats::count;
use flows::Cast;

pub(crate) const FIGURE: Figure = Figure {
    id: "S18",
    title: "seeded secrets at rest, in logs and metrics",
    goal: "secrets found 0",
    about: "People use every flow of the four contracts, on a server that logs at level trace, and mistype: passwords, \
            wrong ones, ones in the field for the name, in broken bodies and in queries; access, refresh and invited \
            tokens (their signatures), tickets, every mailed link, invite codes, seeds and backup codes of second \
            factors, API keys; and the secrets in the settings: master secret, a mount's key, the passwords of the \
            mail server, where mail goes, and of PostgreSQL. Then all of them are looked for: in the data folder with \
            database and log, or PostgreSQL's own, in a backup, all output, answers that refuse, metrics, and what the \
            command line lists; as they are, in hex, base64 and percents, as lists of numbers, quoted. Codes of six \
            digits are not looked for, and invite codes in text only: chance writes them too. Mail that goes to files \
            in DATA/mail, where there is no mail server, is there to be read. The memory of the process, and so a core \
            dump, is not searched.",
    trials: "secrets",
    small: 4,
    full: 60,
    engines: BOTH,
    run,
    controls: &[
        Control { defect: Defect::TokensLogged, engines: BOTH, within: 1 },
        Control { defect: Defect::TokensPlain, engines: BOTH, within: 1 },
    ],
};

/// What is searched.
struct Place {
    what: String,
    bytes: Vec<u8>,
    is_text: bool,
}

impl Place {
    fn text(what: impl Into<String>, text: impl Into<Vec<u8>>) -> Self {
        Self { what: what.into(), bytes: text.into(), is_text: true }
    }
}

/// Secrets of the settings.
struct Settings {
    master: String,
    key: String,
    smtp: String,
    database: String,
}

fn run(stage: &Stage) -> Result<Outcome, Problem> {
    // Never the same: what an earlier run left on a disk must not count.
    let mut chance = Chance::seeded(RandomState::new().hash_one(()));
    let mut random =
        |digits: usize| (0..digits).map(|_| format!("{:x}", chance.below(16))).collect::<String>();
    let settings = Settings { master: random(64), key: random(40), smtp: random(24), database: random(24) };
    let post = Post::open()?;
    let cluster = (stage.engine == Engine::Postgres)
        .then(|| Cluster::start(postgres::Options::new().password(&settings.database)));
    let mut server = start(stage, &settings, &post, cluster.as_ref());
    let boss = administrator(&server)?;
    let mut secrets = settings.secrets();
    let mut refusals = Vec::new();
    for _ in 0..stage.trials {
        let mut cast = Cast::new(&server, &post, &mut random);
        cast.everything(&boss)?;
        secrets.append(&mut cast.secrets);
        refusals.append(&mut cast.refusals);
    }
    let links = post.mails(|mails| mails.iter().flat_map(|mail| links(&mail.text)).collect::<Vec<_>>());
    secrets.extend(links.into_iter().map(|token| Secret::new("the token of a mailed link", token)));
    let mut places = listings(&server, &boss)?;
    places.extend(refusals.iter().map(|answer| Place::text("an answer that refuses", answer.to_string())));
    places.push(Place::text("output", server.output()));
    // With what is not in the database proper yet.
    files(&server.data(), "DATA while it runs", &mut places)?;
    server.restart();
    places.push(Place::text("output after a restart", server.output()));
    server.stop();
    places.push(Place::text("output until the end", server.output()));
    files(&server.data(), "DATA", &mut places)?;
    if let Some(cluster) = &cluster {
        cluster.sql("postgres", "checkpoint");
        files(&cluster.folder().join("data"), "PostgreSQL", &mut places)?;
    }
    Ok(Outcome::Counted(searched(&secrets, &places)))
}

fn start(stage: &Stage, settings: &Settings, post: &Post, cluster: Option<&Cluster>) -> TesseraProcess {
    let url = cluster.map_or(String::new(), Cluster::fresh_url);
    let options = stage
        .options_on(&url)
        .with_ops()
        .env("TESSERA_LOG__LEVEL", "trace")
        .env("TESSERA_TRUSTED_PROXIES", r#"["127.0.0.0/8"]"#)
        .env("TESSERA_MASTER_SECRET", &settings.master)
        .env("TESSERA_MOUNTS__ARGON__KEY", &settings.key)
        .env("TESSERA_MAIL__SMTP__HOST", "127.0.0.1")
        .env("TESSERA_MAIL__SMTP__PORT", &post.port.to_string())
        .env("TESSERA_MAIL__SMTP__SECURITY", "none")
        .env("TESSERA_MAIL__SMTP__USERNAME", "tessera")
        .env("TESSERA_MAIL__SMTP__PASSWORD", &settings.smtp);
    TesseraProcess::start(options)
}

impl Settings {
    fn secrets(&self) -> Vec<Secret> {
        let byte = |at| self.master.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        let raw: Vec<u8> = (0..self.master.len()).step_by(2).filter_map(byte).collect();
        vec![
            Secret::new("the master secret", raw),
            Secret::new("the master secret in letters", &*self.master),
            Secret::new("the key of a mount", &*self.key),
            Secret::new("the password of the mail server", &*self.smtp),
            Secret::new("the password of the database", &*self.database),
        ]
    }
}

/// The last part of every link in a mail.
fn links(text: &str) -> Vec<String> {
    let last = |word: &str| word.rsplit_once('/').map(|(_, last)| last.to_owned());
    let links = text.split_whitespace().filter(|word| word.starts_with("http"));
    links.filter_map(last).filter(|token| token.len() >= 20).collect()
}

/// What operators look at while the server runs, and a backup.
fn listings(server: &TesseraProcess, boss: &str) -> Result<Vec<Place>, Problem> {
    let lists: [&[&str]; 10] = [
        &["config", "show"],
        &["event", "list", "--limit", "1000000"],
        &["mail", "list", "--limit", "1000000"],
        &["account", "list", "--limit", "1000000"],
        &["account", "show", boss],
        &["session", "list", boss],
        &["invite", "list"],
        &["key", "list"],
        &["doctor"],
        &["config", "reference"],
    ];
    let mut places = Vec::new();
    for list in lists {
        for arguments in [list.to_vec(), [list, &["--json"]].concat()] {
            // The doctor has something to say of a server without TLS, and ends so.
            let output = server.cli(&arguments, "");
            places
                .push(Place::text(format!("tessera {arguments:?}"), [output.stdout, output.stderr].concat()));
        }
    }
    let printed = server.output();
    let ops = printed.split_once("health and metrics on http://").and_then(|(_, rest)| rest.lines().next());
    let address = ops.ok_or("the second listener is not told of")?.parse()?;
    let metrics: Answer = Client::new(address).send(&Request::new("GET", "/metrics"))?;
    places.push(Place::text("/metrics", metrics.expect_status(200).to_string()));
    if server.data().join("tessera.db").exists() {
        let file = server.data().join("a.backup");
        command(server, &["backup", &file.display().to_string()], "")?;
    }
    Ok(places)
}

/// Every file below a folder.
fn files(folder: &Path, name: &str, places: &mut Vec<Place>) -> Result<(), Problem> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{name}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            files(&entry.path(), &name, places)?;
        } else if entry.file_type()?.is_file() {
            places.push(Place { what: name, bytes: fs::read(entry.path())?, is_text: false });
        }
    }
    Ok(())
}

/// Looks for every secret everywhere; each is a trial.
fn searched(secrets: &[Secret], places: &[Place]) -> Counted {
    let search = Search::of(secrets);
    let mut counted =
        Counted { trials: u64::try_from(secrets.len()).unwrap_or(u64::MAX), ..Counted::default() };
    for place in places {
        let found = search.found(&place.bytes, place.is_text);
        let told = found.iter().map(|found| {
            format!("{} {} in {} at byte {}", found.secret.what, found.how, place.what, found.at)
        });
        counted.broken(told.collect());
    }
    let bytes: usize = places.iter().map(|place| place.bytes.len()).sum();
    counted.measured(Measure::of("searched", count(bytes / 1_024) / 1_024.0, "MiB"))
}
