//! Making one-time tokens: the secret for its owner, the digest for the database.

use crypto::{Alphabet, random_text};
use defects::{Defect, seeded};
use model::{Account, AccountId, OneTimeKind, OneTimeToken, Realm, Span};

use crate::accounts::Core;
use crate::refusal::Failure;

/// How a one-time token looks and how long it is good.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    pub(crate) alphabet: Alphabet,
    pub(crate) length: usize,
    pub(crate) lifetime: Span,
    pub(crate) tries: i64,
}

/// A token that was just made. The secret exists here and with its owner only.
pub(crate) struct NewToken {
    pub(crate) secret: String,
    pub(crate) row: OneTimeToken,
}

impl Core {
    /// A new token in a slot of its own.
    pub(crate) fn new_token(&self, kind: OneTimeKind, realm: &Realm, form: Form) -> NewToken {
        let secret = random_text(&*self.randomness, form.alphabet, form.length);
        if seeded(Defect::TokensLogged) {
            tracing::trace!(%kind, secret, "made");
        }
        let now = self.clock.now();
        let digest = self.token_digest(kind, realm, &secret);
        let slot = format!("{realm}/{kind}/{}", self.digest_text("slot", &secret));
        let row = OneTimeToken {
            digest,
            kind,
            realm: realm.clone(),
            account: None,
            slot,
            payload: String::new(),
            tries_left: form.tries,
            created_at: now,
            expires_at: now + form.lifetime,
        };
        NewToken { secret, row }
    }

    /// Under which digest a token is found. Realms know nothing of each other, so they may draw the same
    /// short code at the same time.
    fn token_digest(&self, kind: OneTimeKind, realm: &Realm, secret: &str) -> Vec<u8> {
        if seeded(Defect::TokensPlain) {
            return secret.as_bytes().to_vec();
        }
        self.digests.digest(&format!("{realm}/{kind}"), secret)
    }

    /// The live token that a secret belongs to.
    pub(crate) async fn find_token(
        &self,
        kind: OneTimeKind,
        realm: &Realm,
        secret: &str,
    ) -> Result<Option<OneTimeToken>, Failure> {
        let digest = self.token_digest(kind, realm, secret);
        Ok(store::one_time_tokens::live(&self.db, kind, realm, &digest, self.clock.now()).await?)
    }
}

/// Where the one token of a kind that an account has stands.
pub(crate) fn own_slot(kind: OneTimeKind, realm: &Realm, account: &AccountId) -> String {
    format!("{realm}/{kind}/of/{account}")
}

impl NewToken {
    /// The same for an account.
    pub(crate) fn of(mut self, account: &Account) -> Self {
        self.row.account = Some(account.id.clone());
        self
    }

    /// The same for an account, which has only one of its kind: this one ends the one before.
    pub(crate) fn only_of(mut self, account: &Account) -> Self {
        self.row.slot = own_slot(self.row.kind, &account.realm, &account.id);
        self.of(account)
    }

    /// The same in this slot.
    pub(crate) fn in_slot(mut self, slot: String) -> Self {
        self.row.slot = slot;
        self
    }

    /// The same with something for its redeemer to know.
    pub(crate) fn saying(mut self, payload: String) -> Self {
        self.row.payload = payload;
        self
    }
}

impl Core {
    /// A token to be mailed to an account's address. It is worth nothing once the address is another.
    pub(crate) fn new_mailed(
        &self,
        kind: OneTimeKind,
        account: &Account,
        form: &crate::mount::MailedToken,
        email: &str,
    ) -> NewToken {
        let form = Form { alphabet: form.alphabet, length: form.length, lifetime: form.lifetime, tries: 1 };
        self.new_token(kind, &account.realm, form).only_of(account).saying(model::email_key(email))
    }

    /// The live mailed token that a secret belongs to, with its account, if the address is still the one
    /// that it was mailed to.
    pub(crate) async fn find_mailed(
        &self,
        kind: OneTimeKind,
        realm: &Realm,
        secret: &str,
    ) -> Result<Option<(OneTimeToken, Account)>, Failure> {
        let Some(token) = self.find_token(kind, realm, secret).await? else { return Ok(None) };
        let Some(id) = &token.account else { return Ok(None) };
        let account = store::accounts::by_id(&self.db, id).await?;
        let same = |account: &Account| {
            account.email.as_deref().map(model::email_key).as_ref() == Some(&token.payload)
        };
        Ok(account.filter(same).map(|account| (token, account)))
    }
}
