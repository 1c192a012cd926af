//! One connection to one server, kept alive between requests.

use std::io::{self, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::read::{Received, read_answer};
use super::{Answer, Request};

/// How long connecting, and each read or write, may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A client of one address. It never sends a request twice: what a crashed server did is for the test to
/// find out.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    timeout: Duration,
    pub(super) connection: Option<BufReader<TcpStream>>,
    opened: usize,
}

impl Client {
    /// A client that connects to `address` at the first request.
    pub fn new(address: SocketAddr) -> Client {
        Client { address, timeout: TIMEOUT, connection: None, opened: 0 }
    }

    /// The same client with another limit for each wait.
    pub fn with_timeout(mut self, timeout: Duration) -> Client {
        self.timeout = timeout;
        self
    }

    /// The server's address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections were opened so far.
    pub fn connections(&self) -> usize {
        self.opened
    }

    /// Sends one request and reads its answer. The error is [`io::ErrorKind::UnexpectedEof`] if the answer broke
    /// off, and another kind if not a byte of it came.
    pub fn send(&mut self, request: &Request) -> io::Result<Answer> {
        let bytes = request.to_bytes(&self.address.to_string());
        self.send_bytes(&bytes, &request.method)
    }

    /// Sends bytes that need not be a request at all and reads one answer. `method` says whether the
    /// answer may have a body: one to `HEAD` has none.
    pub fn send_bytes(&mut self, bytes: &[u8], method: &str) -> io::Result<Answer> {
        let mut connection = self.connect()?;
        let sent = connection.get_mut().write_all(bytes);
        // A server may refuse a body before it is all sent: what it answered counts more than that it
        // stopped reading.
        let Received { answer, reusable } = match (read_answer(&mut connection, method), sent) {
            (Ok(received), _) => received,
            (Err(_), Err(error)) | (Err(error), Ok(())) => return Err(error),
        };
        if reusable {
            self.connection = Some(connection);
        }
        Ok(answer)
    }

    /// The connection of the last request if the server still holds it, else a new one.
    fn connect(&mut self) -> io::Result<BufReader<TcpStream>> {
        if let Some(connection) = self.connection.take().filter(still_open) {
            return Ok(connection);
        }
        let stream = TcpStream::connect_timeout(&self.address, self.timeout)?;
        stream.set_read_timeout(Some(self.timeout))?;
        stream.set_write_timeout(Some(self.timeout))?;
        stream.set_nodelay(true)?;
        self.opened += 1;
        Ok(BufReader::new(stream))
    }
}

/// Whether an idle connection is open and silent. Bytes nobody asked for make it unusable as well.
fn still_open(connection: &BufReader<TcpStream>) -> bool {
    let stream = connection.get_ref();
    if !connection.buffer().is_empty() || stream.set_nonblocking(true).is_err() {
        return false;
    }
    let quiet = matches!(stream.peek(&mut [0]), Err(error) if error.kind() == io::ErrorKind::WouldBlock);
    stream.set_nonblocking(false).is_ok() && quiet
}
