//! Nothing secret in the logs, at any level, of this crate or of those below it.

use std::{
    io,
    sync::{Arc, Mutex},
};

use crate::sink::{Answer::Say, BODY, PASSWORD, Script, Sink, deliver, settings};
use mail::{Security, SmtpTransport};
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Log;

    fn make_writer(&'a self) -> Log {
        self.clone()
    }
}

#[test]
fn the_most_talkative_log_has_no_secret() {
    let log = Log::default();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    tracing::subscriber::with_default(subscriber, || {
        tracing::trace!("the log works");
        // One thread: the subscriber is this thread's.
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(talk());
    });

    let written = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(written.contains("the log works"), "{written}");
    // The password also as AUTH PLAIN sends it.
    for secret in [BODY, PASSWORD, "AHRlc3NlcmEAcGE1NXdvcmQtczNjcmV0"] {
        assert!(!written.contains(secret), "{written}");
    }
}

/// A mail that is accepted, and one that is refused with its own words.
async fn talk() {
    for script in [Script::default(), Script::with(".", Say("554 5.7.1 b0dy-s3cret\r\n"))] {
        let sink = Sink::start(script).await;
        let smtp = SmtpTransport::new(settings(sink.port, Security::None)).unwrap();
        let _ = deliver(smtp).await;
        assert_eq!(sink.messages().len(), 1);
    }
}
