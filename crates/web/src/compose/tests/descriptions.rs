//! Descriptions that cannot be served together.

use axum::Router;
use http::Method;

use super::toys::{all, blue, red, violet};
use crate::{ComposeError, Contract, Endpoint, Exclusive, Limits, Listed, Territory, compose, listing};

fn endpoint(method: Method, path: &'static str) -> Endpoint {
    Endpoint::new(method, path, || async {}, ())
}

fn contract(name: &'static str, endpoints: Vec<Endpoint>) -> Contract {
    Contract { name, endpoints, territories: Vec::new(), exclusive: None }
}

fn refused(contracts: Vec<Contract>) -> ComposeError {
    compose(contracts, Limits::default(), Router::new()).unwrap_err()
}

fn bad_path(contracts: Vec<Contract>) -> &'static str {
    match refused(contracts) {
        ComposeError::BadPath { path, .. } => path,
        other => panic!("{other}"),
    }
}

#[test]
fn two_that_take_what_nobody_claims_are_ambiguous() {
    let one = contract("one", vec![endpoint(Method::POST, "/x/{id}")]);
    let two = contract("two", vec![endpoint(Method::POST, "/x/{id}")]);
    let error = refused(vec![one.clone(), two]);
    let expected =
        ComposeError::Ambiguous { method: Method::POST, path: "/x/{id}", first: "one", second: "two" };
    assert_eq!(error, expected);
    assert_eq!(error.to_string(), "POST /x/{id}: one and two both take what nobody claims");
    let twice = contract("one", [one.endpoints.clone(), one.endpoints].concat());
    assert!(matches!(refused(vec![twice]), ComposeError::Ambiguous { first: "one", second: "one", .. }));
}

#[test]
fn paths_that_cannot_be_matched_are_refused_not_panicked_over() {
    for path in ["", "x", "/x//y", "/{*rest}", "/x{id}", "/Upper", "/:id", "/{}"] {
        assert_eq!(bad_path(vec![contract("one", vec![endpoint(Method::GET, path)])]), path);
    }
    let head = contract("one", vec![endpoint(Method::POST, "/x").with_head()]);
    assert_eq!(bad_path(vec![head]), "/x");
    let claims = |path| contract("one", vec![endpoint(Method::GET, path).claiming(|_, _| true)]);
    let other = contract("two", vec![endpoint(Method::GET, "/x/{b}")]);
    assert_eq!(bad_path(vec![claims("/x/{a}"), other.clone()]), "/x/{b}");
    assert!(compose(vec![claims("/x/{b}"), other], Limits::default(), Router::new()).is_ok());
}

#[test]
fn overlapping_patterns_are_fine_whatever_their_parameters_are_called() {
    let one = contract("one", vec![endpoint(Method::GET, "/{a}/x"), endpoint(Method::GET, "/{a}/{b}/c")]);
    let two = contract("two", vec![endpoint(Method::GET, "/{b}/y"), endpoint(Method::POST, "/{c}/x")]);
    let three = contract("three", vec![endpoint(Method::GET, "/fixed/{z}"), endpoint(Method::GET, "/{q}")]);
    assert!(compose(vec![one, two, three], Limits::default(), Router::new()).is_ok());
}

#[test]
fn an_exclusive_prefix_has_one_owner_and_holds_all_it_owns() {
    let mut stray = violet();
    stray.endpoints.push(endpoint(Method::GET, "/api/v2/x"));
    assert_eq!(bad_path(vec![stray]), "/api/v2/x");
    let mut stray = violet();
    stray.territories.push(Territory { prefix: "/api", miss: red().territories[0].miss });
    assert_eq!(bad_path(vec![stray]), "/api");
    let intruder = contract("intruder", vec![endpoint(Method::GET, "/api/v1/x")]);
    assert_eq!(bad_path(vec![violet(), intruder.clone()]), "/api/v1/x");
    assert_eq!(bad_path(vec![intruder, violet()]), "/api/v1/x");
    assert_eq!(bad_path(vec![violet(), violet()]), "/api/v1");
    for prefix in ["", "api", "/api/v1/"] {
        let exclusive = Some(Exclusive { prefix, layer: |router| router });
        assert_eq!(bad_path(vec![Contract { exclusive, ..contract("one", Vec::new()) }]), prefix);
    }
}

#[test]
fn a_listing_names_every_endpoint_in_mount_order() {
    let listed = listing(&[blue(), violet()]);
    assert_eq!(listed.len(), blue().endpoints.len() + violet().endpoints.len());
    let first = Listed { contract: "blue", method: Method::POST, path: "/api/auth/login" };
    assert_eq!(listed.first(), Some(&first));
    assert_eq!(listing(&all()).iter().filter(|line| line.path == "/three").count(), 3);
    assert_eq!(format!("{:?}", blue().endpoints[0]), "POST /api/auth/login");
}
