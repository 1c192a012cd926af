//! Registering, with the mail that confirms the address.

use harness::http::Request;
use harness::process::TesseraProcess;
use serde_json::json;

use super::{CALLERS, sign_in};
use crate::Problem;
use crate::client::{Script, closed};
use crate::context::Context;
use crate::results::{Comparison, Goal};
use crate::subject::{self, Hashing, PASSWORD};

/// Newcomers, each with a name that nobody had before.
struct Newcomers(usize);

impl Script for Newcomers {
    fn request(&mut self, _connection: usize, out: &mut Vec<u8>) -> bool {
        self.0 += 1;
        let name = format!("newcomer{}", self.0);
        let email = format!("{name}@example.com");
        let body = json!({ "username": name, "email": email, "password": PASSWORD });
        out.extend(subject::bytes(&Request::new("POST", "/auth/register").json(&body)));
        true
    }
}

pub(super) fn run(context: &Context) -> Result<Vec<Comparison>, Problem> {
    let server = TesseraProcess::start(subject::options(&context.binary, Hashing::Production));
    let mut newcomers = Newcomers(0);
    let time = context.slow_sample();
    let [server, hashes] = context.in_turn([
        &mut || {
            let tally = closed::run(server.address(), CALLERS, Some(time), &mut newcomers)?;
            Ok(tally.only(201)?.per_second(201))
        },
        &mut || Ok(sign_in::hashes_of_our_own(time)?.per_second),
    ])?;
    Ok(vec![
        Comparison::alone("registrations with a mail", "per second", server)
            .bounded_by("the same hashes alone", hashes)
            .aiming(Goal::TimesAtLeast(0.95)),
    ])
}
