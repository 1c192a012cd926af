//! What one process at a time does.

use db::{Statement, params};
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
