//! The command line.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use model::EventKind;

use crate::since::Since;

/// Said below every command's help.
const EXIT_CODES: &str = "\
Without a command the server is run. Every other command works beside it, on the same --data, --database or --config.

Exit codes: 0 done; 1 refused or failed, and standard error says why; 2 the command line was wrong, and nothing was
done. A command that a signal ended has none of its own: shells show 128 and the number of the signal.";

/// A self-hosted authentication server that speaks its clients' own contracts.
#[derive(Debug, Parser)]
#[command(name = "tessera", version = crate::VERSION, propagate_version = true, after_help = EXIT_CODES)]
pub(crate) struct Line {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) place: Place,
    /// Where the server listens, for example 127.0.0.1:3000; port 0 takes any free one
    #[arg(long, value_name = "ADDR", global = true)]
    pub(crate) listen: Option<String>,
    /// Print JSON: one value, or with --follow one a line
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// Which installation is meant.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Place {
    /// The settings file [default: tessera.toml, if there is one]
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
    /// The folder for database, master secret and mail
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) data: Option<String>,
    /// The database
    #[arg(long, value_name = "URL", global = true)]
    pub(crate) database: Option<String>,
    /// The realm whose accounts are meant
    #[arg(long, value_name = "NAME", global = true, default_value = "default")]
    pub(crate) realm: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server (what `tessera` alone does)
    Serve,
    /// Accounts
    #[command(subcommand)]
    Account(Account),
    /// Sessions
    #[command(subcommand)]
    Session(Session),
    /// Invite codes
    #[command(subcommand)]
    Invite(Invite),
    /// The event list
    #[command(subcommand)]
    Event(Event),
    /// Mail that is owed or was sent
    #[command(subcommand)]
    Mail(Mail),
    /// Signing keys and the master secret
    #[command(subcommand)]
    Key(Key),
    /// Move the installation to another database; stop its servers first. What was broken off goes on where it was
    Migrate {
        /// The database it is in
        #[arg(long, value_name = "URL")]
        from: String,
        /// An empty database, or one where this was begun before
        #[arg(long, value_name = "URL")]
        to: String,
        /// Only read and count what would be moved
        #[arg(long)]
        dry_run: bool,
    },
    /// Copy the database to a file, beside a running server; the master secret is kept elsewhere
    Backup {
        /// The file, whole and checked once it is there; - writes to standard output
        file: PathBuf,
        /// Replace a backup that is there
        #[arg(long)]
        force: bool,
    },
    /// Put a backup in the place of the database, and end what may have been ended since it was taken: sessions,
    /// mailed links, invites, owed mail, signing keys. Stop the server first
    Restore {
        /// The backup; - reads standard input
        #[arg(required_unless_present = "in_place")]
        file: Option<PathBuf>,
        /// The database was put back by other means: only end what may have been ended since
        #[arg(long, conflicts_with = "file")]
        in_place: bool,
        /// For a planned move, where nothing has happened since the backup: end nothing
        #[arg(long, conflicts_with = "in_place")]
        keep_sessions: bool,
    },
    /// Look for what is wrong: settings, secrets, file modes, disk, database, keys, clock, mail, certificate. Changes
    /// nothing; ends with 1 if there is a fault, and with 0 if there are warnings at most
    Doctor,
    /// Ask the server on this machine, over ops.listen, whether it is ready; ends with 1 if not. For containers
    Health,
    /// Print the completions for a shell
    Completions { shell: clap_complete::Shell },
    /// Write the manual pages into a folder
    Man { folder: PathBuf },
    /// Settings
    #[command(subcommand)]
    Config(Config),
    /// Print the OpenAPI document
    Openapi {
        /// Of one contract, or `operations`, instead of everything
        #[arg(long, value_name = "NAME")]
        contract: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Account {
    /// Make an account; its password is read from standard input or a prompt
    Create {
        #[arg(long)]
        username: String,
        #[arg(long)]
        email: Option<String>,
        /// The address counts as confirmed
        #[arg(long, requires = "email")]
        confirmed: bool,
        /// What it may do, once for each [default: user]
        #[arg(long = "permission", value_name = "PERMISSION")]
        permissions: Vec<String>,
    },
    /// Make accounts from a file with a JSON object a line: username, and if they are known email,
    /// email_confirmed, password (a hash: argon2id, bcrypt or pbkdf2-sha512), permissions, disabled,
    /// created_at (RFC 3339) and id
    #[command(verbatim_doc_comment)]
    Import {
        /// The file; - reads standard input
        file: PathBuf,
        /// What to do when a name, an address or an id is somebody else's: `fail` stops before anything of
        /// the thousand around it is made, `skip` makes the others
        #[arg(long, value_name = "WHAT", default_value = "fail")]
        on_conflict: OnConflict,
        /// Say what would be done, and do nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// List accounts, oldest first
    List {
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Show one account
    Show { name: String },
    /// Set a password, read from standard input or a prompt, and end every session
    SetPassword { name: String },
    /// Take the second factor off, for an owner who lost it, and end every session
    RemoveTwoFactor { name: String },
    /// Let it sign in nowhere and end its sessions
    Disable { name: String },
    /// Let it sign in again
    Enable { name: String },
    /// Delete it with everything of it but its events
    Delete { name: String },
    /// Give it a permission
    Permit { name: String, permission: String },
    /// Take a permission from it
    Forbid { name: String, permission: String },
}

/// What an import does about a name that is taken.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum OnConflict {
    Fail,
    Skip,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Session {
    /// List an account's sessions, newest first, ended ones too
    List { name: String },
    /// End one session
    End { id: String },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Invite {
    /// Make an invite code
    Create,
    /// List the codes that wait to be used (not the codes themselves: nobody can read them back)
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Event {
    /// List events of a realm, newest first: who signed in, what was refused, what changed, who did it and from where
    List {
        /// Only those of this account; of one that was deleted say id: and its id
        #[arg(long, value_name = "NAME")]
        account: Option<String>,
        /// Only those of these kinds, with commas between them
        #[arg(long = "kind", value_name = "KIND", value_delimiter = ',', value_parser = kinds())]
        kinds: Vec<EventKind>,
        /// Only those from then on: a time such as 2026-01-31T12:00:00Z, or how long ago, such as 30m, 24h or 7d
        #[arg(long, value_name = "TIME|DURATION")]
        since: Option<Since>,
        /// The most that are listed
        #[arg(long, default_value_t = 100)]
        limit: u32,
        /// Then go on with what happens, until interrupted: oldest first, with --json one object a line
        #[arg(long)]
        follow: bool,
    },
}

/// The names of all kinds of events, so that a misspelt one is answered with the right one.
fn kinds() -> impl TypedValueParser<Value = EventKind> {
    let names = EventKind::ALL.iter().map(|kind| kind.as_str());
    PossibleValuesParser::new(names).try_map(|name| EventKind::parse(&name).ok_or("no kind of event"))
}

#[derive(Debug, Subcommand)]
pub(crate) enum Mail {
    /// List mails, newest first
    List {
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Show one mail: how it fared and its subject, but not what it says
    Show { id: String },
    /// Try a mail again that was given up or waits
    Retry { id: String },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Key {
    /// List every signing key: where it stands in its life, and with --json its public half
    List,
    /// Let the next key follow: it is published at once, signs after keys.lead, and the one before is believed as
    /// long as its tokens last
    Rotate {
        /// For this mount
        #[arg(long, value_name = "NAME", required_unless_present = "all", conflicts_with = "all")]
        mount: Option<String>,
        /// For every mount whose key Tessera made itself
        #[arg(long)]
        all: bool,
        /// Let it sign at once; servers that have not heard of it yet refuse its tokens for a moment
        #[arg(long)]
        now: bool,
    },
    /// Believe no token of a key any more, because it leaked: whoever has no refresh token of another key signs in
    /// again
    Retire { id: String },
    /// Let another master secret open the installation from now on, and the present one no more
    Reseal {
        /// A file with the new one; made if it is not there
        #[arg(long, value_name = "FILE")]
        new_master_file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Show the settings in force, secrets left out
    Show,
    /// Check the settings
    Check,
    /// Show every setting with its default
    Reference,
}
