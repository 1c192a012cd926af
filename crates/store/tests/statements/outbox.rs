//! Mail that is owed.

use model::Timestamp;
use store::outbox::OutboxRow;

use crate::fixtures::{at, realm};
use crate::{Bench, pure, read, write};

fn row(id: &str, second: i64) -> OutboxRow {
    OutboxRow {
        id: id.to_owned(),
        realm: realm(),
        kind: "reset_sent".into(),
        recipient: "bob@example.com".into(),
        sealed: Some(vec![1, 0, 255]),
        created_at: at(second),
        next_attempt_at: at(second),
        attempts: 0,
        sent_at: None,
        failed_at: None,
        last_error: String::new(),
    }
}

/// Claims what is due, oldest first.
async fn claim(bench: &mut Bench, now: Timestamp, limit: i64) -> Vec<OutboxRow> {
    let mut rows = Vec::new();
    for id in read!(bench, outbox::due(now, limit)) {
        let written = write!(bench, outbox::claim(&id, now, at(100))).unwrap();
        rows.extend(pure!(bench, outbox::claimed(written.rows(0))).unwrap());
        // Whoever comes second gets nothing.
        let written = write!(bench, outbox::claim(&id, now, at(100))).unwrap();
        assert_eq!(written.rows(0), []);
    }
    rows
}

async fn stored(bench: &mut Bench, id: &str) -> OutboxRow {
    read!(bench, outbox::newest(100)).into_iter().find(|row| row.id == id).unwrap()
}

pub(crate) async fn run(bench: &mut Bench) {
    assert_eq!(read!(bench, outbox::next_due()), None);
    assert_eq!(read!(bench, outbox::waiting()), (0, None));
    for (id, second) in [("c", 3), ("a", 1), ("d", 4), ("b", 2)] {
        write!(bench, outbox::insert(&row(id, second))).unwrap();
    }
    assert_eq!(read!(bench, outbox::next_due()), Some(at(1)));
    assert_eq!(read!(bench, outbox::waiting()), (4, Some(at(1))));
    assert_eq!(read!(bench, outbox::newest(2)), [row("d", 4), row("c", 3)]);
    // Due by at(3) are three; two are taken, the oldest, and nobody takes them again.
    let taken = claim(bench, at(3), 2).await;
    let claimed = |id, second| OutboxRow { attempts: 1, next_attempt_at: at(100), ..row(id, second) };
    assert_eq!(taken, [claimed("a", 1), claimed("b", 2)]);
    assert_eq!(claim(bench, at(3), 2).await, [claimed("c", 3)]);
    assert_eq!(claim(bench, at(3), 2).await, []);
    assert_eq!(read!(bench, outbox::next_due()), Some(at(4)));
    write!(bench, outbox::sent("a", at(5))).unwrap();
    let sent = OutboxRow { sent_at: Some(at(5)), sealed: None, ..claimed("a", 1) };
    assert_eq!(stored(bench, "a").await, sent);
    write!(bench, outbox::delayed("b", at(7), "later")).unwrap();
    let delayed = OutboxRow { next_attempt_at: at(7), last_error: "later".into(), ..claimed("b", 2) };
    assert_eq!(stored(bench, "b").await, delayed);
    write!(bench, outbox::given_up("c", at(6), "never")).unwrap();
    assert_eq!(read!(bench, outbox::waiting()), (2, Some(at(2))), "one was sent, one given up");
    let given_up = OutboxRow { failed_at: Some(at(6)), last_error: "never".into(), ..claimed("c", 3) };
    assert_eq!(stored(bench, "c").await, given_up);
    // Somebody mends the cause and has it tried again; then it is given up once more.
    write!(bench, outbox::retry("c", at(99))).unwrap();
    let again =
        OutboxRow { next_attempt_at: at(99), attempts: 0, last_error: "never".into(), ..claimed("c", 3) };
    assert_eq!(read!(bench, outbox::by_id("c")), Some(again));
    assert_eq!(read!(bench, outbox::by_id("nobody")), None);
    write!(bench, outbox::given_up("c", at(6), "never")).unwrap();
    assert_eq!(write!(bench, outbox::retry("a", at(7))).err(), Some(store::guard::MAIL_OWED));
    assert_eq!(write!(bench, outbox::retry("nobody", at(7))).err(), Some(store::guard::MAIL_OWED));
    assert_eq!(stored(bench, "a").await, sent);
    // What was sent stays sent, whoever says otherwise later.
    write!(bench, outbox::delayed("a", at(7), "late news")).unwrap();
    write!(bench, outbox::given_up("a", at(7), "late news")).unwrap();
    assert_eq!(stored(bench, "a").await, sent);
    let ids: Vec<_> = claim(bench, at(7), 10).await.into_iter().map(|row| (row.id, row.attempts)).collect();
    assert_eq!(ids, [("d".to_owned(), 1), ("b".to_owned(), 2)]);
    // Only what is done with goes.
    for left in [1, 1, 0] {
        assert_eq!(write!(bench, outbox::sweep(at(50), 1)).unwrap().touched(0), left);
    }
    let left: Vec<_> = read!(bench, outbox::newest(10)).into_iter().map(|row| row.id).collect();
    assert_eq!(left, ["d", "b"]);
}
