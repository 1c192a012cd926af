//! Reading the store's own sources.

use std::collections::BTreeSet;
use std::path::Path;

/// The modules with their text, without the tests in them.
pub(crate) fn modules() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut modules: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap().to_owned();
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), text)
        })
        .collect();
    modules.sort();
    assert!(modules.len() > 8, "the sources are not where they were");
    modules
}

/// `module::function` for every public function.
pub(crate) fn public_functions() -> BTreeSet<String> {
    let mut functions = BTreeSet::new();
    for (module, text) in modules() {
        for line in text.lines().map(str::trim) {
            let Some(rest) = line.strip_prefix("pub ") else { continue };
            let rest =
                ["const ", "async "].iter().fold(rest, |rest, word| rest.strip_prefix(word).unwrap_or(rest));
            if let Some(rest) = rest.strip_prefix("fn ") {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap();
                functions.insert(format!("{module}::{}", &rest[..end]));
            }
        }
    }
    functions
}

/// Every string literal of a source text, as the program has it. Literals that `concat!` joins stay apart.
pub(crate) fn literals(text: &str) -> Vec<String> {
    let mut literals = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '/' if rest.peek() == Some(&'/') => while rest.next().is_some_and(|c| c != '\n') {},
            '\'' => {
                // A character, or a lifetime: only the former ends soon.
                let ahead: String = rest.clone().take(3).collect();
                let length = if ahead.starts_with('\\') {
                    3
                } else if ahead.chars().nth(1) == Some('\'') {
                    2
                } else {
                    0
                };
                (0..length).for_each(|_| _ = rest.next());
            }
            '"' => literals.push(literal(&mut rest)),
            _ => {}
        }
    }
    literals
}

fn literal(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let mut literal = String::new();
    loop {
        match rest.next().unwrap_or_else(|| panic!("a literal that does not end: {literal}")) {
            '"' => return literal,
            '\\' => match rest.next().unwrap() {
                '\n' => while rest.next_if(|c| c.is_whitespace()).is_some() {},
                escaped => literal.push(escaped),
            },
            character => literal.push(character),
        }
    }
}

#[test]
fn literals_are_found_whole() {
    let text = "// \"no\"\nlet a: &'static str = \"one \\\n     two\"; let q = '\"'; f(\"it's \\\"x\\\"\", '\\'', \"\")";
    assert_eq!(literals(text), ["one two", "it's \"x\"", ""]);
}
