//! Tokens that are shown once and sessions that end, so many that what is remembered of both grows no more while
//! memory is judged.

use std::panic::resume_unwind;
use std::thread;

use harness::actors::{GoScrobble, WolfPal};
use harness::people::{PASSWORD, address_of};
use harness::process::TesseraProcess;

use crate::Problem;
use crate::cast::account;

/// Tokens of each product that lives are lived at. Its store keeps 50,000 and names of as many more; beyond 60,000
/// nothing grew (2026-11-30).
const TOKENS: usize = 120_000;
/// Tokens of each session. So 30,000 sessions are remembered for as long as a token lives, seven days here, and three of
/// each of about 8,900 lives: the table of them doubles at 28,672 before memory is judged, and would at 57,344.
const OF_A_SESSION: usize = 8;
/// Who shows them.
const CLIENTS: usize = 4;

/// Shows tokens of one new account, each of which the refresh after it makes worthless, in one session after the other.
pub(super) fn show(server: &TesseraProcess) -> Result<(), Problem> {
    let name = &account(server)?;
    let one = || {
        let mut wolfpal = WolfPal::at(server.address());
        let mut goscrobble = GoScrobble::at(server.address());
        for _ in 0..TOKENS / OF_A_SESSION / CLIENTS {
            let mut tokens = wolfpal.sign_in(&address_of(name), PASSWORD);
            let mut others = goscrobble.sign_in(name, PASSWORD);
            for _ in 0..OF_A_SESSION {
                let _ = wolfpal.account(&tokens.access).expect_status(200);
                tokens = wolfpal.refresh(&tokens.refresh);
                let _ = goscrobble.user(&others.access).expect_status(200);
                others = goscrobble.refresh(&others.refresh);
            }
        }
    };
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(one)).collect();
        for client in clients {
            client.join().unwrap_or_else(|panic| resume_unwind(panic));
        }
    });
    Ok(())
}
