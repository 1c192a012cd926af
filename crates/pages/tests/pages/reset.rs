//! Choosing a new password: what is wrong is said next to the field, and nothing is spent by it.

use harness::http::{Answer, Request};
use pages::Page;

use crate::stage::{PASSWORD, Stage, client};

const NEW: &str = "battery staple";

/// The element with this id, from its tag to the next tag.
#[track_caller]
fn element(answer: &Answer, id: &str) -> String {
    let text = answer.text();
    let Some(at) = text.find(&format!("id=\"{id}\"")) else { panic!("no {id} in {answer}") };
    let start = text[..at].rfind('<').unwrap();
    let end = text[at..].find("</").map_or(text.len(), |end| at + end);
    text[start..end].split("\n<").next().unwrap().to_owned()
}

#[track_caller]
fn wrong(answer: &Answer, field: &str, why: &str) {
    assert_eq!(answer.status, 400, "{answer}");
    let said = element(answer, &format!("{field}-wrong"));
    assert!(said.contains("role=\"alert\"") && said.ends_with(&format!(">{why}")), "{said}");
    let input = element(answer, field);
    assert!(input.contains(&format!("aria-describedby=\"{field}-wrong")), "{input}");
    assert!(input.contains("aria-invalid=\"true\" autofocus"), "{input}");
    assert!(answer.text().contains("<title>Error: Choose a new password"), "{answer}");
    assert_eq!(answer.text().matches("role=\"alert\"").count(), 1, "{answer}");
}

#[test]
fn the_form_is_one_that_password_managers_and_screen_readers_know() {
    let stage = Stage::with(|setting| setting.min_password = 10);
    let shown = stage.get(&stage.live(Page::Reset, "ada")).expect_status(200);
    for field in ["password", "repeat"] {
        let input = element(&shown, field);
        assert!(input.contains("type=\"password\"") && input.contains("autocomplete=\"new-password\""));
        assert!(input.contains(" required"), "{input}");
        assert!(shown.text().contains(&format!("<label for=\"{field}\">")), "{shown}");
        assert!(!input.contains("value="), "{input}");
    }
    let password = element(&shown, "password");
    assert!(password.contains("minlength=\"10\" aria-describedby=\"password-hint\""), "{password}");
    assert!(element(&shown, "password-hint").contains("At least 10 characters."));
    let username = element(&shown, "username");
    assert!(username.contains("value=\"ada\" autocomplete=\"username\"") && username.contains(" readonly"));
    assert!(!shown.text().contains("role=\"alert\"") && !shown.text().contains("Error"), "{shown}");
}

#[test]
fn what_is_wrong_is_said_and_the_link_still_works() {
    let stage = Stage::new();
    let path = stage.live(Page::Reset, "ada");
    let set = |password: &str, repeat: &str| stage.set_password(&path, password, repeat);
    let short = "This password is too short. It needs at least 8 characters.";
    let long = "x".repeat(1_025);
    let common =
        "This password is easy to guess: it is common, or a name of yours or of this site. Use another one.";
    wrong(&set("Password1", "Password1"), "password", common);
    wrong(&set("", ""), "password", "Enter a new password.");
    wrong(&set("", NEW), "password", "Enter a new password.");
    wrong(&set("1234567", "1234567"), "password", short);
    wrong(&set("\u{1f980}\u{1f980}", "\u{1f980}\u{1f980}"), "password", short);
    wrong(&set(&long, &long), "password", "This password is too long. Use a shorter one.");
    let differ = "The two passwords differ. Enter the same one twice.";
    for other in ["", "battery stapl", "battery staple ", "Battery staple"] {
        wrong(&set(NEW, other), "repeat", differ);
    }
    for fields in [&[][..], &[("repeat", NEW)], &[("Password", NEW), ("repeat", NEW)]] {
        wrong(&stage.ask(Request::new("POST", &path).form(fields)), "password", "Enter a new password.");
    }
    assert!(stage.sign_in("ada", PASSWORD, client(1)).is_some());
    set(NEW, NEW).expect_status(200);
}

#[test]
fn success_says_what_happened_and_ends_every_session() {
    let stage = Stage::new();
    let path = stage.live(Page::Reset, "ada");
    let tokens = [1, 1, 2].map(|last| stage.sign_in("ada", PASSWORD, client(last)).unwrap());
    let done = stage.set_password(&path, NEW, NEW).expect_status(200);
    assert!(done.text().contains("<h1>Your password has been changed</h1>"), "{done}");
    assert!(done.text().contains("All sessions of your account have ended"), "{done}");
    assert!(tokens.iter().all(|token| stage.caller(token).is_none()));
    assert!(stage.sign_in("ada", PASSWORD, client(1)).is_none());
    assert!(stage.sign_in("ada", NEW, client(1)).is_some());
}

#[test]
fn a_password_is_taken_as_typed_and_never_shown() {
    let stage = Stage::new();
    let odd = " <b>&\"' +%41\u{e9}\u{1f980} ";
    let path = stage.live(Page::Reset, "ada");
    let differ = stage.set_password(&path, odd, NEW);
    let done = stage.set_password(&path, odd, odd).expect_status(200);
    for answer in [differ, done] {
        assert!(!answer.text().contains("%41") && !answer.text().contains("staple"), "{answer}");
    }
    assert!(stage.sign_in("ada", odd, client(1)).is_some());
    assert!(stage.sign_in("ada", odd.trim(), client(1)).is_none());
}

#[test]
fn a_link_that_does_not_work_is_told_before_the_password_is_judged() {
    let stage = Stage::new();
    let path = stage.live(Page::Reset, "ada");
    stage.set_password(&path, NEW, NEW).expect_status(200);
    stage.set_password(&path, "short", "other").expect_status(404);
}
