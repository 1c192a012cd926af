//! Rows to put in.

use model::{
    Account, AccountId, OneTimeKind, OneTimeToken, Permissions, Realm, Session, SessionId, Span, Timestamp,
    TwoFactor,
};

/// A time so many seconds after the beginning of everything here.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp(1_000_000_000_000_000) + Span::seconds(seconds)
}

pub(crate) fn realm() -> Realm {
    Realm::new("default")
}

/// An account whose every field differs from its neighbours of the same kind.
pub(crate) fn account(name: &str) -> Account {
    Account {
        id: AccountId::from_text(format!("id-of-{name}")),
        realm: realm(),
        username: name.to_owned(),
        email: Some(format!("{name}@Example.com")),
        email_confirmed: true,
        password: Some(format!("hash of {name}")),
        permissions: Permissions::default().with("user").with("Odd \"one\""),
        disabled: false,
        two_factor: TwoFactor { secret: None, last_step: 7, pending: None },
        version: 3,
        created_at: at(1),
        updated_at: at(2),
        last_sign_in_at: None,
    }
}

pub(crate) fn session(number: u8, account: &Account) -> Session {
    Session {
        id: SessionId::from_bytes([number; 16]),
        account: account.id.clone(),
        realm: realm(),
        mount: "wolfpal".into(),
        generation: 0,
        address: "192.0.2.1".into(),
        user_agent: "agent".into(),
        created_at: at(i64::from(number)),
        rotated_at: at(100 + i64::from(number)),
        expires_at: at(1_000),
        refreshes_empty_at: None,
        ended: None,
    }
}

pub(crate) fn token(number: u8, slot: &str, account: Option<&Account>) -> OneTimeToken {
    OneTimeToken {
        digest: vec![number; 32],
        kind: OneTimeKind::SecondStep,
        realm: realm(),
        account: account.map(|account| account.id.clone()),
        slot: slot.to_owned(),
        payload: format!("payload {number}"),
        tries_left: 2,
        created_at: at(i64::from(number)),
        expires_at: at(100 + i64::from(number)),
    }
}
