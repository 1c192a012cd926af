//! One kept-alive connection: writes a request whole, reads an answer as it comes.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Instant;

use super::Answer;

/// No answer here is longer.
const LONGEST: usize = 4 * 1_024 * 1_024;

pub(super) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
    /// When the request under way was sent, or was to be sent.
    pub(super) asked: Instant,
}

/// The lengths of a complete answer at the beginning of the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Frame {
    status: u16,
    head: usize,
    body: usize,
}

impl Connection {
    pub(super) fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(Self { stream, buffer: vec![0; 8 * 1_024], filled: 0, asked: Instant::now() })
    }

    pub(super) fn descriptor(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }

    /// Sends a request, which fits into the socket's buffer.
    pub(super) fn send(&mut self, request: &[u8], asked: Instant) -> io::Result<()> {
        self.asked = asked;
        match self.stream.write(request)? {
            written if written == request.len() => Ok(()),
            _ => Err(io::Error::other("a request did not fit into the socket's buffer")),
        }
    }

    /// Reads what is there and hands over the answer once it is complete; whether it was.
    pub(super) fn receive(&mut self, then: impl FnOnce(&Answer<'_>, Instant)) -> io::Result<bool> {
        if self.filled == self.buffer.len() {
            if self.filled >= LONGEST {
                return Err(io::Error::other("an answer has no end"));
            }
            self.buffer.resize(self.filled * 2, 0);
        }
        match self.stream.read(&mut self.buffer[self.filled..]) {
            Ok(0) => return Err(io::Error::new(ErrorKind::UnexpectedEof, "the server hung up")),
            Ok(read) => self.filled += read,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error),
        }
        let Some(frame) = frame(&self.buffer[..self.filled]) else { return Ok(false) };
        let rest = &self.buffer[frame.head..self.filled];
        if rest.len() < frame.body {
            return Ok(false);
        }
        then(&Answer { status: frame.status, body: &rest[..frame.body] }, self.asked);
        // One request at a time: nothing can follow its answer.
        self.filled = 0;
        Ok(true)
    }
}

/// The lengths of the answer that begins here, once its head is complete.
fn frame(bytes: &[u8]) -> Option<Frame> {
    const LENGTH: &[u8] = b"content-length:";
    const CHUNKED: &[u8] = b"transfer-encoding: chunked";
    const LAST_CHUNK: &[u8] = b"0\r\n\r\n";
    let mut body = 0;
    let mut chunked = false;
    let mut begin = 0;
    loop {
        let end = begin + bytes[begin..].iter().position(|byte| *byte == b'\n')?;
        let line = bytes[begin..end].trim_ascii_end();
        begin = end + 1;
        if line.is_empty() {
            let status = bytes.get(9..12).and_then(number)?;
            if chunked {
                // One answer at a time, so that its last chunk is the last of all; how it is cut stays in it.
                body = bytes[begin..].ends_with(LAST_CHUNK).then_some(bytes.len() - begin)?;
            }
            return Some(Frame { status: u16::try_from(status).ok()?, head: begin, body });
        }
        chunked |= line.eq_ignore_ascii_case(CHUNKED);
        if line.len() > LENGTH.len() && line[..LENGTH.len()].eq_ignore_ascii_case(LENGTH) {
            body = number(line[LENGTH.len()..].trim_ascii())?;
        }
    }
}

fn number(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_where_its_length_says() {
        let bytes = b"HTTP/1.1 200 OK\r\nx: y\r\nContent-Length: 5\r\n\r\nhello";
        assert_eq!(frame(bytes), Some(Frame { status: 200, head: bytes.len() - 5, body: 5 }));
        assert_eq!(frame(&bytes[..bytes.len() - 6]), None);
        let empty = b"HTTP/1.1 204 No Content\r\n\r\n";
        assert_eq!(frame(empty), Some(Frame { status: 204, head: empty.len(), body: 0 }));
        assert_eq!(frame(b""), None);
        let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
        assert_eq!(frame(chunked), Some(Frame { status: 200, head: chunked.len() - 15, body: 15 }));
        assert_eq!(frame(&chunked[..chunked.len() - 1]), None);
    }
}
