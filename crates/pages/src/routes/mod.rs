//! The endpoints: what a page shows, and what its form does.

mod button;
mod reset;

use std::sync::Arc;

use accounts::{Mailed, Mount};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use web::{Client, Endpoint, Missed, RawBody, media_type};

use crate::STYLE;
use crate::errors::{Refused, refused};
use crate::origin::Home;
use crate::page::Page;
use crate::view::Frame;

/// One page of every mount.
#[derive(Clone)]
struct Desk {
    page: Page,
    mounts: Arc<[Mount]>,
    home: Arc<Home>,
}

/// Somebody who followed a link.
struct Visit<'a> {
    page: Page,
    mount: &'a Mount,
    token: &'a str,
}

/// Every page, and the stylesheet.
pub(crate) fn endpoints(mounts: &[Mount], public_url: &str) -> Vec<Endpoint> {
    let (mounts, home): (Arc<[Mount]>, _) = (mounts.into(), Arc::new(Home::new(public_url)));
    let pages = Page::ALL.into_iter().flat_map(|page| {
        let desk = Desk { page, mounts: Arc::clone(&mounts), home: Arc::clone(&home) };
        [
            Endpoint::new(Method::GET, page.path(), show, desk.clone()).with_head(),
            Endpoint::new(Method::POST, page.path(), act, desk),
        ]
    });
    pages.chain([Endpoint::new(Method::GET, STYLE, style, ()).with_head()]).collect()
}

/// Shows what the link is for and spends nothing.
async fn show(State(desk): State<Desk>, Path((mount, token)): Path<(String, String)>) -> Response {
    desk.answer(&mount, &token, async |visit| {
        let mailed = visit.mailed().await?;
        Ok(match visit.page {
            Page::Reset => reset::form(&visit, &mailed, None),
            Page::Confirm | Page::Email | Page::NotMe => button::form(&visit, mailed),
        })
    })
    .await
}

/// Does what the link is for.
async fn act(
    State(desk): State<Desk>,
    Path((mount, token)): Path<(String, String)>,
    client: Client,
    RawBody(headers, body): RawBody,
) -> Response {
    let client = accounts::Client { address: client.address, user_agent: client.user_agent };
    desk.answer(&mount, &token, async |visit| {
        check_form(&desk.home, &headers)?;
        match visit.page {
            Page::Reset => reset::set(&visit, &body, client).await,
            Page::Confirm | Page::Email | Page::NotMe => button::press(&visit, &client).await,
        }
    })
    .await
}

/// Whether the body is a form of ours. A button alone may come without a body.
fn check_form(home: &Home, headers: &HeaderMap) -> Result<(), Refused> {
    if !home.sent(headers) {
        return Err(Refused::Foreign);
    }
    match media_type(headers) {
        web::MediaType::Form | web::MediaType::None => Ok(()),
        web::MediaType::Json | web::MediaType::Other => Err(Refused::BadForm),
    }
}

impl Desk {
    async fn answer(
        &self,
        mount: &str,
        token: &str,
        work: impl AsyncFnOnce(Visit<'_>) -> Result<Response, Refused>,
    ) -> Response {
        let Some(mount) = self.mounts.iter().find(|known| known.policy().name == mount) else {
            return Missed::NotFound.into_response();
        };
        let done = work(Visit { page: self.page, mount, token }).await;
        done.unwrap_or_else(|why| refused(why, &mount.policy().site, self.page))
    }
}

impl Visit<'_> {
    /// What the token would act on.
    async fn mailed(&self) -> Result<Mailed, Refused> {
        self.mount.mailed(self.page.kind(), self.token).await?.ok_or(Refused::Gone)
    }

    fn frame(&self) -> Frame<'_> {
        Frame::of(&self.mount.policy().site)
    }
}

/// The stylesheet of every page.
async fn style() -> Response {
    let mut response = (StatusCode::OK, include_str!("../style.css")).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    response
}
