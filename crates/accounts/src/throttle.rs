//! Who asks, and how often they may.

use defects::{Defect, seeded};
use std::net::IpAddr;

use db::{Batch, Statement, WriteError};
use model::{Account, AccountId, Event, EventKind, Realm, Span, Throttle, email_key, name_key, usable_name};

use crate::accounts::Core;
use crate::memory::AccountState;
use crate::mount::Mount;
use crate::refusal::{Failure, Refusal};

/// Where a request comes from.
#[derive(Clone, Debug)]
pub struct Client {
    /// The caller's address, as far as it can be trusted.
    pub address: IpAddr,
    /// What the caller says it is.
    pub user_agent: String,
}

impl Client {
    /// The address as text, IPv4 in its own form.
    #[must_use]
    pub fn address_text(&self) -> String {
        self.address.to_canonical().to_string()
    }

    /// See [`model::place`].
    pub(crate) fn place(&self) -> String {
        model::place(self.address)
    }
}

/// Changes of one's own account: far more than anybody makes, little enough not to fill the disk with events.
const CHANGES: Throttle = Throttle { burst: 60, every: Span::seconds(10) };

/// How often something is said of a counter: a request that is refused must not cost a row or a mail.
const NOTED: Throttle = Throttle { burst: 1, every: Span::hours(1) };

/// One counter: its name, its limit, and what it counts in words. No limit if nothing is to be counted.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    id: String,
    throttle: Option<Throttle>,
    about: &'static str,
}

impl Bucket {
    /// Wrong passwords of an account, or of a name that nobody has: one counter whatever the spelling. As much is
    /// done for both, and its name is as long.
    pub(crate) fn passwords(core: &Core, realm: &Realm, account: Option<&AccountId>, name: &str) -> Self {
        // No account has an unusable name, which may be so long that folding it would take its time.
        let usable = usable_name(name).is_ok();
        let key = if usable { name_key(name) } else { name.to_owned() };
        // Both are computed for everybody: one is longer to digest than the other.
        let nobody = AccountId::nobody();
        let of_account = core.digest_text("account", account.unwrap_or(&nobody).as_str());
        let of_name = core.digest_text(if usable { "unknown_name" } else { "unusable_name" }, &key);
        let whose = match account {
            _ if seeded(Defect::SpellingsApart) => core.digest_text("spelling", name),
            Some(_) => of_account,
            None => of_name,
        };
        Self {
            id: format!("{realm}/password/{whose}"),
            throttle: core.rules().limits.per_account,
            about: "this account",
        }
    }

    /// Wrong passwords of an account from a place where it signed in before; nobody has one without an account.
    pub(crate) fn passwords_at(
        core: &Core,
        realm: &Realm,
        account: &AccountId,
        client: &Client,
    ) -> Option<Self> {
        let throttle = Some(core.rules().limits.per_known_place?);
        let id = format!("{realm}/password/{account}/{}", client.place());
        Some(Self { id, throttle, about: "this account at this address" })
    }

    /// Wrong passwords from an address.
    pub(crate) fn passwords_from(core: &Core, realm: &Realm, client: &Client) -> Self {
        Self {
            id: format!("{realm}/password-from/{}", client.place()),
            throttle: core.rules().limits.per_address,
            about: "this address",
        }
    }

    /// Wrong codes of an account's second factor.
    pub(crate) fn codes(core: &Core, account: &Account) -> Self {
        Self {
            id: format!("{}/code/{}", account.realm, account.id),
            throttle: core.rules().limits.second_factor.filter(|_| !seeded(Defect::CodesUncounted)),
            about: "codes of this account",
        }
    }

    /// What somebody signed in writes about themselves.
    pub(crate) fn changes(account: &AccountState) -> Self {
        Self {
            id: format!("{}/change/{}", account.realm, account.id),
            throttle: Some(CHANGES),
            about: "changes of this account",
        }
    }

    /// Registrations from an address.
    pub(crate) fn registrations(core: &Core, realm: &Realm, client: &Client) -> Self {
        Self {
            id: format!("{realm}/register/{}", client.place()),
            throttle: core.rules().limits.registration,
            about: "registrations from this address",
        }
    }

    /// Wrong invite codes from an address.
    pub(crate) fn invites_from(core: &Core, realm: &Realm, client: &Client) -> Self {
        Self {
            id: format!("{realm}/invite/{}", client.place()),
            throttle: core.rules().limits.invite_per_address,
            about: "invite codes from this address",
        }
    }

    /// Wrong invite codes from everywhere.
    pub(crate) fn invites_in_all(core: &Core, realm: &Realm) -> Self {
        Self {
            id: format!("{realm}/invite"),
            throttle: core.rules().limits.invite_in_all,
            about: "invite codes from everywhere",
        }
    }

    /// Mails to an address, whatever they say, in whatever realm, and whether or not it belongs to an account.
    pub(crate) fn mails(core: &Core, email: &str) -> Self {
        let whose = core.digest_text("mail_address", &email_key(email));
        let throttle = core.rules().limits.mail.filter(|_| !seeded(Defect::MailsUncounted));
        Self { id: format!("mail/{whose}"), throttle, about: "mails to this address" }
    }

    /// The same for whoever merely asks for a mail: the last one of those at once is kept, so that nobody can keep
    /// the owner from hearing what is done to the account by asking for mails before.
    pub(crate) fn asked_mails(core: &Core, email: &str) -> Self {
        let mut bucket = Self::mails(core, email);
        if let Some(throttle) = &mut bucket.throttle {
            throttle.burst = throttle.burst.saturating_sub(1).max(1);
        }
        bucket
    }

    /// Stands in for this counter where no mail is sent: it costs as much, and leaves the address its own.
    pub(crate) fn ignored(&self) -> Self {
        Self { id: format!("{}/ignored", self.id), ..self.clone() }
    }

    /// Passes once an hour, for what is said of this counter.
    pub(crate) fn noted(&self) -> Self {
        Self { id: format!("{}/noted", self.id), throttle: Some(NOTED), about: self.about }
    }

    /// Mails asked for from an address.
    pub(crate) fn mails_from(core: &Core, realm: &Realm, client: &Client) -> Self {
        Self {
            id: format!("{realm}/mail-from/{}", client.place()),
            throttle: core.rules().limits.mail_per_address,
            about: "mails asked for from this address",
        }
    }

    /// What it counts, for people.
    pub(crate) fn about(&self) -> &'static str {
        self.about
    }

    /// Whether both are one counter.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.id == other.id
    }

    /// The statement that takes one try; it fails the batch when none is left.
    pub(crate) fn take(&self, core: &Core) -> Option<Statement> {
        self.throttle.map(|throttle| store::throttles::take(&self.id, throttle, core.clock.now()))
    }

    /// The statement that counts a try that happens anyway.
    pub(crate) fn count(&self, core: &Core) -> Option<Statement> {
        self.throttle.map(|throttle| store::throttles::count(&self.id, throttle, core.clock.now()))
    }

    /// The statement that gives the try back: it was no wrong one.
    pub(crate) fn give_back(&self) -> Option<Statement> {
        self.throttle.map(|throttle| store::throttles::give_back(&self.id, throttle))
    }

    /// How many tries were taken lately and are not given back or over.
    pub(crate) async fn taken(&self, core: &Core) -> Result<i64, Failure> {
        let Some(throttle) = self.throttle else { return Ok(0) };
        let empty_at = store::throttles::empty_at(&core.db, &self.id).await?;
        let left = empty_at.map_or(Span(0), |empty_at| empty_at - core.clock.now());
        let every = throttle.every.0.max(1);
        Ok(left.0.max(0).saturating_add(every - 1) / every)
    }

    /// The statement that forgets all wrong tries.
    pub(crate) fn clear(&self) -> Option<Statement> {
        self.throttle.map(|_| store::throttles::clear(&self.id))
    }
}

impl Mount {
    /// Takes one try from every bucket, or from none and refuses; see [`Core::take`]. Whoever is refused leaves an
    /// event, once an hour for each counter.
    pub(crate) async fn take(
        &self,
        buckets: &[&Bucket],
        account: Option<&AccountId>,
        client: &Client,
    ) -> Result<(), Failure> {
        let Some(full) = self.core.try_take(buckets).await? else { return Ok(()) };
        self.note_throttled(full, account, client).await?;
        Err(self.core.held_up(buckets).await?.into())
    }

    /// Appends an event that a counter holds somebody up, unless there was one within the hour.
    pub(crate) async fn note_throttled(
        &self,
        by: &Bucket,
        account: Option<&AccountId>,
        client: &Client,
    ) -> Result<(), Failure> {
        let mut event = Event::new(EventKind::Throttled, self.realm(), self.now())
            .from(&client.address_text())
            .saying(format!("{}: {}", self.policy().name, by.about()));
        event.account = account.cloned();
        self.core.note_held_up(by, &event).await
    }
}

impl Core {
    /// Takes one try from every bucket, or from none and refuses. It happens before anything is compared,
    /// so that parallel guesses are all counted.
    pub(crate) async fn take(&self, buckets: &[&Bucket]) -> Result<(), Failure> {
        match self.try_take(buckets).await? {
            None => Ok(()),
            Some(_) => Err(self.held_up(buckets).await?.into()),
        }
    }

    /// Takes one try from every bucket, or from none and answers the first that has none left.
    pub(crate) async fn try_take<'a>(&self, buckets: &[&'a Bucket]) -> Result<Option<&'a Bucket>, Failure> {
        let counted = buckets.iter().filter_map(|bucket| Some((*bucket, bucket.take(self)?)));
        let (counted, statements): (Vec<_>, Vec<_>) = counted.unzip();
        if counted.is_empty() {
            return Ok(None);
        }
        match self.db.write(statements.into_iter().collect()).await {
            Ok(_) => Ok(None),
            Err(WriteError::Guard(full)) => Ok(counted.get(full.index).copied()),
            Err(WriteError::Fault(fault)) => Err(fault.into()),
        }
    }

    /// Appends an event that a bucket holds somebody up, unless there was one within the hour.
    pub(crate) async fn note_held_up(&self, by: &Bucket, event: &Event) -> Result<(), Failure> {
        let noted = by.noted();
        // PostgreSQL would write the event and undo it, which takes longer if it names an account.
        if noted.taken(self).await? > 0 {
            return Ok(());
        }
        let mut batch: Batch = noted.take(self).into_iter().collect();
        batch.push(store::events::append(event));
        match self.db.write(batch).await {
            Ok(_) | Err(WriteError::Guard(_)) => Ok(()),
            Err(WriteError::Fault(fault)) => Err(fault.into()),
        }
    }

    /// The refusal of whoever finds these buckets full.
    pub(crate) async fn held_up(&self, buckets: &[&Bucket]) -> Result<Refusal, Failure> {
        Ok(Refusal::Throttled { retry_after: self.wait(buckets).await? })
    }

    /// How long until every bucket lets a try through; at least a second.
    async fn wait(&self, buckets: &[&Bucket]) -> Result<Span, Failure> {
        let mut longest = Span::seconds(1);
        for bucket in buckets {
            if let (Some(throttle), Some(empty_at)) =
                (bucket.throttle, store::throttles::empty_at(&self.db, &bucket.id).await?)
            {
                longest = longest.max(throttle.wait(empty_at, self.clock.now()));
            }
        }
        Ok(longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_key_however_it_is_written_and_a_subscriber_has_one() {
        let key = |address: &str| {
            let address = address.parse().expect("an address");
            Client { address, user_agent: String::new() }.place()
        };
        assert_eq!(key("203.0.113.9"), "203.0.113.9");
        assert_eq!(key("::ffff:203.0.113.9"), "203.0.113.9");
        assert_eq!(key("2001:db8:1:2::1"), key("2001:0DB8:0001:0002:ffff:ffff:ffff:ffff"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
    }
}
