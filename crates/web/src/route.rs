//! One method on one path, with all the contracts that answer there.

use std::{
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::OnceLock,
    task::Poll,
    time::Duration,
};

use axum::{body::Body, extract::Request, response::Response};

use crate::{
    body::{Overrun, bounded, read},
    endpoint::{Claim, Serve},
    territory::{Miss, Missed, worded},
    traffic::Number,
};

/// Which endpoint answered, in the extensions of its answer: labels for metrics and traces that hold
/// nothing a caller wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Served {
    /// The contract's name.
    pub contract: &'static str,
    /// The path pattern, as in [`crate::Endpoint::path`].
    pub pattern: &'static str,
    pub(crate) number: Number,
}

/// A contract that answers on a route.
pub(crate) struct Candidate {
    pub(crate) served: Option<Served>,
    pub(crate) claims: Option<Claim>,
    pub(crate) serve: Serve,
    /// The contract's own words, if it has a territory here.
    pub(crate) miss: Option<Miss>,
}

/// What bounds every request.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    /// Bytes of body.
    pub(crate) body: usize,
    /// Until the head of the answer.
    pub(crate) timeout: Duration,
}

pub(crate) struct Route {
    /// In mount order, at least one.
    pub(crate) candidates: Vec<Candidate>,
    /// The candidate that takes what nobody claims.
    pub(crate) unclaimed: usize,
    pub(crate) bounds: Bounds,
}

impl Route {
    /// Answers within the bounds, whatever the handler does. `miss` words what goes wrong before a
    /// contract is chosen, or in one without words of its own.
    pub(crate) async fn answer(&self, request: Request, miss: Miss) -> Response {
        let chosen = OnceLock::new();
        if self.candidates.len() == 1 {
            let _ = chosen.set(self.unclaimed);
        }
        let (result, overrun) = match bounded(request, self.bounds.body) {
            None => (Err(Missed::TooLarge), Overrun::default()),
            Some((request, overrun)) => (self.guarded(request, &chosen).await, overrun),
        };
        let candidate = chosen.get().and_then(|index| self.candidates.get(*index));
        let miss = candidate.and_then(|candidate| candidate.miss).unwrap_or(miss);
        let served = candidate.and_then(|candidate| candidate.served);
        report(&result, served);
        let mut response = match result {
            Ok(_) if overrun.happened() => worded(miss, &Missed::TooLarge),
            Ok(response) => reworded(response, miss),
            Err(missed) => worded(miss, &missed),
        };
        if let Some(served) = served {
            response.extensions_mut().insert(served);
        }
        response
    }

    async fn guarded(&self, request: Request, chosen: &OnceLock<usize>) -> Result<Response, Missed> {
        let mut work = pin!(unpanicked(self.serve(request, chosen)));
        // Most work is done at once: only what has to wait is given a timer.
        let at_once = poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await;
        let done = match at_once {
            Poll::Ready(done) => Ok(done),
            Poll::Pending => tokio::time::timeout(self.bounds.timeout, work).await,
        };
        match done {
            Ok(Some(result)) => result,
            Ok(None) => Err(Missed::Panicked),
            Err(_elapsed) => Err(Missed::TimedOut),
        }
    }

    async fn serve(&self, request: Request, chosen: &OnceLock<usize>) -> Result<Response, Missed> {
        let (index, request) = match chosen.get() {
            Some(index) => (*index, request),
            None => self.choose(request, chosen).await?,
        };
        let candidate = self.candidates.get(index).ok_or(Missed::NotFound)?;
        Ok((candidate.serve)(request).await)
    }

    /// Reads the body once, asks who claims the request, and gives the body on.
    async fn choose(&self, request: Request, chosen: &OnceLock<usize>) -> Result<(usize, Request), Missed> {
        let (parts, body) = request.into_parts();
        let body = read(body).await?;
        let claimed = self
            .candidates
            .iter()
            .position(|candidate| candidate.claims.is_some_and(|claims| claims(&parts.headers, &body)));
        let index = *chosen.get_or_init(|| claimed.unwrap_or(self.unclaimed));
        Ok((index, Request::from_parts(parts, Body::from(body))))
    }
}

/// An extractor's refusal in the words of the contract; any other answer as it is.
fn reworded(mut response: Response, miss: Miss) -> Response {
    match response.extensions_mut().remove::<Missed>() {
        Some(missed) => worded(miss, &missed),
        None => response,
    }
}

/// The future's output, or `None` if it panicked. What the panic said has gone to the panic hook.
async fn unpanicked<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    poll_fn(move |context| {
        // Unwind safety: the future is not polled again after a panic, and what it shared with
        // other requests has to be sound under panics anyway (locks poison, channels close).
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(poll) => poll.map(Some),
            Err(_panic) => Poll::Ready(None),
        }
    })
    .await
}

fn report(result: &Result<Response, Missed>, served: Option<Served>) {
    let what = match result {
        Err(Missed::Panicked) => "a handler panicked",
        Err(Missed::TimedOut) => "a handler gave no answer in time",
        _ => return,
    };
    let (contract, pattern) = served.map_or(("", ""), |served| (served.contract, served.pattern));
    tracing::error!(contract, pattern, "{what}");
}
