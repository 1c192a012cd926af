//! The wrapped root secret.

use store::guard;

use crate::fixtures::{account, at};
use crate::{Bench, read, write};

pub(crate) async fn run(bench: &mut Bench) {
    assert_eq!(read!(bench, root_secret::get()), None);
    write!(bench, root_secret::keep(b"first", at(1))).unwrap();
    assert_eq!(write!(bench, root_secret::keep(b"second", at(2))).unwrap().touched(0), 0);
    assert_eq!(read!(bench, root_secret::get()), Some(b"first".to_vec()));
    write!(bench, root_secret::rewrap(b"first", b"other", at(3))).unwrap();
    let again = write!(bench, root_secret::rewrap(b"first", b"third", at(4)));
    assert_eq!(again.err(), Some(guard::ROOT_UNCHANGED));
    assert_eq!(read!(bench, root_secret::get()), Some(b"other".to_vec()));
    let mut factored = account("factored");
    factored.two_factor.secret = Some(b"sealed".to_vec());
    write!(bench, accounts::insert(&factored)).unwrap();
    write!(bench, accounts::update(&factored, at(5))).unwrap();
    let found = read!(bench, root_secret::a_sealed_second_factor());
    assert_eq!(found, Some((factored.id, b"sealed".to_vec())));
}
