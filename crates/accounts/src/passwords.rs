//! Which new passwords are accepted (NIST SP 800-63B-4, section 3.1.1.2; ASVS 5.0, 6.2).
//!
//! A password needs a length, and must be none that somebody would try first. There are no rules about what
//! it is composed of, and nothing of it is changed or cut off. Passwords in use are never judged: these rules
//! are for whoever chooses one.

mod common;
mod refused;

use model::{Account, Realm, name_key};
use secrecy::{ExposeSecret, SecretString};

use crate::accounts::Core;
use crate::mount::Mount;
use crate::refusal::Refusal;

pub use refused::RefusedPasswords;

/// The longest password in bytes: far more than anybody types, little enough to hash at once.
const MAX_BYTES: usize = 1_024;

/// What an operator asks of new passwords.
#[derive(Clone, Debug)]
pub struct PasswordRules {
    /// The fewest characters, each code point being one. A mount may ask for more.
    pub min_length: usize,
    /// Whether common passwords are refused, and those that are a name of the account or of the site.
    pub refuse_common: bool,
    /// What else is refused.
    pub refused: RefusedPasswords,
}

impl PasswordRules {
    /// At least so many characters, and no common password.
    #[must_use]
    pub fn at_least(min_length: usize) -> Self {
        Self { min_length, refuse_common: true, refused: RefusedPasswords::default() }
    }
}

/// Whose password it is to be: guessing begins with these names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner<'a> {
    username: &'a str,
    email: Option<&'a str>,
    /// Whether the password may be the e-mail address nevertheless.
    may_be_email: bool,
}

impl<'a> Owner<'a> {
    pub(crate) fn new(username: &'a str, email: Option<&'a str>) -> Self {
        Self { username, email, may_be_email: false }
    }

    pub(crate) fn of(account: &'a Account) -> Self {
        Self::new(&account.username, account.email.as_deref())
    }

    /// The same under another username.
    pub(crate) fn called(self, username: &'a str) -> Self {
        Self { username, ..self }
    }
}

impl Mount {
    /// The fewest characters that a password chosen here has, for people to be told.
    #[must_use]
    pub fn min_password(&self) -> usize {
        self.core.rules().passwords.min_length.max(self.policy().min_password)
    }

    /// Whether a password may be chosen here.
    ///
    /// # Errors
    /// [`Refusal::PasswordTooShort`], [`Refusal::PasswordTooLong`], [`Refusal::PasswordTooCommon`].
    pub(crate) fn usable_password(&self, password: &SecretString, owner: Owner<'_>) -> Result<(), Refusal> {
        self.password_fits(password)?;
        let owner = Owner { may_be_email: self.policy().email_as_password, ..owner };
        self.core.hard_to_guess(self.realm(), password, owner)
    }

    /// Whether a password has a length that may be chosen here: what can be said before it is known whose it
    /// is to be.
    pub(crate) fn password_fits(&self, password: &SecretString) -> Result<(), Refusal> {
        fits(password, self.min_password())
    }
}

impl Core {
    /// Whether an administrator may choose a password from outside every mount: as strictly as the strictest
    /// mount of the realm.
    ///
    /// # Errors
    /// As [`Mount::usable_password`].
    pub(crate) fn usable_password(
        &self,
        realm: &Realm,
        password: &SecretString,
        owner: Owner<'_>,
    ) -> Result<(), Refusal> {
        let of_realm = self.policies.iter().filter(|policy| policy.realm == *realm);
        let strictest = of_realm.map(|policy| policy.min_password).max().unwrap_or_default();
        fits(password, self.rules().passwords.min_length.max(strictest))?;
        self.hard_to_guess(realm, password, owner)
    }

    /// Whether it is none of the passwords that are tried first. The whole password is compared, folded as
    /// names are, so that capitals or wide letters do not make another one of it.
    fn hard_to_guess(&self, realm: &Realm, password: &SecretString, owner: Owner<'_>) -> Result<(), Refusal> {
        let password = password.expose_secret();
        let folded = name_key(password);
        let rules = self.rules();
        let rules = &rules.passwords;
        let common = rules.refuse_common && (common::contains(&folded) || self.names(realm, owner, &folded));
        if common || rules.refused.contains(password, &folded) {
            return Err(Refusal::PasswordTooCommon);
        }
        Ok(())
    }

    /// Whether a folded password is a name of its owner, of the realm's sites or of their contracts, once or
    /// several times in a row.
    fn names(&self, realm: &Realm, owner: Owner<'_>, folded: &str) -> bool {
        let local_part = owner.email.and_then(|email| email.rsplit_once('@')).map(|(local, _)| local);
        let email = owner.email.filter(|_| !owner.may_be_email);
        let own = [Some(owner.username), email, local_part];
        let sites = self.policies.iter().filter(|policy| policy.realm == *realm);
        let sites = sites.flat_map(|policy| [policy.site.as_str(), policy.name.as_str()]);
        own.into_iter().flatten().chain(sites).any(|name| repeats(&name_key(name), folded))
    }
}

fn fits(password: &SecretString, min: usize) -> Result<(), Refusal> {
    let password = password.expose_secret();
    if password.chars().count() < min {
        return Err(Refusal::PasswordTooShort { min });
    }
    if password.len() > MAX_BYTES { Err(Refusal::PasswordTooLong) } else { Ok(()) }
}

/// Whether the text is the word, once or several times in a row.
fn repeats(word: &str, text: &str) -> bool {
    !word.is_empty() && !text.is_empty() && text.split(word).all(str::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_repeats_in_nothing_but_itself() {
        for (word, text, does) in [
            ("ada", "ada", true),
            ("ada", "adaadaada", true),
            ("a", "aaaaaaaa", true),
            ("ada", "adaad", false),
            ("ada", "ada1", false),
            ("adaada", "ada", false),
            ("", "ada", false),
            ("ada", "", false),
        ] {
            assert_eq!(repeats(word, text), does, "{word} in {text}");
        }
    }
}
