//! How full each throttle's bucket is.

use db::{Database, Fault, Statement, params};
use defects::{Defect, seeded};
use model::{Throttle, Timestamp};

use crate::guard;

/// Takes one try, if the throttle lets it through. The check and the count are this one statement.
/// Guard [`guard::PASSES`].
#[must_use]
pub fn take(id: &str, throttle: Throttle, now: Timestamp) -> Statement {
    count(id, throttle, now).touching(1, guard::PASSES)
}

/// As [`take`], but without a guard: a full bucket stays as it is.
#[must_use]
pub fn count(id: &str, throttle: Throttle, now: Timestamp) -> Statement {
    // A counter that only this process knows.
    let own = seeded(Defect::TriesInMemory).then(|| format!("{id}/{}", std::process::id()));
    let id = own.as_deref().unwrap_or(id);
    Statement::new(
        // Of two parameters PostgreSQL cannot tell what `+` means; the cast says it.
        "insert into throttle (id, empty_at) values ($1, cast($2 as bigint) + cast($3 as bigint)) \
         on conflict (id) do update set empty_at = \
         case when throttle.empty_at > $2 then throttle.empty_at else $2 end + $3 where throttle.empty_at <= $4",
        params![id, now.0, throttle.every.0, throttle.latest_passing(now).0],
    )
}

/// Gives one try back.
#[must_use]
pub fn give_back(id: &str, throttle: Throttle) -> Statement {
    Statement::new(
        "update throttle set empty_at = empty_at - $2 where id = $1",
        params![id, throttle.every.0],
    )
}

/// Empties the bucket.
#[must_use]
pub fn clear(id: &str) -> Statement {
    Statement::new("delete from throttle where id = $1", params![id])
}

/// When the bucket will be empty; none if it is.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn empty_at(db: &Database, id: &str) -> Result<Option<Timestamp>, Fault> {
    let rows = db.query(Statement::new("select empty_at from throttle where id = $1", params![id])).await?;
    rows.first().map(|row| row.int(0).map(Timestamp)).transpose()
}

/// Deletes up to `limit` empty buckets. It asks twice: one that is filled between being found and being deleted
/// must not be lost.
#[must_use]
pub fn sweep(now: Timestamp, limit: i64) -> Statement {
    Statement::new(
        "delete from throttle where id in (select id from throttle where empty_at < $1 limit $2) \
         and empty_at < $1",
        params![now.0, limit],
    )
}
