//! Which places of the event list may still be filled.
//!
//! A place is given out when an event is written and can be seen when it is committed. So places come into sight
//! out of order, and those of a batch that was undone stay empty for ever. Whoever looked only behind the last
//! place in sight would miss what comes late; so the empty ones below it are remembered as ranges, and asked for
//! again: each round while they are young, more and more seldom later, and no more once they were found empty at
//! an age that no transaction reaches.

use std::collections::BTreeMap;

use model::Span;

/// An empty place of this age stays empty. Much longer than any transaction lives.
pub(crate) const WATCHED: Span = Span::minutes(10);
/// Ranges remembered at most; some 50 bytes each.
pub(crate) const AT_MOST: usize = 10_000;

/// How far a follower has read, and what it skipped. Times are those of [`model::Clock::elapsed`].
pub(crate) struct Gaps {
    /// Every place up to here was read or is in a gap.
    end: i64,
    /// By the first place of each.
    open: BTreeMap<i64, Gap>,
    /// When gaps were given up because there were too many: the first time and the last.
    lost: Option<(Span, Span)>,
}

#[derive(Clone, Copy)]
struct Gap {
    /// The last place.
    last: i64,
    /// When it was first seen.
    since: Span,
    /// When it was last found empty.
    asked: Span,
}

impl Gap {
    /// A late event is looked for within a quarter of the time that its transaction took.
    fn is_due(&self, now: Span) -> bool {
        now - self.asked >= Span((self.asked - self.since).0 / 4)
    }
}

impl Gaps {
    /// A list read up to `end`, with these ranges of empty places in it.
    pub(crate) fn new(end: i64, holes: impl IntoIterator<Item = (i64, i64)>, now: Span) -> Self {
        let mut gaps = Self { end, open: BTreeMap::new(), lost: None };
        holes.into_iter().for_each(|(first, last)| gaps.insert(first, last, now));
        gaps
    }

    /// How far was read.
    pub(crate) fn end(&self) -> i64 {
        self.end
    }

    /// The event in this place was read.
    pub(crate) fn read(&mut self, place: i64, now: Span) {
        if place > self.end {
            if place > self.end + 1 {
                self.insert(self.end + 1, place - 1, now);
            }
            self.end = place;
        } else if let Some((&first, &gap)) = self.open.range(..=place).next_back()
            && place <= gap.last
        {
            self.open.remove(&first);
            for (first, last) in [(first, place - 1), (place + 1, gap.last)] {
                if first <= last {
                    self.open.insert(first, Gap { last, ..gap });
                }
            }
        }
    }

    fn insert(&mut self, first: i64, last: i64, now: Span) {
        self.open.insert(first, Gap { last, since: now, asked: now });
        if self.open.len() > AT_MOST {
            // The lowest is the oldest, and the least likely to be filled.
            self.open.pop_first();
            let begun = self.lost.map_or(now, |(begun, _)| begun);
            if self.lost.is_none() {
                tracing::warn!(
                    at_most = AT_MOST,
                    "too many empty places in the event list: the oldest are given up, and memory is loaded anew"
                );
            }
            self.lost = Some((begun, now));
        }
    }

    /// The ranges to ask for now.
    pub(crate) fn due(&self, now: Span) -> Vec<(i64, i64)> {
        let due = self.open.iter().filter(|(_, gap)| gap.is_due(now));
        due.map(|(first, gap)| (*first, gap.last)).collect()
    }

    /// A question for this range, asked at `now`, was answered, and what was in it was [`read`](Self::read).
    pub(crate) fn answered(&mut self, (first, last): (i64, i64), now: Span) {
        let inside: Vec<i64> = self.open.range(first..=last).map(|(first, _)| *first).collect();
        for first in inside {
            match self.open.get_mut(&first) {
                Some(gap) if now - gap.since < WATCHED => gap.asked = now,
                _ => _ = self.open.remove(&first),
            }
        }
    }

    /// Whether gaps were given up so long ago that whatever was to fill them has been committed: then loading
    /// everything anew makes up for them.
    pub(crate) fn must_load(&self, now: Span) -> bool {
        self.lost.is_some_and(|(begun, _)| now - begun >= WATCHED)
    }

    /// These gaps take the place of others that were loaded before: what those gave up a short while ago still
    /// has to be made up for.
    #[must_use]
    pub(crate) fn after(mut self, before: &Self, now: Span) -> Self {
        let recent = before.lost.filter(|(_, last)| now - *last < WATCHED).map(|(_, last)| (last, last));
        self.lost = self.lost.or(recent);
        self
    }
}

#[cfg(test)]
mod tests;
