//! `/`: what this is, what it speaks, and a first line to try.

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use config::Settings;
use serde_json::{Value, json};

use super::{api, escaped, html, page, reference};
use crate::compose::Spoken;

/// The start page, or the same as JSON where that is asked for.
pub(super) fn route(spoken: &[&'static Spoken], settings: &Settings) -> Router {
    let url = settings.public_url.trim_end_matches('/');
    let docs = settings.docs.enabled;
    let (as_json, as_page) = (description(spoken, url, docs), start_page(spoken, url, docs));
    Router::new().route("/", get(async move |headers: HeaderMap| answer(&headers, &as_json, &as_page)))
}

fn answer(headers: &HeaderMap, as_json: &Value, as_page: &str) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accept.contains("application/json") && !accept.contains("text/html") {
        return web::json(StatusCode::OK, as_json);
    }
    html(as_page.to_owned())
}

/// How to make an administrator, wherever it is said.
const ADMINISTRATOR: &str = "tessera account create --username NAME --permission admin";

fn description(spoken: &[&'static Spoken], url: &str, docs: bool) -> Value {
    let contract = |spoken: &&Spoken| {
        let mut about = json!({
            "name": spoken.name,
            "for": spoken.about,
            "endpoints": endpoints(spoken),
            "try": curl(spoken, url),
        });
        if docs {
            about["documentation"] = format!("{url}{}", reference::path(spoken)).into();
        }
        about
    };
    let mut description = json!({
        "name": "Tessera",
        "version": env!("CARGO_PKG_VERSION"),
        "contracts": spoken.iter().map(contract).collect::<Vec<_>>(),
        "keys": format!("{url}/.well-known/jwks.json"),
        "make_an_administrator": ADMINISTRATOR,
    });
    if docs {
        description["openapi"] = format!("{url}{}", api::DOCUMENT).into();
    }
    description
}

/// The endpoints that the contract's documentation lists in its first table.
fn endpoints(spoken: &Spoken) -> Vec<String> {
    let rows = spoken
        .reference
        .lines()
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'));
    let calls = rows.filter_map(|row| {
        let mut cells = row.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', ""));
        Some(format!("{} {}", cells.next()?, cells.next()?))
    });
    calls.skip(2).collect()
}

fn curl(spoken: &Spoken, url: &str) -> String {
    spoken.curl.replace("URL", url)
}

fn start_page(spoken: &[&'static Spoken], url: &str, docs: bool) -> String {
    let cards: String = spoken.iter().map(|spoken| card(spoken, url, docs)).collect();
    let api = match docs {
        true => format!(
            "<p>Everything in one place, to read and to try: <a href=\"{}\">the API documentation</a>.</p>\n",
            api::PAGE
        ),
        false => String::new(),
    };
    let version = env!("CARGO_PKG_VERSION");
    let url = escaped(url);
    let body = format!(
        "<h1><span aria-hidden=\"true\">&#9670;</span> Tessera <small>{version}</small></h1>\n\
         <p>An authentication server at <code>{url}</code>. It keeps accounts and proves who is calling, in the words of \
         the systems below: point one of their clients here, or try a line yourself.</p>\n\
         <div class=\"cards\">{cards}</div>\n{api}\
         <p>Make an administrator in a terminal on this machine: <code>{ADMINISTRATOR}</code>, with the same \
         <code>--data</code>.</p>\n\
         <footer>This page as JSON: ask for <code>application/json</code>. Public keys: \
         <a href=\"/.well-known/jwks.json\">/.well-known/jwks.json</a>.</footer>"
    );
    page("Tessera", "start", &body)
}

fn card(spoken: &Spoken, url: &str, docs: bool) -> String {
    let calls: String =
        endpoints(spoken).iter().map(|call| format!("<li><code>{}</code></li>", escaped(call))).collect();
    let name = match docs {
        true => format!("<a href=\"{}\">{}</a>", reference::path(spoken), escaped(spoken.title)),
        false => escaped(spoken.title),
    };
    format!(
        "<section><h2>{name} <small>{about}</small></h2><ul>{calls}</ul>\
         <pre tabindex=\"0\"><code>{curl}</code></pre></section>",
        about = spoken.about,
        curl = escaped(&curl(spoken, url)),
    )
}
