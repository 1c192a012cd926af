//! What a session's user agent says of itself.

use serde::Serialize;
use utoipa::ToSchema;
use woothee::parser::{Parser, WootheeResult};

/// What cannot be told.
pub(crate) const UNKNOWN: &str = "unknown";

/// The same in the words of the user agent data.
const UNRECOGNISED: &str = "UNKNOWN";

/// Programs and libraries whose names the user agent data does not tell apart.
const MISCELLANEOUS: &str = "misc";

/// Every browser begins with this product, whatever it is.
const MOZILLA: &str = "Mozilla";

/// The program that developers try requests with (wolfpal.md 2.7).
const FOR_DEVELOPERS: &str = "PostmanRuntime";

/// The longest product name or version that is shown, in bytes.
const SHOWN: usize = 64;

/// A device, as WolfPal shows one to its owner. Nothing is decided by it: a user agent is what the caller
/// says.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Device<'a> {
    browser: &'a str,
    version: &'a str,
    /// The original never knew it either.
    platform: &'static str,
    os: &'a str,
    #[serde(rename = "isDev")]
    is_dev: bool,
}

impl<'a> Device<'a> {
    /// The device of a user agent: a browser that is known, else the program that it names first.
    pub(crate) fn of(user_agent: &'a str) -> Self {
        let (browser, version, os) = match browser(user_agent) {
            Some(known) => (known.name, or_unknown(known.version), or_unknown(known.os)),
            None => product(user_agent)
                .map_or((UNKNOWN, UNKNOWN, UNKNOWN), |(name, version)| (name, version, UNKNOWN)),
        };
        Self { browser, version, platform: UNKNOWN, os, is_dev: browser == FOR_DEVELOPERS }
    }
}

fn browser(user_agent: &str) -> Option<WootheeResult<'_>> {
    let recognised = Parser::new().parse(user_agent)?;
    (recognised.name != UNRECOGNISED && recognised.category != MISCELLANEOUS).then_some(recognised)
}

fn or_unknown(text: &str) -> &str {
    if text.is_empty() || text == UNRECOGNISED { UNKNOWN } else { text }
}

/// Name and version of the first product (RFC 9110 section 10.1.5): `curl/8.5.0 ...`.
fn product(user_agent: &str) -> Option<(&str, &str)> {
    let first = user_agent.split_ascii_whitespace().next()?;
    let (name, version) = first.split_once('/').unwrap_or((first, UNKNOWN));
    let named = is_token(name) && name.starts_with(|first: char| first.is_ascii_alphanumeric());
    (named && is_token(version) && name != MOZILLA).then_some((name, version))
}

/// RFC 9110 section 5.6.2.
fn is_token(text: &str) -> bool {
    let is_mark = |byte| b"!#$%&'*+-.^_`|~".contains(&byte);
    let fits = !text.is_empty() && text.len() <= SHOWN;
    fits && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || is_mark(byte))
}

#[cfg(test)]
mod tests;
