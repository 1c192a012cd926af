//! Which parameter goes to which place of a statement.
//!
//! SQLite gives parameters places by their first appearance, whatever number is in their name, and goes through all
//! of them to tell the name of one. So what was found for a text is remembered.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use rusqlite::Statement;

/// Texts that are remembered; of more than these all are forgotten. There are hardly more in a program.
const REMEMBERED: usize = 256;

thread_local! {
    static KNOWN: RefCell<HashMap<Box<str>, Rc<[usize]>>> = RefCell::default();
}

/// For each place from the first on, the index of its parameter: 0 for `$1`. None if the parameters are not `$1` to
/// their count.
pub(super) fn of(prepared: &Statement<'_>, sql: &str) -> Option<Rc<[usize]>> {
    KNOWN.with_borrow_mut(|known| {
        if let Some(order) = known.get(sql) {
            return Some(Rc::clone(order));
        }
        let count = prepared.parameter_count();
        let index = |place| Some(parameter_number(prepared.parameter_name(place)?)? - 1);
        // Names are unique, so if each is a number up to the count, every parameter is there.
        let order: Option<Rc<[usize]>> =
            (1..=count).map(|place| index(place).filter(|index| *index < count)).collect();
        let order = order?;
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(sql.into(), Rc::clone(&order));
        Some(order)
    })
}

/// The N of `$N`: a number from 1, without leading zeros.
fn parameter_number(name: &str) -> Option<usize> {
    let digits = name.strip_prefix('$')?;
    if digits.starts_with('0') || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_has_the_same_order_every_time() {
        let connection = rusqlite::Connection::open_in_memory().expect("memory");
        for (sql, expected) in [
            ("select 1", Some(&[][..])),
            ("select $1, $2", Some(&[0, 1])),
            ("select $2, '$9', $3, $1, $2", Some(&[1, 2, 0])),
            ("select $1, $3", None),
            ("select $0, $1", None),
            ("select $01", None),
            ("select $a", None),
            ("select ?1", None),
        ] {
            let prepared = connection.prepare(sql).expect("it can be read");
            for _ in 0..2 {
                assert_eq!(of(&prepared, sql).as_deref(), expected, "{sql}");
            }
        }
    }

    #[test]
    fn no_more_texts_than_said_are_remembered() {
        let connection = rusqlite::Connection::open_in_memory().expect("memory");
        for number in 0..2 * REMEMBERED {
            let sql = format!("select $1 + {number}");
            let prepared = connection.prepare(&sql).expect("it can be read");
            assert_eq!(of(&prepared, &sql).as_deref(), Some(&[0][..]));
        }
        assert!(KNOWN.with_borrow(HashMap::len) <= REMEMBERED);
    }
}
