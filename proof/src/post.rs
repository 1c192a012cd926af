//! A mail server that keeps what it is given, in memory.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use harness::mailbox::Mail;

/// A mail server on this machine. It takes every password, and ends with the process.
pub(crate) struct Post {
    pub(crate) port: u16,
    mails: Arc<Mutex<Vec<Mail>>>,
}

impl Post {
    pub(crate) fn open() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let (port, mails) = (listener.local_addr()?.port(), Arc::new(Mutex::new(Vec::new())));
        let kept = Arc::clone(&mails);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Whoever hangs up tries again.
                _ = serve(&stream, &kept);
            }
        });
        Ok(Self { port, mails })
    }

    /// The mails so far, oldest first.
    pub(crate) fn mails<T>(&self, look: impl FnOnce(&[Mail]) -> T) -> T {
        look(&self.mails.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One conversation (RFC 5321).
fn serve(mut stream: &TcpStream, mails: &Mutex<Vec<Mail>>) -> io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    stream.write_all(b"220 post ESMTP\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        let command = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let answer = match &*command {
            "EHLO" => "250-post\r\n250 AUTH PLAIN LOGIN\r\n",
            "AUTH" => "235 welcome\r\n",
            "DATA" => "354 go on\r\n",
            "QUIT" => "221 bye\r\n",
            _ => "250 ok\r\n",
        };
        stream.write_all(answer.as_bytes())?;
        if command == "DATA" {
            let mut message = String::new();
            for line in lines.by_ref() {
                let line = line?;
                if line == "." {
                    break;
                }
                message.push_str(line.strip_prefix('.').unwrap_or(&line));
                message.push_str("\r\n");
            }
            mails.lock().unwrap_or_else(PoisonError::into_inner).extend(Mail::parse(message.as_bytes()));
            stream.write_all(b"250 queued\r\n")?;
        }
    }
    Ok(())
}
