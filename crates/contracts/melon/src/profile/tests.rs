use serde_json::json;

use super::*;

fn document(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[test]
fn what_is_not_there_or_of_another_type_is_empty() {
    assert_eq!(Profile::of(&Map::new()), Profile::default());
    let odd = json!({ "bio": 5, "favTrack": null, "publicStats": "true", "friends": "a" });
    assert_eq!(Profile::of(&document(odd)), Profile::default());
    let friends = Profile::of(&document(json!({ "friends": ["a", 5, "b"] }))).friends;
    assert_eq!(friends, Some(vec!["a".to_owned(), "b".to_owned()]));
}

#[test]
fn a_friend_is_there_once_or_not_at_all() {
    let id = AccountId::from_text;
    let mut kept = Map::new();
    for friend in ["a", "b", "a"] {
        add_friend(&mut kept, &id(friend));
    }
    assert_eq!(Profile::of(&kept).friends.unwrap(), ["b", "a"]);
    assert!(Profile::of(&kept).has_friend(&id("a")) && !Profile::of(&kept).has_friend(&id("A")));
    for friend in ["a", "nobody", "b"] {
        remove_friend(&mut kept, &id(friend));
    }
    assert_eq!(Profile::of(&kept).friends, Some(Vec::new()));
}

#[test]
fn the_fullest_profile_that_can_be_written_is_kept() {
    let query = format!(
        "bio={}&favTrackId={q}&favAlbumId={q}&favArtistId={q}&publicStats=FALSE",
        "%22".repeat(MAX_BIO_BYTES),
        q = "%5C".repeat(MAX_FAVOURITE_BYTES),
    );
    let params = Params::of_query(Some(&query)).unwrap();
    let mut kept = Map::new();
    Update::read(&params).unwrap().apply(&mut kept);
    for n in 0..MAX_FRIENDS {
        assert!(!Profile::of(&kept).is_full_of_friends());
        add_friend(&mut kept, &AccountId::from_text(format!("{n:036}")));
    }
    assert!(Profile::of(&kept).is_full_of_friends());
    let others = Map::from_iter([("kept".to_owned(), Value::from("x".repeat(1_000)))]);
    let all = model::Profile::default().with_section("goscrobble", others).unwrap();
    assert!(all.with_section("melon", kept).is_ok());
}

#[test]
fn a_longer_one_is_refused() {
    let long = |name: &str, length: usize| format!("{name}={}", "x".repeat(length));
    for (name, query) in [
        ("bio", long("bio", MAX_BIO_BYTES + 1)),
        ("bio", "bio=a%00b".to_owned()),
        ("favTrackId", long("favTrackId", MAX_FAVOURITE_BYTES + 1)),
        ("favAlbumId", "favAlbumId=a%0Ab".to_owned()),
        ("favArtistId", "favArtistId=%7F".to_owned()),
        ("publicStats", "publicStats=yes".to_owned()),
        ("publicStats", "publicStats=true+".to_owned()),
    ] {
        let refused = Update::read(&Params::of_query(Some(&query)).unwrap()).unwrap_err();
        assert!(matches!(refused, Refused::Unusable(said) if said == name), "{query:.40}");
    }
    let nothing = Params::of_query(Some("bio=&favTrackId=&publicStats=&other=1")).unwrap();
    assert!(Update::read(&nothing).unwrap().is_empty());
}
