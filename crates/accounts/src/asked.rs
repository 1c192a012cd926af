//! Mails that anybody may ask for by typing an address.
//!
//! Whether somebody has the address must not show, in the time that the answer takes either. So the answer waits
//! for one write that is the same for every address: what was asked for, in a row of its own. Who has the address,
//! and what follows, is found out afterwards by whoever sends mail, here or on another node, and is not forgotten by
//! a restart.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr};

use crypto::Alphabet;
use db::{Batch, WriteError};
use defects::{Defect, seeded};
use model::{Account, Event, EventKind, OneTimeKind, OneTimeToken, Realm, Span, email_key, usable_email};
use serde::{Deserialize, Serialize};

use crate::accounts::Accounts;
use crate::mount::Mount;
use crate::one_time::Form;
use crate::refusal::{Failure, Fault};
use crate::throttle::{Bucket, Client};

/// Nobody is told the secret: the row is what counts. Whoever asked an hour ago has long asked again.
const ASKED: Form = Form { alphabet: Alphabet::Alphanumeric, length: 43, lifetime: Span::hours(1), tries: 1 };
/// So many are looked at together, before the mails that follow are sent.
const AT_ONCE: u16 = 1_024;

/// What can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Wanted {
    /// A link to choose a new password.
    Reset,
    /// Another link to confirm the address.
    Confirmation,
}

/// What was asked for, by whom, and where.
#[derive(Serialize, Deserialize)]
struct Asked {
    mount: String,
    wanted: Wanted,
    email: String,
    from: String,
}

/// What one mail answers, however often it was asked for: which, where, and to whom, in any spelling.
type Key = (Wanted, String, String);

impl Asked {
    fn key(&self) -> Key {
        (self.wanted, self.mount.clone(), email_key(&self.email))
    }
}

impl Mount {
    /// Notes that a mail was asked for. Each time is a row of its own: writing over one takes another time than
    /// inserting, and a row stands there for longer where a mail is sent.
    ///
    /// # Errors
    /// [`crate::Refusal::Throttled`] if the caller's address asked too often.
    pub(crate) async fn ask(&self, wanted: Wanted, email: &str, client: &Client) -> Result<(), Failure> {
        let core = &self.core;
        self.take(&[&Bucket::mails_from(core, self.realm(), client)], None, client).await?;
        if usable_email(email).is_err() {
            return Ok(());
        }
        let asked = Asked {
            mount: self.policy().name.clone(),
            wanted,
            email: email.to_owned(),
            from: client.address_text(),
        };
        let text = serde_json::to_string(&asked).map_err(|error| Fault::logged(&error))?;
        let row = core.new_token(OneTimeKind::MailAsked, self.realm(), ASKED).saying(text).row;
        core.write(Batch::new().with(store::one_time_tokens::put(&row))).await?;
        if seeded(Defect::MailBeforeAnswer)
            && store::accounts::by_email(&core.db, self.realm(), email).await?.is_some()
        {
            self.see_to(&[&row], &asked).await?;
        }
        core.ring_if(true);
        Ok(())
    }

    /// Does what follows of what these rows say, once, whoever else is at it.
    async fn see_to(&self, rows: &[&OneTimeToken], asked: &Asked) -> Result<(), Failure> {
        let core = &self.core;
        let address = asked.from.parse().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let client = Client { address, user_agent: String::new() };
        let account = store::accounts::by_email(&core.db, self.realm(), &asked.email).await?;
        let account = account.filter(|account| !account.disabled);
        let account = account.filter(|account| match asked.wanted {
            Wanted::Reset => true,
            Wanted::Confirmation => !account.email_confirmed,
        });
        let account = account.map(|account| match seeded(Defect::MailedAsTyped) {
            true => Account { email: Some(asked.email.clone()), ..account },
            false => account,
        });
        let bucket = Bucket::asked_mails(core, &asked.email);
        let bucket = if account.is_some() { bucket } else { bucket.ignored() };
        let mut batch = self.redeeming(rows);
        batch.extend(bucket.take(core));
        match &account {
            Some(account) => {
                self.owe_wanted(asked.wanted, account, &client, &mut batch)?;
            }
            None => {
                batch.push(store::events::append(&self.ignored(asked.wanted, &client)));
            }
        }
        match core.db.write(batch).await {
            // Mailed too often, which nobody is told.
            Err(WriteError::Guard(lost)) if lost.name == store::guard::PASSES => self.forget(rows).await,
            // Somebody else was first. What was asked for after they looked comes up again.
            Ok(_) | Err(WriteError::Guard(_)) => Ok(()),
            Err(WriteError::Fault(fault)) => Err(fault.into()),
        }
    }

    /// Nothing follows from what was asked for.
    async fn forget(&self, rows: &[&OneTimeToken]) -> Result<(), Failure> {
        match self.core.db.write(self.redeeming(rows)).await {
            Ok(_) | Err(WriteError::Guard(_)) => Ok(()),
            Err(WriteError::Fault(fault)) => Err(fault.into()),
        }
    }

    fn redeeming(&self, rows: &[&OneTimeToken]) -> Batch {
        rows.iter().map(|row| store::one_time_tokens::redeem(row, self.now())).collect()
    }

    fn owe_wanted(
        &self,
        wanted: Wanted,
        account: &Account,
        client: &Client,
        batch: &mut Batch,
    ) -> Result<bool, Failure> {
        match wanted {
            Wanted::Reset => self.owe_reset(account, client, batch),
            Wanted::Confirmation => self.owe_confirmation(account, client, batch),
        }
    }

    /// An event without the address: the list of events is no list of guesses.
    fn ignored(&self, wanted: Wanted, client: &Client) -> Event {
        let (kind, why) = match wanted {
            Wanted::Reset => (EventKind::ResetIgnored, "no such account"),
            Wanted::Confirmation => (EventKind::ConfirmationIgnored, "no account that waits for it"),
        };
        Event::new(kind, self.realm(), self.now()).from(&client.address_text()).saying(why)
    }
}

impl Accounts {
    /// Sees to mails that were asked for, on whichever node; whether some were left for later, so that those that
    /// are owed need not wait for them.
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer.
    pub async fn see_to_asked(&self) -> Result<bool, Failure> {
        let realms: HashSet<&Realm> = self.mounts.iter().map(Mount::realm).collect();
        let mut left = false;
        for realm in realms {
            left |= self.see_to_asked_in(realm).await?;
        }
        Ok(left)
    }

    /// The same in one realm. What was asked for several times before anybody looked is one mail.
    async fn see_to_asked_in(&self, realm: &Realm) -> Result<bool, Failure> {
        let (core, kind) = (&self.core, OneTimeKind::MailAsked);
        let now = core.clock.now();
        // Those that are left to other nodes, or cannot be read, stay until their time is over.
        let mut passed_over = 0;
        loop {
            let limit = i64::from(AT_ONCE);
            let rows =
                store::one_time_tokens::all_live(&core.db, kind, realm, now, limit, passed_over).await?;
            let mut seen_to = 0;
            for (asked, same) in &together(&rows) {
                // A mount that is switched off here may be served by another node.
                let Some(mount) = self.mount(&asked.mount) else { continue };
                match mount.see_to(same, asked).await {
                    // Logged where it arose. It would come again, and must not keep other mail from being sent.
                    Err(Failure::Fault(Fault::Internal)) => mount.forget(same).await?,
                    other => other?,
                }
                seen_to += 1;
            }
            if rows.len() < usize::from(AT_ONCE) {
                return Ok(false);
            }
            if seen_to > 0 {
                return Ok(true);
            }
            passed_over += limit;
        }
    }
}

/// What was asked for, oldest first, each with all rows that say so. Rows that cannot be read are left out.
fn together(rows: &[OneTimeToken]) -> Vec<(Asked, Vec<&OneTimeToken>)> {
    let mut mails: Vec<(Asked, Vec<&OneTimeToken>)> = Vec::new();
    let mut known = HashMap::new();
    for row in rows {
        let Ok(asked) = serde_json::from_str::<Asked>(&row.payload) else { continue };
        let place = *known.entry(asked.key()).or_insert(mails.len());
        match mails.get_mut(place) {
            Some((_, same)) => same.push(row),
            None => mails.push((asked, vec![row])),
        }
    }
    mails
}
