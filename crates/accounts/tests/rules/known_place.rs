//! Strangers who guess do not lock the owner out.

use accounts::{ChangeProfile, Limits, Login, PasswordChange, Refusal};
use model::{EventKind, Span, Throttle};

use crate::{PASSWORD, Verbs, World, client, engines, from, refused, secret};

const HOME: &str = "2001:db8:1:2::1";

/// The limits that are the default.
fn limits() -> Limits {
    Limits {
        per_account: Some(Throttle { burst: 10, every: Span::minutes(16) }),
        per_known_place: Some(Throttle { burst: 5, every: Span::hours(1) }),
        per_address: Some(Throttle { burst: 50, every: Span::seconds(20) }),
        ..Limits::default()
    }
}

impl World {
    /// An account that signed in at home once.
    async fn at_home(self) -> Self {
        self.account("bob").await;
        let world = self.limited(limits()).await;
        world.home(PASSWORD).await.unwrap();
        world
    }

    async fn home(&self, password: &str) -> Result<accounts::SignedIn, accounts::Failure> {
        self.mount("argon").attempt(Login::Username("bob"), password, from(HOME)).await
    }

    /// One guess of a stranger's, each from another address; whether it was looked at.
    async fn stranger(&self, number: u32) -> bool {
        let address = format!("198.18.{}.{}", number / 256 % 256, number % 256);
        let login = [Login::Username("bob"), Login::Email("BOB@example.com")][number as usize % 2];
        let mount = ["argon", "wolfpal", "melon", "goscrobble"][number as usize % 4];
        match refused(self.mount(mount).attempt(login, "wrong", from(&address)).await) {
            Refusal::WrongCredentials => true,
            Refusal::Throttled { .. } => false,
            other => panic!("{other}"),
        }
    }

    async fn besiege(&self) {
        for number in 0..12 {
            self.stranger(number).await;
        }
        assert!(!self.stranger(99).await);
    }
}

engines! {
    async fn the_owner_gets_in_where_the_account_is_known_and_nowhere_else(world: World) {
        let world = world.at_home().await;
        world.besiege().await;
        world.home(PASSWORD).await.unwrap();
        // The same subscriber's network; and every name of the account, through every mount.
        let neighbour = from("2001:db8:1:2:ffff::9");
        world.mount("wolfpal").attempt(Login::Email("bob@example.com"), PASSWORD, neighbour).await.unwrap();
        for elsewhere in ["2001:db8:1:3::1", "192.0.2.1"] {
            let answer = world.mount("argon").attempt(Login::Username("bob"), PASSWORD, from(elsewhere)).await;
            assert!(matches!(refused(answer), Refusal::Throttled { .. }), "{elsewhere}");
        }
    }

    async fn a_stranger_at_a_known_place_gains_little_and_the_owners_success_adds_nothing(world: World) {
        let world = world.at_home().await;
        world.besiege().await;
        for _ in 0..5 {
            world.home(PASSWORD).await.unwrap();
            assert_eq!(refused(world.home("wrong").await), Refusal::WrongCredentials);
        }
        let refusal = refused(world.home(PASSWORD).await);
        // The strangers' counter is the first that lets a try through.
        assert_eq!(refusal, Refusal::Throttled { retry_after: Span::minutes(16) });
    }

    async fn guesses_stay_below_what_is_promised(world: World) {
        let world = world.at_home().await;
        let (mut by_strangers, mut at_home) = (Vec::new(), Vec::new());
        for minute in 0..2 * 24 * 60_u32 {
            if minute % 5 == 0 {
                if world.stranger(minute).await {
                    by_strangers.push(minute);
                }
                let home = refused(world.home("wrong").await);
                if home == Refusal::WrongCredentials {
                    at_home.push(minute);
                }
            }
            world.pass(Span::minutes(1));
        }
        let most = |tries: &[u32], window: u32| {
            tries.iter().map(|from| tries.iter().filter(|at| (*from..from + window).contains(*at)).count()).max()
        };
        let both = { let mut both = [by_strangers, at_home].concat(); both.sort_unstable(); both };
        assert!(most(&both, 60) <= Some(20), "{:?} in an hour", most(&both, 60));
        assert!(most(&both, 24 * 60) <= Some(129), "{:?} in a day", most(&both, 24 * 60));
    }

    async fn strangers_alone_have_a_hundred_guesses_a_day_and_twenty_an_hour(world: World) {
        let world = world.at_home().await;
        let mut passed = Vec::new();
        for number in 0..26 * 60_u32 {
            // The owner signs in all the time, which must not help.
            if number % 60 == 0 {
                world.home(PASSWORD).await.unwrap();
            }
            if number % 4 == 0 && world.stranger(number).await {
                passed.push(number);
            }
            world.pass(Span::minutes(1));
        }
        let within = |window: u32| {
            passed.iter().map(|from| passed.iter().filter(|at| (*from..from + window).contains(*at)).count()).max()
        };
        assert!(within(60) <= Some(20), "{:?}", within(60));
        assert!(within(24 * 60) <= Some(100) && passed.len() > 90, "{:?}", within(24 * 60));
    }

    async fn changing_the_password_is_held_up_and_let_through_alike(world: World) {
        let world = world.at_home().await;
        let argon = world.mount("argon");
        let caller = argon.caller(&argon.enter("bob").await).await;
        world.besiege().await;
        let change = |address: &str| ChangeProfile {
            username: None,
            password: Some(PasswordChange { current: secret(PASSWORD), new: secret("another password") }),
            client: from(address),
        };
        let far = refused(argon.change_profile(&caller, change("203.0.113.80")).await);
        assert!(matches!(far, Refusal::Throttled { .. }));
        argon.change_profile(&caller, change(HOME)).await.unwrap();
    }

    async fn where_a_disowned_session_began_is_no_known_place(world: World) {
        let world = world.at_home().await;
        let wolfpal = world.mount("wolfpal");
        let thief = "203.0.113.66";
        world.pass(Span::seconds(1));
        wolfpal.attempt(Login::Username("bob"), PASSWORD, from(thief)).await.unwrap();
        let disowned = world.accounts.sessions(&world.stored("bob").await, 1).await.unwrap().remove(0);
        let end = store::sessions::end(disowned.id, model::EndReason::NotMe, model::Clock::now(&*world.clock));
        world.db.write(end.into()).await.unwrap();
        world.besiege().await;
        let answer = wolfpal.attempt(Login::Username("bob"), PASSWORD, from(thief)).await;
        assert!(matches!(refused(answer), Refusal::Throttled { .. }));
        world.home(PASSWORD).await.unwrap();
    }

    async fn the_address_counts_at_known_places_too(world: World) {
        let world = world.at_home().await;
        for number in 0..50 {
            let name = format!("name{number}");
            refused(world.mount("argon").attempt(Login::Username(&name), "wrong", from(HOME)).await);
        }
        assert!(matches!(refused(world.home(PASSWORD).await), Refusal::Throttled { .. }));
    }

    async fn without_a_limit_of_its_own_a_known_place_is_as_any_other(world: World) {
        let world = world.at_home().await;
        let world = world.limited(Limits { per_known_place: None, ..limits() }).await;
        world.besiege().await;
        assert!(matches!(refused(world.home(PASSWORD).await), Refusal::Throttled { .. }));
    }

    async fn being_held_up_leaves_an_event_and_no_flood_of_them(world: World) {
        let world = world.at_home().await;
        world.besiege().await;
        for number in 0..30 {
            assert!(!world.stranger(number).await);
            refused(world.mount("argon").try_password("nobody", "wrong").await);
        }
        let events = world.events(EventKind::SignInThrottled).await;
        assert_eq!(events.len(), 2, "{events:?}");
        assert_eq!(events[0].account, Some(world.stored("bob").await.id));
        assert_eq!((&events[1].account, &*events[1].detail), (&None, "argon: this account"));
        world.pass(Span::hours(1));
        while world.stranger(0).await {}
        assert_eq!(world.events(EventKind::SignInThrottled).await.len(), 3);
    }

    async fn an_address_that_is_held_up_is_noted_once_whatever_names_it_tries(world: World) {
        world.account("bob").await;
        let one = Throttle { burst: 1, every: Span::hours(9) };
        let world = world.limited(Limits { per_address: Some(one), ..limits() }).await;
        for name in ["bob", "eve", "nobody", "bob", "x"] {
            refused(world.mount("argon").attempt(Login::Username(name), "wrong", client()).await);
        }
        let events = world.events(EventKind::SignInThrottled).await;
        assert_eq!(events.len(), 1);
        assert_eq!((&events[0].account, &*events[0].address), (&None, "192.0.2.1"));
    }

    async fn several_wrong_codes_are_told_to_the_owner_once(world: World) {
        world.account("bob").await;
        let codes = world.two_factor("bob").await;
        let ten = Throttle { burst: 10, every: Span::hours(3) };
        let world = world.limited(Limits { second_factor: Some(ten), ..Limits::default() }).await;
        let wolfpal = world.mount("wolfpal");
        let mailed = async || {
            let mails = world.accounts.mails(100).await.unwrap();
            mails.into_iter().filter(|mail| mail.kind == "wrong_codes_told").count()
        };
        let mut wrong = 0;
        for number in 1..=15 {
            let ticket = wolfpal.ticket("bob").await;
            wrong += usize::from(refused(wolfpal.finish(&ticket, &codes.wrong(&world)).await) == Refusal::CodeWrong);
            assert_eq!(mailed().await, usize::from(number >= 5), "{number}");
        }
        assert_eq!((wrong, world.events(EventKind::WrongCodesTold).await.len()), (10, 1));
    }

    async fn every_way_to_be_mailed_has_one_budget_and_notices_keep_a_share_of_it(world: World) {
        let world = world.at_home().await;
        let mail = Some(Throttle { burst: 3, every: Span::minutes(61) });
        let world = world.limited(Limits { mail, ..Limits::default() }).await;
        let (wolfpal, goscrobble) = (world.mount("wolfpal"), world.mount("goscrobble"));
        for number in 0..20 {
            let asker = from(&format!("198.18.0.{number}"));
            let mount = if number % 2 == 0 { &wolfpal } else { &goscrobble };
            mount.send_reset("bob@example.com", &asker).await.unwrap();
            world.accounts.see_to_asked().await.unwrap();
            world.pass(Span::minutes(1));
        }
        assert_eq!(world.accounts.mails(100).await.unwrap().len(), 2);
        // Strangers cannot keep the owner from hearing of a new password.
        let caller = wolfpal.caller(&wolfpal.enter("bob").await).await;
        let change = |current: &str, new: &str| ChangeProfile {
            username: None,
            password: Some(PasswordChange { current: secret(current), new: secret(new) }),
            client: client(),
        };
        wolfpal.change_profile(&caller, change(PASSWORD, "another password")).await.unwrap();
        assert_eq!(world.accounts.mails(100).await.unwrap().len(), 3);
        world.accounts.set_password(&crate::mounts::realm(), "bob", secret(PASSWORD)).await.unwrap();
        let caller = wolfpal.caller(&wolfpal.enter("bob").await).await;
        wolfpal.change_profile(&caller, change(PASSWORD, "another password")).await.unwrap();
        assert_eq!(world.accounts.mails(100).await.unwrap().len(), 3, "never more than three");
    }
}
