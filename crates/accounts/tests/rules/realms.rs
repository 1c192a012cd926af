//! A second realm, whose administrators are nobody in the first.

use accounts::{ApiKeyDraft, CreateAccount, Mount, NewApiKey};
use model::{Account, Permissions, Realm, Span};

use crate::{PASSWORD, Verbs, World, client, mounts, secret};

/// These permissions and no others.
pub(crate) fn permissions(list: &[&str]) -> Permissions {
    Permissions::new(list.iter().map(ToString::to_string))
}

impl World {
    /// The same with a mount `elsewhere`, of a realm of its own.
    pub(crate) async fn two_realms(self) -> Self {
        let elsewhere = accounts::MountPolicy {
            realm: Realm::new("other"),
            ..mounts::plain("elsewhere", Span::hours(24))
        };
        self.under(|terms| terms.mounts.push(elsewhere)).await
    }

    /// Makes an account of the other realm.
    pub(crate) async fn account_elsewhere(&self, name: &str, held: &[&str]) -> Account {
        let command = CreateAccount {
            realm: &Realm::new("other"),
            username: name,
            email: None,
            email_confirmed: false,
            password: secret(PASSWORD),
            permissions: Some(permissions(held)),
        };
        self.accounts.create(command).await.unwrap()
    }

    /// Somebody who signs in at a mount.
    pub(crate) async fn caller_at(&self, mount: &str, name: &str) -> accounts::Caller {
        let mount = self.mount(mount);
        mount.caller(&mount.enter(name).await).await
    }

    /// An API key of somebody, made at `argon`.
    pub(crate) async fn key_of(&self, name: &str, held: &[&str]) -> NewApiKey {
        let caller = self.caller_at("argon", name).await;
        self.mount("argon").create_api_key(&caller, draft(held), &client()).await.unwrap()
    }

    /// Whoever shows such a key.
    pub(crate) async fn by_key(&self, name: &str, held: &[&str]) -> accounts::Caller {
        self.argon().check_api_key(&self.key_of(name, held).await.text).await.unwrap()
    }

    /// The mount whose contract has API keys.
    pub(crate) fn argon(&self) -> Mount {
        self.mount("argon")
    }
}

/// A key that may do this for ever.
pub(crate) fn draft(held: &[&str]) -> ApiKeyDraft {
    ApiKeyDraft { name: "key".into(), permissions: permissions(held), expires_at: None }
}
