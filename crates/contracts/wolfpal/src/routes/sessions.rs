//! `/sessions`: where the caller's account is signed in. The client asks under `/account/sessions`, where
//! they were until 2021-07-02 (wolfpal.md 3.6).

use accounts::{Caller, Failure, Mount, OwnSession, Refusal};
use aws_lc_rs::digest::{SHA512, digest};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use crypto::JwtAlgorithm;
use data_encoding::HEXLOWER;
use model::SessionId;
use web::{Client, Endpoint};

use super::{both, caller, place, token};
use crate::claims;
use crate::errors::Refused;
use crate::wire::{Code, Said, Session, Sessions};

pub(super) fn endpoints(mount: &Mount) -> Vec<Endpoint> {
    [
        both!(mount, GET "/sessions" => list).map(Endpoint::with_head),
        both!(mount, GET "/account/sessions" => list).map(Endpoint::with_head),
        both!(mount, DELETE "/sessions/{id}" => end),
        both!(mount, DELETE "/account/sessions/{id}" => end),
        both!(mount, DELETE "/sessions" => end_all),
        both!(mount, DELETE "/account/sessions" => end_all_of_account),
    ]
    .concat()
}

async fn list(State(mount): State<Mount>, headers: HeaderMap) -> Result<Response, Refused> {
    let shown = token(&headers)?;
    let caller = caller(&mount, &headers).await?;
    let own = mount.own_sessions(&caller).await?;
    let sessions = own.iter().map(|one| Ok(Session::of(&one.session, token_hash(&mount, one, shown)?)));
    let sessions = sessions.collect::<Result<Vec<_>, Failure>>()?;
    Ok(web::json(StatusCode::OK, &Sessions::new(sessions)))
}

/// The lower-hex SHA-512 of a session's present access token, by which the client recognises its own: of the
/// token that was shown if it is the session's, else of the same token made again. Tokens of other contracts
/// and of algorithms that sign anew each time cannot be made again; their sessions have a hash of their id.
fn token_hash(mount: &Mount, own: &OwnSession, shown: &str) -> Result<String, Failure> {
    let repeats = matches!(mount.policy().algorithm, JwtAlgorithm::HS256 | JwtAlgorithm::HS512);
    Ok(match &own.grant {
        _ if own.current => sha512(shown),
        Some(grant) if repeats => sha512(&claims::access_token(mount, grant)?),
        Some(_) | None => sha512(&own.session.id.to_string()),
    })
}

fn sha512(text: &str) -> String {
    HEXLOWER.encode(digest(&SHA512, text.as_bytes()).as_ref())
}

async fn end(
    State(mount): State<Mount>,
    client: Client,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let caller = caller(&mount, &headers).await?;
    let id = SessionId::parse(&id).ok_or(Refusal::SessionUnknown)?;
    mount.end_own_session(&caller, id, &place(client)).await?;
    let said = Said { code: Code::Name("SESSION_REVOKED"), error: "Session has been revoked." };
    Ok(web::json(StatusCode::OK, &said))
}

async fn end_all(
    State(mount): State<Mount>,
    client: Client,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let caller = caller(&mount, &headers).await?;
    revoke_all(&mount, &caller, client, "ALL_SESSIONS_REVOKED").await
}

/// The older code, which the client and the documentation know.
async fn end_all_of_account(
    State(mount): State<Mount>,
    client: Client,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let caller = caller(&mount, &headers).await?;
    revoke_all(&mount, &caller, client, "ALL_SESSIONS_REVOKE").await
}

async fn revoke_all(
    mount: &Mount,
    caller: &Caller,
    client: Client,
    code: &'static str,
) -> Result<Response, Refused> {
    mount.end_own_sessions(caller, &place(client)).await?;
    let said = Said { code: Code::Name(code), error: "All Sessions has been revoked." };
    Ok(web::json(StatusCode::OK, &said))
}
