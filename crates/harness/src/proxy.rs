//! A TCP proxy that misbehaves when told to: between a server and its database it is the network between two
//! machines.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// What becomes of bytes and connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// They go through.
    Pass,
    /// Connections stay open and are taken, and nothing goes through: a cable that was pulled.
    Stall,
    /// Whoever connects is hung up on: nobody listens there any more.
    Refuse,
}

/// A listening proxy. Dropping it cuts every connection.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    target: SocketAddr,
    state: Mutex<State>,
    changed: Condvar,
    turns: AtomicU64,
}

#[derive(Debug)]
struct State {
    mode: Mode,
    open: Vec<TcpStream>,
    over: bool,
}

impl Proxy {
    /// Listens on a free port of the loopback address and passes everything to `target`. Panics when it cannot.
    #[expect(clippy::panic, reason = "a test that cannot set its stage fails")]
    #[track_caller]
    pub fn to(target: SocketAddr) -> Proxy {
        match Proxy::try_to(target) {
            Ok(proxy) => proxy,
            Err(error) => panic!("a proxy to {target}: {error}"),
        }
    }

    fn try_to(target: SocketAddr) -> io::Result<Proxy> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let state = State { mode: Mode::Pass, open: Vec::new(), over: false };
        let state = Mutex::new(state);
        let shared = Arc::new(Shared { target, state, changed: Condvar::new(), turns: AtomicU64::new(0) });
        let taking = Arc::clone(&shared);
        thread::spawn(move || {
            for taken in listener.incoming() {
                if taking.state().over {
                    return;
                }
                if let Ok(near) = taken {
                    // What cannot be connected ends here, and its client sees that.
                    let _ = take(&taking, near);
                }
            }
        });
        Ok(Proxy { address, shared })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on.
    pub fn set(&self, mode: Mode) {
        self.shared.state().mode = mode;
        self.shared.changed.notify_all();
    }

    /// Ends every connection there is; new ones are taken as the mode says.
    pub fn cut(&self) {
        for stream in self.shared.state().open.drain(..) {
            // One that has ended already needs no end.
            let _ = stream.shutdown(Shutdown::Both);
        }
        self.shared.changed.notify_all();
    }

    /// How often a client spoke after the other side had, on all connections so far: round trips.
    pub fn round_trips(&self) -> u64 {
        self.shared.turns.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.state().over = true;
        self.cut();
        // Wakes the thread that takes connections, so that it sees the end.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits while nothing goes through.
    fn pass(&self) {
        let mut state = self.state();
        while state.mode == Mode::Stall && !state.over {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn take(shared: &Arc<Shared>, near: TcpStream) -> io::Result<()> {
    let mode = shared.state().mode;
    if mode == Mode::Refuse {
        return near.shutdown(Shutdown::Both);
    }
    let far = TcpStream::connect(shared.target)?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    shared.state().open.extend([near.try_clone()?, far.try_clone()?]);
    let client_spoke = Arc::new(AtomicBool::new(false));
    for (from, to, of_client) in [(near.try_clone()?, far.try_clone()?, true), (far, near, false)] {
        let (shared, client_spoke) = (Arc::clone(shared), Arc::clone(&client_spoke));
        thread::spawn(move || {
            let spoke = || {
                if client_spoke.swap(of_client, Ordering::SeqCst) != of_client && of_client {
                    shared.turns.fetch_add(1, Ordering::SeqCst);
                }
            };
            // However it ends, both ends of both connections end.
            let _ = pump(&shared, &from, &to, spoke);
            let _ = from.shutdown(Shutdown::Both);
            let _ = to.shutdown(Shutdown::Both);
        });
    }
    Ok(())
}

fn pump(shared: &Shared, mut from: &TcpStream, mut to: &TcpStream, spoke: impl Fn()) -> io::Result<()> {
    let mut bytes = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut bytes)?;
        shared.pass();
        if read == 0 {
            return Ok(());
        }
        spoke();
        to.write_all(bytes.get(..read).unwrap_or_default())?;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Answers every byte with the same byte.
    fn echo() -> SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                thread::spawn(move || io::copy(&mut &stream, &mut &stream));
            }
        });
        address
    }

    fn connect(proxy: &Proxy) -> TcpStream {
        let stream = TcpStream::connect(proxy.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        stream
    }

    fn says_back(mut stream: &TcpStream) -> bool {
        let mut byte = [0];
        stream.write_all(b"x").is_ok() && matches!(stream.read(&mut byte), Ok(1))
    }

    #[test]
    fn it_passes_and_counts_turns() {
        let proxy = Proxy::to(echo());
        let stream = connect(&proxy);
        for turns in 1..=3 {
            assert!(says_back(&stream));
            assert_eq!(proxy.round_trips(), turns);
        }
    }

    #[test]
    fn what_is_stalled_arrives_later_and_what_is_cut_never() {
        let proxy = Proxy::to(echo());
        let mut stream = connect(&proxy);
        assert!(says_back(&stream));
        proxy.set(Mode::Stall);
        assert!(!says_back(&stream));
        assert!(!says_back(&connect(&proxy)));
        proxy.set(Mode::Pass);
        stream.set_read_timeout(None).unwrap();
        assert_eq!(stream.read(&mut [0]).unwrap(), 1);
        proxy.cut();
        assert!(!says_back(&stream));
        assert!(says_back(&connect(&proxy)));
    }

    #[test]
    fn who_is_refused_is_hung_up_on() {
        let proxy = Proxy::to(echo());
        let before = connect(&proxy);
        assert!(says_back(&before));
        proxy.set(Mode::Refuse);
        assert!(!says_back(&connect(&proxy)));
        assert!(says_back(&before), "a connection from before goes on");
    }
}
