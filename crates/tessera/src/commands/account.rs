//! `tessera account`.

use accounts::{Accounts, CreateAccount, OnConflict};
use model::{Account, Permissions, Realm};
use serde_json::json;

use super::import::Import;
use super::password;
use crate::cli::{self, Account as Command};
use crate::compose::Problem;
use crate::output::{self, Record};

pub(super) async fn run(
    command: Command,
    accounts: &Accounts,
    realm: &Realm,
    json: bool,
) -> Result<(), Problem> {
    let account = match command {
        Command::Create { username, email, confirmed, permissions } => {
            let permissions = (!permissions.is_empty()).then(|| Permissions::new(permissions));
            let command = CreateAccount {
                realm,
                username: &username,
                email: email.as_deref(),
                email_confirmed: confirmed,
                password: password::read()?,
                permissions,
            };
            accounts.create(command).await?
        }
        Command::Import { file, on_conflict, dry_run } => {
            let on_conflict = match on_conflict {
                cli::OnConflict::Fail => OnConflict::Fail,
                cli::OnConflict::Skip => OnConflict::Skip,
            };
            return Import { file, on_conflict, dry_run }.run(accounts, realm, json).await;
        }
        Command::List { limit } => return list(accounts, realm, limit, json).await,
        Command::Show { name } => accounts.find(realm, &name).await?.ok_or_else(|| unknown(&name))?,
        Command::SetPassword { name } => accounts.set_password(realm, &name, password::read()?).await?,
        Command::RemoveTwoFactor { name } => accounts.remove_two_factor(realm, &name).await?,
        Command::Disable { name } => accounts.disable(realm, &name).await?,
        Command::Enable { name } => accounts.enable(realm, &name).await?,
        Command::Delete { name } => accounts.delete(realm, &name).await?,
        Command::Permit { name, permission } => accounts.permit(realm, &name, &permission).await?,
        Command::Forbid { name, permission } => accounts.forbid(realm, &name, &permission).await?,
    };
    output::record(json, &shown(&account))
}

async fn list(accounts: &Accounts, realm: &Realm, limit: u32, json: bool) -> Result<(), Problem> {
    let page = accounts.page(realm, None, limit.into()).await?;
    output::list(json, &page.iter().map(shown).collect::<Vec<_>>())
}

pub(super) fn unknown(name: &str) -> Problem {
    format!("no account is called {name}").into()
}

fn shown(account: &Account) -> Record {
    Record::from([
        ("id", json!(account.id.as_str())),
        ("username", json!(account.username)),
        ("email", json!(account.email)),
        ("email_confirmed", json!(account.email_confirmed)),
        ("permissions", json!(account.permissions.as_slice())),
        ("disabled", json!(account.disabled)),
        ("two_factor", json!(account.two_factor.enabled())),
        ("created_at", json!(account.created_at.rfc3339())),
        ("last_sign_in_at", json!(account.last_sign_in_at.map(model::Timestamp::rfc3339))),
    ])
}
