//! A TCP proxy between a server and what it depends on, which simulates faults of the network.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
    task::JoinHandle,
    time::{Instant, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::DEADLINE;

/// The state of the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    Open,
    /// Connections are reset, and new ones are refused.
    Cut,
    /// Nothing passes: connections stay open, and new ones are accepted without an answer. As in
    /// TCP, what was sent arrives when the path is open again.
    Silent,
    /// Everything is delayed by this time, in order.
    Delayed(Duration),
    /// At most this many bytes pass at a time, with this pause between.
    Dribbled(usize, Duration),
    /// A connection whose near side sends this text is reset before the far side receives it.
    CutBefore(&'static str),
    /// A connection whose near side sends this text is reset when the far side answers, before the
    /// near side receives the answer.
    CutAfter(&'static str),
}

/// A proxy on a free port. Stops when dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    path: watch::Sender<Path>,
    listening: JoinHandle<()>,
}

impl Proxy {
    /// Starts a proxy to this port of this machine.
    pub async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let (path, seen) = watch::channel(Path::Open);
        let listening = tokio::spawn(listen(listener, address, ([127, 0, 0, 1], port).into(), seen));
        Self { address, path, listening }
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    pub fn set(&self, path: Path) {
        self.path.send_replace(path);
    }

    pub fn restore(&self) {
        self.set(Path::Open);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Ends open connections, as on a cut path.
        self.set(Path::Cut);
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, address: SocketAddr, to: SocketAddr, mut path: watch::Receiver<Path>) {
    let mut held = Some(listener);
    loop {
        if *path.borrow_and_update() == Path::Cut {
            // The system refuses connections, since the port has no listener.
            held = None;
        } else if let Some(listener) = &held {
            tokio::select! {
                accepted = listener.accept() => {
                    if let Ok((stream, _)) = accepted {
                        tokio::spawn(carry(stream, to, path.clone()));
                    }
                    continue;
                }
                changed = path.changed() => if changed.is_err() { return } else { continue },
            }
        } else {
            held = Some(listen_again(address).await);
            continue;
        }
        if path.changed().await.is_err() {
            return;
        }
    }
}

/// While the port had no listener, an outgoing connection may have used it.
async fn listen_again(address: SocketAddr) -> TcpListener {
    let began = Instant::now();
    loop {
        match TcpListener::bind(address).await {
            Ok(listener) => return listener,
            Err(error) => assert!(began.elapsed() < DEADLINE, "{address}: {error}"),
        }
        sleep(Duration::from_millis(10)).await;
    }
}

/// Resets one connection when it sends a given text.
#[derive(Default)]
struct Trigger {
    /// The far side has received the text.
    is_sent: AtomicBool,
    reset: CancellationToken,
}

impl Trigger {
    /// Whether bytes of the near side may pass.
    fn may_pass(&self, path: Path, bytes: &[u8]) -> bool {
        let (Path::CutBefore(trigger) | Path::CutAfter(trigger)) = path else { return true };
        if !bytes.windows(trigger.len()).any(|part| part == trigger.as_bytes()) {
            return true;
        }
        match path {
            Path::CutAfter(_) => self.is_sent.store(true, Ordering::SeqCst),
            _ => self.reset.cancel(),
        }
        !self.reset.is_cancelled()
    }

    /// Whether an answer of the far side may pass.
    fn may_be_answered(&self) -> bool {
        let is_sent = self.is_sent.load(Ordering::SeqCst);
        if is_sent {
            self.reset.cancel();
        }
        !is_sent
    }
}

async fn carry(mut near: TcpStream, to: SocketAddr, path: watch::Receiver<Path>) {
    let mut cut = path.clone();
    let mut far = None;
    let trigger = Trigger::default();
    let passing = async {
        not_silent(&mut path.clone()).await;
        let far = far.insert(TcpStream::connect(to).await.ok()?);
        // The delay is measured, so small writes must not be held back.
        let _small = (near.set_nodelay(true), far.set_nodelay(true));
        let ((near_in, near_out), (far_in, far_out)) = (near.split(), far.split());
        tokio::join!(
            pass(near_in, far_out, path.clone(), |path, bytes| trigger.may_pass(path, bytes)),
            pass(far_in, near_out, path, |_, _| trigger.may_be_answered())
        );
        Some(())
    };
    let has_ended_well = tokio::select! {
        passed = passing => passed.is_some(),
        // The proxy itself may have been dropped.
        _ = cut.wait_for(|path| *path == Path::Cut) => false,
        () = trigger.reset.cancelled() => false,
    };
    if !has_ended_well {
        for stream in [Some(near), far].into_iter().flatten() {
            let _reset = socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO));
        }
    }
}

/// Carries one direction until it ends, or until something may not pass.
async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut path: watch::Receiver<Path>,
    may_pass: impl Fn(Path, &[u8]) -> bool,
) {
    // Bounded, so that a sender waits when the path is full.
    let (sender, mut held) = mpsc::channel::<(Instant, Vec<u8>)>(64);
    let seen = path.clone();
    let reading = async move {
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(read @ 1..) = from.read(&mut buffer).await {
            let due = match *seen.borrow() {
                Path::Delayed(by) => Instant::now() + by,
                _ => Instant::now(),
            };
            if sender.send((due, buffer[..read].to_vec())).await.is_err() {
                return;
            }
        }
    };
    // Drops `held` when it ends, which ends the reading as well.
    let writing = async move {
        while let Some((due, bytes)) = held.recv().await {
            sleep_until(due).await;
            let now = *path.borrow();
            if !may_pass(now, &bytes) {
                return;
            }
            let mut rest = &bytes[..];
            while !rest.is_empty() {
                not_silent(&mut path).await;
                let now = *path.borrow();
                let (some, pause) = match now {
                    Path::Dribbled(bytes, pause) => (bytes.clamp(1, rest.len()), pause),
                    _ => (rest.len(), Duration::ZERO),
                };
                if to.write_all(&rest[..some]).await.is_err() {
                    return;
                }
                rest = &rest[some..];
                sleep(pause).await;
            }
        }
        // Ends this direction only; the other one stays open.
        let _gone = to.shutdown().await;
    };
    tokio::join!(reading, writing);
}

async fn not_silent(path: &mut watch::Receiver<Path>) {
    // Fails only when the proxy was dropped, which cuts the path first.
    let _gone = path.wait_for(|path| *path != Path::Silent).await;
}
