//! Which engine tests run on: the variable `TESSERA_TEST_ENGINE` says it, `sqlite` (the default) or `postgres`.

use crate::postgres::Cluster;

/// The variable's name.
pub const VARIABLE: &str = "TESSERA_TEST_ENGINE";

/// An engine that every test can run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file or memory of the process itself.
    Sqlite,
    /// The cluster of this test process.
    Postgres,
}

/// The engine of this run. Panics when the variable names no engine: a run that was meant to try one must
/// not pass because of a slip of the pen.
#[expect(clippy::panic, reason = "a test on an engine that does not exist cannot pass")]
#[track_caller]
pub fn engine() -> Engine {
    match named(std::env::var(VARIABLE).ok().as_deref()) {
        Ok(engine) => engine,
        Err(name) => panic!("{VARIABLE} is sqlite or postgres, not {name}"),
    }
}

fn named(name: Option<&str>) -> Result<Engine, String> {
    match name {
        None | Some("" | "sqlite") => Ok(Engine::Sqlite),
        Some("postgres") => Ok(Engine::Postgres),
        Some(other) => Err(other.to_owned()),
    }
}

/// The URL of an empty database for a stage in the test's own process.
#[track_caller]
pub fn fresh_database() -> String {
    match engine() {
        Engine::Sqlite => "sqlite::memory:".to_owned(),
        Engine::Postgres => Cluster::shared().fresh_url(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_is_named_or_it_is_an_error() {
        assert_eq!(named(None), Ok(Engine::Sqlite));
        assert_eq!(named(Some("")), Ok(Engine::Sqlite));
        assert_eq!(named(Some("sqlite")), Ok(Engine::Sqlite));
        assert_eq!(named(Some("postgres")), Ok(Engine::Postgres));
        assert_eq!(named(Some("postgre")), Err("postgre".to_owned()));
    }
}
