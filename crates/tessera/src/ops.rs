//! What the operator's machines ask: is it alive, is it ready, how is it doing.

use std::fmt::Write;

use accounts::Accounts;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use crypto::HashPool;
use db::Database;
use tokio::sync::watch;

/// `/healthz`, `/readyz` and `/metrics` (Prometheus text format 0.0.4). Once the process is told to stop it is not
/// ready any more, though it still answers.
pub(crate) fn routes(
    accounts: Accounts,
    db: Database,
    pool: HashPool,
    stopping: watch::Receiver<bool>,
) -> Router {
    let ready = async move || match accounts.ready().await {
        _ if *stopping.borrow() => web::text(StatusCode::SERVICE_UNAVAILABLE, "stopping\n"),
        Ok(()) => web::text(StatusCode::OK, "ready\n"),
        Err(_) => web::text(
            StatusCode::SERVICE_UNAVAILABLE,
            "the database does not answer, or did not for too long\n",
        ),
    };
    Router::new()
        .route("/healthz", get(async || web::text(StatusCode::OK, "alive\n")))
        .route("/readyz", get(ready))
        .route("/metrics", get(async move || web::text(StatusCode::OK, &metrics(&db, &pool))))
}

fn metrics(db: &Database, pool: &HashPool) -> String {
    let (hashes, batches) = (pool.stats(), db.stats());
    let rows = [
        ("tessera_hash_queued", "gauge", "Password hashes that wait for a thread.", as_f64(hashes.queued)),
        ("tessera_hash_running", "gauge", "Password hashes being computed.", as_f64(hashes.running)),
        (
            "tessera_hash_shed_total",
            "counter",
            "Password hashes refused because the wait was too long.",
            as_f64(hashes.shed),
        ),
        ("tessera_db_commits_total", "counter", "Transactions committed.", as_f64(batches.commits)),
        ("tessera_db_batches_total", "counter", "Batches written in them.", as_f64(batches.batches)),
    ];
    rows.iter().fold(String::new(), |mut text, (name, kind, help, value)| {
        _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n");
        text
    })
}

#[expect(
    clippy::cast_precision_loss,
    clippy::as_conversions,
    reason = "a metric is a float; these stay far below 2^53"
)]
fn as_f64(number: impl TryInto<u64>) -> f64 {
    number.try_into().unwrap_or(u64::MAX) as f64
}
