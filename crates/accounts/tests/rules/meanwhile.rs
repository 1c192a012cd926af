//! Accounts that change while their password is being compared.

use accounts::{Failure, Limits, Refusal, SignedIn};
use model::{Span, Throttle};
use tokio::task::JoinHandle;

use crate::{PASSWORD, Verbs, World, engines, refused};

impl World {
    /// Waits for what other tasks do.
    pub(crate) async fn until(&self, true_of: impl Fn(&Self) -> bool) {
        while !true_of(self) {
            tokio::task::yield_now().await;
        }
    }

    /// Begins a sign-in and stops it before its password is compared; [`crate::Gate::open`] lets it go on.
    async fn sign_in_held(&self, mount: &str, name: &'static str) -> Held {
        self.gate.shut();
        let (pool, mount) = (self.pool.clone(), self.mount(mount));
        let in_front = tokio::spawn(async move { _ = pool.hash(crate::secret("in front")).await });
        self.until(|world| world.pool.stats().running == 1).await;
        let answer = tokio::spawn(async move { mount.try_password(name, PASSWORD).await });
        self.until(|world| world.pool.stats().queued == 1).await;
        Held { in_front, answer }
    }
}

struct Held {
    in_front: JoinHandle<()>,
    answer: JoinHandle<Result<SignedIn, Failure>>,
}

impl Held {
    async fn goes_on(self, world: &World) -> Result<SignedIn, Failure> {
        world.gate.open();
        self.in_front.await.unwrap();
        self.answer.await.unwrap()
    }
}

engines! {
    async fn a_password_changed_in_between_opens_nothing(world: World) {
        world.account("bob").await;
        let other = world.pool.hash(crate::secret("another password")).await.unwrap();
        let held = world.sign_in_held("argon", "bob").await;
        world.tamper("bob", |bob| bob.password = Some(other)).await;
        assert_eq!(refused(held.goes_on(&world).await), Refusal::WrongCredentials);
        assert_eq!(world.number("select count(*) from session", vec![]).await, 0);
    }

    async fn the_same_password_hashed_anew_in_between_is_still_the_password(world: World) {
        world.account("bob").await;
        let again = world.pool.hash(crate::secret(PASSWORD)).await.unwrap();
        let held = world.sign_in_held("argon", "bob").await;
        world.tamper("bob", |bob| bob.password = Some(again)).await;
        assert!(matches!(held.goes_on(&world).await, Ok(SignedIn::Complete(_))));
    }

    async fn an_account_disabled_in_between_stays_out(world: World) {
        world.account("bob").await;
        let held = world.sign_in_held("argon", "bob").await;
        world.tamper("bob", |bob| bob.disabled = true).await;
        assert_eq!(refused(held.goes_on(&world).await), Refusal::WrongCredentials);
    }

    async fn an_account_deleted_in_between_stays_out(world: World) {
        world.account("bob").await;
        let held = world.sign_in_held("argon", "bob").await;
        world.accounts.delete(&crate::mounts::realm(), "bob").await.unwrap();
        assert_eq!(refused(held.goes_on(&world).await), Refusal::WrongCredentials);
        assert_eq!(world.number("select count(*) from session", vec![]).await, 0);
    }

    async fn an_address_that_became_unconfirmed_in_between_is_asked_for(world: World) {
        world.account("bob").await;
        let held = world.sign_in_held("wolfpal", "bob").await;
        world.tamper("bob", |bob| bob.email_confirmed = false).await;
        assert_eq!(refused(held.goes_on(&world).await), Refusal::EmailUnconfirmed);
    }

    async fn any_other_change_in_between_is_seen_in_the_grant(world: World) {
        world.account("bob").await;
        let held = world.sign_in_held("argon", "bob").await;
        world.accounts.permit(&crate::mounts::realm(), "bob", "admin").await.unwrap();
        match held.goes_on(&world).await {
            Ok(SignedIn::Complete(grant)) => assert!(grant.account.permissions.holds("admin")),
            other => panic!("{other:?}"),
        }
        assert_eq!(world.number("select count(*) from session", vec![]).await, 1);
    }

    async fn a_caller_who_went_away_leaves_a_counted_try_and_nothing_else(world: World) {
        world.account("bob").await;
        let burst = Throttle { burst: 2, every: Span::hours(1) };
        let world = world.limited(Limits { per_account: Some(burst), ..Default::default() }).await;
        let held = world.sign_in_held("argon", "bob").await;
        held.answer.abort();
        assert!(held.answer.await.unwrap_err().is_cancelled());
        world.gate.open();
        held.in_front.await.unwrap();
        assert_eq!(refused(world.mount("argon").try_password("bob", "wrong").await), Refusal::WrongCredentials);
        assert!(matches!(refused(world.mount("argon").try_password("bob", PASSWORD).await), Refusal::Throttled { .. }));
        assert_eq!(world.number("select count(*) from session", vec![]).await, 0);
    }
}
