use std::collections::BTreeSet;

use crypto::{Randomness, SeededRandomness};

use super::*;

const TICK: Span = Span(200_000);

/// A database whose transactions are given places when they begin and are committed later, or never.
struct Database {
    random: SeededRandomness,
    given: i64,
    /// The place, and the tick of the commit.
    open: Vec<(i64, i64)>,
    committed: BTreeSet<i64>,
}

impl Database {
    fn new(seed: u64) -> Self {
        let random = SeededRandomness::new(seed);
        Self { random, given: 0, open: Vec::new(), committed: BTreeSet::new() }
    }

    fn below(&self, end: u64) -> u64 {
        let mut bytes = [0; 8];
        self.random.fill(&mut bytes);
        u64::from_le_bytes(bytes) % end
    }

    /// Up to this many transactions begin; a third of them are undone, some last long, most are short.
    fn tick(&mut self, tick: i64, most: u64) {
        for _ in 0..self.below(most + 1) {
            self.given += 1 + i64::from(self.below(5) == 0);
            let lasts = match self.below(30) {
                0..10 => continue,
                10 => 150,
                11..15 => self.below(20),
                _ => self.below(2),
            };
            self.open.push((self.given, tick + lasts as i64));
        }
        self.commit(tick);
    }

    fn commit(&mut self, until: i64) {
        let done = self.open.extract_if(.., |(_, at)| *at <= until);
        self.committed.extend(done.map(|(place, _)| place));
    }

    fn between(&self, first: i64, last: i64, limit: usize) -> Vec<i64> {
        self.committed.range(first..=last).take(limit).copied().collect()
    }
}

/// One round as `follow` makes it, with pages and chunks of random sizes.
fn round(gaps: &mut Gaps, database: &Database, now: Span, learned: &mut Vec<i64>) {
    for (first, last) in gaps.due(now) {
        for place in database.between(first, last, usize::MAX) {
            gaps.read(place, now);
            learned.push(place);
        }
        gaps.answered((first, last), now);
    }
    loop {
        let page = database.between(gaps.end() + 1, i64::MAX, 1 + database.below(9) as usize);
        if page.is_empty() {
            return;
        }
        for place in page {
            gaps.read(place, now);
            learned.push(place);
        }
    }
}

#[test]
fn whatever_the_order_of_commits_every_event_is_learned() {
    for seed in 0..40 {
        let mut database = Database::new(seed);
        // Opened somewhere in the middle: what was committed by then was loaded.
        let opened = database.below(100) as i64;
        (0..opened).for_each(|tick| database.tick(tick, 20));
        let loaded = database.committed.clone();
        let end = loaded.last().copied().unwrap_or(0);
        let holes: Vec<_> =
            (1..end).filter(|place| !loaded.contains(place)).map(|place| (place, place)).collect();
        let at = |tick: i64| Span(TICK.0 * tick);
        let mut gaps = Gaps::new(end, holes, at(opened));
        let mut learned = Vec::new();
        for tick in opened..400 {
            database.tick(tick, 20);
            // Some rounds do not happen.
            if database.below(4) > 0 {
                round(&mut gaps, &database, at(tick), &mut learned);
            }
        }
        database.commit(i64::MAX);
        round(&mut gaps, &database, at(400 + 600), &mut learned);
        let once: BTreeSet<i64> = learned.iter().copied().collect();
        let missed: Vec<_> =
            database.committed.difference(&loaded).filter(|place| !once.contains(place)).collect();
        assert!(missed.is_empty(), "seed {seed}: {missed:?}");
        assert_eq!(once.len(), learned.len(), "seed {seed}: once each");
        // What was never committed is not asked for for ever.
        round(&mut gaps, &database, at(400) + WATCHED, &mut learned);
        round(&mut gaps, &database, at(1_000) + WATCHED, &mut learned);
        assert_eq!(gaps.open.len(), 0, "seed {seed}");
    }
}

#[test]
fn an_old_gap_is_asked_for_seldom_and_in_the_end_never() {
    let mut gaps = Gaps::new(0, [], Span(0));
    gaps.read(2, Span(0));
    let mut asked = Vec::new();
    for tick in 1..6_000 {
        let now = Span(TICK.0 * tick);
        for range in gaps.due(now) {
            asked.push(now.0 / 1_000_000);
            gaps.answered(range, now);
        }
    }
    let within = |from, to| asked.iter().filter(|at| (from..to).contains(*at)).count();
    assert!(within(0, 5) > 7 && within(5, 60) < 20 && within(60, 600) < 15, "{asked:?}");
    assert!(asked.len() < 40 && asked.last().is_some_and(|last| (600..800).contains(last)), "{asked:?}");
    assert!(gaps.open.is_empty());
}

#[test]
fn a_gap_is_not_given_up_unasked() {
    let mut gaps = Gaps::new(0, [], Span(0));
    gaps.read(2, Span(0));
    let after_a_long_cut = Span::hours(5);
    assert_eq!(gaps.due(after_a_long_cut), [(1, 1)]);
    gaps.answered((1, 1), after_a_long_cut);
    assert_eq!(gaps.due(Span::hours(9)), []);
}

#[test]
fn memory_is_bounded_and_what_was_given_up_is_loaded() {
    let mut gaps = Gaps::new(0, [], Span(0));
    let most = 2 * AT_MOST as i64;
    (1..=AT_MOST as i64).for_each(|number| gaps.read(2 * number, Span(0)));
    assert!(gaps.open.len() == AT_MOST && gaps.lost.is_none());
    (1..=5).for_each(|number| gaps.read(most + 2 * number, Span::minutes(number)));
    assert_eq!((gaps.open.len(), gaps.due(Span::hours(1))[0]), (AT_MOST, (11, 11)));
    assert!(!gaps.must_load(Span::minutes(10)) && gaps.must_load(Span::minutes(11)));
    // Loaded then: the first is made up for, the last not yet.
    let loaded = |before: &Gaps, now| Gaps::new(most, [], now).after(before, now);
    let gaps = loaded(&gaps, Span::minutes(11));
    assert!(!gaps.must_load(Span::minutes(14)) && gaps.must_load(Span::minutes(15)));
    assert!(!loaded(&gaps, Span::minutes(15)).must_load(Span::hours(9)));
}

#[test]
fn a_filled_place_leaves_what_is_around_it() {
    let mut gaps = Gaps::new(9, [(2, 5)], Span(0));
    for (place, left) in [(3, vec![(2, 2), (4, 5)]), (7, vec![(2, 2), (4, 5)]), (5, vec![(2, 2), (4, 4)])] {
        gaps.read(place, Span(0));
        assert_eq!(gaps.due(Span(0)), left);
    }
    gaps.read(12, Span(0));
    assert_eq!((gaps.end(), gaps.due(Span(0))), (12, vec![(2, 2), (4, 4), (10, 11)]));
}
