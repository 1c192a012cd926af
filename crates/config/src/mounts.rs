//! Which contracts are spoken, and what differs between their mounts.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::secret::Secret;
use crate::settings::{MinPassword, Registration};
use crate::time::Time;

/// `[mounts.*]`: one section per contract.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mounts {
    /// The game-server panel's contract.
    pub argon: MountSettings,
    /// The goal tracker's contract.
    pub wolfpal: MountSettings,
    /// The media server's contract.
    pub melon: MountSettings,
    /// The listening history's contract.
    pub goscrobble: MountSettings,
}

/// One mount. What is not set has the default that the contract documents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MountSettings {
    /// Whether the contract is spoken at all.
    pub enabled: bool,
    /// The realm whose accounts it serves.
    pub realm: String,
    /// The host name it answers on alone.
    pub host: Option<String>,
    /// The path prefix it answers under.
    pub prefix: Option<String>,
    /// The product's name in mails and authenticator apps.
    pub site: Option<String>,
    /// The signing algorithm: HS256, HS512, ES256, EdDSA or RS256.
    pub algorithm: Option<String>,
    /// The signing key of HS256 and HS512.
    pub key: Option<Secret>,
    /// A file with the signing key.
    pub key_file: Option<PathBuf>,
    /// Signing keys from before `key`, whose tokens are still believed.
    pub previous_keys: Vec<Secret>,
    /// Files with such keys.
    pub previous_key_files: Vec<PathBuf>,
    /// How long an access token is good.
    pub access: Option<Time>,
    /// How long a refresh token is good.
    pub refresh: Option<Time>,
    /// Who may make an account through this mount; none = as the realm.
    pub registration: Option<Registration>,
    /// Whether signing in needs a confirmed e-mail address.
    pub require_confirmed_email: Option<bool>,
    /// The shortest password chosen through this mount, if that is more than all have to be.
    pub min_password: Option<MinPassword>,
    /// Whether such a password may be the account's e-mail address.
    pub email_as_password: Option<bool>,
    /// The pages that links in its mails open.
    pub links: LinkSettings,
}

impl Default for MountSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            realm: "default".into(),
            host: None,
            prefix: None,
            site: None,
            algorithm: None,
            key: None,
            key_file: None,
            previous_keys: Vec::new(),
            previous_key_files: Vec::new(),
            access: None,
            refresh: None,
            registration: None,
            require_confirmed_email: None,
            min_password: None,
            email_as_password: None,
            links: LinkSettings::default(),
        }
    }
}

/// Where the links in a mount's mails lead. None = the page that the product has, on `public_url`; ours if it
/// has none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LinkSettings {
    /// The page that confirms an address.
    pub confirm: Option<Link>,
    /// The page that sets a new password.
    pub reset: Option<Link>,
    /// The page that puts a new address in the place of the old one.
    pub email: Option<Link>,
    /// The page that ends a session which somebody else opened.
    pub not_me: Option<Link>,
}

/// Where one link leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Link {
    /// To our own page, written `"ours"`.
    Ours,
    /// To a page of the product: a URL with `{token}` in it.
    At(String),
}

/// How [`Link::Ours`] is written.
const OURS: &str = "ours";

impl From<String> for Link {
    fn from(text: String) -> Self {
        if text == OURS { Self::Ours } else { Self::At(text) }
    }
}

impl From<Link> for String {
    fn from(link: Link) -> Self {
        match link {
            Link::Ours => OURS.to_owned(),
            Link::At(url) => url,
        }
    }
}
