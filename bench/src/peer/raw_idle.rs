//! The least that an idle widget can cost: epoll without a runtime, and no timer. A widget gets the
//! state that its account has when it subscribes, and answers to its pings. Later changes are not
//! sent to it.
//!
//! One thread per core has its own epoll and its own listener on the same port (`SO_REUSEPORT`), so
//! that the threads share nothing after a connection is accepted.

use std::{
    collections::HashMap,
    io::{self, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use nix::{
    errno::Errno,
    sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout},
};
use socket2::{Domain, Socket, Type};

use super::{
    Fault,
    messages::{ACK, BACKLOG, CHANGED, Request, UPGRADED, framed, key, request, unmask},
};
use crate::{
    frame::{CLOSE, PING, PONG, TEXT},
    widget,
};

/// The number of the listener in epoll; those of the widgets are indexes.
const LISTENER: u64 = u64::MAX;
/// A ready frame: `{"type":"pong"}`.
const ANSWER: &[u8] = b"\x81\x0f{\"type\":\"pong\"}";

#[derive(Debug, Default)]
struct Shared {
    /// By widget key, the `next` message with the account's state.
    frames: Mutex<HashMap<String, Vec<u8>>>,
    /// Number of widgets whose pings must still be made to go unanswered.
    mute: AtomicUsize,
}

/// Serves until its parent ends.
pub fn serve(fault: Fault) -> anyhow::Result<()> {
    anyhow::ensure!(matches!(fault, Fault::None | Fault::Unanswered), "raw-idle cannot make this error");
    let mute = if fault == Fault::Unanswered { Fault::MUTE } else { 0 };
    let shared = Arc::new(Shared { mute: AtomicUsize::new(mute), ..Shared::default() });
    let first = listener(0)?;
    let address = first.local_addr()?;
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut workers = vec![Worker::new(first, &shared)?];
    for _ in 1..cores {
        workers.push(Worker::new(listener(address.port())?, &shared)?);
    }
    super::announce(address);
    let (end, ended) = mpsc::channel();
    for mut worker in workers {
        let end = end.clone();
        thread::spawn(move || end.send(worker.run()));
    }
    ended.recv()?
}

fn listener(port: u16) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.set_reuse_port(true)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// One thread, and the widgets that its listener accepted.
#[derive(Debug)]
struct Worker {
    epoll: Epoll,
    listener: TcpListener,
    shared: Arc<Shared>,
    peers: Vec<Option<Peer>>,
    free: Vec<usize>,
}

impl Worker {
    fn new(listener: TcpListener, shared: &Arc<Shared>) -> io::Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        epoll.add(&listener, EpollEvent::new(EpollFlags::EPOLLIN, LISTENER))?;
        Ok(Self { epoll, listener, shared: Arc::clone(shared), peers: Vec::new(), free: Vec::new() })
    }

    fn run(&mut self) -> anyhow::Result<()> {
        let mut buffer = [0; 4096];
        let mut events = [EpollEvent::empty(); 256];
        loop {
            let ready = match self.epoll.wait(&mut events, EpollTimeout::NONE) {
                Err(Errno::EINTR) => continue,
                ready => ready?,
            };
            for event in &events[..ready] {
                if event.data() == LISTENER {
                    self.accept()?;
                    continue;
                }
                let place = usize::try_from(event.data())?;
                let peer = self.peers[place].as_mut().expect("removed from epoll when it was closed");
                if peer.serve(event.events(), &mut buffer, &self.shared).is_err() {
                    // Closing the socket removes it from epoll.
                    self.peers[place] = None;
                    self.free.push(place);
                }
            }
        }
    }

    fn accept(&mut self) -> io::Result<()> {
        loop {
            let stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                // The client has left.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
                Err(error) => return Err(error),
            };
            stream.set_nonblocking(true)?;
            stream.set_nodelay(true)?;
            let place = self.free.pop().unwrap_or_else(|| {
                self.peers.push(None);
                self.peers.len() - 1
            });
            // Level-triggered, the kernel would look at a socket a second time after each event.
            let interest = EpollFlags::EPOLLIN | EpollFlags::EPOLLRDHUP | EpollFlags::EPOLLET;
            self.epoll.add(&stream, EpollEvent::new(interest, place as u64))?;
            self.peers[place] = Some(Peer { stream, stage: Stage::Requesting, rest: Vec::new() });
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Before the upgrade. A connection that sends changes stays here.
    Requesting,
    Initialising,
    Subscribing,
    Live,
    /// Live, but its pings are not answered.
    Mute,
}

#[derive(Debug)]
struct Peer {
    stream: TcpStream,
    stage: Stage,
    /// An incomplete request or frame; usually empty, without memory.
    rest: Vec<u8>,
}

impl Peer {
    /// Reads all that is there. An error means that the connection must be closed.
    fn serve(&mut self, flags: EpollFlags, buffer: &mut [u8], shared: &Shared) -> io::Result<()> {
        let ends = flags.intersects(EpollFlags::EPOLLRDHUP | EpollFlags::EPOLLHUP | EpollFlags::EPOLLERR);
        loop {
            match self.stream.read(buffer) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(length) => {
                    self.receive(&mut buffer[..length], shared)?;
                    // Nothing is left in the socket. What arrives from now on is a new event.
                    if length < buffer.len() && !ends {
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn receive(&mut self, bytes: &mut [u8], shared: &Shared) -> io::Result<()> {
        if self.rest.is_empty() {
            let used = self.consume(bytes, shared)?;
            self.rest.extend_from_slice(&bytes[used..]);
        } else {
            let mut all = std::mem::take(&mut self.rest);
            all.extend_from_slice(bytes);
            let used = self.consume(&mut all, shared)?;
            if used < all.len() {
                all.drain(..used);
                self.rest = all;
            }
        }
        Ok(())
    }

    /// Answers each complete request and frame. Returns the number of bytes that they have.
    fn consume(&mut self, bytes: &mut [u8], shared: &Shared) -> io::Result<usize> {
        let mut used = 0;
        loop {
            let bytes = &mut bytes[used..];
            if self.stage == Stage::Requesting {
                let Some((request, end)) = request(bytes)? else { return Ok(used) };
                used += end;
                match request {
                    Request::Upgrade => {
                        self.say(UPGRADED)?;
                        self.stage = Stage::Initialising;
                    }
                    Request::Change { key, frame } => {
                        shared.frames.lock().unwrap_or_else(PoisonError::into_inner).insert(key, frame);
                        self.say(CHANGED)?;
                    }
                }
            } else {
                let Some((opcode, payload)) = unmask(bytes) else { return Ok(used) };
                used += payload.end;
                self.answer(opcode, &bytes[payload], shared)?;
            }
        }
    }

    fn answer(&mut self, opcode: u8, payload: &[u8], shared: &Shared) -> io::Result<()> {
        match (opcode, self.stage) {
            (CLOSE, _) => Err(io::ErrorKind::ConnectionAborted.into()),
            (_, Stage::Mute) => Ok(()),
            (PING, _) => self.say(&framed(PONG, payload)),
            (TEXT, Stage::Live) if payload == widget::PING => self.say(ANSWER),
            (TEXT, Stage::Initialising) => {
                self.say(&framed(TEXT, ACK))?;
                self.stage = Stage::Subscribing;
                Ok(())
            }
            (TEXT, Stage::Subscribing) => {
                let state = {
                    let frames = shared.frames.lock().unwrap_or_else(PoisonError::into_inner);
                    key(payload).and_then(|key| frames.get(&key).cloned())
                };
                self.say(&state.ok_or(io::ErrorKind::NotFound)?)?;
                let mute = shared.mute.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
                self.stage = if mute.is_ok() { Stage::Mute } else { Stage::Live };
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn say(&self, bytes: &[u8]) -> io::Result<()> {
        // A widget that does not read a few hundred bytes is disconnected.
        if (&self.stream).write(bytes)? == bytes.len() { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) }
    }
}
