//! How a letter looks: as plain text, and as the one HTML page that all mails share.

use std::fmt::Write as _;

use crate::{
    letter::{Letter, Part},
    link::after_scheme,
};

/// No colours but the button's and the links': with `color-scheme` the reader's program chooses the rest, light or dark.
const BODY: &str = "margin:0;padding:24px;font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;\
    font-size:16px;line-height:1.5";
const COLUMN: &str = "max-width:560px;margin:0 auto";
const PARAGRAPH: &str = "margin:0 0 16px";
const BUTTON: &str = "display:inline-block;padding:10px 20px;border-radius:6px;background-color:#2457c5;color:#ffffff;\
    font-weight:600;text-decoration:none";
const ADDRESS: &str = "margin:0 0 16px;font-size:13px;word-break:break-all";

/// The plain text of `letter`: paragraphs with an empty line between, each URL on a line of its own.
pub(crate) fn text(letter: &Letter) -> String {
    let blocks: Vec<String> = letter
        .parts
        .iter()
        .map(|part| match part {
            Part::Paragraph(text) => text.clone(),
            Part::Action { label, url } => format!("{label}:\n{url}"),
        })
        .collect();
    blocks.join("\n\n") + "\n"
}

/// The HTML of `letter`: a whole document that loads nothing, with every value escaped.
pub(crate) fn html(letter: &Letter) -> String {
    let body: String = letter
        .parts
        .iter()
        .map(|part| match part {
            Part::Paragraph(text) => format!("<p style=\"{PARAGRAPH}\">{}</p>\n", escape(text)),
            Part::Action { label, url } => action(label, url),
        })
        .collect();
    format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"supported-color-schemes\" content=\"light dark\">\n\
         <title>{title}</title>\n</head>\n<body style=\"{BODY}\">\n<div style=\"{COLUMN}\">\n{body}</div>\n</body>\n</html>\n",
        language = escape(letter.language),
        title = escape(&letter.subject),
    )
}

/// A button, and under it the URL as text for those whose program shows no buttons.
fn action(label: &str, url: &str) -> String {
    let (label, shown) = (escape(label), escape(url));
    // Anything but http(s) would run in the reader's program: it is shown and cannot be clicked.
    if after_scheme(url).is_none() {
        return format!("<p style=\"{PARAGRAPH}\">{label}:</p>\n<p style=\"{ADDRESS}\">{shown}</p>\n");
    }
    format!(
        "<p style=\"{PARAGRAPH}\"><a href=\"{shown}\" rel=\"noreferrer\" style=\"{BUTTON}\">{label}</a></p>\n\
         <p style=\"{ADDRESS}\">{shown}</p>\n"
    )
}

/// `text` for HTML content and for attribute values in either kind of quotes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' | '\'' | '`' => {
                // Writing to a String cannot fail.
                let _ = write!(escaped, "&#{};", u32::from(c));
            }
            other => escaped.push(other),
        }
    }
    escaped
}
