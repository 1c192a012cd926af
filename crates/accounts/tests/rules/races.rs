//! Many who do the same thing at the same time.

use std::fmt::Debug;
use std::sync::Arc;

use accounts::{Failure, Refusal};
use db::params;
use model::EventKind;
use tokio::sync::Barrier;

use crate::World;

/// Uses of one thing in each round.
pub(crate) const USES: usize = 16;
/// Rounds of each race.
pub(crate) const ROUNDS: usize = 1_000;

/// Lets tasks begin together, and answers what came of each.
pub(crate) async fn at_once<T, F>(task: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let start = Arc::new(Barrier::new(USES));
    let tasks: Vec<_> = (0..USES)
        .map(|number| {
            let (start, work) = (Arc::clone(&start), task(number));
            tokio::spawn(async move {
                start.wait().await;
                work.await
            })
        })
        .collect();
    let mut answers = Vec::with_capacity(USES);
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

/// The one who won; everybody else was told one of these refusals.
pub(crate) fn winner<T: Debug>(answers: Vec<Result<T, Failure>>, refusals: &[Refusal]) -> (usize, T) {
    let mut winners = Vec::new();
    for (number, answer) in answers.into_iter().enumerate() {
        match answer {
            Ok(won) => winners.push((number, won)),
            Err(Failure::Refused(refusal)) if refusals.contains(&refusal) => {}
            Err(other) => panic!("{number}: {other:?}"),
        }
    }
    assert_eq!(winners.len(), 1, "{winners:?}");
    winners.pop().unwrap()
}

impl World {
    /// How many events of a kind there are behind a place in the list.
    pub(crate) async fn since(&self, place: i64, kind: EventKind) -> i64 {
        let sql = "select count(*) from event where sequence > $1 and kind = $2";
        self.number(sql, params![place, kind.as_str()]).await
    }
}
