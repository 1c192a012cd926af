//! HTTP mechanics that every contract shares, knowing no accounts.
//!
//! A contract describes itself as a [`Contract`]: its [`Endpoint`]s, and the [`Territory`]s in which
//! its wording answers requests that no endpoint takes. To serve several on one origin:
//!
//! 1. make one `Contract` per system, with `Endpoint::new(method, path, handler, state)`;
//! 2. hand them to [`compose`] in mount order, with [`Limits`] and a router of plain extra routes;
//! 3. give the [`Origin`] it returns every request, with the `ConnectInfo<SocketAddr>` of its connection.
//!
//! A handler takes [`Client`] for who is calling, [`RawBody`] for the bounded body, and turns the
//! bytes into [`Fields`] once with [`json_fields`], [`form_fields`] or [`query_fields`]. It answers
//! with [`json`], [`text`] or [`empty`]. An extractor that refuses answers with [`Missed`], which
//! `compose` puts into the wording of the contract that was chosen.

mod answer;
mod bearer;
mod body;
mod client;
mod compose;
mod contract;
mod endpoint;
mod fields;
mod form;
mod json;
mod lost;
mod media;
mod origin;
mod paths;
mod proxies;
mod request_id;
mod route;
mod territory;
mod traffic;
mod zone;

pub use answer::{empty, json, retry_after, text};
pub use bearer::{BearerStyle, bearer};
pub use body::{Headers, RawBody};
pub use client::Client;
pub use compose::{ComposeError, Limits, compose};
pub use contract::{Contract, Exclusive, Listed, listing};
pub use endpoint::{Claim, Endpoint};
pub use fields::{BodyRefused, Field, Fields, clean};
pub use form::{FirstWins, form_fields, query_fields};
pub use json::json_fields;
pub use media::{MediaType, media_type};
pub use origin::Origin;
pub use proxies::TrustedProxies;
pub use request_id::RequestId;
pub use route::Served;
pub use territory::{Miss, Missed, Territory};
pub use traffic::Answered;
