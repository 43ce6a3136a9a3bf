//! A NATS server that can be killed and started again on its port, and the paths to it, which can
//! be cut.

use std::{
    io::{self, Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::Context as _;

use crate::{clock::now, server::contained};

const STARTS_WITHIN: Duration = Duration::from_secs(10);

/// A broker, killed when dropped. The thread that starts it must outlive it.
#[derive(Debug)]
pub struct Broker {
    program: PathBuf,
    pub address: SocketAddr,
    running: Option<Child>,
}

impl Broker {
    pub fn start() -> anyhow::Result<Self> {
        let program = program().context(
            "nats-server: install the package nats-server, set NATS_SERVER to its path, or run \
             ./scripts/test servers once, which downloads it",
        )?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut broker = Self { program, address, running: None };
        broker.restart()?;
        Ok(broker)
    }

    pub fn kill(&mut self) {
        if let Some(mut child) = self.running.take() {
            // It may have ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    pub fn restart(&mut self) -> anyhow::Result<()> {
        self.kill();
        let mut command = contained(&self.program);
        command.args(["-a", "127.0.0.1", "-p", &self.address.port().to_string()]).current_dir("/");
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        self.running = Some(child);
        let deadline = now() + STARTS_WITHIN;
        while !greets(self.address) {
            anyhow::ensure!(now() < deadline, "nats-server does not answer");
            thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Whether a server sends the greeting of NATS.
fn greets(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let mut greeting = [0; 5];
    stream.set_read_timeout(Some(Duration::from_secs(1))).is_ok()
        && stream.read_exact(&mut greeting).is_ok()
        && &greeting == b"INFO "
}

fn program() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("NATS_SERVER").filter(|named| !named.is_empty()) {
        return Some(named.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Debian installs it in a folder that is only on root's PATH.
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    let this = std::env::current_exe().ok()?;
    let downloaded = this.ancestors().filter_map(|folder| {
        let program = folder.join("tools/nats/usr/sbin/nats-server");
        program.is_file().then_some(program)
    });
    folders.map(|folder| folder.join("nats-server")).filter(|program| program.is_file()).chain(downloaded).next()
}

/// The path of one server to the broker: a proxy with a separate port.
#[derive(Debug)]
pub struct Path {
    pub address: SocketAddr,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    is_cut: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
}

impl State {
    /// The open connections. A thread that panics leaves them whole.
    fn streams(&self) -> std::sync::MutexGuard<'_, Vec<TcpStream>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Path {
    /// Opens a path. It stays until this process ends.
    pub fn to(broker: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let path = Self { address: listener.local_addr()?, state: Arc::default() };
        let state = Arc::clone(&path.state);
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                if let Ok(far) = TcpStream::connect(broker) {
                    // One that fails here is dropped, and the server tries again.
                    let _ = carry(&state, near, far);
                }
            }
        });
        Ok(path)
    }

    /// Ends all connections, and lets none through until [`Path::restore`].
    pub fn cut(&self) {
        self.state.is_cut.store(true, Ordering::SeqCst);
        for stream in self.state.streams().drain(..) {
            // It may have ended already.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    pub fn restore(&self) {
        self.state.is_cut.store(false, Ordering::SeqCst);
    }
}

fn carry(state: &Arc<State>, near: TcpStream, far: TcpStream) -> io::Result<()> {
    {
        let mut open = state.streams();
        // Under the lock, so that a cut does not miss it.
        if state.is_cut.load(Ordering::SeqCst) {
            return Ok(());
        }
        open.extend([near.try_clone()?, far.try_clone()?]);
    }
    for (from, to) in [(near.try_clone()?, far.try_clone()?), (far, near)] {
        thread::spawn(move || pass(from, to));
    }
    Ok(())
}

fn pass(mut from: TcpStream, mut to: TcpStream) {
    let mut bytes = vec![0; 16 << 10];
    while let Ok(read @ 1..) = from.read(&mut bytes) {
        if to.write_all(&bytes[..read]).is_err() {
            break;
        }
    }
    // The other direction ends as well.
    for stream in [from, to] {
        let _ = stream.shutdown(Shutdown::Both);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_carries_until_it_is_cut() {
        let broker = TcpListener::bind("127.0.0.1:0").expect("a port");
        let path = Path::to(broker.local_addr().expect("bound")).expect("a path");
        let carries = || {
            let mut near = TcpStream::connect(path.address).expect("connected");
            let (mut far, _) = broker.accept().expect("connected");
            far.write_all(b"hello").expect("sent");
            let mut bytes = [0; 5];
            near.read_exact(&mut bytes).map(|()| near)
        };
        let mut near = carries().expect("carried");
        path.cut();
        assert!(matches!(near.read(&mut [0]), Ok(0) | Err(_)), "the connection ended");
        assert!(carries().is_err());
        path.restore();
        assert!(carries().is_ok());
    }
}
