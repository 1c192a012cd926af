//! Splits SQL text into tokens, just far enough to tell words from quoted text and comments.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A keyword, a bare identifier, a number or a parameter.
    Word,
    /// A quoted identifier or string, with its quotes.
    Quoted,
    /// White space or a comment.
    Blank,
    /// Any other single character.
    Symbol,
}

/// A piece of the text. All tokens together are the whole text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) kind: Kind,
    pub(crate) text: &'a str,
}

impl Token<'_> {
    /// Whether this is the given keyword, in any case.
    pub(crate) fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// Whether this is the given punctuation.
    pub(crate) fn is_symbol(&self, symbol: &str) -> bool {
        self.kind == Kind::Symbol && self.text == symbol
    }
}

/// Iterates over the tokens of a text. Text that never closes its quote or comment is one token to the end.
pub(crate) struct Tokens<'a> {
    rest: &'a str,
}

/// The tokens of `sql`.
pub(crate) fn tokens(sql: &str) -> Tokens<'_> {
    Tokens { rest: sql }
}

/// Words that begin or end a transaction. Inside a batch they would commit half of it; outside of one they
/// would hold an old view of the database for ever.
const TRANSACTION_WORDS: [&str; 8] =
    ["begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release"];

/// Whether a statement would begin or end a transaction, or a part of one.
pub(crate) fn controls_transaction(sql: &str) -> bool {
    first_word(sql)
        .is_some_and(|word| TRANSACTION_WORDS.iter().any(|refused| word.eq_ignore_ascii_case(refused)))
}

/// Whether there is no statement at all.
pub(crate) fn is_blank(sql: &str) -> bool {
    tokens(sql).all(|token| token.kind == Kind::Blank || token.is_symbol(";"))
}

/// The first keyword of a statement, after blanks and stray semicolons.
pub(crate) fn first_word(sql: &str) -> Option<&str> {
    let mut significant = tokens(sql).filter(|token| token.kind != Kind::Blank && !token.is_symbol(";"));
    significant.next().filter(|token| token.kind == Kind::Word).map(|token| token.text)
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let first = self.rest.chars().next()?;
        let (kind, length) = match first {
            '\'' | '"' => (Kind::Quoted, quoted(self.rest, first)),
            _ if self.rest.starts_with("--") => (Kind::Blank, through(self.rest, 2, "\n")),
            _ if self.rest.starts_with("/*") => (Kind::Blank, through(self.rest, 2, "*/")),
            _ if is_space(first) => (Kind::Blank, while_all(self.rest, is_space)),
            _ if is_word(first) => (Kind::Word, while_all(self.rest, is_word)),
            _ => (Kind::Symbol, first.len_utf8()),
        };
        let (text, rest) = self.rest.split_at(length);
        self.rest = rest;
        Some(Token { kind, text })
    }
}

/// White space as both engines count it. Only ASCII: to them U+00A0 is a letter. SQLite also skips a
/// byte order mark in front of a statement.
fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c' | '\u{feff}')
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '$') || !character.is_ascii()
}

fn while_all(text: &str, belongs: fn(char) -> bool) -> usize {
    text.find(|character| !belongs(character)).unwrap_or(text.len())
}

/// The length through the first `end` after `skip` bytes.
fn through(text: &str, skip: usize, end: &str) -> usize {
    text[skip..].find(end).map_or(text.len(), |at| skip + at + end.len())
}

/// The length of quoted text; a doubled quote inside stands for itself.
fn quoted(text: &str, quote: char) -> usize {
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character == quote && characters.next_if(|(_, next)| *next == quote).is_none() {
            return at + 1;
        }
    }
    text.len()
}
