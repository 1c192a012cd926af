//! One method on one path, with the handler that answers it.

use std::{fmt, pin::Pin, sync::Arc};

use axum::{extract::Request, handler::Handler, response::Response};
use http::{HeaderMap, Method};

/// Says from headers and body whether a request is this contract's. Asked only where several mounted
/// contracts share the method and the path.
pub type Claim = fn(&HeaderMap, &[u8]) -> bool;

/// A handler whose state is already captured.
pub(crate) type Serve = Arc<dyn Fn(Request) -> Answering + Send + Sync>;

/// An answer under way.
pub(crate) type Answering = Pin<Box<dyn Future<Output = Response> + Send>>;

/// One method on one path of a contract.
#[derive(Clone)]
pub struct Endpoint {
    /// The method.
    pub method: Method,
    /// The full path: fixed segments in lower case and parameters that are whole segments, as in
    /// `/user/activate-account/{token}`. Under an exclusive prefix case is kept, and a slash at the
    /// end makes a pattern of its own for that spelling.
    pub path: &'static str,
    /// How to recognise one's own request where the path is shared; `None` takes what nobody claims.
    pub claims: Option<Claim>,
    /// True if HEAD is answered like this GET, without the body; else HEAD is a 405.
    pub head: bool,
    pub(crate) serve: Serve,
}

impl Endpoint {
    /// An endpoint without claims, not answering HEAD.
    pub fn new<H, T, S>(method: Method, path: &'static str, handler: H, state: S) -> Self
    where
        H: Handler<T, S, Future = Answering> + Sync,
        T: 'static,
        S: Clone + Send + Sync + 'static,
    {
        let serve: Serve = Arc::new(move |request| handler.clone().call(request, state.clone()));
        Self { method, path, claims: None, head: false, serve }
    }

    /// Recognises its requests on a shared path by `claim`.
    pub fn claiming(self, claim: Claim) -> Self {
        Self { claims: Some(claim), ..self }
    }

    /// Answers HEAD like GET. The handler must have no effect beyond its answer.
    pub fn with_head(self) -> Self {
        Self { head: true, ..self }
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}
