//! Mail that is owed, through a mail server that misbehaves: none lost, none twice, none for what did not
//! happen. STARTTLS, authentication and every single answer are tested in the crate `mail`.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use harness::actors::WolfPal;
use harness::http::{Client, Request};
use harness::process::TesseraProcess;

use crate::stand::{PASSWORD, address_of, cheap, eventually, told, unique};

/// How the server treats one connection.
#[derive(Clone, Copy, Debug)]
enum Manner {
    Hangs,
    ClosesAtOnce,
    ClosesBeforeTheEnd,
    BusyNow,
    RefusesForNow,
    RefusesForGood,
    Takes,
}

/// A mail server that treats connections as it was told, one after the other, and then takes everything.
struct Sink {
    address: SocketAddr,
    manners: Arc<Mutex<VecDeque<Manner>>>,
    taken: Arc<Mutex<Vec<String>>>,
}

impl Sink {
    fn start(manners: &[Manner]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let sink = Self {
            address: listener.local_addr().unwrap(),
            manners: Arc::new(Mutex::new(manners.iter().copied().collect())),
            taken: Arc::default(),
        };
        let (manners, taken) = (Arc::clone(&sink.manners), Arc::clone(&sink.taken));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let manner = manners.lock().unwrap().pop_front().unwrap_or(Manner::Takes);
                let taken = Arc::clone(&taken);
                // A client that breaks off is what some manners are about.
                thread::spawn(move || _ = converse(&stream.unwrap(), manner, &taken));
            }
        });
        sink
    }

    /// The recipients of what was taken, sorted.
    fn taken(&self) -> Vec<String> {
        let mut taken = self.taken.lock().unwrap().clone();
        taken.sort();
        taken
    }

    fn has_shown_all_manners(&self) -> bool {
        self.manners.lock().unwrap().is_empty()
    }
}

/// One conversation (RFC 5321, section 3).
fn converse(stream: &TcpStream, manner: Manner, taken: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut out = stream;
    match manner {
        Manner::ClosesAtOnce => return Ok(()),
        Manner::Hangs => {
            thread::sleep(Duration::from_secs(5));
            return Ok(());
        }
        Manner::BusyNow => return out.write_all(b"421 busy\r\n"),
        _ => out.write_all(b"220 sink\r\n")?,
    }
    let mut recipient = String::new();
    let mut lines = BufReader::new(stream).lines();
    while let Some(line) = lines.next() {
        let line = line?;
        let answer = match line.split([' ', ':']).next().unwrap_or_default().to_uppercase().as_str() {
            "RCPT" => match manner {
                Manner::RefusesForNow => "451 later",
                Manner::RefusesForGood => "550 nobody",
                _ => {
                    recipient = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                    "250 ok"
                }
            },
            "DATA" => {
                out.write_all(b"354 go on\r\n")?;
                for line in lines.by_ref() {
                    if line? == "." {
                        break;
                    }
                }
                if matches!(manner, Manner::ClosesBeforeTheEnd) {
                    return Ok(());
                }
                taken.lock().unwrap().push(recipient.clone());
                "250 taken"
            }
            "QUIT" => return out.write_all(b"221 bye\r\n"),
            _ => "250 ok",
        };
        out.write_all(format!("{answer}\r\n").as_bytes())?;
    }
    Ok(())
}

fn mails(server: &TesseraProcess) -> Vec<serde_json::Value> {
    told(server, &["mail", "list"], "").as_array().unwrap().clone()
}

/// Has every mail tried again that is owed or was given up, and waits until it was tried.
fn retry_all(server: &TesseraProcess) {
    for mail in mails(server).iter().filter(|mail| mail["sent_at"].is_null()) {
        // It may be sent by itself between looking and asking; then there is nothing to try again.
        _ = server.cli(&["mail", "retry", mail["id"].as_str().unwrap()], "");
    }
    eventually("every owed mail is tried", || {
        mails(server).iter().all(|mail| !mail["sent_at"].is_null() || mail["attempts"].as_i64() > Some(0))
    });
}

#[test]
fn owed_mail_arrives_once_through_a_server_that_misbehaves_and_a_kill() {
    use Manner::{BusyNow, ClosesAtOnce, ClosesBeforeTheEnd, Hangs, RefusesForGood, RefusesForNow, Takes};
    let sink = Sink::start(&[
        ClosesAtOnce,
        BusyNow,
        RefusesForNow,
        ClosesBeforeTheEnd,
        Hangs,
        RefusesForGood,
        Takes,
        RefusesForNow,
        ClosesAtOnce,
    ]);
    let settings = format!(
        "[mail.smtp]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\ntimeout = \"1s\"\n",
        sink.address.port()
    );
    let mut server = TesseraProcess::start(cheap().unthrottled().settings(&settings));
    let mut owed = Vec::new();
    for _ in 0..6 {
        let name = unique("owed");
        WolfPal::at(server.address()).register(&name, &address_of(&name), PASSWORD);
        // Refused, so no mail is owed for it: the name is taken.
        let form = [("username", &*name), ("email", "other@mail.example.com"), ("password", PASSWORD)];
        let again = Request::new("POST", "/auth/register").form(&form);
        Client::new(server.address()).send(&again).unwrap().expect_status(409);
        owed.push(address_of(&name));
    }
    owed.sort();
    eventually("every mail is tried once", || {
        mails(&server).iter().all(|mail| mail["attempts"].as_i64() > Some(0))
    });
    server.kill9();
    server.restart();
    assert_eq!(mails(&server).len(), owed.len());
    let all_sent = |server: &TesseraProcess| mails(server).iter().all(|mail| !mail["sent_at"].is_null());
    for _ in 0..10 {
        retry_all(&server);
        if all_sent(&server) {
            break;
        }
    }
    assert!(sink.has_shown_all_manners() && all_sent(&server));
    assert_eq!(sink.taken(), owed, "one of each, and nothing for what was refused");
}

#[test]
fn what_is_asked_for_is_seen_to_while_a_slow_server_is_given_mail() {
    let sink = Sink::start(&[Manner::Hangs; 30]);
    let settings = format!(
        "[mail.smtp]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\ntimeout = \"1s\"\n",
        sink.address.port()
    );
    let server = TesseraProcess::start(cheap().unthrottled().settings(&settings));
    let names: Vec<_> = (0..12).map(|_| unique("slow")).collect();
    for name in &names {
        WolfPal::at(server.address()).register(name, &address_of(name), PASSWORD);
    }
    let tried =
        |mails: &[serde_json::Value]| mails.iter().filter(|mail| mail["attempts"].as_i64() > Some(0)).count();
    eventually("the second mail is tried", || tried(&mails(&server)) > 1);
    WolfPal::at(server.address()).send_reset(&address_of(&names[0]));
    let mut seen = Vec::new();
    eventually("the reset is owed", || {
        seen = mails(&server);
        seen.iter().any(|mail| mail["kind"] == "reset_sent")
    });
    assert!(tried(&seen) < names.len(), "not only once all mails were tried: {seen:?}");
}
