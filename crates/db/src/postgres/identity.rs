//! Generated numbers after rows that brought their own.

use crate::{Fault, Statement, params};

/// A statement after which generated values come after every one that is stored or was ever generated.
pub(super) fn after_the_largest(table: &str, column: &str) -> Result<Statement, Fault> {
    let plain =
        |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if !plain(table) || !plain(column) {
        return Err(Fault::broken("a table or column has an odd name"));
    }
    let sql = format!(
        "select setval(number.generator, number.top) from (select \
         pg_get_serial_sequence('{table}', '{column}') as generator, \
         greatest((select max({column}) from {table}), \
         pg_sequence_last_value(cast(pg_get_serial_sequence('{table}', '{column}') as regclass))) as top) number \
         where number.top is not null"
    );
    Ok(Statement::new(sql, params![]))
}
