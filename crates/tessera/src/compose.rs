//! From settings to parts: the composition root.
//!
//! A contract is added by one line in [`SPOKEN`].

use std::fs::{DirBuilder, File};
use std::io::BufReader;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;

use accounts::{
    Accounts, KeyRules, Limits, Mount, MountPolicy, Parts, PasswordRules, RefusedPasswords, Registration,
    Rules, SessionRules, SigningKey,
};
use config::{Limit, MinPassword, MountSettings, Mounts, PasswordSettings, Period, Secret, Settings};
use crypto::{Argon2Cost, HashPool, HashPoolSettings, Randomness, SystemRandomness};
use db::{Database, DatabaseUrl, Fault, ServerOptions};
use model::{Clock, Realm, SystemClock, Throttle};

use crate::traces::{BadEndpoint, Endpoint};
use crate::{links, logging, master, tls};

/// Anything that keeps a Tessera from starting; its text is for the operator.
pub(crate) type Problem = Box<dyn std::error::Error + Send + Sync>;

/// An installation, put together.
pub(crate) struct Installation {
    pub(crate) settings: Settings,
    pub(crate) accounts: Accounts,
    pub(crate) db: Database,
    pub(crate) pool: HashPool,
    /// What was made because it was not there.
    pub(crate) made: Vec<String>,
}

/// Whether an installation is made if there is none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opening {
    /// The server makes what is not there.
    OrMake,
    /// A command does not: a mistyped folder must not get an administrator of its own.
    Existing,
}

/// Opens the installation that the settings describe.
pub(crate) async fn open(settings: Settings, opening: Opening) -> Result<Installation, Problem> {
    let mounts = policies(&settings)?;
    Accounts::check_keys(&mounts)?;
    let url = database_url(&settings)?;
    let options = database_options(&settings)?;
    let named = |fault: Fault| format!("database {url}: {fault}");
    let exists =
        async || Ok::<_, Fault>(master::exists(&settings) && Database::exists(&url, &options).await?);
    if opening == Opening::Existing && !exists().await.map_err(named)? {
        let folder = std::path::absolute(&settings.data).unwrap_or_else(|_| settings.data.clone());
        let place = match &settings.database {
            Some(_) => format!("{} with {url}", folder.display()),
            None => folder.display().to_string(),
        };
        return Err(format!(
            "there is no Tessera in {place}: start the server there once, or say --data, --database or --config as \
             it is started"
        )
        .into());
    }
    let Rules { limits, sessions, passwords } = rules(&settings)?;
    let mut made = Vec::new();
    if folder(&settings.data)? {
        made.push(format!("data folder {}", settings.data.display()));
    }
    let randomness: Arc<dyn Randomness> = Arc::new(SystemRandomness);
    let (master, new_master) = master::obtain(&settings, &*randomness)?;
    if new_master {
        made.push(format!("master secret {}", settings.data.join("master.secret").display()));
    }
    let clock = SystemClock;
    let db = Database::open(&url, options).await.map_err(named)?;
    let migrated = db.migrate(store::migrations::ALL, clock.now().0).await?;
    if migrated.applied.first() == Some(&1) {
        made.push(format!("database {url}"));
    }
    let just_made = migrated.applied.first() == Some(&1);
    let root = Accounts::root(&db, &master, &*randomness, clock.now(), just_made).await?;
    let pool = HashPool::start(hash_pool(&settings), Arc::clone(&randomness))?;
    let accounts = Accounts::open(Parts {
        db: db.clone(),
        clock: Arc::new(clock),
        randomness,
        pool: pool.clone(),
        root,
        limits,
        sessions,
        keys: key_rules(&settings)?,
        passwords,
        mounts,
    })
    .await?;
    Ok(Installation { settings, accounts, db, pool, made })
}

/// Whether an installation can be opened with these settings, as far as they tell.
pub(crate) fn check(settings: &Settings) -> Result<(), Problem> {
    Accounts::check_keys(&policies(settings)?)?;
    database_url(settings)?;
    rules(settings)?;
    key_rules(settings)?;
    logging::filter(&settings.log)?;
    collector(settings)?;
    if let Some(files) = settings.tls.files()? {
        tls::load(files)?;
    }
    Ok(())
}

/// Where traces go, if there are any.
pub(crate) fn collector(settings: &Settings) -> Result<Option<Endpoint>, BadEndpoint> {
    settings.traces.endpoint.as_deref().map(str::parse).transpose()
}

/// A contract that can be mounted.
pub(crate) struct Spoken {
    pub(crate) name: &'static str,
    /// Its product's name, and what the product is.
    pub(crate) title: &'static str,
    pub(crate) about: &'static str,
    /// A line to try in a shell; `URL` stands for the server's.
    pub(crate) curl: &'static str,
    /// Its documentation in Markdown.
    pub(crate) reference: &'static str,
    /// Its OpenAPI document, and the examples that belong into it.
    pub(crate) openapi: fn() -> utoipa::openapi::OpenApi,
    pub(crate) examples: &'static str,
    policy: fn(&str) -> MountPolicy,
    pub(crate) contract: fn(Mount) -> web::Contract,
    pub(crate) settings: fn(&Mounts) -> &MountSettings,
}

macro_rules! spoken {
    ($contract:ident, $title:literal, $about:literal, $curl:literal) => {
        Spoken {
            name: $contract::NAME,
            title: $title,
            about: $about,
            curl: $curl,
            reference: $contract::REFERENCE,
            openapi: $contract::openapi,
            examples: $contract::EXAMPLES,
            policy: $contract::policy,
            contract: $contract::contract,
            settings: |mounts| &mounts.$contract,
        }
    };
}

/// Every contract, in the order in which paths are claimed where two share one.
pub(crate) const SPOKEN: [Spoken; 4] = [
    spoken!(
        wolfpal,
        "WolfPal",
        "goal tracker",
        "curl URL/auth/register -d username=grace -d email=grace@example.com -d 'password=correct horse'"
    ),
    spoken!(
        argon,
        "Argon",
        "game-server panel",
        "curl URL/api/auth/register -H 'Content-Type: application/json' \\\n  -d '{\"username\":\"ada\",\"password\":\"correct horse\"}'"
    ),
    spoken!(
        melon,
        "Melon",
        "media server",
        "curl -G URL/auth/login -d username=ada --data-urlencode 'password=correct horse'"
    ),
    spoken!(
        goscrobble,
        "GoScrobble",
        "listening history",
        "curl URL/api/v1/login -d '{\"username\":\"ada\",\"password\":\"correct horse\"}'"
    ),
];

/// The policy of every mount that is switched on: the contract's own, with the settings laid over it.
pub(crate) fn policies(settings: &Settings) -> Result<Vec<MountPolicy>, Problem> {
    let url = settings.public_url.trim_end_matches('/');
    let enabled = SPOKEN.iter().filter(|spoken| (spoken.settings)(&settings.mounts).enabled);
    enabled
        .map(|spoken| lay_over((spoken.policy)(url), (spoken.settings)(&settings.mounts), settings))
        .collect()
}

fn lay_over(
    mut policy: MountPolicy,
    mount: &MountSettings,
    settings: &Settings,
) -> Result<MountPolicy, Problem> {
    links::lay_over(&mut policy, &mount.links, &settings.public_url)?;
    let place = |what: &str| format!("mounts.{}.{what}", policy.name);
    let key = Secret::direct_or_file(mount.key.as_ref(), mount.key_file.as_deref())?;
    if let Some(algorithm) = &mount.algorithm {
        policy.algorithm = algorithm.parse().map_err(|error| format!("{}: {error}", place("algorithm")))?;
    }
    policy.realm = Realm::new(&mount.realm);
    policy.site = mount.site.clone().unwrap_or(policy.site);
    let previous = previous_keys(mount)?;
    policy.key = match key {
        Some(key) => SigningKey::Given { key: key.secret_string(), previous },
        None if previous.is_empty() => SigningKey::Own,
        None => {
            return Err(
                format!("{}: these go before a given key, so say key too", place("previous_keys")).into()
            );
        }
    };
    policy.access = mount.access.map_or(policy.access, |time| time.duration().into());
    if policy.refresh.is_some() {
        policy.refresh = mount.refresh.map(|time| time.duration().into()).or(policy.refresh);
    }
    policy.registration = registration(mount.registration.unwrap_or(settings.registration));
    policy.require_confirmed_email = mount.require_confirmed_email.unwrap_or(policy.require_confirmed_email);
    policy.min_password = mount.min_password.map_or(policy.min_password, MinPassword::characters);
    policy.email_as_password = mount.email_as_password.unwrap_or(policy.email_as_password);
    Ok(policy)
}

/// Those given directly, then those in files.
fn previous_keys(mount: &MountSettings) -> Result<Vec<secrecy::SecretString>, Problem> {
    let mut keys: Vec<_> = mount.previous_keys.iter().map(Secret::secret_string).collect();
    for file in &mount.previous_key_files {
        keys.extend(Secret::direct_or_file(None, Some(file))?.map(|key| key.secret_string()));
    }
    Ok(keys)
}

fn key_rules(settings: &Settings) -> Result<KeyRules, Problem> {
    // A server that did not hear of a new key must have stopped checking tokens before one is made with it.
    if settings.keys.lead.duration() <= settings.sessions.trust_memory_for.duration() {
        return Err("keys.lead must be longer than sessions.trust_memory_for".into());
    }
    Ok(KeyRules {
        rotate_every: match settings.keys.rotate_every {
            Period::Off => None,
            Period::Every(time) => Some(time.duration().into()),
        },
        lead: settings.keys.lead.duration().into(),
    })
}

/// What new passwords have to be; the operator's list is read here.
fn passwords(settings: &PasswordSettings) -> Result<PasswordRules, Problem> {
    let refused = match &settings.refused_file {
        Some(path) => File::open(path)
            .and_then(|file| RefusedPasswords::read(BufReader::new(file)))
            .map_err(|cause| format!("passwords.refused_file: cannot read {}: {cause}", path.display()))?,
        None => RefusedPasswords::default(),
    };
    Ok(PasswordRules {
        min_length: settings.min_length.characters(),
        refuse_common: settings.refuse_common,
        refused,
    })
}

fn registration(setting: config::Registration) -> Registration {
    match setting {
        config::Registration::Open => Registration::Open,
        config::Registration::Invite => Registration::Invite,
        config::Registration::Closed => Registration::Closed,
    }
}

/// The database of the settings, by default a file in the data folder.
pub(crate) fn database_url(settings: &Settings) -> Result<DatabaseUrl, Problem> {
    match &settings.database {
        Some(url) => DatabaseUrl::parse(url.expose()).map_err(|error| format!("database: {error}").into()),
        None => Ok(DatabaseUrl::sqlite_file(&settings.data.join("tessera.db"))),
    }
}

/// How a database is opened.
pub(crate) fn database_options(settings: &Settings) -> Result<db::Options, Problem> {
    let server = &settings.database_server;
    let password = Secret::direct_or_file(server.password.as_ref(), server.password_file.as_deref())?;
    let server = ServerOptions {
        connections: server.connections,
        patience: server.patience.duration(),
        password: password.map(|password| password.secret_string()),
        ca_file: server.ca_file.clone(),
    };
    Ok(db::Options { server, ..db::Options::default() })
}

fn hash_pool(settings: &Settings) -> HashPoolSettings {
    let passwords = &settings.passwords;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    HashPoolSettings {
        threads: if passwords.threads == 0 { cores } else { passwords.threads },
        cost: Argon2Cost {
            memory_kib: passwords.memory_kib,
            passes: passwords.passes,
            lanes: passwords.lanes,
        },
        max_wait: passwords.max_wait.duration(),
    }
}

/// What may be changed while the server runs.
pub(crate) fn rules(settings: &Settings) -> Result<Rules, Problem> {
    Ok(Rules {
        limits: limits(settings),
        sessions: SessionRules {
            refresh_grace: settings.sessions.refresh_grace.duration().into(),
            longest: settings.sessions.longest.duration().into(),
            trust_memory_for: settings.sessions.trust_memory_for.duration().into(),
        },
        passwords: passwords(&settings.passwords)?,
    })
}

fn limits(settings: &Settings) -> Limits {
    let throttle = |limit: Limit| match limit {
        Limit::Off => None,
        Limit::Rate { burst, every } => Some(Throttle { burst, every: every.duration().into() }),
    };
    let set = &settings.throttle;
    Limits {
        per_account: throttle(set.per_account),
        per_known_place: throttle(set.per_known_place),
        per_address: throttle(set.per_address),
        second_factor: throttle(set.second_factor),
        registration: throttle(set.registration),
        invite_per_address: throttle(set.invite_per_address),
        invite_in_all: throttle(set.invite_in_all),
        mail: throttle(set.mail),
        mail_per_address: throttle(set.mail_per_address),
        refresh: throttle(set.refresh),
    }
}

/// Makes a folder that only its owner can look into; whether it was not there.
pub(crate) fn folder(path: &Path) -> Result<bool, Problem> {
    if path.is_dir() {
        return Ok(false);
    }
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|cause| format!("cannot make the data folder {}: {cause}", path.display()))?;
    Ok(true)
}
