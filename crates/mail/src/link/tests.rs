use super::{BadLinkTemplate, link};

#[test]
fn the_token_takes_its_place() {
    for (template, expected) in [
        ("https://example.com/reset/{token}", "https://example.com/reset/T-._~9"),
        ("http://localhost:3000/?t={token}&x=1", "http://localhost:3000/?t=T-._~9&x=1"),
        ("https://example.com/#/reset/{token}/now", "https://example.com/#/reset/T-._~9/now"),
        ("HTTPS://[::1]:8443/{token}", "HTTPS://[::1]:8443/T-._~9"),
        ("https://example.com?{token}", "https://example.com?T-._~9"),
    ] {
        assert_eq!(link(template, "T-._~9").as_deref(), Ok(expected));
    }
}

#[test]
fn a_hostile_token_stays_one_piece_of_the_link() {
    assert_eq!(
        link("https://example.com/{token}", "a/b?c#d e%\r\n<\"é{token}").as_deref(),
        Ok("https://example.com/a%2Fb%3Fc%23d%20e%25%0D%0A%3C%22%C3%A9%7Btoken%7D")
    );
}

#[test]
fn other_templates_are_refused() {
    use BadLinkTemplate::{Character, Host, Scheme, Token};
    for (template, expected) in [
        ("", Token),
        ("https://example.com/reset", Token),
        ("https://example.com/{token}/{token}", Token),
        ("https://example.com/{Token}", Token),
        ("/reset/{token}", Scheme),
        ("//example.com/{token}", Scheme),
        ("ftp://example.com/{token}", Scheme),
        ("javascript:alert(1)//{token}", Scheme),
        ("javascript://example.com/{token}", Scheme),
        ("{token}", Scheme),
        ("{token}https://example.com/", Scheme),
        ("https://{token}", Host),
        ("https:///{token}", Host),
        ("https://{token}.example.com/", Host),
        ("https://example.com{token}", Host),
        ("https://user@example.com/{token}", Host),
        ("https://user:secret@example.com/{token}", Host),
        ("https://:443/{token}", Host),
        ("https://example.com:99999/{token}", Host),
        ("https://example.com:/{token}", Host),
        ("https://[::g]/{token}", Host),
        ("https://[::1/{token}", Host),
        ("https://example.com/ {token}", Character),
        ("https://example.com/\r\nBcc: x/{token}", Character),
        ("https://example.com/\"{token}", Character),
        ("https://example.com/<{token}>", Character),
        ("https://example.com/{{token}}", Character),
        ("https://exämple.com/{token}", Character),
        ("https://example.com\\@evil.example/{token}", Character),
    ] {
        assert_eq!(link(template, "T"), Err(expected), "{template:?}");
    }
}

#[test]
fn errors_do_not_repeat_the_token() {
    let error = link("ftp://example.com/{token}", "s3cret").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("s3cret"));
    assert_eq!(BadLinkTemplate::Token.to_string(), "a link template must contain {token} exactly once");
}
