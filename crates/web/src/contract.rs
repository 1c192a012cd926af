//! The description that a contract hands over.

use axum::Router;
use http::Method;

use crate::{endpoint::Endpoint, territory::Territory};

/// One system's HTTP interface: what it answers, and how it words what nobody answers.
#[derive(Clone, Debug)]
pub struct Contract {
    /// A short name for logs and metrics.
    pub name: &'static str,
    /// Every method and path it answers.
    pub endpoints: Vec<Endpoint>,
    /// The paths under which it words misses. Of several, the longest prefix counts.
    pub territories: Vec<Territory>,
    /// Set if the contract has a prefix to itself; all its paths then lie under it.
    pub exclusive: Option<Exclusive>,
}

/// A prefix that belongs to one contract, compared case-sensitively.
#[derive(Clone, Copy, Debug)]
pub struct Exclusive {
    /// For example `/api/v1`; without a slash at the end.
    pub prefix: &'static str,
    /// Wraps everything below the prefix, misses included, for example in CORS headers.
    pub layer: fn(Router) -> Router,
}

/// One line of [`listing`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Listed {
    /// The contract's name.
    pub contract: &'static str,
    /// The method; HEAD is not listed separately.
    pub method: Method,
    /// The path pattern.
    pub path: &'static str,
}

/// Every endpoint of the contracts, in mount order, so that a test can walk all of them.
pub fn listing(contracts: &[Contract]) -> Vec<Listed> {
    let of = |contract: &Contract| {
        let contract_name = contract.name;
        let line = move |endpoint: &Endpoint| Listed {
            contract: contract_name,
            method: endpoint.method.clone(),
            path: endpoint.path,
        };
        contract.endpoints.iter().map(line).collect::<Vec<_>>()
    };
    contracts.iter().flat_map(of).collect()
}
