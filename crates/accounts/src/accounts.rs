//! What all verbs share, and how it is put together.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, PoisonError, RwLock};

use crypto::{HashPool, Randomness, RootSecret, Sealer, TokenDigests, hex};
use db::{Batch, Database, WriteError, Written};
use model::{AccountId, Clock, SessionId, Span, Throttle};
use tokio::sync::{Mutex, Notify};

use crate::counts::{Looked, Mails};
use crate::event_list::HowFar;
use crate::follow::Following;
use crate::keys::{self, KeyRules, KeyUnusable};
use crate::memory::Memory;
use crate::mount::{Mount, MountInner, MountPolicy};
use crate::passwords::PasswordRules;
use crate::refusal::{Failure, Fault};

/// How often a change is tried when others change the same account at the same time.
pub(crate) const ATTEMPTS: usize = 5;

/// What the rules are given to work with.
pub struct Parts {
    /// Where everything is kept; migrated.
    pub db: Database,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where secrets come from.
    pub randomness: Arc<dyn Randomness>,
    /// Where passwords are hashed.
    pub pool: HashPool,
    /// What every key is derived from; see [`Accounts::root`].
    pub root: RootSecret,
    /// Limits on guessing.
    pub limits: Limits,
    /// How long sessions last.
    pub sessions: SessionRules,
    /// How signing keys change.
    pub keys: KeyRules,
    /// What new passwords have to be.
    pub passwords: PasswordRules,
    /// Every mount.
    pub mounts: Vec<MountPolicy>,
}

/// Limits on guessing, and on what fills the database; none = nothing is counted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// Wrong passwords per account.
    pub per_account: Option<Throttle>,
    /// Wrong passwords per account from a place where it signed in before, once `per_account` is used up; none =
    /// such a place has no tries of its own.
    pub per_known_place: Option<Throttle>,
    /// Wrong passwords per address.
    pub per_address: Option<Throttle>,
    /// Wrong codes of the second factor per account.
    pub second_factor: Option<Throttle>,
    /// Registrations per address.
    pub registration: Option<Throttle>,
    /// Wrong invite codes per address.
    pub invite_per_address: Option<Throttle>,
    /// Wrong invite codes in all.
    pub invite_in_all: Option<Throttle>,
    /// Mails to one address. The last of those at once is not for whoever merely asks for mails.
    pub mail: Option<Throttle>,
    /// Mails asked for per address of the caller.
    pub mail_per_address: Option<Throttle>,
    /// Refreshes per session.
    pub refresh: Option<Throttle>,
}

/// How long sessions last, whatever the mount.
#[derive(Clone, Copy, Debug)]
pub struct SessionRules {
    /// How long the refresh token before the current one gets the same successor again.
    pub refresh_grace: Span,
    /// The longest that refreshing can keep a session alive.
    pub longest: Span,
    /// How old a server's look at the event list may be before it checks no token any more.
    pub trust_memory_for: Span,
}

/// What may be changed while the server runs.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Limits on guessing.
    pub limits: Limits,
    /// How long sessions last.
    pub sessions: SessionRules,
    /// What new passwords have to be.
    pub passwords: PasswordRules,
}

/// The account store with its rules: what an administrator can do, and the mounts.
#[derive(Clone)]
pub struct Accounts {
    pub(crate) core: Arc<Core>,
    pub(crate) mounts: Arc<Vec<Mount>>,
}

pub(crate) struct Core {
    pub(crate) db: Database,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) randomness: Arc<dyn Randomness>,
    pub(crate) pool: HashPool,
    pub(crate) root: RootSecret,
    pub(crate) digests: TokenDigests,
    pub(crate) sealer: Sealer,
    /// Read by [`Core::rules`] alone.
    rules: RwLock<Arc<Rules>>,
    pub(crate) keys: KeyRules,
    /// Whether keys were changed that this process has not loaded yet.
    pub(crate) keys_changed: AtomicBool,
    /// Held while keys are read and put in place, so that no older reading comes last.
    pub(crate) loading_keys: Mutex<()>,
    pub(crate) policies: Vec<MountPolicy>,
    pub(crate) memory: Memory,
    /// How far the event list was taken into the memory.
    pub(crate) following: Mutex<Following>,
    /// What this process is called where processes have to be told apart.
    pub(crate) process: String,
    /// Rung when mail was put into the outbox.
    pub(crate) outbox_bell: Notify,
    /// For whoever watches, as is the next.
    pub(crate) mails: Mails,
    pub(crate) looked: Looked,
}

impl Accounts {
    /// Puts the rules to work: loads what checks must know and the keys of every mount.
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer or holds keys that the root secret does not open.
    pub async fn open(parts: Parts) -> Result<Self, Failure> {
        let longest_access = parts.mounts.iter().map(|policy| policy.access).max().unwrap_or_default();
        let mut core = Core {
            following: Mutex::new(Following::nowhere()),
            process: crypto::random_text(&*parts.randomness, crypto::Alphabet::Alphanumeric, 16),
            digests: TokenDigests::new(&parts.root),
            sealer: Sealer::new(&parts.root),
            db: parts.db,
            clock: parts.clock,
            randomness: parts.randomness,
            pool: parts.pool,
            root: parts.root,
            keys: parts.keys,
            keys_changed: AtomicBool::new(false),
            loading_keys: Mutex::new(()),
            rules: RwLock::new(Arc::new(Rules {
                limits: parts.limits,
                sessions: parts.sessions,
                passwords: parts.passwords,
            })),
            policies: parts.mounts,
            memory: Memory::new(longest_access),
            outbox_bell: Notify::new(),
            mails: Mails::default(),
            looked: Looked::default(),
        };
        let following = core.load(HowFar::Newest).await?;
        core.looked.at(following.looked);
        core.following = Mutex::new(following);
        let mut inners = Vec::new();
        for policy in &core.policies {
            inners.push(keys::mount(&core, policy.clone()).await?);
        }
        let core = Arc::new(core);
        let mount = |inner: MountInner| Mount { core: Arc::clone(&core), inner: Arc::new(inner) };
        Ok(Self { mounts: Arc::new(inners.into_iter().map(mount).collect()), core })
    }

    /// Whether the keys that operators gave the mounts can be used.
    ///
    /// # Errors
    /// [`KeyUnusable`] for the first that cannot.
    pub fn check_keys(mounts: &[MountPolicy]) -> Result<(), KeyUnusable> {
        mounts.iter().try_for_each(keys::usable)
    }

    /// The mount of this name.
    #[must_use]
    pub fn mount(&self, name: &str) -> Option<Mount> {
        self.mounts.iter().find(|mount| mount.policy().name == name).cloned()
    }

    /// Every mount.
    #[must_use]
    pub fn mounts(&self) -> &[Mount] {
        &self.mounts
    }

    /// Puts other rules in force. What is under way may still end by the old ones.
    pub fn set_rules(&self, rules: Rules) {
        *self.core.rules.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
    }
}

impl Core {
    /// The rules in force now.
    pub(crate) fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.rules.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes a batch whose guards cannot lose a race; if one does, it is a bug.
    pub(crate) async fn write(&self, batch: Batch) -> Result<Written, Failure> {
        self.db.write(batch).await.map_err(|error| match error {
            WriteError::Fault(fault) => fault.into(),
            WriteError::Guard(guard) => {
                Fault::logged(&format_args!("a guard that cannot fail did: {}", guard.name)).into()
            }
        })
    }

    /// Ten random bytes for an id.
    pub(crate) fn id_bytes(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        self.randomness.fill(&mut bytes);
        bytes
    }

    pub(crate) fn new_account_id(&self) -> AccountId {
        AccountId::new(self.clock.now(), self.id_bytes())
    }

    pub(crate) fn new_session_id(&self) -> SessionId {
        SessionId::new(self.clock.now(), self.id_bytes())
    }

    /// A keyed digest as text, for keys that must not show what they are of.
    pub(crate) fn digest_text(&self, kind: &str, secret: &str) -> String {
        hex(&self.digests.digest(kind, secret))
    }

    /// The names of the mounts of a realm whose sessions a change leaves alone: those of which it is known that
    /// their tokens carry nothing of it. A mount that is switched off here is none of them.
    pub(crate) fn mounts_spared(
        &self,
        realm: &model::Realm,
        carries: impl Fn(&MountPolicy) -> bool,
    ) -> Vec<String> {
        let of_realm = self.policies.iter().filter(|policy| policy.realm == *realm);
        of_realm.filter(|policy| !carries(policy)).map(|policy| policy.name.clone()).collect()
    }
}
