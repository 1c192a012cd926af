use super::{Originator, compose};
use crate::{BadSettings, Message, Sender};

/// 2023-11-14 22:13:20 UTC.
const NOW: i64 = 1_700_000_000;

fn originator(name: &str) -> Originator {
    Originator::new(&Sender { name: name.into(), address: "noreply@mail.example".into() }).unwrap()
}

fn message() -> Message {
    Message {
        to: "ada@example.com".into(),
        subject: "Hello".into(),
        text: "Hi\n\nhttps://example.com/T\n".into(),
        html: "<p>Hi</p>\n".into(),
    }
}

fn bytes(message: &Message) -> String {
    String::from_utf8(compose("42", message, &originator("Example"), NOW).unwrap().bytes).unwrap()
}

/// The header fields of a whole mail, unfolded.
fn fields(mail: &str) -> Vec<String> {
    let head = mail.split_once("\r\n\r\n").unwrap().0.replace("\r\n ", " ");
    head.split("\r\n").map(str::to_owned).collect()
}

#[test]
fn the_whole_mail() {
    assert_eq!(
        bytes(&message()),
        "From: Example <noreply@mail.example>\r\n\
         To: ada@example.com\r\n\
         Subject: Hello\r\n\
         Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n\
         Message-ID: <42@mail.example>\r\n\
         Auto-Submitted: auto-generated\r\n\
         MIME-Version: 1.0\r\n\
         Content-Type: multipart/alternative; boundary=\"=_42\"\r\n\
         \r\n\
         --=_42\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: 7bit\r\n\
         \r\n\
         Hi\r\n\r\nhttps://example.com/T\r\n\r\n\
         --=_42\r\n\
         Content-Type: text/html; charset=utf-8\r\n\
         Content-Transfer-Encoding: 7bit\r\n\
         \r\n\
         <p>Hi</p>\r\n\r\n\
         --=_42--\r\n"
    );
}

#[test]
fn the_same_mail_has_the_same_bytes() {
    assert_eq!(bytes(&message()), bytes(&message()));
}

#[test]
fn no_field_can_add_a_header() {
    let clean = fields(&bytes(&message())).len();
    for end in ["\r\n", "\n", "\r", "\0", "\r\n\r\n", "\u{85}", "\u{2028}", "\u{b}"] {
        let value = format!("x{end}Bcc: evil@example.com{end}.{end}y");
        let hostile =
            Message { to: message().to, subject: value.clone(), text: value.clone(), html: value.clone() };
        let composed = compose("42", &hostile, &originator(&value), NOW).unwrap();
        let mail = String::from_utf8(composed.bytes).unwrap();
        let fields = fields(&mail);
        assert_eq!(fields.len(), clean, "{mail}");
        assert!(!fields.iter().any(|field| field.to_ascii_lowercase().starts_with("bcc")), "{mail}");
        assert_eq!(composed.to.to_string(), "ada@example.com");
        assert!(!mail.replace("\r\n", "").contains(['\r', '\n', '\0']), "{mail:?}");

        let recipient = Message { to: format!("ada@example.com{end}Bcc: evil@example.com"), ..message() };
        assert!(compose("42", &recipient, &originator(""), NOW).is_err_and(|failed| failed.permanent));
        assert!(compose(&format!("42{end}x"), &message(), &originator(""), NOW).is_err());
        let sender = Sender { name: String::new(), address: format!("a@b.example{end}x") };
        assert!(matches!(Originator::new(&sender), Err(BadSettings::Sender)));
    }
}

#[test]
fn an_encoded_word_in_a_subject_is_not_decoded() {
    let subject = "=?utf-8?q?a=0D=0Ab=E2=80=AE?= on S".to_owned();
    let mail = bytes(&Message { subject, ..message() });
    assert!(mail.contains("Subject: = ?utf-8?q?a"), "{mail}");
}

#[test]
fn text_beyond_ascii_travels_encoded() {
    let text = "Grüße, \u{2068}עדה\u{2069}\n".to_owned();
    let mail = bytes(&Message { subject: "Grüße".into(), text: text.clone(), html: text, ..message() });
    assert!(mail.is_ascii());
    assert!(mail.contains("Subject: =?utf-8?b?R3LDvMOfZQ==?=\r\n"), "{mail}");
    assert!(!mail.contains("8bit"), "{mail}");
    let name = compose("42", &message(), &originator("Grüße \"x\" <y>"), NOW).unwrap().bytes;
    assert!(name.starts_with(b"From: =?utf-8?b?"), "{}", String::from_utf8_lossy(&name));
}

#[test]
fn no_line_is_too_long_for_a_mail_server() {
    let long = "x".repeat(5_000);
    let hostile = Message { subject: long.clone(), text: long.clone(), html: long.clone(), ..message() };
    let mail = compose("42", &hostile, &originator(&long), NOW).unwrap().bytes;
    let longest = mail.split(|byte| *byte == b'\n').map(|line| line.trim_ascii_end().len()).max();
    assert!(longest.is_some_and(|length| length <= 998), "{longest:?}");
}

#[test]
fn a_long_link_stays_in_one_piece_in_the_plain_text() {
    let link = format!("https://example.com/reset?token={}", "x".repeat(900));
    let text = |link: &str| bytes(&Message { text: format!("Open:\n{link}\n"), ..message() });
    assert!(text(&link).contains(&format!("Open:\r\n{link}\r\n")), "{}", text(&link));
    // 998 bytes are the limit.
    let exact = "x".repeat(998);
    assert!(text(&exact).contains(&exact));
    let longer = "x".repeat(999);
    assert!(!text(&longer).contains(&exact));
    assert!(text(&longer).contains("Content-Transfer-Encoding: quoted-printable\r\n"));
}

#[test]
fn a_body_cannot_end_itself() {
    let text = "a\n--=_42--\n\n--=_42\nContent-Type: text/html\n\nevil\n";
    let mail = bytes(&Message { text: text.into(), html: "--=_42_".into(), ..message() });
    assert!(mail.contains("boundary=\"=_42__\""), "{mail}");
    assert_eq!(mail.matches("\r\n--=_42__").count(), 3, "{mail}");
}

#[test]
fn every_time_has_a_date() {
    for (now, date) in [
        (0, "Thu, 01 Jan 1970 00:00:00 +0000"),
        (-1, "Thu, 01 Jan 1970 00:00:00 +0000"),
        (i64::MIN, "Thu, 01 Jan 1970 00:00:00 +0000"),
        (i64::MAX, "Fri, 31 Dec 9999 23:59:59 +0000"),
    ] {
        let mail = compose("42", &message(), &originator(""), now).unwrap().bytes;
        assert!(String::from_utf8_lossy(&mail).contains(&format!("Date: {date}\r\n")), "{now}");
    }
}

#[test]
fn ids_that_are_no_plain_word_are_refused() {
    for id in ["1", "a-B_9", &"x".repeat(100)] {
        assert!(compose(id, &message(), &originator(""), NOW).is_ok(), "{id}");
    }
    for id in ["", ".", "..", "../x", "a/b", "a\\b", "a b", "a.b", "é", "<1>", "1@2", &"x".repeat(101)] {
        assert!(compose(id, &message(), &originator(""), NOW).is_err_and(|failed| failed.permanent), "{id}");
    }
}

#[test]
fn recipients_that_cannot_be_used_are_refused_for_good() {
    for to in [
        "",
        "ada",
        "ada@",
        "a@b@c.example",
        "Ada <ada@example.com>",
        "a@b.example, c@d.example",
        "\"a\"@b.example",
    ] {
        let failed =
            compose("1", &Message { to: to.into(), ..message() }, &originator(""), NOW).err().unwrap();
        assert!(failed.permanent, "{to}");
        assert_eq!(failed.reason, "the recipient's e-mail address cannot be used");
    }
}
