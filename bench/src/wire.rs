//! Sockets whose reads return the time at which the kernel received the bytes.

use std::{
    io::{self, IoSliceMut},
    net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream},
    os::fd::{AsFd, AsRawFd},
    time::Duration,
};

use nix::{
    cmsg_space,
    errno::Errno,
    sys::{
        resource::{Resource, getrlimit, setrlimit},
        socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt, sockopt},
        time::TimeSpec,
    },
};
use socket2::{Domain, Protocol, Socket, Type};

use crate::clock::now;

/// One address has 28,000 ports for outgoing connections, and a server counts its clients by
/// address, so a crowd uses several.
const ADDRESSES: usize = 64;
const FILES: u64 = 50_000;
/// The smallest buffer that the kernel accepts: a widget that does not read is soon full.
const STALLED_BYTES: usize = 2_048;

/// Starts a connection from one of many addresses of this machine. It may not be established yet.
pub fn connect(to: SocketAddr, nth: usize, reads: bool) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
    if !reads {
        socket.set_recv_buffer_size(STALLED_BYTES)?;
    }
    setsockopt(&socket, sockopt::ReceiveTimestampns, &true)?;
    if to.ip().is_loopback() {
        let last = u8::try_from(nth % ADDRESSES).expect("fewer than 256") + 2;
        // Chooses the port when the peer is known. Otherwise 28,000 ports would be the limit for
        // all peers together.
        setsockopt(&socket, sockopt::IpBindAddressNoPort, &true)?;
        socket.bind(&SocketAddrV4::new(Ipv4Addr::new(127, 0, 1, last), 0).into())?;
    }
    match socket.connect(&to.into()) {
        Err(error) if error.raw_os_error() != Some(Errno::EINPROGRESS as i32) => Err(error),
        _ => Ok(socket.into()),
    }
}

/// Buffers for a read and its control message.
#[derive(Debug)]
pub struct Received {
    bytes: Box<[u8]>,
    control: Vec<u8>,
}

impl Default for Received {
    fn default() -> Self {
        let control = cmsg_space!(TimeSpec);
        let control = vec![0; control.capacity()];
        Self { bytes: vec![0; 16 << 10].into(), control }
    }
}

impl Received {
    /// Reads once: the bytes, empty at the end of the stream, and when the kernel received the last
    /// of them.
    pub fn read(&mut self, stream: &TcpStream) -> io::Result<(&[u8], Duration)> {
        let (length, at) = {
            let mut parts = [IoSliceMut::new(&mut self.bytes)];
            let message =
                recvmsg::<()>(stream.as_fd().as_raw_fd(), &mut parts, Some(&mut self.control), MsgFlags::empty())?;
            let stamp = message.cmsgs()?.find_map(|control| match control {
                ControlMessageOwned::ScmTimestampns(time) => Some(time),
                _ => None,
            });
            (message.bytes, stamp.and_then(since_1970))
        };
        // Without a timestamp, the time of the read is used: it is never too early.
        Ok((&self.bytes[..length], at.unwrap_or_else(now)))
    }
}

fn since_1970(time: TimeSpec) -> Option<Duration> {
    Some(Duration::new(u64::try_from(time.tv_sec()).ok()?, u32::try_from(time.tv_nsec()).ok()?))
}

/// Raises the limit on open files of this process and its children as far as allowed. Returns the
/// limit.
pub fn raise_file_limit() -> io::Result<u64> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    // Only root may exceed the hard limit.
    if hard < FILES && setrlimit(Resource::RLIMIT_NOFILE, FILES, FILES).is_ok() {
        return Ok(FILES);
    }
    if soft < hard {
        setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    }
    Ok(hard)
}

#[cfg(test)]
mod tests {
    use std::{io::Write, net::TcpListener, thread, time::Duration};

    use super::*;

    #[test]
    fn a_read_tells_when_the_bytes_came_and_not_when_they_were_fetched() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let stream = connect(listener.local_addr().expect("bound"), 7, true).expect("begun");
        let (mut server, from) = listener.accept().expect("connected");
        assert_eq!(from.ip().to_string(), "127.0.1.9");
        let mut received = Received::default();
        // The first socket that requests timestamps enables them in the kernel, asynchronously, so
        // the first few may be missing.
        let stamped = (0..50).any(|_| {
            let before = now();
            server.write_all(b"hello").expect("sent");
            thread::sleep(Duration::from_millis(100));
            let fetched = now();
            let (bytes, at) = received.read(&stream).expect("received");
            assert_eq!(bytes, b"hello");
            assert!(at >= before, "not earlier than it was sent");
            at + Duration::from_millis(50) < fetched
        });
        assert!(stamped, "no timestamp differs from the time of the read");
        let error = received.read(&stream).expect_err("nothing there");
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    }
}
