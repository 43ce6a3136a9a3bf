//! A NATS server that a story can kill, pause, and restart on the same port.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use tokio::{
    io::AsyncReadExt,
    net::TcpStream,
    time::{Instant, sleep},
};

use super::{DEADLINE, postgres::free_port, watchdog::Watchdog};

/// A broker. Killed when dropped, and when this process ends for any reason.
#[derive(Debug)]
pub struct Broker {
    port: u16,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    /// Dropped before the process is waited for.
    watchdog: Option<Watchdog>,
}

impl Broker {
    pub async fn start() -> Self {
        for _ in 0..5 {
            let mut broker = Self { port: free_port(), running: None };
            // Another process may have taken the port since it was found free.
            if broker.is_started().await {
                return broker;
            }
        }
        panic!("nats-server did not start");
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Kills it with SIGKILL.
    pub fn kill(&mut self) {
        self.running = None;
    }

    /// Restarts it on its port, without any state.
    pub async fn restart(&mut self) {
        assert!(self.is_started().await, "nats-server did not come back");
    }

    /// Suspends it: connections stay open and get no answer.
    pub fn pause(&self) {
        self.signal("STOP");
    }

    pub fn resume(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let running = self.running.as_ref().expect("the server runs");
        let sent = Command::new("kill")
            .args(["-s", name, &running.child.id().to_string()])
            .status()
            .expect("the program kill exists");
        assert!(sent.success(), "the process cannot be signalled");
    }

    async fn is_started(&mut self) -> bool {
        self.running = None;
        let mut running = Running::start(self.port);
        let began = Instant::now();
        while running.child.try_wait().expect("a child of this process").is_none() {
            assert!(began.elapsed() < DEADLINE, "nats-server does not answer");
            if greets(self.port).await {
                self.running = Some(running);
                return true;
            }
            sleep(Duration::from_millis(10)).await;
        }
        false
    }
}

/// Whether a server on this port sends the greeting of NATS.
async fn greets(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)).await else { return false };
    let mut greeting = [0; 5];
    stream.read_exact(&mut greeting).await.is_ok() && &greeting == b"INFO "
}

impl Running {
    fn start(port: u16) -> Self {
        let mut server = Command::new(program());
        server.args(["-a", "127.0.0.1", "-p", &port.to_string()]).current_dir("/");
        let child =
            server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("nats-server runs");
        let watchdog = Some(Watchdog::over(&child));
        Self { child, watchdog }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill();
        self.watchdog = None;
        let _reaped = self.child.wait();
    }
}

/// The path of the broker's program.
fn program() -> PathBuf {
    if let Some(named) = std::env::var_os("NATS_SERVER").filter(|named| !named.is_empty()) {
        return named.into();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Debian installs it in a folder that is only on root's PATH.
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    let target =
        Path::new(env!("CARGO_BIN_EXE_deskbell")).ancestors().nth(2).expect("a file in a folder of the target folder");
    folders
        .map(|folder| folder.join("nats-server"))
        .chain([target.join("tools/nats/usr/sbin/nats-server")])
        .find(|program| program.is_file())
        .expect("nats-server was not found. Run `./scripts/test servers`, which downloads it, install Debian's package nats-server, or set NATS_SERVER to its path")
}
