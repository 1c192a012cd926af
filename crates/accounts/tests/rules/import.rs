//! Accounts that come from another system's file.

use accounts::{Common, Conflict, ImportBatch, Imported, OnConflict, Unimportable};
use model::{AccountId, EventKind, Realm, Timestamp};
use serde_json::{Value, json};

use crate::mounts::realm;
use crate::{PASSWORD, Verbs, World, engines};

/// libcrypt's hash of [`PASSWORD`].
const BCRYPT: &str = "$2b$04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS";

impl World {
    /// A batch with these lines, numbered from 1.
    pub(crate) fn lines(&self, lines: &[Value]) -> ImportBatch {
        let mut batch = self.accounts.import_batch(&realm());
        for (number, line) in (1..).zip(lines) {
            batch.read(number, line.to_string().as_bytes()).unwrap();
        }
        batch
    }

    async fn import(&self, lines: &[Value], on_conflict: OnConflict) -> Imported {
        self.accounts.import(self.lines(lines), on_conflict).await.unwrap()
    }

    fn unimportable(&self, line: &str) -> Unimportable {
        let mut batch = self.accounts.import_batch(&realm());
        let why = batch.read(1, line.as_bytes()).unwrap_err();
        assert!(batch.is_empty(), "{line}");
        why
    }
}

fn created(created: usize) -> Imported {
    Imported { created, ..Imported::default() }
}

engines! {
    async fn all_that_a_line_says_is_kept(world: World) {
        let bob = json!({
            "id": "42_b-C", "username": "Bob", "email": "Bob@example.com", "email_confirmed": true,
            "password": BCRYPT, "permissions": ["user", "Servers.View"], "disabled": false,
            "created_at": "2020-02-29T23:30:00.123456+01:00",
        });
        let eve = json!({ "username": "Eve", "disabled": true, "email": null, "id": null });
        assert_eq!(world.import(&[bob, eve], OnConflict::Fail).await, created(2));
        let bob = world.stored("bob").await;
        assert_eq!((bob.id.as_str(), bob.username.as_str()), ("42_b-C", "Bob"));
        assert_eq!((bob.email.as_deref(), bob.email_confirmed), (Some("Bob@example.com"), true));
        assert_eq!(bob.permissions.as_slice(), ["user", "Servers.View"]);
        assert_eq!(bob.password.as_deref(), Some(BCRYPT));
        assert_eq!(bob.created_at, Timestamp(1_583_015_400_123_456));
        assert!(!bob.disabled && bob.last_sign_in_at.is_none());
        let eve = world.stored("eve").await;
        assert_eq!((eve.password, eve.email, eve.disabled), (None, None, true));
        assert_eq!(eve.permissions.as_slice(), ["user"]);
        assert_eq!(eve.created_at, model::Clock::now(&*world.clock));
        let events = world.events(EventKind::AccountCreated).await;
        let told: Vec<_> = events.iter().map(|event| (event.account.clone(), event.detail.as_str())).collect();
        assert_eq!(told, [(Some(bob.id), "imported"), (Some(eve.id), "imported")]);
        world.mount("argon").enter("bob").await;
    }

    async fn what_is_no_account_says_why_and_repeats_no_value(world: World) {
        use Unimportable::{
            EmailUnusable, FieldForm, FieldUnknown, HashUnusable, IdUnusable, NotJson, NothingConfirmed,
            PermissionsUnusable, TimeUnusable, UsernameMissing, UsernameUnusable,
        };
        for line in ["", "{", "null", "[]", "\"bob\"", "{\"username\":\"a\"} x", "{\"username\":\"a\",\"username\":\"b\"}"] {
            let NotJson { .. } = world.unimportable(line) else { panic!("{line}") };
        }
        let many: Vec<String> = (0..101).map(|number| number.to_string()).collect();
        for (line, why) in [
            (json!({}), UsernameMissing),
            (json!({ "username": null }), FieldForm("username", "a string")),
            (json!({ "username": "bob", "hash": BCRYPT }), FieldUnknown("hash".into())),
            (json!({ "username": "bob", "disabled": "secret" }), FieldForm("disabled", "true or false")),
            (json!({ "username": "bob", "permissions": "secret" }), FieldForm("permissions", "an array of strings")),
            (json!({ "username": "bob", "permissions": [1] }), FieldForm("permissions", "an array of strings")),
            (json!({ "username": "bob", "password": ["secret"] }), FieldForm("password", "a string")),
            (json!({ "username": "bob", "id": 42 }), FieldForm("id", "a string")),
            (json!({ "username": "a\u{202E}b" }), UsernameUnusable),
            (json!({ "username": "" }), UsernameUnusable),
            (json!({ "username": "bob", "email": "bob" }), EmailUnusable),
            (json!({ "username": "bob", "email_confirmed": true }), NothingConfirmed),
            (json!({ "username": "bob", "password": PASSWORD }), HashUnusable),
            (json!({ "username": "bob", "password": "" }), HashUnusable),
            (json!({ "username": "bob", "password": "$2b$31$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS" }), HashUnusable),
            (json!({ "username": "bob", "permissions": [""] }), PermissionsUnusable),
            (json!({ "username": "bob", "permissions": ["a\0"] }), PermissionsUnusable),
            (json!({ "username": "bob", "permissions": many }), PermissionsUnusable),
            (json!({ "username": "bob", "id": "" }), IdUnusable),
            (json!({ "username": "bob", "id": "a/b" }), IdUnusable),
            (json!({ "username": "bob", "id": "x".repeat(65) }), IdUnusable),
            (json!({ "username": "bob", "id": model::AccountId::nobody().as_str() }), IdUnusable),
            (json!({ "username": "bob", "created_at": "yesterday" }), TimeUnusable),
            (json!({ "username": "bob", "created_at": "9999-01-01T00:00:00Z" }), TimeUnusable),
        ] {
            let found = world.unimportable(&line.to_string());
            assert_eq!(found, why, "{line}");
            let said = format!("{found} {found:?}");
            assert!(!said.contains("secret") && !said.contains("$2b$") && !said.contains(PASSWORD), "{said}");
        }
    }

    async fn a_conflict_stops_its_batch_or_itself(world: World) {
        world.account("bob").await;
        let lines = [
            json!({ "username": "ann", "id": "1" }),
            json!({ "username": "ＢＯＢ", "id": "2" }),
            json!({ "username": "cy", "id": "3", "email": "BOB@example.com" }),
            json!({ "username": "di", "id": "4" }),
            json!({ "username": "DI", "id": "5" }),
            json!({ "username": "ed", "id": "4" }),
            json!({ "username": "fay" }),
        ];
        let conflicts = [(2, Common::Username), (3, Common::Email), (5, Common::Username), (6, Common::Id)];
        let conflicts: Vec<_> = conflicts.into_iter().map(|(line, what)| Conflict { line, what }).collect();
        let before = world.events_written().await;
        let refused = world.import(&lines, OnConflict::Fail).await;
        assert_eq!(refused, Imported { created: 0, present: 0, conflicts: conflicts.clone() });
        let preview = world.accounts.import_preview(&world.lines(&lines)).await.unwrap();
        assert_eq!(preview, Imported { created: 3, present: 0, conflicts: conflicts.clone() });
        assert_eq!(world.events_written().await, before, "something was written");
        let rest = world.import(&lines, OnConflict::Skip).await;
        assert_eq!(rest, Imported { created: 3, present: 0, conflicts: conflicts.clone() });
        assert_eq!(world.events_written().await, before + 3);
        assert_eq!(world.stored("di").await.id, AccountId::from_text("4"));
        let again = world.import(&lines, OnConflict::Skip).await;
        assert_eq!(again, Imported { created: 0, present: 3, conflicts });
        assert_eq!(world.events_written().await, before + 3);
    }

    async fn an_interrupted_import_is_run_again_from_the_start(world: World) {
        let line = |number: usize| json!({ "username": format!("user{number}"), "password": BCRYPT });
        let lines: Vec<_> = (0..6).map(line).collect();
        assert_eq!(world.import(&lines[..4], OnConflict::Fail).await, created(4));
        let again = world.import(&lines, OnConflict::Fail).await;
        assert_eq!(again, Imported { created: 2, present: 4, conflicts: vec![] });
        // Without an id, whoever changed the password since is not taken for the line's account.
        world.tamper("user1", |user| user.password = None).await;
        let changed = world.import(&lines, OnConflict::Skip).await;
        let conflict = Conflict { line: 2, what: Common::Username };
        assert_eq!(changed, Imported { created: 0, present: 5, conflicts: vec![conflict] });
        assert_eq!(world.stored("user1").await.password, None);
    }

    async fn realms_share_ids_and_nothing_else(world: World) {
        let line = json!({ "username": "bob", "id": "1", "email": "bob@example.com" });
        assert_eq!(world.import(std::slice::from_ref(&line), OnConflict::Fail).await, created(1));
        let mut batch = world.accounts.import_batch(&Realm::new("other"));
        batch.read(1, line.to_string().as_bytes()).unwrap();
        let answer = world.accounts.import(batch, OnConflict::Skip).await.unwrap();
        assert_eq!(answer.conflicts, [Conflict { line: 1, what: Common::Id }]);
        let mut batch = world.accounts.import_batch(&Realm::new("other"));
        batch.read(1, json!({ "username": "bob", "email": "bob@example.com" }).to_string().as_bytes()).unwrap();
        assert_eq!(world.accounts.import(batch, OnConflict::Fail).await.unwrap(), created(1));
    }
}
