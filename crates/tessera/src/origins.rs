//! Which contracts answer where: by host name, then by path prefix, then everywhere else.

use std::collections::BTreeMap;

use accounts::Mount;
use axum::Router;
use axum::extract::Request;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use config::Settings;
use tower::ServiceExt;
use web::{Limits, Origin};

use crate::audit;
use crate::compose::{Problem, SPOKEN, Spoken};
use crate::openapi::Served;
use crate::pages;

/// The place of a mount: a host name, if it has one of its own, and a path prefix.
type Place = (Option<String>, String);

/// Who answers what comes in by a listener.
#[derive(Clone)]
pub(crate) enum Door {
    /// Every contract at one place, as it is unless the settings say otherwise.
    Origin(Origin),
    /// Whatever has to be told apart first.
    Router(Router),
}

impl Door {
    pub(crate) async fn answer(&self, request: Request) -> Response {
        match self {
            Self::Origin(origin) => origin.answer(request).await,
            Self::Router(router) => router.clone().oneshot(request).await.into_response(),
        }
    }
}

/// One door to every mount, and the origins behind it.
pub(crate) fn door(
    settings: &Settings,
    mounts: &[Mount],
    limits: &Limits,
) -> Result<(Door, Vec<Origin>), Problem> {
    let mut places: BTreeMap<Place, Vec<(&'static Spoken, &Mount)>> = BTreeMap::new();
    places.entry((None, String::new())).or_default();
    for mount in mounts {
        if let Some(spoken) = SPOKEN.iter().find(|spoken| spoken.name == mount.policy().name) {
            places.entry(place(settings, spoken)?).or_default().push((spoken, mount));
        }
    }
    // Our links in mails lead to the public URL, also if its host has mounts under prefixes only.
    let public =
        settings.public_url.split_once("://").and_then(|(_, rest)| rest.split('/').next()).map(bare_host);
    if places.keys().any(|(host, _)| *host == public) {
        places.entry((public, String::new())).or_default();
    }
    let mut described: BTreeMap<Option<String>, Served> = BTreeMap::new();
    for ((host, prefix), here) in &places {
        let here = here.iter().map(|(spoken, _)| (prefix.clone(), *spoken));
        described.entry(host.clone()).or_default().extend(here);
    }
    let only = places.len() == 1;
    let mut origins = Vec::new();
    let mut hosts: BTreeMap<Option<String>, Router> = BTreeMap::new();
    // Longer prefixes come later in the map; nesting looks for the longest by itself.
    for (number, ((host, prefix), here)) in (0..).zip(places) {
        let mut contracts: Vec<_> =
            here.iter().map(|(spoken, mount)| (spoken.contract)((*mount).clone())).collect();
        let (spoken, here): (Vec<&Spoken>, Vec<Mount>) =
            here.into_iter().map(|(spoken, mount)| (spoken, mount.clone())).unzip();
        let pages = if prefix.is_empty() {
            contracts.push(::pages::contract(mounts, &settings.public_url));
            contracts.push(audit::contract(mounts));
            let described = described.get(&host).cloned().unwrap_or_default();
            pages::routes(&spoken, &here, &described, settings)
        } else {
            pages::keys(&here, settings)
        };
        let composed = web::compose(contracts, numbered(limits, number), pages)?;
        origins.push(composed.clone());
        if only {
            return Ok((Door::Origin(composed), origins));
        }
        let at_host = hosts.remove(&host).unwrap_or_default();
        let joined = if prefix.is_empty() {
            at_host.fallback_service(composed)
        } else {
            at_host.nest_service(&prefix, composed)
        };
        hosts.insert(host, joined);
    }
    let anywhere = hosts.remove(&None).unwrap_or_default();
    if hosts.is_empty() {
        return Ok((Door::Router(anywhere), origins));
    }
    let by_host = Router::new().fallback(async move |request: Request| {
        let router = host_of(&request).and_then(|host| hosts.get(&Some(host)).cloned()).unwrap_or(anywhere);
        router.oneshot(request).await.into_response()
    });
    Ok((Door::Router(by_host), origins))
}

/// The limits with a seed of its own, so that no two places give out the same request ids.
fn numbered(limits: &Limits, number: u64) -> Limits {
    Limits { id_seed: limits.id_seed.wrapping_add(number), ..limits.clone() }
}

fn place(settings: &Settings, spoken: &Spoken) -> Result<Place, Problem> {
    let (name, mount) = (spoken.name, (spoken.settings)(&settings.mounts));
    let host = mount.host.as_ref().map(|host| host.to_lowercase());
    let prefix = mount.prefix.clone().unwrap_or_default();
    let sound = |segment: &str| {
        !segment.is_empty() && segment.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    if prefix.is_empty() || prefix.strip_prefix('/').is_some_and(|rest| rest.split('/').all(sound)) {
        Ok((host, prefix))
    } else {
        Err(format!(
            "mounts.{name}.prefix: expected a path such as \"/accounts\", without a slash at the end"
        )
        .into())
    }
}

/// The host that a request is for, without its port, in lower case.
fn host_of(request: &Request) -> Option<String> {
    let named = request.uri().host().or_else(|| request.headers().get(header::HOST)?.to_str().ok())?;
    Some(bare_host(named))
}

/// The same of an authority.
fn bare_host(authority: &str) -> String {
    let bare = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    bare.to_lowercase()
}
