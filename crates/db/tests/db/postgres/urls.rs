//! The names of databases on a server.

use db::{DatabaseUrl, UrlError};

#[test]
fn a_url_is_shown_without_its_password() {
    for (url, shown) in [
        ("postgres://u:secret@h/d", "postgres://u@h:5432/d"),
        ("postgresql://h", "postgres://h:5432/"),
        ("POSTGRES://u:s%40cret@h:1/d%20e", "postgres://u@h:1/d e"),
        ("postgres://u:secret@[::1]:9/d?sslmode=verify-full&sslrootcert=/x", "postgres://u@::1:9/d"),
        ("postgres://u@/d?host=/run/x&port=7", "postgres://u@/run/x:7/d"),
        ("postgres://u@%2Frun%2Fx/d", "postgres://u@/run/x:5432/d"),
        ("postgres://u:secret@a,b:6/d?target_session_attrs=any", "postgres://u@a:5432,b:6/d"),
        ("postgres://u:secret@h/d?connect_timeout=3&application_name=a%26b", "postgres://u@h:5432/d"),
        ("postgres://u:se:cr@et@h/d", "postgres://u@h:5432/d"),
    ] {
        let parsed = DatabaseUrl::parse(url).unwrap();
        assert_eq!(parsed.to_string(), shown, "{url}");
        assert_eq!(format!("{parsed:?}"), format!("DatabaseUrl({shown})"));
    }
}

#[test]
fn bad_urls_are_named_without_repeating_them() {
    for bad in [
        "postgres:",
        "postgres:/",
        "postgres://",
        "postgres:///d",
        "postgres://u:secret@/d",
        "postgres://u:secret@a,,b/d",
        "postgres://u:secret@[::1/d",
        "postgres://u:secret@[::1]x/d",
        "postgres://u:secret%ff@h/d",
        "postgres://u:sec\0ret@h/d",
        "postgres://u:sec#ret@h/d",
    ] {
        assert_eq!(DatabaseUrl::parse(bad), Err(UrlError::Server), "{bad}");
    }
    for (bad, named) in [
        ("postgres://u:secret@h:0/d", "port"),
        ("postgres://u:secret@h:x/d", "port"),
        ("postgres://h,i,j/d?port=1,2", "port"),
        ("postgres://h/d?sslmode=secret", "sslmode"),
        ("postgres://h/d?connect_timeout=secret", "connect_timeout"),
        ("postgres://h/d?target_session_attrs=standby", "target_session_attrs"),
    ] {
        assert_eq!(DatabaseUrl::parse(bad), Err(UrlError::Value(named)), "{bad}");
    }
    for (bad, named) in [
        ("postgres://h/d?options=-cfsync%3Doff", "options"),
        ("postgres://h/d?password=secret", "password"),
        // A question mark in a password that should have been written %3F.
        ("postgres://u:a?secret@h/d", "port"),
        ("postgres://h/d?Secret1@h/d=3", "question mark"),
    ] {
        let error = DatabaseUrl::parse(bad).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(shown.contains(named) && !shown.to_lowercase().contains("secret"), "{shown}");
    }
}
