//! Which passwords may be chosen, whichever way.

use accounts::{
    Admission, ChangeProfile, CreateAccount, PasswordChange, Refusal, Register, ResetPassword, UpdateMember,
};

use crate::mounts::realm;
use crate::{PASSWORD, Verbs, World, client, engines, refused, secret};

const COMMON: &str = "Password1";

impl World {
    /// What registering a newcomer with this password through a mount says.
    async fn chosen(&self, mount: &str, names: (&str, Option<&str>), password: &str) -> Option<Refusal> {
        let register = Register {
            username: names.0,
            email: names.1,
            password: secret(password),
            permissions: None,
            admission: Admission::Own,
            sign_in: false,
            client: client(),
        };
        match self.mount(mount).register(register).await {
            Ok(_) => None,
            refusal => Some(refused(refusal)),
        }
    }
}

engines! {
    async fn a_common_password_is_refused_on_every_way(world: World) {
        let bob = world.account("bob").await;
        let expected = Refusal::PasswordTooCommon;
        let argon = world.mount("argon");
        assert_eq!(world.chosen("argon", ("newcomer", None), COMMON).await, Some(expected));
        let command = CreateAccount {
            realm: &realm(),
            username: "eve",
            email: None,
            email_confirmed: false,
            password: secret(COMMON),
            permissions: None,
        };
        assert_eq!(refused(world.accounts.create(command).await), expected);
        assert_eq!(refused(world.accounts.set_password(&realm(), "bob", secret(COMMON)).await), expected);
        let caller = argon.caller(&argon.enter("bob").await).await;
        let password = Some(PasswordChange { current: secret(PASSWORD), new: secret(COMMON) });
        let change = ChangeProfile { username: None, password, client: client() };
        assert_eq!(refused(argon.change_profile(&caller, change).await), expected);
        let change = UpdateMember { password: Some(secret(COMMON)), ..UpdateMember::default() };
        assert_eq!(refused(argon.update_member(&caller, &bob.id, change, &client()).await), expected);
        let wolfpal = world.mount("wolfpal");
        wolfpal.send_reset("bob@example.com", &client()).await.unwrap();
        world.accounts.see_to_asked().await.unwrap();
        let token = world.last_link("/forgot-password/").await;
        let reset = |password| ResetPassword { token: &token, password: secret(password), client: client() };
        assert_eq!(refused(wolfpal.reset_password(reset(COMMON)).await), expected);
        let code = world.accounts.create_invite(&realm()).await.unwrap();
        let invited = world.mount("melon").redeem_invite(&code, &client()).await.unwrap();
        let jti = serde_json::to_value(invited).unwrap()["jti"].as_str().unwrap().to_owned();
        let register = |password| Register {
            username: "guest",
            email: None,
            password: secret(password),
            permissions: None,
            admission: Admission::Invited(&jti),
            sign_in: false,
            client: client(),
        };
        assert_eq!(refused(world.mount("melon").register(register(COMMON)).await), expected);
        // Nothing was used up, and nothing was changed.
        world.mount("melon").register(register("a good one")).await.unwrap();
        wolfpal.reset_password(reset("another password")).await.unwrap();
    }

    async fn a_password_is_compared_whole_and_without_regard_to_case(world: World) {
        for common in ["password", "PASSWORD", "PassWord1", "ｐａｓｓｗｏｒｄ", "iloveyou", "qwertyuiop"] {
            assert_eq!(world.chosen("argon", ("bob", None), common).await, Some(Refusal::PasswordTooCommon), "{common}");
        }
        for (number, other) in ["password 1!", "my iloveyou dog", " password", "passwordx9", "12345678 9"].iter().enumerate() {
            assert_eq!(world.chosen("argon", (&format!("name{number}"), None), other).await, None, "{other}");
        }
    }

    async fn names_are_refused_alone_and_repeated(world: World) {
        let world = world.under(|terms| terms.mounts[1].site = "Zürcher Läufe".into()).await;
        let names = ("Adelaide", Some("Ada.Lovelace@Example.com"));
        for bad in [
            "adelaide", "ADELAIDE", "AdelaideAdelaide", "ada.lovelace@example.com", "ada.lovelace", "ADA.LOVELACEada.lovelace",
            "zürcher läufe", "ZÜRCHER LÄUFE", "goscrobble", "GoScrobbleGoScrobble", "argonargon", "melonmelonmelon",
        ] {
            assert_eq!(world.chosen("argon", names, bad).await, Some(Refusal::PasswordTooCommon), "{bad}");
        }
        assert_eq!(world.chosen("argon", ("a", None), "aaaaaaaaaa").await, Some(Refusal::PasswordTooCommon));
        assert_eq!(world.chosen("argon", names, "adelaide plays chess").await, None);
        // A new name counts when both are changed at once, and not the old one.
        let argon = world.mount("argon");
        world.account("old-name").await;
        let caller = argon.caller(&argon.enter("old-name").await).await;
        let both = |new: &str| ChangeProfile {
            username: Some("brand-new"),
            password: Some(PasswordChange { current: secret(PASSWORD), new: secret(new) }),
            client: client(),
        };
        assert_eq!(refused(argon.change_profile(&caller, both("brand-new")).await), Refusal::PasswordTooCommon);
    }

    async fn a_mount_may_allow_the_address_and_ask_for_more_characters(world: World) {
        let world = world.under(|terms| {
            terms.mounts[0].email_as_password = true;
            terms.mounts[3].min_password = 15;
        }).await;
        let ada = ("ada", Some("ada@example.com"));
        assert_eq!(world.chosen("wolfpal", ada, "ada@example.com").await, Some(Refusal::PasswordTooCommon));
        assert_eq!(world.chosen("argon", ada, "adaada@example.com").await, None);
        assert_eq!(world.chosen("argon", ("eve", Some("eve@example.com")), "eve@example.com").await, None);
        assert_eq!(world.chosen("argon", ("eveeveeve", Some("e@example.com")), "eveeveeve").await, Some(Refusal::PasswordTooCommon));
        let short = Some(Refusal::PasswordTooShort { min: 15 });
        assert_eq!(world.chosen("goscrobble", ("bob", None), "fourteen chars").await, short);
        assert_eq!(world.chosen("goscrobble", ("bob", None), "fifteen letters").await, None);
        // An administrator from outside is held to the strictest mount.
        let set = world.accounts.set_password(&realm(), "bob", secret("fourteen chars")).await;
        assert_eq!(Some(refused(set)), short);
    }

    async fn length_is_counted_in_code_points_and_bounded_in_bytes(world: World) {
        for (name, password, refusal) in [
            ("a1", "äöüßéèê".to_owned(), Some(Refusal::PasswordTooShort { min: 8 })),
            ("a2", "äöüßéèêë".to_owned(), None),
            ("a3", "👩‍👩‍👧‍👧x".to_owned(), None),
            ("a4", "xy ".repeat(341), None),
            ("a5", "x".repeat(1_025), Some(Refusal::PasswordTooLong)),
        ] {
            assert_eq!(world.chosen("argon", (name, None), &password).await, refusal, "{name}");
        }
        // Nothing is cut off.
        let argon = world.mount("argon");
        let long = "xy ".repeat(341);
        argon.try_password("a4", &long).await.unwrap();
        assert_eq!(refused(argon.try_password("a4", &long[..1_022]).await), Refusal::WrongCredentials);
    }

    async fn passwords_in_use_are_not_judged(world: World) {
        let world = world.under(|terms| terms.passwords.refuse_common = false).await;
        assert_eq!(world.chosen("argon", ("bob", None), COMMON).await, None);
        let world = world.under(|terms| terms.passwords.refuse_common = true).await;
        world.mount("argon").try_password("bob", COMMON).await.unwrap();
    }

    async fn an_operator_refuses_more(world: World) {
        let list = "Acme Rockets\n";
        let world = world.under(|terms| {
            terms.passwords.refuse_common = false;
            terms.passwords.refused = accounts::RefusedPasswords::read(list.as_bytes()).unwrap();
        }).await;
        assert_eq!(world.chosen("argon", ("bob", None), "ACME rockets").await, Some(Refusal::PasswordTooCommon));
        assert_eq!(world.chosen("argon", ("bob", None), COMMON).await, None);
    }
}
