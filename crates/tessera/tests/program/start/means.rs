//! Whom the command line means, and the way back from a lost second factor.

use harness::actors::{Argon, WolfPal};
use harness::server::Server;

use crate::stand::{PASSWORD, account, address_of, server, unique};

#[test]
fn nobody_is_taken_for_somebody_else_by_a_name_that_looks_like_an_address() {
    let server = server();
    let boss = account(&server, "boss");
    let address = address_of(&boss);
    Argon::at(server.address()).register(&address, PASSWORD);
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let refused = server.cli(&["account", "permit", &address, "admin"], "");
    assert!(!refused.status.success());
    assert!(said(&refused.stderr).contains("several accounts are meant"), "{}", said(&refused.stderr));
    let permitted = server.cli(&["account", "permit", &format!("email:{address}"), "admin", "--json"], "");
    assert!(
        said(&permitted.stdout).contains(&format!("\"username\":\"{boss}\"")),
        "{}",
        said(&permitted.stdout)
    );
    let other = server.cli(&["account", "show", &format!("username:{address}"), "--json"], "");
    assert!(said(&other.stdout).contains("\"permissions\":[\"user\"]"), "{}", said(&other.stdout));
}

#[test]
fn an_administrator_takes_a_lost_second_factor_off() {
    let server = server();
    let name = account(&server, &unique("lost"));
    let address = address_of(&name);
    let mut wolfpal = WolfPal::at(server.address());
    let tokens = wolfpal.sign_in(&address, PASSWORD);
    wolfpal.enrol_totp(&tokens.access, server.totp_now());
    let asked = wolfpal.try_sign_in(&address, PASSWORD);
    assert_eq!(asked.field("code"), "TWO_FACTOR_REQUIRED");
    assert!(server.cli(&["account", "remove-two-factor", &name], "").status.success());
    let again = server.cli(&["account", "remove-two-factor", &name], "");
    assert!(!again.status.success(), "there is none any more");
    wolfpal.sign_in(&address, PASSWORD);
}
