//! What every page has in common: headers, language, no script, and values that stay text.

use harness::http::Answer;
use pages::Page;

use crate::stage::Stage;

const HOSTILE: &str = "<script>alert(1)</script>\"'&{{ 1 }}</title>";

/// Every kind of page there is.
fn every_page(stage: &Stage) -> Vec<Answer> {
    let mut answers = Vec::new();
    for (page, name) in Page::ALL.into_iter().zip(["ada", "bob", "cyd", "dan"]) {
        let path = stage.live(page, name);
        answers.push(stage.get(&path));
        answers.push(stage.set_password(&path, "battery staple", "another one"));
        answers.push(stage.set_password(&path, "battery staple", "battery staple"));
        answers.push(stage.press(&path));
        answers.push(stage.get(&path));
    }
    answers.extend(["/pages", "/pages/none/reset/x", "/pages/%ff"].map(|path| stage.get(path)));
    answers
}

#[test]
fn every_page_has_the_headers_and_bones_of_a_page() {
    let stage = Stage::new();
    for answer in every_page(&stage) {
        for (name, value) in [
            ("content-type", "text/html; charset=utf-8"),
            (
                "content-security-policy",
                "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; \
                 frame-ancestors 'none'",
            ),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
        ] {
            assert_eq!(answer.headers_named(name).collect::<Vec<_>>(), [value], "{name} of {answer}");
        }
        assert_eq!(answer.header("set-cookie"), None);
        let text = answer.text();
        assert!(text.starts_with("<!doctype html>\n<html lang=\"en\">"), "{text}");
        for once in ["<title>", "<h1>", "<main ", "<meta name=\"viewport\"", "</html>"] {
            assert_eq!(text.matches(once).count(), 1, "{once} in {text}");
        }
        for never in ["<script", "style=", "<style", "<img", "javascript:", "http://", "https://", " on"] {
            let tags = text.split('<').map(|part| part.split('>').next().unwrap_or_default());
            let inside = tags.map(|tag| format!("<{tag}")).collect::<String>();
            assert!(!inside.contains(never), "{never} in {text}");
        }
    }
}

#[test]
fn values_stay_text() {
    let stage = Stage::with(|setting| setting.shop.site = format!("Shop {HOSTILE}"));
    for (page, number) in Page::ALL.into_iter().zip(1..) {
        let name = format!("<i>{number}</i>\"onfocus=alert(1)'&{{{{1}}}}");
        let path = stage.live(page, &name);
        for answer in [stage.get(&path), stage.set_password(&path, "battery staple", "another one")] {
            let text = answer.text();
            for raw in ["<script", "<i>", "\"onfocus", "</title>\"", "alert(1)</script>"] {
                assert!(!text.contains(raw), "{raw} in {text}");
            }
            assert!(
                text.contains("Shop &#60;script&#62;alert(1)&#60;/script&#62;&#34;&#39;&#38;{{ 1 }}"),
                "{text}"
            );
        }
        let escaped = format!("&#60;i&#62;{number}&#60;/i&#62;&#34;onfocus=alert(1)&#39;&#38;{{{{1}}}}");
        assert!(stage.get(&stage.live(page, &format!("{name}2"))).text().contains(&escaped));
    }
}

#[test]
fn the_stylesheet_is_found_from_every_page_and_loads_nothing() {
    let stage = Stage::new();
    let style = stage.get(pages::STYLE).expect_status(200);
    assert_eq!(style.header("content-type"), Some("text/css; charset=utf-8"));
    assert_eq!(style.header("cache-control"), Some("public, max-age=300"));
    assert!(!style.text().contains("url(") && !style.text().contains("@import"));
    for page in Page::ALL {
        // `../../style.css` from /pages/MOUNT/PAGE/TOKEN.
        let segments = pages::link("", "shop", page).split('/').count();
        assert_eq!((segments, pages::STYLE), (5, "/pages/style.css"));
    }
    assert!(stage.get("/pages/shop/reset/x").text().contains("href=\"../../style.css\""));
    assert!(stage.get("/pages/x").text().contains("href=\"/pages/style.css\""));
}
