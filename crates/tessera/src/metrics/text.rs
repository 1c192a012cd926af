//! The text format 0.0.4 of Prometheus.

use std::fmt::{self, Display, Write};

use tally::Distribution;

/// What the format is called where a client asks.
pub(crate) const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Names and values of labels. Values come from closed lists, never from a caller.
pub(super) type Labels<'a> = &'a [(&'a str, &'a str)];

/// A page of metrics under construction.
#[derive(Default)]
pub(super) struct Page(String);

/// All lines of one name.
pub(super) struct Family<'a> {
    page: &'a mut String,
    name: &'static str,
}

/// What the values of a distribution are.
#[derive(Clone, Copy)]
pub(super) enum Unit {
    /// Numbers of things.
    Things,
    /// Microseconds, which are written as seconds.
    Micros,
}

impl Page {
    /// A number that only grows.
    pub(super) fn counter(&mut self, name: &'static str, help: &str) -> Family<'_> {
        self.family("counter", name, help)
    }

    /// A number that comes and goes.
    pub(super) fn gauge(&mut self, name: &'static str, help: &str) -> Family<'_> {
        self.family("gauge", name, help)
    }

    /// How values are spread.
    pub(super) fn histogram(&mut self, name: &'static str, help: &str) -> Family<'_> {
        self.family("histogram", name, help)
    }

    /// The whole text.
    pub(super) fn finish(self) -> String {
        self.0
    }

    fn family(&mut self, kind: &str, name: &'static str, help: &str) -> Family<'_> {
        _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
        Family { page: &mut self.0, name }
    }
}

impl Family<'_> {
    /// One line.
    pub(super) fn is(&mut self, labels: Labels<'_>, value: impl Display) {
        self.line("", labels, None, value);
    }

    /// The lines of a distribution.
    pub(super) fn spread(&mut self, labels: Labels<'_>, distribution: &Distribution, unit: Unit) {
        for (bound, count) in distribution.up_to() {
            self.line("_bucket", labels, Some(&unit.of(bound)), count);
        }
        let total = distribution.total();
        self.line("_bucket", labels, Some(&"+Inf"), total);
        self.line("_sum", labels, None, unit.of(distribution.sum));
        self.line("_count", labels, None, total);
    }

    fn line(&mut self, suffix: &str, labels: Labels<'_>, bound: Option<&dyn Display>, value: impl Display) {
        let labels = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value)));
        let bound = bound.map(|bound| format!("le=\"{bound}\""));
        let labels = labels.chain(bound).collect::<Vec<_>>().join(",");
        let name = self.name;
        _ = match labels.is_empty() {
            true => writeln!(self.page, "{name}{suffix} {value}"),
            false => writeln!(self.page, "{name}{suffix}{{{labels}}} {value}"),
        };
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

impl Unit {
    fn of(self, value: u64) -> Number {
        match self {
            Self::Things => Number::Whole(value),
            Self::Micros => Number::Micros(value),
        }
    }
}

/// A number as it is written.
#[derive(Clone, Copy)]
pub(super) enum Number {
    /// As it is.
    Whole(u64),
    /// As seconds, to the last digit.
    Micros(u64),
}

impl Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(value) => value.fmt(f),
            Self::Micros(value) => {
                let text = format!("{}.{:06}", value / 1_000_000, value % 1_000_000);
                f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_as_the_format_has_it() {
        let mut page = Page::default();
        page.counter("c_total", "Some.").is(&[("a", "x\"\\\n"), ("b", "{id}")], 3);
        page.gauge("g", "One.").is(&[], Number::Micros(1_500_000));
        let distribution = Distribution { bounds: &[100, 1_000_000], counts: vec![1, 2, 4], sum: 20_000_001 };
        page.histogram("h_seconds", "Spread.").spread(&[("a", "b")], &distribution, Unit::Micros);
        let expected = r#"# HELP c_total Some.
# TYPE c_total counter
c_total{a="x\"\\\n",b="{id}"} 3
# HELP g One.
# TYPE g gauge
g 1.5
# HELP h_seconds Spread.
# TYPE h_seconds histogram
h_seconds_bucket{a="b",le="0.0001"} 1
h_seconds_bucket{a="b",le="1"} 3
h_seconds_bucket{a="b",le="+Inf"} 7
h_seconds_sum{a="b"} 20.000001
h_seconds_count{a="b"} 7
"#;
        assert_eq!(page.finish(), expected);
    }
}
