//! A path that can be cut: a TCP proxy between a server and what it depends on.

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

/// How the path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    Open,
    /// Connections are reset, new ones refused.
    Cut,
    /// Nothing passes and nobody is told: connections stay open, new ones are never answered. What was sent meanwhile arrives
    /// when the path is whole again, as TCP has it.
    Silent,
    /// Everything takes so much longer, in order.
    Delayed(Duration),
    /// So many bytes at a time, so far apart.
    Dribbled(usize, Duration),
    /// A connection on which the near side says this is reset, and the far side does not hear it.
    CutBefore(&'static str),
    /// A connection on which the near side says this is reset once the far side has answered, and the near side does not
    /// hear the answer.
    CutAfter(&'static str),
}

/// A proxy on a port of its own, for as long as it is held.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    path: watch::Sender<Path>,
    listening: JoinHandle<()>,
}

impl Proxy {
    /// Whoever connects to the proxy is connected to this address of this machine.
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
        // Connections end as on a cut path.
        self.set(Path::Cut);
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, address: SocketAddr, to: SocketAddr, mut path: watch::Receiver<Path>) {
    let mut held = Some(listener);
    loop {
        if *path.borrow_and_update() == Path::Cut {
            // Refused by the system, as where nobody listens.
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

/// Somebody's own connection may have been given the port while nobody listened on it.
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

/// Of one connection: what ends it on a path that is cut at a word.
#[derive(Default)]
struct Trigger {
    /// The far side has heard it.
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

    /// Whether an answer may pass.
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
        // A delay is measured, so nothing may be held back to be sent in one go.
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
        // The proxy itself may be gone.
        _ = cut.wait_for(|path| *path == Path::Cut) => false,
        () = trigger.reset.cancelled() => false,
    };
    if !has_ended_well {
        for stream in [Some(near), far].into_iter().flatten() {
            let _reset = socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO));
        }
    }
}

/// One direction, to its end, or to what may not pass.
async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut path: watch::Receiver<Path>,
    may_pass: impl Fn(Path, &[u8]) -> bool,
) {
    // Bounded: whoever sends more than the path holds has to wait.
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
    // Takes `held` along when it ends, which ends the reading as well.
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
        // The other side is told that this direction has ended, and the other direction goes on.
        let _gone = to.shutdown().await;
    };
    tokio::join!(reading, writing);
}

async fn not_silent(path: &mut watch::Receiver<Path>) {
    // Gone with the proxy, which cuts first.
    let _gone = path.wait_for(|path| *path != Path::Silent).await;
}
