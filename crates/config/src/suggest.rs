//! What somebody probably meant who named a setting that is not there.

use crate::REFERENCE;

/// `; did you mean NAME?` for an unknown setting, or nothing if no name is near.
///
/// `message` is the parser's, which names what is unknown and what may stand in its place, each between
/// backticks. `path` is where the setting would be, if that is known; else only its section is looked at.
pub(crate) fn suggestion(message: &str, path: Option<&str>, write: impl Fn(&str) -> String) -> String {
    if !message.starts_with("unknown field") {
        return String::new();
    }
    let names: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let meant = match (path, names.split_first()) {
        (Some(path), _) => nearest(path, known()),
        (None, Some((unknown, there))) => nearest(unknown, there.iter().map(|name| (*name).to_owned())),
        (None, None) => None,
    };
    meant.map(|name| format!("; did you mean {}?", write(&name))).unwrap_or_default()
}

/// The candidate that takes the fewest slips to become `given`, if they are few for its length.
fn nearest(given: &str, candidates: impl IntoIterator<Item = String>) -> Option<String> {
    let slips = |candidate: &String| strsim::osa_distance(given, candidate);
    let near = candidates.into_iter().min_by_key(slips)?;
    (slips(&near) <= (given.chars().count() / 4).clamp(1, 4)).then_some(near)
}

/// The path of every setting, from the reference.
pub(crate) fn known() -> impl Iterator<Item = String> {
    let mut section = String::new();
    let ours = REFERENCE.lines().filter_map(move |line| {
        let line = line.strip_prefix('#').unwrap_or(line);
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = format!("{name}.");
            return None;
        }
        let name = line.split_once(" = ")?.0;
        let is_name = name.bytes().all(|byte| byte.is_ascii_lowercase() || b"._".contains(&byte));
        is_name.then(|| format!("{section}{name}"))
    });
    // The reference shows the settings of one mount for all.
    ours.flat_map(|path| match path.strip_prefix("mounts.argon.") {
        Some(rest) => {
            ["argon", "wolfpal", "melon", "goscrobble"].map(|mount| format!("mounts.{mount}.{rest}")).to_vec()
        }
        None => vec![path],
    })
}
