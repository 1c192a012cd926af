//! Finding accounts by a part of their name.

use model::{Account, AccountId, MAX_NAME_BYTES, name_key};
use serde_json::{Map, Value};

use crate::members::LISTED;
use crate::mount::Mount;
use crate::refusal::Failure;

impl Mount {
    /// The accounts of the realm whose username has `part` in it, oldest first, each with what this mount's
    /// product keeps with it. With `about` only that account and those in whose documents its id stands in a list;
    /// whom of them the caller may see is the contract's to say. There are at most 10,000; of more it is not said
    /// which.
    ///
    /// # Errors
    /// [`Failure::Fault`] if the database does not answer.
    pub async fn search(
        &self,
        part: &str,
        about: Option<&AccountId>,
    ) -> Result<Vec<(Account, Map<String, Value>)>, Failure> {
        // No name has such a part, and not every database can be asked for it.
        if part.chars().any(char::is_control) || name_key(part).len() > 4 * MAX_NAME_BYTES {
            return Ok(Vec::new());
        }
        let (db, realm) = (&self.core.db, self.realm());
        let found = match about {
            Some(id) => store::search::by_mention(db, realm, part, id, LISTED).await?,
            None => store::search::by_name(db, realm, part, LISTED).await?,
        };
        let product = &self.policy().name;
        Ok(found.into_iter().map(|(account, profile)| (account, profile.section(product))).collect())
    }
}
