//! What differs between two sets of settings.

use std::collections::BTreeSet;

use toml::Value;

use crate::database::DatabaseAddress;
use crate::secret::Secret;
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
                found.insert(path);
            }
        }
        found.into_iter().collect()
    }

    /// Every setting that holds secrets, with them.
    fn secrets(&self) -> Vec<(String, Vec<&str>)> {
        fn one(secret: Option<&Secret>) -> Vec<&str> {
            secret.map(Secret::expose).into_iter().collect()
        }
        let mounts = &self.mounts;
        let mut all: Vec<(String, Vec<&str>)> = vec![
            ("database".into(), self.database.iter().map(DatabaseAddress::expose).collect()),
            ("database_server.password".into(), one(self.database_server.password.as_ref())),
            (
                "mail.smtp.password".into(),
                one(self.mail.smtp.as_ref().and_then(|smtp| smtp.password.as_ref())),
            ),
            ("master_secret".into(), one(self.master_secret.as_ref())),
        ];
        for (name, mount) in [
            ("argon", &mounts.argon),
            ("goscrobble", &mounts.goscrobble),
            ("melon", &mounts.melon),
            ("wolfpal", &mounts.wolfpal),
        ] {
            all.push((format!("mounts.{name}.key"), one(mount.key.as_ref())));
            let previous = mount.previous_keys.iter().map(Secret::expose).collect();
            all.push((format!("mounts.{name}.previous_keys"), previous));
        }
        all
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
