//! Pages made of words and values: escaped, and with the headers that every page has.

use askama::Template;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

use crate::STYLE;
use crate::page::Page;
use crate::text::{Ask, Labels, Note, PasswordWords, WORDS};

/// Nothing but our own stylesheet and our own forms; nobody may frame a button that acts.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// What stands around a page's content.
pub(crate) struct Frame<'a> {
    language: &'static str,
    /// The product's name; the operator's text.
    site: &'a str,
    style: &'static str,
}

impl<'a> Frame<'a> {
    /// Around a page of a mount. All of them lie equally deep, so that the stylesheet is found also where a
    /// proxy serves us below a path of its own.
    pub(crate) fn of(site: &'a str) -> Self {
        Self { language: WORDS.language, site, style: "../../style.css" }
    }

    /// Around what was said to somebody who missed every page.
    pub(crate) fn lost() -> Self {
        Self { language: WORDS.language, site: "Tessera", style: STYLE }
    }
}

/// A value with its label.
pub(crate) struct Fact {
    pub(crate) label: &'static str,
    pub(crate) value: String,
}

/// What is wrong with a new password, said next to the field that it is about.
pub(crate) enum Wrong {
    Password(String),
    Repeat(String),
}

#[derive(Template)]
#[template(path = "note.html")]
struct NotePage<'a> {
    frame: &'a Frame<'a>,
    note: &'a Note,
}

#[derive(Template)]
#[template(path = "button.html")]
struct ButtonPage<'a> {
    frame: &'a Frame<'a>,
    words: &'a Ask,
    facts: &'a [Fact],
}

#[derive(Template)]
#[template(path = "reset.html")]
struct ResetPage<'a> {
    frame: &'a Frame<'a>,
    words: &'a Ask,
    labels: &'a Labels,
    password: &'a PasswordWords,
    username: &'a str,
    min: usize,
    hint: String,
    wrong_password: Option<&'a str>,
    wrong_repeat: Option<&'a str>,
}

/// A page's words.
pub(crate) fn words(page: Page) -> &'static Ask {
    match page {
        Page::Confirm => &WORDS.confirm,
        Page::Reset => &WORDS.reset,
        Page::Email => &WORDS.email,
        Page::NotMe => &WORDS.not_me,
    }
}

/// A page that only says something.
pub(crate) fn note(status: StatusCode, frame: &Frame<'_>, note: &Note) -> Response {
    rendered(status, &NotePage { frame, note })
}

/// A page with facts and a button.
pub(crate) fn button(frame: &Frame<'_>, page: Page, facts: &[Fact]) -> Response {
    rendered(StatusCode::OK, &ButtonPage { frame, words: words(page), facts })
}

/// The page that asks for a new password; a 400 if the one before was wrong.
pub(crate) fn reset(frame: &Frame<'_>, username: &str, min: usize, wrong: Option<&Wrong>) -> Response {
    let (wrong_password, wrong_repeat) = match wrong {
        None => (None, None),
        Some(Wrong::Password(text)) => (Some(text.as_str()), None),
        Some(Wrong::Repeat(text)) => (None, Some(text.as_str())),
    };
    let password = &WORDS.password;
    let page = ResetPage {
        frame,
        words: words(Page::Reset),
        labels: &WORDS.labels,
        password,
        username,
        min,
        hint: (password.hint)(min),
        wrong_password,
        wrong_repeat,
    };
    rendered(if wrong.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK }, &page)
}

fn rendered(status: StatusCode, page: &impl Template) -> Response {
    let html = match page.render() {
        Ok(html) => html,
        Err(cause) => {
            tracing::error!(%cause, "a page could not be rendered");
            return web::empty(StatusCode::INTERNAL_SERVER_ERROR);
        }
    };
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
