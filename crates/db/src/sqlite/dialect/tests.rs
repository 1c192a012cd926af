use super::translate;

#[track_caller]
fn becomes(sql: &str, wanted: &str) {
    assert_eq!(translate(sql).as_deref(), Ok(wanted));
}

#[test]
fn types_are_mapped_in_the_place_of_a_type_only() {
    becomes(
        "create table t (id text primary key, at bigint not null, on_ boolean default false, raw bytea)",
        "create table t (id text primary key, at integer not null, on_ integer default false, raw blob) strict",
    );
    // Names, strings and comments that look like types stay.
    becomes(
        r#"create table bigint (bytea bigint, "boolean" boolean check ("boolean" <> 'bytea'), x text /* bigint */)"#,
        r#"create table bigint (bytea integer, "boolean" integer check ("boolean" <> 'bytea'), x text /* bigint */) strict"#,
    );
}

#[test]
fn words_in_any_case_and_layout() {
    becomes("CREATE TABLE T (A BIGINT,B BYTEA)", "CREATE TABLE T (A integer,B blob) strict");
    becomes(
        "-- people\ncreate table if not exists t (\n  a bigint, -- (bytea\n  b boolean\n);\n",
        "-- people\ncreate table if not exists t (\n  a integer, -- (bytea\n  b integer\n) strict;\n",
    );
    becomes("create temp table t (a bigint)", "create temp table t (a integer) strict");
}

#[test]
fn identity_becomes_autoincrement() {
    becomes(
        "create table e (seq bigint generated always as identity primary key, at bigint)",
        "create table e (seq integer primary key autoincrement, at integer) strict",
    );
    assert!(translate("create table e (seq bigint generated always as identity, at bigint)").is_err());
}

#[test]
fn constraints_and_nested_commas_are_no_columns() {
    becomes(
        "create table t (a bigint check (a in (1, 2)), primary key (a, b), foreign key (a) references u (bytea, x), \
         unique (a, b), check (a > 0), constraint c check (cast(a as bigint) > 0))",
        "create table t (a integer check (a in (1, 2)), primary key (a, b), foreign key (a) references u (bytea, x), \
         unique (a, b), check (a > 0), constraint c check (cast(a as bigint) > 0)) strict",
    );
}

#[test]
fn a_table_that_is_its_key_is_kept_once() {
    becomes(
        "create table t (a bigint not null, b bytea not null, primary key (a, b))",
        "create table t (a integer not null, b blob not null, primary key (a, b)) strict, without rowid",
    );
    becomes(
        "create table t (a text, primary key (a))",
        "create table t (a text, primary key (a)) strict, without rowid",
    );
    for more in [
        "create table t (a text, b text, primary key (a))",
        "create table t (a text, primary key (a), b text, c text, unique (a, b, c))",
        "create table t (a text primary key)",
        "create table t (a text, b text, unique (a, b))",
    ] {
        becomes(more, &format!("{more} strict"));
    }
}

#[test]
fn columns_are_added_with_their_type() {
    becomes(
        "alter table t add column b boolean not null default false",
        "alter table t add column b integer not null default false",
    );
    becomes("alter table \"a b\" add c bytea", "alter table \"a b\" add c blob");
    becomes("alter table t rename column bigint to bytea", "alter table t rename column bigint to bytea");
    becomes("alter table t drop column bytea", "alter table t drop column bytea");
}

#[test]
fn other_statements_pass_unchanged() {
    for sql in [
        "create index i on t (bigint)",
        "create unique index i on t (a) where b = 'bytea'",
        "insert into t values ('create table x (a bigint)')",
        "select \"it''s\"",
        "",
        "  -- nothing",
        "'never closed",
        "é bigint",
    ] {
        becomes(sql, sql);
    }
}

#[test]
fn types_outside_the_dialect_are_refused() {
    for sql in [
        "create table t (a varchar(20))",
        "create table t (a integer)",
        "create table t (a)",
        "create table t ()",
        "create table t (a bigint",
        "create table t as select 1",
        "create table",
        "alter table t add column a timestamptz",
        "alter table t add column",
        "create table t (a bigint, /*",
        "create table t (a '",
    ] {
        assert!(translate(sql).is_err(), "{sql}");
    }
}

#[test]
fn quotes_and_comments_hide_parentheses() {
    becomes(
        "create table t (a text default 'it''s ) (', \"b\"\") bytea\" bigint)",
        "create table t (a text default 'it''s ) (', \"b\"\") bytea\" integer) strict",
    );
}
