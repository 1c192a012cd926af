//! Reading the mails a server wrote into its folder.

mod message;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::{Path, PathBuf};

pub use message::Mail;

/// The decoded text part of the newest `*.eml` in `folder` that goes to `address` and whose subject
/// contains `subject`, letter case ignored in both. Files that cannot be read as mail are passed over.
pub fn newest(folder: &Path, address: &str, subject: &str) -> Option<String> {
    let wanted = subject.to_lowercase();
    newest_first(folder)
        .iter()
        .filter_map(|path| Mail::parse(&fs::read(path).ok()?))
        .find(|mail| mail.goes_to(address) && mail.subject.to_lowercase().contains(&wanted))
        .map(|mail| mail.text)
}

/// Every `*.eml` of a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "eml"))
        .collect()
}

/// The mails of a folder, by time of writing. Of two written at once the later name counts as newer.
fn newest_first(folder: &Path) -> Vec<PathBuf> {
    let written = |path: PathBuf| Some((fs::metadata(&path).ok()?.modified().ok()?, path));
    let mut found: Vec<_> = files(folder).into_iter().filter_map(written).collect();
    found.sort();
    found.into_iter().rev().map(|(_, path)| path).collect()
}

/// The last path segment of the first link in a text: what confirmation and reset links carry.
pub fn link_token(text: &str) -> Option<&str> {
    let start = [text.find("https://"), text.find("http://")].into_iter().flatten().min()?;
    let rest = &text[start..];
    let end = rest.find(|c: char| c.is_whitespace() || "<>\"')".contains(c)).unwrap_or(rest.len());
    let path = rest[..end].split(['?', '#']).next()?.trim_end_matches(['.', ',', ';', ':', '!']);
    let (_, after_scheme) = path.split_once("://")?;
    let (_, segment) = after_scheme.rsplit_once('/')?;
    (!segment.is_empty()).then_some(segment)
}
