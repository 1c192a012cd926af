//! What differs between two sets of settings.

use std::collections::BTreeSet;

use toml::Value;

use crate::settings::Settings;

impl Settings {
    /// The paths of the settings that differ, as in `throttle.per_account`, sorted.
    #[must_use]
    pub fn changes(&self, other: &Self) -> Vec<String> {
        let mut found = BTreeSet::new();
        // Settings are always a table of plain values; were they not, nothing could be told apart.
        let table = |settings: &Self| Value::try_from(settings).ok();
        differing(table(self).as_ref(), table(other).as_ref(), "", &mut found);
        // Secrets are all written alike.
        for ((path, old), (_, new)) in self.secrets().into_iter().zip(other.secrets()) {
            if old != new {
                found.insert(path.to_owned());
            }
        }
        found.into_iter().collect()
    }

    fn secrets(&self) -> [(&'static str, Option<&crate::Secret>); 6] {
        let mounts = &self.mounts;
        [
            ("master_secret", self.master_secret.as_ref()),
            ("mail.smtp.password", self.mail.smtp.as_ref().and_then(|smtp| smtp.password.as_ref())),
            ("mounts.argon.key", mounts.argon.key.as_ref()),
            ("mounts.wolfpal.key", mounts.wolfpal.key.as_ref()),
            ("mounts.melon.key", mounts.melon.key.as_ref()),
            ("mounts.goscrobble.key", mounts.goscrobble.key.as_ref()),
        ]
    }
}

fn differing(old: Option<&Value>, new: Option<&Value>, path: &str, found: &mut BTreeSet<String>) {
    if old == new {
        return;
    }
    let tables = [old, new].map(|side| side.and_then(Value::as_table));
    if tables == [None, None] {
        found.insert(path.to_owned());
        return;
    }
    let keys: BTreeSet<&String> = tables.into_iter().flatten().flat_map(toml::Table::keys).collect();
    for key in keys {
        let inner = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let [old, new] = tables.map(|table| table.and_then(|table| table.get(key)));
        differing(old, new, &inner, found);
    }
}
