//! What holds a row of docs/advisories.md or docs/asvs.md: tests, or a reason why there are none.

/// What a row may say instead of a test.
const INSTEAD: [&str; 4] = ["by construction", "not applicable", "operator", "not held"];

/// A row of a table.
#[derive(Debug)]
pub struct Row<'a> {
    /// What it is about.
    pub id: &'a str,
    /// What holds it.
    pub held: Held<'a>,
}

/// What holds a row.
#[derive(Debug, PartialEq, Eq)]
pub enum Held<'a> {
    /// Tests, each as `file::test`.
    Tests(Vec<&'a str>),
    /// What else, in the words before the colon.
    Otherwise(&'static str),
    /// Nothing that could be read: the text that is there.
    Nothing(&'a str),
}

/// Every row of every table of a document, without heads and rules.
pub fn rows(document: &str) -> Vec<Row<'_>> {
    let lines: Vec<&str> = document.lines().collect();
    let is_head = |place: usize| lines.get(place + 1).is_some_and(|next| next.starts_with("|---"));
    let rows = lines.iter().enumerate().filter(|(place, line)| line.starts_with("| ") && !is_head(*place));
    rows.map(|(_, line)| {
        let mut cells = line.trim_matches('|').split('|').map(str::trim);
        let id = cells.next().unwrap_or_default();
        Row { id, held: held(cells.next_back().unwrap_or_default()) }
    })
    .collect()
}

fn held(cell: &str) -> Held<'_> {
    let said = |words: &&'static str| cell.strip_prefix(words).is_some_and(|rest| rest.starts_with(": "));
    if let Some(words) = INSTEAD.into_iter().find(said) {
        return Held::Otherwise(words);
    }
    let cited: Vec<&str> = cell.split('`').skip(1).step_by(2).filter(|one| one.contains("::")).collect();
    if cited.is_empty() { Held::Nothing(cell) } else { Held::Tests(cited) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_held_by_tests_or_by_a_reason_or_by_nothing() {
        let document = "# T\n\n| id | here |\n|---|---|\n| A | `a/b::c`, `d::e` and `f` |\n\
                        | B | what | operator: in front |\n| C | perhaps |\n";
        let rows = rows(document);
        assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), ["A", "B", "C"]);
        assert_eq!(rows[0].held, Held::Tests(vec!["a/b::c", "d::e"]));
        assert_eq!(rows[1].held, Held::Otherwise("operator"));
        assert_eq!(rows[2].held, Held::Nothing("perhaps"));
    }
}
