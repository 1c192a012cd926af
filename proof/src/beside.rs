//! Asks the database of a stage beside its server.

use std::path::PathBuf;

use harness::postgres::Cluster;
use harness::process::{Options, TesseraProcess};
use rusqlite::{Connection, OpenFlags};

use crate::Problem;
use crate::stage::Stage;

/// A database that a server uses and a figure looks into.
pub(crate) enum Beside {
    File(PathBuf),
    /// A database of the cluster, by its name.
    Cluster(String),
}

impl Beside {
    /// A server on an empty database, and the same database.
    pub(crate) fn start(stage: &Stage, settings: impl Fn(Options) -> Options) -> (TesseraProcess, Self) {
        if stage.is_file() {
            let server = TesseraProcess::start(settings(stage.options_on("")));
            let file = server.data().join("tessera.db");
            return (server, Self::File(file));
        }
        let name = Cluster::shared().create_database();
        let url = Cluster::shared().url(&name);
        (TesseraProcess::start(settings(stage.options_on(&url))), Self::Cluster(name))
    }

    /// The one number that a query answers.
    pub(crate) fn number(&self, sql: &str) -> Result<i64, Problem> {
        match self {
            Self::File(path) => {
                let database = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
                Ok(database.query_row(sql, [], |row| row.get(0))?)
            }
            Self::Cluster(name) => Ok(Cluster::shared().sql(name, sql).parse()?),
        }
    }

    /// How many rows a table has.
    pub(crate) fn rows(&self, table: &str) -> Result<i64, Problem> {
        self.number(&format!("select count(*) from {table}"))
    }
}
