//! What an answer looks like that is not what was asked for.

use harness::http::Answer;
use serde_json::Value;

use super::OWN;
use super::rows::Row;

/// Whether the contract of this row did what was asked for.
pub(crate) fn accepted(row: &Row, answer: &Answer) -> bool {
    let error_in_success = row.contract == "goscrobble" && text_under(answer, "error").is_some();
    (200..300).contains(&answer.status) && !error_in_success
}

/// What is wrong with the answer of an endpoint to a request that it refuses, if anything is.
pub(crate) fn refusal(row: &Row, answer: &Answer) -> Option<String> {
    let worded = match row.contract {
        "argon" if row.shared() => argon(answer) || wolfpal(answer),
        "argon" if row.path.starts_with("/api/api-keys") => argon(answer) || issues(answer),
        "wolfpal" if row.shared() => argon(answer) || wolfpal(answer),
        "argon" => argon(answer),
        "wolfpal" => wolfpal(answer),
        "melon" => melon(answer),
        "goscrobble" => goscrobble(answer),
        "pages" => page(answer),
        OWN => argon(answer),
        other => panic!("no such contract: {other}"),
    };
    let headers = common(answer);
    if headers.is_some() || worded {
        headers
    } else {
        Some(format!("not worded by {}: {answer}", row.contract))
    }
}

/// What is wrong with the answer to a request that no endpoint takes, if anything is.
pub(crate) fn miss(path: &str, answer: &Answer) -> Option<String> {
    let of_goscrobble = path == "/api/v1" || path.starts_with("/api/v1/");
    let of_pages = path == "/pages" || path.starts_with("/pages/");
    let of_melon = path == "/check" || path.starts_with("/check/");
    let worded = match answer.status {
        400 | 404 | 405 | 413 if of_pages => page(answer),
        404 | 405 if of_melon => answer.body.is_empty(),
        404 if of_goscrobble => answer.text() == "404 page not found\n",
        405 if of_goscrobble => answer.body.is_empty(),
        400 | 404 | 405 | 413 | 414 => has_error(answer) && is_json(answer),
        _ => false,
    };
    common(answer).or_else(|| (!worded).then(|| format!("not worded as a miss: {answer}")))
}

/// What no answer may be or lack, whatever was sent.
pub(crate) fn common(answer: &Answer) -> Option<String> {
    let has = |name: &str, value: &str| answer.header(name) == Some(value);
    if answer.status >= 500 {
        Some(format!("a server error: {answer}"))
    } else if answer.header("x-request-id").is_none()
        || !has("x-content-type-options", "nosniff")
        || !has("referrer-policy", "no-referrer")
        || answer.header("cache-control").is_none()
    {
        Some(format!("a header is missing: {answer}"))
    } else if !answer.body.is_empty() && answer.header("content-type").is_none() {
        Some(format!("a body without type: {answer}"))
    } else {
        None
    }
}

/// argon.md 1.1: `{"error": <string>}` everywhere.
fn argon(answer: &Answer) -> bool {
    (400..500).contains(&answer.status) && is_json(answer) && has_error(answer)
}

/// argon.md 3.2: everything that is wrong with an API key.
fn issues(answer: &Answer) -> bool {
    let json = body(answer);
    let listed = json.get("error").and_then(Value::as_array);
    answer.status == 400 && is_json(answer) && listed.is_some_and(|issues| !issues.is_empty())
}

/// A page that says what is wrong. Next to the field it belongs to it comes with the form, in a 200.
fn page(answer: &Answer) -> bool {
    let html = answer.header("content-type") == Some("text/html; charset=utf-8");
    (400..500).contains(&answer.status) && html && answer.text().starts_with("<!doctype html>")
}

/// wolfpal.md 2.1: codes and errors by field, or a code with its error; a text for who is not signed in.
fn wolfpal(answer: &Answer) -> bool {
    if answer.status == 401 && answer.text() == "Unauthorized" {
        return true;
    }
    let json = body(answer);
    let texts = |name: &str| {
        let fields = json.get(name).and_then(Value::as_object);
        fields.is_some_and(|fields| !fields.is_empty() && fields.values().all(Value::is_string))
    };
    let by_field = texts("codes") && texts("errors");
    let either = by_field != json.get("error").is_some_and(Value::is_string);
    (400..500).contains(&answer.status) && is_json(answer) && either
}

/// melon.md 2.1 to 2.4: a problem document, a bare text, or nothing but the status. What is refused before
/// an endpoint is asked is worded by whoever owns the prefix.
fn melon(answer: &Answer) -> bool {
    let content_type = answer.header("content-type").unwrap_or_default();
    if content_type == "application/problem+json; charset=utf-8" {
        let json = body(answer);
        let errors = json.get("errors").and_then(Value::as_object);
        return answer.status == 400
            && errors.is_some_and(|errors| !errors.is_empty() && errors.values().all(Value::is_array))
            && json.get("status") == Some(&Value::from(400))
            && json.get("title").is_some_and(Value::is_string);
    }
    match answer.status {
        413 => answer.body.is_empty(),
        401 if answer.body.is_empty() => answer.header("www-authenticate").is_some(),
        400 | 401 | 403 | 404 | 408 if content_type == "text/plain; charset=utf-8" => !answer.body.is_empty(),
        400 | 415 => is_json(answer) && has_error(answer),
        _ => false,
    }
}

/// goscrobble.md 2.1: an error in a 200, or in a 400 or 401.
fn goscrobble(answer: &Answer) -> bool {
    matches!(answer.status, 200 | 400 | 401 | 413) && is_json(answer) && has_error(answer)
}

fn body(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

fn text_under(answer: &Answer, name: &str) -> Option<String> {
    body(answer).get(name).and_then(Value::as_str).map(str::to_owned)
}

fn has_error(answer: &Answer) -> bool {
    text_under(answer, "error").is_some_and(|text| !text.is_empty())
}

fn is_json(answer: &Answer) -> bool {
    answer.header("content-type") == Some("application/json; charset=utf-8")
}
