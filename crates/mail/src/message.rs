//! The mail as it is stored until it is sent.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One mail to one person, ready to be stored in the outbox.
///
/// The fields are free text: [`crate::Transport::deliver`] makes them safe again, so a row that was altered or is old
/// cannot add headers. `Debug` hides both bodies, as they carry one-time links.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The e-mail address it goes to, without a display name.
    pub to: String,
    /// One line of Unicode text, not encoded.
    pub subject: String,
    /// The plain text version. Lines end with `\n`.
    pub text: String,
    /// The HTML version, a whole document with the same words as `text`.
    pub html: String,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("to", &self.to)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Message;

    fn message() -> Message {
        Message {
            to: "ada@example.com".into(),
            subject: "Hello".into(),
            text: "text-with-secret".into(),
            html: "html-with-secret".into(),
        }
    }

    #[test]
    fn debug_hides_the_bodies() {
        let shown = format!("{:?} {:#?}", message(), message());
        assert!(shown.contains("ada@example.com") && shown.contains("Hello"));
        assert!(!shown.contains("secret"), "{shown}");
    }

    #[test]
    fn survives_being_stored() {
        let stored = serde_json::to_string(&message()).unwrap();
        assert_eq!(
            stored,
            r#"{"to":"ada@example.com","subject":"Hello","text":"text-with-secret","html":"html-with-secret"}"#
        );
        assert_eq!(serde_json::from_str::<Message>(&stored).unwrap(), message());
    }
}
