//! `tessera openapi`.

use crate::compose::Problem;
use crate::{openapi, output};

/// Prints a document, indented. It depends on no settings.
pub(super) fn run(contract: Option<&str>) -> Result<(), Problem> {
    output::line(serde_json::to_string_pretty(&openapi::named(contract)?)?)
}
