//! A short name for each request, so that an answer and the log can be put side by side.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
};

use http::HeaderValue;
use tokio::task::futures::TaskLocalFuture;

/// The id of one request: 32 lower-case hex digits, in the header `x-request-id` of its answer and
/// in the request's extensions. It is no secret, and grants nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RequestId([u8; 32]);

tokio::task_local! {
    /// The request that is being answered.
    static CURRENT: RequestId;
}

impl RequestId {
    /// The id of the request that the calling task is answering, so that whatever it logs can be told apart.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(|id| *id).ok()
    }

    /// The future with this as its [`current`](Self::current) id.
    pub(crate) fn during<F: Future>(self, future: F) -> TaskLocalFuture<Self, F> {
        CURRENT.scope(self, future)
    }

    /// The 32 digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The digits as a header value.
    pub(crate) fn header(&self) -> HeaderValue {
        HeaderValue::from_bytes(&self.0).unwrap_or(HeaderValue::from_static(""))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Makes ids: a counter, scattered by a seed so that two runs of a server do not share ids.
pub(crate) struct RequestIds {
    seed: u64,
    next: AtomicU64,
}

impl RequestIds {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed: scatter(seed), next: AtomicU64::new(0) }
    }

    /// An id that this run has not given before: the low half is a one-to-one image of the counter.
    pub(crate) fn next(&self) -> RequestId {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        let low = scatter(self.seed.wrapping_add(count));
        let high = scatter(self.seed ^ low.rotate_left(32));
        RequestId(hex(u128::from(high) << 64 | u128::from(low)))
    }
}

/// The output function of SplitMix64 (Steele, Lea, Flood 2014): one-to-one, and every input bit
/// moves every output bit.
fn scatter(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

fn hex(value: u128) -> [u8; 32] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    std::array::from_fn(|place| DIGITS[(value >> (124 - 4 * place) & 15) as usize])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_distinct_within_and_between_runs() {
        let mut seen = BTreeSet::new();
        for seed in [0, 1, u64::MAX] {
            let ids = RequestIds::new(seed);
            for _ in 0..1_000 {
                let id = ids.next();
                assert!(
                    id.as_str().len() == 32 && id.as_str().bytes().all(|digit| digit.is_ascii_hexdigit())
                );
                assert_eq!(id.header(), id.as_str());
                seen.insert(id.to_string());
            }
        }
        assert_eq!(seen.len(), 3_000);
    }

    #[tokio::test]
    async fn whoever_answers_a_request_knows_its_id() {
        let id = RequestIds::new(7).next();
        assert_eq!(RequestId::current(), None);
        assert_eq!(id.during(async { RequestId::current() }).await, Some(id));
        assert_eq!(RequestId::current(), None);
    }

    #[test]
    fn hex_writes_the_highest_digit_first() {
        assert_eq!(&hex(0x0123_u128 << 112 | 0xf), b"0123000000000000000000000000000f");
    }
}
