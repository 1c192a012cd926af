//! `/docs/NAME`: a contract's documentation, written beside its code.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::routing::get;
use pulldown_cmark::{Options, Parser, html::push_html};

use super::{html, page};
use crate::compose::Spoken;

/// The page of one contract, made when it is first asked for.
pub(super) fn route(spoken: &'static Spoken) -> Router {
    let page = Arc::new(LazyLock::new(|| made(spoken)));
    Router::new().route(&path(spoken), get(async move || html(page.to_string())))
}

fn made(spoken: &Spoken) -> String {
    let mut body = String::from("<p><a href=\"/\">Tessera</a></p>\n");
    push_html(&mut body, Parser::new_ext(spoken.reference, Options::ENABLE_TABLES));
    // What scrolls sideways must be reachable by keyboard.
    let body = body.replace("<pre>", "<pre tabindex=\"0\">");
    page(&format!("{} - Tessera", spoken.name), "doc", &body)
}

/// Where it is.
pub(super) fn path(spoken: &Spoken) -> String {
    format!("/docs/{}", spoken.name)
}
