//! What one process learns of what others do.

use accounts::{CheckRefused, Grant, TokenUse};
use model::Span;

use crate::mounts::realm;
use crate::{Verbs, World, client, engines, refused, unbelieved};

impl World {
    /// A new account's, at Argon.
    async fn three_sessions(&self) -> [Grant; 3] {
        self.account("bob").await;
        let argon = self.mount("argon");
        [argon.enter("bob").await, argon.enter("bob").await, argon.enter("bob").await]
    }

    /// Writes the end of a session into a place of the event list, as if it had been given out long before.
    async fn put_event(&self, place: i64, of: &Grant) {
        let sql = "insert into event (sequence, at, kind, realm, session_id, address, detail) \
                   overriding system value values ($1, $2, 'session_ended', 'default', $3, '', '')";
        let session = of.private_claims(TokenUse::Access).sid.to_string();
        let now = model::Clock::now(&*self.clock).0;
        let statement = db::Statement::new(sql, db::params![place, now, session]);
        self.db.write(statement.into()).await.unwrap();
    }
}

engines! { on disk
    async fn what_happens_between_opening_and_following_is_not_missed(world: World) {
        world.account("bob").await;
        let argon = world.mount("argon");
        let grant = argon.enter("bob").await;
        let token = argon.access(&grant);
        let other = world.second().await;
        // The command line ends a session just after the server has loaded what ended before.
        argon.sign_out(&argon.caller(&grant).await, &client()).await.unwrap();
        let following = tokio::spawn({
            let accounts = other.accounts.clone();
            async move { accounts.follow_events().await }
        });
        let there = other.mount("argon");
        let refused = async {
            while there.check(&token).await.is_ok() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(30), refused).await.unwrap();
        assert_eq!(unbelieved(there.check(&token).await), CheckRefused::SessionEnded);
        following.abort();
    }

    async fn a_refresh_elsewhere_ends_the_access_token_before(world: World) {
        world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let first = wolfpal.enter("bob").await;
        let token = wolfpal.access(&first);
        let other = world.second().await;
        let second = wolfpal.renew(&first).await.unwrap();
        other.accounts.follow_once().await.unwrap();
        assert_eq!(unbelieved(other.mount("wolfpal").check(&token).await), CheckRefused::SessionEnded);
        other.mount("wolfpal").caller(&second).await;
        let restarted = other.restarted().await;
        assert_eq!(unbelieved(restarted.mount("wolfpal").check(&token).await), CheckRefused::SessionEnded);
        restarted.mount("wolfpal").caller(&second).await;
    }

    async fn changed_accounts_are_read_anew(world: World) {
        world.account("bob").await;
        let wolfpal = world.mount("wolfpal");
        let grant = wolfpal.enter("bob").await;
        let other = world.second().await;
        assert!(!other.mount("wolfpal").caller(&grant).await.account.permissions.holds("mod"));
        world.accounts.permit(&realm(), "bob", "mod").await.unwrap();
        other.accounts.follow_once().await.unwrap();
        assert!(other.mount("wolfpal").caller(&grant).await.account.permissions.holds("mod"));
    }

    async fn a_long_list_is_followed_to_its_end(world: World) {
        world.account("bob").await;
        let argon = world.mount("argon");
        let grant = argon.enter("bob").await;
        let token = argon.access(&grant);
        let other = world.second().await;
        for _ in 0..1_100 {
            refused(argon.try_password("bob", "wrong").await);
        }
        argon.sign_out(&argon.caller(&grant).await, &client()).await.unwrap();
        other.accounts.follow_once().await.unwrap();
        assert_eq!(unbelieved(other.mount("argon").check(&token).await), CheckRefused::SessionEnded);
    }

    async fn what_comes_late_into_an_empty_place_is_learned(world: World) {
        let argon = world.mount("argon");
        let grants = world.three_sessions().await;
        let end = world.last_event().await;
        // Places below the end of the list were given to somebody who has not committed yet, before this process
        // begins and after.
        world.put_event(end + 3, &grants[0]).await;
        let other = world.second().await;
        let there = other.mount("argon");
        world.put_event(end + 9, &grants[0]).await;
        other.accounts.follow_once().await.unwrap();
        for (place, grant) in [(end + 2, &grants[1]), (end + 8, &grants[2])] {
            there.caller(grant).await;
            world.put_event(place, grant).await;
            other.accounts.follow_once().await.unwrap();
            assert_eq!(unbelieved(there.check(&argon.access(grant)).await), CheckRefused::SessionEnded);
        }
        // Much later too, as long as a transaction could last.
        let late = argon.enter("bob").await;
        world.pass(Span::seconds(60));
        other.accounts.follow_once().await.unwrap();
        world.put_event(end + 5, &late).await;
        world.pass(Span::seconds(16));
        other.accounts.follow_once().await.unwrap();
        assert_eq!(unbelieved(there.check(&argon.access(&late)).await), CheckRefused::SessionEnded);
    }

    async fn what_a_start_does_not_look_at_is_looked_for_at_the_first_look(world: World) {
        let argon = world.mount("argon");
        let grants = world.three_sessions().await;
        let end = world.last_event().await;
        // The newest places at a start are those from the first of these on.
        for far in [20_000, 40_000] {
            world.put_event(end + far, &grants[0]).await;
        }
        let other = world.second().await;
        let there = other.mount("argon");
        // Committed after the start, in a place that was given out long before.
        argon.sign_out(&argon.caller(&grants[1]).await, &client()).await.unwrap();
        let session = grants[1].private_claims(TokenUse::Access).sid.to_string();
        let told = "delete from event where session_id = $1 and kind = 'session_ended'";
        world.db.write(db::Statement::new(told, db::params![session]).into()).await.unwrap();
        world.put_event(end + 100, &grants[1]).await;
        other.accounts.follow_once().await.unwrap();
        assert_eq!(unbelieved(there.check(&argon.access(&grants[1])).await), CheckRefused::SessionEnded);
        there.caller(&grants[2]).await;
        world.put_event(end + 200, &grants[2]).await;
        other.accounts.follow_once().await.unwrap();
        assert_eq!(unbelieved(there.check(&argon.access(&grants[2])).await), CheckRefused::SessionEnded);
    }

    async fn of_all_that_others_write_at_once_nothing_is_missed(world: World) {
        world.account("bob").await;
        let (second, follower) = (world.second().await, world.second().await);
        let following = tokio::spawn({
            let accounts = follower.accounts.clone();
            async move {
                loop {
                    accounts.follow_once().await.unwrap();
                    tokio::task::yield_now().await;
                }
            }
        });
        let mut ended = Vec::new();
        for _ in 0..20 {
            let shared = world.mount("wolfpal").enter("bob").await;
            let answers = crate::races::at_once(|number| {
                let mount = if number % 2 == 0 { world.mount("wolfpal") } else { second.mount("wolfpal") };
                let shared = shared.clone();
                async move {
                    // Of many refreshes at once all but one are undone, and leave empty places.
                    _ = mount.renew(&shared).await.unwrap();
                    let grant = mount.enter("bob").await;
                    mount.sign_out(&mount.caller(&grant).await, &client()).await.unwrap();
                    mount.access(&grant)
                }
            })
            .await;
            ended.extend(answers);
            ended.push(world.mount("wolfpal").access(&shared));
        }
        following.abort();
        follower.pass(Span::seconds(1));
        follower.accounts.follow_once().await.unwrap();
        for token in ended {
            assert_eq!(unbelieved(follower.mount("wolfpal").check(&token).await), CheckRefused::SessionEnded);
        }
    }

    async fn an_end_is_remembered_as_long_as_a_token_could_live(world: World) {
        world.account("bob").await;
        let goscrobble = world.mount("goscrobble");
        let grant = goscrobble.enter("bob").await;
        let token = goscrobble.access(&grant);
        goscrobble.sign_out(&goscrobble.caller(&grant).await, &client()).await.unwrap();
        // One second before the token would have ended by itself.
        world.pass(Span(Span::days(7).0 - Span::seconds(2).0));
        world.accounts.sweep(Span::days(1)).await.unwrap();
        assert_eq!(unbelieved(goscrobble.check(&token).await), CheckRefused::SessionEnded);
        let world = world.restarted().await;
        assert_eq!(unbelieved(world.mount("goscrobble").check(&token).await), CheckRefused::SessionEnded);
        world.pass(Span::seconds(2));
        assert_eq!(unbelieved(world.mount("goscrobble").check(&token).await), CheckRefused::Expired);
    }

    async fn a_shorter_lifetime_in_the_settings_does_not_bring_ended_sessions_back(world: World) {
        world.account("bob").await;
        let argon = world.mount("argon");
        let grant = argon.enter("bob").await;
        let token = argon.access(&grant);
        argon.sign_out(&argon.caller(&grant).await, &client()).await.unwrap();
        world.pass(Span::hours(2));
        let world = world
            .under(|terms| {
                terms.mounts.iter_mut().for_each(|mount| {
                    mount.access = Span::minutes(10);
                    mount.refresh = mount.refresh.map(|_| Span::minutes(20));
                });
            })
            .await;
        // The token says that it is good for 22 more hours. By the settings of now it is over.
        assert_eq!(unbelieved(world.mount("argon").check(&token).await), CheckRefused::Expired);
        world.mount("argon").caller(&world.mount("argon").enter("bob").await).await;
    }

    async fn two_processes_make_and_believe_the_same_tokens(world: World) {
        let world = world.under(|terms| terms.mounts[0].algorithm = crypto::JwtAlgorithm::ES256).await;
        world.account("bob").await;
        let other = world.second().await;
        for name in ["argon", "wolfpal", "melon", "goscrobble"] {
            let grant = world.mount(name).enter("bob").await;
            other.mount(name).caller(&grant).await;
            world.mount(name).check(&other.mount(name).access(&grant)).await.unwrap();
        }
        assert_eq!(world.mount("argon").public_keys(), other.mount("argon").public_keys());
        assert!(world.mount("argon").public_keys().is_some() && world.mount("wolfpal").public_keys().is_none());
    }
}
