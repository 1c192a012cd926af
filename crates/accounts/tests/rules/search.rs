//! Finding accounts by a part of their name, and whoever names one in their document.

use accounts::{OnConflict, UpdateMember};
use db::params;
use model::{Account, AccountId, Span};
use serde_json::{Map, Value, json};

use crate::mounts::realm;
use crate::races::at_once;
use crate::{Verbs, World, client, engines};

fn friends(ids: &[&AccountId]) -> impl Fn(&mut Map<String, Value>) {
    let ids: Vec<_> = ids.iter().map(|id| id.as_str().to_owned()).collect();
    move |section| drop(section.insert("friends".into(), ids.clone().into()))
}

impl World {
    async fn found(&self, part: &str, about: Option<&Account>) -> Vec<String> {
        let found = self.mount("melon").search(part, about.map(|account| &account.id)).await.unwrap();
        found.into_iter().map(|(account, _)| account.username).collect()
    }

    async fn not_indexed(&self) -> i64 {
        let sql = "select count(*) from account where indexed_version is null or indexed_version <> version";
        self.number(sql, params![]).await
    }

    async fn suffixes(&self) -> i64 {
        self.number("select count(*) from name_suffix", params![]).await
    }

    /// Every account once, by every suffix of its name that it has now, and nobody else.
    async fn is_indexed(&self) {
        assert_eq!(self.not_indexed().await, 0);
        let known = "select count(*) from account join indexed_account known on known.account_id = account.id \
                     and known.name_key = account.username_key";
        let accounts = self.number("select count(*) from account", params![]).await;
        assert_eq!(self.number(known, params![]).await, accounts);
        assert_eq!(self.number("select count(*) from indexed_account", params![]).await, accounts);
        let names = db::Statement::new("select username_key from account", params![]);
        let names = self.db.query(names).await.unwrap();
        // No letter of these names stands for two, so every suffix is another.
        let expected: usize = names.iter().map(|row| row.text(0).unwrap().chars().count()).sum();
        assert_eq!(self.suffixes().await, expected as i64);
        for row in &names {
            let name = row.text(0).unwrap();
            assert!(self.found(&name, None).await.contains(&name), "{name}");
        }
    }
}

engines! {
    async fn an_account_is_found_from_its_first_moment_to_its_last(world: World) {
        let bob = world.account("bob").await;
        world.pass(Span::seconds(1));
        let root = world.account_with("root", &["admin"]).await;
        let (melon, caller) = (world.mount("melon"), world.caller_at("melon", "root").await);
        assert_eq!(world.found("OB", None).await, ["bob"]);
        world.accounts.index().await.unwrap();
        world.is_indexed().await;
        assert_eq!(world.found("OB", None).await, ["bob"]);
        let rename = UpdateMember { username: Some("robert"), ..Default::default() };
        melon.update_member(&caller, &bob.id, rename, &client()).await.unwrap();
        for _ in 0..2 {
            assert_eq!(world.found("BER", None).await, ["robert"]);
            assert_eq!(world.found("bob", None).await, [""; 0]);
            assert_eq!(world.found("ro", None).await, ["robert", "root"]);
            world.accounts.index().await.unwrap();
            world.is_indexed().await;
        }
        melon.delete_member(&caller, &bob.id, &client()).await.unwrap();
        assert_eq!(world.found("ro", None).await, ["root"]);
        // Nothing of the name stays.
        assert_eq!(world.suffixes().await, 10);
        world.accounts.index().await.unwrap();
        world.is_indexed().await;
        assert_eq!(world.suffixes().await, 4);
        world.accounts.delete(&realm(), "root").await.unwrap();
        world.accounts.index().await.unwrap();
        assert_eq!(world.number("select count(*) from indexed_account", params![]).await, 0);
        assert_eq!(world.found("", Some(&root)).await, [""; 0]);
    }

    async fn whoever_names_one_is_found_until_they_do_no_more(world: World) {
        let ada = world.account("ada").await;
        world.pass(Span::seconds(1));
        let bob = world.account("bob").await;
        world.pass(Span::seconds(1));
        let eve = world.account("eve").await;
        let melon = world.mount("melon");
        for (name, named) in [("bob", vec![&ada.id, &eve.id]), ("eve", vec![&ada.id])] {
            let caller = world.caller_at("melon", name).await;
            melon.change_document(&caller, &caller.account.id, &client(), friends(&named)).await.unwrap();
        }
        for _ in 0..2 {
            assert_eq!(world.found("", Some(&ada)).await, ["ada", "bob", "eve"]);
            assert_eq!(world.found("b", Some(&ada)).await, ["bob"]);
            assert_eq!(world.found("", Some(&eve)).await, ["bob", "eve"]);
            assert_eq!(world.found("", Some(&bob)).await, ["bob"]);
            world.accounts.index().await.unwrap();
        }
        let caller = world.caller_at("melon", "bob").await;
        melon.change_document(&caller, &bob.id, &client(), friends(&[&eve.id])).await.unwrap();
        world.accounts.delete(&realm(), "eve").await.unwrap();
        for rows in [3, 1] {
            assert_eq!(world.found("", Some(&ada)).await, ["ada"]);
            assert_eq!(world.number("select count(*) from mention", params![]).await, rows);
            world.accounts.index().await.unwrap();
        }
    }

    async fn a_sign_in_is_nothing_new_to_the_index(world: World) {
        world.account("bob").await;
        world.accounts.index().await.unwrap();
        world.mount("argon").enter("bob").await;
        assert_eq!(world.not_indexed().await, 0);
    }

    async fn many_are_indexed_in_few_batches_while_nobody_else_writes(world: World) {
        let lines: Vec<_> = (0..1_500).map(|number| json!({ "username": format!("name{number}") })).collect();
        world.accounts.import(world.lines(&lines), OnConflict::Fail).await.unwrap();
        let before = world.db.stats().batches;
        world.accounts.index().await.unwrap();
        // 256, 512, as many that were read meanwhile, and the rest.
        assert_eq!(world.db.stats().batches - before, 4);
        world.is_indexed().await;
        // New, changed and deleted ones are read ahead together, in the order of their ids.
        for sql in [
            "update account set username = 'new' || username, username_key = 'new' || username_key, \
             version = version + 1 where username_key like '%3'",
            "delete from account where username_key like '%7'",
        ] {
            world.db.write(db::Statement::new(sql, params![]).into()).await.unwrap();
        }
        let lines: Vec<_> = (0..1_500).map(|number| json!({ "username": format!("more{number}") })).collect();
        world.accounts.import(world.lines(&lines), OnConflict::Fail).await.unwrap();
        world.accounts.index().await.unwrap();
        world.is_indexed().await;
    }

    async fn others_who_write_do_not_disturb_it(world: World) {
        let lines: Vec<_> = (0..1_500).map(|number| json!({ "username": format!("name{number}") })).collect();
        world.accounts.import(world.lines(&lines), OnConflict::Fail).await.unwrap();
        let writing = async {
            for number in 0..20 {
                world.account(&format!("late{number}")).await;
            }
        };
        let (indexed, ()) = tokio::join!(world.accounts.index(), writing);
        indexed.unwrap();
        world.accounts.index().await.unwrap();
        world.is_indexed().await;
    }
}

engines! { on disk
    async fn of_several_processes_one_indexes(world: World) {
        let other = world.second().await;
        world.account("bob").await;
        world.accounts.index().await.unwrap();
        world.account("eve").await;
        // It may have died; it may as well come again.
        other.accounts.index().await.unwrap();
        assert_eq!(world.not_indexed().await, 1);
        assert_eq!(other.found("eve", None).await, ["eve"]);
        world.accounts.release_leases().await.unwrap();
        other.accounts.index().await.unwrap();
        world.is_indexed().await;
        world.account("una").await;
        world.pass(Span::seconds(31));
        world.accounts.index().await.unwrap();
        world.is_indexed().await;
    }

    async fn what_changes_while_it_is_indexed_ends_right(world: World) {
        let other = world.second().await;
        world.account_with("root", &["admin"]).await;
        let caller = world.caller_at("melon", "root").await;
        for round in 0..10 {
            let lines: Vec<_> = (0..30).map(|number| json!({ "username": format!("name{round}of{number}x") })).collect();
            world.accounts.import(world.lines(&lines), OnConflict::Fail).await.unwrap();
            let answers = at_once(|number| {
                let (who, caller) = ([&world, &other][number % 2], caller.clone());
                let (accounts, melon) = (who.accounts.clone(), who.mount("melon"));
                async move {
                    let name = format!("name{round}of{number}x");
                    match number % 4 {
                        0 => accounts.delete(&realm(), &name).await.map(drop),
                        1 => {
                            let id = accounts.find(&realm(), &name).await?.unwrap().id;
                            let new = format!("renamed{round}of{number}");
                            let rename = UpdateMember { username: Some(&new), ..Default::default() };
                            melon.update_member(&caller, &id, rename, &client()).await.map(drop)
                        }
                        _ => {
                            // As after the lease of one that was held up for long.
                            accounts.release_leases().await?;
                            accounts.index().await
                        }
                    }
                }
            })
            .await;
            assert!(answers.iter().all(Result::is_ok), "{answers:?}");
            world.accounts.release_leases().await.unwrap();
            other.accounts.index().await.unwrap();
            other.accounts.release_leases().await.unwrap();
            world.is_indexed().await;
        }
    }
}
