//! HTTP/2 frame by frame, as a client that means no good would send them (RFC 9113).

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const RST_STREAM: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
pub(super) const GOAWAY: u8 = 7;
pub(super) const CONTINUATION: u8 = 9;

pub(super) const END_STREAM: u8 = 1;
pub(super) const END_HEADERS: u8 = 4;

/// What a client begins with (section 3.4), before its settings.
pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// `GET /` with names and values from the static table (RFC 7541, appendix A), and the host `x`.
pub(super) const GET: &[u8] = &[0x82, 0x84, 0x86, 0x41, 0x01, b'x'];

/// The field block that begins an answer with status 200.
pub(super) const STATUS_200: u8 = 0x88;

/// A field that stands in no table, its name and value written as they are.
pub(super) fn field(name: &str, value: &str) -> Vec<u8> {
    let text = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    [vec![0], text(name), text(value)].concat()
}

/// One frame as received.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) kind: u8,
    pub(super) stream: u32,
    pub(super) payload: Vec<u8>,
}

impl Frame {
    /// The error code of a RST_STREAM or GOAWAY.
    pub(super) fn code(&self) -> u32 {
        let bytes = if self.kind == GOAWAY { &self.payload[4..8] } else { &self.payload[..4] };
        u32::from_be_bytes(bytes.try_into().unwrap())
    }
}

/// One frame to send.
pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A connection whose greeting is done.
pub(super) struct Raw(pub(super) TcpStream);

impl Raw {
    pub(super) fn open(address: SocketAddr) -> Raw {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut raw = Raw(stream);
        raw.send(&[PREFACE, &frame(SETTINGS, 0, 0, &[])].concat());
        assert_eq!(raw.next().expect("the server's settings").kind, SETTINGS);
        raw
    }

    pub(super) fn send(&mut self, bytes: &[u8]) {
        // A server that has had enough may stop reading.
        _ = self.0.write_all(bytes);
    }

    /// The next frame; none at the end of the connection.
    pub(super) fn next(&mut self) -> Option<Frame> {
        let mut head = [0; 9];
        self.0.read_exact(&mut head).ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        self.0.read_exact(&mut payload).ok()?;
        let stream = u32::from_be_bytes(head[5..9].try_into().unwrap());
        Some(Frame { kind: head[3], stream, payload })
    }

    /// The next frame of that kind. Panics when the connection ends before.
    #[track_caller]
    pub(super) fn await_kind(&mut self, kind: u8) -> Frame {
        loop {
            let frame = self.next().expect("the connection ended");
            if frame.kind == kind {
                return frame;
            }
        }
    }
}
