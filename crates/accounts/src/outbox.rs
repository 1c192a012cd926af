//! Owing mail in the same batch as what it is about, and sending it afterwards.

use std::sync::Arc;
use std::time::{Duration, Instant};

use db::Batch;
use mail::{Message, Notice, Transport};
use model::{Account, Actor, Event, EventKind, Realm, Span};
use store::outbox::OutboxRow;
use tokio::sync::watch;

use crate::accounts::{Accounts, Core};
use crate::refusal::{Failure, Fault};
use crate::throttle::{Bucket, Client};

/// How long one attempt may take before somebody else may try. Longer than any transport needs for one mail.
const LEASE: Span = Span::minutes(5);
/// How often an idle sender looks anyway, for mail that another process owes.
const IDLE: Duration = Duration::from_secs(5);
/// After so many failed attempts, about three days, a mail is given up.
const ATTEMPTS: i64 = 80;
const AT_ONCE: i64 = 16;
/// Between two deliveries, what was asked for meanwhile is seen to if nobody looked for that long: a mail server that
/// takes its time must not let it grow old.
const LOOK: Duration = Duration::from_secs(1);

impl Core {
    /// Adds a mail to a batch. It goes to the address that is stored, whatever was asked with.
    pub(crate) fn owe(
        &self,
        batch: &mut Batch,
        realm: &Realm,
        kind: EventKind,
        recipient: &str,
        notice: &Notice<'_>,
    ) -> Result<(), Failure> {
        let now = self.clock.now();
        let id = model::new_id(now, self.id_bytes());
        let message = serde_json::to_vec(&notice.render(recipient)).map_err(|error| Fault::logged(&error))?;
        let row = OutboxRow {
            sealed: Some(self.sealer.seal(&*self.randomness, &context(&id), &message)),
            id,
            realm: realm.clone(),
            kind: kind.as_str().to_owned(),
            recipient: recipient.to_owned(),
            created_at: now,
            next_attempt_at: now,
            attempts: 0,
            sent_at: None,
            failed_at: None,
            last_error: String::new(),
        };
        batch.push(store::outbox::insert(&row));
        Ok(())
    }

    /// Rings for the sender once a batch with mail in it is written.
    pub(crate) fn ring_if(&self, mailed: bool) {
        if mailed {
            self.outbox_bell.notify_one();
        }
    }

    fn unseal(&self, row: &OutboxRow) -> Option<Message> {
        let bytes = self.sealer.open(&context(&row.id), row.sealed.as_deref()?).ok()?;
        serde_json::from_slice(&bytes).ok()
    }
}

fn context(id: &str) -> String {
    format!("outbox/{id}")
}

/// Ten seconds after the first failure, doubled with every further one, at most an hour.
fn pause(attempts: i64) -> Span {
    Span::seconds(10 << (attempts - 1).clamp(0, 9)).min(Span::hours(1))
}

impl Accounts {
    /// Sends what is owed, each mail through the newest transport, until nobody is left who could send one.
    /// A mail is tried until it is taken over, refused for good, or too old; a process that dies between
    /// sending and noting it sends one more copy, with the same Message-ID. One that is told to stop does
    /// not: the mail under way is noted first.
    pub async fn send_mail(&self, mut transports: watch::Receiver<Arc<Transport>>) {
        while transports.has_changed().is_ok() {
            let transport = Arc::clone(&transports.borrow_and_update());
            let rung = match self.send_while(&transport, || transports.has_changed().is_ok()).await {
                Ok(0) => true,
                Ok(_) => continue,
                // Logged where it arose; the database may be back soon.
                Err(_) => false,
            };
            tokio::select! {
                () = tokio::time::sleep(IDLE) => {}
                () = self.core.outbox_bell.notified(), if rung => {}
                _ = transports.changed() => {}
            }
        }
    }

    /// Tries mails that are due now, at least one if any is left by other senders, and says how many it tried.
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer.
    pub async fn send_due(&self, transport: &Transport) -> Result<usize, Failure> {
        self.send_while(transport, || true).await
    }

    /// The same, beginning no further mail once `wanted` says no.
    async fn send_while(&self, transport: &Transport, wanted: impl Fn() -> bool) -> Result<usize, Failure> {
        let mut tried = 0;
        while tried == 0 && wanted() {
            let more_asked = self.see_to_asked().await?;
            let due = store::outbox::due(&self.core.db, self.core.clock.now(), AT_ONCE).await?;
            if due.is_empty() && !more_asked {
                break;
            }
            let mut looked = Instant::now();
            for id in due {
                if !wanted() {
                    return Ok(tried);
                }
                tried += usize::from(self.send(&id, transport).await?);
                if looked.elapsed() >= LOOK {
                    self.see_to_asked().await?;
                    looked = Instant::now();
                }
            }
            // Whoever lost all of them looks again: there may be more behind.
        }
        Ok(tried)
    }

    /// Tries one mail that is due, unless another sender was first; whether it did. Each is claimed by itself, so
    /// that the lease has to last for one delivery only.
    async fn send(&self, id: &str, transport: &Transport) -> Result<bool, Failure> {
        let core = &self.core;
        let now = core.clock.now();
        let written = core.write(store::outbox::claim(id, now, now + LEASE).into()).await?;
        let Some(row) = store::outbox::claimed(written.rows(0))? else { return Ok(false) };
        let outcome = match core.unseal(&row) {
            Some(message) => transport.deliver(&row.id, &message, row.created_at.seconds()).await,
            None => {
                Err(mail::DeliveryFailed { permanent: true, reason: "the stored mail cannot be read".into() })
            }
        };
        core.write(Batch::new().with(core.note(&row, outcome))).await?;
        Ok(true)
    }

    /// One mail, with its subject if it can still be read. What it says is for its recipient only.
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer.
    pub async fn mail(&self, id: &str) -> Result<Option<(OutboxRow, Option<String>)>, Failure> {
        let row = store::outbox::by_id(&self.core.db, id).await?;
        Ok(row.map(|row| {
            let subject = self.core.unseal(&row).map(|message| message.subject);
            (row, subject)
        }))
    }

    /// Lets a mail that was given up or waits be tried again now; false if there is no such mail, or it was
    /// sent. A running server sends it within [`IDLE`].
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer.
    pub async fn retry_mail(&self, id: &str) -> Result<bool, Failure> {
        let now = self.core.clock.now();
        let Some(row) = store::outbox::by_id(&self.core.db, id).await? else { return Ok(false) };
        let event = Event::new(EventKind::MailRetried, &row.realm, now).by(Actor::CommandLine).saying(row.id);
        let batch = Batch::new().with(store::outbox::retry(id, now)).with(store::events::append(&event));
        match self.core.db.write(batch).await {
            Ok(_) => {
                self.core.ring_if(true);
                Ok(true)
            }
            Err(db::WriteError::Guard(_)) => Ok(false),
            Err(db::WriteError::Fault(fault)) => Err(fault.into()),
        }
    }

    /// The newest mails, newest first.
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer.
    pub async fn mails(&self, limit: i64) -> Result<Vec<OutboxRow>, Failure> {
        Ok(store::outbox::newest(&self.core.db, limit).await?)
    }
}

impl Core {
    /// Notes how an attempt to send a mail ended.
    fn note(&self, row: &OutboxRow, outcome: Result<(), mail::DeliveryFailed>) -> db::Statement {
        let now = self.clock.now();
        let Err(failed) = outcome else {
            self.mails.sent();
            return store::outbox::sent(&row.id, now);
        };
        tracing::warn!(mail = %row.id, kind = %row.kind, permanent = failed.permanent, reason = %failed.reason, "mail not sent");
        let for_good = failed.permanent || row.attempts >= ATTEMPTS;
        self.mails.failed(for_good);
        if for_good {
            store::outbox::given_up(&row.id, now, &failed.reason)
        } else {
            store::outbox::delayed(&row.id, now + pause(row.attempts), &failed.reason)
        }
    }
}

impl crate::mount::Mount {
    /// Owes the owner of an account a mail about what was done to it; whether there is one to send. Only an
    /// address that was confirmed is told, and no more often than the limit on mails: whoever
    /// registers with somebody else's address must not be able to have them mailed.
    pub(crate) async fn tell(
        &self,
        account: &Account,
        kind: EventKind,
        notice: &Notice<'_>,
        batch: &mut Batch,
    ) -> Result<bool, Failure> {
        let Some(email) = account.email.as_deref().filter(|_| account.email_confirmed) else {
            return Ok(false);
        };
        let bucket = Bucket::mails(&self.core, email);
        match self.core.take(&[&bucket]).await {
            Ok(()) => {}
            Err(Failure::Refused(_)) => return Ok(false),
            Err(other) => return Err(other),
        }
        self.core.owe(batch, self.realm(), kind, email, notice)?;
        Ok(true)
    }

    /// Owes a newcomer the mail that confirms the address; whether there is one to send.
    pub(crate) fn owe_confirmation(
        &self,
        account: &Account,
        client: &Client,
        batch: &mut Batch,
    ) -> Result<bool, Failure> {
        let (Some(form), Some(email)) = (&self.policy().confirmation, &account.email) else {
            return Ok(false);
        };
        let token = self.core.new_mailed(model::OneTimeKind::Confirmation, account, form, email);
        let link = mail::link(&form.link, &token.secret).map_err(|error| Fault::logged(&error))?;
        let hours = form.lifetime.whole_seconds() / 3_600;
        let notice = Notice::Confirmation {
            site: &self.policy().site,
            username: &account.username,
            link: &link,
            hours,
        };
        batch.push(store::one_time_tokens::put(&token.row));
        batch.push(store::events::append(&self.event(EventKind::ConfirmationSent, account, client)));
        self.core.owe(batch, self.realm(), EventKind::ConfirmationSent, email, &notice)?;
        Ok(true)
    }
}
