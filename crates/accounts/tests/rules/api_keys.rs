//! API keys: what they may do, and that they end when they should.

use accounts::{ApiKeyDraft, ChangeProfile, CheckRefused, PasswordChange, Refusal, UpdateMember};
use db::params;
use model::{EventKind, Span, Timestamp};

use crate::mounts::realm;
use crate::realms::{draft, permissions};
use crate::{PASSWORD, Verbs, World, client, engines, refused, secret, unbelieved};

engines! {
    async fn a_key_may_what_both_it_and_its_owner_may(world: World) {
        world.account_with("bob", &["nodes.*", "servers.view"]).await;
        let argon = world.argon();
        let key = world.key_of("bob", &["nodes.view", "user"]).await;
        let caller = argon.check_api_key(&key.text).await.unwrap();
        assert!(caller.may("Nodes.View") && caller.may("user") && caller.is_api_key() && !caller.administers());
        for other in ["nodes.edit", "servers.view", "nodes.*", "admin", ""] {
            assert!(!caller.may(other), "{other}");
        }
        world.accounts.forbid(&realm(), "bob", "nodes.*").await.unwrap();
        let caller = argon.check_api_key(&key.text).await.unwrap();
        assert!(!caller.may("nodes.view") && caller.may("user"));
        assert_eq!(caller.permissions(), permissions(&["user"]));
    }

    async fn nobody_gives_a_key_what_they_do_not_have(world: World) {
        world.account_with("bob", &["nodes.view", "admin.*", "adm.*"]).await;
        let argon = world.argon();
        let bob = world.caller_at("argon", "bob").await;
        let key = argon.create_api_key(&bob, draft(&["user"]), &client()).await.unwrap();
        for list in [&["servers.view"][..], &["nodes.*"], &["user", "nodes.edit"], &["admin"], &["ADMIN"], &[""], &["*"], &[".*"]] {
            assert_eq!(refused(argon.create_api_key(&bob, draft(list), &client()).await.map(drop)), Refusal::NotPermitted, "{list:?}");
            let changed = argon.change_api_key(&bob, &key.key.id, draft(list), &client()).await;
            assert_eq!(refused(changed), Refusal::NotPermitted, "{list:?}");
        }
        assert!(argon.api_keys(&bob, &bob.account.id).await.unwrap() == [key.key]);
        // An administrator gives anything, and takes nothing by it: the owner has to have it too.
        world.account_with("root", &["admin"]).await;
        let root = world.caller_at("argon", "root").await;
        let id = argon.api_keys(&root, &bob.account.id).await.unwrap()[0].id.clone();
        argon.change_api_key(&root, &id, draft(&["admin", "servers.view"]), &client()).await.unwrap();
        let caller = argon.check_api_key(&key.text).await.unwrap();
        assert!(!caller.administers() && !caller.may("servers.view"));
    }

    async fn a_key_makes_no_keys_and_changes_no_credentials(world: World) {
        world.account_with("root", &["admin"]).await;
        world.account_with("second", &["admin"]).await;
        let argon = world.argon();
        let (own, key) = (world.key_of("root", &["user"]).await, world.by_key("root", &["admin"]).await);
        assert_eq!(refused(key.session().map_err(Into::into)), Refusal::NotPermitted);
        assert_eq!(refused(argon.create_api_key(&key, draft(&["user"]), &client()).await.map(drop)), Refusal::NotPermitted);
        assert_eq!(refused(argon.change_api_key(&key, &own.key.id, draft(&["admin"]), &client()).await), Refusal::NotPermitted);
        assert_eq!(refused(argon.regenerate_api_key(&key, &own.key.id, &client()).await.map(drop)), Refusal::NotPermitted);
        assert_eq!(refused(argon.prove_password(&key, &secret(PASSWORD), &client()).await), Refusal::NotPermitted);
        assert_eq!(refused(argon.disable_own(&key, &client()).await), Refusal::NotPermitted);
        let wolfpal = world.mount("wolfpal");
        assert_eq!(refused(wolfpal.change_email(&key, "new@example.com", &client()).await), Refusal::NotPermitted);
        assert_eq!(refused(wolfpal.resend_email_change(&key, &client()).await), Refusal::NotPermitted);
        let password = PasswordChange { current: secret(PASSWORD), new: secret("new password") };
        let change = ChangeProfile { username: Some("else"), password: Some(password), client: client() };
        assert_eq!(refused(argon.change_profile(&key, change).await), Refusal::NotPermitted);
        let weak = world.by_key("root", &["user"]).await;
        let id = weak.account.id.clone();
        assert_eq!(refused(argon.update_member(&weak, &id, UpdateMember::default(), &client()).await), Refusal::NotPermitted);
        assert_eq!(world.stored("root").await.version, 0);
        assert_eq!(world.events(EventKind::ApiKeyChanged).await.len(), 0);
    }

    async fn a_key_ends_at_once(world: World) {
        let argon = world.argon();
        for name in ["disabled", "deleted", "expired", "renewed", "removed"] {
            world.account(name).await;
        }
        let mut keys = Vec::new();
        for name in ["disabled", "deleted", "expired", "renewed", "removed"] {
            let key = world.key_of(name, &["user"]).await;
            argon.check_api_key(&key.text).await.unwrap();
            keys.push((world.caller_at("argon", name).await, key));
        }
        let [disabled, deleted, (late, expired), (keeper, renewed), (remover, removed)] = <[_; 5]>::try_from(keys).unwrap_or_else(|_| panic!("five"));
        world.accounts.disable(&realm(), "disabled").await.unwrap();
        world.accounts.delete(&realm(), "deleted").await.unwrap();
        let until = Timestamp(argon.now().0 + 5);
        let ending = ApiKeyDraft { expires_at: Some(until), ..draft(&["user"]) };
        argon.change_api_key(&late, &expired.key.id, ending, &client()).await.unwrap();
        let new = argon.regenerate_api_key(&keeper, &renewed.key.id, &client()).await.unwrap();
        argon.delete_api_key(&remover, &removed.key.id, &client()).await.unwrap();
        world.pass(Span(4));
        argon.check_api_key(&expired.text).await.unwrap();
        world.pass(Span(1));
        assert_eq!(unbelieved(argon.check_api_key(&expired.text).await), CheckRefused::ApiKeyExpired);
        for text in [&disabled.1.text, &deleted.1.text, &renewed.text, &removed.text] {
            assert_eq!(unbelieved(argon.check_api_key(text).await), CheckRefused::ApiKeyInvalid);
        }
        argon.check_api_key(&new.text).await.unwrap();
        // It is as if it had never been, and what comes back comes back with its owner only.
        assert_eq!(refused(argon.delete_api_key(&remover, &removed.key.id, &client()).await), Refusal::ApiKeyUnknown);
        assert_eq!(refused(argon.regenerate_api_key(&remover, &removed.key.id, &client()).await.map(drop)), Refusal::ApiKeyUnknown);
        world.accounts.enable(&realm(), "disabled").await.unwrap();
        argon.check_api_key(&disabled.1.text).await.unwrap();
    }

    async fn no_other_text_is_a_key(world: World) {
        world.account("bob").await;
        let argon = world.argon();
        let key = world.key_of("bob", &["user"]).await;
        assert!(key.text.len() == 69 && key.text.starts_with("ARGX_"));
        let text = &key.text;
        let token = argon.access(&argon.enter("bob").await);
        for other in ["", "ARGX_", &text[..68], &text[5..], &text.to_lowercase(), &text.to_uppercase(), &format!("{text} "), &key.key.preview, &key.key.id, &token] {
            assert_eq!(unbelieved(argon.check_api_key(other).await), CheckRefused::ApiKeyInvalid);
        }
        assert_eq!(unbelieved(argon.check(text).await), CheckRefused::Invalid);
        // What is stored shows four letters that all have and the last four.
        let row = store::api_keys::by_id(&world.db, &key.key.id).await.unwrap().unwrap();
        assert_eq!(row.preview, format!("ARGX...{}", &text[65..]));
        let digits: Vec<u8> = text.as_bytes()[5..].chunks(2).map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap()).collect();
        assert!(row.digest != digits && row.digest != text.as_bytes());
    }

    async fn somebody_elses_keys_are_an_administrators_matter(world: World) {
        let world = world.two_realms().await;
        let bob = world.account("bob").await;
        world.account("eve").await;
        world.account_with("root", &["admin"]).await;
        world.account_elsewhere("root", &["admin"]).await;
        let key = world.key_of("bob", &["user"]).await;
        let id = &key.key.id;
        let (eve, argon) = (world.caller_at("argon", "eve").await, world.argon());
        let (foreign, elsewhere) = (world.caller_at("elsewhere", "root").await, world.mount("elsewhere"));
        assert_eq!(refused(argon.api_keys(&eve, &bob.id).await), Refusal::NotPermitted);
        assert!(elsewhere.api_keys(&foreign, &bob.id).await.unwrap().is_empty());
        for (mount, caller, refusal) in [(&argon, &eve, Refusal::NotPermitted), (&elsewhere, &foreign, Refusal::ApiKeyUnknown)] {
            assert_eq!(refused(mount.api_key(caller, id).await), refusal);
            assert_eq!(refused(mount.change_api_key(caller, id, draft(&[]), &client()).await), refusal);
            assert_eq!(refused(mount.regenerate_api_key(caller, id, &client()).await.map(drop)), refusal);
            assert_eq!(refused(mount.delete_api_key(caller, id, &client()).await), refusal);
        }
        assert_eq!(unbelieved(elsewhere.check_api_key(&key.text).await), CheckRefused::ApiKeyInvalid);
        argon.check_api_key(&key.text).await.unwrap();
        let root = world.caller_at("argon", "root").await;
        assert_eq!(argon.api_keys(&root, &bob.id).await.unwrap().len(), 1);
        argon.delete_api_key(&root, id, &client()).await.unwrap();
        assert_eq!(unbelieved(argon.check_api_key(&key.text).await), CheckRefused::ApiKeyInvalid);
        let events = world.events(EventKind::ApiKeyDeleted).await;
        assert_eq!((events.len(), events[0].account.as_ref(), &events[0].detail), (1, Some(&bob.id), id));
    }

    async fn its_use_is_noted_to_the_minute(world: World) {
        world.account("bob").await;
        let (argon, key) = (world.argon(), world.key_of("bob", &["user"]).await);
        let used = async || {
            argon.check_api_key(&key.text).await.unwrap();
            world.number("select last_used_at from api_key where id = $1", params![key.key.id.as_str()]).await
        };
        let first = argon.now().0;
        assert_eq!(used().await, first);
        world.pass(Span(Span::minutes(1).0 - 1));
        assert_eq!(used().await, first);
        world.pass(Span(1));
        assert_eq!(used().await, first + Span::minutes(1).0);
    }
}
