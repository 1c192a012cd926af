//! Databases with many accounts, made once in a run by the server's own import, and indexed.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use db::{Database, DatabaseUrl, Statement};
use harness::http::Request;
use harness::process::{Options, TesseraProcess};
use serde_json::json;

use crate::Problem;
use crate::client::{Answer, Script, closed};
use crate::stats::as_f64;
use crate::subject::{self, Hashing, PASSWORD};

/// How long nothing may happen where something should.
const PATIENCE: Duration = Duration::from_secs(60);
/// How many sign in at once when sessions are made.
const AT_ONCE: usize = 64;
const FILE: &str = "tessera.db";

/// A database with this many accounts, and no server on it.
pub(crate) struct Stock {
    /// For the lines that are imported, and the database if it is a file.
    folder: tempfile::TempDir,
    url: String,
    pub(crate) accounts: usize,
    hashing: Hashing,
    /// Accounts that a server took into the search index in a second.
    pub(crate) indexed: f64,
}

/// The name of the account with that number.
pub(crate) fn username(number: usize) -> String {
    format!("user{number:08}")
}

/// Writes a file for the import with that many accounts, all with [`PASSWORD`].
pub(crate) fn write_lines(path: &Path, accounts: usize, stored: &str) -> Result<(), Problem> {
    let mut file = BufWriter::new(File::create(path)?);
    for number in 0..accounts {
        let name = username(number);
        // One of them administers.
        let permissions = if number == 0 { "[\"user\",\"admin\"]" } else { "[\"user\"]" };
        writeln!(
            file,
            r#"{{"username":"{name}","email":"{name}@example.com","email_confirmed":true,"password":"{stored}","permissions":{permissions}}}"#
        )?;
    }
    Ok(file.flush()?)
}

impl Stock {
    /// In a file of its own.
    pub(crate) fn make(binary: &Path, accounts: usize, hashing: Hashing) -> Result<Self, Problem> {
        let folder = tempfile::tempdir()?;
        let url = format!("sqlite:{}", folder.path().join(FILE).display());
        Self::filled(binary, Self { folder, url, accounts, hashing, indexed: 0.0 })
    }

    /// In an empty database of a database server.
    pub(crate) fn make_in(
        binary: &Path,
        url: String,
        accounts: usize,
        hashing: Hashing,
    ) -> Result<Self, Problem> {
        Self::filled(binary, Self { folder: tempfile::tempdir()?, url, accounts, hashing, indexed: 0.0 })
    }

    fn filled(binary: &Path, mut stock: Self) -> Result<Self, Problem> {
        let Self { accounts, hashing, .. } = stock;
        let lines = stock.folder.path().join("accounts.jsonl");
        write_lines(&lines, accounts, &hashing.stored()?)?;
        let mut server = TesseraProcess::start(stock.options(binary));
        server.stop();
        let output = server.cli(&["account", "import", &lines.display().to_string()], "");
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        std::fs::remove_file(lines)?;
        let mut server = TesseraProcess::start(stock.options(binary));
        let began = Instant::now();
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(indexed(&stock.url, accounts))?;
        stock.indexed = as_f64(accounts) / began.elapsed().as_secs_f64();
        server.stop();
        Ok(stock)
    }

    /// The database file.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join(FILE)
    }

    /// How to start a server on it.
    pub(crate) fn options(&self, binary: &Path) -> Options {
        subject::options(binary, self.hashing).database(&self.url)
    }

    /// Numbers of accounts, spread evenly over all.
    pub(crate) fn spread(&self, count: usize) -> Vec<usize> {
        (0..count).map(|number| number * self.accounts / count.max(1) % self.accounts.max(1)).collect()
    }
}

/// Waits until a running server has taken all accounts of a new database into the search index, as long as it gets on.
async fn indexed(url: &str, accounts: usize) -> Result<(), Problem> {
    let db = Database::open(&DatabaseUrl::parse(url)?, db::Options::default()).await?;
    // They are numbered as they come, so that nothing has to be counted, which is work in itself.
    let sql = "select coalesce(max(number), 0) from indexed_account";
    let (all, mut most, mut since) = (i64::try_from(accounts)?, 0, Instant::now());
    loop {
        let known = db.query(Statement::new(sql, Vec::new())).await?[0].int(0)?;
        match known {
            _ if known >= all => break,
            _ if known > most => (most, since) = (known, Instant::now()),
            _ if since.elapsed() > PATIENCE => {
                return Err(format!("{} accounts are not indexed", all - known).into());
            }
            _ => {}
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    db.close().await;
    Ok(())
}

/// A contract through which somebody signs in, and what its answer is then good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contract {
    /// The answer holds an access token.
    Argon,
    /// The answer is an access token.
    Melon,
    /// The answer holds a token whose claims hold a refresh token.
    GoScrobble,
}

impl Contract {
    /// The request that signs an account in.
    pub(crate) fn sign_in(self, number: usize) -> Vec<u8> {
        let username = username(number);
        let body = json!({ "username": username, "password": PASSWORD });
        subject::bytes(&match self {
            Self::Argon => Request::new("POST", "/api/auth/login").json(&body),
            Self::GoScrobble => Request::new("POST", "/api/v1/login").json(&body),
            Self::Melon => {
                Request::new("GET", "/auth/login").query(&[("username", &username), ("password", PASSWORD)])
            }
        })
    }

    /// The token that an answer gives.
    pub(crate) fn token(self, answer: &Answer<'_>) -> Option<String> {
        match self {
            Self::Melon => Some(std::str::from_utf8(answer.body).ok()?.trim_matches('"').to_owned()),
            Self::Argon | Self::GoScrobble => answer.quoted_after("\"token\":\"").map(str::to_owned),
        }
    }
}

struct SignIns<'a> {
    contract: Contract,
    accounts: std::slice::Iter<'a, usize>,
    tokens: Vec<String>,
}

impl Script for SignIns<'_> {
    fn request(&mut self, _connection: usize, out: &mut Vec<u8>) -> bool {
        let account = self.accounts.next();
        account.inspect(|account| out.extend(self.contract.sign_in(**account))).is_some()
    }

    fn answered(&mut self, _connection: usize, answer: &Answer<'_>) {
        self.tokens.extend(self.contract.token(answer));
    }
}

/// Signs these accounts in, and answers a token for each, in no order.
pub(crate) fn sign_in(
    server: &TesseraProcess,
    contract: Contract,
    accounts: &[usize],
) -> Result<Vec<String>, Problem> {
    let mut script = SignIns { contract, accounts: accounts.iter(), tokens: Vec::new() };
    closed::run(server.address(), AT_ONCE, None, &mut script)?.only(200)?;
    Ok(script.tokens)
}
