//! Statements with many rows of values.

use db::{Statement, Value};

/// The most rows of one statement: more would not be faster, and every number of rows is prepared on its own.
const AT_ONCE: usize = 64;

/// So many parameters from that number on, as in a list of values.
pub(crate) fn numbered(from: usize, count: usize) -> String {
    (from..from + count).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ")
}

/// Statements that insert these rows: `into` goes before the values, `then` behind them. With a guard none of the rows
/// may be left out.
pub(crate) fn inserts(
    rows: Vec<Vec<Value>>,
    into: &str,
    then: &str,
    guard: Option<&'static str>,
) -> Vec<Statement> {
    let mut statements = Vec::new();
    let mut rest = rows.into_iter();
    while let Some(largest) = rest.len().checked_ilog2() {
        // Powers of two, so that few texts have to be prepared.
        let count = AT_ONCE.min(1 << largest);
        let mut sql = into.to_owned();
        let mut parameters = Vec::new();
        for row in rest.by_ref().take(count) {
            let before = if parameters.is_empty() { "(" } else { ", (" };
            sql.extend([before, &numbered(parameters.len() + 1, row.len()), ")"]);
            parameters.extend(row);
        }
        sql.push_str(then);
        let statement = Statement::new(sql, parameters);
        let touched = u64::try_from(count).unwrap_or(u64::MAX);
        statements.push(match guard {
            Some(guard) => statement.touching(touched, guard),
            None => statement,
        });
    }
    statements
}
