//! Log lines that name the request they are about.

use std::fmt;

use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;
use web::RequestId;

/// A format whose lines say which request they belong to, if they belong to one. Spans would say it too, but take
/// memory and are formatted for each request, also where nothing is logged; so they are off unless somebody asks.
pub(super) struct Named<F> {
    pub(super) format: F,
    pub(super) json: bool,
}

impl<S, N, F> FormatEvent<S, N> for Named<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut to: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let Some(id) = RequestId::current() else { return self.format.format_event(context, to, event) };
        let mut line = String::new();
        self.format.format_event(context, Writer::new(&mut line), event)?;
        to.write_str(&with_id(line.trim_end_matches('\n'), id.as_str(), self.json))?;
        to.write_char('\n')
    }
}

fn with_id(line: &str, id: &str, json: bool) -> String {
    match line.strip_suffix('}').filter(|_| json) {
        Some(fields) => format!("{fields},\"request_id\":\"{id}\"}}"),
        None => format!("{line} request_id={id}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_keeps_its_form() {
        assert_eq!(with_id(r#"{"level":"INFO"}"#, "0a", true), r#"{"level":"INFO","request_id":"0a"}"#);
        assert_eq!(with_id("INFO tessera: {}", "0a", false), "INFO tessera: {} request_id=0a");
    }
}
