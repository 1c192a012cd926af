//! The address of a page on the site, with a one-time token in it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Where the token goes in a template.
const PLACE: &str = "{token}";

/// Everything but the unreserved characters of RFC 3986 section 2.3.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why a text is no template for a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadLinkTemplate {
    /// Neither `http://` nor `https://`.
    #[error("a link template must begin with https:// or http://")]
    Scheme,
    /// No host, or something other than a host and a port where the host should be.
    #[error("a link template must name a host after https://, without a user name or a token in it")]
    Host,
    /// `{token}` is missing, or there more than once.
    #[error("a link template must contain {{token}} exactly once")]
    Token,
    /// A space, a control character, a character beyond ASCII, or another one that RFC 3986 excludes.
    #[error("a link template may only contain the characters of a URL")]
    Character,
}

/// The link that `template` makes of `token`, e.g. `https://example.com/reset/{token}`.
///
/// `template` must come from the settings, never from a request: a link built from a `Host` or `Forwarded` header
/// hands the token to whoever sent that header. The token is percent-encoded where a URL needs it.
///
/// # Errors
/// [`BadLinkTemplate`] when `template` is no http(s) URL with exactly one `{token}` after its host.
pub fn link(template: &str, token: &str) -> Result<String, BadLinkTemplate> {
    let (before, after) = template.split_once(PLACE).ok_or(BadLinkTemplate::Token)?;
    if after.contains(PLACE) {
        return Err(BadLinkTemplate::Token);
    }
    if !before.bytes().chain(after.bytes()).all(is_url_byte) {
        return Err(BadLinkTemplate::Character);
    }
    let rest = after_scheme(before).ok_or(BadLinkTemplate::Scheme)?;
    // The host must end before the token begins, or the token would choose the host.
    let end = rest.find(['/', '?', '#']).ok_or(BadLinkTemplate::Host)?;
    if !rest.get(..end).is_some_and(is_host_and_port) {
        return Err(BadLinkTemplate::Host);
    }
    Ok(format!("{before}{}{after}", utf8_percent_encode(token, ENCODED)))
}

/// What follows `http://` or `https://`, in any case.
pub(crate) fn after_scheme(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    (scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")).then_some(rest)
}

fn is_host_and_port(authority: &str) -> bool {
    let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, rest)) => {
            if address.parse::<std::net::Ipv6Addr>().is_err() {
                return false;
            }
            (address, rest)
        }
        None => {
            let (host, port) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
            if !host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte)) {
                return false;
            }
            (host, port)
        }
    };
    let is_port =
        port.is_empty() || port.strip_prefix(':').is_some_and(|digits| digits.parse::<u16>().is_ok());
    !host.is_empty() && is_port
}

/// Unreserved and reserved characters and `%`, of RFC 3986 sections 2.1 to 2.3.
fn is_url_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte)
}

#[cfg(test)]
mod tests;
