//! What Melon keeps with an account: a biography, favourites, friends.

use model::AccountId;
use serde_json::{Map, Value};

use crate::errors::Refused;
use crate::wire::Params;

/// The longest biography, in bytes. Together with the other limits here it keeps within what an account
/// can have kept with it, whatever the characters.
const MAX_BIO_BYTES: usize = 2_048;
/// The longest id of a favourite, in bytes.
const MAX_FAVOURITE_BYTES: usize = 255;
/// The most friends.
const MAX_FRIENDS: usize = 200;

const BIO: &str = "bio";
const FAV_TRACK: &str = "favTrack";
const FAV_ALBUM: &str = "favAlbum";
const FAV_ARTIST: &str = "favArtist";
const PUBLIC_STATS: &str = "publicStats";
const FRIENDS: &str = "friends";

/// What is kept, as read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) bio: String,
    pub(crate) fav_track: String,
    pub(crate) fav_album: String,
    pub(crate) fav_artist: String,
    /// Whether everybody may see the account.
    pub(crate) public_stats: bool,
    /// Ids of accounts; none before the first.
    pub(crate) friends: Option<Vec<String>>,
}

impl Profile {
    /// Reads a document; what is not there is empty.
    pub(crate) fn of(document: &Map<String, Value>) -> Self {
        let text = |name: &str| document.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        Self {
            bio: text(BIO),
            fav_track: text(FAV_TRACK),
            fav_album: text(FAV_ALBUM),
            fav_artist: text(FAV_ARTIST),
            public_stats: document.get(PUBLIC_STATS) == Some(&Value::Bool(true)),
            friends: document.get(FRIENDS).and_then(Value::as_array).map(|friends| texts(friends)),
        }
    }

    pub(crate) fn has_friend(&self, id: &AccountId) -> bool {
        self.friends.iter().flatten().any(|friend| friend == id.as_str())
    }

    pub(crate) fn is_full_of_friends(&self) -> bool {
        self.friends.as_ref().is_some_and(|friends| friends.len() >= MAX_FRIENDS)
    }
}

/// Adds a friend, once.
pub(crate) fn add_friend(document: &mut Map<String, Value>, id: &AccountId) {
    let mut friends = Profile::of(document).friends.unwrap_or_default();
    friends.retain(|friend| friend != id.as_str());
    friends.push(id.to_string());
    document.insert(FRIENDS.to_owned(), friends.into());
}

/// Takes a friend away.
pub(crate) fn remove_friend(document: &mut Map<String, Value>, id: &AccountId) {
    let mut friends = Profile::of(document).friends.unwrap_or_default();
    friends.retain(|friend| friend != id.as_str());
    document.insert(FRIENDS.to_owned(), friends.into());
}

/// What of it an update sets.
#[derive(Debug)]
pub(crate) struct Update(Vec<(&'static str, Value)>);

impl Update {
    /// Reads `PATCH /api/users/update`; what is missing or empty stays as it is.
    pub(crate) fn read(params: &Params) -> Result<Self, Refused> {
        let mut set = Vec::new();
        if let Some(bio) = params.optional("bio") {
            let seen = |letter: char| !letter.is_control() || matches!(letter, '\n' | '\r' | '\t');
            if bio.len() > MAX_BIO_BYTES || !bio.chars().all(seen) {
                return Err(Refused::Unusable("bio"));
            }
            set.push((BIO, bio.into()));
        }
        let favourites = [("favTrackId", FAV_TRACK), ("favAlbumId", FAV_ALBUM), ("favArtistId", FAV_ARTIST)];
        for (name, kept_as) in favourites {
            let Some(id) = params.optional(name) else { continue };
            if id.len() > MAX_FAVOURITE_BYTES || !web::clean(id) {
                return Err(Refused::Unusable(name));
            }
            set.push((kept_as, id.into()));
        }
        set.extend(params.flag("publicStats")?.map(|flag| (PUBLIC_STATS, flag.into())));
        Ok(Self(set))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn apply(&self, document: &mut Map<String, Value>) {
        document.extend(self.0.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    }
}

fn texts(list: &[Value]) -> Vec<String> {
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
