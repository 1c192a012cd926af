//! Every metric is documented, and every query of the dashboard and the alert rules asks for metrics that there are:
//! all three are held against what the real server says of itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use harness::actors::Argon;
use harness::http::Request;
use harness::process::TesseraProcess;
use serde_json::Value;

use crate::stand::{PASSWORD, cheap, operators_listener, unique};

/// Labels that Prometheus itself puts to everything.
const EVERYWHERE: [&str; 2] = ["instance", "job"];

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
}

/// What a server says after somebody was there.
struct Told {
    /// The names after `# TYPE`.
    families: BTreeSet<String>,
    /// The names of the lines, each with its labels.
    lines: BTreeMap<String, BTreeSet<String>>,
}

fn told() -> Told {
    let server = TesseraProcess::start(cheap().with_ops());
    let mut argon = Argon::at(server.address());
    let name = unique("watched");
    argon.register(&name, PASSWORD);
    argon.sign_in(&name, PASSWORD);
    let page = operators_listener(&server).send(&Request::new("GET", "/metrics")).unwrap();
    let head = page.header("content-type").unwrap_or_default();
    assert_eq!(head, "text/plain; version=0.0.4; charset=utf-8");
    let text = page.expect_status(200).text();
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    let mut lines: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut series = BTreeSet::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (one, _value) = line.rsplit_once(' ').unwrap();
        assert!(series.insert(one), "{one} is there twice");
        let (name, labels) = one.split_once('{').unwrap_or((one, ""));
        let names =
            labels.split("\",").filter_map(|label| label.split_once("=\"")).map(|(name, _)| name.to_owned());
        lines.entry(name.to_owned()).or_default().extend(names);
    }
    Told { families: types.map(str::to_owned).collect(), lines }
}

/// The names in the first column of the guide's table.
fn documented() -> BTreeSet<String> {
    let page = read("docs/guide/src/monitoring.md");
    let cells = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    cells
        .filter(|name| name.starts_with("tessera_") || name.starts_with("process_"))
        .map(str::to_owned)
        .collect()
}

/// Every value under the key `expr`, wherever it stands.
fn expressions(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("expr").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| expressions(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| expressions(value, found)),
        _ => {}
    }
}

/// A query without what stands in quotes or brackets: strings and times.
fn bare(query: &str) -> String {
    let mut bare = String::new();
    let mut until = None;
    for character in query.chars() {
        match (until, character) {
            (Some(end), _) if character == end => until = None,
            (Some(_), _) => {}
            (None, '"') => until = Some('"'),
            (None, '[') => until = Some(']'),
            (None, _) => bare.push(character),
        }
    }
    bare
}

/// Why a query asks for something that there is not.
fn trouble(query: &str, told: &Told) -> Option<String> {
    let bare = bare(query);
    let mut labels_of: BTreeSet<&str> = EVERYWHERE.into_iter().chain(["le"]).collect();
    let mut grouped = Vec::new();
    let mut names = 0;
    let mut rest = bare.as_str();
    while let Some(at) = rest.find(|c: char| c.is_ascii_alphabetic()) {
        let word = &rest[at..];
        let end = word.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(word.len());
        let (word, behind) = word.split_at(end);
        rest = behind;
        let inside = |open: char, close: char| {
            let inner = behind.trim_start().strip_prefix(open)?.split(close).next()?;
            Some(
                inner
                    .split(',')
                    .filter_map(|part| part.split(['=', '!']).next())
                    .map(str::trim)
                    .collect::<Vec<_>>(),
            )
        };
        match word {
            "by" => {
                grouped.extend(inside('(', ')').expect("labels behind by"));
                rest = &behind[behind.find(')').unwrap()..];
            }
            "and" | "or" | "unless" => {}
            _ if behind.starts_with('(') || behind.starts_with(" (") || behind.starts_with(" by (") => {}
            name => {
                let Some(labels) = told.lines.get(name) else { return Some(format!("no metric {name}")) };
                names += 1;
                labels_of.extend(labels.iter().map(String::as_str));
                let selected = inside('{', '}').unwrap_or_default();
                let known = |label: &&str| labels.contains(*label) || EVERYWHERE.contains(label);
                if let Some(label) = selected.iter().find(|label| !known(label)) {
                    return Some(format!("{name} has no label {label}"));
                }
                if behind.starts_with('{') {
                    rest = &behind[behind.find('}').unwrap()..];
                }
            }
        }
    }
    if names == 0 {
        return Some("no metric at all".to_owned());
    }
    grouped
        .into_iter()
        .find(|label| !labels_of.contains(label))
        .map(|label| format!("grouped by no label {label}"))
}

#[test]
fn metrics_page_dashboard_and_alerts_agree() {
    let told = told();
    let documented = documented();
    assert!(told.families.len() > 25, "{:?}", told.families);
    let missing: Vec<_> = told.families.difference(&documented).collect();
    assert!(missing.is_empty(), "not in docs/guide/src/monitoring.md: {missing:?}");
    let invented: Vec<_> = documented.difference(&told.families).collect();
    assert!(invented.is_empty(), "docs/guide/src/monitoring.md has what the server does not: {invented:?}");

    let dashboard: Value = serde_json::from_str(&read("packaging/grafana/tessera.json")).unwrap();
    let mut shown = Vec::new();
    expressions(&dashboard, &mut shown);
    let rules = read("packaging/prometheus/tessera.rules.yml");
    let alerts: Vec<_> = rules.lines().filter_map(|line| line.trim().strip_prefix("expr: ")).collect();
    assert!(shown.len() > 30 && alerts.len() > 10, "{} and {}", shown.len(), alerts.len());
    let all = shown.iter().map(String::as_str).chain(alerts.iter().copied());
    let wrong: Vec<_> =
        all.filter_map(|query| Some(format!("{}: {query}", trouble(query, &told)?))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let asked: BTreeSet<_> = told
        .families
        .iter()
        .filter(|name| !shown.iter().any(|query| query.contains(name.as_str())))
        .collect();
    assert!(asked.is_empty(), "the dashboard does not show {asked:?}");

    // Every alert is explained.
    let page = read("docs/guide/src/monitoring.md");
    let named = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: "));
    for alert in named {
        assert!(page.contains(&format!("| `{alert}` |")), "{alert} is not explained in the guide");
    }

    for (query, why) in [
        ("rate(tessera_gone_total[5m])", "no metric"),
        ("tessera_ready{colour=\"red\"}", "no label colour"),
        ("sum by (colour) (tessera_ready)", "no label colour"),
        ("1 + 1", "no metric at all"),
    ] {
        assert!(trouble(query, &told).is_some_and(|found| found.contains(why)), "{query} passes");
    }
}
