//! Sessions.

use model::{AccountId, Actor, EndReason, Event, SessionId};
use store::guard;
use store::sessions::Ending;

use crate::fixtures::{account, at, realm, session};
use crate::{Bench, pure, read, write};

pub(crate) async fn run(bench: &mut Bench) {
    let sam = account("sam");
    write!(bench, accounts::insert(&sam)).unwrap();
    let (first, second, third) = (session(1, &sam), session(2, &sam), session(3, &sam));
    for one in [&first, &second, &third] {
        write!(bench, sessions::insert(one)).unwrap();
    }
    assert_eq!(read!(bench, sessions::by_id(first.id)), Some(first.clone()));
    assert_eq!(read!(bench, sessions::by_id(SessionId::from_bytes([9; 16]))), None);
    let both = read!(bench, sessions::with_account(first.id));
    assert_eq!(both, Some((first.clone(), sam.clone())));
    assert_eq!(read!(bench, sessions::with_account(SessionId::from_bytes([9; 16]))), None);
    assert_eq!(read!(bench, sessions::of_account(&sam.id, 2)), [third.clone(), second.clone()]);
    assert_eq!(read!(bench, sessions::live_of_account(&sam.id, at(0), 2)), [third.clone(), second.clone()]);
    assert_eq!(read!(bench, sessions::live_of_account(&sam.id, at(1_000_000), 9)), []);
    for (address, program, known) in [
        ("192.0.2.1", "else", true),
        ("::2", "agent", true),
        ("::2", "else", false),
        ("192.0.2.10", "", false),
    ] {
        assert_eq!(read!(bench, sessions::seen(&sam.id, address, program)), known, "{address} {program}");
    }
    let nobody = model::AccountId::from_text("nobody");
    assert!(!read!(bench, sessions::seen(&nobody, "192.0.2.1", "agent")));
    for (whose, place, opened) in
        [(&sam.id, "192.0.2.1", true), (&sam.id, "192.0.2.10", false), (&nobody, "192.0.2.1", false)]
    {
        assert_eq!(read!(bench, sessions::opened_at(whose, place)), opened, "{place}");
    }
    let mona = account("mona");
    write!(bench, accounts::insert(&mona)).unwrap();
    for (number, reason) in [(4, EndReason::NotMe), (5, EndReason::SignedOut)] {
        let mut one = session(number, &mona);
        one.address = format!("2001:db8::{number}:0:0:0:1");
        write!(bench, sessions::insert(&one)).unwrap();
        write!(bench, sessions::end(one.id, reason, at(200))).unwrap();
    }
    for (place, counts) in [("2001:db8:0:4::/64", false), ("2001:db8:0:5::/64", true)] {
        assert_eq!(
            read!(bench, sessions::opened_at(&mona.id, place)),
            counts,
            "what was disowned does not count"
        );
    }
    write!(bench, accounts::delete(&mona)).unwrap();
    let mut rotated = first.clone();
    (rotated.generation, rotated.rotated_at, rotated.expires_at) = (1, at(300), at(2_000));
    (rotated.address, rotated.user_agent) = ("::1".into(), "other".into());
    rotated.refreshes_empty_at = Some(at(310));
    write!(bench, sessions::rotate(&rotated, 0)).unwrap();
    assert_eq!(write!(bench, sessions::rotate(&rotated, 0)).err(), Some(guard::SESSION_UNCHANGED));
    assert_eq!(read!(bench, sessions::by_id(first.id)), Some(rotated.clone()));
    write!(bench, sessions::end(second.id, EndReason::SignedOut, at(400))).unwrap();
    let again = write!(bench, sessions::end(second.id, EndReason::AccountDisabled, at(401)));
    assert_eq!(again.err(), Some(guard::SESSION_LIVE));
    let ended = read!(bench, sessions::by_id(second.id)).unwrap().ended;
    assert_eq!(ended, Some((at(400), EndReason::SignedOut)));
    let mut late = second.clone();
    late.generation = 1;
    assert_eq!(
        write!(bench, sessions::rotate(&late, 0)).err(),
        Some(guard::SESSION_UNCHANGED),
        "it has ended"
    );
    // Of the live ones with tokens from before a time; the first was refreshed, the second has ended.
    let here = (&realm(), first.mount.as_str());
    let third_ends = Some(third.expires_at);
    assert_eq!(read!(bench, sessions::last_end(here, at(300), at(0))), third_ends);
    assert_eq!(read!(bench, sessions::last_end(here, at(301), at(0))), Some(rotated.expires_at));
    assert_eq!(read!(bench, sessions::last_end(here, at(300), third.expires_at)), None, "it is over");
    assert_eq!(read!(bench, sessions::last_end(here, third.rotated_at, at(0))), None);
    assert_eq!(read!(bench, sessions::last_end((&realm(), "elsewhere"), at(300), at(0))), None);
    let mut floors = read!(bench, sessions::floors_since(at(300)));
    floors.sort();
    assert_eq!(floors, [(first.id, Some(1)), (second.id, None)]);
    assert_eq!(read!(bench, sessions::floors_since(at(301))), [(second.id, None)]);
    assert_eq!(read!(bench, sessions::floors_since(at(401))), []);
    // Over by at(1_000) are the second and the third; one at a time.
    for left in [1, 1, 0] {
        let written = write!(bench, sessions::sweep(at(1_001), 1)).unwrap();
        assert_eq!(written.touched(0), left);
    }
    assert_eq!(read!(bench, sessions::of_account(&sam.id, 9)), [rotated]);
}

pub(crate) async fn ending(bench: &mut Bench) {
    let (tom, tim) = (account("tom"), account("tim"));
    for one in [&tom, &tim] {
        write!(bench, accounts::insert(one)).unwrap();
    }
    let mut all: Vec<_> = (10..16).map(|number| session(number, &tom)).collect();
    all[1].mount = "melon".into();
    all[2].mount = "argon".into();
    all[3].expires_at = at(500);
    all.push(session(16, &tim));
    for one in &all {
        write!(bench, sessions::insert(one)).unwrap();
    }
    let some = ["wolfpal".to_owned(), "argon".to_owned()];
    let root = Actor::Administrator(AccountId::from_text("root"));
    let all_known = ["wolfpal".to_owned(), "melon".to_owned(), "argon".to_owned()];
    let ids = |numbers: &[usize]| numbers.iter().map(|number| all[*number].id).collect::<Vec<_>>();
    let ending = |spared, except: Option<usize>| Ending {
        account: &tom.id,
        except: except.map(|number| all[number].id),
        spared,
        reason: EndReason::PasswordChanged,
        address: "192.0.2.7",
        actor: Some(&root),
    };
    // None; those of another mount than these two; everywhere but here. The expired one has ended by itself.
    for (second, ending, expected) in [
        (500, ending(&all_known[..], None), ids(&[])),
        (501, ending(&some, None), ids(&[1])),
        (502, ending(&[], Some(4)), ids(&[0, 2, 5])),
        (503, ending(&[], None), ids(&[4])),
        (504, ending(&[], None), ids(&[])),
    ] {
        let before = read!(bench, events::last_sequence());
        let written = write!(bench, each of sessions::end_of_account(&ending, &realm(), at(second))).unwrap();
        let mut ended = pure!(bench, sessions::ended_ids(written.rows(0))).unwrap();
        ended.sort();
        assert_eq!(ended, expected, "{second}");
        let events = read!(bench, events::after(before, 100));
        let mut noted: Vec<_> = events.iter().map(|event| event.session.unwrap()).collect();
        noted.sort();
        assert_eq!(noted, expected);
        for event in &events {
            let session = read!(bench, sessions::by_id(event.session.unwrap())).unwrap();
            assert_eq!(session.ended, Some((at(second), EndReason::PasswordChanged)));
            let expected = pure!(
                bench,
                sessions::ended_event(&session, EndReason::PasswordChanged, at(second), "192.0.2.7")
            );
            let expected = expected.by(root.clone());
            assert_eq!(event, &Event { sequence: event.sequence, ..expected });
        }
    }
    assert_eq!(read!(bench, sessions::by_id(all[6].id)).unwrap().ended, None);
}

/// Sessions whose time is over are found once each, those of one moment together.
pub(crate) async fn expiring(bench: &mut Bench) {
    let ute = account("ute");
    write!(bench, accounts::insert(&ute)).unwrap();
    for (number, seconds) in [(70, 7_000), (71, 7_001), (72, 7_001), (73, 7_001), (74, 7_002), (75, 7_003)] {
        let mut one = session(number, &ute);
        one.expires_at = at(seconds);
        write!(bench, sessions::insert(&one)).unwrap();
    }
    write!(bench, sessions::end(SessionId::from_bytes([74; 16]), EndReason::SignedOut, at(6_000))).unwrap();
    for (after, until, limit, expected) in [
        (6_999, 7_003, 9, &[70, 71, 72, 73, 75][..]),
        (7_000, 7_002, 9, &[71, 72, 73]),
        (6_999, 7_003, 2, &[70, 71, 72, 73]),
        (6_999, 7_003, 1, &[70]),
        (7_001, 7_002, 9, &[]),
    ] {
        let found = read!(bench, sessions::expired(at(after), at(until), limit));
        let mut numbers: Vec<u8> = found.iter().map(|one| one.id.to_bytes()[0]).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, expected, "{after} to {until}");
        assert!(found.is_sorted_by_key(|one| one.expires_at));
    }
}
