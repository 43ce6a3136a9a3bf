//! A minimal server: tokio, a minimal upgrade, and one prepared frame that is written to every
//! socket. No GraphQL, no HTTP library, and no parsing except for the widget key.

use std::{
    collections::HashMap,
    io,
    net::Ipv4Addr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use socket2::{Domain, Socket, Type};
use tokio::net::{TcpListener, TcpStream};

use super::{
    Fault,
    messages::{ACK, BACKLOG, CHANGED, Request, UPGRADED, framed, key, request, unmask},
};
use crate::frame::TEXT;

/// Sockets written before the task yields.
const CHUNK: usize = 64;

#[derive(Debug, Default)]
struct Account {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    frame: Arc<[u8]>,
    before: Arc<[u8]>,
    sockets: Vec<Arc<Peer>>,
}

#[derive(Debug)]
struct Peer {
    stream: TcpStream,
    /// A task is writing the rest of a frame that did not fit.
    busy: AtomicBool,
    gone: AtomicBool,
}

type Accounts = Arc<Mutex<HashMap<String, Arc<Account>>>>;

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Serves until its parent ends.
pub async fn serve(fault: Fault) -> anyhow::Result<()> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.bind(&std::net::SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    socket.listen(BACKLOG)?;
    let listener = TcpListener::from_std(socket.into())?;
    super::announce(listener.local_addr()?);
    let accounts = Accounts::default();
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let accounts = accounts.clone();
        tokio::spawn(async move {
            // Boxed, so that its memory is freed before the long wait.
            if let Ok(Some((peer, account))) = Box::pin(arrive(stream, accounts, fault)).await {
                tokio::spawn(listen(peer, account));
            }
        });
    }
}

/// Handles a connection up to the first state. A connection that sends a change stays here for the
/// next request.
async fn arrive(stream: TcpStream, accounts: Accounts, fault: Fault) -> io::Result<Option<(Arc<Peer>, Arc<Account>)>> {
    let mut buffer = Vec::with_capacity(2048);
    loop {
        let Some((request, end)) = request(&buffer)? else {
            more(&stream, &mut buffer).await?;
            continue;
        };
        buffer.drain(..end);
        match request {
            Request::Upgrade => break,
            Request::Change { key, frame } => change(&stream, key, frame.into(), &accounts, fault).await?,
        }
    }
    write_all(&stream, UPGRADED).await?;
    message(&stream, &mut buffer).await?;
    write_all(&stream, &framed(TEXT, ACK)).await?;
    let subscribe = message(&stream, &mut buffer).await?;
    let Some(key) = key(&subscribe) else { return Ok(None) };
    let account = locked(&accounts).entry(key).or_default().clone();
    let peer = Arc::new(Peer { stream, busy: AtomicBool::new(false), gone: AtomicBool::new(false) });
    let first = {
        let mut inner = locked(&account.inner);
        inner.sockets.push(Arc::clone(&peer));
        inner.frame.clone()
    };
    write_all(&peer.stream, &first).await?;
    Ok(Some((peer, account)))
}

/// Reads until the widget leaves; it sends nothing.
async fn listen(peer: Arc<Peer>, account: Arc<Account>) {
    loop {
        if peer.stream.readable().await.is_err() {
            break;
        }
        let mut bytes = [0; 128];
        match peer.stream.try_read(&mut bytes) {
            Ok(0) => break,
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => break,
            _ => {}
        }
    }
    peer.gone.store(true, Ordering::Relaxed);
    drop(peer);
    drop(account);
}

async fn change(
    stream: &TcpStream,
    key: String,
    frame: Arc<[u8]>,
    accounts: &Accounts,
    fault: Fault,
) -> io::Result<()> {
    let account = locked(accounts).entry(key).or_default().clone();
    let sockets = {
        let mut inner = locked(&account.inner);
        inner.before = std::mem::replace(&mut inner.frame, Arc::clone(&frame));
        inner.sockets.retain(|peer| !peer.gone.load(Ordering::Relaxed));
        inner.sockets.clone()
    };
    write_all(stream, CHANGED).await?;
    publish(&account, sockets, &frame, fault);
    Ok(())
}

/// Divides the sockets between the cores.
fn publish(account: &Arc<Account>, mut sockets: Vec<Arc<Peer>>, frame: &Arc<[u8]>, fault: Fault) {
    if fault != Fault::None && !sockets.is_empty() {
        tokio::spawn(wrong(Arc::clone(account), sockets.remove(0), Arc::clone(frame), fault));
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = sockets.len().div_ceil(cores).max(1);
    while !sockets.is_empty() {
        let mine = sockets.split_off(sockets.len().saturating_sub(share));
        let (account, frame) = (Arc::clone(account), Arc::clone(frame));
        tokio::spawn(async move {
            for chunk in mine.chunks(CHUNK) {
                for peer in chunk {
                    write(&account, peer, &frame);
                }
                tokio::task::yield_now().await;
            }
        });
    }
}

/// Writes a frame, or as much as fits. A separate task writes the rest, and then the latest frame.
fn write(account: &Arc<Account>, peer: &Arc<Peer>, frame: &Arc<[u8]>) {
    if peer.busy.load(Ordering::Acquire) {
        return;
    }
    let written = match peer.stream.try_write(frame) {
        Ok(written) if written == frame.len() => return,
        Ok(written) => written,
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
        Err(_) => return,
    };
    peer.busy.store(true, Ordering::Release);
    let (account, peer, frame) = (Arc::clone(account), Arc::clone(peer), Arc::clone(frame));
    tokio::spawn(async move {
        let (mut frame, mut written) = (frame, written);
        loop {
            if written > 0 && write_all(&peer.stream, &frame[written..]).await.is_err() {
                return;
            }
            if written == 0 && peer.stream.writable().await.is_err() {
                return;
            }
            let latest = locked(&account.inner).frame.clone();
            if written > 0 && Arc::ptr_eq(&latest, &frame) {
                break;
            }
            // None of it was written yet, or there is a newer one.
            frame = latest;
            match peer.stream.try_write(&frame) {
                Ok(all) if all == frame.len() => break,
                Ok(part) => written = part,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => written = 0,
                Err(_) => return,
            }
        }
        peer.busy.store(false, Ordering::Release);
    });
}

/// Makes the error for one widget's delivery.
async fn wrong(account: Arc<Account>, peer: Arc<Peer>, frame: Arc<[u8]>, fault: Fault) {
    let before = locked(&account.inner).before.clone();
    let foreign = || String::from_utf8_lossy(&frame[4..]).replace(":\"A0", ":\"B0").into_bytes();
    let frames: Vec<Vec<u8>> = match fault {
        Fault::Missing => Vec::new(),
        Fault::Duplicate => vec![frame.to_vec(), frame.to_vec()],
        Fault::Foreign => vec![framed(TEXT, &foreign())],
        Fault::Stale => vec![before.to_vec()],
        Fault::Late => {
            tokio::time::sleep(Duration::from_millis(1_200)).await;
            vec![frame.to_vec()]
        }
        // Not an error of deliveries.
        Fault::None | Fault::Unanswered => vec![frame.to_vec()],
    };
    for frame in frames {
        let _ = write_all(&peer.stream, &frame).await;
    }
}

/// Reads one message of a client: masked, and in one frame.
async fn message(stream: &TcpStream, buffer: &mut Vec<u8>) -> io::Result<Vec<u8>> {
    loop {
        if let Some((_, payload)) = unmask(buffer) {
            let text = buffer[payload.clone()].to_vec();
            buffer.drain(..payload.end);
            return Ok(text);
        }
        more(stream, buffer).await?;
    }
}

async fn more(stream: &TcpStream, buffer: &mut Vec<u8>) -> io::Result<()> {
    loop {
        match stream.try_read_buf(buffer) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => stream.readable().await?,
            Err(error) => return Err(error),
        }
    }
}

async fn write_all(stream: &TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match stream.try_write(bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => stream.writable().await?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
