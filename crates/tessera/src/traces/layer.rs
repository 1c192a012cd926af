//! Takes spans from the log and makes of them what is sent.

use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};

use model::{Clock, SystemClock};
use tokio::sync::mpsc;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use super::otlp::{Attribute, Span};

/// The span that a trace begins with, and those that are told of within it.
const REQUEST: &str = "request";
const WITHIN: [&str; 2] = ["hash", "batch"];

/// A client may make up methods.
const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"];

/// Collects spans and hands them over when they end.
pub(crate) struct Collecting {
    into: mpsc::Sender<Span>,
    /// Random at each start, so that the spans of two runs differ.
    seed: u64,
    count: AtomicU64,
}

impl Collecting {
    pub(super) fn new(into: mpsc::Sender<Span>, seed: u64) -> Self {
        Self { into, seed, count: AtomicU64::new(0) }
    }

    /// Whether a span is one of those that are collected.
    pub(crate) fn wants(metadata: &Metadata<'_>) -> bool {
        metadata.is_span() && (metadata.name() == REQUEST || WITHIN.contains(&metadata.name()))
    }

    /// Another one each time, and never nothing: the multiplier is odd.
    fn id(&self) -> u64 {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        self.seed.wrapping_add(count).wrapping_mul(0x9e37_79b9_7f4a_7c15).max(1)
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Collecting {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(here) = context.span(id) else { return };
        let mut read = Read::default();
        attributes.record(&mut read);
        let within = here.scope().skip(1).find_map(|outer| {
            let extensions = outer.extensions();
            let outer = extensions.get::<Span>()?;
            Some((outer.trace.clone(), Some(outer.id)))
        });
        // What belongs to no request is not told of: nobody would find it.
        let own = read.request_id.map(|id| (id, None));
        let Some((trace, parent)) = within.or(own) else { return };
        let (began, name) = (SystemClock.now().0, attributes.metadata().name().to_owned());
        let attributes = read.attributes;
        let span =
            Span { trace, id: self.id(), parent, name, began, ended: began, attributes, failed: false };
        here.extensions_mut().insert(span);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(here) = context.span(id) else { return };
        let mut extensions = here.extensions_mut();
        let Some(span) = extensions.get_mut::<Span>() else { return };
        let mut read = Read::default();
        values.record(&mut read);
        span.attributes.extend(read.attributes);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(mut span) = context.span(&id).and_then(|here| here.extensions_mut().remove::<Span>()) else {
            return;
        };
        span.ended = SystemClock.now().0.max(span.began);
        if span.parent.is_none() {
            span.name = title(&span.attributes);
        }
        span.failed = span.attributes.iter().any(|(key, value)| {
            *key == STATUS && matches!(value, Attribute::Number(status) if *status >= 500)
        });
        // A queue that is full has no room for this one.
        _ = self.into.try_send(span);
    }
}

const METHOD: &str = "http.request.method";
const ROUTE: &str = "http.route";
const STATUS: &str = "http.response.status_code";

/// What a request is called: its method and the pattern that took it.
fn title(attributes: &[(&'static str, Attribute)]) -> String {
    let text = |wanted| {
        attributes.iter().find_map(|(key, value)| match value {
            Attribute::Text(text) if *key == wanted => Some(text.as_str()),
            _ => None,
        })
    };
    [METHOD, ROUTE].into_iter().filter_map(text).collect::<Vec<_>>().join(" ")
}

/// Fields of a span by the names that they are sent under. Any other stays here.
#[derive(Default)]
struct Read {
    request_id: Option<String>,
    attributes: Vec<(&'static str, Attribute)>,
}

impl Read {
    fn text(&mut self, field: &Field, text: &str) {
        let key = match field.name() {
            "method" => METHOD,
            "path" => ROUTE,
            "contract" => "tessera.contract",
            "request_id" => {
                self.request_id = Some(text.to_owned());
                "tessera.request_id"
            }
            _ => return,
        };
        let text = if key == METHOD && !METHODS.contains(&text) { "_OTHER" } else { text };
        self.attributes.push((key, Attribute::Text(text.to_owned())));
    }
}

impl Visit for Read {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        let key = match field.name() {
            "status" => STATUS,
            "statements" => "tessera.statements",
            _ => return,
        };
        self.attributes.push((key, Attribute::Number(value)));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.text(field, &format!("{value:?}"));
    }
}
