//! Which texts are e-mail addresses that mail can be sent to.

use lettre::Address;

/// The longest address, in bytes (RFC 5321 section 4.5.3.1.3, less the angle brackets).
const LONGEST: usize = 254;
/// The longest part before the `@`, in bytes (RFC 5321 section 4.5.3.1.1).
const LONGEST_LOCAL: usize = 64;
/// The longest label of a domain, in bytes (RFC 1035 section 2.3.4).
const LONGEST_LABEL: usize = 63;

/// Whether `text` is an e-mail address that an account may have.
///
/// The rules are those of validator.js `isEmail` with its defaults, narrowed: ASCII only, `local@domain` with a
/// dot-atom (RFC 5322 section 3.2.3) before the `@`, and after it a host name that ends in a top-level domain of
/// letters (or an `xn--` one). Quoted local parts, IP literals, comments, display names, spaces, control characters,
/// more than 254 bytes in all or 64 before the `@` are refused. An internationalised domain is accepted in its
/// `xn--` form; as UTF-8 it is refused, because sending to it needs SMTPUTF8, which not every mail server has.
#[must_use]
pub fn valid_address(text: &str) -> bool {
    parse(text).is_some_and(|address| has_top_level_domain(address.domain()))
}

/// `text` as an address to send from or to: as [`valid_address`], but a host name without a top-level domain, such
/// as `localhost`, will do.
pub(crate) fn parse(text: &str) -> Option<Address> {
    let (local, domain) = text.split_once('@')?;
    let fits = text.len() <= LONGEST && is_dot_atom(local) && is_host_name(domain);
    if fits { text.parse().ok() } else { None }
}

fn is_dot_atom(local: &str) -> bool {
    local.len() <= LONGEST_LOCAL
        && local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(is_atom_byte))
}

/// `atext` of RFC 5322 section 3.2.3.
fn is_atom_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

fn is_host_name(domain: &str) -> bool {
    domain.split('.').all(|label| {
        (1..=LONGEST_LABEL).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    })
}

fn has_top_level_domain(domain: &str) -> bool {
    let Some((_, top)) = domain.rsplit_once('.') else { return false };
    let is_encoded = top.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("xn--")) && top.len() > 4;
    is_encoded || (top.len() >= 2 && top.bytes().all(|byte| byte.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests;
