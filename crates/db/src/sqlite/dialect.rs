//! Turns PostgreSQL's words for tables into SQLite's.
//!
//! Only `create table` and `alter table .. add` are touched, and in them only the words in the place of a
//! column's type; every table becomes `strict`, so that a wrong type is refused as PostgreSQL does. A table whose
//! every column is in its primary key is kept as that key's tree alone (`without rowid`), and not a second time beside it.

use crate::lexer::{Kind, Token, tokens};

#[cfg(test)]
mod tests;

/// The statement in SQLite's words, or what about it has no equal there.
pub(crate) fn translate(sql: &str) -> Result<String, String> {
    let tokens: Vec<Token<'_>> = tokens(sql).collect();
    let words: Vec<usize> = (0..tokens.len()).filter(|at| tokens[*at].kind != Kind::Blank).collect();
    let mut ddl =
        Ddl { tokens, words, at: 0, columns: 0, in_key: 0, out: String::with_capacity(sql.len() + 16) };
    if ddl.starts_with(&["create", "table"])
        || ddl.starts_with(&["create", "temp", "table"])
        || ddl.starts_with(&["create", "temporary", "table"])
    {
        ddl.create_table()?;
    } else if ddl.starts_with(&["alter", "table"]) {
        ddl.alter_table()?;
    }
    ddl.copy_rest();
    Ok(ddl.out)
}

/// A statement being rewritten from left to right.
struct Ddl<'a> {
    tokens: Vec<Token<'a>>,
    /// The positions in `tokens` of all that is not blank.
    words: Vec<usize>,
    /// The position in `tokens` up to which `out` is written.
    at: usize,
    /// How many columns the table has, and how many of them the constraint `primary key (..)` names.
    columns: usize,
    in_key: usize,
    out: String,
}

impl<'a> Ddl<'a> {
    /// The non-blank token `ahead` of the ones already written.
    fn peek(&self, ahead: usize) -> Option<Token<'a>> {
        let first = self.words.partition_point(|position| *position < self.at);
        self.words.get(first + ahead).map(|position| self.tokens[*position])
    }

    fn starts_with(&self, keywords: &[&str]) -> bool {
        keywords
            .iter()
            .enumerate()
            .all(|(ahead, keyword)| self.peek(ahead).is_some_and(|token| token.is_word(keyword)))
    }

    /// Writes blanks as they are, up to the next other token.
    fn copy_blanks(&mut self) {
        while let Some(token) = self.tokens.get(self.at).filter(|token| token.kind == Kind::Blank) {
            self.out.push_str(token.text);
            self.at += 1;
        }
    }

    /// Writes the next non-blank token, and the blanks before it, as they are.
    fn copy(&mut self) -> Option<Token<'a>> {
        self.copy_blanks();
        let token = *self.tokens.get(self.at)?;
        self.out.push_str(token.text);
        self.at += 1;
        Some(token)
    }

    fn copy_rest(&mut self) {
        while self.copy().is_some() {}
    }

    /// Writes `instead` in the place of the next `count` non-blank tokens.
    fn replace(&mut self, count: usize, instead: &str) {
        self.copy_blanks();
        let first = self.words.partition_point(|position| *position < self.at);
        self.out.push_str(instead);
        self.at = self.words.get(first + count).copied().unwrap_or(self.tokens.len());
        // The blank that separated the replaced words from the next one.
        if self.at < self.tokens.len() && self.tokens[self.at - 1].kind == Kind::Blank {
            self.at -= 1;
        }
    }

    /// `create table .. ( element, .. )`: each element at the outer level is a column or a constraint.
    fn create_table(&mut self) -> Result<(), String> {
        while let Some(token) = self.copy() {
            if token.is_symbol("(") {
                break;
            }
        }
        let mut depth = 1;
        self.element()?;
        while let Some(token) = self.copy() {
            match token.text {
                "(" => depth += 1,
                ")" => depth -= 1,
                "," if depth == 1 => self.element()?,
                _ => {}
            }
            if depth == 0 {
                let key_is_all = self.in_key == self.columns;
                self.out.push_str(if key_is_all { " strict, without rowid" } else { " strict" });
                return Ok(());
            }
        }
        Err("a create table without its column list".to_owned())
    }

    /// `alter table NAME add [column] NAME TYPE ..`; every other form passes unchanged.
    fn alter_table(&mut self) -> Result<(), String> {
        self.replace(2, "alter table");
        self.copy();
        while self.peek(0).is_some_and(|token| token.is_symbol(".")) {
            self.copy();
            self.copy();
        }
        if !self.starts_with(&["add"]) {
            return Ok(());
        }
        self.copy();
        if self.starts_with(&["column"]) {
            self.copy();
        }
        self.element()
    }

    /// The beginning of a table element: for a column its name, kept, and its type, translated.
    fn element(&mut self) -> Result<(), String> {
        const CONSTRAINTS: [&str; 5] = ["constraint", "primary", "unique", "foreign", "check"];
        if self.starts_with(&["primary", "key"]) {
            let names = (3..).step_by(2);
            let more = |at: &usize| self.peek(at + 1).is_some_and(|token| token.is_symbol(","));
            self.in_key = 1 + names.take_while(more).count();
        }
        if CONSTRAINTS.iter().any(|word| self.starts_with(&[word])) {
            return Ok(());
        }
        self.columns += 1;
        self.copy();
        self.column_type()
    }

    fn column_type(&mut self) -> Result<(), String> {
        const IDENTITY: [&str; 7] = ["bigint", "generated", "always", "as", "identity", "primary", "key"];
        if self.starts_with(&IDENTITY) {
            self.replace(IDENTITY.len(), "integer primary key autoincrement");
        } else if self.starts_with(&["bigint", "generated"]) {
            return Err("`bigint generated` must go on as `always as identity primary key`".to_owned());
        } else if self.starts_with(&["bigint"]) || self.starts_with(&["boolean"]) {
            self.replace(1, "integer");
        } else if self.starts_with(&["bytea"]) {
            self.replace(1, "blob");
        } else if !self.starts_with(&["text"]) {
            let found = self.peek(0).map_or("nothing", |token| token.text);
            return Err(format!("a column's type must be text, bigint, boolean or bytea, not {found}"));
        }
        Ok(())
    }
}
