//! What the previous release asked of the database still works on the schema of this one.
//!
//! While nodes are replaced one by one, those of the previous version go on beside those of this one, whose
//! migrations have been applied. `previous.txt` holds every statement of the previous release, as its own tests
//! ran them; here they run once more, in the same order, on the new schema. Right after a release the file is
//! made anew: `WRITE_STATEMENTS=1 cargo test -p store every_public_function`.

use std::path::PathBuf;

use db::{Batch, Statement, Value, WriteError};
use serde_json::{Value as Json, json};

use crate::{Bench, engines};

/// What runs, one line of JSON for each batch or query.
#[derive(Default)]
pub(crate) struct Record(Vec<Json>);

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/statements/previous.txt")
}

impl Record {
    /// Notes a batch with everything in it.
    pub(crate) fn batch(&mut self, name: &str, batch: &Batch) {
        let statements: Vec<Json> = batch
            .clone()
            .into_iter()
            .map(|statement| {
                let params: Vec<Json> = statement.params().iter().map(written).collect();
                json!([statement.sql(), params, statement.must_touch()])
            })
            .collect();
        self.0.push(json!({ "name": name, "batch": statements }));
    }

    /// Notes a query by what a database without tables said of it. What it was asked with does not matter.
    pub(crate) fn query(&mut self, name: &str, refused: &str) {
        let (_, sql) = refused.split_once(", in: ").unwrap_or_else(|| panic!("{name}: {refused}"));
        let line = json!({ "name": name, "query": sql });
        if !self.0.contains(&line) {
            self.0.push(line);
        }
    }

    /// Writes the file if the environment asks for it.
    pub(crate) fn write_if_asked(&self) {
        if std::env::var_os("WRITE_STATEMENTS").is_some() {
            let lines: Vec<String> = self.0.iter().map(|line| format!("{line}\n")).collect();
            std::fs::write(file(), lines.concat()).unwrap();
        }
    }
}

fn written(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => json!(value),
        Value::Int(value) => json!(value),
        Value::Text(value) => json!(value),
        Value::Bytes(value) => json!({ "bytes": value }),
    }
}

fn read(value: &Json) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Bool(value) => (*value).into(),
        Json::Number(value) => value.as_i64().unwrap().into(),
        Json::String(value) => value.into(),
        other => {
            let bytes = other["bytes"].as_array().unwrap();
            bytes.iter().map(|byte| u8::try_from(byte.as_u64().unwrap()).unwrap()).collect::<Vec<_>>().into()
        }
    }
}

fn statement(line: &Json) -> Statement {
    let sql = line[0].as_str().unwrap().to_owned();
    let statement = Statement::new(sql, line[1].as_array().unwrap().iter().map(read).collect());
    match line[2].as_u64() {
        Some(rows) => statement.touching(rows, "as it was"),
        None => statement,
    }
}

/// A query with nothing for its parameters, but for a limit, which must be a number.
fn query(sql: &str) -> Statement {
    let count = (1..).take_while(|number| sql.contains(&format!("${number}"))).count();
    let is_limit = |number: usize| sql.contains(&format!("limit ${number}"));
    let params = (1..=count).map(|number| if is_limit(number) { 1.into() } else { Value::Null }).collect();
    Statement::new(sql.to_owned(), params)
}

engines! {
    async fn every_statement_of_the_previous_release_works_on_this_schema(bench: Bench) {
        let text = std::fs::read_to_string(file()).unwrap();
        for line in text.lines() {
            let line: Json = serde_json::from_str(line).unwrap();
            let name = line["name"].as_str().unwrap();
            match line["query"].as_str() {
                Some(sql) => _ = bench.db.query(query(sql)).await.unwrap_or_else(|fault| panic!("{name}: {fault}")),
                None => {
                    let batch: Batch = line["batch"].as_array().unwrap().iter().map(statement).collect();
                    match bench.db.write(batch).await {
                        Ok(_) | Err(WriteError::Guard(_)) => {}
                        Err(WriteError::Fault(fault)) => panic!("{name}: {fault}"),
                    }
                }
            }
        }
        assert!(text.lines().count() > 100, "the list is not what it was");
        crate::search::catches_up(&bench).await;
    }
}
