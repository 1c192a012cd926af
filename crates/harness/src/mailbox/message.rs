//! One mail: as much of RFC 5322, 2045 and 2047 as mail with a text part needs.

use data_encoding::BASE64_MIME_PERMISSIVE;

/// What a test wants to know of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The `To` header, unfolded.
    pub to: String,
    /// The `Subject` header, unfolded and decoded.
    pub subject: String,
    /// The first `text/plain` part, decoded, with line feeds alone as line endings.
    pub text: String,
}

impl Mail {
    /// Reads a mail; `None` if it has no `To`, no `Subject` or no plain text.
    pub fn parse(bytes: &[u8]) -> Option<Mail> {
        let part = Part::parse(&String::from_utf8_lossy(bytes).replace("\r\n", "\n"));
        let subject = decoded_words(part.header("subject")?);
        Some(Mail { to: part.header("to")?.to_owned(), subject, text: part.plain_text(0)? })
    }

    /// Whether `address` is the recipient, letter case ignored.
    pub fn goes_to(&self, address: &str) -> bool {
        let to = self.to.rsplit_once('<').map_or(self.to.as_str(), |(_, rest)| rest.trim_end_matches('>'));
        to.trim().eq_ignore_ascii_case(address)
    }
}

/// Headers with a body: a whole mail or a part of one.
struct Part {
    headers: Vec<(String, String)>,
    body: String,
}

impl Part {
    fn parse(text: &str) -> Part {
        let (head, body) = match text.strip_prefix('\n') {
            Some(body) => ("", body),
            None => text.split_once("\n\n").unwrap_or((text, "")),
        };
        let mut headers: Vec<(String, String)> = Vec::new();
        for line in head.split('\n') {
            if line.starts_with([' ', '\t'])
                && let Some((_, value)) = headers.last_mut()
            {
                value.push(' ');
                value.push_str(line.trim());
            } else if let Some((name, value)) = line.split_once(':') {
                headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
        Part { headers, body: body.to_owned() }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(there, _)| there == name).map(|(_, value)| value.as_str())
    }

    /// The first plain text in this part or the parts inside it, which nest a few levels at most.
    fn plain_text(&self, depth: u8) -> Option<String> {
        let content_type = self.header("content-type").unwrap_or("text/plain");
        let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if media_type == "text/plain" {
            return self.decoded();
        }
        if !media_type.starts_with("multipart/") || depth > 3 {
            return None;
        }
        let delimiter = format!("\n--{}", boundary(content_type)?);
        let body = format!("\n{}", self.body);
        let mut inner = body.split(delimiter.as_str()).skip(1).take_while(|part| !part.starts_with("--"));
        inner.find_map(|part| Part::parse(part.split_once('\n')?.1).plain_text(depth + 1))
    }

    fn decoded(&self) -> Option<String> {
        let encoding = self.header("content-transfer-encoding").unwrap_or("7bit").to_ascii_lowercase();
        let bytes = match encoding.as_str() {
            "base64" => BASE64_MIME_PERMISSIVE.decode(self.body.trim().as_bytes()).ok()?,
            "quoted-printable" => quoted_printable(&self.body),
            _ => return Some(self.body.clone()),
        };
        Some(String::from_utf8_lossy(&bytes).replace("\r\n", "\n"))
    }
}

fn boundary(content_type: &str) -> Option<&str> {
    let at = content_type.to_ascii_lowercase().find("boundary=")? + "boundary=".len();
    let value = &content_type[at..];
    match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => value.split([';', ' ']).next(),
    }
}

/// RFC 2045 section 6.7. What is not a valid escape stands for itself.
fn quoted_printable(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        let (content, soft) = match content.strip_suffix('=') {
            Some(content) => (content, true),
            None => (content, false),
        };
        unescape(content, b'=', &mut bytes);
        if line.ends_with('\n') && !soft {
            bytes.push(b'\n');
        }
    }
    bytes
}

/// Appends `text` with `=XX` as the byte it means.
fn unescape(text: &str, escape: u8, bytes: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|two| data_encoding::HEXUPPER_PERMISSIVE.decode(two).ok());
        match hex {
            Some(decoded) if first == escape => {
                bytes.extend(decoded);
                rest = &after[2..];
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
}

/// RFC 2047: `=?charset?q?text?=` and `?b?`; the charset is taken for UTF-8.
fn decoded_words(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text;
    let mut after_word = false;
    while let Some((before, after)) = rest.split_once("=?") {
        let Some((word, remaining)) = encoded_word(after) else { break };
        // White space between two encoded words separates only their encodings.
        if !(after_word && before.trim().is_empty()) {
            bytes.extend_from_slice(before.as_bytes());
        }
        bytes.extend(word);
        rest = remaining;
        after_word = true;
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The word after `=?`, and what follows its `?=`.
fn encoded_word(text: &str) -> Option<(Vec<u8>, &str)> {
    let (_charset, after) = text.split_once('?')?;
    let (encoding, after) = after.split_once('?')?;
    let (content, remaining) = after.split_once("?=")?;
    let bytes = match encoding {
        "q" | "Q" => {
            let mut bytes = Vec::new();
            unescape(&content.replace('_', " "), b'=', &mut bytes);
            bytes
        }
        "b" | "B" => data_encoding::BASE64.decode(content.as_bytes()).ok()?,
        _ => return None,
    };
    Some((bytes, remaining))
}
