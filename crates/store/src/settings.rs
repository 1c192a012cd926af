//! Settings that administrators change while the server runs.

use db::{Database, Fault, Statement, params};
use model::Realm;

/// The value of a setting; none if it was never set.
///
/// # Errors
/// [`Fault`] if the database does not answer.
pub async fn get(db: &Database, realm: &Realm, name: &str) -> Result<Option<String>, Fault> {
    let sql = "select value from setting where realm = $1 and name = $2";
    let rows = db.query(Statement::new(sql, params![realm.as_str(), name])).await?;
    rows.first().map(|row| row.text(0)).transpose()
}

/// Sets it.
#[must_use]
pub fn put(realm: &Realm, name: &str, value: &str) -> Statement {
    Statement::new(
        "insert into setting (realm, name, value) values ($1, $2, $3) \
         on conflict (realm, name) do update set value = excluded.value",
        params![realm.as_str(), name, value],
    )
}
