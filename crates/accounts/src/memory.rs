//! What a check needs to know without asking the database.
//!
//! Three things: until when this process vouches for the rest, below which generation the tokens of a session are refused (ended
//! sessions refuse all), and how accounts stand. All are bounded: a floor is forgotten when no access token from before it can
//! still be in time, and accounts live in a cache of fixed size.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use model::{Account, AccountId, Permissions, Realm, SessionId, Span, Timestamp};

/// How an account stands, as far as checks and answers need to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountState {
    /// Its id.
    pub id: AccountId,
    /// Its realm.
    pub realm: Realm,
    /// As typed.
    pub username: String,
    /// As typed.
    pub email: Option<String>,
    /// Whether the address is confirmed.
    pub email_confirmed: bool,
    /// What it may do.
    pub permissions: Permissions,
    /// Whether it may sign in at all.
    pub disabled: bool,
    /// Whether signing in asks for a code.
    pub two_factor: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl From<&Account> for AccountState {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id.clone(),
            realm: account.realm.clone(),
            username: account.username.clone(),
            email: account.email.clone(),
            email_confirmed: account.email_confirmed,
            permissions: account.permissions.clone(),
            disabled: account.disabled,
            two_factor: account.two_factor.enabled(),
            created_at: account.created_at,
            updated_at: account.updated_at,
        }
    }
}

/// Tokens of generations below this are refused.
type Generation = u64;

/// Above every generation: the session has ended.
const ENDED: Generation = Generation::MAX;

struct Floor {
    generation: Generation,
    forget_at: Timestamp,
}

/// What is known of sessions, and how far back that reaches.
struct Floors {
    known: HashMap<SessionId, Floor>,
    /// What ended before may have been forgotten, or never been loaded. By a clock that only goes forward, no token
    /// from then is in time; one that is set back makes it so again.
    since: Timestamp,
    /// How often anything may have been forgotten.
    sweeps: u64,
    /// The latest time that was seen: a token below a floor may have been made before the clock was set back.
    latest: Timestamp,
}

pub(crate) struct Memory {
    floors: RwLock<Floors>,
    accounts: quick_cache::sync::Cache<AccountId, Arc<AccountState>>,
    /// Counts invalidations, so that a slow read does not put back what was true before.
    changes: AtomicU64,
    /// Tokens made before this second since the epoch are refused, whatever else is known of them.
    tokens_from: AtomicI64,
    /// By [`model::Clock::elapsed`]; for ever in a process that does not follow the event list.
    vouched_until: AtomicI64,
    longest_access: Span,
}

/// By how much more than needed is known of the past.
const SLACK: Span = Span::minutes(1);
/// Accounts remembered at most; about 0.3 KiB each.
const ACCOUNTS: usize = 50_000;

impl Memory {
    /// An empty memory for tokens that live at most so long.
    pub(crate) fn new(longest_access: Span) -> Self {
        Self {
            floors: RwLock::new(Floors {
                known: HashMap::new(),
                since: Timestamp(i64::MIN),
                sweeps: 0,
                latest: Timestamp(i64::MIN),
            }),
            accounts: quick_cache::sync::Cache::new(ACCOUNTS),
            changes: AtomicU64::new(0),
            tokens_from: AtomicI64::new(i64::MIN),
            vouched_until: AtomicI64::new(i64::MAX),
            longest_access,
        }
    }

    /// Whether the rest is young enough to be relied on. Asked for before anything else, so that whoever sees a
    /// later time also sees what was learned before it was set.
    pub(crate) fn vouches(&self, elapsed: Span) -> bool {
        elapsed.0 <= self.vouched_until.load(Ordering::Acquire)
    }

    /// The rest is as other processes left it, and may be relied on until then.
    pub(crate) fn vouch_until(&self, elapsed: Span) {
        self.vouched_until.store(elapsed.0, Ordering::Release);
    }

    /// Refuses tokens from before this second: what ended then is not known.
    pub(crate) fn refuse_before(&self, seconds: i64) {
        self.tokens_from.fetch_max(seconds, Ordering::AcqRel);
    }

    /// Whether anything is known of the sessions of tokens that were made in this second.
    pub(crate) fn reaches_back_to(&self, seconds: i64) -> bool {
        seconds >= self.tokens_from.load(Ordering::Acquire)
    }

    /// Since when ends are known: longer than [`must_reach`](Self::must_reach), so that a clock that is set by a little
    /// makes nobody wait.
    pub(crate) fn horizon(&self, now: Timestamp) -> Timestamp {
        self.must_reach(now) - SLACK
    }

    /// Since when ends must be known: no token from before is in time.
    pub(crate) fn must_reach(&self, now: Timestamp) -> Timestamp {
        now - self.longest_access
    }

    /// Whether every end since then is known.
    pub(crate) fn knows_since(&self, time: Timestamp) -> bool {
        self.floors.read().unwrap_or_else(PoisonError::into_inner).since <= time
    }

    /// A mark to give back once everything since some time was loaded after it.
    pub(crate) fn before_loading(&self) -> u64 {
        self.floors.read().unwrap_or_else(PoisonError::into_inner).sweeps
    }

    /// Every end since then was loaded, and is known unless something was forgotten after the mark.
    pub(crate) fn loaded_since(&self, mark: u64, time: Timestamp) {
        let mut floors = self.floors.write().unwrap_or_else(PoisonError::into_inner);
        if floors.sweeps == mark {
            floors.since = time;
        }
    }

    /// Whether tokens of this generation of the session are still believed.
    pub(crate) fn believes(&self, session: SessionId, generation: u32) -> bool {
        let floors = self.floors.read().unwrap_or_else(PoisonError::into_inner);
        floors.known.get(&session).is_none_or(|floor| Generation::from(generation) >= floor.generation)
    }

    /// The session has ended: none of its tokens is believed.
    pub(crate) fn end(&self, session: SessionId, now: Timestamp) {
        self.raise(session, ENDED, now);
    }

    /// The session was refreshed: earlier tokens are not believed.
    pub(crate) fn rotated(&self, session: SessionId, generation: u32, now: Timestamp) {
        self.raise(session, generation.into(), now);
    }

    fn raise(&self, session: SessionId, generation: Generation, now: Timestamp) {
        let mut floors = self.floors.write().unwrap_or_else(PoisonError::into_inner);
        floors.latest = floors.latest.max(now);
        let forget_at = floors.latest + self.longest_access + SLACK;
        let floor = floors.known.entry(session).or_insert(Floor { generation, forget_at });
        floor.generation = floor.generation.max(generation);
        floor.forget_at = floor.forget_at.max(forget_at);
    }

    /// Forgets floors that no token in time can lie below.
    pub(crate) fn sweep(&self, now: Timestamp) {
        let horizon = self.horizon(now);
        let mut floors = self.floors.write().unwrap_or_else(PoisonError::into_inner);
        floors.latest = floors.latest.max(now);
        floors.since = floors.since.max(horizon);
        floors.sweeps += 1;
        floors.known.retain(|_, floor| floor.forget_at > now);
    }

    /// The account's state, if remembered.
    pub(crate) fn account(&self, id: &AccountId) -> Option<Arc<AccountState>> {
        self.accounts.get(id)
    }

    /// A mark to give back with what was read after it.
    pub(crate) fn before_reading(&self) -> u64 {
        self.changes.load(Ordering::SeqCst)
    }

    /// Remembers what was read, unless something changed since the mark.
    pub(crate) fn remember(&self, mark: u64, state: &Arc<AccountState>) {
        if self.changes.load(Ordering::SeqCst) == mark {
            self.accounts.insert(state.id.clone(), Arc::clone(state));
            // A change between the test and the insertion has counted by now, or will remove it itself.
            if self.changes.load(Ordering::SeqCst) != mark {
                self.accounts.remove(&state.id);
            }
        }
    }

    /// The account was just read and stands so. What is remembered otherwise is no longer true: another
    /// process may have changed it and its event not have been followed yet.
    pub(crate) fn seen(&self, state: &AccountState) {
        if self.account(&state.id).is_some_and(|remembered| *remembered != *state) {
            self.changed(&state.id);
        }
    }

    /// Any account may have been changed.
    pub(crate) fn forget_accounts(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        self.accounts.clear();
    }

    /// The account was changed: what was known of it is no longer true.
    pub(crate) fn changed(&self, id: &AccountId) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        self.accounts.remove(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(n: u8) -> SessionId {
        SessionId::from_bytes([n; 16])
    }

    #[test]
    fn a_floor_only_rises() {
        let memory = Memory::new(Span::hours(1));
        memory.rotated(session(1), 3, Timestamp(0));
        assert!(memory.believes(session(1), 3) && !memory.believes(session(1), 2));
        memory.rotated(session(1), 2, Timestamp(0));
        assert!(!memory.believes(session(1), 2));
        memory.end(session(1), Timestamp(0));
        memory.rotated(session(1), 9, Timestamp(0));
        assert!(!memory.believes(session(1), 9) && !memory.believes(session(1), u32::MAX));
        assert!(memory.believes(session(2), 0));
    }

    #[test]
    fn a_floor_outlives_every_token_below_it() {
        let memory = Memory::new(Span::hours(1));
        memory.end(session(1), Timestamp(0));
        memory.sweep(Timestamp(0) + Span::hours(1));
        assert!(!memory.believes(session(1), 0));
        memory.sweep(Timestamp(0) + Span::hours(2));
        assert!(memory.believes(session(1), 0), "its tokens are refused by their expiry now");
    }

    #[test]
    fn a_floor_outlives_a_token_from_before_the_clock_was_set_back() {
        let memory = Memory::new(Span::hours(1));
        memory.sweep(Timestamp(0) + Span::hours(5));
        memory.end(session(1), Timestamp(0));
        memory.sweep(Timestamp(0) + Span::hours(6));
        assert!(!memory.believes(session(1), 0));
    }

    #[test]
    fn what_was_forgotten_by_a_clock_that_was_ahead_is_not_known() {
        let memory = Memory::new(Span::hours(1));
        let now = Timestamp(0) + Span::days(1);
        memory.loaded_since(memory.before_loading(), memory.horizon(now));
        memory.end(session(1), now);
        memory.sweep(now + Span::days(30));
        assert!(memory.believes(session(1), 0) && !memory.knows_since(memory.must_reach(now)));
        let mark = memory.before_loading();
        memory.end(session(1), now);
        memory.sweep(now + Span::days(30));
        memory.loaded_since(mark, memory.horizon(now));
        assert!(!memory.knows_since(memory.must_reach(now)), "forgotten again while it was loaded");
        let mark = memory.before_loading();
        memory.end(session(1), now);
        memory.loaded_since(mark, memory.horizon(now));
        assert!(!memory.believes(session(1), 0) && memory.knows_since(memory.must_reach(now)));
        assert!(memory.knows_since(memory.must_reach(now - Span::minutes(1))));
    }

    #[test]
    fn a_slow_read_does_not_bring_back_the_past() {
        let memory = Memory::new(Span::hours(1));
        let state = Arc::new(AccountState {
            id: AccountId::from_text("a"),
            realm: Realm::new("default"),
            username: "a".into(),
            email: None,
            email_confirmed: false,
            permissions: Permissions::default(),
            disabled: false,
            two_factor: false,
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
        });
        let mark = memory.before_reading();
        memory.changed(&state.id);
        memory.remember(mark, &state);
        assert!(memory.account(&state.id).is_none());
        memory.remember(memory.before_reading(), &state);
        assert!(memory.account(&state.id).is_some());
    }
}
