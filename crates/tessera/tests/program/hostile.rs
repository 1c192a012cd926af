//! Whatever headers and spellings a request comes with, mail goes to the stored address, and its links lead
//! where the settings say.

use std::collections::BTreeSet;
use std::fs;

use harness::figure::tried;
use harness::http::Request;
use harness::mailbox::Mail;
use harness::process::TesseraProcess;
use serde_json::{Value, json};

use crate::stand::{PASSWORD, account, address_of, cheap, eventually, told, unique};

const EVIL: &str = "evil.example";

/// Headers that name another host, as proxies and frameworks know them.
fn headers() -> Vec<(&'static str, String)> {
    let hosts = [
        EVIL.to_owned(),
        format!("{EVIL}:443"),
        format!("127.0.0.1@{EVIL}"),
        format!("{EVIL}/127.0.0.1"),
        format!("127.0.0.1.{EVIL}"),
        format!("127.0.0.1, {EVIL}"),
        format!("{EVIL}#@127.0.0.1"),
        format!("[::1]{EVIL}"),
        format!("{EVIL}?"),
        format!("{EVIL}\\"),
        "\u{e9}vil.example".to_owned(),
    ];
    let names = [
        "Host",
        "X-Forwarded-Host",
        "X-Forwarded-Server",
        "X-Host",
        "X-Original-Host",
        "X-HTTP-Host-Override",
        "X-Real-Host",
        "Forwarded-Host",
        "Origin",
        "Referer",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-Forwarded-Prefix",
        "X-Forwarded-Path",
        "Base-Url",
        "X-Wap-Profile",
    ];
    let mut all: Vec<(&str, String)> = Vec::new();
    for name in names {
        let value = |host: &String| match name {
            "Origin" | "Referer" | "X-Original-URL" | "Base-Url" => format!("https://{host}/"),
            _ => host.clone(),
        };
        all.extend(hosts.iter().map(|host| (name, value(host))));
    }
    for host in &hosts {
        all.push(("Forwarded", format!("for=192.0.2.1;host={host};proto=https")));
        all.push(("Forwarded", format!("host=\"{host}\"")));
    }
    for scheme in ["https", "javascript", "http://evil.example/?", "https, http"] {
        all.push(("X-Forwarded-Proto", scheme.to_owned()));
        all.push(("X-Forwarded-Scheme", scheme.to_owned()));
    }
    for port in ["1", "443", "80@evil.example", "99999"] {
        all.push(("X-Forwarded-Port", port.to_owned()));
    }
    all
}

/// Spellings of somebody's address, and values that hold it beside another.
fn spellings(email: &str) -> Vec<Value> {
    let (local, domain) = email.split_once('@').unwrap();
    let mut texts: Vec<String> = [
        format!("{email},x@{EVIL}"),
        format!("{email};x@{EVIL}"),
        format!("{email} x@{EVIL}"),
        format!("x@{EVIL},{email}"),
        format!("{local}@{EVIL}@{domain}"),
        format!("{local}@{domain}@{EVIL}"),
        format!("{email}\r\nBcc: x@{EVIL}"),
        format!("{email}\nx@{EVIL}"),
        format!("{email}\0x@{EVIL}"),
        format!("\"{email}\" <x@{EVIL}>"),
        format!("<{email}>x@{EVIL}"),
        format!("{local}%40{domain}@{EVIL}"),
        format!("{local}!{EVIL}@{domain}"),
        format!("{email}."),
        format!(" {email} "),
        format!("{local}+x@{domain}"),
        format!("\"{local}\"@{domain}"),
        format!("{local}@{domain}(x@{EVIL})"),
    ]
    .into();
    // Each letter as others that look or fold like it, and something unseen in each place.
    let alike = |letter: char| -> Vec<char> {
        let wide = char::from_u32(u32::from(letter) + 0xfee0);
        let known = match letter {
            'i' => "ıİіΙ",
            's' => "ſѕ",
            'k' => "Kк",
            'a' => "аªå",
            'e' => "еé",
            'o' => "оº0",
            'l' => "ⅼ1I",
            'm' => "ⅿ",
            'c' => "сⅽ",
            'p' => "р",
            'x' => "хⅹ",
            _ => "",
        };
        known.chars().chain(wide).chain([letter.to_ascii_uppercase()]).collect()
    };
    let letters: Vec<char> = email.chars().collect();
    for (place, letter) in letters.iter().enumerate() {
        let with = |middle: &str| -> String {
            letters[..place].iter().collect::<String>()
                + middle
                + &letters[place + 1..].iter().collect::<String>()
        };
        texts.extend(alike(*letter).into_iter().map(|other| with(&other.to_string())));
        for unseen in ["\u{200b}", "\u{ad}", "\u{301}", "\u{202e}", "\u{feff}", "\t", "\u{7f}"] {
            texts.push(with(&format!("{letter}{unseen}")));
        }
    }
    let mut values: Vec<Value> = texts.into_iter().map(Value::from).collect();
    let evil = format!("x@{EVIL}");
    values.extend([
        json!([email, evil]),
        json!([evil, email]),
        json!({ "0": email, "1": evil }),
        json!({ "email": email }),
        json!([[email]]),
        Value::Null,
        json!(true),
    ]);
    values
}

const ASKING: [&str; 3] = ["/user/forgot-password", "/user/activate-account/resend", "/api/v1/sendreset"];

/// What was mailed: to whom, and all that was said.
struct Mailed {
    recipients: BTreeSet<String>,
    /// Each as it is in the file, and its text decoded.
    letters: Vec<(String, String)>,
}

/// All mail of a server, once at least so many were owed, also to whoever asked last, and everything that is owed was sent
/// or given up.
fn all_mail(server: &TesseraProcess, least: usize, last: &str) -> Mailed {
    let list = || told(server, &["mail", "list", "--limit", "100000"], "");
    eventually("everything is sent", || {
        let list = list();
        let mails = list.as_array().unwrap();
        let over = |mail: &Value| !mail["sent_at"].is_null() || !mail["failed_at"].is_null();
        let last_one = mails.iter().any(|mail| mail["recipient"] == last);
        mails.len() >= least && last_one && mails.iter().all(over)
    });
    let list = list();
    let recipient = |mail: &Value| mail["recipient"].as_str().unwrap().to_owned();
    let letters = fs::read_dir(server.data().join("mail")).unwrap();
    Mailed {
        recipients: list.as_array().unwrap().iter().map(recipient).collect(),
        letters: letters
            .map(|entry| {
                let bytes = fs::read(entry.unwrap().path()).unwrap();
                (String::from_utf8_lossy(&bytes).into_owned(), Mail::parse(&bytes).unwrap().text)
            })
            .collect(),
    }
}

#[test]
fn no_header_and_no_spelling_moves_a_mail_or_its_link() {
    let server = TesseraProcess::start(cheap().unthrottled());
    let name = account(&server, "mikes");
    let email = address_of(&name);
    let mut client = server.client();
    let mut asked = 0;
    for (header, value) in headers() {
        // Somebody else each time: what is asked for again before it was seen to is mailed once.
        let new = unique("newcomer");
        let body = json!({ "username": new, "email": address_of(&new), "password": PASSWORD });
        let request = Request::new("POST", "/auth/register").header(header, &value).json(&body);
        let registered = client.send(&request).unwrap();
        assert!(registered.status < 500, "{header}: {value}");
        for path in ASKING {
            let body = json!({ "email": address_of(&new) });
            let answer = client.send(&Request::new("POST", path).header(header, &value).json(&body)).unwrap();
            assert!(answer.status < 500, "{header}: {value}: {answer}");
            asked += usize::from(registered.status == 201 && answer.status == 200);
        }
    }
    let absolute = format!("http://{EVIL}/user/forgot-password");
    let answer = client.send(&Request::new("POST", &absolute).json(&json!({ "email": email }))).unwrap();
    assert!(answer.status < 500, "{answer}");
    let spelled = spellings(&email);
    for value in &spelled {
        for path in ASKING {
            let answer = client.send(&Request::new("POST", path).json(&json!({ "email": value }))).unwrap();
            assert!(answer.status < 500, "{value}: {answer}");
        }
    }
    let twice = format!("email={email}&email=x%40{EVIL}");
    for path in ASKING {
        let mut request =
            Request::new("POST", path).header("Content-Type", "application/x-www-form-urlencoded");
        request.body = twice.clone().into_bytes();
        assert!(client.send(&request).unwrap().status < 500, "{path}");
    }
    tried(headers().len() * (1 + ASKING.len()), "requests with hostile headers");
    tried(spelled.len() * ASKING.len(), "requests with hostile addresses");
    // What was asked for is seen to in turn: once this one was, all others were.
    let last = address_of(&account(&server, "newcomer-at-last"));
    client.send(&Request::new("POST", ASKING[0]).json(&json!({ "email": last }))).unwrap().expect_status(200);
    let mailed = all_mail(&server, asked, &last);
    assert!(asked > 300 && mailed.letters.len() > 300, "{asked} asked, {} mailed", mailed.letters.len());
    assert!(spelled.len() > 150, "{} spellings", spelled.len());
    for recipient in &mailed.recipients {
        let known = *recipient == email || recipient.starts_with("newcomer");
        assert!(known && recipient.ends_with("@mail.example.com"), "mail went to {recipient}");
    }
    for (raw, text) in &mailed.letters {
        assert!(!(raw.clone() + text).to_ascii_lowercase().contains("evil"), "{text}");
        assert!(text.contains("http://127.0.0.1:3000/"), "{text}");
    }
}
