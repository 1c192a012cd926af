//! Endpoints gathered by method and path.

use std::sync::Arc;

use http::Method;

use super::ComposeError;
use crate::{
    contract::Contract,
    endpoint::{Claim, Endpoint, Serve},
    paths::{Case, Pattern},
    route::{Candidate, Served},
    territory::{Miss, longest},
    traffic::Traffic,
};

/// All endpoints on one method and path.
pub(super) struct Group {
    pub(super) method: Method,
    pub(super) pattern: Pattern,
    /// In mount order, at least one.
    pub(super) members: Vec<Member>,
}

pub(super) struct Member {
    pub(super) served: Served,
    pub(super) claims: Option<Claim>,
    pub(super) serve: Serve,
    pub(super) miss: Option<Miss>,
}

impl Member {
    pub(super) fn into_candidate(self) -> Candidate {
        Candidate { served: Some(self.served), claims: self.claims, serve: self.serve, miss: self.miss }
    }
}

/// Gathers the endpoints of contracts in mount order, and gives each its place in the traffic.
pub(super) fn groups(
    contracts: Vec<Contract>,
    case: Case,
    traffic: &mut Traffic,
) -> Result<Vec<Group>, ComposeError> {
    let mut groups = Vec::new();
    for contract in contracts {
        for endpoint in contract.endpoints {
            let bad =
                |problem| ComposeError::BadPath { contract: contract.name, path: endpoint.path, problem };
            let pattern = Pattern::parse(endpoint.path, case).map_err(bad)?;
            if endpoint.head && endpoint.method != Method::GET {
                return Err(bad("only GET can answer HEAD too"));
            }
            let number = traffic.number(contract.name, &endpoint.method, endpoint.path);
            let served = Served { contract: contract.name, pattern: endpoint.path, number };
            let miss = longest(&contract.territories, endpoint.path);
            let Endpoint { method, claims, head, serve, .. } = endpoint;
            if head {
                let serve = Arc::clone(&serve);
                add(&mut groups, Method::HEAD, pattern.clone(), Member { served, claims, serve, miss })?;
            }
            add(&mut groups, method, pattern, Member { served, claims, serve, miss })?;
        }
    }
    Ok(groups)
}

fn add(
    groups: &mut Vec<Group>,
    method: Method,
    pattern: Pattern,
    member: Member,
) -> Result<(), ComposeError> {
    let same = |group: &&mut Group| group.method == method && group.pattern.same_paths(&pattern);
    let Some(group) = groups.iter_mut().find(same) else {
        groups.push(Group { method, pattern, members: vec![member] });
        return Ok(());
    };
    let Served { contract, pattern: path, .. } = member.served;
    let rival = |other: &&Member| {
        other.served.contract == contract || (other.claims.is_none() && member.claims.is_none())
    };
    if let Some(other) = group.members.iter().find(rival) {
        return Err(ComposeError::Ambiguous { method, path, first: other.served.contract, second: contract });
    }
    if group.pattern.text() != path {
        let problem = "contracts that share a path name its parameters alike";
        return Err(ComposeError::BadPath { contract, path, problem });
    }
    group.members.push(member);
    Ok(())
}
