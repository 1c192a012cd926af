//! A request whose parameters stand in its query or its body, and the form that its answer takes.

use accounts::{Caller, Mount};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::HeaderMap;
use model::AccountId;
use web::{Missed, RawBody};

use super::{account_id, client, is_admin, token};
use crate::errors::Refused;
use crate::wire::{Params, Reply};

/// What every endpoint with a body takes.
pub(super) struct Asked(pub(super) Reply, pub(super) Received);

/// A request as far as it was read.
pub(super) struct Received {
    headers: HeaderMap,
    params: Result<Params, Refused>,
    from: web::Client,
}

impl<S: Sync> FromRequest<S> for Asked {
    type Rejection = Missed;

    async fn from_request(request: Request, state: &S) -> Result<Self, Missed> {
        let (mut parts, body) = request.into_parts();
        let Ok(from) = web::Client::from_request_parts(&mut parts, state).await;
        let query = parts.uri.query().map(str::to_owned);
        let RawBody(headers, body) = RawBody::from_request(Request::from_parts(parts, body), state).await?;
        let params = Params::of_request(query.as_deref(), &headers, &body);
        Ok(Self(Reply::to(&headers, &from), Received { headers, params, from }))
    }
}

impl Received {
    /// The bearer token, which is asked for before anything is said about parameters.
    pub(super) fn token(&self) -> Result<&str, Refused> {
        token(&self.headers)
    }

    /// The parameters if they could be read, and who sent them.
    pub(super) fn params(self) -> Result<(Params, accounts::Client), Refused> {
        Ok((self.params?, client(self.from)))
    }

    /// Who asks, what, and which account it is about, if these parameters are there and the caller may.
    /// Whoever may not is told nothing of that account, not even whether it exists.
    pub(super) async fn about_account<const N: usize>(
        self,
        mount: &Mount,
        names: [&'static str; N],
    ) -> Result<(Caller, Params, AccountId, accounts::Client), Refused> {
        let caller = mount.check(self.token()?).await?;
        let (params, client) = self.params()?;
        params.required(names)?;
        let [id] = params.required(["id"])?;
        if caller.account.id.as_str() != id && !is_admin(&caller) {
            return Err(Refused::NotAllowed);
        }
        let id = account_id(id)?;
        Ok((caller, params, id, client))
    }
}
