//! The pages and where they are.

use model::OneTimeKind;

/// What a link in a mail asks of whoever follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// To confirm an address.
    Confirm,
    /// To choose a new password.
    Reset,
    /// To confirm a new address.
    Email,
    /// To say that a sign-in was somebody else's.
    NotMe,
}

impl Page {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Confirm, Self::Reset, Self::Email, Self::NotMe];

    /// Its path, with `{mount}` and `{token}` in it.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Confirm => "/pages/{mount}/confirm/{token}",
            Self::Reset => "/pages/{mount}/reset/{token}",
            Self::Email => "/pages/{mount}/email/{token}",
            Self::NotMe => "/pages/{mount}/not-me/{token}",
        }
    }

    /// The kind of token that opens it.
    pub(crate) const fn kind(self) -> OneTimeKind {
        match self {
            Self::Confirm => OneTimeKind::Confirmation,
            Self::Reset => OneTimeKind::PasswordReset,
            Self::Email => OneTimeKind::EmailChange,
            Self::NotMe => OneTimeKind::NotMe,
        }
    }
}

/// The template of a link to a mount's page, for `mail::link`: for example
/// `https://auth.example.com/pages/wolfpal/reset/{token}`.
#[must_use]
pub fn link(public_url: &str, mount: &str, page: Page) -> String {
    format!("{}{}", public_url.trim_end_matches('/'), page.path().replace("{mount}", mount))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_keeps_the_place_of_the_token() {
        let link = link("https://auth.example.com/", "wolfpal", Page::NotMe);
        assert_eq!(link, "https://auth.example.com/pages/wolfpal/not-me/{token}");
    }
}
