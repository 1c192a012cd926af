//! `/account/two-factor`: the second factor of the caller's account.

use accounts::Mount;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use web::{Client, Endpoint, RawBody};

use super::{both, caller, place};
use crate::errors::{Doing, Refused};
use crate::qr;
use crate::wire::{self, Prepared, Told};

pub(super) fn endpoints(mount: &Mount) -> Vec<Endpoint> {
    let prepare = both!(mount, POST "/account/two-factor" => prepare);
    let enable = both!(mount, PUT "/account/two-factor" => enable);
    let remove = both!(mount, DELETE "/account/two-factor" => remove);
    let codes = both!(mount, GET "/account/two-factor/backup-codes" => backup_codes);
    [prepare, enable, remove, codes.map(Endpoint::with_head)].concat()
}

async fn prepare(
    State(mount): State<Mount>,
    client: Client,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let caller = caller(&mount, &headers).await?;
    let prepared = mount.prepare_two_factor(&caller, &place(client)).await?;
    let Some(picture) = qr::data_url(&prepared.uri) else {
        tracing::error!(mount = %mount.policy().name, "the site's name is too long for a QR code");
        return Err(Refused::QrCode);
    };
    Ok(web::json(StatusCode::OK, &Prepared::new(&prepared, &picture)))
}

async fn enable(
    State(mount): State<Mount>,
    client: Client,
    RawBody(headers, body): RawBody,
) -> Result<Response, Refused> {
    let caller = caller(&mount, &headers).await?;
    let fields = wire::fields(&headers, &body)?;
    let code = match wire::code(&fields) {
        Ok(code) => code,
        Err(problems) => {
            // That nothing was prepared is said before the code is missed (wolfpal.md 3.4); who has
            // backup codes has prepared something.
            mount.backup_codes(&caller).await.map_err(Doing::EnablingTwoFactor.failed())?;
            return Err(problems.into());
        }
    };
    let enabled = mount.enable_two_factor(&caller, code, &place(client)).await;
    enabled.map_err(Doing::EnablingTwoFactor.failed())?;
    let told = Told { code: "TWO_FACTOR_ENABLED", message: "Two factor has been enabled." };
    Ok(web::json(StatusCode::OK, &told))
}

/// The code comes in the query, as the client sends it. Queries are never logged.
async fn remove(
    State(mount): State<Mount>,
    client: Client,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    let caller = caller(&mount, &headers).await?;
    let fields = wire::query(query.as_deref())?;
    let removed = mount.disable_two_factor(&caller, wire::code(&fields)?, &place(client)).await;
    removed.map_err(Doing::RemovingTwoFactor.failed())?;
    let told = Told { code: "TWO_FACTOR_DISABLED", message: "Two factor has been disabled." };
    Ok(web::json(StatusCode::OK, &told))
}

async fn backup_codes(State(mount): State<Mount>, headers: HeaderMap) -> Result<Response, Refused> {
    let caller = caller(&mount, &headers).await?;
    let codes = mount.backup_codes(&caller).await.map_err(Doing::ReadingBackupCodes.failed())?;
    let mut response = web::text(StatusCode::OK, &codes.join(" "));
    if let Ok(value) = HeaderValue::from_str(&attachment(&mount.policy().site)) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// `Content-Disposition` for a file named after the site; only characters that every file system and a
/// quoted string (RFC 9110 section 5.6.4) take as they are.
fn attachment(site: &str) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || " ._-".contains(*c);
    let site: String = site.to_lowercase().chars().filter(plain).collect();
    format!("attachment; filename=\"{}-backup-codes.txt\"", site.trim())
}

#[cfg(test)]
mod tests;
