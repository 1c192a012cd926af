//! Signing keys that change: no good token is refused through it, and what is retired is believed no more.

use std::collections::BTreeSet;

use accounts::{Accounts, CheckRefused, Grant, KeyRefused, KeyState, Mount, SigningKey, TokenUse, Turn};
use crypto::{JwtAlgorithm, JwtKey, KeyRing, RootSecret};
use data_encoding::BASE64URL_NOPAD;
use model::{Clock, EventKind, Span};

use crate::world::master;
use crate::{Verbs, World, client, engines, secret, unbelieved};

const NAMES: [&str; 4] = ["argon", "wolfpal", "melon", "goscrobble"];

/// A process that is told when to look at the event list.
struct Node {
    world: World,
}

impl Node {
    fn of(world: World) -> Self {
        Self { world }
    }

    async fn follow(&self) {
        self.world.accounts.follow_once().await.unwrap();
    }

    /// Signs in everywhere.
    async fn issue(&self) -> Vec<Issued> {
        let mut all = Vec::new();
        for name in NAMES {
            let mount = self.world.mount(name);
            let grant = mount.enter("bob").await;
            all.push(Issued {
                name,
                access: mount.access(&grant),
                refresh: mount.token(&grant, TokenUse::Refresh),
                grant,
            });
        }
        all
    }

    /// Every token that is in time is believed.
    async fn believes(&self, all: &[Issued], when: &str) {
        let now = self.world.clock.now().seconds();
        for one in all {
            let mount = self.world.mount(one.name);
            if now < one.grant.access_expires_at() {
                let believed = mount.check(&one.access).await;
                assert!(believed.is_ok(), "{when}: access token of {}: {believed:?}", one.name);
            }
            if now < one.grant.refresh_expires_at() {
                let believed = mount.open_refresh_jwt(&one.refresh);
                assert!(believed.is_ok(), "{when}: refresh token of {}: {believed:?}", one.name);
            }
        }
    }
}

/// What a sign-in won.
struct Issued {
    name: &'static str,
    access: String,
    refresh: String,
    grant: Grant,
}

/// The key id that a token's header names.
fn kid(token: &str) -> String {
    let header = BASE64URL_NOPAD.decode(token.split('.').next().unwrap().as_bytes()).unwrap();
    let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

fn published(mount: &Mount) -> BTreeSet<String> {
    let set = mount.public_keys().unwrap();
    set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// The states of a mount's keys that are or were in use, newest first.
async fn states(accounts: &Accounts, mount: &str) -> Vec<(String, KeyState)> {
    let keys = accounts.keys().await.unwrap();
    let of_mount = keys.into_iter().filter(|key| key.mount == mount && key.state != KeyState::Unused);
    of_mount.map(|key| (key.id, key.state)).collect()
}

/// Argon with key pairs, the others with shared secrets.
async fn with_pairs(world: World) -> World {
    let world = world.under(|terms| terms.mounts[0].algorithm = JwtAlgorithm::ES256).await;
    world.account("bob").await;
    world
}

engines! { on disk
    async fn no_good_token_is_refused_through_a_rotation(world: World) {
        let one = Node::of(with_pairs(world).await);
        let two = Node::of(one.world.second().await);
        // Hears of nothing for nine minutes, and goes on signing what it can.
        let late = Node::of(one.world.second().await);
        let (mut all, mut passed, mut late_for) = (one.issue().await, 0, 0);
        for (seconds, rotate) in [
            (3, true), (1, false), (28, false), (29, false), (1, false), (1, false), (1, false), (300, false),
            (120, false), (90, false), (600, true), (61, false), (1_800, false), (7_200, false), (30_000, true),
            (3_600, false), (50_000, false), (90_000, false), (172_800, false), (400_000, false), (10, false),
        ] {
            one.world.pass(Span::seconds(seconds));
            passed += seconds;
            // The news until now: nobody vouches without. Of a key that is made now the other does not hear yet.
            two.follow().await;
            one.follow().await;
            if rotate {
                for name in NAMES {
                    assert!(one.world.accounts.rotate_key(name, Turn::Later).await.unwrap().made);
                }
            }
            all.extend(one.issue().await);
            all.extend(two.issue().await);
            if passed < 540 {
                all.extend(late.issue().await);
                late_for = passed;
            } else {
                late.follow().await;
                late.believes(&all, &format!("late, after {passed} s")).await;
            }
            for node in [&one, &two] {
                node.world.accounts.tend_keys().await.unwrap();
                node.believes(&all, &format!("after {passed} s")).await;
            }
        }
        assert!(late_for > 400, "it was not late: {late_for}");
        // Of the first key nothing can be in time by now, not even the longest session.
        for name in NAMES {
            let states = states(&one.world.accounts, name).await;
            assert_eq!(states.last().unwrap().1, KeyState::Retired, "{name}: {states:?}");
            assert_eq!(states.iter().filter(|(_, state)| *state == KeyState::Signing).count(), 1, "{states:?}");
        }
        let argon: BTreeSet<String> = all.iter().filter(|one| one.name == "argon").map(|one| kid(&one.access)).collect();
        assert_eq!(argon.len(), 4, "{argon:?}");
    }

    async fn a_key_is_known_and_published_before_it_signs(world: World) {
        let one = Node::of(with_pairs(world).await);
        let two = Node::of(one.world.second().await);
        let (here, there) = (one.world.mount("argon"), two.world.mount("argon"));
        let first = kid(&here.access(&here.enter("bob").await));
        let rotated = one.world.accounts.rotate_key("argon", Turn::Later).await.unwrap();
        assert!(rotated.made && rotated.id != first);
        assert_eq!(published(&here), BTreeSet::from([first.clone(), rotated.id.clone()]), "at once where it was made");
        two.follow().await;
        assert_eq!(published(&there), published(&here));
        // Asked again, it is the one that waits.
        let again = two.world.accounts.rotate_key("argon", Turn::Later).await.unwrap();
        assert_eq!((again.id.as_str(), again.made, again.signs_from), (rotated.id.as_str(), false, rotated.signs_from));
        let waits = [(rotated.id.clone(), KeyState::Upcoming), (first.clone(), KeyState::Signing)];
        assert_eq!(states(&one.world.accounts, "argon").await, waits);
        // Its turn comes by the clock, without another word.
        one.world.pass(Span(rotated.signs_from.0 - one.world.clock.now().0 - 1));
        assert_eq!(kid(&there.access(&there.enter("bob").await)), first);
        one.world.pass(Span(1));
        assert_eq!(kid(&there.access(&there.enter("bob").await)), rotated.id);
        assert_eq!(kid(&here.access(&here.enter("bob").await)), rotated.id);
        let signs = [(rotated.id.clone(), KeyState::Signing), (first, KeyState::Accepted)];
        assert_eq!(states(&one.world.accounts, "argon").await, signs);
        let events = one.world.events(EventKind::SigningKeyRotated).await;
        assert_eq!(events.iter().map(|event| event.detail.as_str()).collect::<Vec<_>>(), [rotated.id.as_str()]);
    }

    async fn the_key_that_waits_can_be_brought_forward(world: World) {
        let world = with_pairs(world).await;
        let argon = world.mount("argon");
        let waiting = world.accounts.rotate_key("argon", Turn::Later).await.unwrap();
        let now = world.accounts.rotate_key("argon", Turn::Now).await.unwrap();
        assert_eq!((&now.id, now.made), (&waiting.id, false));
        assert!(now.signs_from < waiting.signs_from);
        world.pass(Span::seconds(1));
        assert_eq!(kid(&argon.access(&argon.enter("bob").await)), waiting.id);
    }

    async fn tokens_are_made_again_by_the_key_that_made_them(world: World) {
        world.account("bob").await;
        let goscrobble = world.mount("goscrobble");
        let grant = goscrobble.enter("bob").await;
        let before = goscrobble.access(&grant);
        world.accounts.rotate_key("goscrobble", Turn::Now).await.unwrap();
        world.pass(Span::minutes(5));
        assert_eq!(goscrobble.access(&grant), before);
        let fresh = goscrobble.enter("bob").await;
        let shown = goscrobble.access(&fresh);
        world.accounts.rotate_key("goscrobble", Turn::Now).await.unwrap();
        assert_eq!((goscrobble.access(&grant), goscrobble.access(&fresh)), (before, shown));
    }

    async fn of_many_who_rotate_at_once_one_makes_the_key(world: World) {
        let other = world.second().await;
        for round in 1..=20 {
            let tasks: Vec<_> = (0..16).map(|task| {
                let accounts = if task % 2 == 0 { world.accounts.clone() } else { other.accounts.clone() };
                let turn = if round % 2 == 0 { Turn::Now } else { Turn::Later };
                tokio::spawn(async move { accounts.rotate_key("argon", turn).await })
            }).collect();
            let mut made = Vec::new();
            let mut ids = BTreeSet::new();
            for task in tasks {
                match task.await.unwrap() {
                    Ok(rotated) => {
                        ids.insert(rotated.id.clone());
                        made.extend(rotated.made.then_some(rotated.id));
                    }
                    Err(other) => panic!("{other}"),
                }
            }
            assert_eq!((made.len(), ids.len()), (1, 1), "round {round}: {made:?} {ids:?}");
            let keys = world.number("select count(*) from signing_key where mount = 'argon' and retired_at is null", vec![]).await;
            assert!(keys <= 4, "{keys} keys are believed");
            world.pass(Span::minutes(2));
            for (id, state) in states(&world.accounts, "argon").await {
                if state == KeyState::Accepted {
                    world.accounts.retire_key(&id).await.unwrap();
                }
            }
        }
    }

    async fn what_is_retired_is_believed_no_more(world: World) {
        let one = Node::of(with_pairs(world).await);
        let two = Node::of(one.world.second().await);
        let all = one.issue().await;
        // Both have seen every signature, so that neither has to check one again.
        one.believes(&all, "before").await;
        two.believes(&all, "before").await;
        for name in NAMES {
            let id = states(&one.world.accounts, name).await[0].0.clone();
            one.world.pass(Span::seconds(1));
            let retired = one.world.accounts.retire_key(&id).await.unwrap();
            assert_eq!(retired.mount, name);
            let successor = retired.successor.unwrap();
            assert_ne!(successor, id);
            assert!(matches!(one.world.accounts.retire_key(&id).await, Err(KeyRefused::RetiredBefore(_))));
            assert_eq!(states(&one.world.accounts, name).await, [(successor, KeyState::Signing), (id, KeyState::Retired)]);
        }
        two.follow().await;
        for node in [&one, &two] {
            for issued in &all {
                let mount = node.world.mount(issued.name);
                assert_eq!(unbelieved(mount.check(&issued.access).await), CheckRefused::Invalid, "{}", issued.name);
                assert_eq!(mount.open_refresh_jwt(&issued.refresh).unwrap_err(), CheckRefused::Invalid);
                assert!(mount.check_for_sign_out(&issued.access).await.is_err());
            }
            // Sessions live: a refresh token of another key, and whoever signs in again, goes on.
            node.believes(&node.issue().await, "after").await;
        }
        let goscrobble = two.world.mount("goscrobble");
        let renewed = goscrobble.renew(&all[3].grant).await.unwrap();
        goscrobble.caller(&renewed).await;
        // Nothing that could sign is left of it.
        let left = "select count(*) from signing_key where retired_at is not null and sealed <> $1";
        assert_eq!(one.world.number(left, db::params![&[][..]]).await, 0);
        assert_eq!(one.world.events(EventKind::SigningKeyRetired).await.len(), 4);
        let restarted = two.world.restarted().await;
        assert_eq!(unbelieved(restarted.mount("argon").check(&all[0].access).await), CheckRefused::Invalid);
        restarted.mount("argon").caller(&restarted.mount("argon").enter("bob").await).await;
    }

    async fn the_key_that_waits_takes_over_from_one_that_is_retired(world: World) {
        let world = with_pairs(world).await;
        let argon = world.mount("argon");
        let grant = argon.enter("bob").await;
        let first = kid(&argon.access(&grant));
        let waiting = world.accounts.rotate_key("argon", Turn::Later).await.unwrap().id;
        let retired = world.accounts.retire_key(&first).await.unwrap();
        assert_eq!(retired.successor.as_deref(), Some(waiting.as_str()));
        assert_eq!(kid(&argon.access(&argon.enter("bob").await)), waiting, "at once, not only after its lead");
        assert_eq!(kid(&argon.access(&grant)), waiting, "also for what is made again");
        // One that does not sign leaves quietly.
        let upcoming = world.accounts.rotate_key("argon", Turn::Later).await.unwrap().id;
        assert_eq!(world.accounts.retire_key(&upcoming).await.unwrap().successor, None);
        assert_eq!(published(&argon), BTreeSet::from([waiting]));
        let next = world.accounts.rotate_key("argon", Turn::Later).await.unwrap().id;
        assert_ne!(next, upcoming, "the id of a retired key is given to another");
        assert!(matches!(world.accounts.retire_key("nobody").await, Err(KeyRefused::Unknown(_))));
        assert!(matches!(world.accounts.rotate_key("nobody", Turn::Now).await, Err(KeyRefused::MountUnknown(_))));
    }

    async fn no_more_keys_are_believed_than_may_be(world: World) {
        world.account("bob").await;
        let argon = world.mount("argon");
        for _ in 0..3 {
            argon.enter("bob").await;
            world.accounts.rotate_key("argon", Turn::Now).await.unwrap();
            world.pass(Span::hours(1));
            world.accounts.tend_keys().await.unwrap();
        }
        assert!(matches!(world.accounts.rotate_key("argon", Turn::Now).await, Err(KeyRefused::TooMany { .. })));
        // The last of its sessions is over after a day.
        world.pass(Span::hours(24));
        world.accounts.tend_keys().await.unwrap();
        world.accounts.rotate_key("argon", Turn::Now).await.unwrap();
    }

    async fn keys_follow_each_other_by_themselves(world: World) {
        world.account("bob").await;
        let world = world.under(|terms| terms.keys.rotate_every = Some(Span::days(1))).await;
        let two = Node::of(world.second().await);
        let one = Node::of(world);
        let mut all = Vec::new();
        for hour in 0..240 {
            one.world.pass(Span::hours(1));
            for node in [&one, &two] {
                node.world.accounts.tend_keys().await.unwrap();
            }
            one.follow().await;
            two.follow().await;
            if hour % 5 == 0 {
                all.extend(one.issue().await);
            }
            one.believes(&all, "one").await;
            two.believes(&all, "two").await;
        }
        // Argon's tokens live for a day: no more than three keys at a time, and one for each day.
        let keys = states(&one.world.accounts, "argon").await;
        assert!((9..=11).contains(&keys.len()), "{keys:?}");
        assert!(keys.iter().filter(|(_, state)| *state != KeyState::Retired).count() <= 3, "{keys:?}");
        // GoScrobble's for a week: the next one waits until one of four is over.
        let keys = states(&one.world.accounts, "goscrobble").await;
        assert_eq!(keys.iter().filter(|(_, state)| *state != KeyState::Retired).count(), 4, "{keys:?}");
    }

    async fn given_keys_change_by_settings(world: World) {
        world.account("bob").await;
        let (old, new) = (secret(&"o".repeat(32)), secret(&"n".repeat(32)));
        let given = |key: &secrecy::SecretString, previous: &[&secrecy::SecretString]| {
            let key = SigningKey::Given { key: key.clone(), previous: previous.iter().map(|&one| one.clone()).collect() };
            move |terms: &mut crate::world::Terms| terms.mounts[0].key = key
        };
        let world = world.under(given(&old, &[])).await;
        let before = world.mount("argon").access(&world.mount("argon").enter("bob").await);
        assert!(matches!(world.accounts.rotate_key("argon", Turn::Now).await, Err(KeyRefused::Given { .. })));
        let world = world.under(given(&new, &[&old])).await;
        let argon = world.mount("argon");
        argon.check(&before).await.unwrap();
        let after = argon.access(&argon.enter("bob").await);
        let listed = world.accounts.keys().await.unwrap();
        let states: Vec<_> = listed.iter().filter(|key| key.mount == "argon" && key.created_at.is_none()).map(|key| key.state).collect();
        assert_eq!(states, [KeyState::Signing, KeyState::Accepted]);
        let world = world.under(given(&new, &[])).await;
        assert_eq!(unbelieved(world.mount("argon").check(&before).await), CheckRefused::Invalid);
        world.mount("argon").check(&after).await.unwrap();
        // The key that was stored while there was none of the operator's is out of use.
        let unused = world.accounts.keys().await.unwrap();
        assert!(unused.iter().any(|key| key.mount == "argon" && key.state == KeyState::Unused));
        let mut policy = world.mount("argon").policy().clone();
        for (previous, fits) in [(vec![new.clone(); 3], true), (vec![new.clone(); 4], false), (vec![secret("short")], false)] {
            policy.key = SigningKey::Given { key: new.clone(), previous };
            assert_eq!(Accounts::check_keys(std::slice::from_ref(&policy)).is_ok(), fits);
        }
    }

    async fn the_first_shared_secret_is_the_one_that_was_derived_before(world: World) {
        world.account("bob").await;
        let argon = world.mount("argon");
        let token = argon.access(&argon.enter("bob").await);
        let derived = RootSecret::of_master(&master("3f")).derive("sign/HS256/default/argon");
        let key = JwtKey::hmac(JwtAlgorithm::HS256, "k", derived.as_bytes()).unwrap();
        let ring = KeyRing::new(key, vec![]).unwrap();
        ring.verify::<serde_json::Value>(&token, world.clock.now().seconds()).unwrap();
        world.accounts.rotate_key("argon", Turn::Now).await.unwrap();
        world.pass(Span::seconds(1));
        let next = argon.access(&argon.enter("bob").await);
        assert!(ring.verify::<serde_json::Value>(&next, world.clock.now().seconds()).is_err());
        argon.check(&token).await.unwrap();
        argon.sign_out(&argon.check(&token).await.unwrap(), &client()).await.unwrap();
    }
}
