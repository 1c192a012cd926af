//! A whole installation in a test's hands: database, clock, hash pool, mail folder and the four mounts.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use accounts::{
    Accounts, KeyRules, Limits, MasterRefused, Mount, MountPolicy, Parts, PasswordRules, SessionRules,
};
use crypto::{Argon2Cost, HashPool, HashPoolSettings, MasterSecret, RootSecret, SeededRandomness};
use db::{Database, DatabaseUrl, Options, Statement, Value};
use harness::postgres::Cluster;
use mail::{FolderTransport, Sender, Transport};
use model::{Clock, ManualClock, Span, Timestamp};

use crate::{Gate, mounts};

/// Every process of one world has this.
const MASTER: &str = "3f1b8a5e0c7d429698b3a1f4e6d20c5b7a8e9f10213243546576879810a2b3c4";

/// One process of an installation.
pub(crate) struct World {
    pub(crate) accounts: Accounts,
    pub(crate) db: Database,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) pool: HashPool,
    pub(crate) gate: Arc<Gate>,
    terms: Terms,
    place: Arc<Place>,
}

/// What an operator sets.
#[derive(Clone)]
pub(crate) struct Terms {
    pub(crate) limits: Limits,
    pub(crate) passwords: PasswordRules,
    pub(crate) mounts: Vec<MountPolicy>,
    pub(crate) keys: KeyRules,
}

/// What all processes of an installation share.
struct Place {
    url: DatabaseUrl,
    on_disk: bool,
    folder: tempfile::TempDir,
    /// Two processes never draw the same random bytes.
    seeds: AtomicU64,
}

impl Place {
    fn seed(&self) -> u64 {
        self.seeds.fetch_add(1, Ordering::SeqCst)
    }
}

impl World {
    /// On SQLite in memory.
    pub(crate) async fn sqlite_in_memory() -> Self {
        Self::new(DatabaseUrl::parse("sqlite::memory:").unwrap(), false, tempfile::tempdir().unwrap()).await
    }

    /// On an SQLite file.
    pub(crate) async fn sqlite_on_disk() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::new(DatabaseUrl::sqlite_file(&folder.path().join("world.db")), true, folder).await
    }

    /// On a database of its own on PostgreSQL.
    pub(crate) async fn postgres() -> Self {
        let name = Cluster::shared().create_database();
        let url = DatabaseUrl::parse(&Cluster::shared().url(&name)).unwrap();
        Self::new(url, true, tempfile::tempdir().unwrap()).await
    }

    async fn new(url: DatabaseUrl, on_disk: bool, folder: tempfile::TempDir) -> Self {
        let place = Arc::new(Place { url, on_disk, folder, seeds: AtomicU64::new(1) });
        // Not on a whole second, so that rounding shows.
        let clock = Arc::new(ManualClock::at(Timestamp(1_800_000_000_654_321)));
        let gate = Arc::new(Gate::new(place.seed()));
        let pool = pool(&gate, Duration::from_secs(600));
        let terms = Terms {
            limits: Limits::default(),
            passwords: PasswordRules::at_least(8),
            mounts: mounts::four(),
            keys: KeyRules::default(),
        };
        let db = Database::open(&place.url, Options::default()).await.unwrap();
        db.migrate(store::migrations::ALL, clock.now().0).await.unwrap();
        let accounts = open(&db, &clock, &pool, &terms, place.seed()).await;
        Self { accounts, db, clock, pool, gate, terms, place }
    }

    /// The same installation under other terms, in a new process.
    pub(crate) async fn under(self, change: impl FnOnce(&mut Terms)) -> Self {
        let mut terms = self.terms.clone();
        change(&mut terms);
        let accounts = open(&self.db, &self.clock, &self.pool, &terms, self.place.seed()).await;
        Self { accounts, terms, ..self }
    }

    /// The same where nobody waits for a hash: whoever would have to is turned away.
    pub(crate) async fn impatient(self) -> Self {
        let pool = pool(&self.gate, Duration::ZERO);
        Self { pool, ..self }.under(|_| ()).await
    }

    /// The same with these limits.
    pub(crate) async fn limited(self, limits: Limits) -> Self {
        self.under(|terms| terms.limits = limits).await
    }

    /// Another process on the same database. On disk it has a connection of its own.
    pub(crate) async fn second(&self) -> Self {
        let db = if self.place.on_disk {
            Database::open(&self.place.url, Options::default()).await.unwrap()
        } else {
            self.db.clone()
        };
        let accounts = open(&db, &self.clock, &self.pool, &self.terms, self.place.seed()).await;
        Self { accounts, ..self.second_of(db) }
    }

    /// The same surroundings with another connection.
    fn second_of(&self, db: Database) -> Self {
        Self {
            accounts: self.accounts.clone(),
            db,
            clock: Arc::clone(&self.clock),
            pool: self.pool.clone(),
            gate: Arc::clone(&self.gate),
            terms: self.terms.clone(),
            place: Arc::clone(&self.place),
        }
    }

    /// Rules that draw the random bytes of this seed.
    pub(crate) async fn seeded(&self, seed: u64) -> Accounts {
        open(&self.db, &self.clock, &self.pool, &self.terms, seed).await
    }

    /// Another process that is started with the master secret that begins with these two digits.
    pub(crate) async fn with_master(&self, digits: &str) -> Result<Accounts, MasterRefused> {
        let seed = self.place.seed();
        let root = root(&self.db, &self.clock, &master(digits), seed).await?;
        Ok(Accounts::open(parts(&self.db, &self.clock, &self.pool, &self.terms, (seed, root))).await.unwrap())
    }

    /// Another process that is started so, in this one's place.
    pub(crate) async fn started_with(&self, digits: &str) -> Self {
        Self { accounts: self.with_master(digits).await.unwrap(), ..self.second_of(self.db.clone()) }
    }

    /// The process ends, and another one begins on the same database.
    pub(crate) async fn restarted(self) -> Self {
        let next = self.second().await;
        if self.place.on_disk {
            self.db.close().await;
        }
        next
    }

    /// The mount of this name.
    pub(crate) fn mount(&self, name: &str) -> Mount {
        self.accounts.mount(name).unwrap()
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, span: Span) {
        self.clock.advance(span);
    }

    /// Where mail goes.
    pub(crate) fn mail_folder(&self) -> PathBuf {
        self.place.folder.path().join("mail")
    }

    /// A transport into [`World::mail_folder`].
    pub(crate) fn transport(&self) -> Transport {
        let sender = Sender { name: "Tessera".into(), address: "noreply@site.example".into() };
        Transport::Folder(FolderTransport::new(self.mail_folder(), sender).unwrap())
    }

    /// Where the event list ends now.
    pub(crate) async fn last_event(&self) -> i64 {
        store::events::last_sequence(&self.db).await.unwrap()
    }

    /// How many events there are. Numbers of batches that were undone may be missing in the list.
    pub(crate) async fn events_written(&self) -> i64 {
        self.number("select cast(count(*) as bigint) from event", vec![]).await
    }

    /// Changes the database behind the server's back.
    pub(crate) async fn execute(&self, sql: &'static str) {
        self.db.write(Statement::new(sql, vec![]).into()).await.unwrap();
    }

    /// The one number that a query answers.
    pub(crate) async fn number(&self, sql: &'static str, params: Vec<Value>) -> i64 {
        self.db.query(Statement::new(sql, params)).await.unwrap()[0].int(0).unwrap()
    }
}

/// One thread whose hashes cost next to nothing.
fn pool(gate: &Arc<Gate>, max_wait: Duration) -> HashPool {
    let cost = Argon2Cost { memory_kib: 64, passes: 1, lanes: 1 };
    HashPool::start(HashPoolSettings { threads: 1, cost, max_wait }, Arc::clone(gate) as _).unwrap()
}

async fn open(
    db: &Database,
    clock: &Arc<ManualClock>,
    pool: &HashPool,
    terms: &Terms,
    seed: u64,
) -> Accounts {
    let root = root(db, clock, &master(&MASTER[..2]), seed).await.unwrap();
    Accounts::open(parts(db, clock, pool, terms, (seed, root))).await.unwrap()
}

/// A master secret; that of [`MASTER`] if it begins with the same two digits.
pub(crate) fn master(digits: &str) -> MasterSecret {
    MasterSecret::from_text(&format!("{digits}{}", &MASTER[2..])).unwrap()
}

async fn root(
    db: &Database,
    clock: &Arc<ManualClock>,
    master: &MasterSecret,
    seed: u64,
) -> Result<RootSecret, MasterRefused> {
    Accounts::root(db, master, &SeededRandomness::new(seed), clock.now(), false).await
}

fn parts(
    db: &Database,
    clock: &Arc<ManualClock>,
    pool: &HashPool,
    terms: &Terms,
    (seed, root): (u64, RootSecret),
) -> Parts {
    Parts {
        db: db.clone(),
        clock: Arc::clone(clock) as _,
        randomness: Arc::new(SeededRandomness::new(seed)),
        pool: pool.clone(),
        root,
        limits: terms.limits,
        sessions: SessionRules {
            refresh_grace: Span::seconds(10),
            longest: Span::days(30),
            trust_memory_for: Span::seconds(30),
        },
        keys: terms.keys,
        passwords: terms.passwords.clone(),
        mounts: terms.mounts.clone(),
    }
}

/// Runs each body once per engine, on an empty world; `on disk` where two processes share the database.
macro_rules! engines {
    (on disk $($tests:tt)*) => { $crate::world::engines! { @each [sqlite: sqlite_on_disk, postgres: postgres] $($tests)* } };
    (@each $engines:tt $($(#[$meta:meta])* async fn $name:ident($world:ident: World) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn body($world: World) $body

            $crate::world::engines! { @run $engines }
        }
    )*};
    (@run [$($engine:ident: $open:ident),+]) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $engine() {
            body(World::$open().await).await;
        }
    )+};
    ($($tests:tt)*) => { $crate::world::engines! { @each [sqlite: sqlite_in_memory, postgres: postgres] $($tests)* } };
}
pub(crate) use engines;
