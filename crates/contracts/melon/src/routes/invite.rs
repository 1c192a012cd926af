//! Invite codes: made by an administrator, exchanged for a Server token by whoever was told.

use accounts::Mount;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use web::Client;

use super::asked::Asked;
use super::{administrator, client, token};
use crate::claims;
use crate::errors::Refused;
use crate::wire::{Params, Reply};

/// Headers by which browsers say that nobody has followed the link yet.
const IN_ADVANCE: [&str; 4] = ["sec-purpose", "purpose", "x-purpose", "x-moz"];

/// `GET /auth/invite`
pub(super) async fn invite(State(mount): State<Mount>, from: Client, headers: HeaderMap) -> Response {
    let reply = Reply::to(&headers, &from);
    reply.answer(invited(&mount, from, &headers).await)
}

async fn invited(mount: &Mount, from: Client, headers: &HeaderMap) -> Result<String, Refused> {
    let caller = administrator(mount, token(headers)?).await?;
    Ok(mount.invite(&caller, &client(from)).await?)
}

/// `GET /auth/code-authenticate`
pub(super) async fn code_authenticate(
    State(mount): State<Mount>,
    from: Client,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let reply = Reply::to(&headers, &from);
    if in_advance(&headers) {
        return reply.answer(Err(Refused::Prefetched));
    }
    let params = Params::of_query(query.as_deref());
    reply.answer(redeemed(&mount, params.map(|params| (params, client(from)))).await)
}

/// `POST /auth/code-authenticate`: the code in a body, where no log of addresses sees it.
pub(super) async fn code_authenticate_body(
    State(mount): State<Mount>,
    Asked(reply, request): Asked,
) -> Response {
    reply.answer(redeemed(&mount, request.params()).await)
}

async fn redeemed(
    mount: &Mount,
    asked: Result<(Params, accounts::Client), Refused>,
) -> Result<String, Refused> {
    let (params, client) = asked?;
    let [code] = params.required(["code"])?;
    let private = mount.redeem_invite(code, &client).await?;
    Ok(claims::server_token(mount, private)?)
}

fn in_advance(headers: &HeaderMap) -> bool {
    let says_so = |value: &axum::http::HeaderValue| {
        let text = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
        ["prefetch", "prerender", "preview"].iter().any(|word| text.contains(word))
    };
    IN_ADVANCE.iter().any(|name| headers.get_all(*name).iter().any(says_so))
}
