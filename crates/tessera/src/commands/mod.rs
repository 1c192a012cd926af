//! What the command line does besides serving. Every command opens the installation as the server does,
//! and works beside a running one: what it ends or changes takes effect there within a second.

mod account;
mod backup;
mod config;
mod doctor;
mod event;
mod import;
mod key;
mod listing;
mod migrate;
mod openapi;
mod papers;
mod partial;
mod password;
mod restore;

use crate::cli::{Command, Line};
use crate::compose::{self, Installation, Opening, Problem};
use crate::{logging, output, serve};

/// Runs what the command line asks for.
pub(crate) async fn run(line: Line) -> Result<(), Problem> {
    let json = line.json;
    if json {
        output::without_progress();
    }
    let layers = layers(&line);
    let command = match line.command {
        Some(Command::Config(command)) => return config::run(&command, &layers, json),
        Some(Command::Openapi { contract }) => return openapi::run(contract.as_deref()),
        Some(Command::Doctor) => return doctor::run(&layers, json).await,
        Some(Command::Completions { shell }) => return papers::completions(shell, json),
        Some(Command::Man { folder }) => return papers::man(&folder, json),
        other => other,
    };
    let settings = ::config::load(&layers)?;
    let realm = model::Realm::new(&line.place.realm);
    let Some(command) = command.filter(|command| !matches!(command, Command::Serve)) else {
        return serve::run(settings, layers, json).await;
    };
    logging::start(&settings.log, None)?;
    if let Command::Migrate { from, to, dry_run } = command {
        return migrate::run(migrate::Way { from: &from, to: &to, dry_run }, &settings, json).await;
    }
    match command {
        Command::Health => return doctor::health(&settings, json).await,
        Command::Backup { file, force } => return backup::run(&file, force, &settings, json).await,
        Command::Restore { in_place: true, .. } => return restore::in_place(&settings, json).await,
        Command::Restore { file: Some(file), keep_sessions, .. } => {
            return restore::run(&file, keep_sessions, &settings, json).await;
        }
        _ => {}
    }
    let installation = compose::open(settings, Opening::Existing).await?;
    let Installation { settings, accounts, db, .. } = installation;
    let outcome = match command {
        Command::Account(command) => account::run(command, &accounts, &realm, json).await,
        Command::Session(command) => listing::session(command, &accounts, &realm, json).await,
        Command::Invite(command) => listing::invite(&command, &accounts, &realm, json).await,
        Command::Event(command) => event::run(command, &accounts, &realm, json).await,
        Command::Mail(command) => listing::mail(command, &accounts, json).await,
        Command::Key(command) => key::run(command, &accounts, &settings, json).await,
        // Answered above.
        Command::Serve
        | Command::Config(_)
        | Command::Openapi { .. }
        | Command::Migrate { .. }
        | Command::Backup { .. }
        | Command::Restore { .. }
        | Command::Doctor
        | Command::Health
        | Command::Completions { .. }
        | Command::Man { .. } => Ok(()),
    };
    drop(accounts);
    db.close().await;
    outcome
}

fn layers(line: &Line) -> ::config::Layers {
    let given = [
        ("--listen", "listen", line.listen.clone()),
        ("--data", "data", line.place.data.clone()),
        ("--database", "database", line.place.database.clone()),
    ];
    ::config::Layers {
        file: line.place.config.clone(),
        environment: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
        flags: given.into_iter().filter_map(|(flag, path, value)| Some((flag, path, value?))).collect(),
    }
}
