//! Several contracts made into one service on one origin.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::Request,
    response::{IntoResponse, Response},
    routing::any,
};
use http::{Method, StatusCode};
use tower::ServiceExt;

use crate::{
    answer,
    contract::Contract,
    endpoint::Serve,
    lost::{Lost, LostService},
    origin::{Inner, Origin},
    paths::{Case, Pattern, is_under},
    proxies::TrustedProxies,
    request_id::RequestIds,
    route::{Bounds, Candidate, Route},
    territory::{Missed, plain},
    traffic::Traffic,
    zone::{Place, Table, Zone},
};

mod groups;

use groups::{Group, Member, groups};

/// The most that `Limits::body` may be: what [`crate::RawBody`] reads under any circumstances.
const LARGEST_BODY: usize = 2_097_152;

/// What bounds every request, and what the edge has to know about its surroundings.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of a request's body; 102,400 unless set, at most 2,097,152.
    pub body: usize,
    /// Time until the head of an answer; 30 s unless set.
    pub timeout: Duration,
    /// The proxies that may say who the client is; none unless set.
    pub proxies: TrustedProxies,
    /// Random at each start, so that request ids of two runs differ; 0 unless set.
    pub id_seed: u64,
    /// Whether browsers reach this origin by https, and are told never to come by http; false unless set.
    pub https: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 102_400,
            timeout: Duration::from_secs(30),
            proxies: TrustedProxies::default(),
            id_seed: 0,
            https: false,
        }
    }
}

/// Why contracts cannot be served together: always a mistake in their descriptions.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// A path is not a pattern this service can match.
    #[error("{contract}: {path}: {problem}")]
    BadPath {
        /// The contract's name.
        contract: &'static str,
        /// The path or prefix as given.
        path: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Two endpoints take the same requests, and nothing tells them apart.
    #[error("{method} {path}: {first} and {second} both take what nobody claims")]
    Ambiguous {
        /// The shared method.
        method: Method,
        /// The path as the second has it.
        path: &'static str,
        /// The contract mounted first.
        first: &'static str,
        /// The contract mounted second; the same if it lists the endpoint twice.
        second: &'static str,
    },
    /// A body limit beyond what is ever read.
    #[error("a body limit of {0} bytes is more than 2,097,152")]
    BodyLimit(usize),
}

/// One service over all contracts, mounted in this order, and `extra`: plain routes (`/`, a key set)
/// matched exactly, and only where no contract has the path; a fallback of its own is not used.
///
/// * Fixed segments match in any case and one slash at the end is ignored, except that under an
///   exclusive prefix case counts. Nothing is ever redirected. Parameters arrive as sent.
/// * Of several contracts on one method and path, the first that claims the request answers it, else
///   the one without claims, else the last. A contract alone there is not asked for its claim.
/// * A fixed segment beats a parameter among the endpoints of one method.
/// * Nobody's path is a 404, a known path with another method a 405 with `Allow`, in the words of the
///   longest territory. OPTIONS on a known path outside exclusive prefixes is a 204 with `Allow`.
/// * Bodies, time and panics are bounded; every answer has `x-request-id`, `nosniff`, `no-referrer`,
///   under https `strict-transport-security`, and, unless the handler says otherwise, `no-store`.
pub fn compose(contracts: Vec<Contract>, limits: Limits, extra: Router) -> Result<Origin, ComposeError> {
    if limits.body > LARGEST_BODY {
        return Err(ComposeError::BodyLimit(limits.body));
    }
    check_prefixes(&contracts)?;
    let bounds = Bounds { body: limits.body, timeout: limits.timeout };
    let (alone, together): (Vec<_>, Vec<_>) =
        contracts.into_iter().partition(|contract| contract.exclusive.is_some());
    let mut traffic = Traffic::new();
    let shared = zone(together, Case::Folded, bounds, Some(extra_route(extra, bounds)), &mut traffic)?;
    let mut exclusive = Vec::new();
    for contract in alone {
        let Some(own) = contract.exclusive else { continue };
        let zone = Arc::new(zone(vec![contract], Case::Exact, bounds, None, &mut traffic)?);
        let serve = move |request: Request| {
            let zone = Arc::clone(&zone);
            async move { zone.answer(request).await }
        };
        exclusive.push((own.prefix, (own.layer)(Router::new().fallback(serve))));
    }
    exclusive.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
    let ids = RequestIds::new(limits.id_seed);
    let inner = Inner { ids, proxies: limits.proxies, https: limits.https, exclusive, shared, traffic };
    Ok(Origin(Arc::new(inner)))
}

/// Every path under an exclusive prefix is its owner's, and every path of the owner is under it.
fn check_prefixes(contracts: &[Contract]) -> Result<(), ComposeError> {
    for owner in contracts {
        let Some(own) = owner.exclusive else { continue };
        let bad = |contract, path, problem| ComposeError::BadPath { contract, path, problem };
        if !own.prefix.starts_with('/') || own.prefix.ends_with('/') {
            return Err(bad(owner.name, own.prefix, "a prefix starts with a slash and ends without one"));
        }
        for contract in contracts {
            let is_owner = std::ptr::eq(contract, owner);
            if !is_owner && contract.exclusive.is_some_and(|other| other.prefix == own.prefix) {
                return Err(bad(contract.name, own.prefix, "the prefix belongs to another contract"));
            }
            let prefixes = contract.territories.iter().map(|territory| territory.prefix);
            let paths = contract.endpoints.iter().map(|endpoint| endpoint.path);
            for path in paths.chain(prefixes.filter(|_| is_owner)) {
                let under = is_under(path, own.prefix, Case::Exact);
                let nested = contract.exclusive.is_some_and(|other| other.prefix.len() > own.prefix.len());
                if is_owner && !under {
                    return Err(bad(contract.name, path, "lies outside the contract's exclusive prefix"));
                }
                if !is_owner && under && !nested {
                    return Err(bad(contract.name, path, "lies under another contract's exclusive prefix"));
                }
            }
        }
    }
    Ok(())
}

fn zone(
    contracts: Vec<Contract>,
    case: Case,
    bounds: Bounds,
    extra: Option<Route>,
    traffic: &mut Traffic,
) -> Result<Zone, ComposeError> {
    let territories = contracts.iter().flat_map(|contract| contract.territories.clone()).collect();
    let groups = groups(contracts, case, traffic)?;
    let known = known(&groups);
    let lost = Arc::new(Lost { known, territories, case, options: case == Case::Folded, extra });
    let mut tables: Vec<(Method, Table)> = Vec::new();
    for (method, _) in &lost.known {
        let router = Router::new().fallback_service(LostService(Arc::clone(&lost)));
        tables.push((method.clone(), Table { fixed: HashMap::new(), router }));
    }
    for group in groups {
        let Some((_, table)) = tables.iter_mut().find(|(method, _)| *method == group.method) else {
            continue;
        };
        let (path, is_fixed) = (group.pattern.text(), group.pattern.is_fixed());
        let place = Place { miss: lost.miss(path), route: route(group, bounds) };
        if is_fixed {
            table.fixed.insert(path, place);
            continue;
        }
        let place = Arc::new(place);
        let serve = move |request: Request| {
            let place = Arc::clone(&place);
            async move { place.answer(request).await }
        };
        table.router = std::mem::take(&mut table.router).route(path, any(serve));
    }
    Ok(Zone { tables, lost })
}

/// The patterns of each method in order of precedence; the methods in the order `Allow` names them.
fn known(groups: &[Group]) -> Vec<(Method, Vec<Pattern>)> {
    let usual = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    let mut known: Vec<(Method, Vec<Pattern>)> =
        usual.into_iter().map(|method| (method, Vec::new())).collect();
    for group in groups {
        match known.iter_mut().find(|(method, _)| *method == group.method) {
            Some((_, patterns)) => patterns.push(group.pattern.clone()),
            None => known.push((group.method.clone(), vec![group.pattern.clone()])),
        }
    }
    known.retain(|(_, patterns)| !patterns.is_empty());
    for (_, patterns) in &mut known {
        patterns.sort_by(Pattern::precedence);
    }
    known
}

fn route(group: Group, bounds: Bounds) -> Route {
    let last = group.members.len() - 1;
    let unclaimed = group.members.iter().position(|member| member.claims.is_none()).unwrap_or(last);
    let candidates = group.members.into_iter().map(Member::into_candidate).collect();
    Route { candidates, unclaimed, bounds }
}

/// The plain routes as a last candidate. Their own 405 keeps the `Allow` that the router adds.
fn extra_route(extra: Router, bounds: Bounds) -> Route {
    async fn other_method(method: Method) -> Response {
        if method == Method::OPTIONS {
            return answer::empty(StatusCode::NO_CONTENT);
        }
        plain(&Missed::MethodNotAllowed { allow: String::new() })
    }
    async fn no_route() -> Response {
        Missed::NotFound.into_response()
    }
    let router = extra.method_not_allowed_fallback(other_method).fallback(no_route);
    let serve: Serve = Arc::new(move |request| {
        let answered = router.clone().oneshot(request);
        Box::pin(async move {
            let Ok(response) = answered.await;
            response
        })
    });
    let candidate = Candidate { served: None, claims: None, serve, miss: None };
    Route { candidates: vec![candidate], unclaimed: 0, bounds }
}

#[cfg(test)]
mod tests;
