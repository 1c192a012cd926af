//! The server's own way to the database, without the rest of a server: what PostgreSQL spends on the same statements then
//! is what the way of asking costs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use db::{Batch, Database, DatabaseUrl, Options};
use model::{Clock, Event, EventKind, SessionId, Span, SystemClock};
use tokio::runtime::{Builder, Runtime};

use super::session_id;
use crate::Problem;

/// Connections as a server has them.
pub(super) struct Layer {
    runtime: Runtime,
    db: Database,
    sessions: usize,
}

/// Why a refresh was not made.
type Refused = Box<dyn std::error::Error + Send + Sync>;

impl Layer {
    /// To a database with sessions of the numbers 1 to `sessions`.
    pub(super) fn new(url: &str, sessions: usize) -> Result<Self, Problem> {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let db = runtime.block_on(Database::open(&DatabaseUrl::parse(url)?, Options::default()))?;
        Ok(Self { runtime, db, sessions })
    }

    /// How many refreshes so many callers make in that time.
    pub(super) fn refresh(&self, callers: usize, time: Duration) -> Result<usize, Problem> {
        let (end, done) = (Instant::now() + time, Arc::new(AtomicUsize::new(0)));
        let caller = |first: usize| {
            let (db, sessions, done) = (self.db.clone(), self.sessions, Arc::clone(&done));
            async move {
                // No two callers ever have the same one.
                for number in (first..sessions).step_by(callers).cycle() {
                    if Instant::now() > end {
                        break;
                    }
                    refresh(&db, SessionId::parse(&session_id(number + 1)).ok_or("no id")?).await?;
                    done.fetch_add(1, Ordering::Relaxed);
                }
                Ok::<_, Refused>(())
            }
        };
        self.runtime.block_on(async {
            let running: Vec<_> = (0..callers).map(|first| tokio::spawn(caller(first))).collect();
            for one in running {
                one.await?.map_err(|refused| Problem::from(refused.to_string()))?;
            }
            Ok::<_, Problem>(())
        })?;
        Ok(done.load(Ordering::Relaxed))
    }
}

/// What a server asks the database for one refresh (`Mount::refresh` of `accounts`).
async fn refresh(db: &Database, id: SessionId) -> Result<(), Refused> {
    let (session, _) = store::sessions::with_account(db, id).await?.ok_or("the session is gone")?;
    let now = SystemClock.now();
    let mut rotated = session.clone();
    rotated.generation += 1;
    rotated.rotated_at = now;
    rotated.expires_at = now + Span::days(30);
    let event = Event::new(EventKind::SessionRefreshed, &session.realm, now)
        .of(&session.account)
        .in_session(id)
        .from(&rotated.address)
        .saying(rotated.generation.to_string());
    let batch = Batch::new()
        .with(store::sessions::rotate(&rotated, session.generation))
        .with(store::events::append(&event));
    db.write(batch).await?;
    Ok(())
}
