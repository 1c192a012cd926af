//! A mail as words only, from which both the plain text and the HTML are made.

/// What a mail says, in order. One source for both versions, so they cannot differ.
pub(crate) struct Letter {
    /// The language of the words (BCP 47), e.g. `en`.
    pub(crate) language: &'static str,
    /// The subject line.
    pub(crate) subject: String,
    /// The body.
    pub(crate) parts: Vec<Part>,
}

/// One block of a mail. Texts are plain: nothing in them is markup.
pub(crate) enum Part {
    /// A sentence or several.
    Paragraph(String),
    /// The one thing the mail asks to do.
    Action {
        /// What it does, a few words.
        label: String,
        /// Where it is done: a URL.
        url: String,
    },
}

impl Part {
    /// A [`Part::Paragraph`].
    pub(crate) fn paragraph(text: impl Into<String>) -> Part {
        Part::Paragraph(text.into())
    }

    /// A [`Part::Action`].
    pub(crate) fn action(label: &str, url: &str) -> Part {
        Part::Action { label: label.into(), url: url.into() }
    }
}
