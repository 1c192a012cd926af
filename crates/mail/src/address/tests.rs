use super::{parse, valid_address};

#[test]
fn ordinary_addresses_are_accepted() {
    for address in [
        "ada@example.com",
        "Ada.Lovelace+tag@mail.example.co.uk",
        "a@b.co",
        "o'brien@example.com",
        "!#$%&'*+-/=?^_`{|}~@example.com",
        "1@2.com",
        "user@xn--bcher-kva.example",
        "user@example.xn--p1ai",
        "user@EXAMPLE.COM",
        "user@a-b.example",
    ] {
        assert!(valid_address(address), "{address}");
    }
}

#[test]
fn what_is_not_one_plain_address_is_refused() {
    for address in [
        "",
        "@",
        "ada",
        "ada@",
        "@example.com",
        "ada@example",
        "ada@localhost",
        "ada@example.c",
        "ada@example.123",
        "ada@127.0.0.1",
        "ada@[127.0.0.1]",
        "ada@[IPv6:::1]",
        "ada@@example.com",
        "ada@b@example.com",
        "\"ada\"@example.com",
        "\"a@b\"@example.com",
        "ada(comment)@example.com",
        "Ada <ada@example.com>",
        "<ada@example.com>",
        "ada@example.com,bob@example.com",
        "ada@example.com;bob@example.com",
        ".ada@example.com",
        "ada.@example.com",
        "a..da@example.com",
        "ada@.example.com",
        "ada@example.com.",
        "ada@example..com",
        "ada@-example.com",
        "ada@example-.com",
        "ada@exa_mple.com",
        "ada@example.xn--",
        "ada@example.x-y",
        " ada@example.com",
        "ada@example.com ",
        "a da@example.com",
        "ada@exam ple.com",
        "ada\\@example.com",
        "mıke@example.com",
        "ada@exämple.com",
        "ada@example。com",
        "ada@example.com\u{202e}",
        "[\"ada@example.com\"]",
    ] {
        assert!(!valid_address(address), "{address}");
    }
}

#[test]
fn control_characters_are_refused_everywhere() {
    for control in ["\r", "\n", "\r\n", "\0", "\t", "\u{7f}", "\u{85}", "\u{2028}"] {
        for place in 0..="ada@example.com".len() {
            let mut address = String::from("ada@example.com");
            address.insert_str(place, control);
            assert!(!valid_address(&address), "{address:?}");
            assert!(parse(&address).is_none(), "{address:?}");
        }
    }
}

#[test]
fn lengths_are_exact() {
    let local = |length: usize| format!("{}@example.com", "a".repeat(length));
    assert!(valid_address(&local(64)));
    assert!(!valid_address(&local(65)));

    let label = |length: usize| format!("ada@{}.com", "a".repeat(length));
    assert!(valid_address(&label(63)));
    assert!(!valid_address(&label(64)));

    let whole = |length: usize| {
        let labels = format!("{0}.{0}.{0}.", "a".repeat(61));
        let local = length - 1 - labels.len() - "com".len();
        format!("{}@{labels}com", "a".repeat(local))
    };
    assert_eq!(whole(254).len(), 254);
    assert!(valid_address(&whole(253)), "64 bytes before the @");
    assert!(!valid_address(&whole(255)));
    let wider = |extra: usize| {
        format!(
            "{}@{}.{}.{}.{}.com",
            "a".repeat(60),
            "b".repeat(61),
            "c".repeat(61),
            "d".repeat(61),
            "e".repeat(extra)
        )
    };
    assert_eq!(wider(3).len(), 254);
    assert!(valid_address(&wider(3)));
    assert!(!valid_address(&wider(4)));
}

#[test]
fn mail_may_be_sent_inside_one_machine() {
    assert!(parse("tessera@localhost").is_some());
    assert!(parse("tessera@[127.0.0.1]").is_none());
    assert!(parse("\"tessera\"@localhost").is_none());
}

#[test]
fn whatever_is_valid_can_be_sent_to() {
    for address in ["ada@example.com", "!#$%&'*+-/=?^_`{|}~@example.com", "user@example.xn--p1ai"] {
        assert_eq!(parse(address).unwrap().to_string(), address);
    }
}
