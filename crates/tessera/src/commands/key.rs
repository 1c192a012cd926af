//! `tessera key`.

use std::path::Path;

use accounts::{Accounts, KeyListed, KeyRefused, Rotated, SigningKey, Turn};
use config::Settings;
use crypto::SystemRandomness;
use model::Timestamp;
use serde_json::json;

use crate::cli::Key as Command;
use crate::compose::Problem;
use crate::master;
use crate::output::{self, Record};

pub(super) async fn run(
    command: Command,
    accounts: &Accounts,
    settings: &Settings,
    json: bool,
) -> Result<(), Problem> {
    match command {
        Command::List => list(accounts, json).await,
        Command::Rotate { mount, all: _, now } => {
            rotate(accounts, mount.as_deref(), if now { Turn::Now } else { Turn::Later }, json).await
        }
        Command::Retire { id } => retire(accounts, &id, json).await,
        Command::Reseal { new_master_file } => reseal(accounts, settings, &new_master_file, json).await,
    }
}

async fn list(accounts: &Accounts, json: bool) -> Result<(), Problem> {
    let shown = |key: &KeyListed| {
        let record = Record::from([
            ("id", json!(key.id)),
            ("realm", json!(key.realm)),
            ("mount", json!(key.mount)),
            ("algorithm", json!(key.algorithm)),
            ("state", json!(key.state.to_string())),
            ("origin", json!(key.origin.to_string())),
            ("created_at", json!(key.created_at.map(Timestamp::rfc3339))),
            ("signs_from", json!(key.signs_from.map(Timestamp::rfc3339))),
            ("accepted_until", json!(key.accepted_until.map(Timestamp::rfc3339))),
            ("retired_at", json!(key.retired_at.map(Timestamp::rfc3339))),
        ]);
        // For machines only: a line of a table is no place for it.
        if json { record.with("public_key", json!(key.public)) } else { record }
    };
    output::list(json, &accounts.keys().await?.iter().map(shown).collect::<Vec<_>>())
}

/// One mount, or every mount whose key is ours to change.
async fn rotate(accounts: &Accounts, mount: Option<&str>, turn: Turn, json: bool) -> Result<(), Problem> {
    if let Some(mount) = mount {
        return output::record(json, &rotated(mount, &accounts.rotate_key(mount, turn).await?));
    }
    let mut records = Vec::new();
    let mut refused = Vec::new();
    for mount in accounts.mounts().iter().map(accounts::Mount::policy) {
        if matches!(mount.key, SigningKey::Given { .. }) {
            continue;
        }
        match accounts.rotate_key(&mount.name, turn).await {
            Ok(done) => records.push(rotated(&mount.name, &done)),
            Err(KeyRefused::Failure(failure)) => return Err(failure.into()),
            Err(refusal) => refused.push(refusal.to_string()),
        }
    }
    output::list(json, &records)?;
    if refused.is_empty() { Ok(()) } else { Err(refused.join("; ").into()) }
}

fn rotated(mount: &str, rotated: &Rotated) -> Record {
    Record::from([
        ("mount", json!(mount)),
        ("id", json!(rotated.id)),
        ("signs_from", json!(rotated.signs_from.rfc3339())),
        ("made", json!(rotated.made)),
    ])
}

async fn retire(accounts: &Accounts, id: &str, json: bool) -> Result<(), Problem> {
    let retired = accounts.retire_key(id).await?;
    let record = Record::from([
        ("id", json!(id)),
        ("mount", json!(retired.mount)),
        ("retired", json!(true)),
        ("successor", json!(retired.successor)),
    ]);
    let means = "its tokens are refused from now on, refresh tokens too that it signed; whoever has another refresh \
                 token goes on, everybody else signs in again";
    output::record(json, &if json { record } else { record.with("means", json!(means)) })
}

async fn reseal(accounts: &Accounts, settings: &Settings, file: &Path, json: bool) -> Result<(), Problem> {
    let (old, _) = master::obtain(settings, &SystemRandomness)?;
    let (new, made) = master::from_file(file, &SystemRandomness)?;
    accounts.change_master(&old, &new).await?;
    let file = file.display();
    let given = settings.master_secret.is_some() || settings.master_secret_file.is_some();
    let place = if given {
        "set master_secret_file to it".to_owned()
    } else {
        format!("move it to {}", settings.data.join("master.secret").display())
    };
    let next = format!(
        "the secret in {file} opens the installation from now on, the one before no more: {place} before a server is \
         started again; running servers go on"
    );
    let record = Record::from([
        ("new_master_file", json!(file.to_string())),
        ("made", json!(made)),
        ("changed", json!(true)),
        ("next", json!(next)),
    ]);
    output::record(json, &record)
}
