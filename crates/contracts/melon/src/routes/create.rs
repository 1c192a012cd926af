//! Making an account for somebody.

use accounts::{Admission, CheckRefused, Mount, Register};
use axum::extract::State;
use axum::response::Response;
use model::Permissions;

use super::administrator;
use super::asked::{Asked, Received};
use crate::errors::Refused;
use crate::role::Role;
use crate::wire::Params;

/// By what right an account is made.
enum Right {
    /// The one-time secret of a Server token.
    Server(String),
    /// An administrator's access token.
    Caller(accounts::Caller),
}

/// `POST /api/users/create`
pub(super) async fn create(State(mount): State<Mount>, Asked(reply, request): Asked) -> Response {
    reply.answer(created(&mount, request).await)
}

async fn created(mount: &Mount, request: Received) -> Result<String, Refused> {
    let right = right(mount, request.token()?).await?;
    let (params, client) = request.params()?;
    let [username, password] = params.required(["username", "password"])?;
    let command = Register {
        username,
        email: None,
        password: password.into(),
        permissions: right.permissions(&params)?,
        admission: match &right {
            Right::Server(secret) => Admission::Invited(secret),
            Right::Caller(caller) => Admission::Administrator(caller),
        },
        sign_in: false,
        client,
    };
    let registered = mount.register(command).await.map_err(Refused::by_server_token)?;
    Ok(registered.account.id.to_string())
}

/// By what right the bearer of a token makes an account.
async fn right(mount: &Mount, token: &str) -> Result<Right, Refused> {
    match mount.open_server_token(token) {
        Ok(secret) => Ok(Right::Server(secret)),
        Err(CheckRefused::Expired) => Err(CheckRefused::Expired.into()),
        Err(_) => Ok(Right::Caller(administrator(mount, token).await?)),
    }
}

impl Right {
    /// What the account may do: an administrator chooses a role, a Server token never (melon.md 3).
    fn permissions(&self, params: &Params) -> Result<Option<Permissions>, Refused> {
        match self {
            Self::Server(_) => Ok(None),
            Self::Caller(_) => {
                let role = params.optional("role").map_or(Some(Role::User), Role::parse);
                Ok(Some(role.ok_or(Refused::RoleUnknown)?.permissions()))
            }
        }
    }
}
