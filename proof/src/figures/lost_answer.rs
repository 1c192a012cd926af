//! D8: a refresh whose answer was lost.

use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use defects::Defect;
use harness::actors::WolfPal;
use harness::process::TesseraProcess;

use crate::Problem;
use crate::cast::{account, refresh, session, unless};
use crate::figure::{BOTH, Control, Counted, Figure, Outcome};
use crate::stage::Stage;

pub(crate) const FIGURE: Figure = Figure {
    id: "D8",
    title: "lost answer of a refresh",
    goal: "sessions lost 0; the session dead after every replay of a token whose successor was used",
    about: "A refresh is sent and the connection closed after 0 to 3 ms without reading the answer, in one trial of \
            twenty by killing the server; then the same token is sent again, as a client would. The new tokens must \
            be good. Then the successor is used, and the first token shown once more: that ends the session.",
    trials: "lost answers",
    small: 100,
    full: 1_000,
    engines: BOTH,
    run,
    controls: &[Control { defect: Defect::NoGrace, engines: BOTH, within: 100 }],
};

/// Sessions of one account.
const EACH: usize = 200;

fn run(stage: &Stage) -> Result<Outcome, Problem> {
    let options = stage.options().env("TESSERA_SESSIONS__REFRESH_GRACE", "30m");
    let mut server = TesseraProcess::start(options);
    let mut counted = Counted::default();
    let mut name = account(&server)?;
    for number in 0..stage.trials {
        if number % EACH == EACH - 1 {
            name = account(&server)?;
        }
        counted.trial(one(&mut server, &name, number)?);
        if !stage.goes_on(counted.failures) {
            break;
        }
    }
    Ok(Outcome::Counted(counted))
}

fn one(server: &mut TesseraProcess, name: &str, number: usize) -> Result<Vec<String>, Problem> {
    let first = session(server, name);
    let mut stream = TcpStream::connect(server.address())?;
    stream.write_all(&refresh(&first.refresh).to_bytes("127.0.0.1"))?;
    let wait = u64::try_from(number % 16)?;
    thread::sleep(Duration::from_micros(200 * wait));
    if number % 20 == 11 {
        server.kill9();
        server.restart();
    }
    drop(stream);
    let mut wolfpal = WolfPal::at(server.address());
    let again = wolfpal.try_refresh(&first.refresh);
    if again.status != 200 {
        return Ok(vec![format!("a session was lost with an answer: {again}")]);
    }
    let mut broken = Vec::new();
    if !wolfpal.believes(&again.field("access_token")) {
        broken.push("the tokens of the second try are not believed".to_owned());
    }
    let successor = wolfpal.try_refresh(&again.field("refresh_token"));
    broken.extend(unless(200, &successor, "the successor is not taken"));
    broken.extend(unless(401, &wolfpal.try_refresh(&first.refresh), "a token from long ago was taken"));
    if successor.status == 200 {
        let newest = successor.field("refresh_token");
        broken.extend(unless(401, &wolfpal.try_refresh(&newest), "the session lives on after a replay"));
    }
    Ok(broken)
}
