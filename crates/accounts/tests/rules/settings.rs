//! Settings that an administrator changes while the server runs.

use accounts::{Admission, Refusal, Registration};
use model::EventKind;

use crate::{Verbs, World, client, engines, refused};

engines! {
    async fn only_administrators_change_them(world: World) {
        world.account_with("bob", &["admin.*"]).await;
        world.account_with("root", &["admin"]).await;
        let argon = world.argon();
        for caller in [world.caller_at("argon", "bob").await, world.by_key("root", &["user"]).await] {
            assert_eq!(refused(argon.set_registration(&caller, false, &client()).await), Refusal::NotPermitted);
            assert_eq!(refused(argon.set_title(&caller, "Mine", &client()).await), Refusal::NotPermitted);
        }
        assert!(argon.registration_open().await.unwrap());
        assert_eq!(argon.title().await.unwrap(), "argon");
        assert_eq!(world.events(EventKind::SettingChanged).await, vec![]);
        assert_eq!(world.number("select count(*) from setting", vec![]).await, 0);
    }

    async fn closing_takes_effect_at_once_and_everywhere(world: World) {
        world.account_with("root", &["admin"]).await;
        let (argon, root) = (world.argon(), world.caller_at("argon", "root").await);
        let second = world.second().await;
        argon.register_with("one", None, Admission::Own).await.unwrap();
        argon.set_registration(&root, false, &client()).await.unwrap();
        for process in [&world, &second] {
            let late = process.argon().register_with("two", None, Admission::Own).await;
            assert_eq!(refused(late), Refusal::RegistrationClosed);
            assert_eq!(process.argon().registration().await.unwrap(), Registration::Closed);
        }
        // Of this mount only, and not for administrators.
        world.mount("goscrobble").register_with("three", None, Admission::Own).await.unwrap();
        argon.register_with("four", None, Admission::Administrator(&root)).await.unwrap();
        let world = world.restarted().await;
        let argon = world.argon();
        assert_eq!(refused(argon.register_with("two", None, Admission::Own).await), Refusal::RegistrationClosed);
        argon.set_registration(&root, true, &client()).await.unwrap();
        argon.register_with("two", None, Admission::Own).await.unwrap();
        let changed = world.events(EventKind::SettingChanged).await;
        assert_eq!(changed.iter().map(|event| &*event.detail).collect::<Vec<_>>(), ["argon.registration"; 2]);
    }

    async fn nothing_opens_what_the_settings_file_closes(world: World) {
        world.account_with("root", &["admin"]).await;
        for configured in [Registration::Closed, Registration::Invite] {
            let world = world.second().await.under(|terms| terms.mounts[0].registration = configured).await;
            let (argon, root) = (world.argon(), world.caller_at("argon", "root").await);
            for open in [true, false, true] {
                argon.set_registration(&root, open, &client()).await.unwrap();
                assert_eq!(argon.registration().await.unwrap(), configured);
                assert!(!argon.registration_open().await.unwrap());
                assert_eq!(refused(argon.register_with("eve", None, Admission::Own).await), Refusal::RegistrationClosed);
            }
        }
    }

    async fn a_title_can_be_read(world: World) {
        world.account_with("root", &["admin"]).await;
        let (argon, root) = (world.argon(), world.caller_at("argon", "root").await);
        argon.set_title(&root, "Our Place", &client()).await.unwrap();
        for unusable in ["", "a\0", "a\nb", "\u{202E}evil", &"x".repeat(256)] {
            assert_eq!(refused(argon.set_title(&root, unusable, &client()).await), Refusal::UsernameUnusable);
        }
        assert_eq!(argon.title().await.unwrap(), "Our Place");
        assert_eq!(world.mount("melon").title().await.unwrap(), "melon");
    }

    async fn another_realm_has_its_own(world: World) {
        let world = world.two_realms().await;
        world.account_elsewhere("root", &["admin"]).await;
        let (elsewhere, root) = (world.mount("elsewhere"), world.caller_at("elsewhere", "root").await);
        elsewhere.set_title(&root, "Else", &client()).await.unwrap();
        elsewhere.set_registration(&root, false, &client()).await.unwrap();
        assert_eq!(world.argon().title().await.unwrap(), "argon");
        assert!(world.argon().registration_open().await.unwrap());
        assert_eq!(refused(elsewhere.register_with("eve", None, Admission::Own).await), Refusal::RegistrationClosed);
    }
}
