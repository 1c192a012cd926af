use super::*;

fn folded(pattern: &'static str, path: &str) -> Option<String> {
    let pattern = Pattern::parse(pattern, Case::Folded).unwrap();
    pattern.canonical(path, Case::Folded).map(Cow::into_owned)
}

#[test]
fn fixed_segments_fold_and_parameters_stay() {
    let table = [
        ("/auth/login", "/auth/login", Some("/auth/login")),
        ("/auth/login", "/Auth/LOGIN/", Some("/auth/login")),
        ("/auth/login", "/auth/login//", None),
        ("/auth/login", "//auth/login", None),
        ("/auth/login", "/auth//login", None),
        ("/auth/login", "/auth/login/x", None),
        ("/auth/login", "/auth", None),
        ("/auth/login", "/auth/%6Cogin", None),
        ("/auth/login", "", None),
        ("/auth/login", "*", None),
        ("/a/{token}", "/A/AbC%2F/", Some("/a/AbC%2F")),
        ("/a/{token}", "/a/", None),
        ("/a/{token}", "/a//", None),
        ("/a/{x}/b", "/A/X/B", Some("/a/X/b")),
        ("/a/{x}/b", "/a//b", None),
        ("/", "/", Some("/")),
        ("/", "//", None),
        ("/", "", None),
        ("/a/", "/a", None),
        ("/a/", "/A/", Some("/a/")),
        ("/a/", "/a//", None),
    ];
    for (pattern, path, spelled) in table {
        assert_eq!(folded(pattern, path).as_deref(), spelled, "{pattern} {path}");
    }
}

#[test]
fn a_path_already_spelled_right_is_borrowed() {
    let pattern = Pattern::parse("/a/{token}", Case::Folded).unwrap();
    assert!(matches!(pattern.canonical("/a/AbC", Case::Folded), Some(Cow::Borrowed("/a/AbC"))));
    let pattern = Pattern::parse("/a/B", Case::Exact).unwrap();
    assert!(matches!(pattern.canonical("/a/B", Case::Exact), Some(Cow::Borrowed("/a/B"))));
    assert!(matches!(pattern.canonical("/a/B/", Case::Exact), Some(Cow::Owned(_))));
    assert!(pattern.canonical("/a/b", Case::Exact).is_none());
}

#[test]
fn bad_patterns_are_told_apart() {
    let folded =
        ["", "a", "/a//b", "/a/{}", "/a/{*rest}", "/a/x{id}", "/a/{id}x", "/a/{i d}", "/A", "//", "/:id"];
    for text in folded {
        assert!(Pattern::parse(text, Case::Folded).is_err(), "{text}");
    }
    assert!(Pattern::parse("/API/{id}/", Case::Exact).is_ok());
}

#[test]
fn the_earliest_fixed_segment_comes_first() {
    let parse = |text| Pattern::parse(text, Case::Folded).unwrap();
    let mut patterns = [parse("/{a}/{b}"), parse("/{a}/y"), parse("/x/{b}"), parse("/x/y"), parse("/x/")];
    patterns.sort_by(Pattern::precedence);
    let order: Vec<_> = patterns.iter().map(Pattern::text).collect();
    assert_eq!(order, ["/x/", "/x/y", "/x/{b}", "/{a}/y", "/{a}/{b}"]);
    assert!(parse("/a/{b}").same_paths(&parse("/a/{c}")));
    assert!(!parse("/a/{b}").same_paths(&parse("/a/b")));
    assert!(!parse("/a").same_paths(&parse("/a/")));
}

#[test]
fn prefixes_end_at_a_segment() {
    for (path, prefix, case, under) in [
        ("/auth", "/auth", Case::Folded, true),
        ("/AUTH/x", "/auth", Case::Folded, true),
        ("/auth/../x", "/auth", Case::Folded, true),
        ("/authx", "/auth", Case::Folded, false),
        ("/aut", "/auth", Case::Folded, false),
        ("/API/v1", "/api/v1", Case::Exact, false),
        ("/api/v1/", "/api/v1", Case::Exact, true),
        ("/api/v10", "/api/v1", Case::Exact, false),
        ("/anything", "/", Case::Folded, true),
        ("*", "/", Case::Folded, false),
        ("/\u{e9}\u{e9}", "/ab", Case::Folded, false),
    ] {
        assert_eq!(is_under(path, prefix, case), under, "{path} {prefix}");
    }
}

#[test]
fn text_is_what_decodes_to_utf8() {
    for (path, text) in
        [("/a", true), ("/%00", true), ("/%zz", true), ("/%", true), ("/%ff", false), ("/%C3%A9", true)]
    {
        assert_eq!(is_text(path), text, "{path}");
    }
}

#[test]
fn plain_paths_need_no_second_look() {
    for (path, folded, exact) in [
        ("/", true, true),
        ("", true, true),
        ("*", true, true),
        ("/a/b-c_9", true, true),
        ("/a/B", false, true),
        ("/a/", false, false),
        ("//", false, false),
        ("/a//b", false, false),
    ] {
        assert_eq!((is_plain(path, Case::Folded), is_plain(path, Case::Exact)), (folded, exact), "{path}");
    }
}
