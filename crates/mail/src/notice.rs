//! What a mail can tell the owner of an account.

use std::fmt;

use crate::{Message, layout, letter::Letter, plain, templates::en};

/// One thing that happened to an account, and what its owner needs to know of it.
///
/// Values may be anything: [`Notice::render`] makes them safe. `Debug` shows only which notice it is, as links are
/// secrets.
#[derive(Clone, Copy)]
pub enum Notice<'a> {
    /// Somebody registered with this e-mail address and must show that it is theirs.
    Confirmation {
        /// The site's name, as people know it.
        site: &'a str,
        /// The account's name.
        username: &'a str,
        /// The page that confirms, from [`crate::link`].
        link: &'a str,
        /// How long the link works, in hours.
        hours: i64,
    },
    /// Somebody asked for a new password.
    PasswordReset {
        /// The site's name, as people know it.
        site: &'a str,
        /// The account's name.
        username: &'a str,
        /// The page that takes the new password, from [`crate::link`].
        link: &'a str,
        /// How long the link works, in minutes.
        minutes: i64,
        /// The network address of who asked, as text; empty when unknown.
        address: &'a str,
    },
    /// Somebody wants this to be the account's e-mail address; it goes to the new address.
    EmailChange {
        /// The site's name, as people know it.
        site: &'a str,
        /// The account's name.
        username: &'a str,
        /// The page that confirms, from [`crate::link`].
        link: &'a str,
        /// How long the link works, in hours.
        hours: i64,
    },
    /// The account has another e-mail address; it goes to the one before.
    EmailChanged {
        /// The site's name, as people know it.
        site: &'a str,
        /// The account's name.
        username: &'a str,
        /// The network address of who confirmed it, as text; empty when unknown.
        address: &'a str,
    },
    /// Signing in asks for a code from now on, or does not any more.
    TwoFactorChanged {
        /// The site's name, as people know it.
        site: &'a str,
        /// The account's name.
        username: &'a str,
        /// Whether it is asked for now.
        enabled: bool,
        /// The network address of who changed it, as text; empty when unknown.
        address: &'a str,
    },
    /// Somebody signed in from a place and a program that the account was never seen with.
    NewDevice {
        /// The site's name, as people know it.
        site: &'a str,
        /// The account's name.
        username: &'a str,
        /// The page that ends that session and starts a reset, from [`crate::link`].
        link: &'a str,
        /// The network address it came from, as text; empty when unknown.
        address: &'a str,
        /// What the program calls itself; empty when unknown.
        program: &'a str,
    },
    /// Somebody gave the right password and then wrong codes.
    WrongCodes {
        /// The site's name, as people know it.
        site: &'a str,
        /// The account's name.
        username: &'a str,
        /// The network address that the last code came from, as text; empty when unknown.
        address: &'a str,
    },
    /// The account has a new password.
    PasswordChanged {
        /// The site's name, as people know it.
        site: &'a str,
        /// The account's name.
        username: &'a str,
        /// The network address of who changed it, as text; empty when unknown.
        address: &'a str,
    },
}

impl Notice<'_> {
    /// The mail that tells this to `to`, an e-mail address.
    ///
    /// Plain text and HTML have the same words. Values are escaped in the HTML, lose control characters, line breaks
    /// and characters that change the text's direction everywhere, and names are cut at 64 characters.
    #[must_use]
    pub fn render(&self, to: &str) -> Message {
        let letter = self.letter();
        Message {
            to: to.to_owned(),
            text: layout::text(&letter),
            html: layout::html(&letter),
            subject: letter.subject,
        }
    }

    /// The words, made of clean values.
    fn letter(&self) -> Letter {
        match *self {
            Notice::Confirmation { site, username, link, hours } => en::letter(&Notice::Confirmation {
                site: &plain::name(site),
                username: &plain::greeting_name(username),
                link: &plain::url(link),
                hours,
            }),
            Notice::PasswordReset { site, username, link, minutes, address } => {
                en::letter(&Notice::PasswordReset {
                    site: &plain::name(site),
                    username: &plain::greeting_name(username),
                    link: &plain::url(link),
                    minutes,
                    address: &plain::name(address),
                })
            }
            Notice::EmailChange { site, username, link, hours } => en::letter(&Notice::EmailChange {
                site: &plain::name(site),
                username: &plain::greeting_name(username),
                link: &plain::url(link),
                hours,
            }),
            Notice::EmailChanged { site, username, address } => en::letter(&Notice::EmailChanged {
                site: &plain::name(site),
                username: &plain::greeting_name(username),
                address: &plain::name(address),
            }),
            Notice::TwoFactorChanged { site, username, enabled, address } => {
                en::letter(&Notice::TwoFactorChanged {
                    site: &plain::name(site),
                    username: &plain::greeting_name(username),
                    enabled,
                    address: &plain::name(address),
                })
            }
            Notice::NewDevice { site, username, link, address, program } => en::letter(&Notice::NewDevice {
                site: &plain::name(site),
                username: &plain::greeting_name(username),
                link: &plain::url(link),
                address: &plain::name(address),
                program: &plain::program(program),
            }),
            Notice::WrongCodes { site, username, address } => en::letter(&Notice::WrongCodes {
                site: &plain::name(site),
                username: &plain::greeting_name(username),
                address: &plain::name(address),
            }),
            Notice::PasswordChanged { site, username, address } => en::letter(&Notice::PasswordChanged {
                site: &plain::name(site),
                username: &plain::greeting_name(username),
                address: &plain::name(address),
            }),
        }
    }
}

impl fmt::Debug for Notice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Notice::Confirmation { .. } => "Confirmation { .. }",
            Notice::PasswordReset { .. } => "PasswordReset { .. }",
            Notice::EmailChange { .. } => "EmailChange { .. }",
            Notice::EmailChanged { .. } => "EmailChanged { .. }",
            Notice::TwoFactorChanged { .. } => "TwoFactorChanged { .. }",
            Notice::NewDevice { .. } => "NewDevice { .. }",
            Notice::WrongCodes { .. } => "WrongCodes { .. }",
            Notice::PasswordChanged { .. } => "PasswordChanged { .. }",
        })
    }
}

#[cfg(test)]
mod tests;
