//! Throttles.

use model::{Span, Throttle};
use store::guard;

use crate::fixtures::at;
use crate::{Bench, read, write};

const THREE: Throttle = Throttle { burst: 3, every: Span::seconds(60) };

pub(crate) async fn run(bench: &mut Bench) {
    for _ in 0..3 {
        write!(bench, throttles::take("a", THREE, at(0))).unwrap();
    }
    assert_eq!(write!(bench, throttles::take("a", THREE, at(59))).err(), Some(guard::PASSES));
    assert_eq!(read!(bench, throttles::empty_at("a")), Some(at(180)), "a refused try is not counted");
    write!(bench, throttles::take("a", THREE, at(60))).unwrap();
    assert_eq!(read!(bench, throttles::empty_at("a")), Some(at(240)));
    write!(bench, throttles::give_back("a", THREE)).unwrap();
    assert_eq!(read!(bench, throttles::empty_at("a")), Some(at(180)));
    // A bucket that has run empty meanwhile begins anew.
    write!(bench, throttles::take("a", THREE, at(1_000))).unwrap();
    assert_eq!(read!(bench, throttles::empty_at("a")), Some(at(1_060)));
    // Counting fails nobody, and counts no further than a full bucket.
    for _ in 0..5 {
        write!(bench, throttles::count("b", THREE, at(0))).unwrap();
    }
    assert_eq!(read!(bench, throttles::empty_at("b")), Some(at(180)));
    assert_eq!(write!(bench, throttles::take("b", THREE, at(0))).err(), Some(guard::PASSES));
    write!(bench, throttles::clear("b")).unwrap();
    assert_eq!(read!(bench, throttles::empty_at("b")), None);
    write!(bench, throttles::give_back("b", THREE)).unwrap();
    assert_eq!(read!(bench, throttles::empty_at("b")), None, "nothing is given back to an empty bucket");
    write!(bench, throttles::take("b", THREE, at(0))).unwrap();
    write!(bench, throttles::take("c", THREE, at(0))).unwrap();
    for left in [1, 1, 0] {
        assert_eq!(write!(bench, throttles::sweep(at(1_000), 1)).unwrap().touched(0), left);
    }
    assert_eq!(read!(bench, throttles::empty_at("a")), Some(at(1_060)), "not empty yet");
}
