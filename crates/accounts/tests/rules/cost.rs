//! What somebody may not know must not show in how much is done: the same reads, the same writes, the same
//! hashes. Time itself is not measured here.

use accounts::{Admission, Failure, Limits, Login, Refusal};
use model::{Span, Throttle};

use crate::mounts::realm;
use crate::{PASSWORD, Verbs, World, client, engines, from, refused};

/// What was done: queries, batches, hashes.
#[derive(Debug, PartialEq, Eq)]
struct Cost(u64, u64, u64);

impl World {
    fn spent(&self) -> Cost {
        Cost(self.db.queries(), self.db.stats().batches, self.pool.stats().hashed)
    }

    async fn cost<T>(&self, of: impl Future<Output = T>) -> (Cost, T) {
        let before = self.spent();
        let answer = of.await;
        let after = self.spent();
        (Cost(after.0 - before.0, after.1 - before.1, after.2 - before.2), answer)
    }

    /// What it costs to be refused with this login and password.
    async fn cost_of(&self, login: Login<'_>, password: &str, address: &str) -> (Cost, Refusal) {
        let (cost, answer) = self.cost(self.mount("argon").attempt(login, password, from(address))).await;
        (cost, refused(answer))
    }
}

engines! {
    async fn every_refused_sign_in_costs_the_same(world: World) {
        for name in ["bob", "disabled", "factor", "locked"] {
            world.account(name).await;
        }
        world.accounts.disable(&realm(), "disabled").await.unwrap();
        world.two_factor("factor").await;
        world.tamper("locked", |account| account.password = None).await;
        let world = world.limited(Limits {
            per_account: Some(Throttle { burst: 3, every: Span::hours(1) }),
            per_known_place: Some(Throttle { burst: 3, every: Span::hours(1) }),
            per_address: Some(Throttle { burst: 90, every: Span::hours(1) }),
            ..Limits::default()
        }).await;
        let expected = (Cost(2, 2, 1), Refusal::WrongCredentials);
        for (login, password) in [
            (Login::Username("nobody"), "wrong"),
            (Login::Email("nobody@example.com"), "wrong"),
            (Login::Username("bob"), "wrong"),
            (Login::Email("bob@example.com"), "wrong"),
            (Login::Username("disabled"), "wrong"),
            (Login::Username("disabled"), PASSWORD),
            (Login::Username("factor"), "wrong"),
            (Login::Username("factor"), PASSWORD),
            (Login::Username("locked"), PASSWORD),
        ] {
            assert_eq!(world.cost_of(login, password, "192.0.2.1").await, expected, "{login:?} {password}");
        }
    }

    async fn who_is_turned_away_from_a_full_queue_costs_nothing(world: World) {
        world.account("bob").await;
        let hard = Some(Throttle { burst: 1, every: Span::hours(1) });
        let world = world.limited(Limits {
            per_account: hard,
            per_address: hard,
            registration: hard,
            ..Limits::default()
        }).await.impatient().await;
        let argon = world.mount("argon");
        let turn = world.pool.turn().unwrap();
        for _ in 0..3 {
            for name in ["bob", "nobody"] {
                let (cost, answer) = world.cost(argon.try_password(name, PASSWORD)).await;
                assert!(matches!(answer, Err(Failure::Overloaded { .. })), "{answer:?}");
                assert_eq!(cost, Cost(0, 0, 0));
            }
            let (cost, answer) = world.cost(argon.register_with("eve", None, Admission::Own)).await;
            assert!(matches!(answer, Err(Failure::Overloaded { .. })));
            assert_eq!(cost, Cost(0, 0, 0));
        }
        drop(turn);
        argon.enter("bob").await;
        argon.register_with("eve", None, Admission::Own).await.unwrap();
    }

    async fn being_held_up_costs_the_same_for_a_name_that_nobody_has(world: World) {
        world.account("bob").await;
        let world = world.limited(Limits {
            per_account: Some(Throttle { burst: 1, every: Span::hours(1) }),
            per_known_place: Some(Throttle { burst: 3, every: Span::hours(1) }),
            per_address: Some(Throttle { burst: 90, every: Span::hours(1) }),
            ..Limits::default()
        }).await;
        world.mount("argon").attempt(Login::Username("bob"), PASSWORD, from("192.0.2.77")).await.unwrap();
        let mut costs = Vec::new();
        for name in ["bob", "nobody"] {
            let login = Login::Username(name);
            for _ in 0..3 {
                costs.push(world.cost_of(login, "wrong", "192.0.2.1").await);
            }
        }
        assert_eq!(costs[..3], costs[3..]);
        assert!(matches!(costs[1], (Cost(_, 2, 0), Refusal::Throttled { .. })), "{costs:?}");
        // An event that is undone would take longer if it names an account.
        assert!(matches!(costs[2], (Cost(_, 1, 0), Refusal::Throttled { .. })), "{costs:?}");
    }

    async fn mail_that_is_asked_for_costs_the_same_whoever_has_the_address(world: World) {
        world.account("bob").await;
        world.account("disabled").await;
        world.accounts.disable(&realm(), "disabled").await.unwrap();
        world.account("unconfirmed").await;
        world.tamper("unconfirmed", |account| account.email_confirmed = false).await;
        let limit = Some(Throttle { burst: 2, every: Span::hours(1) });
        let world = world.limited(Limits { mail: limit, ..Limits::default() }).await;
        for mount in ["wolfpal", "goscrobble", "argon"] {
            for round in 0..2 {
                for name in ["bob", "disabled", "unconfirmed", "nobody"] {
                    let email = format!("{name}@example.com");
                    let (cost, answer) = world.cost(world.mount(mount).send_reset(&email, &client())).await;
                    assert_eq!((cost, answer.unwrap()), (Cost(0, 1, 0), ()), "{mount} {name} {round}");
                    let (cost, answer) = world.cost(world.mount(mount).resend_confirmation(&email, &client())).await;
                    assert_eq!((cost, answer.unwrap()), (Cost(0, 1, 0), ()), "{mount} {name} {round}");
                }
            }
            // Whoever has it, each time is a row of its own, never written over: that would take another time.
            assert_eq!(world.number("select count(*) from one_time_token where account_id is null", vec![]).await, 16);
            world.accounts.see_to_asked().await.unwrap();
        }
    }

    async fn nobody_is_mailed_and_nothing_is_left_of_asking(world: World) {
        world.account("confirmed").await;
        for email in ["nobody@example.com", "confirmed@example.com"] {
            world.mount("wolfpal").resend_confirmation(email, &client()).await.unwrap();
        }
        world.mount("wolfpal").send_reset("nobody@example.com", &client()).await.unwrap();
        world.accounts.see_to_asked().await.unwrap();
        assert_eq!(world.accounts.mails(9).await.unwrap(), vec![]);
        assert_eq!(world.number("select count(*) from one_time_token", vec![]).await, 0);
    }

    async fn an_invite_costs_the_same_right_or_wrong(world: World) {
        let limit = Some(Throttle { burst: 20, every: Span::hours(1) });
        let world = world.limited(Limits { invite_per_address: limit, invite_in_all: limit, ..Limits::default() }).await;
        let code = world.accounts.create_invite(&realm()).await.unwrap();
        let melon = world.mount("melon");
        let (wrong, answer) = world.cost(melon.redeem_invite("????", &client())).await;
        assert_eq!(refused(answer), Refusal::InviteUnknown);
        let (right, answer) = world.cost(melon.redeem_invite(&code, &client())).await;
        answer.unwrap();
        assert_eq!(wrong, right);
    }
}
