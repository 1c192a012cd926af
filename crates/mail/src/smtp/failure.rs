//! What a failed step of a session means for the mail.

use std::error::Error as _;

use lettre::transport::smtp::{Error, response::Code};

use crate::{DeliveryFailed, plain};

/// The longest reason, in characters.
const LONGEST: usize = 300;

/// How far a session has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Connecting, greeting, changing to TLS.
    Connect,
    /// AUTH.
    SignIn,
    /// NOOP.
    Check,
    /// MAIL FROM.
    Sender,
    /// RCPT TO.
    Recipient,
    /// DATA and the message itself.
    Content,
}

impl Step {
    /// What was being done, after "while" or "when".
    fn doing(self) -> &'static str {
        match self {
            Step::Connect => "connecting to the mail server",
            Step::SignIn => "signing in to the mail server",
            Step::Check => "checking the mail server",
            Step::Sender => "naming the sender",
            Step::Recipient => "naming the recipient",
            Step::Content => "sending the message",
        }
    }

    /// Whether a 5xx answer concerns this mail and not the settings or the server as a whole.
    ///
    /// A refused sender or password would be the same for every mail, and ends when somebody puts the settings right:
    /// mails must outlive that.
    fn is_about_this_mail(self) -> bool {
        match self {
            Step::Recipient | Step::Content => true,
            Step::Connect | Step::SignIn | Step::Check | Step::Sender => false,
        }
    }

    /// Whether the server's words may be repeated. After the message it may quote it (spam filters quote links), in
    /// answer to a password it may quote that.
    fn may_quote(self) -> bool {
        match self {
            Step::Connect | Step::Check | Step::Sender | Step::Recipient => true,
            Step::SignIn | Step::Content => false,
        }
    }
}

/// A step that did not succeed.
#[derive(Debug)]
pub(super) struct StepFailed {
    /// What it means for the mail.
    pub(super) failed: DeliveryFailed,
    /// Whether the server still answers, so that it can be told goodbye.
    pub(super) answering: bool,
}

impl StepFailed {
    /// The server or the network failed during `step`. `secret` is never repeated.
    pub(super) fn from_error(step: Step, error: &Error, secret: Option<&str>) -> StepFailed {
        match error.status() {
            Some(code) => refused(step, code, &said(error), secret),
            None => StepFailed::lost(step, &cause(error)),
        }
    }

    /// The server gave a positive answer, but one that does not belong here.
    pub(super) fn unexpected(step: Step, code: Code) -> StepFailed {
        StepFailed::lost(step, &format!("an answer out of place ({code})"))
    }

    /// No answer came in time.
    pub(super) fn timed_out(step: Step) -> StepFailed {
        StepFailed::lost(step, "no answer in time")
    }

    /// The connection cannot be used any more, because of `cause`.
    pub(super) fn lost(step: Step, cause: &str) -> StepFailed {
        let reason = plain::single_line(&format!("{}: {cause}", step.doing()), LONGEST);
        StepFailed { failed: DeliveryFailed::temporary(reason), answering: false }
    }
}

/// The server answered 4xx or 5xx, with the words `said`.
fn refused(step: Step, code: Code, said: &str, secret: Option<&str>) -> StepFailed {
    let number = u16::from(code);
    let quotable = step.may_quote() && !secret.is_some_and(|secret| said.contains(secret));
    let words = if quotable { said } else { enhanced_status(said).unwrap_or_default() };
    let reason = format!("{}: the mail server answered {number} {words}", step.doing());
    // RFC 4954 sections 4.7.1 and 6: "sign in first" and its kin are about the settings, whenever they come.
    let is_about_signing_in = matches!(number, 530 | 534 | 535 | 538);
    let permanent = (500..600).contains(&number) && step.is_about_this_mail() && !is_about_signing_in;
    let reason = plain::single_line(&reason, LONGEST);
    StepFailed { failed: DeliveryFailed { permanent, reason }, answering: number != 421 }
}

/// The words of the server's answer.
fn said(error: &Error) -> String {
    error.source().map(ToString::to_string).unwrap_or_default()
}

/// The first word of an answer if it is a status such as `5.1.1` (RFC 3463 section 2).
fn enhanced_status(said: &str) -> Option<&str> {
    let word = said.split_whitespace().next()?;
    let is_number =
        |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    (word.split('.').count() == 3 && word.split('.').all(is_number)).then_some(word)
}

/// What went wrong where there was no answer. A reply that cannot be parsed is not repeated: it may say anything.
fn cause(error: &Error) -> String {
    if error.is_response() {
        return "an answer that cannot be understood".into();
    }
    said(error)
}

#[cfg(test)]
mod tests {
    use super::enhanced_status;

    #[test]
    fn only_a_status_is_taken_from_an_answer() {
        assert_eq!(enhanced_status("5.1.1 no such user"), Some("5.1.1"));
        assert_eq!(enhanced_status("5.7.999"), Some("5.7.999"));
        for other in ["", "no", "5.1", "5.1.1.1", "5.1.1111", "5..1", "5.a.1", "https://5.1.1/x"] {
            assert_eq!(enhanced_status(other), None, "{other}");
        }
    }
}
