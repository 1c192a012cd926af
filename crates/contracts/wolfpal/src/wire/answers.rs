//! Bodies of answers, fields in the documented order.

use serde::Serialize;
use utoipa::ToSchema;

/// What a client switches on: a name, or the number of the status.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Code {
    /// Most answers.
    Name(&'static str),
    /// 404, 405, 429.
    Number(u16),
}

/// An outcome whose words stand under `error`, also where it is a success (wolfpal.md 1).
#[derive(Serialize, ToSchema)]
pub(crate) struct Said<'a> {
    pub(crate) code: Code,
    pub(crate) error: &'a str,
}

/// That the new password is the old one: the one answer with a code and the words for a field.
#[derive(Serialize, ToSchema)]
pub(crate) struct SamePassword {
    code: &'static str,
    errors: SamePasswordWords,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SamePasswordWords {
    new_password: &'static str,
}

impl SamePassword {
    /// The answer's only form.
    pub(crate) const ANSWER: Self = Self {
        code: "PASSWORD_CONFLICT",
        errors: SamePasswordWords { new_password: "New password can not match old password." },
    };
}

/// A success whose words stand under `message`.
#[derive(Serialize, ToSchema)]
pub(crate) struct Told<'a> {
    pub(crate) code: &'static str,
    pub(crate) message: &'a str,
}

/// A session is open.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignedIn {
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
    /// Whether a second step was taken.
    #[serde(rename = "twoFactor")]
    pub(crate) two_factor: bool,
}

/// The next pair of tokens.
#[derive(Serialize, ToSchema)]
pub(crate) struct Refreshed {
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
}

/// The password was right; a code is awaited.
#[derive(Serialize, ToSchema)]
pub(crate) struct AwaitsSecondStep {
    code: &'static str,
    error: &'static str,
    token: String,
    #[serde(rename = "twoFactor")]
    two_factor: bool,
}

impl AwaitsSecondStep {
    /// With the token that the second step asks for.
    pub(crate) fn new(token: String) -> Self {
        Self {
            code: "TWO_FACTOR_REQUIRED",
            error: "Two Factor is required to complete login.",
            token,
            two_factor: true,
        }
    }
}

/// A second factor that waits for its first code: the names that the client reads, then those that the
/// document of 2021 has (wolfpal.md 3.4).
#[derive(Serialize, ToSchema)]
pub(crate) struct Prepared<'a> {
    code: &'static str,
    error: &'static str,
    #[serde(rename = "qrCode")]
    qr_code: &'a str,
    secret: &'a str,
    #[serde(rename = "backupCodes")]
    backup_codes: &'a [String],
    qrcode: &'a str,
    #[serde(rename = "twoFactorSecret")]
    two_factor_secret: &'a str,
}

impl<'a> Prepared<'a> {
    /// With a picture of what the authenticator app is told.
    pub(crate) fn new(prepared: &'a accounts::Prepared, picture: &'a str) -> Self {
        Self {
            code: "PENDING_VERIFICATION",
            error: "Two Factor is pending verification.",
            qr_code: picture,
            secret: &prepared.secret,
            backup_codes: &prepared.backup_codes,
            qrcode: picture,
            two_factor_secret: &prepared.secret,
        }
    }
}
