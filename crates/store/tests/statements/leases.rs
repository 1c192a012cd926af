//! What one process at a time does.

use store::guard;

use crate::fixtures::at;
use crate::{Bench, read, write};

pub(crate) async fn run(bench: &mut Bench) {
    write!(bench, leases::take("sweep", "a", at(0), at(10))).unwrap();
    assert_eq!(write!(bench, leases::take("sweep", "b", at(9), at(20))).err(), Some(guard::LEASE_FREE));
    write!(bench, leases::take("other", "b", at(9), at(20))).unwrap();
    // Its holder holds it longer; when the time is over, anybody takes it.
    write!(bench, leases::take("sweep", "a", at(9), at(20))).unwrap();
    assert_eq!(write!(bench, leases::take("sweep", "b", at(19), at(30))).err(), Some(guard::LEASE_FREE));
    write!(bench, leases::take("sweep", "b", at(20), at(30))).unwrap();
    assert_eq!(write!(bench, leases::take("sweep", "a", at(20), at(30))).err(), Some(guard::LEASE_FREE));
    assert_eq!(read!(bench, leases::held_until()), Some(at(30)));
    // Only its holder gives it back; then it is anybody's.
    assert_eq!(write!(bench, leases::release("sweep", "a")).unwrap().touched(0), 0);
    assert_eq!(write!(bench, leases::release("sweep", "b")).unwrap().touched(0), 1);
    assert_eq!(read!(bench, leases::held_until()), Some(at(20)), "the other one");
    write!(bench, leases::take("sweep", "a", at(20), at(30))).unwrap();
}
