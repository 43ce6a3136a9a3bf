//! A server under test, in a separate process, so that its resources are measured apart from the
//! generator's.

use std::{
    io::{BufRead as _, BufReader, Read},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    time::Duration,
};

use anyhow::Context as _;

use crate::{
    peer::{Fault, LISTENS},
    process,
};

const STARTS_WITHIN: Duration = Duration::from_secs(30);

/// The server that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Raw(Fault),
    RawIdle(Fault),
    Plain,
    Deskbell,
}

impl Kind {
    pub const RAW: Self = Self::Raw(Fault::None);

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Raw(_) => "raw",
            Self::RawIdle(_) => "raw-idle",
            Self::Plain => "plain",
            Self::Deskbell => "deskbell",
        }
    }
}

/// All widgets come from one machine and few addresses, so limits per client are raised. Scenarios
/// sign up several accounts. Pings of the server are rare, or they would count as deliveries. All
/// other settings have their defaults.
pub const SETTINGS: &[(&str, &str)] = &[
    ("LISTEN", "127.0.0.1:0"),
    ("METRICS_LISTEN", "127.0.0.1:0"),
    ("MAX_CONNECTIONS", "60000"),
    ("MAX_CONNECTIONS_PER_CLIENT", "60000"),
    ("MAX_SOCKETS_PER_CLIENT", "60000"),
    ("RATE_LIMITS", "off"),
    ("SIGN_UP", "on"),
    ("WS_KEEPALIVE", "10m"),
];

/// Instead of a value: the setting has its default after all.
pub const DEFAULT: &str = "";

/// A server process, killed when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    /// The address of its metrics; `None` for other servers.
    pub metrics: Option<SocketAddr>,
    /// Number of panics in its log.
    panics: Arc<AtomicUsize>,
}

impl Server {
    /// Starts a server of this package.
    pub fn peer(kind: Kind) -> anyhow::Result<Self> {
        let mut command = contained(&std::env::current_exe()?);
        command.args(["serve", kind.name()]);
        if let Kind::Raw(fault) | Kind::RawIdle(fault) = kind
            && let Some((name, _)) = Fault::ALL.iter().find(|(_, known)| *known == fault)
        {
            command.arg(name);
        }
        Self::spawn(command)
    }

    /// Starts Deskbell on a database. Later settings override earlier ones.
    pub fn deskbell(program: &Path, database_url: &str, settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        let mut command = contained(program);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("DESKBELL_")) {
            command.env_remove(name);
        }
        for (name, value) in SETTINGS.iter().chain(settings) {
            let name = format!("DESKBELL_{name}");
            match *value {
                DEFAULT => command.env_remove(name),
                value => command.env(name, value),
            };
        }
        command.arg("serve").env("DESKBELL_DATABASE_URL", database_url);
        Self::spawn(command)
    }

    fn spawn(mut command: Command) -> anyhow::Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("starting {command:?}"))?;
        let (said, heard) = mpsc::channel();
        let panics = Arc::<AtomicUsize>::default();
        read_lines(child.stdout.take().expect("piped"), said.clone(), &panics);
        read_lines(child.stderr.take().expect("piped"), said, &panics);
        // From here on it is killed in all cases.
        let mut server = Self { child, address: SocketAddr::from(([127, 0, 0, 1], 0)), metrics: None, panics };
        let mut log = String::new();
        loop {
            match heard.recv_timeout(STARTS_WITHIN) {
                Ok(line) => {
                    if let Some(address) = listens(&line) {
                        server.address = address;
                        server.metrics = address_after(&line, " metrics=");
                        return Ok(server);
                    }
                    log.push_str(&line);
                }
                Err(RecvTimeoutError::Timeout) => anyhow::bail!("{command:?} does not report its address: {log}"),
                Err(RecvTimeoutError::Disconnected) => anyhow::bail!("{command:?} ended: {log}"),
            }
        }
    }

    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The CPU time that it has used so far.
    pub fn cpu(&self) -> anyhow::Result<Duration> {
        process::cpu(self.pid()).context("the server is gone")
    }

    /// The CPU time since `before`.
    pub fn cpu_since(&self, before: Duration) -> anyhow::Result<Duration> {
        Ok(self.cpu()?.saturating_sub(before))
    }

    /// Kills it with SIGKILL.
    pub fn kill(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Number of panics that it has logged.
    #[must_use]
    pub fn panics(&self) -> usize {
        self.panics.load(Ordering::Relaxed)
    }

    /// Its resident memory, in bytes.
    pub fn resident(&self) -> anyhow::Result<u64> {
        process::resident(self.pid()).context("the server is gone")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Runs a program that is killed when this process ends for any reason, where the system supports
/// that. It is also killed when the thread that started it ends.
pub(crate) fn contained(program: &Path) -> Command {
    let setpriv = PathBuf::from("/usr/bin/setpriv");
    if setpriv.exists() {
        let mut command = Command::new(setpriv);
        command.args(["--pdeathsig", "KILL", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    }
}

/// Reads to the end, so that a server never blocks on writing its log.
fn read_lines(stream: impl Read + Send + 'static, said: mpsc::Sender<String>, panics: &Arc<AtomicUsize>) {
    let panics = Arc::clone(panics);
    std::thread::spawn(move || {
        let mut lines = BufReader::new(stream);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let text = String::from_utf8_lossy(&line).into_owned();
            panics.fetch_add(usize::from(text.contains("panicked")), Ordering::Relaxed);
            // Once the server listens no one receives the lines, but the log must still be read.
            let _ = said.send(text);
            line.clear();
        }
    });
}

fn listens(line: &str) -> Option<SocketAddr> {
    address_after(line, LISTENS).or_else(|| address_after(line, " address="))
}

fn address_after(line: &str, name: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once(name)?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_heard_where_a_server_listens() {
        let address = "127.0.0.1:4711".parse().ok();
        assert_eq!(listens("listening on 127.0.0.1:4711\n"), address);
        assert_eq!(
            listens("2026 INFO deskbell: listening address=127.0.0.1:4711 public_url=http://127.0.0.1:4711/\n"),
            address
        );
        assert_eq!(listens("hello\n"), None);
        let line = "listening address=127.0.0.1:4711 public_url=http://127.0.0.1:4711/ metrics=127.0.0.1:4712\n";
        assert_eq!((listens(line), address_after(line, " metrics=")), (address, "127.0.0.1:4712".parse().ok()));
    }
}
