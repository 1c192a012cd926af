//! The lines that begin with `@`.

use super::json_pattern::JsonPattern;
use super::parse::Lines;
use super::pattern::{Pattern, is_name};
use super::steps::{Action, Part};

/// Reads a directive (without its `@`), and the lines after it where it has a body.
pub(super) fn parse(directive: &str, lines: &mut Lines<'_>) -> Result<Action, String> {
    let (command, rest) = directive.split_once(' ').unwrap_or((directive, ""));
    let rest = rest.trim();
    match command {
        "mail" => mail(rest),
        "permit" => permit(rest, true),
        "forbid" => permit(rest, false),
        "totp" => totp(rest),
        "unique" => unique(rest),
        "claims" => read(rest, Part::Claims, lines),
        "jose" => read(rest, Part::Header, lines),
        "lifetime" => lifetime(rest),
        "differ" => differ(rest),
        _ => Err(format!("no such directive: @{command}")),
    }
}

/// `ADDRESS SUBJECT -> NAME`; the subject may have spaces.
fn mail(rest: &str) -> Result<Action, String> {
    let (what, to) = arrow(rest)?;
    let Some((address, subject)) = what.split_once(' ') else {
        return Err("expected '@mail ADDRESS SUBJECT -> NAME'".to_owned());
    };
    Ok(Action::Mail {
        address: Pattern::parse_sent(address)?,
        subject: Pattern::parse_sent(subject.trim())?,
        name: name(to)?,
    })
}

/// `USERNAME PERMISSION`
fn permit(rest: &str, on: bool) -> Result<Action, String> {
    let [username, permission] = words(rest)?;
    Ok(Action::Permit {
        username: Pattern::parse_sent(username)?,
        permission: Pattern::parse_sent(permission)?,
        on,
    })
}

/// `SECRET [SHIFT] -> NAME`; the shift counts steps of 30 s.
fn totp(rest: &str) -> Result<Action, String> {
    let (what, to) = arrow(rest)?;
    let (secret, shift) = what.split_once(' ').unwrap_or((what, "+0"));
    let shift = shift.trim();
    let steps = shift
        .strip_prefix('+')
        .or_else(|| shift.starts_with('-').then_some(shift))
        .and_then(|digits| digits.parse::<i8>().ok())
        .ok_or_else(|| format!("not a number of steps with its sign: {shift:?}"))?;
    Ok(Action::Totp { secret: name(secret)?, shift: i64::from(steps), name: name(to)? })
}

/// `NAME PREFIX`
fn unique(rest: &str) -> Result<Action, String> {
    let [to, prefix] = words(rest)?;
    if !prefix.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(format!("not letters and digits only: {prefix:?}"));
    }
    Ok(Action::Unique { name: name(to)?, prefix: prefix.to_owned() })
}

/// `TOKEN`, with a JSON pattern on the next lines until a blank one.
fn read(rest: &str, part: Part, lines: &mut Lines<'_>) -> Result<Action, String> {
    let token = name(rest)?;
    let pattern = lines.until(|line| line.trim().is_empty());
    Ok(Action::Read { token, part, expected: JsonPattern::parse(&pattern)? })
}

/// `TOKEN SECONDS`
fn lifetime(rest: &str) -> Result<Action, String> {
    let [token, seconds] = words(rest)?;
    let seconds = seconds.parse().map_err(|_| format!("not a number of seconds: {seconds:?}"))?;
    Ok(Action::Lifetime { token: name(token)?, seconds })
}

/// `NAME NAME`
fn differ(rest: &str) -> Result<Action, String> {
    let [one, other] = words(rest)?;
    Ok(Action::Differ { one: name(one)?, other: name(other)? })
}

fn words(rest: &str) -> Result<[&str; 2], String> {
    let words: Vec<&str> = rest.split_whitespace().collect();
    <[&str; 2]>::try_from(words).map_err(|words| format!("expected two words, got {}: {rest:?}", words.len()))
}

fn arrow(rest: &str) -> Result<(&str, &str), String> {
    let (what, to) = rest.rsplit_once(" -> ").ok_or("expected ' -> NAME' at the end")?;
    Ok((what.trim(), to.trim()))
}

fn name(text: &str) -> Result<String, String> {
    if is_name(text) && text != "_" { Ok(text.to_owned()) } else { Err(format!("not a name: {text:?}")) }
}
