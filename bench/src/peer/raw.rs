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

use super::Fault;

const BACKLOG: i32 = 4096;
/// Sockets written before the task yields.
const CHUNK: usize = 64;
const MASK_BYTES: usize = 4;

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
        let end = loop {
            if let Some(end) = position(&buffer, b"\r\n\r\n") {
                break end + 4;
            }
            more(&stream, &mut buffer).await?;
        };
        if buffer.starts_with(b"GET /graphql ") {
            buffer.drain(..end);
            break;
        }
        change(&stream, &mut buffer, end, &accounts, fault).await?;
    }
    write_all(
        &stream,
        b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
          sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n",
    )
    .await?;
    message(&stream, &mut buffer).await?;
    write_all(&stream, &framed(br#"{"type":"connection_ack"}"#)).await?;
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
    buffer: &mut Vec<u8>,
    end: usize,
    accounts: &Accounts,
    fault: Fault,
) -> io::Result<()> {
    let wrong = || io::Error::other("not a change");
    let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
    let key = head.strip_prefix("POST /change?").and_then(|rest| rest.split(' ').next()).ok_or_else(wrong)?;
    let length = head
        .split("Content-Length: ")
        .nth(1)
        .and_then(|rest| rest.split('\r').next()?.parse::<usize>().ok())
        .ok_or_else(wrong)?;
    while buffer.len() < end + length {
        more(stream, buffer).await?;
    }
    let mut text = br#"{"id":"1","type":"next","payload":{"data":{"availability":"#.to_vec();
    text.extend_from_slice(&buffer[end..end + length]);
    text.extend_from_slice(b"}}}");
    buffer.drain(..end + length);
    let account = locked(accounts).entry(key.to_owned()).or_default().clone();
    let frame: Arc<[u8]> = framed(&text).into();
    let sockets = {
        let mut inner = locked(&account.inner);
        inner.before = std::mem::replace(&mut inner.frame, Arc::clone(&frame));
        inner.sockets.retain(|peer| !peer.gone.load(Ordering::Relaxed));
        inner.sockets.clone()
    };
    write_all(stream, b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await?;
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
        Fault::Foreign => vec![framed(&foreign())],
        Fault::Stale => vec![before.to_vec()],
        Fault::Late => {
            tokio::time::sleep(Duration::from_millis(1_200)).await;
            vec![frame.to_vec()]
        }
        Fault::None => vec![frame.to_vec()],
    };
    for frame in frames {
        let _ = write_all(&peer.stream, &frame).await;
    }
}

fn framed(text: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x81];
    if let Ok(short @ 0..=125) = u8::try_from(text.len()) {
        frame.push(short);
    } else {
        frame.push(126);
        frame.extend(u16::try_from(text.len()).expect("a short state").to_be_bytes());
    }
    frame.extend_from_slice(text);
    frame
}

/// Reads one message of a client: masked, and in one frame.
async fn message(stream: &TcpStream, buffer: &mut Vec<u8>) -> io::Result<Vec<u8>> {
    loop {
        if let [_, second, rest @ ..] = buffer.as_slice() {
            let (head, length) = match (second & 0x7f, rest.first_chunk::<2>()) {
                (126, Some(length)) => (4, usize::from(u16::from_be_bytes(*length))),
                (126, None) => (4, usize::MAX >> 1),
                (short, _) => (2, usize::from(short)),
            };
            let start = head + MASK_BYTES;
            if buffer.len() >= start + length {
                let mask = buffer[head..start].to_vec();
                let text = buffer[start..start + length]
                    .iter()
                    .zip(mask.iter().cycle())
                    .map(|(byte, mask)| byte ^ mask)
                    .collect();
                buffer.drain(..start + length);
                return Ok(text);
            }
        }
        more(stream, buffer).await?;
    }
}

fn key(subscribe: &[u8]) -> Option<String> {
    let start = position(subscribe, br#""key":""#)? + 7;
    let end = start + position(&subscribe[start..], b"\"")?;
    String::from_utf8(subscribe[start..end].to_vec()).ok()
}

fn position(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
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
