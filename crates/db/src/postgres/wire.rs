//! Sends several requests at once over a connection and waits for all their answers.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use tokio_postgres::{AsyncMessage, Connection, Socket};

use super::failure::Failure;
use super::tls::TlsStream;

/// The half of a connection that reads and writes. Nothing moves on it but while work is driven.
pub(super) struct Wire {
    connection: Connection<Socket, TlsStream>,
    /// Whether the server did not wait for its copies while the present work was driven.
    warned: bool,
    /// Whether it has ended.
    ended: bool,
}

impl Wire {
    pub(super) fn new(connection: Connection<Socket, TlsStream>) -> Self {
        Self { connection, warned: false, ended: false }
    }

    /// Does the work, which talks through the client half. What the work asks for before it first waits goes
    /// out together.
    pub(super) async fn drive<T>(
        &mut self,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let mut work = pin!(work);
        self.warned = false;
        poll_fn(|context| {
            if let Poll::Ready(done) = work.as_mut().poll(context) {
                return Poll::Ready(done);
            }
            let lost = self.poll(context);
            // The last words of a connection may be the answer, or say more than its end does.
            match (work.as_mut().poll(context), lost) {
                (Poll::Ready(done), _) => Poll::Ready(done),
                (Poll::Pending, Poll::Ready(failure)) => Poll::Ready(Err(failure)),
                (Poll::Pending, Poll::Pending) => Poll::Pending,
            }
        })
        .await
    }

    /// Whether the server warned, while the last work was driven, that it did not wait for its copies.
    pub(super) fn warned(&self) -> bool {
        self.warned
    }

    /// Whether the server has not hung up, as far as is known without asking it.
    pub(super) fn is_open(&mut self) -> bool {
        self.poll(&mut Context::from_waker(Waker::noop())).is_pending()
    }

    /// Says goodbye; the client half must be gone.
    pub(super) async fn finish(mut self) {
        poll_fn(|context| self.poll(context)).await;
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Failure> {
        let failure = loop {
            if self.ended {
                break Failure::lost("the connection has ended");
            }
            match self.connection.poll_message(context) {
                Poll::Ready(Some(Ok(message))) => self.note(&message),
                Poll::Ready(Some(Err(error))) => break Failure::connecting(&error),
                Poll::Ready(None) => break Failure::lost("the connection was closed"),
                Poll::Pending => return Poll::Pending,
            }
        };
        self.ended = true;
        Poll::Ready(failure)
    }

    fn note(&mut self, message: &AsyncMessage) {
        if let AsyncMessage::Notice(notice) = message
            && notice.severity() == "WARNING"
        {
            self.warned |= notice.file() == Some("syncrep.c");
            tracing::warn!(message = notice.message(), "the database server warns");
        }
    }
}

/// Runs futures side by side, polling them in order, so that what they send first goes out in that order.
pub(super) async fn all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut futures: Vec<Pin<Box<F>>> = futures.into_iter().map(Box::pin).collect();
    let mut done: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    poll_fn(|context| {
        let mut pending = false;
        for (future, done) in futures.iter_mut().zip(&mut done) {
            if done.is_none() {
                match future.as_mut().poll(context) {
                    Poll::Ready(output) => *done = Some(output),
                    Poll::Pending => pending = true,
                }
            }
        }
        if pending { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    done.into_iter().flatten().collect()
}
