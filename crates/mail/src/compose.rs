//! A stored message as the bytes that travel (RFC 5322, RFC 2046 section 5.1.4).

use std::time::{Duration, SystemTime};

use lettre::{
    Address,
    message::{
        Body, Mailbox, MultiPart, MultiPartKind, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};

use crate::{BadSettings, DeliveryFailed, Message, Sender, address, plain};

/// The last second of the year 9999, since the epoch, UTC: the last that a `Date` header can say.
const LAST_SECOND: i64 = 253_402_300_799;
/// Subjects longer than this, in characters, are cut.
const LONGEST_SUBJECT: usize = 250;
/// Sender names longer than this, in characters, are cut.
const LONGEST_SENDER: usize = 100;
/// Lines longer than this, in bytes without their end, may not travel unencoded (RFC 5322 section 2.1.1).
const LONGEST_LINE: usize = 998;
/// Ids longer than this, in bytes, are refused.
const LONGEST_ID: usize = 100;

/// Who mails are from, checked.
#[derive(Debug, Clone)]
pub(crate) struct Originator(Mailbox);

impl Originator {
    /// Checks `sender`.
    pub(crate) fn new(sender: &Sender) -> Result<Originator, BadSettings> {
        let address = address::parse(&sender.address).ok_or(BadSettings::Sender)?;
        let name = plain::single_line(&sender.name, LONGEST_SENDER);
        Ok(Originator(Mailbox::new((!name.is_empty()).then_some(name), address)))
    }

    /// The domain of the address.
    pub(crate) fn domain(&self) -> &str {
        self.0.email.domain()
    }
}

/// A message ready to be handed on.
pub(crate) struct Composed {
    /// The address it is from.
    pub(crate) from: Address,
    /// The address it goes to.
    pub(crate) to: Address,
    /// The message, in ASCII, with CRLF line ends.
    pub(crate) bytes: Vec<u8>,
}

/// Makes the bytes of `message`. The same arguments make the same bytes.
///
/// # Errors
/// A permanent [`DeliveryFailed`] when `id` or the recipient's address cannot be used.
pub(crate) fn compose(
    id: &str,
    message: &Message,
    from: &Originator,
    now_seconds: i64,
) -> Result<Composed, DeliveryFailed> {
    if !is_usable_id(id) {
        return Err(DeliveryFailed::permanent("the id of the mail cannot be used in a Message-ID"));
    }
    let to = address::parse(&message.to)
        .ok_or_else(|| DeliveryFailed::permanent("the recipient's e-mail address cannot be used"))?;
    let mail = lettre::Message::builder()
        .from(from.0.clone())
        .to(Mailbox::new(None, to.clone()))
        .subject(subject(&message.subject))
        .date(date(now_seconds))
        .message_id(Some(format!("<{id}@{}>", from.domain())))
        // Keeps out-of-office replies away (RFC 3834 section 5).
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".into(),
        ))
        .multipart(body(id, message))
        .map_err(|error| DeliveryFailed::permanent(format!("the mail cannot be composed: {error}")))?;
    let bytes = mail.formatted();
    // The envelope promises a 7-bit message, which every server takes.
    if !bytes.is_ascii() {
        return Err(DeliveryFailed::permanent("the mail cannot be composed in ASCII"));
    }
    Ok(Composed { from: from.0.email.clone(), to, bytes })
}

/// Both versions, the plain one first: readers show the last that they understand.
fn body(id: &str, message: &Message) -> MultiPart {
    let (text, html) = (plain::lines(&message.text), plain::lines(&message.html));
    MultiPart::builder()
        .kind(MultiPartKind::Alternative)
        .boundary(boundary(id, &text, &html))
        .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(readable(text)))
        .singlepart(SinglePart::builder().header(ContentType::TEXT_HTML).body(html))
}

/// `text` as it is, when it may travel so (RFC 5322 section 2.1.1), so that whoever opens the file finds the link in one
/// piece; left to itself, lettre encodes lines of more than 76 characters.
fn readable(text: String) -> Body {
    if text.is_ascii() && text.lines().all(|line| line.len() <= LONGEST_LINE) {
        Body::dangerous_pre_encoded(
            text.replace('\n', "\r\n").into_bytes(),
            ContentTransferEncoding::SevenBit,
        )
    } else {
        Body::new(text)
    }
}

/// A boundary that is in neither version. `=_` cannot occur in quoted-printable or base64 (RFC 2045 section 6.7).
fn boundary(id: &str, text: &str, html: &str) -> String {
    let mut boundary = format!("=_{id}");
    while text.contains(&boundary) || html.contains(&boundary) {
        boundary.push('_');
    }
    boundary
}

/// One line that no reader decodes any further: an encoded word (RFC 2047) in it would bring back what was removed.
fn subject(text: &str) -> String {
    plain::single_line(text, LONGEST_SUBJECT).replace("=?", "= ?")
}

fn date(now_seconds: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(now_seconds.clamp(0, LAST_SECOND).unsigned_abs())
}

/// Ids are also file names, hence no dots and slashes.
fn is_usable_id(id: &str) -> bool {
    (1..=LONGEST_ID).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests;
