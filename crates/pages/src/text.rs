//! What the pages say, apart from how they look.

mod en;

/// Every word of every page in one language. What a page says of a value (a name, an address) it says
/// around it, so that values stand alone and are escaped and isolated by the templates.
pub(crate) struct Words {
    /// The language's tag (RFC 5646).
    pub(crate) language: &'static str,
    pub(crate) confirm: Ask,
    pub(crate) reset: Ask,
    pub(crate) email: Ask,
    pub(crate) not_me: Ask,
    /// The end of `not_me` if no link for a new password was mailed.
    pub(crate) not_me_without_mail: Note,
    pub(crate) labels: Labels,
    pub(crate) password: PasswordWords,
    pub(crate) notes: Notes,
}

/// A page that asks before it acts.
pub(crate) struct Ask {
    pub(crate) title: &'static str,
    pub(crate) lead: &'static str,
    /// On the button.
    pub(crate) button: &'static str,
    /// Small, below the button.
    pub(crate) aside: &'static str,
    /// What is said once it is done.
    pub(crate) done: Note,
    /// What is said if the link does not work.
    pub(crate) gone: Note,
}

/// A page that only says something.
#[derive(Clone, Copy)]
pub(crate) struct Note {
    pub(crate) title: &'static str,
    pub(crate) paragraphs: &'static [&'static str],
}

/// What stands before a value.
pub(crate) struct Labels {
    pub(crate) account: &'static str,
    pub(crate) new_email: &'static str,
    pub(crate) address: &'static str,
    pub(crate) program: &'static str,
}

/// Around the two fields for a new password.
pub(crate) struct PasswordWords {
    pub(crate) new: &'static str,
    pub(crate) repeat: &'static str,
    /// The least number of characters.
    pub(crate) hint: fn(usize) -> String,
    /// Before the title while a field is wrong, as people with a screen reader hear the title first.
    pub(crate) wrong: &'static str,
    pub(crate) missing: &'static str,
    pub(crate) too_short: fn(usize) -> String,
    pub(crate) too_long: &'static str,
    pub(crate) too_common: &'static str,
    pub(crate) differ: &'static str,
}

/// What is said when a request cannot be answered.
pub(crate) struct Notes {
    pub(crate) foreign: Note,
    pub(crate) bad_form: Note,
    pub(crate) throttled: Note,
    pub(crate) busy: Note,
    pub(crate) broken: Note,
    pub(crate) refused: Note,
    pub(crate) not_found: Note,
    pub(crate) method: Note,
    pub(crate) too_large: Note,
}

/// The words in force.
pub(crate) const WORDS: &Words = &en::WORDS;
