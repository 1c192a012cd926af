//! Who did something, where it was not whoever an account belongs to.

use crate::id::AccountId;

/// Who did something besides the owner of the account that it was done to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// This administrator, through a contract.
    Administrator(AccountId),
    /// Whoever may run commands on the server's machine.
    CommandLine,
    /// The server by itself.
    Server,
}

const ADMINISTRATOR: &str = "administrator";
const COMMAND_LINE: &str = "command_line";
const SERVER: &str = "server";

impl Actor {
    /// What kind of actor it is: `administrator`, `command_line` or `server`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Administrator(_) => ADMINISTRATOR,
            Self::CommandLine => COMMAND_LINE,
            Self::Server => SERVER,
        }
    }

    /// The administrator's account, if it is one.
    #[must_use]
    pub fn administrator(&self) -> Option<&AccountId> {
        match self {
            Self::Administrator(account) => Some(account),
            Self::CommandLine | Self::Server => None,
        }
    }

    /// The text under which it is stored: its kind, and for an administrator the account behind a space.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Self::Administrator(account) => format!("{ADMINISTRATOR} {account}"),
            Self::CommandLine | Self::Server => self.kind().to_owned(),
        }
    }

    /// Reads what [`Self::to_text`] wrote; any other text is `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(' ') {
            Some((ADMINISTRATOR, account)) => Some(Self::Administrator(AccountId::from_text(account))),
            None if text == COMMAND_LINE => Some(Self::CommandLine),
            None if text == SERVER => Some(Self::Server),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobodys_id_is_taken_for_the_command_line() {
        for id in ["01890a5d-ac96-774b-bcce-b302099a8057", "server", "command_line", "administrator x", ""] {
            let actor = Actor::Administrator(AccountId::from_text(id));
            assert_eq!(Actor::parse(&actor.to_text()), Some(actor));
        }
        for actor in [Actor::CommandLine, Actor::Server] {
            assert_eq!(Actor::parse(&actor.to_text()), Some(actor.clone()));
            assert_eq!(actor.administrator(), None);
        }
        assert_eq!(Actor::parse("somebody of a newer version"), None);
    }
}
