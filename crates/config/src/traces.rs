//! Traces of requests.

use serde::{Deserialize, Serialize};

/// `[traces]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TraceSettings {
    /// The collector that takes them, by OTLP over HTTP; none = there are no traces.
    pub endpoint: Option<String>,
}
