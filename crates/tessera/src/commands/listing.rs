//! `tessera session`, `invite` and `mail`.

use accounts::Accounts;
use model::{Realm, SessionId, Timestamp};
use serde_json::json;

use super::account::unknown;
use crate::cli::{Invite, Mail, Session};
use crate::compose::Problem;
use crate::output::{self, Record};

/// As many rows as anybody reads.
const MANY: i64 = 1_000;

pub(super) async fn session(
    command: Session,
    accounts: &Accounts,
    realm: &Realm,
    json: bool,
) -> Result<(), Problem> {
    match command {
        Session::List { name } => {
            let account = accounts.find(realm, &name).await?.ok_or_else(|| unknown(&name))?;
            let sessions = accounts.sessions(&account, MANY).await?;
            output::list(json, &sessions.iter().map(shown_session).collect::<Vec<_>>())?;
        }
        Session::End { id } => {
            let session = SessionId::parse(&id).ok_or("a session id is a UUID")?;
            if !accounts.end_session(session).await? {
                return Err("no such session, or it has ended before".into());
            }
            output::record(json, &Record::from([("id", json!(id)), ("ended", json!(true))]))?;
        }
    }
    Ok(())
}

fn shown_session(session: &model::Session) -> Record {
    Record::from([
        ("id", json!(session.id.to_string())),
        ("mount", json!(session.mount)),
        ("address", json!(session.address)),
        ("user_agent", json!(session.user_agent)),
        ("created_at", json!(session.created_at.rfc3339())),
        ("expires_at", json!(session.expires_at.rfc3339())),
        ("ended_at", json!(session.ended.map(|(at, _)| at.rfc3339()))),
        ("ended_reason", json!(session.ended.map(|(_, reason)| reason.as_str()))),
    ])
}

pub(super) async fn invite(
    command: &Invite,
    accounts: &Accounts,
    realm: &Realm,
    json: bool,
) -> Result<(), Problem> {
    match command {
        Invite::Create => {
            let code = accounts.create_invite(realm).await?;
            output::record(json, &Record::from([("code", json!(code))]))
        }
        Invite::List => {
            let shown = |invite: &accounts::InviteListed| {
                Record::from([
                    ("created_at", json!(invite.created_at.rfc3339())),
                    ("expires_at", json!(invite.expires_at.rfc3339())),
                ])
            };
            output::list(json, &accounts.invites(realm).await?.iter().map(shown).collect::<Vec<_>>())
        }
    }
}

pub(super) async fn mail(command: Mail, accounts: &Accounts, json: bool) -> Result<(), Problem> {
    match command {
        Mail::List { limit } => {
            let mails = accounts.mails(limit.into()).await?;
            output::list(json, &mails.iter().map(|mail| Record::from(shown_mail(mail))).collect::<Vec<_>>())
        }
        Mail::Show { id } => {
            let (mail, subject) = accounts.mail(&id).await?.ok_or("no mail has this id")?;
            output::record(json, &Record::from(shown_mail(&mail)).with("subject", json!(subject)))
        }
        Mail::Retry { id } => {
            if !accounts.retry_mail(&id).await? {
                return Err("no mail with this id waits to be sent".into());
            }
            output::record(json, &Record::from([("id", json!(id)), ("retried", json!(true))]))
        }
    }
}

fn shown_mail(mail: &store::outbox::OutboxRow) -> [(&'static str, serde_json::Value); 8] {
    [
        ("id", json!(mail.id)),
        ("kind", json!(mail.kind)),
        ("recipient", json!(mail.recipient)),
        ("created_at", json!(mail.created_at.rfc3339())),
        ("attempts", json!(mail.attempts)),
        ("sent_at", json!(mail.sent_at.map(Timestamp::rfc3339))),
        ("failed_at", json!(mail.failed_at.map(Timestamp::rfc3339))),
        ("last_error", json!(mail.last_error)),
    ]
}
