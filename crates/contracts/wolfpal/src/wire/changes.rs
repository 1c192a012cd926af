//! Bodies of requests that change an account: what is asked of each field, in the original's order.

use mail::valid_address;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use web::Fields;

use super::{MIN_PASSWORD, SAID_MAX, email, fits, known_address, secret, text, username};
use crate::preferences::Preferences;
use crate::problems::{Problem, Problems};

/// `PUT /account/change-password`
pub(crate) struct ChangePassword {
    pub(crate) old: SecretString,
    pub(crate) new: SecretString,
}

impl ChangePassword {
    pub(crate) fn read(fields: &Fields) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let old = text(fields, "oldPassword").ok_or(Problem::required("Old Password is required."));
        let old = problems.sift("oldPassword", old);
        let new = problems.sift("newPassword", Self::new_password(fields));
        match (old, new) {
            (Some(old), Some(new)) => Ok(Self { old: secret(old), new: secret(new) }),
            _ => Err(problems),
        }
    }

    fn new_password(fields: &Fields) -> Result<&str, Problem> {
        let new = text(fields, "newPassword").ok_or(Problem::required("New Password is required."))?;
        if fits(new) { Ok(new) } else { Err(changed_password_length(MIN_PASSWORD)) }
    }

    /// Whether both are one and the same.
    pub(crate) fn changes_nothing(&self) -> bool {
        self.old.expose_secret() == self.new.expose_secret()
    }
}

/// `POST /user/reset-password/{token}`: its new password. `comfirmPassword` is spelled so.
pub(crate) fn reset_password(fields: &Fields) -> Result<SecretString, Problems> {
    let (password, again) = (text(fields, "password"), text(fields, "comfirmPassword"));
    let mismatch = || Problem { code: "NO_MATCH", text: "Both passwords must match.".into() };
    let mut problems = Problems::default();
    let password = problems.sift(
        "password",
        match password {
            None => Err(Problem::required("Password is required.")),
            Some(password) if again != Some(password) => Err(mismatch()),
            Some(password) if !fits(password) => Err(reset_password_length(MIN_PASSWORD)),
            Some(password) => Ok(password),
        },
    );
    let again = problems.sift(
        "comfirmPassword",
        match again {
            None => Err(Problem { code: "MUST_CONFIRM", text: "You must comfirm your new password.".into() }),
            Some(again) if text(fields, "password") != Some(again) => Err(mismatch()),
            Some(again) => Ok(again),
        },
    );
    password.zip(again).map(|(password, _)| secret(password)).ok_or(problems)
}

/// `PUT /account/change-username`: its one field, under the rules of registering.
pub(crate) fn new_username(fields: &Fields) -> Result<&str, Problems> {
    username(fields).map_err(|problem| Problems::one("username", problem))
}

/// `POST /account/change-email`: its one field, in lower case, as WolfPal keeps it.
pub(crate) fn new_email(fields: &Fields) -> Result<String, Problems> {
    let email = email(fields, valid_address).map_err(|problem| Problems::one("email", problem))?;
    Ok(email.to_ascii_lowercase())
}

/// `POST /user/forgot-password`: its one field, as typed; any address that an account may have.
pub(crate) fn forgotten_email(fields: &Fields) -> Result<&str, Problems> {
    email(fields, known_address).map_err(|problem| Problems::one("email", problem))
}

/// `PUT /notifications/email`. The document knows only of `weeklyGoals`, so the other may be left out.
#[derive(Clone, Copy)]
pub(crate) struct ChangeNotifications {
    weekly_goals: bool,
    yearly_goals: Option<bool>,
}

impl ChangeNotifications {
    pub(crate) fn read(fields: &Fields) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let weekly = switch(fields, "weeklyGoals", "Weekly Goals must be a boolean")
            .and_then(|weekly| weekly.ok_or(Problem::required("Weekly Goals is required.")));
        let weekly = problems.sift("weeklyGoals", weekly);
        let yearly = switch(fields, "yearlyGoals", "Yearly Goals must be a boolean");
        let yearly = problems.sift("yearlyGoals", yearly);
        match (weekly, yearly) {
            (Some(weekly_goals), Some(yearly_goals)) => Ok(Self { weekly_goals, yearly_goals }),
            _ => Err(problems),
        }
    }

    /// Makes the change in an account's document.
    pub(crate) fn make(self, document: &mut Map<String, Value>) {
        let mut preferences = Preferences::of(document);
        preferences.email.weekly_goals = self.weekly_goals;
        preferences.email.yearly_goals = self.yearly_goals.unwrap_or(preferences.email.yearly_goals);
        preferences.keep(document);
    }
}

/// A boolean, also as the text or number that a form's field or a client may have instead; none if it is
/// missing.
fn switch(fields: &Fields, name: &str, otherwise: &'static str) -> Result<Option<bool>, Problem> {
    let sent = match fields.value(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    match sent.as_str() {
        "true" | "1" => Ok(Some(true)),
        "false" | "0" => Ok(Some(false)),
        _ => Err(Problem { code: "BOOLEAN", text: otherwise.into() }),
    }
}

/// What the length must be of a password that takes the place of a forgotten one, for a realm that asks for
/// at least `min` characters. Without a full stop, unlike at registering (wolfpal.md 3.2).
pub(crate) fn reset_password_length(min: usize) -> Problem {
    too_short(format!("Password must be between {min} and {SAID_MAX} characters long"))
}

/// The same for a password that takes the place of a known one (wolfpal.md 3.5).
pub(crate) fn changed_password_length(min: usize) -> Problem {
    too_short(format!("New Password must be between {min} and {SAID_MAX} characters long"))
}

fn too_short(text: String) -> Problem {
    Problem { code: "NOT_LONG_ENOUGH", text: text.into() }
}
