//! The kinds of callers.

use harness::actors::{Argon, GoScrobble, Melon, WolfPal};
use harness::http::{Answer, Request};
use harness::process::TesseraProcess;
use harness::server::Server;
use serde_json::json;

use crate::bad_input::tokens::expired;
use crate::stand::{PASSWORD, address_of, eventually, run, told, unique};

pub(super) const CONTRACTS: [&str; 4] = ["argon", "wolfpal", "melon", "goscrobble"];

/// What a caller is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    Nobody,
    /// Has an address that is not confirmed.
    Unconfirmed,
    /// Knows the password of an account with a second factor, and shows the ticket for the second step.
    Pending,
    /// Whoever owns what the endpoint is about, if it is somebody's.
    User,
    OtherUser,
    Administrator,
    /// An account that was disabled after it signed in.
    Disabled,
    /// A token that is over.
    Expired,
    /// An administrator's API key that may do what users may.
    LesserKey,
    /// One that may do what administrators may.
    Key,
}

/// In the order of the columns of the table.
pub(super) const CALLERS: [Caller; 10] = [
    Caller::Nobody,
    Caller::Unconfirmed,
    Caller::Pending,
    Caller::User,
    Caller::OtherUser,
    Caller::Administrator,
    Caller::Disabled,
    Caller::Expired,
    Caller::LesserKey,
    Caller::Key,
];

/// One caller.
pub(super) struct Actor {
    pub(super) caller: Caller,
    /// Empty for nobody.
    pub(super) name: String,
    pub(super) id: String,
    tokens: Vec<(&'static str, String)>,
}

impl Actor {
    /// Makes one with the tokens of these contracts.
    pub(super) fn new(server: &TesseraProcess, caller: Caller, contracts: &[&'static str]) -> Actor {
        let name = unique("actor");
        let email = address_of(&name);
        match caller {
            Caller::Nobody => {
                return Actor { caller, name: String::new(), id: String::new(), tokens: vec![] };
            }
            Caller::Unconfirmed => {
                WolfPal::at(server.address()).register(&name, &email, PASSWORD).expect_status(201);
            }
            _ => {
                let mut args =
                    vec!["account", "create", "--username", &name, "--email", &email, "--confirmed"];
                if matches!(caller, Caller::Administrator | Caller::LesserKey | Caller::Key) {
                    args.extend(["--permission", "admin"]);
                }
                run(server, &args, &format!("{PASSWORD}\n"));
            }
        }
        let tokens = tokens(server, caller, &name, contracts);
        if caller == Caller::Disabled {
            disable(server, &name);
        }
        let id = told(server, &["account", "show", &name], "")["id"].as_str().unwrap().to_owned();
        Actor { caller, name, id, tokens }
    }

    #[track_caller]
    pub(super) fn token(&self, contract: &str) -> &str {
        let token = self.tokens.iter().find(|(of, _)| *of == contract);
        token.map(|(_, token)| token.as_str()).unwrap_or_else(|| panic!("{:?} of {contract}", self.caller))
    }

    /// The request as this caller sends it.
    pub(super) fn sign(&self, request: Request, contract: &str) -> Request {
        // The pages ask for no token; a good one must not disturb them. What is Tessera's own takes any.
        let contract = if matches!(contract, "pages" | "tessera") { "argon" } else { contract };
        match self.tokens.iter().find(|(of, _)| *of == contract) {
            None => request,
            Some((_, token)) if matches!(self.caller, Caller::LesserKey | Caller::Key) => {
                request.header("X-API-Key", token)
            }
            Some((_, token)) => request.bearer(token),
        }
    }

    /// The id of its session with WolfPal.
    pub(super) fn session(&self, server: &TesseraProcess) -> String {
        let request = Request::new("GET", "/api/sessions").bearer(self.token("wolfpal"));
        let list = server.client().send(&request).unwrap().expect_status(200).json();
        let hash = crate::journeys::sha512(self.token("wolfpal"));
        let own = list["sessions"].as_array().unwrap().iter().find(|one| one["accessTokenHash"] == hash);
        own.unwrap()["_id"].as_str().unwrap().to_owned()
    }
}

fn tokens(
    server: &TesseraProcess,
    caller: Caller,
    name: &str,
    contracts: &[&'static str],
) -> Vec<(&'static str, String)> {
    let everywhere = |token: String| contracts.iter().map(|contract| (*contract, token.clone())).collect();
    match caller {
        Caller::Pending => everywhere(ticket(server, name)),
        Caller::LesserKey | Caller::Key => {
            let token = sign_in(server, "argon", name);
            let permission = if caller == Caller::Key { "admin" } else { "user" };
            everywhere(api_key(server, &token, permission).field("key"))
        }
        _ => {
            let of = |contract| match (caller, contract) {
                // The only one that waits for the confirmation, so the token is another's.
                (Caller::Unconfirmed, "wolfpal") => sign_in(server, "argon", name),
                (Caller::Expired, _) => expired(contract, &sign_in(server, contract, name)),
                _ => sign_in(server, contract, name),
            };
            contracts.iter().map(|contract| (*contract, of(contract))).collect()
        }
    }
}

fn sign_in(server: &TesseraProcess, contract: &str, name: &str) -> String {
    let at = server.address();
    match contract {
        "argon" => Argon::at(at).sign_in(name, PASSWORD),
        "wolfpal" => WolfPal::at(at).sign_in(&address_of(name), PASSWORD).access,
        "melon" => Melon::at(at).sign_in(name, PASSWORD),
        _ => GoScrobble::at(at).sign_in(name, PASSWORD).access,
    }
}

/// The ticket of a sign-in that waits for its second step.
fn ticket(server: &TesseraProcess, name: &str) -> String {
    let mut wolfpal = WolfPal::at(server.address());
    let tokens = wolfpal.sign_in(&address_of(name), PASSWORD);
    wolfpal.enrol_totp(&tokens.access, server.totp_now());
    wolfpal.try_sign_in(&address_of(name), PASSWORD).expect_status(200).field("token")
}

/// Disables an account and waits until the server knows.
fn disable(server: &TesseraProcess, name: &str) {
    let token = sign_in(server, "argon", name);
    run(server, &["account", "disable", name], "");
    eventually("the account is disabled", || Argon::at(server.address()).state(&token).status == 401);
}

/// Makes an API key with one permission.
pub(super) fn api_key(server: &TesseraProcess, token: &str, permission: &str) -> Answer {
    let fields = json!({ "name": "a key", "permissions": [permission] });
    let request = Request::new("POST", "/api/api-keys").bearer(token).json(&fields);
    server.client().send(&request).unwrap().expect_status(201)
}
