//! What is in the event list, and who reads it.

use accounts::{Admission, EventQuery, Limits, Login, PasswordChange, Refusal, Turn, UpdateMember};
use model::{Actor, Event, EventKind, Span, Throttle};

use crate::mounts::realm;
use crate::realms::permissions;
use crate::two_factor::Codes;
use crate::{PASSWORD, Verbs, World, client, engines, from, refused, secret};

impl World {
    /// The one event of a kind.
    async fn only(&self, kind: EventKind) -> Event {
        let mut events = self.events(kind).await;
        assert_eq!(events.len(), 1, "{kind}: {events:?}");
        events.remove(0)
    }
}

engines! {
    async fn whoever_proves_nothing_is_noted(world: World) {
        let bob = world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let caller = world.caller_at("wolfpal", "bob").await;
        assert_eq!(refused(wolfpal.prove_password(&caller, &secret("wrong"), &client()).await), Refusal::CurrentPasswordWrong);
        let noted = world.only(EventKind::PasswordRefused).await;
        assert_eq!((noted.account.as_ref(), &*noted.address, &*noted.detail), (Some(&bob.id), "192.0.2.1", "wolfpal"));
        let password = Some(PasswordChange { current: secret("wrong"), new: secret("new password") });
        let change = accounts::ChangeProfile { username: None, password, client: client() };
        assert_eq!(refused(wolfpal.change_profile(&caller, change).await), Refusal::CurrentPasswordWrong);
        assert_eq!(world.events(EventKind::PasswordRefused).await.len(), 2);

        let codes = Codes::of(&wolfpal.prepare_two_factor(&caller, &client()).await.unwrap());
        assert_eq!(refused(wolfpal.enable_two_factor(&caller, &codes.wrong(&world), &client()).await), Refusal::CodeWrong);
        wolfpal.enable_two_factor(&caller, &codes.now(&world), &client()).await.unwrap();
        assert_eq!(refused(wolfpal.disable_two_factor(&caller, &codes.wrong(&world), &client()).await), Refusal::CodeWrong);
        let noted = world.events(EventKind::CodeRefused).await;
        assert!(noted.len() == 2 && noted.iter().all(|event| event.account.as_ref() == Some(&bob.id) && event.address == "192.0.2.1"));

        let ticket = wolfpal.ticket("bob").await;
        assert_eq!(refused(wolfpal.finish(&ticket, &codes.wrong(&world)).await), Refusal::CodeWrong);
        assert_eq!(world.only(EventKind::SignInRefused).await.detail, "wolfpal: wrong code");
        wolfpal.finish(&ticket, &codes.backup[0]).await.unwrap();
        let used = world.only(EventKind::BackupCodeUsed).await;
        assert_eq!((&*used.address, &*used.detail), ("192.0.2.1", "wolfpal"));
    }

    async fn a_right_password_for_an_unconfirmed_address_is_noted(world: World) {
        let bob = world.account("bob").await;
        world.tamper("bob", |account| account.email_confirmed = false).await;
        let answer = world.mount("wolfpal").try_password("bob", PASSWORD).await;
        assert_eq!(refused(answer), Refusal::EmailUnconfirmed);
        let noted = world.only(EventKind::SignInRefused).await;
        assert_eq!((noted.account, &*noted.detail), (Some(bob.id), "wolfpal: address not confirmed"));
    }

    async fn whoever_is_held_up_is_noted_once_an_hour_for_each_counter(world: World) {
        world.account("bob").await;
        world.two_factor("bob").await;
        let one = Some(Throttle { burst: 1, every: Span::hours(2) });
        let world = world.limited(Limits {
            registration: one, invite_per_address: one, mail_per_address: one, second_factor: one, ..Limits::default()
        }).await;
        let (wolfpal, melon) = (world.mount("wolfpal"), world.mount("melon"));
        for round in 0..3 {
            let name = format!("new{round}");
            _ = wolfpal.register_with(&name, Some(&format!("{name}@example.com")), Admission::Own).await;
            _ = melon.redeem_invite("????", &client()).await;
            _ = wolfpal.send_reset("nobody@example.com", &client()).await;
            _ = wolfpal.finish(&wolfpal.ticket("bob").await, "000000").await;
        }
        let mut noted: Vec<_> = world.events(EventKind::Throttled).await.into_iter().map(|event| event.detail).collect();
        noted.sort();
        assert_eq!(noted, [
            "melon: invite codes from this address",
            "wolfpal: codes of this account",
            "wolfpal: mails asked for from this address",
            "wolfpal: registrations from this address",
        ]);
        world.pass(Span::hours(1));
        assert!(matches!(refused(melon.redeem_invite("????", &client()).await), Refusal::Throttled { .. }));
        assert_eq!(world.events(EventKind::Throttled).await.len(), 5);
    }

    async fn an_administrators_act_names_the_administrator(world: World) {
        let root = world.account_with("root", &["admin"]).await;
        let bob = world.account("bob").await;
        let (argon, caller) = (world.argon(), world.caller_at("argon", "root").await);
        let by_root = Some(Actor::Administrator(root.id.clone()));
        let begun = world.last_event().await;
        argon.register_with("made", None, Admission::Administrator(&caller)).await.unwrap();
        for change in [
            UpdateMember { username: Some("robert"), ..Default::default() },
            UpdateMember { password: Some(secret("new password")), ..Default::default() },
            UpdateMember { permissions: Some(permissions(&["user", "mod"])), ..Default::default() },
        ] {
            argon.update_member(&caller, &bob.id, change, &client()).await.unwrap();
        }
        argon.change_document(&caller, &bob.id, &client(), |_| {}).await.unwrap();
        let key = argon.api_keys(&caller, &bob.id).await.unwrap();
        assert!(key.is_empty());
        argon.delete_member(&caller, &bob.id, &client()).await.unwrap();
        let kinds = [
            EventKind::AccountCreated, EventKind::UsernameChanged, EventKind::PasswordSet, EventKind::PermissionsChanged,
            EventKind::ProfileChanged, EventKind::AccountDeleted,
        ];
        for kind in kinds {
            let events = world.events(kind).await;
            let new: Vec<_> = events.iter().filter(|event| event.sequence > begun).collect();
            assert!(new.len() == 1 && new[0].actor == by_root && new[0].address == "192.0.2.1", "{kind}: {new:?}");
        }
        // What somebody does to their own account is nobody else's act, also if an administrator does it.
        let own = UpdateMember { password: Some(secret("new password")), ..Default::default() };
        argon.update_member(&caller, &root.id, own, &client()).await.unwrap();
        let changed = world.only(EventKind::PasswordChanged).await;
        assert_eq!((changed.account, changed.actor), (Some(root.id), None));
    }

    async fn what_the_command_line_does_says_so(world: World) {
        let (accounts, realm) = (&world.accounts, realm());
        world.account("bob").await;
        accounts.permit(&realm, "bob", "mod").await.unwrap();
        accounts.set_password(&realm, "bob", secret("new password")).await.unwrap();
        accounts.disable(&realm, "bob").await.unwrap();
        accounts.enable(&realm, "bob").await.unwrap();
        accounts.create_invite(&realm).await.unwrap();
        accounts.rotate_key("argon", Turn::Now).await.unwrap();
        world.account("owed").await;
        world.mount("wolfpal").send_reset("owed@example.com", &client()).await.unwrap();
        accounts.see_to_asked().await.unwrap();
        let mail = accounts.mails(1).await.unwrap().remove(0);
        assert!(accounts.retry_mail(&mail.id).await.unwrap() && !accounts.retry_mail("nobody").await.unwrap());
        assert_eq!(world.only(EventKind::MailRetried).await.detail, mail.id);
        accounts.delete(&realm, "bob").await.unwrap();
        for kind in [
            EventKind::AccountCreated, EventKind::PermissionsChanged, EventKind::PasswordSet, EventKind::AccountDisabled,
            EventKind::AccountEnabled, EventKind::InviteCreated, EventKind::SigningKeyRotated, EventKind::MailRetried,
            EventKind::AccountDeleted,
        ] {
            let events = world.events(kind).await;
            let all = events.iter().all(|event| event.actor == Some(Actor::CommandLine) && event.address.is_empty());
            assert!(!events.is_empty() && all, "{kind}: {events:?}");
        }
    }

    async fn administrators_read_the_list_of_their_realm_and_nobody_else_does(world: World) {
        let world = world.two_realms().await;
        world.account_with("root", &["admin"]).await;
        world.account("bob").await;
        world.account_elsewhere("boss", &["admin"]).await;
        let (argon, elsewhere) = (world.argon(), world.mount("elsewhere"));
        let (root, bob) = (world.caller_at("argon", "root").await, world.caller_at("argon", "bob").await);
        let boss = world.caller_at("elsewhere", "boss").await;
        let everything = || EventQuery::default();
        assert_eq!(refused(argon.events(&bob, everything(), 9).await), Refusal::NotPermitted);
        let lesser = world.by_key("root", &["user"]).await;
        assert_eq!(refused(argon.events(&lesser, everything(), 9).await), Refusal::NotPermitted);
        for (mount, caller, name) in [(&argon, &root, "default"), (&elsewhere, &boss, "other")] {
            let events = mount.events(caller, everything(), 100).await.unwrap();
            assert!(!events.is_empty() && events.iter().all(|event| event.realm.as_str() == name), "{events:?}");
        }
        let theirs = EventQuery { account: Some("bob"), ..everything() };
        assert_eq!(refused(elsewhere.events(&boss, theirs, 9).await), Refusal::AccountUnknown);
        let id = format!("id:{}", bob.account.id);
        let theirs = EventQuery { account: Some(&id), ..everything() };
        assert_eq!(elsewhere.events(&boss, theirs.clone(), 9).await.unwrap(), vec![], "nothing of another realm");
        assert!(!argon.events(&root, theirs.clone(), 9).await.unwrap().is_empty());
        world.accounts.delete(&realm(), "bob").await.unwrap();
        let after = argon.events(&root, theirs, 9).await.unwrap();
        assert_eq!(after[0].kind, EventKind::AccountDeleted, "events outlive their account");
        let gone = EventQuery { account: Some("bob"), ..everything() };
        assert_eq!(refused(argon.events(&root, gone, 9).await), Refusal::AccountUnknown);
    }

    async fn page_after_page_shows_everything_once(world: World) {
        for number in 0..7 {
            refused(world.argon().attempt(Login::Username("nobody"), "wrong", from(&format!("192.0.2.{number}"))).await);
        }
        let mut seen = Vec::new();
        let mut before = None;
        loop {
            let query = EventQuery { before, ..EventQuery::default() };
            let page = world.accounts.events(&realm(), query, 3).await.unwrap();
            let Some(last) = page.last() else { break };
            before = Some(last.sequence);
            seen.extend(page);
        }
        let all = world.accounts.events(&realm(), EventQuery::default(), 100).await.unwrap();
        assert_eq!((seen.len(), &seen), (7, &all));
    }
}

engines! { on disk
    async fn whoever_follows_sees_everything_once_also_what_comes_late(world: World) {
        let bob = world.account("bob").await;
        let other = world.second().await;
        let query = EventQuery { account: Some("bob"), ..EventQuery::default() };
        let (newest, mut tail) = other.accounts.events_and_on(&realm(), query, 10).await.unwrap();
        assert_eq!(newest.iter().map(|event| event.kind).collect::<Vec<_>>(), [EventKind::AccountCreated]);
        assert_eq!(tail.next().await.unwrap(), vec![]);
        world.argon().enter("bob").await;
        world.account("eve").await;
        let place = world.last_event().await + 3;
        let put = async |place: i64| {
            let sql = "insert into event (sequence, at, kind, realm, account_id, address, detail) \
                       overriding system value values ($1, $2, 'signed_in', 'default', $3, '', '')";
            let now = model::Clock::now(&*world.clock).0;
            let statement = db::Statement::new(sql, db::params![place, now, bob.id.as_str()]);
            world.db.write(statement.into()).await.unwrap();
        };
        put(place).await;
        let seen = tail.next().await.unwrap();
        assert_eq!(seen.len(), 2, "{seen:?}");
        // A batch that was given its places before, and is committed only now.
        put(place - 1).await;
        world.pass(Span::seconds(2));
        let late = tail.next().await.unwrap();
        assert_eq!(late.iter().map(|event| event.sequence).collect::<Vec<_>>(), [place - 1]);
        world.pass(Span::seconds(2));
        assert_eq!(tail.next().await.unwrap(), vec![]);
    }
}
