//! `/docs/NAME`: a contract's documentation, written beside its code.

use axum::Router;
use axum::routing::get;
use pulldown_cmark::{Options, Parser, html::push_html};

use super::{html, page};
use crate::compose::Spoken;

/// The page of one contract.
pub(super) fn route(spoken: &'static Spoken) -> Router {
    let mut body = String::from("<p><a href=\"/\">Tessera</a></p>\n");
    push_html(&mut body, Parser::new_ext(spoken.reference, Options::ENABLE_TABLES));
    // What scrolls sideways must be reachable by keyboard.
    let body = body.replace("<pre>", "<pre tabindex=\"0\">");
    let page = page(&format!("{} - Tessera", spoken.name), "doc", &body);
    Router::new().route(&path(spoken), get(async move || html(page)))
}

/// Where it is.
pub(super) fn path(spoken: &Spoken) -> String {
    format!("/docs/{}", spoken.name)
}
