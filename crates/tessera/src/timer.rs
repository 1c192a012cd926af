//! The timer of a connection: one, set anew for each request.
//!
//! hyper asks for a timer before the head of each request and throws it away when the head is there, most often at
//! once. A new one each time would be taken into the runtime's list of timers, which all threads share, and out again;
//! one that is only put off stays where it is.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};

/// For whoever waits for one thing at a time: of several sleeps all end when the last one does that was asked for.
#[derive(Clone, Default)]
pub(crate) struct OneTimer(Arc<Mutex<Option<Pin<Box<tokio::time::Sleep>>>>>);

/// What is waited for.
struct Turn(OneTimer);

impl Timer for OneTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *inner {
            Some(sleep) => sleep.as_mut().reset(deadline.into()),
            None => *inner = Some(Box::pin(tokio::time::sleep_until(deadline.into()))),
        }
        Box::pin(Turn(self.clone()))
    }

    fn reset(&self, sleep: &mut Pin<Box<dyn Sleep>>, deadline: Instant) {
        *sleep = self.sleep_until(deadline);
    }

    fn now(&self) -> Instant {
        tokio::time::Instant::now().into()
    }
}

impl Future for Turn {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut inner = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.as_mut().map_or(Poll::Ready(()), |sleep| sleep.as_mut().poll(context))
    }
}

impl Sleep for Turn {}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_turn_lasts_as_long_as_it_was_asked_for() {
        let timer = OneTimer::default();
        let began = timer.now();
        // Longer than the next one, and thrown away, as after the head of a request that came in time.
        let first = timer.sleep(Duration::from_secs(3_600));
        drop(first);
        for round in 1..=3 {
            let deadline = began + Duration::from_millis(30 * round);
            timer.sleep_until(deadline).await;
            assert!(timer.now() >= deadline, "{round}");
        }
        let mut put_off = timer.sleep(Duration::from_secs(3_600));
        let deadline = timer.now() + Duration::from_millis(30);
        timer.reset(&mut put_off, deadline);
        put_off.await;
        assert!(timer.now() >= deadline);
    }

    #[tokio::test]
    async fn a_turn_is_not_over_when_an_earlier_one_would_have_been() {
        let timer = OneTimer::default();
        let first = timer.sleep(Duration::from_millis(1));
        drop(first);
        let second = timer.sleep(Duration::from_secs(3_600));
        let both = tokio::time::timeout(Duration::from_millis(100), second).await;
        assert!(both.is_err(), "it ended with the first one's time");
    }
}
