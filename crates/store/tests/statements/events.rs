//! The event list.

use model::{AccountId, Actor, Event, EventFilter, EventKind, Realm, SessionId};

use crate::fixtures::{account, at, realm};
use crate::{Bench, read, write};

pub(crate) async fn run(bench: &mut Bench) {
    let una = account("una");
    let full = Event::new(EventKind::SignedIn, &realm(), at(50))
        .of(&una.id)
        .in_session(SessionId::from_bytes([7; 16]))
        .from("192.0.2.1")
        .by(Actor::Administrator(AccountId::from_text("root")))
        .saying("detail");
    let bare = Event::new(EventKind::InviteRefused, &realm(), at(60));
    let start = read!(bench, events::last_sequence());
    for event in [&full, &bare] {
        write!(bench, events::append(event)).unwrap();
    }
    let stored = read!(bench, events::after(start, 10));
    let (first, second) = (stored[0].sequence, stored[1].sequence);
    assert!(start < first && first < second && second == read!(bench, events::last_sequence()));
    assert_eq!(stored, [Event { sequence: first, ..full }, Event { sequence: second, ..bare }]);
    assert_eq!(read!(bench, events::after(start, 1)), stored[..1]);
    assert_eq!(read!(bench, events::newest(&EventFilter::default(), 1)), stored[1..]);
    let of_una = EventFilter { account: Some(una.id.clone()), ..EventFilter::default() };
    assert_eq!(read!(bench, events::newest(&of_una, 10)), stored[..1]);
    // Something that only a newer version has a name for is still an event.
    let future =
        "insert into event (at, kind, realm, address, detail) values (1, 'brand_new', 'default', '', '')";
    bench.db.write(db::Batch::from(db::Statement::new(future, vec![]))).await.unwrap();
    assert_eq!(read!(bench, events::newest(&EventFilter::default(), 1))[0].kind, EventKind::Other);
    assert_eq!(write!(bench, events::sweep(at(51), 1)).unwrap().touched(0), 1);
    assert_eq!(write!(bench, events::sweep(at(51), 10)).unwrap().touched(0), 1);
    assert_eq!(read!(bench, events::after(start, 10)), stored[1..]);
    let both =
        [Event::new(EventKind::InviteCreated, &realm(), at(61)), Event { sequence: 0, ..stored[1].clone() }];
    write!(bench, each of events::append_all(&both)).unwrap();
    let newest = read!(bench, events::newest(&EventFilter::default(), 2));
    assert_eq!([newest[1].at, newest[0].at], both.map(|event| event.at), "in their order");
    // The list never goes back, even when its end was swept.
    write!(bench, events::sweep(at(9_999), 1_000)).unwrap();
    write!(bench, events::append(&Event::new(EventKind::InviteCreated, &realm(), at(70)))).unwrap();
    assert!(read!(bench, events::last_sequence()) > second + 2);
}

pub(crate) async fn holes(bench: &mut Bench) {
    write!(bench, events::sweep(at(9_999), 1_000)).unwrap();
    const ALL: (i64, i64) = (0, i64::MAX);
    assert_eq!(read!(bench, events::holes(at(0), ALL, 9)), []);
    let mut places = Vec::new();
    for second in [1, 1, 2, 2, 40, 40, 41, 41, 42, 42, 42, 43] {
        let event = Event::new(EventKind::InviteRefused, &realm(), at(second));
        write!(bench, events::append(&event)).unwrap();
        places.push(read!(bench, events::last_sequence()));
    }
    // What is gone looks like what was never written.
    for gone in [2, 5, 7, 9, 10] {
        let delete = db::Statement::new("delete from event where sequence = $1", db::params![places[gone]]);
        bench.db.write(db::Batch::from(delete)).await.unwrap();
    }
    let place = |number: usize| places[number];
    // From the last old one on, the newest first. Clocks may differ by ten minutes.
    let since = |second: i64| at(second + 600);
    let recent = [(place(9), place(10)), (place(7), place(7)), (place(5), place(5))];
    assert_eq!(read!(bench, events::holes(since(40), ALL, 9)), recent);
    assert_eq!(read!(bench, events::holes(since(40), ALL, 2)), recent[..2]);
    assert_eq!(read!(bench, events::holes(since(40), (0, place(8)), 9)), recent[1..]);
    assert_eq!(read!(bench, events::holes(since(50), ALL, 9)), []);
    // What is behind the end is not looked at, however old it is.
    assert_eq!(read!(bench, events::holes(since(43), (0, place(4)), 9)), []);
    // How far back it looks, whatever is there.
    for (start, found) in [(place(4), &recent[..]), (place(6), &recent[..2])] {
        assert_eq!(read!(bench, events::holes(since(40), (start, i64::MAX), 9)), found);
    }
    let rest = [(place(10), place(10))];
    assert_eq!(read!(bench, events::holes(since(40), (place(9), i64::MAX), 9)), rest);
    // If all are recent there may be one before the first.
    let all = [&recent[..], &[(place(2), place(2)), (1, place(0) - 1)]].concat();
    assert_eq!(read!(bench, events::holes(at(0), ALL, 9)), all);
    let mut found = Vec::new();
    let ranges = [(place(1), place(3)), (place(5), place(5)), (place(7), place(8))];
    for event in read!(bench, events::within(&ranges, 9)) {
        found.push(event.sequence);
    }
    assert_eq!(found, [place(1), place(3), place(8)]);
    assert_eq!(read!(bench, events::within(&ranges, 2)).len(), 2);
    assert_eq!(read!(bench, events::within(&[], 2)), []);
    write!(bench, events::sweep(at(9_999), 1_000)).unwrap();
}

/// Every filter finds what it takes, the newest first, whichever way it is looked for.
pub(crate) async fn filters(bench: &mut Bench) {
    write!(bench, events::sweep(at(9_999), 1_000)).unwrap();
    let (here, there) = (realm(), Realm::new("elsewhere"));
    let (una, tom) = (account("una").id, account("tom").id);
    let kinds = [EventKind::SignedIn, EventKind::SignInRefused, EventKind::AccountDisabled];
    for number in 0..60 {
        let kind = kinds[(number % 7) as usize % 3];
        let in_realm = if number % 5 == 0 { &there } else { &here };
        // Clocks of two servers that differ by five seconds.
        let event = Event::new(kind, in_realm, at(1_000 + 30 * number + 5 * (number % 2)));
        let event = if number % 3 == 0 { event } else { event.of(if number % 2 == 0 { &una } else { &tom }) };
        write!(bench, events::append(&event)).unwrap();
    }
    let all = read!(bench, events::newest(&EventFilter::default(), 1_000));
    assert_eq!(all.len(), 60);
    assert!(all.is_sorted_by_key(|event| std::cmp::Reverse(event.sequence)));
    let some_kinds = [vec![], vec![kinds[2]], vec![kinds[0], kinds[2]], vec![EventKind::Restored]];
    for wanted_realm in [None, Some(&here), Some(&there)] {
        for wanted_account in [None, Some(&una)] {
            for wanted_kinds in &some_kinds {
                for since in [None, Some(at(0)), Some(at(1_925)), Some(at(9_999))] {
                    for before in [None, Some(all[20].sequence)] {
                        let filter = EventFilter {
                            realm: wanted_realm.cloned(),
                            account: wanted_account.cloned(),
                            kinds: wanted_kinds.clone(),
                            since,
                            before,
                        };
                        let mut expected = all.clone();
                        expected.retain(|event| filter.takes(event));
                        for limit in [1_000, 4] {
                            expected.truncate(limit);
                            let found = read!(bench, events::newest(&filter, limit as i64));
                            assert_eq!(found, expected, "{filter:?}");
                        }
                    }
                }
            }
        }
    }
    write!(bench, events::sweep(at(9_999), 1_000)).unwrap();
}
