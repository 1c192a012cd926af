//! Searches find the same before accounts are indexed and after, whatever happened to them.

use std::collections::BTreeSet;

use db::{Batch, Statement, WriteError, params};
use model::{Account, AccountId, OneTimeKind, Profile, Realm};
use store::search::Found;
use store::search_index::{self, SUFFIX_BYTES};
use store::{accounts, guard, one_time_tokens, profiles, search};

use crate::fixtures::{self, at};
use crate::{Bench, engines, read, write};

/// Nobody else's.
fn realm() -> Realm {
    Realm::new("searched")
}

fn account(name: &str) -> Account {
    Account { realm: realm(), ..fixtures::account(name) }
}

pub(crate) async fn run(bench: &mut Bench) {
    let mut all = Vec::new();
    let long = "x".repeat(SUFFIX_BYTES);
    let (long_a, long_b) = (format!("{long}a"), format!("{long}b"));
    let names =
        ["Zora", "zor_x", "zor%y", "zor!z", "Azorzor", "Straße", "\u{fb01}n", "o\u{308}", &long_a, &long_b];
    for (second, name) in (1..).zip(names) {
        let mut one = account(name);
        one.created_at = at(second);
        all.push(one);
    }
    for statement in pure_insert(bench, &all) {
        bench.db.write(statement.into()).await.unwrap();
    }
    let mut elsewhere = account("zora elsewhere");
    elsewhere.realm = Realm::new("other");
    write!(bench, accounts::insert(&elsewhere)).unwrap();
    let profile = Profile::from_json(&format!("{{\"melon\":{{\"friends\":[\"{}\"]}}}}", all[0].id));
    write!(bench, profiles::put(&all[1].id, all[1].version, &profile, at(9))).unwrap();
    for _ in 0..2 {
        by_part(bench, &long_a).await;
        about(bench, &all, &profile).await;
        let accounts = read!(bench, search_index::unindexed(None, 99));
        for (before, one) in (1..).zip(&accounts) {
            let place = Some((one.created_at, &one.account));
            let rest = read!(bench, search_index::unindexed(place, 99)).into_iter().map(|one| one.account);
            assert!(rest.eq(accounts.iter().skip(before).map(|one| one.account.clone())));
        }
        let last = read!(bench, search_index::last_number());
        write!(bench, each of search_index::put(&accounts, last)).unwrap();
        assert!(read!(bench, search_index::unindexed(None, 99)).is_empty());
        // Another process that read the same comes too late.
        let late = write!(bench, each of search_index::put(&accounts, last + 99)).err();
        assert_eq!(late, (!accounts.is_empty()).then_some(guard::INDEX_UNCHANGED));
    }
    profile_versions(bench, &all, &profile).await;
    for one in all.iter().chain([&elsewhere]) {
        crate::accounts::delete(bench, one).await;
    }
    assert_eq!(names_of(read!(bench, search::by_name(&realm(), "zor", 9))), Vec::<String>::new());
    let gone = read!(bench, search_index::gone(99));
    write!(bench, each of search_index::forget(&gone)).unwrap();
    assert_eq!(write!(bench, each of search_index::forget(&gone)).err(), Some(guard::INDEX_UNCHANGED));
    assert!(read!(bench, search_index::gone(99)).is_empty());
    assert_eq!(bench.number("select count(*) from name_suffix where realm = 'searched'").await, 0);
    assert_eq!(bench.number("select count(*) from mention").await, 0);
}

fn pure_insert(bench: &mut Bench, all: &[Account]) -> Vec<Statement> {
    bench.used.insert("accounts::insert_all");
    accounts::insert_all(&all.iter().collect::<Vec<_>>())
}

fn names_of(found: Vec<Found>) -> Vec<String> {
    found.into_iter().map(|(account, _)| account.username).collect()
}

async fn by_part(bench: &mut Bench, long: &str) {
    for (part, expected) in [
        ("ZOR", &["Zora", "zor_x", "zor%y", "zor!z", "Azorzor"][..]),
        ("zor_", &["zor_x"]),
        ("%", &["zor%y"]),
        ("!", &["zor!z"]),
        ("r!%", &[]),
        ("a", &["Zora", "Azorzor", "Straße", long]),
        ("SS", &["Straße"]),
        ("FIN", &["\u{fb01}n"]),
        ("Ö", &["o\u{308}"]),
        // A name in which part of the letter stands does not have it.
        ("\u{c3}", &[]),
        (long, &[long]),
        ("nobody", &[]),
    ] {
        assert_eq!(names_of(read!(bench, search::by_name(&realm(), part, 99))), expected, "{part}");
    }
    assert_eq!(read!(bench, search::by_name(&realm(), "", 99)).len(), 10);
    assert_eq!(names_of(read!(bench, search::by_name(&realm(), "", 2))), ["Zora", "zor_x"]);
    assert_eq!(read!(bench, search::by_name(&realm(), "zor", 2)).len(), 2);
    assert_eq!(names_of(read!(bench, search::by_name(&Realm::new("other"), "zor", 9))), ["zora elsewhere"]);
}

async fn about(bench: &mut Bench, all: &[Account], profile: &Profile) {
    let found = read!(bench, search::by_mention(&realm(), "zor", &all[0].id, 9));
    assert_eq!(&found[1].1, profile);
    assert_eq!(names_of(found), ["Zora", "zor_x"]);
    assert_eq!(names_of(read!(bench, search::by_mention(&realm(), "", &all[0].id, 9))), ["Zora", "zor_x"]);
    assert_eq!(names_of(read!(bench, search::by_mention(&realm(), "ORA", &all[0].id, 9))), ["Zora"]);
    assert_eq!(names_of(read!(bench, search::by_mention(&realm(), "", &all[1].id, 9))), ["zor_x"]);
    let nobody = AccountId::from_text("nobody");
    for (realm, id) in [(realm(), &nobody), (Realm::new("other"), &all[0].id)] {
        assert_eq!(names_of(read!(bench, search::by_mention(&realm, "", id, 9))), Vec::<String>::new());
    }
}

/// The document is counted as a change of the account.
async fn profile_versions(bench: &mut Bench, all: &[Account], profile: &Profile) {
    assert_eq!(read!(bench, profiles::of(&all[1].id)), Some((profile.clone(), all[1].version + 1)));
    let late = write!(bench, profiles::put(&all[1].id, all[1].version, profile, at(9)));
    assert_eq!(late.err(), Some(guard::ACCOUNT_UNCHANGED));
    assert_eq!(read!(bench, profiles::of(&all[2].id)), Some((Profile::default(), all[2].version)));
    assert_eq!(read!(bench, profiles::of(&AccountId::from_text("nobody"))), None);
}

/// Indexes up to so many accounts, and forgets as many.
async fn index(bench: &Bench, limit: i64) {
    let gone = search_index::gone(&bench.db, limit).await.unwrap();
    let accounts = search_index::unindexed(&bench.db, None, limit).await.unwrap();
    let last = search_index::last_number(&bench.db).await.unwrap();
    let mut batch: Batch = search_index::forget(&gone).into_iter().collect();
    batch.extend(search_index::put(&accounts, last));
    bench.db.write(batch).await.unwrap();
}

/// All rows of the index, as they would be if every account was indexed from nothing; and as they are.
async fn rows(bench: &Bench) -> [BTreeSet<(String, Vec<u8>)>; 2] {
    let query = async |sql: &'static str| bench.db.query(Statement::new(sql, params![])).await.unwrap();
    let mut expected = BTreeSet::new();
    for row in query("select id, username_key, profile from account").await {
        let (id, key, profile) = (row.text(0).unwrap(), row.text(1).unwrap(), row.text(2).unwrap());
        expected.insert((id.clone(), key.clone().into_bytes()));
        for (at, _) in key.char_indices() {
            let suffix = &key.as_bytes()[at..];
            expected.insert((id.clone(), suffix[..suffix.len().min(SUFFIX_BYTES)].to_vec()));
        }
        for text in Profile::from_json(&profile).listed() {
            expected.insert((id.clone(), format!("> {text}").into_bytes()));
        }
    }
    let mut there = BTreeSet::new();
    for row in query("select account_id, name_key from indexed_account").await {
        there.insert((row.text(0).unwrap(), row.text(1).unwrap().into_bytes()));
    }
    let of = "(select account_id from indexed_account i where i.number = found.number)";
    for row in bench
        .db
        .query(Statement::new(format!("select {of}, suffix from name_suffix found"), params![]))
        .await
        .unwrap()
    {
        there.insert((row.text(0).unwrap(), row.bytes(1).unwrap()));
    }
    for row in bench
        .db
        .query(Statement::new(format!("select {of}, mentioned from mention found"), params![]))
        .await
        .unwrap()
    {
        there.insert((row.text(0).unwrap(), format!("> {}", row.text(1).unwrap()).into_bytes()));
    }
    [expected, there]
}

/// Whatever was written, by whatever version: once all is indexed, the index is as if it was made now.
pub(crate) async fn catches_up(bench: &Bench) {
    index(bench, 999).await;
    let [expected, there] = rows(bench).await;
    assert_eq!(there, expected);
}

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn text(&mut self, longest: usize) -> String {
        (0..1 + self.below(longest)).map(|_| ["a", "b", "é", "_", "%", "漢"][self.below(6)]).collect()
    }
}

/// Somebody who makes, renames and deletes accounts, changes documents, and now and then indexes a few.
struct Story {
    dice: Dice,
    live: Vec<(Account, Profile)>,
    made: i64,
}

impl Story {
    async fn go_on(&mut self, bench: &Bench) {
        let dice = &mut self.dice;
        let (what, which) = (dice.below(10), dice.below(self.live.len().max(1)));
        let statement = match self.live.get_mut(which) {
            _ if what < 4 => {
                self.made += 1;
                let mut one = account(&dice.text(40));
                (one.id, one.email) = (AccountId::from_text(format!("id{}", self.made)), None);
                one.created_at = at(self.made);
                let insert = accounts::insert(&one);
                self.live.push((one, Profile::default()));
                insert
            }
            None => return,
            Some((one, _)) if what < 6 => {
                one.username = dice.text(6);
                accounts::update(one, at(1))
            }
            Some((one, profile)) if what < 8 => {
                let ids: Vec<_> = (0..dice.below(4)).map(|_| format!("\"id{}\"", dice.below(20))).collect();
                let text = format!("{{\"melon\":{{\"friends\":[{}]}}}}", ids.join(","));
                *profile = Profile::from_json(&text);
                profiles::put(&one.id, one.version, profile, at(2))
            }
            Some(_) if what == 8 => accounts::delete(&self.live[which].0),
            Some(_) => return index(bench, 1 + dice.below(3) as i64).await,
        };
        match bench.db.write(statement.into()).await {
            Ok(_) if what == 8 => drop(self.live.remove(which)),
            Ok(_) if what >= 4 => self.live[which].0.version += 1,
            Ok(_) => {}
            Err(WriteError::Guard(_)) => drop(self.live.pop()),
            // Somebody else has the name.
            Err(WriteError::Fault(_)) => {
                let stored = accounts::by_id(&bench.db, &self.live[which].0.id).await.unwrap();
                self.live[which].0 = stored.unwrap();
            }
        }
    }

    fn expected(&self, part: &str, about: Option<&AccountId>) -> Vec<String> {
        let about = |(account, profile): &&(Account, Profile)| {
            about.is_none_or(|id| account.id == *id || profile.listed().contains(id.as_str()))
        };
        let mut found: Vec<_> = self.live.iter().filter(about).map(|(account, _)| account.clone()).collect();
        found.retain(|account| model::name_key(&account.username).contains(&model::name_key(part)));
        found.sort_by_key(|account| account.created_at);
        found.into_iter().map(|account| account.username).collect()
    }

    async fn agrees(&mut self, bench: &Bench) {
        let part = self.dice.text(3);
        let found = search::by_name(&bench.db, &realm(), &part, 999).await.unwrap();
        assert_eq!(names_of(found), self.expected(&part, None), "{part}");
        let id = AccountId::from_text(format!("id{}", self.dice.below(20)));
        let part = if self.dice.below(2) == 0 { "" } else { &part };
        let found = search::by_mention(&bench.db, &realm(), part, &id, 999).await.unwrap();
        assert_eq!(names_of(found), self.expected(part, Some(&id)), "{id}");
    }
}

engines! {
    async fn a_search_finds_what_is_there_whatever_happened_before(bench: Bench) {
        let mut story = Story { dice: Dice(7), live: Vec::new(), made: 0 };
        for _ in 0..600 {
            story.go_on(&bench).await;
            story.agrees(&bench).await;
        }
        assert!(story.made > 100 && story.live.len() > 20, "too little happened");
        catches_up(&bench).await;
    }

    async fn of_many_that_have_it_no_more_are_looked_at_than_asked_for(bench: Bench) {
        let all: Vec<_> = (0..200).map(|number| account(&format!("common{number}"))).collect();
        let all: Batch = accounts::insert_all(&all.iter().collect::<Vec<_>>()).into_iter().collect();
        bench.db.write(all).await.unwrap();
        index(&bench, 999).await;
        // More than one question of ids, and none of them full.
        for limit in [0, 1, 3, 150, 199, 200, 999] {
            for part in ["c", "mm", "common"] {
                let found = search::by_name(&bench.db, &realm(), part, limit).await.unwrap();
                assert_eq!(found.len() as i64, limit.min(200), "{part} {limit}");
            }
        }
    }

    async fn whoever_changed_or_went_meanwhile_is_not_indexed_as_they_were(bench: Bench) {
        let mut bob = account("bob");
        bench.db.write(accounts::insert(&bob).into()).await.unwrap();
        let read = search_index::unindexed(&bench.db, None, 9).await.unwrap();
        bob.username = "robert".into();
        bench.db.write(accounts::update(&bob, at(5)).into()).await.unwrap();
        let late = async || {
            let batch: Batch = search_index::put(&read, 0).into_iter().collect();
            match bench.db.write(batch).await {
                Err(WriteError::Guard(lost)) => lost.name,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(late().await, guard::ACCOUNT_UNCHANGED);
        bob.version += 1;
        bench.db.write(accounts::delete(&bob).into()).await.unwrap();
        assert_eq!(late().await, guard::ACCOUNT_UNCHANGED);
        assert_eq!(bench.number("select count(*) from indexed_account").await, 0);
    }
}

#[tokio::test]
async fn no_list_goes_through_all_accounts() {
    let bench = Bench::sqlite().await;
    let (realm, id) = (realm(), AccountId::from_text("id"));
    let asked = [
        search::by_name(&bench.bare, &realm, "", 1).await.map(drop),
        search::by_name(&bench.bare, &realm, "part", 1).await.map(drop),
        search::by_mention(&bench.bare, &realm, "", &id, 1).await.map(drop),
        search_index::unindexed(&bench.bare, None, 1).await.map(drop),
        search_index::unindexed(&bench.bare, Some((at(1), &id)), 1).await.map(drop),
        search_index::gone(&bench.bare, 1).await.map(drop),
        one_time_tokens::all_live(&bench.bare, OneTimeKind::Invite, &realm, at(1), 9, 0).await.map(drop),
        accounts::page(&bench.bare, &realm, None, 1).await.map(drop),
    ];
    for refused in asked {
        let refused = refused.unwrap_err().to_string();
        let (_, sql) = refused.split_once(", in: ").unwrap();
        for step in plan(&bench, sql).await {
            let scan = step.starts_with("SCAN") && !step.contains("INDEX account_unindexed");
            let scan = scan && !step.contains("INDEX indexed_account_gone") && !step.contains("SCAN found");
            assert!(!scan && !step.contains("TEMP B-TREE"), "{sql}: {step}");
        }
    }
    for sql in [
        "select number from name_suffix where realm = $1 and suffix >= $2 and suffix < $3 order by suffix, number limit $4",
        "select number from mention where mentioned = $1 order by number limit $2",
        "select number from name_suffix where realm = $1 and suffix = $2 and number = $3",
        "select number from indexed_account where account_id = $1",
    ] {
        for step in plan(&bench, sql).await {
            assert!(step.starts_with("SEARCH"), "{sql}: {step}");
        }
    }
}

/// How a statement would be run.
async fn plan(bench: &Bench, sql: &str) -> Vec<String> {
    let count = (1..).take_while(|number| sql.contains(&format!("${number}"))).count();
    let explain = Statement::new(format!("explain query plan {sql}"), vec![db::Value::Null; count]);
    bench.db.query(explain).await.unwrap().iter().map(|row| row.text(3).unwrap()).collect()
}

/// Else time would tell how many sessions an account has from whom guesses are held up.
#[tokio::test]
async fn a_known_place_is_found_without_looking_at_other_sessions() {
    let bench = Bench::sqlite().await;
    let refused = store::sessions::opened_at(&bench.bare, &AccountId::from_text("id"), "place").await;
    let refused = refused.unwrap_err().to_string();
    let (_, sql) = refused.split_once(", in: ").unwrap();
    let plan = plan(&bench, sql).await;
    assert!(plan[0].contains("INDEX session_place (account_id=? AND place=?)"), "{plan:?}");
}
