//! What people do in these tests, in words.

use std::fmt::Debug;
use std::net::IpAddr;

use accounts::{
    Accounts, Admission, Caller, CheckRefused, Client, CreateAccount, EventQuery, Failure, Grant, Login,
    Mount, Refusal, Register, Registered, SecondStep, SignIn, SignedIn, TokenUse,
};
use db::Batch;
use model::{Account, Event, EventKind, Permissions};
use secrecy::SecretString;
use serde_json::json;

use crate::World;
use crate::mounts::realm;

/// Everybody's password, unless said otherwise.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// Somebody at an address.
pub(crate) fn from(address: &str) -> Client {
    Client { address: address.parse::<IpAddr>().unwrap(), user_agent: "tests".into() }
}

/// Somebody at the usual address.
pub(crate) fn client() -> Client {
    from("192.0.2.1")
}

/// A password on its way.
pub(crate) fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

/// The refusal that was answered.
pub(crate) fn refused<T: Debug>(answer: Result<T, Failure>) -> Refusal {
    match answer {
        Err(Failure::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

/// Why a token was not believed.
pub(crate) fn unbelieved<T: Debug>(answer: Result<T, Failure>) -> CheckRefused {
    match answer {
        Err(Failure::Unauthenticated(why)) => why,
        other => panic!("not unauthenticated: {other:?}"),
    }
}

/// Whether it was done; anything but that or a refusal fails the test.
pub(crate) fn fault_free<T: Debug>(answer: &Result<T, Failure>) -> bool {
    match answer {
        Ok(_) => true,
        Err(Failure::Refused(_)) => false,
        other => panic!("neither done nor refused: {other:?}"),
    }
}

/// What can be done through a mount.
pub(crate) trait Verbs {
    async fn register_with(
        &self,
        name: &str,
        email: Option<&str>,
        by: Admission<'_>,
    ) -> Result<Registered, Failure>;
    async fn attempt(&self, login: Login<'_>, password: &str, client: Client) -> Result<SignedIn, Failure>;
    /// Tries a password for a username from the usual address.
    async fn try_password(&self, name: &str, password: &str) -> Result<SignedIn, Failure>;
    /// Signs in with the right password.
    async fn enter(&self, name: &str) -> Grant;
    /// The ticket for the second step, after a right password.
    async fn ticket(&self, name: &str) -> String;
    async fn finish(&self, ticket: &str, code: &str) -> Result<Grant, Failure>;
    /// The token of a grant for a use.
    fn token(&self, grant: &Grant, purpose: TokenUse) -> String;
    fn access(&self, grant: &Grant) -> String;
    /// Whoever shows the access token of a grant.
    async fn caller(&self, grant: &Grant) -> Caller;
    /// Exchanges the refresh token of a grant from the usual address.
    async fn renew(&self, grant: &Grant) -> Result<Grant, Failure>;
}

impl Verbs for Mount {
    async fn register_with(
        &self,
        name: &str,
        email: Option<&str>,
        by: Admission<'_>,
    ) -> Result<Registered, Failure> {
        let (username, password) = (name, secret(PASSWORD));
        let (permissions, client) = (None, client());
        self.register(Register {
            username,
            email,
            password,
            permissions,
            admission: by,
            sign_in: true,
            client,
        })
        .await
    }

    async fn attempt(&self, login: Login<'_>, password: &str, client: Client) -> Result<SignedIn, Failure> {
        self.sign_in(SignIn { login, password: secret(password), client }).await
    }

    async fn try_password(&self, name: &str, password: &str) -> Result<SignedIn, Failure> {
        self.attempt(Login::Username(name), password, client()).await
    }

    async fn enter(&self, name: &str) -> Grant {
        match self.try_password(name, PASSWORD).await {
            Ok(SignedIn::Complete(grant)) => grant,
            other => panic!("{name} is not in: {other:?}"),
        }
    }

    async fn ticket(&self, name: &str) -> String {
        match self.try_password(name, PASSWORD).await {
            Ok(SignedIn::SecondStep { ticket }) => ticket,
            other => panic!("{name} is not asked for a code: {other:?}"),
        }
    }

    async fn finish(&self, ticket: &str, code: &str) -> Result<Grant, Failure> {
        self.second_step(SecondStep { ticket, code, client: client() }).await
    }

    fn token(&self, grant: &Grant, purpose: TokenUse) -> String {
        let mut claims = serde_json::to_value(grant.private_claims(purpose)).unwrap();
        let until = match purpose {
            TokenUse::Access => grant.access_expires_at(),
            TokenUse::Refresh | TokenUse::Server => grant.refresh_expires_at(),
        };
        claims["iat"] = json!(grant.issued_at());
        claims["exp"] = json!(until);
        self.sign_for(grant, &claims).unwrap()
    }

    fn access(&self, grant: &Grant) -> String {
        self.token(grant, TokenUse::Access)
    }

    async fn caller(&self, grant: &Grant) -> Caller {
        self.check(&self.access(grant)).await.unwrap()
    }

    async fn renew(&self, grant: &Grant) -> Result<Grant, Failure> {
        let token = self.open_refresh_letters(&self.refresh_letters(grant))?;
        self.refresh(token, &client()).await
    }
}

impl World {
    /// Makes an account with the address NAME@example.com, confirmed.
    pub(crate) async fn account(&self, name: &str) -> Account {
        self.account_with(name, &[]).await
    }

    /// The same with permissions besides a newcomer's.
    pub(crate) async fn account_with(&self, name: &str, permissions: &[&str]) -> Account {
        let email = format!("{name}@example.com");
        let all = permissions.iter().fold(Permissions::of_a_newcomer(), |all, one| all.with(one));
        let command = CreateAccount {
            realm: &realm(),
            username: name,
            email: Some(&email),
            email_confirmed: true,
            password: secret(PASSWORD),
            permissions: Some(all),
        };
        self.accounts.create(command).await.unwrap()
    }

    /// An account as it stands now.
    pub(crate) async fn stored(&self, name: &str) -> Account {
        self.accounts.find(&realm(), name).await.unwrap().unwrap()
    }

    /// Changes an account behind everybody's back.
    pub(crate) async fn tamper(&self, name: &str, change: impl FnOnce(&mut Account)) {
        let mut account = self.stored(name).await;
        change(&mut account);
        let update = store::accounts::update(&account, model::Clock::now(&*self.clock));
        self.db.write(Batch::from(update)).await.unwrap();
    }

    /// Every event of a kind, oldest first.
    pub(crate) async fn events(&self, kind: EventKind) -> Vec<Event> {
        events_of(&self.accounts, kind).await
    }
}

/// The newest event of all.
pub(crate) async fn newest_event(world: &World) -> Option<Event> {
    world.accounts.events(&realm(), EventQuery::default(), 1).await.unwrap().pop()
}

/// Every event of a kind, oldest first.
pub(crate) async fn events_of(accounts: &Accounts, kind: EventKind) -> Vec<Event> {
    let query = EventQuery { kinds: vec![kind], ..EventQuery::default() };
    let mut events = accounts.events(&realm(), query, i64::MAX).await.unwrap();
    events.reverse();
    events
}
