//! What somebody does from the first day to the last.

use std::time::{Duration, Instant};

use harness::actors::{GoScrobble, WolfPal};
use harness::http::{Answer, Client, Request};
use harness::mailbox;
use harness::people::{PASSWORD, address_of, unique};

use super::crowd::Crowd;
use crate::Problem;
use crate::pace::Pace;

const NEW: &str = "correct horse 2";
/// How long a mail may take, and how often it is looked for.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(20);

/// Lives one life; how many requests were answered as they should be. Panics at an answer that is wrong.
pub(super) fn life(crowd: &Crowd, pace: &mut Pace, stays: bool) -> Result<usize, Problem> {
    let mut steps = Steps { pace, done: 0 };
    let name = unique("soul");
    let email = address_of(&name);
    let mut wolfpal = WolfPal::at(crowd.address);
    steps.expect(201, || wolfpal.register(&name, &email, PASSWORD));
    let token = mailed(crowd, &email, "activate")?;
    steps.expect(200, || wolfpal.confirm(&token));
    steps.expect(400, || wolfpal.try_sign_in(&email, "wrong horse 9"));
    let first = steps.take(|| wolfpal.sign_in(&email, PASSWORD));
    steps.holds("a new token", || wolfpal.believes(&first.access))?;
    let second = steps.take(|| wolfpal.refresh(&first.refresh));
    steps.holds("a refreshed token", || wolfpal.believes(&second.access))?;
    steps.holds("the end of the token before", || !wolfpal.believes(&first.access))?;

    let mut goscrobble = GoScrobble::at(crowd.address);
    let other = steps.take(|| goscrobble.sign_in(&name, PASSWORD));
    steps.expect(200, || goscrobble.user(&other.access));
    let other = steps.take(|| goscrobble.refresh(&other.refresh));
    steps.expect(200, || wolfpal.sign_out(&second.access));
    steps.holds("the end by signing out", || !wolfpal.believes(&second.access))?;

    steps.expect(200, || goscrobble.send_reset(&email));
    let token = mailed(crowd, &email, "reset")?;
    steps.expect(200, || goscrobble.reset_password(&token, NEW));
    steps.expect(401, || goscrobble.user(&other.access));
    let last = steps.take(|| wolfpal.sign_in(&email, NEW));
    let account = steps.take(|| wolfpal.account(&last.access).expect_status(200));
    if !stays {
        let id = account.json()["user"]["_id"].as_str().unwrap_or_default().to_owned();
        let request = Request::new("DELETE", &format!("/api/users/{id}")).bearer(&crowd.boss);
        let deleted = steps.take(|| Client::new(crowd.address).send(&request))?;
        let _ = deleted.expect_status(200);
    }
    Ok(steps.done)
}

/// Requests in their time.
struct Steps<'a> {
    pace: &'a mut Pace,
    done: usize,
}

impl Steps<'_> {
    fn take<T>(&mut self, step: impl FnOnce() -> T) -> T {
        self.pace.wait();
        self.done += 1;
        step()
    }

    fn expect(&mut self, status: u16, step: impl FnOnce() -> Answer) {
        let _ = self.take(step).expect_status(status);
    }

    fn holds(&mut self, what: &str, step: impl FnOnce() -> bool) -> Result<(), Problem> {
        if self.take(step) { Ok(()) } else { Err(format!("{what} does not hold").into()) }
    }
}

/// The token of a mail once it has come.
fn mailed(crowd: &Crowd, address: &str, subject: &str) -> Result<String, Problem> {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        let mail = mailbox::newest(&crowd.mails, address, subject);
        if let Some(token) = mail.as_deref().and_then(mailbox::link_token) {
            return Ok(token.to_owned());
        }
        std::thread::sleep(PAUSE);
    }
    Err(format!("no mail about {subject} came to {address}").into())
}
