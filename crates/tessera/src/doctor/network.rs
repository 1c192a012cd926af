//! Who can reach what, whom the server believes, and whether it answers.

use config::{OpsListen, Settings};

use super::{Finding, is_local};
use crate::health::{self, Unhealthy};

pub(super) fn checks(settings: &Settings) -> Vec<Finding> {
    vec![public_url(settings), proxies(settings), ops(settings)]
}

fn public_url(settings: &Settings) -> Finding {
    const CHECK: &str = "public_url";
    let url = &settings.public_url;
    let elsewhere = settings.tls.cert_file.is_some() || !settings.trusted_proxies.is_empty();
    if is_local(settings) {
        if elsewhere || !settings.listen.ip().is_loopback() {
            let seen = format!("{url}, so links in mails lead to the reader's own machine");
            return Finding::fault(CHECK, seen, "set public_url to what browsers call this server");
        }
        return Finding::ok(CHECK, format!("{url}: for this machine alone"));
    }
    if url.starts_with("https://") {
        return Finding::ok(CHECK, url.clone());
    }
    let seen = format!("{url}: passwords and links cross the network in the clear");
    Finding::fault(CHECK, seen, "let TLS end here ([tls]) or at a proxy, and begin public_url with https://")
}

fn proxies(settings: &Settings) -> Finding {
    const CHECK: &str = "trusted_proxies";
    let networks = &settings.trusted_proxies;
    if let Some(all) = networks.iter().find(|network| network.prefix_len() == 0) {
        let seen =
            format!("{all}: anybody can say which address they come from, so no limit on guessing counts");
        return Finding::fault(CHECK, seen, "name the addresses of your proxies");
    }
    let wide = |network: &&ipnet::IpNet| match network {
        ipnet::IpNet::V4(network) => network.prefix_len() < 8,
        ipnet::IpNet::V6(network) => network.prefix_len() < 16,
    };
    match networks.iter().find(wide) {
        Some(network) => {
            let seen = format!("{network}: that many machines can say which address a caller has");
            Finding::warning(CHECK, seen, "name the addresses of your proxies")
        }
        None if networks.is_empty() => Finding::ok(CHECK, "none"),
        None => {
            let named: Vec<_> = networks.iter().map(ToString::to_string).collect();
            Finding::ok(CHECK, named.join(", "))
        }
    }
}

fn ops(settings: &Settings) -> Finding {
    const CHECK: &str = "ops.listen";
    match settings.ops.listen {
        OpsListen::Off => Finding::ok(CHECK, "off"),
        OpsListen::At(address) if address.ip().is_loopback() => Finding::ok(CHECK, address.to_string()),
        OpsListen::At(address) => {
            let seen = format!("{address}: whoever reaches this port reads the metrics");
            let advice =
                "listen on 127.0.0.1 or on a network of your own; in a container, do not publish the port";
            Finding::warning(CHECK, seen, advice)
        }
    }
}

/// Whether a server answers. Without one, everything else was looked at all the same.
pub(super) async fn running(settings: &Settings) -> Vec<Finding> {
    const CHECK: &str = "server";
    let Some(address) = health::address(settings) else { return Vec::new() };
    vec![match health::ask(address).await {
        Ok(()) => Finding::ok(CHECK, format!("ready, says {address}")),
        Err(Unhealthy::Silent(why)) => Finding::ok(CHECK, format!("none runs here: {address}: {why}")),
        Err(refused) => Finding::fault(
            CHECK,
            refused.to_string(),
            "its log says why; nobody can sign in until it is ready",
        ),
    }]
}
