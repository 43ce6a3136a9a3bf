//! A NATS server of a story's own, which can be killed, paused, and started again on the same port.

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

/// A broker. Killed when dropped, and when this process ends, however that ends.
#[derive(Debug)]
pub struct Broker {
    port: u16,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    /// Until it is dropped.
    watchdog: Option<Watchdog>,
}

impl Broker {
    pub async fn start() -> Self {
        for _ in 0..5 {
            let mut broker = Self { port: free_port(), running: None };
            // Somebody may have taken the port since it was found free.
            if broker.is_started().await {
                return broker;
            }
        }
        panic!("nats-server did not start");
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// kill -9.
    pub fn kill(&mut self) {
        self.running = None;
    }

    /// Starts it again on its port, knowing nothing of what was.
    pub async fn restart(&mut self) {
        assert!(self.is_started().await, "nats-server did not come back");
    }

    /// It neither answers nor goes.
    pub fn pause(&self) {
        self.signal("STOP");
    }

    pub fn resume(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let running = self.running.as_ref().expect("it runs");
        let sent = Command::new("kill")
            .args(["-s", name, &running.child.id().to_string()])
            .status()
            .expect("kill is everywhere");
        assert!(sent.success(), "no process to signal");
    }

    async fn is_started(&mut self) -> bool {
        self.running = None;
        let mut running = Running::start(self.port);
        let began = Instant::now();
        while running.child.try_wait().expect("it is ours to wait for").is_none() {
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

/// Whether whoever listens there speaks first, and speaks NATS.
async fn greets(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)).await else { return false };
    let mut said = [0; 5];
    stream.read_exact(&mut said).await.is_ok() && &said == b"INFO "
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
        // It may have ended by itself.
        let _ended = self.child.kill();
        self.watchdog = None;
        let _reaped = self.child.wait();
    }
}

/// Where the broker's program is.
fn program() -> PathBuf {
    if let Some(named) = std::env::var_os("NATS_SERVER").filter(|named| !named.is_empty()) {
        return named.into();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Debian keeps it where only root looks.
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    let target =
        Path::new(env!("CARGO_BIN_EXE_deskbell")).ancestors().nth(2).expect("a file in a folder of the target folder");
    folders
        .map(|folder| folder.join("nats-server"))
        .chain([target.join("tools/nats/usr/sbin/nats-server")])
        .find(|program| program.is_file())
        .expect("No nats-server here, which this story needs. `./scripts/test cluster` gets one; or install Debian's package nats-server, or say by NATS_SERVER where it is")
}
