//! Looks into the database file beside the server.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::Problem;

/// What `pragma integrity_check` finds in the database of a data folder; nothing if all is well.
pub(crate) fn damage(data: &Path) -> Result<Option<String>, Problem> {
    let path = data.join("tessera.db");
    let database = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let found: String = database.query_row("pragma integrity_check", [], |row| row.get(0))?;
    Ok((found != "ok").then(|| format!("the database is damaged: {found}")))
}
