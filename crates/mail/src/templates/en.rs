//! Every word that a mail says, in English.
//!
//! A translation is a copy of this file. The values are clean when they come here: one short line each, without
//! markup, and escaped later.

use crate::{
    letter::{Letter, Part},
    notice::Notice,
};

/// The letter that tells of `notice`.
pub(crate) fn letter(notice: &Notice<'_>) -> Letter {
    let (subject, parts) = match *notice {
        Notice::Confirmation { site, username, link, hours } => (
            format!("Activate your account on {site}"),
            vec![
                hello(username),
                Part::paragraph(format!(
                    "An account on {site} was made with this e-mail address. To confirm the address and activate the account, open this link."
                )),
                Part::action("Activate your account", link),
                Part::paragraph(format!("The link works once, within {}.", count(hours, "hour", "hours"))),
                Part::paragraph("If you did not make this account, ignore this mail."),
            ],
        ),
        Notice::PasswordReset { site, username, link, minutes, address } => (
            format!("Reset your password on {site}"),
            vec![
                hello(username),
                Part::paragraph(format!(
                    "Somebody asked to reset the password of your account on {site}, from {}. To choose a new password, open this link.",
                    place(address)
                )),
                Part::action("Choose a new password", link),
                Part::paragraph(format!(
                    "The link works once, within {}.",
                    count(minutes, "minute", "minutes")
                )),
                Part::paragraph("If it was not you, ignore this mail. Your password stays as it is."),
            ],
        ),
        Notice::EmailChange { site, username, link, hours } => (
            format!("Verify your new email on {site}"),
            vec![
                hello(username),
                Part::paragraph(format!(
                    "This is to become the e-mail address of your account on {site}. To confirm it, open this link."
                )),
                Part::action("Confirm this address", link),
                Part::paragraph(format!("The link works once, within {}.", count(hours, "hour", "hours"))),
                Part::paragraph("If you did not ask for this, ignore this mail. The address stays as it is."),
            ],
        ),
        Notice::EmailChanged { site, username, address } => (
            format!("Your email has been changed on {site}"),
            vec![
                hello(username),
                Part::paragraph(format!(
                    "The e-mail address of your account on {site} is another one now; this was the one before. It was changed from {}.",
                    place(address)
                )),
                Part::paragraph(format!("If it was not you, tell those who run {site} now.")),
            ],
        ),
        Notice::TwoFactorChanged { site, username, enabled, address } => (
            format!("Two-factor sign-in is {} on {site}", if enabled { "on" } else { "off" }),
            vec![
                hello(username),
                Part::paragraph(format!(
                    "Signing in to your account on {site} {} for a code. This was changed from {}.",
                    if enabled { "asks from now on" } else { "does not ask any more" },
                    place(address)
                )),
                Part::paragraph(format!(
                    "If it was not you, reset your password now and tell those who run {site}."
                )),
            ],
        ),
        Notice::NewDevice { site, username, link, address, program } => (
            format!("New sign-in on {site}"),
            vec![
                hello(username),
                Part::paragraph(format!(
                    "Somebody signed in to your account on {site} from {}, with {}. Neither was seen with your account before.",
                    place(address),
                    if program.is_empty() { "an unknown program" } else { program }
                )),
                Part::paragraph(
                    "If it was you, there is nothing to do. If it was not, open this link: it ends that session and starts a new password.",
                ),
                Part::action("This was not me", link),
            ],
        ),
        Notice::WrongCodes { site, username, address } => (
            format!("Somebody may know your password on {site}"),
            vec![
                hello(username),
                Part::paragraph(format!(
                    "Somebody gave the password of your account on {site} and then several wrong codes, from {}. They did not get in.",
                    place(address)
                )),
                Part::paragraph(
                    "If it was you, there is nothing to do. If it was not, reset your password now: somebody else knows it.",
                ),
            ],
        ),
        Notice::PasswordChanged { site, username, address } => (
            format!("Your password has been changed on {site}"),
            vec![
                hello(username),
                Part::paragraph(format!(
                    "The password of your account on {site} was changed, from {}.",
                    place(address)
                )),
                Part::paragraph(format!(
                    "If it was not you, reset your password now and tell those who run {site}."
                )),
            ],
        ),
    };
    Letter { language: "en", subject, parts }
}

fn hello(username: &str) -> Part {
    Part::paragraph(if username.is_empty() { "Hello,".to_owned() } else { format!("Hello {username},") })
}

fn place(address: &str) -> String {
    if address.is_empty() {
        "an unknown network address".into()
    } else {
        format!("the network address {address}")
    }
}

fn count(number: i64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
