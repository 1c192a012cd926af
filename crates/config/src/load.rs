//! Where settings come from, and in which order.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::settings::Settings;
use crate::suggest::suggestion;

/// What is laid over the defaults: file, then variables, then flags.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    /// `--config FILE`; none = `tessera.toml` in the working folder, if there is one.
    pub file: Option<PathBuf>,
    /// The process environment; only names that begin with `TESSERA_` are looked at.
    pub environment: Vec<(String, String)>,
    /// Flags, as (name for messages, path of the setting, value).
    pub flags: Vec<(&'static str, &'static str, String)>,
}

impl Layers {
    /// The settings file; none if none is given and there is none in the working folder.
    #[must_use]
    pub fn settings_file(&self) -> Option<&Path> {
        let default = Some(Path::new(DEFAULT_FILE)).filter(|path| path.exists());
        self.file.as_deref().or(default)
    }
}

/// A setting that is unknown or wrong.
#[derive(Debug, thiserror::Error)]
pub enum BadSetting {
    /// The file cannot be read.
    #[error("cannot read the settings in {path}: {cause}")]
    Unreadable {
        /// Which file.
        path: String,
        /// Why not.
        cause: std::io::Error,
    },
    /// Something in the file is unknown or wrong.
    #[error("{path}: {message}")]
    InFile {
        /// Which file.
        path: String,
        /// What and where, with the line.
        message: String,
    },
    /// A variable or a flag is unknown or wrong.
    #[error("{place}: {message}")]
    InPlace {
        /// Which one.
        place: String,
        /// What is wrong and what would be right.
        message: String,
    },
}

const DEFAULT_FILE: &str = "tessera.toml";
const PREFIX: &str = "TESSERA_";

/// Puts the layers together.
///
/// A variable names a setting in capitals with `__` between a section and what is in it:
/// `TESSERA_OPS__LISTEN` is `ops.listen`. Its value is read as TOML where that fits (`true`, `5`,
/// `["10.0.0.0/8"]`), else as text.
///
/// # Errors
/// [`BadSetting`] naming the first setting that is unknown or wrong, its place, and what would be right.
pub fn load(layers: &Layers) -> Result<Settings, BadSetting> {
    let mut table = read_file(layers.settings_file())?;
    let mut settings =
        parse(&table).map_err(|message| BadSetting::InPlace { place: "settings".into(), message })?;
    let mut variables: Vec<_> =
        layers.environment.iter().filter(|(name, _)| name.starts_with(PREFIX)).collect();
    variables.sort();
    let variables = variables.into_iter().map(|(name, value)| {
        (name.clone(), name[PREFIX.len()..].to_lowercase().replace("__", "."), value.clone())
    });
    let as_variable = |path: &str| format!("{PREFIX}{}", path.replace('.', "__").to_uppercase());
    let flags = layers
        .flags
        .iter()
        .map(|(flag, path, value)| ((*flag).to_owned(), (*path).to_owned(), value.clone()));
    for (place, path, value) in variables.chain(flags) {
        settings = lay_over(&mut table, &path, &value).map_err(|message| {
            let meant = suggestion(&message, Some(&path), as_variable);
            BadSetting::InPlace { place, message: message + &meant }
        })?;
    }
    Ok(settings)
}

fn read_file(path: Option<&Path>) -> Result<Table, BadSetting> {
    let Some(path) = path else { return Ok(Table::new()) };
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|cause| BadSetting::Unreadable { path: name.clone(), cause })?;
    // Parsed as settings right here, because only here an error still knows its line.
    let wrong = |error: toml::de::Error| BadSetting::InFile {
        path: name.clone(),
        message: without_values(&error, &text),
    };
    toml::from_str::<Settings>(&text).map_err(wrong)?;
    toml::from_str(&text).map_err(wrong)
}

/// The error with its line but without the line's text, which may hold a secret.
fn without_values(error: &toml::de::Error, text: &str) -> String {
    let line = error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    let key =
        error.span().and_then(|span| text[..span.start.min(text.len())].lines().last().map(str::to_owned));
    let key = key.as_deref().and_then(|line| line.split_once('=')).map(|(key, _)| key.trim());
    let message = error.message();
    let message = format!("{message}{}", suggestion(message, None, |name| format!("`{name}`")));
    match (line, key) {
        (Some(line), Some(key)) => format!("line {line}, {key}: {message}"),
        (Some(line), None) => format!("line {line}: {message}"),
        _ => message,
    }
}

fn parse(table: &Table) -> Result<Settings, String> {
    table.clone().try_into().map_err(|error: toml::de::Error| error.message().to_owned())
}

/// Sets one path to a value: as TOML if the setting takes it so, else as text.
fn lay_over(table: &mut Table, path: &str, value: &str) -> Result<Settings, String> {
    let as_text = Value::String(value.to_owned());
    let as_toml = toml::from_str::<Table>(&format!("value = {value}"))
        .ok()
        .and_then(|mut parsed| parsed.remove("value"));
    let mut outcome = Err(String::new());
    for candidate in as_toml.into_iter().chain([as_text]) {
        let mut changed = table.clone();
        set(&mut changed, path, candidate)?;
        let read = parse(&changed);
        // Where neither fits, what is wrong with the value says more than that text was not expected.
        if outcome.as_ref().is_err_and(String::is_empty)
            || !read.as_ref().is_err_and(|why| why.starts_with("invalid type"))
        {
            outcome = read;
        }
        if outcome.is_ok() {
            *table = changed;
            break;
        }
    }
    outcome
}

fn set(table: &mut Table, path: &str, value: Value) -> Result<(), String> {
    let (sections, key) = path.rsplit_once('.').map_or((None, path), |(sections, key)| (Some(sections), key));
    let mut place = table;
    for section in sections.into_iter().flat_map(|sections| sections.split('.')) {
        let inner = place.entry(section).or_insert_with(|| Value::Table(Table::new()));
        place = inner.as_table_mut().ok_or_else(|| format!("{section} is no section"))?;
    }
    place.insert(key.to_owned(), value);
    Ok(())
}
