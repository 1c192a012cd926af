//! Mails as mail libraries write them.

use super::*;

const ALTERNATIVE: &str = "From: Tessera <noreply@a.example>\r\n\
To: \"A, B\" <Some@B.example>\r\n\
Subject: =?utf-8?Q?R=C3=A9set_your?=\r\n =?utf-8?b?IHBhc3N3b3Jk?=\r\n\
Content-Type: multipart/alternative;\r\n boundary=\"xyz\"\r\n\r\n\
--xyz\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>no</p>\r\n\
--xyz\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
Open https://a.example/reset/abc=\r\ndef and =C3=A9\r\nsecond =3D line\r\n\
--xyz--\r\n";

#[test]
fn multipart_with_quoted_printable() {
    let mail = Mail::parse(ALTERNATIVE.as_bytes()).unwrap();
    assert_eq!(mail.subject, "Réset your password");
    assert!(mail.goes_to("some@b.example") && !mail.goes_to("b.example") && !mail.goes_to("esome@b.example"));
    assert_eq!(mail.text, "Open https://a.example/reset/abcdef and é\nsecond = line");
}

#[test]
fn plain_and_base64() {
    let plain = "To: a@b.example\nSubject: Hi\n\nline 1\nline 2\n";
    assert_eq!(Mail::parse(plain.as_bytes()).unwrap().text, "line 1\nline 2\n");
    let encoded =
        "To: a@b.example\r\nSubject: Hi\r\nContent-Transfer-Encoding: base64\r\n\r\naHR0cHM6Ly9h\r\nL2I=\r\n";
    assert_eq!(Mail::parse(encoded.as_bytes()).unwrap().text, "https://a/b");
}

#[test]
fn nested_parts_are_found() {
    let nested = "To: a@b\nSubject: s\nContent-Type: multipart/mixed; boundary=one\n\n--one\nContent-Type: multipart/alternative; boundary=two\n\n--two\nContent-Type: text/plain\n\nfound\n--two--\n--one--\n";
    assert_eq!(Mail::parse(nested.as_bytes()).unwrap().text, "found");
}

#[test]
fn what_is_no_mail_is_none() {
    for text in
        ["", "nonsense", "To: a\n\nno subject", "To: a\nSubject: s\nContent-Type: text/html\n\n<p>", "\n\n"]
    {
        assert_eq!(Mail::parse(text.as_bytes()), None, "{text:?}");
    }
    assert_eq!(Mail::parse(&[0xff, 0xfe]), None);
}

#[test]
fn the_newest_that_fits_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, to: &str, subject: &str, text: &str| {
        let mail = format!("To: {to}\nSubject: {subject}\n\n{text}");
        fs::write(folder.path().join(name), mail).unwrap();
    };
    write("9.eml", "a@b.example", "Reset your password", "old");
    write("1.eml", "c@d.example", "Reset your password", "other address");
    write("2.eml", "a@b.example", "Activate", "other subject");
    write("3.tmp", "a@b.example", "Reset your password", "unfinished");
    let old = fs::File::options().write(true).open(folder.path().join("9.eml")).unwrap();
    old.set_modified(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(newest(folder.path(), "A@b.example", "RESET").as_deref(), Some("old"));
    write("4.eml", "a@b.example", "Password reset", "new");
    assert_eq!(newest(folder.path(), "a@b.example", "reset").as_deref(), Some("new"));
    assert_eq!(newest(folder.path(), "a@b.example", "nothing"), None);
    assert_eq!(newest(&folder.path().join("absent"), "a@b.example", ""), None);
}

#[test]
fn the_first_links_last_segment() {
    for (text, token) in [
        ("see https://a.example/x/tok-en_1 now", Some("tok-en_1")),
        ("see http://a.example/x/tok.", Some("tok")),
        ("<https://a.example/tok?lang=en#top>", Some("tok")),
        ("http://one/1 https://two/2", Some("1")),
        ("https://a.example", None),
        ("https://a.example/", None),
        ("no link", None),
    ] {
        assert_eq!(link_token(text), token, "{text}");
    }
}
