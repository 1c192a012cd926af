//! What one process at a time does.

use db::{Database, Fault, Statement, params};
use model::Timestamp;

use crate::guard;

/// Takes the lease, or holds it longer. Guard [`guard::LEASE_FREE`]: nobody else holds it at `now`.
///
/// The clocks of two processes may differ, so what is done under a lease must do no harm when two do it.
#[must_use]
pub fn take(name: &str, holder: &str, now: Timestamp, until: Timestamp) -> Statement {
    Statement::new(
        "insert into lease (name, holder, until) values ($1, $2, $3) \
         on conflict (name) do update set holder = excluded.holder, until = excluded.until \
         where lease.holder = excluded.holder or lease.until <= $4",
        params![name, holder, until.0, now.0],
    )
    .touching(1, guard::LEASE_FREE)
}

/// Gives the lease back, if that holder has it.
#[must_use]
pub fn release(name: &str, holder: &str) -> Statement {
    Statement::new("delete from lease where name = $1 and holder = $2", params![name, holder])
}

/// Until when a lease is held by anybody; none if none was ever taken, or all were given back.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn held_until(db: &Database) -> Result<Option<Timestamp>, Fault> {
    let rows = db.query(Statement::new("select max(until) from lease", params![])).await?;
    rows.first().map_or(Ok(None), |row| Ok(row.opt_int(0)?.map(Timestamp)))
}

/// Takes every lease away: whoever held them used another database.
#[must_use]
pub fn release_every() -> Statement {
    Statement::new("delete from lease", params![])
}
