//! Reading one answer off a connection (RFC 9112 sections 4 to 7).

use std::io::{self, BufRead, Read};

use super::Answer;

/// The longest line accepted in a head, and the longest body: enough for any test, and an end for a
/// server gone wrong.
const LONGEST_LINE: u64 = 64 * 1024;
const LONGEST_BODY: u64 = 64 * 1024 * 1024;

/// An answer, with whether another request may follow on the same connection.
pub(super) struct Received {
    pub(super) answer: Answer,
    pub(super) reusable: bool,
}

/// How an answer's body ends (RFC 9112 section 6.3).
enum Framing {
    None,
    Length(u64),
    Chunked,
    UntilClose,
}

/// Reads the final answer to a request of that method; interim answers (1xx) are passed over.
pub(super) fn read_answer(source: &mut impl BufRead, method: &str) -> io::Result<Received> {
    loop {
        let status = read_status(source)?;
        let headers = read_headers(source)?;
        if (100..200).contains(&status) {
            continue;
        }
        let mut answer = Answer { status, headers, body: Vec::new() };
        let framing = framing(&answer, method)?;
        answer.body = read_body(source, &framing)?;
        let closing = answer.headers_named("connection").any(|value| value.eq_ignore_ascii_case("close"));
        let reusable = !closing && !matches!(framing, Framing::UntilClose);
        return Ok(Received { answer, reusable });
    }
}

fn read_status(source: &mut impl BufRead) -> io::Result<u16> {
    if source.fill_buf()?.is_empty() {
        let kind = io::ErrorKind::ConnectionReset;
        return Err(io::Error::new(kind, "the server closed the connection before any byte of an answer"));
    }
    let line = read_line(source)?;
    line.strip_prefix("HTTP/1.1 ")
        .or_else(|| line.strip_prefix("HTTP/1.0 "))
        .and_then(|rest| rest.get(..3))
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| broken(&format!("not a status line: {line:?}")))
}

fn read_headers(source: &mut impl BufRead) -> io::Result<Vec<(String, String)>> {
    let mut headers = Vec::new();
    loop {
        let line = read_line(source)?;
        if line.is_empty() {
            return Ok(headers);
        }
        let Some((name, value)) = line.split_once(':') else {
            return Err(broken(&format!("not a header: {line:?}")));
        };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
}

fn framing(answer: &Answer, method: &str) -> io::Result<Framing> {
    if method == "HEAD" || answer.status == 204 || answer.status == 304 {
        return Ok(Framing::None);
    }
    if answer.headers_named("transfer-encoding").any(|value| value.eq_ignore_ascii_case("chunked")) {
        return Ok(Framing::Chunked);
    }
    match answer.header("content-length") {
        Some(length) => {
            let length = length.parse().map_err(|_| broken(&format!("not a length: {length:?}")))?;
            Ok(Framing::Length(length))
        }
        None => Ok(Framing::UntilClose),
    }
}

fn read_body(source: &mut impl BufRead, framing: &Framing) -> io::Result<Vec<u8>> {
    match framing {
        Framing::None => Ok(Vec::new()),
        Framing::Length(length) => read_exactly(source, *length),
        Framing::Chunked => read_chunks(source),
        Framing::UntilClose => {
            let mut body = Vec::new();
            source.take(LONGEST_BODY).read_to_end(&mut body)?;
            Ok(body)
        }
    }
}

fn read_chunks(source: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = read_line(source)?;
        let digits = line.split(';').next().unwrap_or_default().trim();
        let size = u64::from_str_radix(digits, 16).map_err(|_| broken(&format!("not a chunk: {line:?}")))?;
        if size == 0 {
            read_headers(source)?;
            return Ok(body);
        }
        body.extend(read_exactly(source, size)?);
        if body.len() as u64 > LONGEST_BODY || !read_line(source)?.is_empty() {
            return Err(broken("a chunk does not end where it says"));
        }
    }
}

fn read_exactly(source: &mut impl BufRead, length: u64) -> io::Result<Vec<u8>> {
    if length > LONGEST_BODY {
        return Err(broken("the body is too long"));
    }
    let mut body = Vec::new();
    source.take(length).read_to_end(&mut body)?;
    if body.len() as u64 == length { Ok(body) } else { Err(ended()) }
}

/// One line without its ending.
fn read_line(source: &mut impl BufRead) -> io::Result<String> {
    let mut line = Vec::new();
    source.take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    if line.pop() != Some(b'\n') {
        return Err(ended());
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(String::from_utf8_lossy(&line).into_owned())
}

fn ended() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed the connection before the answer ended")
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
