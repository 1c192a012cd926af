//! Four mounts of one realm, each with the policy of one contract.

use accounts::{MailedToken, MountPolicy, Registration, SigningKey};
use crypto::{Alphabet, JwtAlgorithm};
use model::{Realm, Span};

/// The realm of all four.
pub(crate) fn realm() -> Realm {
    Realm::new("default")
}

/// `argon`: one token of a day that carries the username. `wolfpal`: short access tokens that carry nothing,
/// refresh, second step, confirmed addresses, mails about changes. `melon`: by invitation, carries username and permissions.
/// `goscrobble`: refresh, reset by mail, carries username and permissions.
pub(crate) fn four() -> Vec<MountPolicy> {
    vec![
        MountPolicy { claims_username: true, ..plain("argon", Span::hours(24)) },
        MountPolicy {
            refresh: Some(Span::hours(24)),
            second_step: true,
            require_confirmed_email: true,
            confirmation: Some(mailed(32, Span::hours(3), "activate-account")),
            reset: Some(mailed(64, Span::minutes(15), "forgot-password")),
            email_change: Some(mailed(48, Span::hours(2), "change-email")),
            not_me: Some(mailed(40, Span::days(7), "not-me")),
            ..plain("wolfpal", Span::minutes(30))
        },
        MountPolicy {
            registration: Registration::Invite,
            claims_username: true,
            claims_permissions: &["admin", "pass"],
            ..plain("melon", Span::minutes(60))
        },
        MountPolicy {
            algorithm: JwtAlgorithm::HS512,
            refresh: Some(Span::days(7)),
            claims_username: true,
            claims_permissions: &["admin", "mod"],
            reset: Some(mailed(16, Span::hours(1), "reset")),
            ..plain("goscrobble", Span::days(7))
        },
    ]
}

/// The least that a mount can be: open registration, and tokens that carry nothing.
pub(crate) fn plain(name: &str, access: Span) -> MountPolicy {
    MountPolicy {
        name: name.to_owned(),
        realm: realm(),
        site: name.to_owned(),
        algorithm: JwtAlgorithm::HS256,
        key: SigningKey::Own,
        access,
        refresh: None,
        registration: Registration::Open,
        second_step: false,
        min_password: 0,
        email_as_password: false,
        require_confirmed_email: false,
        claims_username: false,
        claims_permissions: &[],
        confirmation: None,
        reset: None,
        email_change: None,
        not_me: None,
    }
}

fn mailed(length: usize, lifetime: Span, page: &str) -> MailedToken {
    let link = format!("https://site.example/{page}/{{token}}");
    MailedToken { alphabet: Alphabet::UrlSafe, length, lifetime, link }
}
