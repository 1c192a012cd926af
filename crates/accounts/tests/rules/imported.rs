//! Passwords that another system hashed, and those that nobody can compare with.

use accounts::Refusal;
use crypto::{Scheme, scheme_of};
use model::EventKind;

use crate::{PASSWORD, Verbs, World, engines, refused};

/// libcrypt's and Python's hashes of [`PASSWORD`].
const BCRYPT: &str = "$2b$04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS";
const PBKDF2: &str = "$pbkdf2-sha512$i=1000,l=64$AAECAwQFBgcICQoLDA0ODw$ToxFUi5y3fprZRW/V6CupR2uIDYfuy5rlsF9Z4E648lE68lw5lzmucru/HdPvmBJDSLroVh1Q2xCvjqd8NI/6Q";

engines! {
    async fn an_imported_hash_is_replaced_at_the_first_sign_in(world: World) {
        let argon = world.mount("argon");
        for (name, imported) in [("bob", BCRYPT), ("eve", PBKDF2)] {
            world.account(name).await;
            world.tamper(name, |account| account.password = Some(imported.to_owned())).await;
            assert_eq!(refused(argon.try_password(name, "wrong password").await), Refusal::WrongCredentials);
            assert_eq!(world.stored(name).await.password.as_deref(), Some(imported));
            let earlier = argon.enter(name).await;
            let stored = world.stored(name).await.password.unwrap();
            assert_eq!(scheme_of(&stored), Some(Scheme::Argon2id), "{name}");
            argon.enter(name).await;
            refused(argon.try_password(name, "wrong password").await);
            // Once is enough, and it is no change of password: no session ends.
            assert_eq!(world.stored(name).await.password.unwrap(), stored);
            argon.check(&argon.access(&earlier)).await.unwrap();
        }
        assert_eq!(world.events(EventKind::PasswordRehashed).await.len(), 2);
        assert_eq!(world.events(EventKind::SessionEnded).await.len(), 0);
    }

    async fn a_second_factor_is_asked_for_all_the_same(world: World) {
        world.account("bob").await;
        let codes = world.two_factor("bob").await;
        world.tamper("bob", |bob| bob.password = Some(BCRYPT.to_owned())).await;
        let wolfpal = world.mount("wolfpal");
        // The ticket is bound to the account as it is after the new hash.
        let ticket = wolfpal.ticket("bob").await;
        wolfpal.finish(&ticket, &codes.now(&world)).await.unwrap();
        assert_eq!(scheme_of(&world.stored("bob").await.password.unwrap()), Some(Scheme::Argon2id));
    }

    async fn two_devices_that_sign_in_at_once_after_the_import_both_get_in(world: World) {
        world.account("bob").await;
        world.tamper("bob", |bob| bob.password = Some(BCRYPT.to_owned())).await;
        let world = world.limited(accounts::Limits {
            per_address: Some(model::Throttle { burst: 2, every: model::Span::hours(1) }),
            ..Default::default()
        }).await;
        // Both have read the imported hash before either can store a new one.
        world.gate.shut();
        let sign_in = || {
            let argon = world.mount("argon");
            tokio::spawn(async move { argon.enter("bob").await })
        };
        let both = [sign_in(), sign_in()];
        world.until(|world| world.pool.stats().running == 1 && world.pool.stats().queued == 1).await;
        world.gate.open();
        for one in both {
            one.await.unwrap();
        }
        assert_eq!(world.number("select count(*) from session", vec![]).await, 2);
        // Neither counts as a wrong try.
        for _ in 0..2 {
            assert_eq!(refused(world.mount("argon").try_password("bob", "wrong").await), Refusal::WrongCredentials);
        }
    }

    async fn a_stored_password_that_nobody_can_read_lets_nobody_in(world: World) {
        world.account("bob").await;
        let argon = world.mount("argon");
        let zero_work = "$pbkdf2-sha512$i=0,l=64$AAEC$AAEC";
        let endless = "$argon2id$v=19$m=4294967295,t=4294967295,p=1$c2l4dGVlbg$AAECAwQFBgcICQoL";
        for unusable in [Some(""), Some("plain"), Some("$2b$04$short"), Some(zero_work), Some(endless), Some("$"), None] {
            world.tamper("bob", |bob| bob.password = unusable.map(str::to_owned)).await;
            let hashes = world.pool.stats().hashed;
            for password in [PASSWORD, "", "plain", unusable.unwrap_or_default()] {
                let answer = argon.try_password("bob", password).await;
                assert_eq!(refused(answer), Refusal::WrongCredentials, "{unusable:?}");
            }
            assert_eq!(world.pool.stats().hashed - hashes, 4, "{unusable:?} costs as much as any other");
        }
    }
}
