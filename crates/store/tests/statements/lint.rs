//! SQL that the engines would understand differently is not written.

use crate::source::{literals, modules};

/// Words that only one engine knows, or that mean something else on another.
const WORDS: &[&str] = &[
    "now",
    "current_timestamp",
    "datetime",
    "date",
    "strftime",
    "julianday",
    "interval",
    "extract",
    "ilike",
    "like",
    "glob",
    "similar",
    "lower",
    "upper",
    "collate",
    "nocase",
    "strict",
    "rowid",
    "autoincrement",
    "serial",
    "bigserial",
    "pragma",
    "vacuum",
    "attach",
    "begin",
    "commit",
    "rollback",
    "savepoint",
    "lock",
    "skip",
    "any",
    "array",
    "unnest",
    "json",
    "jsonb",
    "json_extract",
    "greatest",
    "least",
    "ifnull",
    "iif",
    "nvl",
    "random",
    "gen_random_uuid",
    "changes",
    "last_insert_rowid",
    "replace",
    "ignore",
    "sum",
    "avg",
    "total",
    "varchar",
    "char",
    "integer",
    "int",
    "smallint",
    "blob",
    "real",
    "double",
    "numeric",
    "timestamp",
    "timestamptz",
    "uuid",
    "typeof",
    "printf",
    "instr",
    "strpos",
    "sqlite_master",
    "pg_catalog",
    "information_schema",
    "using",
    "ctid",
    "xmin",
    "merge",
];

/// Signs and phrases likewise.
const PHRASES: &[&str] = &[
    "::",
    "->",
    "returning *",
    "select *",
    "for update",
    "for share",
    "?",
    "\"",
    "`",
    "[",
    "insert or",
    "select exists",
    "alter column",
    "add constraint",
    "||",
    " / ",
    " % ",
    "==",
    "!=",
    "--",
    "/*",
    " = true",
    " = false",
];

/// What visible lists may be sorted by: times, numbers, ids, and bytes. A whole table is gone through by its
/// key, in whatever order its database has.
const SORTED_BY: &[&str] = &[
    "created_at",
    "account.created_at",
    "id",
    "account.id",
    "sequence",
    "at",
    "expires_at",
    "number",
    "next_attempt_at",
    "digest",
    "suffix",
    "{key}",
];

/// Why a piece of SQL is not the same on every engine; none if it is.
fn trouble(sql: &str) -> Option<String> {
    // The one form of it that all engines understand alike, as long as the column holds folded text.
    let sql =
        sql.to_lowercase().replace("_key like $2 escape '!'", "").replace("profile like $4 escape '!'", "");
    let words: Vec<_> = sql.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    if let Some(word) = words.iter().find(|word| WORDS.contains(word)) {
        return Some(format!("the word {word}"));
    }
    if let Some(phrase) = PHRASES.iter().find(|phrase| sql.contains(*phrase)) {
        return Some(format!("the phrase {phrase}"));
    }
    for function in ["max(", "min("] {
        let arguments = sql.split(function).nth(1).and_then(|rest| rest.split(')').next());
        if arguments.is_some_and(|arguments| arguments.contains(',')) {
            return Some(format!("{function} of two"));
        }
    }
    untyped_arithmetic(&sql).or_else(|| unsorted(&sql))
}

/// Two parameters, or a parameter and a number, have no type from which PostgreSQL could tell what `+` is;
/// a `cast` gives them one.
fn untyped_arithmetic(sql: &str) -> Option<String> {
    let tokens: Vec<_> = sql.split([' ', ',', '(', ')']).filter(|token| !token.is_empty()).collect();
    let untyped = |token: &str| token.starts_with('$') || token.starts_with(|c: char| c.is_ascii_digit());
    let found = tokens
        .windows(3)
        .find(|three| ["+", "-", "*"].contains(&three[1]) && untyped(three[0]) && untyped(three[2]));
    found.map(|three| format!("arithmetic without a type: {}", three.join(" ")))
}

fn unsorted(sql: &str) -> Option<String> {
    let order = sql.split("order by ").nth(1)?;
    let order = order.split(" limit").next()?.split(')').next()?;
    let columns = order.split(',').map(|column| column.split_whitespace().next().unwrap_or_default());
    columns
        .map(str::to_owned)
        .find(|column| !SORTED_BY.contains(&column.as_str()))
        .map(|column| format!("sorting by {column}"))
}

#[test]
fn no_statement_means_two_things() {
    let mut seen = 0;
    for (module, text) in modules() {
        let raw = [" r\"", "(r\"", "r#\""].into_iter().find(|raw| text.contains(raw));
        assert_eq!(raw, None, "{module}: raw literals are not looked into");
        for literal in literals(&text) {
            seen += 1;
            // The one place where ids are given by the database; `db` translates these words.
            let sql = literal.replace("bigint generated always as identity primary key", "");
            assert_eq!(trouble(&sql), None, "{module}: {literal}");
        }
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn every_statement_names_its_parameters_from_one_on() {
    for (module, text) in modules() {
        for literal in
            literals(&text).iter().filter(|literal| literal.contains('$') && !literal.starts_with('$'))
        {
            let mut numbers: Vec<u32> = literal
                .split('$')
                .skip(1)
                .map(|rest| {
                    rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
                })
                .collect();
            numbers.sort_unstable();
            numbers.dedup();
            assert_eq!(numbers, (1..=numbers.len() as u32).collect::<Vec<_>>(), "{module}: {literal}");
        }
    }
}

#[test]
fn the_lint_finds_what_it_looks_for() {
    for bad in [
        "select now()",
        "a ilike $1",
        "x::text",
        "select a from b where c like $1",
        "select a from b where username like $2 escape '!'",
        "select a from b where username_key like $2",
        "create table t (id text) strict",
        "update t set a = $1 returning *",
        "select max(a, b) from t",
        "values ($1, $2 + $3)",
        "where generation = $2 - 1",
        "select a from t order by username limit $1",
        "select \"a\" from t",
        "for update skip locked",
        "a = any($1)",
        "insert or ignore into t",
        "lower(name) = $1",
        "set at = current_timestamp",
        "a -> 'b'",
    ] {
        assert!(trouble(bad).is_some(), "{bad}");
    }
    for good in [
        "username_key like $2 escape '!' order by created_at, id",
        "update t set a = a - $2 where id = $1",
        "cast($2 as bigint) + cast($3 as bigint)",
        "begin_at is not null",
        "select max(sequence) from event",
        "order by created_at desc, id desc limit $1",
        "on conflict do nothing",
        "(created_at, id) > ($2, $3) order by created_at, id limit $4",
    ] {
        assert_eq!(trouble(good), None, "{good}");
    }
}

/// Servers that are older than a schema look at the names of its steps to know whether they can go on.
#[test]
fn a_step_that_takes_something_away_names_the_step_that_a_program_has_to_know() {
    let takes_away = |sql: &&str| {
        let words: Vec<_> = sql.split_whitespace().map(str::to_lowercase).collect();
        ["drop", "rename"].iter().any(|word| words.iter().any(|other| other == word))
    };
    assert!(
        takes_away(&"alter table account\n drop column name")
            && !takes_away(&"create table dropped (id text)")
    );
    for step in store::migrations::ALL {
        let says =
            step.name.strip_prefix("needs ").and_then(|rest| rest.split_once(':')?.0.parse::<i64>().ok());
        assert!(
            says.is_some_and(|needs| needs < step.version) || !step.sql.iter().any(takes_away),
            "step {} takes something away: \"needs N: ...\"",
            step.version
        );
    }
}
