//! Every table, whole, in the order of its key.

use std::collections::BTreeMap;

use db::{Batch, Database, DatabaseUrl, Options, Statement, Value};
use store::guard;
use store::transfer::{Kind, LEFT, LEFT_COLUMNS, TABLES, Values};

use crate::{Bench, engines, read, write};

pub(crate) async fn run(bench: &mut Bench) {
    assert!(read!(bench, transfer::inhabited()));
    assert_eq!(read!(bench, transfer::mark()), None);
    assert_eq!(write!(bench, transfer::begin("a")).err(), Some(guard::DATABASE_EMPTY));
    for table in TABLES {
        let rows = read!(bench, transfer::page(table, &[], 1));
        if let [row] = &rows[..] {
            let key = &row[..table.key];
            assert!(!read!(bench, transfer::page(table, key, 9)).contains(row), "{}", table.name);
        }
    }
    let rows = read!(bench, transfer::page(&TABLES[0], &[], 1));
    write!(bench, each of transfer::insert(&TABLES[0], &[])).unwrap();
    assert!(!rows.is_empty(), "a setting was made before");
    assert_eq!(write!(bench, transfer::go_on("a", "b")).err(), Some(guard::TRANSFER_UNCHANGED));
    assert_eq!(write!(bench, transfer::finish("a")).err(), Some(guard::TRANSFER_UNCHANGED));
}

/// A row like no other of its table; null where that may be, in every third row.
fn row(table: &store::transfer::Table, nullable: &[bool], number: i64) -> Values {
    let columns = table.columns.iter().zip(nullable);
    columns
        .map(|((name, kind), nullable)| match (kind, nullable) {
            (_, true) if number % 3 == 0 => Value::Null,
            // What is referred to must be there.
            (Kind::Text, _) if *name == "account_id" => format!("id-{}", 1 + number % 7).into(),
            (Kind::Text, _) => format!("{name}-{number}").into(),
            (Kind::Int, _) => number.into(),
            (Kind::Bool, _) => (number % 2 == 0).into(),
            (Kind::Bytes, _) => number.to_be_bytes().to_vec().into(),
        })
        .collect()
}

/// Every column of a schema that the migrations made: its kind, whether it may be null, its place in the key.
async fn schema() -> BTreeMap<String, Vec<(String, String, bool, i64)>> {
    let url = DatabaseUrl::parse("sqlite::memory:").unwrap();
    let db = Database::open(&url, Options::default()).await.unwrap();
    db.migrate(store::migrations::ALL, 1).await.unwrap();
    let sql = "select m.name, c.name, c.type, c.\"notnull\", c.pk from sqlite_schema m \
               join pragma_table_info(m.name) c where m.type = 'table' and m.name not like 'sqlite%'";
    let mut tables = BTreeMap::<String, Vec<_>>::new();
    for row in db.query(Statement::new(sql, vec![])).await.unwrap() {
        let (table, place) = (row.text(0).unwrap(), row.int(4).unwrap());
        let nullable = row.int(3).unwrap() == 0 && place == 0;
        tables.entry(table).or_default().push((row.text(1).unwrap(), row.text(2).unwrap(), nullable, place));
    }
    tables
}

#[tokio::test]
async fn the_list_of_tables_is_the_schema() {
    let mut there = schema().await;
    assert!(there.remove("schema_version").is_some(), "that one is the executor's");
    for name in LEFT {
        assert!(there.remove(*name).is_some(), "{name}");
    }
    for (table, column) in LEFT_COLUMNS {
        let columns = there.get_mut(*table).unwrap();
        let place = columns.iter().position(|(name, ..)| name == column);
        columns.remove(place.unwrap_or_else(|| panic!("{table}.{column} is not there")));
    }
    for table in TABLES {
        let columns = there.remove(table.name).unwrap_or_else(|| panic!("{} is not there", table.name));
        let key: Vec<_> = table.columns[..table.key].iter().map(|(name, _)| *name).collect();
        let mut expected: Vec<_> = columns.iter().filter(|column| column.3 > 0).collect();
        expected.sort_by_key(|column| column.3);
        assert_eq!(
            key,
            expected.iter().map(|column| column.0.as_str()).collect::<Vec<_>>(),
            "{}",
            table.name
        );
        let kind = |kind: Kind, declared: &str| match kind {
            Kind::Text => declared == "TEXT",
            Kind::Int | Kind::Bool => declared == "INTEGER",
            Kind::Bytes => declared == "BLOB",
        };
        for (name, declared, ..) in &columns {
            let listed = table.columns.iter().find(|(listed, _)| listed == name);
            let (_, listed) = listed.unwrap_or_else(|| panic!("{}.{name} would be lost", table.name));
            assert!(kind(*listed, &declared.to_uppercase()), "{}.{name} is {declared}", table.name);
        }
        assert_eq!(columns.len(), table.columns.len(), "{}", table.name);
    }
    assert_eq!(there.keys().collect::<Vec<_>>(), Vec::<&String>::new(), "these tables would be lost");
}

engines! {
    async fn rows_come_back_as_they_were_written_page_by_page(bench: Bench) {
        let schema = schema().await;
        for table in TABLES {
            let known = &schema[table.name];
            let nullable: Vec<bool> = table
                .columns
                .iter()
                .map(|(name, _)| known.iter().any(|column| column.0 == *name && column.2))
                .collect();
            let rows: Vec<Values> = (1..=200).map(|number| row(table, &nullable, number)).collect();
            let statements = store::transfer::insert(table, &rows);
            assert!(statements.len() < 10, "{}", statements.len());
            bench.db.write(statements.into_iter().collect::<Batch>()).await.unwrap();
            let mut found = Vec::new();
            loop {
                let after = found.last().map_or(vec![], |row: &Values| row[..table.key].to_vec());
                let page = store::transfer::page(&bench.db, table, &after, 7).await.unwrap();
                if page.is_empty() {
                    break;
                }
                found.extend(page);
            }
            assert_eq!(found.len(), rows.len(), "{}", table.name);
            assert!(rows.iter().all(|row| found.contains(row)), "{}", table.name);
            let again: Batch = store::transfer::insert(table, &rows[..1]).into_iter().collect();
            assert!(bench.db.write(again).await.is_err(), "{}: twice", table.name);
        }
        bench.db.continue_identity("event", "sequence").await.unwrap();
        let next = "insert into event (at, kind, realm, address, detail) values (1, 'a', 'b', 'c', 'd')";
        bench.db.write(Statement::new(next, vec![]).into()).await.unwrap();
        assert_eq!(bench.number("select max(sequence) from event").await, 201);
    }

    async fn a_mark_stands_in_an_empty_database_only_and_is_not_the_installations(bench: Bench) {
        use store::transfer::{begin, finish, go_on, inhabited, mark, page};
        assert!(!inhabited(&bench.db).await.unwrap());
        bench.db.write(begin("one").into()).await.unwrap();
        assert!(bench.db.write(begin("two").into()).await.is_err(), "another one");
        assert_eq!(mark(&bench.db).await.unwrap().as_deref(), Some("one"));
        assert!(bench.db.write(go_on("two", "three").into()).await.is_err(), "somebody else's");
        bench.db.write(go_on("one", "two").into()).await.unwrap();
        assert_eq!(page(&bench.db, &TABLES[0], &[], 9).await.unwrap(), Vec::<Values>::new());
        let after = [Value::from(""), Value::from("")];
        assert_eq!(page(&bench.db, &TABLES[0], &after, 9).await.unwrap(), Vec::<Values>::new());
        bench.db.write(finish("two").into()).await.unwrap();
        assert_eq!(mark(&bench.db).await.unwrap(), None);
    }
}
