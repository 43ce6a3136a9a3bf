//! The real program as a child process: it runs in a temporary folder, its output is read, and it
//! ends with the test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::watch;

use super::watchdog::Watchdog;

/// Longer than anything here takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// Which program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Build {
    Current,
    /// The program of the commit in `tests/it/servers/previous-build`, which
    /// `./scripts/test servers` has built.
    Previous,
}

impl Build {
    fn program(self) -> PathBuf {
        let current = PathBuf::from(env!("CARGO_BIN_EXE_deskbell"));
        match self {
            Self::Current => current,
            Self::Previous => {
                let commit = include_str!("../servers/previous-build").trim();
                let target = current.parent().and_then(Path::parent).expect("target/debug/deskbell");
                let program = target.join("previous").join(format!("deskbell-{commit}"));
                assert!(program.exists(), "no {}: run ./scripts/test servers", program.display());
                program
            }
        }
    }
}

/// A temporary folder to run the program in. Its database is here unless a setting says otherwise.
#[derive(Debug)]
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The names of the files in the folder.
    pub fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.path()).expect("a readable folder");
        let mut names: Vec<_> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// A command that is not started yet, without the settings in the environment of the tests.
    pub fn command(&self, args: &[&str], settings: &[(&str, &str)]) -> Command {
        self.command_of(Build::Current, args, settings)
    }

    /// [`Folder::command`] of another build.
    pub fn command_of(&self, build: Build, args: &[&str], settings: &[(&str, &str)]) -> Command {
        let mut command = Command::new(build.program());
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("DESKBELL_")) {
            command.env_remove(name);
        }
        command.current_dir(self.path()).args(args);
        command.envs(settings.iter().map(|(name, value)| (format!("DESKBELL_{name}"), value)));
        command
    }

    /// Runs a command to its end.
    pub async fn run(&self, args: &[&str], settings: &[(&str, &str)]) -> Ended {
        Program::spawn(self.command(args, settings), "").ended().await
    }

    /// Runs a command to its end, with this standard input.
    pub async fn run_with_input(&self, args: &[&str], settings: &[(&str, &str)], input: &str) -> Ended {
        Program::spawn(self.command(args, settings), input).ended().await
    }

    /// Starts a server on a free port, and waits until it listens.
    pub async fn serve(&self, settings: &[(&str, &str)]) -> Program {
        let mut command = self.command(&["serve"], &[("LISTEN", "127.0.0.1:0")]);
        command.envs(settings.iter().map(|(name, value)| (format!("DESKBELL_{name}"), value)));
        let mut program = Program::spawn(command, "");
        program.listens().await;
        program
    }
}

/// A running program. Killed when dropped.
#[derive(Debug)]
pub struct Program {
    child: Child,
    /// Dropped before the process is waited for.
    watchdog: Option<Watchdog>,
    stdout: Printed,
    stderr: Printed,
    address: Option<SocketAddr>,
}

/// The exit status and the output of a program.
#[derive(Debug)]
pub struct Ended {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// The lines of its standard error.
    pub fn error_lines(&self) -> Vec<&str> {
        self.stderr.lines().collect()
    }
}

impl Program {
    pub fn spawn(command: Command, input: &str) -> Self {
        Self::spawn_into(command, input, Stdio::piped(), Stdio::piped())
    }

    /// Spawns it with the caller's standard streams, which are not captured.
    pub fn spawn_into(mut command: Command, input: &str, stdout: Stdio, stderr: Stdio) -> Self {
        command.stdin(Stdio::piped()).stdout(stdout).stderr(stderr);
        let mut child = command.spawn().expect("the program was built");
        // The command holds the other ends of the streams.
        drop(command);
        let watchdog = Some(Watchdog::over(&child));
        let stdout = child.stdout.take().map_or_else(Printed::nothing, Printed::of);
        let stderr = child.stderr.take().map_or_else(Printed::nothing, Printed::of);
        let mut stdin = child.stdin.take().expect("piped");
        // The program may end before it reads its input.
        let _unread = stdin.write_all(input.as_bytes());
        Self { child, watchdog, stdout, stderr, address: None }
    }

    /// Waits until it listens, and stores the address.
    pub async fn listens(&mut self) -> SocketAddr {
        let text = self.stderr.until(|text| text.contains("public_url=") || text.contains("\"public_url\"")).await;
        let address = text.lines().find_map(|line| {
            line.split_once("address=")
                .or_else(|| line.split_once("\"address\":\""))?
                .1
                .split([' ', '"'])
                .next()?
                .parse()
                .ok()
        });
        let address = address.unwrap_or_else(|| panic!("no address in {text}"));
        self.address = Some(address);
        address
    }

    /// Waits until it answers on the configured address, for a program whose log is not captured.
    pub async fn answers(&mut self, address: SocketAddr) {
        self.address = Some(address);
        let answers = async {
            while reqwest::get(self.url("/healthz")).await.is_err() {
                let ended = self.child.try_wait().expect("a child of this process");
                assert!(ended.is_none(), "the program ended: {ended:?}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, answers).await.expect("the program answers in time");
    }

    pub fn address(&self) -> SocketAddr {
        self.address.expect("the program listens")
    }

    /// The URL of its metrics, for a program that serves them.
    pub fn metrics_url(&self) -> String {
        let log = self.log();
        let address = log.split_once(" metrics=").and_then(|(_, rest)| rest.split_whitespace().next());
        format!("http://{}/metrics", address.unwrap_or_else(|| panic!("no metrics in {log}")))
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    /// Its standard error so far.
    pub fn log(&self) -> String {
        self.stderr.0.borrow().text.clone()
    }

    /// Waits until its standard error contains this text.
    pub async fn logs(&self, text: &str) -> String {
        self.stderr.until(|log| log.contains(text)).await
    }

    /// Waits until its standard output contains this text.
    pub async fn prints(&self, text: &str) -> String {
        self.stdout.until(|printed| printed.contains(text)).await
    }

    /// Sends it a signal, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args(["-s", name, &self.child.id().to_string()])
            .status()
            .expect("the program kill exists");
        assert!(sent.success(), "the process cannot be signalled");
    }

    /// Kills it with SIGKILL.
    pub async fn kill(mut self) -> Ended {
        self.child.kill().expect("the program is running");
        self.ended().await
    }

    /// Waits until it has ended.
    pub async fn ended(mut self) -> Ended {
        // Its streams close when it ends.
        let stdout = self.stdout.all().await;
        let stderr = self.stderr.all().await;
        self.watchdog = None;
        let status = self.child.wait().expect("a child of this process");
        Ended { status, stdout, stderr }
    }

    /// Sends an operation over HTTP and returns the whole answer. An error is one of the
    /// connection.
    pub async fn try_ask(&self, token: Option<&str>, query: &str, variables: Value) -> reqwest::Result<Value> {
        let mut request =
            reqwest::Client::new().post(self.url("/graphql")).json(&json!({ "query": query, "variables": variables }));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await?.json().await
    }

    /// Sends an operation over HTTP, and fails without an answer.
    pub async fn ask(&self, token: Option<&str>, query: &str, variables: Value) -> Value {
        self.try_ask(token, query, variables).await.expect("an answer")
    }

    /// Signs in. Returns the payload, whose `token` is null if that was refused.
    pub async fn sign_in(&self, email: &str, password: &str) -> Value {
        let query = "mutation SignIn($email: String!, $password: String!) {
            signIn(input: { email: $email, password: $password, transport: TOKEN }) { token viewer { name } userErrors { __typename } }
        }";
        self.ask(None, query, json!({ "email": email, "password": password })).await["data"]["signIn"].take()
    }

    /// Signs up. Returns the token.
    pub async fn sign_up(&self, email: &str, password: &str) -> String {
        let query = "mutation SignUp($email: String!, $password: String!) {
            signUp(input: { accountName: \"Acme\", name: \"Ada\", email: $email, password: $password, transport: TOKEN }) { token }
        }";
        let answer = self.ask(None, query, json!({ "email": email, "password": password })).await;
        answer["data"]["signUp"]["token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill();
        self.watchdog = None;
        let _reaped = self.child.wait();
    }
}

/// The output of a program, as it comes.
#[derive(Debug)]
struct Printed(watch::Receiver<Output>);

#[derive(Debug, Default)]
struct Output {
    text: String,
    ended: bool,
}

impl Printed {
    fn nothing() -> Self {
        Self::of(std::io::empty())
    }

    fn of(stream: impl Read + Send + 'static) -> Self {
        let (sender, receiver) = watch::channel(Output::default());
        std::thread::spawn(move || {
            let mut lines = BufReader::new(stream);
            let mut line = Vec::new();
            while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                sender.send_modify(|output| output.text.push_str(&String::from_utf8_lossy(&line)));
                line.clear();
            }
            sender.send_modify(|output| output.ended = true);
        });
        Self(receiver)
    }

    async fn until(&self, enough: impl Fn(&str) -> bool) -> String {
        let mut output = self.0.clone();
        let waited = tokio::time::timeout(PATIENCE, output.wait_for(|output| output.ended || enough(&output.text)));
        // Without the guard that it returns: a second one, while the writer waits, is a deadlock.
        let waited = waited.await.map(|_| ());
        let text = self.0.borrow().text.clone();
        assert!(waited.is_ok(), "the text did not appear: {text}");
        assert!(enough(&text), "the program ended before the text appeared: {text}");
        text
    }

    async fn all(&self) -> String {
        let mut output = self.0.clone();
        let waited = tokio::time::timeout(PATIENCE, output.wait_for(|output| output.ended)).await.map(|_| ());
        let text = self.0.borrow().text.clone();
        assert!(waited.is_ok(), "the program did not end: {text}");
        text
    }
}
