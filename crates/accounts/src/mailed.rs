//! What a mailed link is about, for the page that it opens.

use model::OneTimeKind;

use crate::mount::Mount;
use crate::refusal::Failure;

/// What somebody who holds a mailed token may be shown before using it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailed {
    /// The account's name.
    pub username: String,
    /// The address that would take the place of the old one; for a change of address only.
    pub new_email: Option<String>,
    /// The session that would end: its address and its user agent; for a sign-in that was told of only, and
    /// as long as sessions are kept.
    pub session: Option<(String, String)>,
}

impl Mount {
    /// What a mailed token of this kind would act on now; none if using it would be refused with
    /// [`crate::Refusal::TokenUnknown`], and for kinds that are not mailed. Asking uses nothing up: programs
    /// that look through mail open every link in it.
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer.
    pub async fn mailed(&self, kind: OneTimeKind, secret: &str) -> Result<Option<Mailed>, Failure> {
        match kind {
            OneTimeKind::Confirmation | OneTimeKind::PasswordReset => {
                let found = self.core.find_mailed(kind, self.realm(), secret).await?;
                Ok(found.map(|(_, account)| Mailed {
                    username: account.username,
                    new_email: None,
                    session: None,
                }))
            }
            OneTimeKind::EmailChange => self.mailed_change(secret).await,
            OneTimeKind::NotMe => self.mailed_sign_in(secret).await,
            OneTimeKind::SecondStep | OneTimeKind::Invite | OneTimeKind::Server | OneTimeKind::MailAsked => {
                Ok(None)
            }
        }
    }

    async fn mailed_change(&self, secret: &str) -> Result<Option<Mailed>, Failure> {
        let core = &self.core;
        let token = core.find_token(OneTimeKind::EmailChange, self.realm(), secret).await?;
        let Some((id, new)) = token.and_then(|token| Some((token.account?, token.payload))) else {
            return Ok(None);
        };
        if store::accounts::by_email(&core.db, self.realm(), &new).await?.is_some() {
            return Ok(None);
        }
        let account = store::accounts::by_id(&core.db, &id).await?.filter(|account| !account.disabled);
        Ok(account.map(|account| Mailed { username: account.username, new_email: Some(new), session: None }))
    }

    async fn mailed_sign_in(&self, secret: &str) -> Result<Option<Mailed>, Failure> {
        let core = &self.core;
        let token = core.find_token(OneTimeKind::NotMe, self.realm(), secret).await?;
        let Some((id, session)) = token.and_then(|token| Some((token.account?, token.payload))) else {
            return Ok(None);
        };
        let Some(account) = store::accounts::by_id(&core.db, &id).await? else { return Ok(None) };
        let session = match model::SessionId::parse(&session) {
            Some(session) => store::sessions::by_id(&core.db, session).await?,
            None => return Ok(None),
        };
        let session = session.map(|session| (session.address, session.user_agent));
        Ok(Some(Mailed { username: account.username, new_email: None, session }))
    }
}
