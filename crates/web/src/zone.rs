//! A part of the path space whose paths compare alike: the shared one, or one exclusive prefix.

use std::{collections::HashMap, sync::Arc};

use axum::{Router, extract::Request, response::Response};
use http::{Method, Uri};
use tower::Service;

use crate::{
    lost::Lost,
    paths::{is_plain, is_text},
    route::Route,
    territory::{Miss, Missed, worded},
};

/// Tables by method, so that a fixed segment beats a parameter only where it has the method:
/// `DELETE /users/current` is the `{id}` of a contract that deletes, though `GET` is another's.
pub(crate) struct Zone {
    pub(crate) tables: Vec<(Method, Table)>,
    pub(crate) lost: Arc<Lost>,
}

/// What one method is answered with.
pub(crate) struct Table {
    /// Paths without parameters, which beat all others. Most requests end here, at one look-up.
    pub(crate) fixed: HashMap<&'static str, Place>,
    /// Paths with parameters, and behind them whatever is lost.
    pub(crate) router: Router,
}

/// A route, and the words for what goes wrong there.
pub(crate) struct Place {
    pub(crate) route: Route,
    pub(crate) miss: Miss,
}

impl Place {
    pub(crate) async fn answer(&self, request: Request) -> Response {
        self.route.answer(request, self.miss).await
    }
}

impl Zone {
    pub(crate) async fn answer(&self, mut request: Request) -> Response {
        let path = request.uri().path();
        if !is_text(path) {
            return worded(self.lost.miss(path), &Missed::Unreadable);
        }
        let table = self.tables.iter().find(|(method, _)| method == request.method());
        let Some((method, table)) = table else { return self.lost.answer(request).await };
        if !is_plain(path, self.lost.case) {
            match self.respelled(method, request.uri()) {
                None => return self.lost.answer(request).await,
                Some(None) => {}
                Some(Some(uri)) => *request.uri_mut() = uri,
            }
        }
        if let Some(place) = table.fixed.get(request.uri().path()) {
            return place.answer(request).await;
        }
        let Ok(response) = table.router.clone().call(request).await;
        response
    }

    /// The address with the path spelled as its pattern is; `Some(None)` if it already is, `None` if
    /// no pattern of the method takes it.
    fn respelled(&self, method: &Method, uri: &Uri) -> Option<Option<Uri>> {
        let (_, patterns) = self.lost.known.iter().find(|(known, _)| known == method)?;
        let mut spelled = patterns.iter().filter_map(|pattern| pattern.canonical(uri.path(), self.lost.case));
        let path = spelled.next()?;
        if path == uri.path() {
            return Some(None);
        }
        let target = match uri.query() {
            Some(query) => format!("{path}?{query}"),
            None => path.into_owned(),
        };
        let mut parts = uri.clone().into_parts();
        parts.path_and_query = Some(target.try_into().ok()?);
        Uri::from_parts(parts).ok().map(Some)
    }
}
