//! SQLite: one thread that writes, a few that read, and queues in front of them.
//!
//! A database in memory has one connection only, so its queries run on the writer's thread between
//! groups, where everything seen is committed.

mod connection;
pub(crate) mod dialect;
mod execute;
mod failure;
mod migrate;
mod order;
mod reader;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use crate::counters::Counters;
use crate::migration::check_order;
use crate::{
    Batch, Commits, Fault, MigrateError, Migrated, Migration, Options, Row, Statement, Stats, WriteError,
    Written, params,
};
use connection::{Link, Place, Role, create_file};
use reader::{QueryJob, Reader};
use writer::{WriteJob, Writer};

/// What an error of the engine means outside of its threads.
pub(crate) fn failed(error: &rusqlite::Error, sql: &str) -> Fault {
    failure::Failure::of(error, sql).fault
}

/// Jobs that wait in a queue before a caller has to.
const QUEUE: usize = 1024;

/// An open SQLite database. Dropping it lets the threads finish what is queued and end.
#[derive(Debug)]
pub(crate) struct Sqlite {
    writer: Crew<writer::Job>,
    /// None for a database in memory.
    readers: Option<Crew<reader::Job>>,
    counters: Arc<Counters>,
}

/// The threads behind one queue.
struct Crew<J> {
    jobs: mpsc::Sender<J>,
    /// Each thread holds a receiver until its connection is closed.
    alive: watch::Sender<()>,
}

impl<J> Crew<J> {
    /// Jobs that no thread has taken yet.
    fn queued(&self) -> usize {
        self.jobs.max_capacity() - self.jobs.capacity()
    }
}

impl<J> std::fmt::Debug for Crew<J> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Crew").field("threads", &self.alive.receiver_count()).finish_non_exhaustive()
    }
}

impl Sqlite {
    /// Opens the file, made if it is missing, and starts the threads.
    pub(crate) async fn open_file(path: &Path, options: Options) -> Result<Self, Fault> {
        let path = std::path::absolute(path).map_err(|error| {
            Fault::unavailable(format!("no absolute path for {}: {error}", path.display()))
        })?;
        let place = Place::File(path);
        let mut sqlite = Self::open_writer(place.clone(), options.busy_timeout).await?;
        sqlite.readers = Some(open_readers(place, options).await?);
        Ok(sqlite)
    }

    /// Makes an empty database in memory and starts its thread.
    pub(crate) async fn open_memory(options: Options) -> Result<Self, Fault> {
        Self::open_writer(Place::Memory, options.busy_timeout).await
    }

    async fn open_writer(place: Place, busy_timeout: Duration) -> Result<Self, Fault> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let (alive, token) = watch::channel(());
        let counters = Arc::new(Counters::default());
        let shared = Arc::clone(&counters);
        let open = move || {
            if let Place::File(path) = &place {
                create_file(path).map_err(|failure| failure.fault)?;
            }
            Link::open(place, Role::Writer, busy_timeout).map_err(|failure| failure.fault)
        };
        let run = move |link| Writer { link, jobs: queue, counters: shared }.run();
        start("db-writer", token, open, run).await?;
        Ok(Self { writer: Crew { jobs, alive }, readers: None, counters })
    }

    pub(crate) async fn query(&self, statement: Statement) -> Result<Vec<Row>, Fault> {
        let (reply, answer) = oneshot::channel();
        let query = QueryJob { statement, reply };
        let sent = match &self.readers {
            Some(readers) => readers.jobs.send(reader::Job::Query(query)).await.is_ok(),
            None => {
                let task = Box::new(move |link: &mut Link| query.run(link));
                self.writer.jobs.send(writer::Job::Alone(task)).await.is_ok()
            }
        };
        if sent { answer.await.unwrap_or_else(|_| Err(Fault::closed())) } else { Err(Fault::closed()) }
    }

    pub(crate) async fn write(&self, batch: Batch) -> Result<Written, WriteError> {
        let (reply, answer) = oneshot::channel();
        let job = writer::Job::Write(WriteJob { batch, reply });
        self.writer.jobs.send(job).await.map_err(|_| Fault::closed())?;
        answer.await.map_err(|_| Fault::closed())?
    }

    pub(crate) async fn migrate(
        &self,
        migrations: &'static [Migration],
        now_micros: i64,
    ) -> Result<Migrated, MigrateError> {
        check_order(migrations)?;
        self.alone(move |link| migrate::migrate(link, migrations, now_micros)).await?
    }

    /// The versions of the migrations that the database has seen, in order.
    pub(crate) async fn recorded(&self) -> Result<Vec<i64>, Fault> {
        let look = |link: &mut Link| link.connection().and_then(|connection| migrate::recorded(connection));
        self.alone(move |link| look(link).map_err(|failure| failure.fault)).await?
    }

    pub(crate) async fn ping(&self) -> Result<(), Fault> {
        self.query(Statement::new("select 1", params![])).await?;
        let writer_has_connection =
            self.alone(|link| link.connection().map(drop).map_err(|failure| failure.fault));
        writer_has_connection.await?
    }

    /// Runs a task on the writer's thread, with the connection to itself.
    async fn alone<T: Send + 'static>(
        &self,
        task: impl FnOnce(&mut Link) -> T + Send + 'static,
    ) -> Result<T, Fault> {
        let (reply, answer) = oneshot::channel();
        let task = Box::new(move |link: &mut Link| {
            let _ = reply.send(task(link));
        });
        self.writer.jobs.send(writer::Job::Alone(task)).await.map_err(|_| Fault::closed())?;
        answer.await.map_err(|_| Fault::closed())
    }

    pub(crate) fn stats(&self) -> Stats {
        let readers = self.readers.as_ref().map_or(0, Crew::queued);
        Stats { callers_waiting: self.writer.queued() + readers, ..self.counters.stats() }
    }

    pub(crate) fn commits(&self) -> Commits {
        self.counters.commits()
    }

    /// Readers first: the writer can empty the write-ahead log only when nobody reads it.
    /// A queue that is closed already is being closed by another caller, whose end we wait for too.
    pub(crate) async fn close(&self) {
        if let Some(readers) = &self.readers {
            let _ = readers.jobs.send(reader::Job::Close).await;
            readers.alive.closed().await;
        }
        let _ = self.writer.jobs.send(writer::Job::Close).await;
        self.writer.alive.closed().await;
    }
}

async fn open_readers(place: Place, options: Options) -> Result<Crew<reader::Job>, Fault> {
    let (jobs, queue) = mpsc::channel(QUEUE);
    let queue = Arc::new(Mutex::new(queue));
    let (alive, token) = watch::channel(());
    for number in 0..options.readers.max(1) {
        let (place, queue) = (place.clone(), Arc::clone(&queue));
        let open =
            move || Link::open(place, Role::Reader, options.busy_timeout).map_err(|failure| failure.fault);
        let run = move |link| Reader { link, jobs: queue }.run();
        start(&format!("db-reader-{number}"), token.clone(), open, run).await?;
    }
    Ok(Crew { jobs, alive })
}

/// Starts a thread that opens its own connection, and waits until it has.
async fn start(
    name: &str,
    token: watch::Receiver<()>,
    open: impl FnOnce() -> Result<Link, Fault> + Send + 'static,
    run: impl FnOnce(Link) + Send + 'static,
) -> Result<(), Fault> {
    let (ready, opened) = oneshot::channel();
    let body = move || {
        // Dropped last: whoever waits for the threads to end then finds the connection closed.
        let _token = token;
        match open() {
            Ok(link) => {
                let _ = ready.send(Ok(()));
                run(link);
            }
            Err(fault) => {
                let _ = ready.send(Err(fault));
            }
        }
    };
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(body)
        .map_err(|error| Fault::unavailable(format!("cannot start its thread: {error}")))?;
    opened.await.unwrap_or_else(|_| Err(Fault::closed()))
}
