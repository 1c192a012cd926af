//! From the text of a transcript file to its steps.

use std::fmt;

use super::directive;
use super::json_pattern::JsonPattern;
use super::pattern::Pattern;
use super::steps::{Action, Body, Exchange, Expected, Section, Sent, Status, Step};

/// Why a transcript file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadTranscript {
    /// The file, as it was named.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for BadTranscript {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.file, self.line, self.reason)
    }
}

impl std::error::Error for BadTranscript {}

/// The lines of a file with the place reached.
pub(super) struct Lines<'a> {
    lines: Vec<&'a str>,
    at: usize,
}

impl<'a> Lines<'a> {
    /// The next line, which stays.
    fn peek(&self) -> Option<&'a str> {
        self.lines.get(self.at).copied()
    }

    /// The next line, which is passed.
    pub(super) fn next(&mut self) -> Option<&'a str> {
        let line = self.peek()?;
        self.at += 1;
        Some(line)
    }

    /// The number of the line last passed.
    pub(super) fn number(&self) -> usize {
        self.at
    }

    /// The lines up to one that `ends` (which stays), without blank lines at the end.
    pub(super) fn until(&mut self, ends: impl Fn(&str) -> bool) -> String {
        let start = self.at;
        while self.peek().is_some_and(|line| !ends(line)) {
            self.at += 1;
        }
        self.lines[start..self.at].join("\n").trim_end_matches('\n').to_owned()
    }
}

/// Reads the text of a file.
pub(super) fn sections(file: &str, text: &str) -> Result<Vec<Section>, BadTranscript> {
    let lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).collect();
    let mut lines = Lines { lines, at: 0 };
    lines.until(starts_section);
    let mut sections = Vec::new();
    while let Some(line) = lines.next() {
        let section = section(line, &mut lines).map_err(|reason| BadTranscript {
            file: file.to_owned(),
            line: lines.number(),
            reason,
        })?;
        sections.push(section);
    }
    if sections.is_empty() {
        let reason = "there is no section: a line that begins with ###".to_owned();
        return Err(BadTranscript { file: file.to_owned(), line: lines.number(), reason });
    }
    Ok(sections)
}

fn starts_section(line: &str) -> bool {
    line.starts_with("### ")
}

fn section(first: &str, lines: &mut Lines<'_>) -> Result<Section, String> {
    let title = first.trim_start_matches('#').trim().to_owned();
    let mut section = Section { title, steps: Vec::new() };
    let mut exchanged = false;
    while let Some(line) = lines.peek().filter(|line| !starts_section(line)) {
        lines.next();
        let number = lines.number();
        if line.trim().is_empty() || line.starts_with("# ") {
            continue;
        }
        let action = if let Some(directive) = line.strip_prefix('@') {
            directive::parse(directive, lines)?
        } else if exchanged {
            return Err("one request has been made under this title already".to_owned());
        } else {
            exchanged = true;
            Action::Exchange(Box::new(exchange(line, lines)?))
        };
        section.steps.push(Step { line: number, action });
    }
    if section.steps.is_empty() {
        return Err(format!("nothing happens under {:?}", section.title));
    }
    Ok(section)
}

fn exchange(first: &str, lines: &mut Lines<'_>) -> Result<Exchange, String> {
    let words: Vec<&str> = first.split(' ').collect();
    let [method, target, "HTTP/1.1"] = words.as_slice() else {
        return Err(format!("expected 'METHOD TARGET HTTP/1.1', got {first:?}"));
    };
    if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(format!("not a method: {method:?}"));
    }
    let target = Pattern::parse_sent(target)?;
    let (mut headers, mut body) = (Vec::new(), None);
    while let Some(line) = lines.peek().filter(|line| !starts_answer(line)) {
        if line.is_empty() {
            body = Some(lines.until(starts_answer));
            break;
        }
        lines.next();
        let (name, value) = header(line)?;
        headers.push((name, Pattern::parse_sent(&value)?));
    }
    let body = Pattern::parse_sent(body.unwrap_or_default().trim_start_matches('\n'))?;
    let sent = Sent { method: (*method).to_owned(), target, headers, body };
    Ok(Exchange { sent, expected: expected(lines)? })
}

fn starts_answer(line: &str) -> bool {
    line.starts_with("HTTP ") || starts_section(line)
}

fn expected(lines: &mut Lines<'_>) -> Result<Expected, String> {
    let status = match lines.next().and_then(|line| line.strip_prefix("HTTP ")) {
        Some(status) => Status::parse(status.trim()).ok_or_else(|| format!("not a status: {status:?}"))?,
        None => return Err("the request has no answer: a line 'HTTP STATUS'".to_owned()),
    };
    let (mut headers, mut absent) = (Vec::new(), Vec::new());
    while let Some(line) = lines.peek().filter(|line| !line.is_empty() && !ends_answer(line)) {
        lines.next();
        match line.strip_prefix('!') {
            Some(name) => absent.push(name.trim().to_owned()),
            None => {
                let (name, value) = header(line)?;
                headers.push((name, Pattern::parse(&value)?));
            }
        }
    }
    let body = lines.until(ends_answer);
    let body = expected_body(body.trim_start_matches('\n'), &headers)?;
    Ok(Expected { status, headers, absent, body })
}

fn ends_answer(line: &str) -> bool {
    starts_section(line) || line.starts_with('@')
}

/// JSON if the expected content type says so or, where none is listed, if it looks like an object or list.
fn expected_body(text: &str, headers: &[(String, Pattern)]) -> Result<Body, String> {
    let listed = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let is_json = match listed {
        Some((_, value)) => value.to_string().contains("json"),
        None => (text.starts_with('{') && !text.starts_with("{{")) || text.starts_with('['),
    };
    match text {
        "" => Ok(Body::Empty),
        text if is_json => Ok(Body::Json(JsonPattern::parse(text)?)),
        text => Ok(Body::Text(Pattern::parse(text)?)),
    }
}

fn header(line: &str) -> Result<(String, String), String> {
    match line.split_once(':') {
        Some((name, value)) if !name.is_empty() && !name.contains(' ') => {
            Ok((name.to_owned(), value.trim().to_owned()))
        }
        _ => Err(format!("not a header: {line:?}")),
    }
}
