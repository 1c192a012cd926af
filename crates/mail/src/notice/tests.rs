use super::Notice;
use crate::Message;

const LINK: &str = "https://example.com/activate-account/T0k3n?a=1&b=2";

fn confirmation(site: &str, username: &str, link: &str) -> Message {
    Notice::Confirmation { site, username, link, hours: 3 }.render("ada@example.com")
}

/// Every mail there is, made of the same hostile value.
fn all(value: &str) -> [Message; 4] {
    [
        Notice::Confirmation { site: value, username: value, link: value, hours: 1 },
        Notice::PasswordReset { site: value, username: value, link: value, minutes: 1, address: value },
        Notice::PasswordChanged { site: value, username: value, address: value },
        Notice::WrongCodes { site: value, username: value, address: value },
    ]
    .map(|notice| notice.render("ada@example.com"))
}

#[test]
fn confirmation_says() {
    let mail = confirmation("WolfPal", "ada", LINK);
    assert_eq!(mail.to, "ada@example.com");
    assert_eq!(mail.subject, "Activate your account on WolfPal");
    assert_eq!(
        mail.text,
        "Hello ada,\n\n\
         An account on WolfPal was made with this e-mail address. \
         To confirm the address and activate the account, open this link.\n\n\
         Activate your account:\n\
         https://example.com/activate-account/T0k3n?a=1&b=2\n\n\
         The link works once, within 3 hours.\n\n\
         If you did not make this account, ignore this mail.\n"
    );
}

#[test]
fn password_reset_says() {
    let link = "https://example.com/reset/T0k3n";
    let notice = Notice::PasswordReset {
        site: "GoScrobble",
        username: "ada",
        link,
        minutes: 60,
        address: "192.0.2.7",
    };
    let mail = notice.render("ada@example.com");
    assert_eq!(mail.subject, "Reset your password on GoScrobble");
    assert_eq!(
        mail.text,
        "Hello ada,\n\n\
         Somebody asked to reset the password of your account on GoScrobble, from the network address 192.0.2.7. \
         To choose a new password, open this link.\n\n\
         Choose a new password:\n\
         https://example.com/reset/T0k3n\n\n\
         The link works once, within 60 minutes.\n\n\
         If it was not you, ignore this mail. Your password stays as it is.\n"
    );
}

#[test]
fn wrong_codes_say() {
    let mail =
        Notice::WrongCodes { site: "WolfPal", username: "ada", address: "192.0.2.7" }.render("a@b.example");
    assert_eq!(mail.subject, "Somebody may know your password on WolfPal");
    assert_eq!(
        mail.text,
        "Hello ada,\n\n\
         Somebody gave the password of your account on WolfPal and then several wrong codes, from the network \
         address 192.0.2.7. They did not get in.\n\n\
         If it was you, there is nothing to do. If it was not, reset your password now: somebody else knows it.\n"
    );
}

#[test]
fn password_changed_says() {
    let mail = Notice::PasswordChanged { site: "WolfPal", username: "ada", address: "2001:db8::1" }
        .render("a@b.example");
    assert_eq!(mail.subject, "Your password has been changed on WolfPal");
    assert_eq!(
        mail.text,
        "Hello ada,\n\n\
         The password of your account on WolfPal was changed, from the network address 2001:db8::1.\n\n\
         If it was not you, reset your password now and tell those who run WolfPal.\n"
    );
    let unknown =
        Notice::PasswordChanged { site: "WolfPal", username: "ada", address: "" }.render("a@b.example");
    assert!(unknown.text.contains("changed, from an unknown network address."), "{}", unknown.text);
}

#[test]
fn one_hour_is_not_one_hours() {
    let notice =
        |hours| Notice::Confirmation { site: "S", username: "u", link: LINK, hours }.render("a@b.example");
    assert!(notice(1).text.contains("within 1 hour."));
    assert!(notice(48).text.contains("within 48 hours."));
}

#[test]
fn the_whole_html_page() {
    let mail =
        Notice::PasswordChanged { site: "A&B", username: "ada", address: "192.0.2.7" }.render("a@b.example");
    assert_eq!(
        mail.html,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"supported-color-schemes\" content=\"light dark\">\n\
         <title>Your password has been changed on A&amp;B</title>\n</head>\n\
         <body style=\"margin:0;padding:24px;font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5\">\n\
         <div style=\"max-width:560px;margin:0 auto\">\n\
         <p style=\"margin:0 0 16px\">Hello ada,</p>\n\
         <p style=\"margin:0 0 16px\">The password of your account on A&amp;B was changed, from the network address 192.0.2.7.</p>\n\
         <p style=\"margin:0 0 16px\">If it was not you, reset your password now and tell those who run A&amp;B.</p>\n\
         </div>\n</body>\n</html>\n"
    );
}

#[test]
fn the_button_leads_to_the_link_and_shows_it() {
    let html = confirmation("WolfPal", "ada", LINK).html;
    let escaped = "https://example.com/activate-account/T0k3n?a=1&amp;b=2";
    assert!(html.contains(&format!("<a href=\"{escaped}\" rel=\"noreferrer\" style=\"")), "{html}");
    assert!(html.contains(">Activate your account</a>"), "{html}");
    assert!(html.contains(&format!("word-break:break-all\">{escaped}</p>")), "{html}");
}

/// The text of a page: without tags, with references resolved, one line per block.
fn words(html: &str) -> Vec<String> {
    let body = html.split_once("<body").unwrap().1.split_once('>').unwrap().1;
    let mut text = String::new();
    let mut in_tag = false;
    for c in body.chars() {
        match c {
            '<' => in_tag = true,
            '>' if in_tag => in_tag = false,
            c if !in_tag => text.push(c),
            _ => {}
        }
    }
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&#39;", "'").replace("&#34;", "\"");
    let text = text.replace("&#96;", "`").replace("&amp;", "&");
    text.lines().map(|line| line.trim_end_matches(':').to_owned()).filter(|line| !line.is_empty()).collect()
}

#[test]
fn both_versions_have_the_same_words() {
    for value in ["https://example.com/x?y=1&z=2", "<b>'x'</b> & \"y\" `z`", "عدا"] {
        for mail in all(value) {
            let text: Vec<String> = mail
                .text
                .lines()
                .filter(|line| !line.is_empty())
                .map(|line| line.trim_end_matches(':').to_owned())
                .collect();
            assert_eq!(words(&mail.html), text);
        }
    }
}

#[test]
fn markup_in_values_is_inert() {
    let value = "\"'><script>alert(1)</script><img src=x onerror=y>";
    let plain = all("plain");
    for (mail, plain) in all(value).into_iter().zip(plain) {
        let tags = |html: &str| html.matches('<').count();
        assert_eq!(tags(&mail.html), tags(&plain.html), "{}", mail.html);
        for quote in ['"', '\''] {
            assert_eq!(mail.html.matches(quote).count(), plain.html.matches(quote).count(), "{}", mail.html);
        }
        assert!(!mail.html.contains("<script") && !mail.html.contains("<img"), "{}", mail.html);
        assert!(mail.html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{}", mail.html);
    }
}

#[test]
fn values_cannot_add_lines_or_turn_the_text_round() {
    let value =
        "x\r\nBcc: evil@example.com\r\n\r\nYour account is blocked\u{2028}\u{0}\u{1b}[31m\u{202e}gpj\u{2066}";
    for (mail, plain) in all(value).into_iter().zip(all("plain")) {
        assert!(!mail.subject.contains(|c: char| c.is_control()), "{:?}", mail.subject);
        assert_eq!(mail.text.lines().count(), plain.text.lines().count(), "{}", mail.text);
        for body in [&mail.text, &mail.html, &mail.subject] {
            assert!(!body.contains(['\r', '\0', '\u{1b}', '\u{202e}', '\u{2066}', '\u{2028}']), "{body:?}");
        }
    }
}

#[test]
fn a_right_to_left_name_keeps_to_itself() {
    let mail = confirmation("WolfPal", "\u{202e}עדה", LINK);
    assert!(mail.text.starts_with("Hello \u{2068}עדה\u{2069},\n"), "{:?}", mail.text);
    assert!(mail.html.contains(">Hello \u{2068}עדה\u{2069},<"), "{}", mail.html);
}

#[test]
fn a_link_that_is_no_web_page_cannot_be_clicked() {
    for link in [
        "javascript:alert(1)",
        "java\nscript://x",
        "data:text/html,x",
        "",
        "//example.com",
        "mailto:a@b.example",
    ] {
        let html = confirmation("S", "u", link).html;
        assert!(!html.contains("href"), "{html}");
    }
}

#[test]
fn a_page_loads_nothing_and_styles_only_inline() {
    for mail in all("https://example.com/x") {
        for banned in ["<img", "<link", "<style", "<script", "url(", "@import", "src=", "class="] {
            assert!(!mail.html.contains(banned), "{banned} in {}", mail.html);
        }
    }
}

#[test]
fn a_long_name_cannot_be_a_letter_of_its_own() {
    let long = "Pay at once. ".repeat(100);
    for mail in all(&long) {
        assert!(mail.subject.chars().count() < 120, "{}", mail.subject);
    }
    let mail = confirmation("S", &long, LINK);
    assert!(mail.text.lines().next().unwrap().chars().count() < 80, "{}", mail.text);
}

#[test]
fn debug_hides_links() {
    let notice = Notice::PasswordReset { site: "S", username: "u", link: "s3cret", minutes: 1, address: "a" };
    assert_eq!(format!("{notice:?}"), "PasswordReset { .. }");
}
