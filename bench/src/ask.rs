//! A blocking HTTP client with one connection. Its answers include the time at which the kernel
//! received them.

use std::{
    io::{self, Write},
    net::{SocketAddr, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::{
    clock::{Schedule, now},
    wire::{Received, connect},
};

const PATIENCE: Duration = Duration::from_secs(30);
/// Servers close idle connections; this is half of the shortest such time here.
const IDLE: Duration = Duration::from_secs(4);

/// An answer, and the time at which it arrived.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
    pub at: Duration,
}

#[derive(Debug)]
pub struct Asker {
    server: SocketAddr,
    token: Option<String>,
    nth: usize,
    connection: Option<(TcpStream, Duration)>,
    received: Received,
}

impl Asker {
    /// Creates the `nth` of several clients, each with a separate address.
    #[must_use]
    pub fn new(server: SocketAddr, token: Option<&str>, nth: usize) -> Self {
        Self { server, token: token.map(str::to_owned), nth, connection: None, received: Received::default() }
    }

    /// Sends a query or mutation. Returns its data, and when the answer arrived. Errors of any kind
    /// are errors here.
    pub fn graphql(&mut self, query: &str, variables: &Value) -> anyhow::Result<(Value, Duration)> {
        let answer =
            self.send("POST", "/graphql", json!({ "query": query, "variables": variables }).to_string().as_bytes())?;
        let mut body: Value = serde_json::from_slice(&answer.body).context("an answer in JSON")?;
        anyhow::ensure!(body.get("errors").is_none(), "the server answers {body}");
        Ok((body["data"].take(), answer.at))
    }

    /// Sends a mutation, whose user errors are errors as well.
    pub fn mutate(&mut self, field: &str, mutation: &str, variables: &Value) -> anyhow::Result<(Value, Duration)> {
        let (mut data, at) = self.graphql(mutation, variables)?;
        let payload = data[field].take();
        anyhow::ensure!(payload["userErrors"].as_array().is_some_and(Vec::is_empty), "{field} was refused: {payload}");
        Ok((payload, at))
    }

    /// Sends one request.
    pub fn send(&mut self, method: &str, path: &str, body: &[u8]) -> anyhow::Result<Answer> {
        let stream = match self.connection.take() {
            Some((stream, used)) if now().saturating_sub(used) < IDLE => stream,
            _ => self.connect()?,
        };
        let authorization =
            self.token.as_ref().map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{authorization}\r\n",
            self.server,
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(body);
        (&stream).write_all(&request)?;
        let answer = self.receive(&stream)?;
        self.connection = Some((stream, now()));
        Ok(answer)
    }

    fn connect(&self) -> io::Result<TcpStream> {
        let stream = connect(self.server, self.nth, true)?;
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(stream)
    }

    fn receive(&mut self, stream: &TcpStream) -> anyhow::Result<Answer> {
        let mut bytes = Vec::new();
        loop {
            let (more, at) = self.received.read(stream).context("waiting for an answer")?;
            anyhow::ensure!(!more.is_empty(), "the server closed the connection");
            bytes.extend_from_slice(more);
            if let Some((status, body)) = whole(&bytes)? {
                return Ok(Answer { status, body, at });
            }
        }
    }
}

/// Most queries in flight: enough that a slow answer does not delay other queries.
const ASKERS: usize = 32;

/// When a query was due, and the time from then until its answer arrived.
pub type Took = (Duration, Duration);

/// Queries that are sent on a schedule.
#[derive(Debug)]
pub struct Load(Vec<JoinHandle<anyhow::Result<Vec<Took>>>>);

impl Load {
    /// Waits for the last answer.
    pub fn join(&mut self) -> anyhow::Result<Vec<Took>> {
        let mut all = Vec::new();
        for thread in self.0.drain(..) {
            all.extend(thread.join().map_err(|_| anyhow::anyhow!("a client thread panicked"))??);
        }
        Ok(all)
    }
}

/// Sends queries on a schedule, independent of earlier answers.
#[must_use]
pub fn ask_on(schedule: Schedule, like: &Asker, query: &'static str) -> Load {
    let schedule = Arc::new(Mutex::new(schedule));
    let thread = |nth| {
        let schedule = Arc::clone(&schedule);
        let mut asker = Asker::new(like.server, like.token.as_deref(), nth);
        thread::spawn(move || {
            let mut took = Vec::new();
            loop {
                let due = {
                    let mut schedule = schedule.lock().unwrap_or_else(PoisonError::into_inner);
                    let Some(due) = schedule.next() else { return Ok(took) };
                    schedule.take(due)
                };
                let Some(due) = due else { return Ok(took) };
                thread::sleep(due.saturating_sub(now()));
                let (_, at) = asker.graphql(query, &json!({}))?;
                took.push((due, at.saturating_sub(due)));
            }
        })
    };
    Load((0..ASKERS).map(thread).collect())
}

/// Status and body, once the answer is complete.
pub(crate) fn whole(bytes: &[u8]) -> anyhow::Result<Option<(u16, Vec<u8>)>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&bytes[..end])?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).context("a status")?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok()).flatten()
    });
    let body = &bytes[end + 4..];
    if let Some(length) = length {
        return Ok(body.get(..length).map(|body| (status, body.to_vec())));
    }
    // Only /metrics may be chunked.
    anyhow::ensure!(
        head.to_ascii_lowercase().contains("transfer-encoding: chunked"),
        "an answer without a length: {head}"
    );
    unchunk(body).map(|body| body.map(|body| (status, body)))
}

fn unchunk(mut rest: &[u8]) -> anyhow::Result<Option<Vec<u8>>> {
    let mut body = Vec::new();
    loop {
        let Some(end) = rest.windows(2).position(|two| two == b"\r\n") else { return Ok(None) };
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end])?.trim(), 16)?;
        let Some(chunk) = rest.get(end + 2..end + 2 + size) else { return Ok(None) };
        if size == 0 {
            return Ok(Some(body));
        }
        body.extend_from_slice(chunk);
        rest = rest.get(end + 4 + size..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_all_of_it_is_there() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        for end in 0..answer.len() {
            assert_eq!(whole(&answer[..end]).expect("good so far"), None);
        }
        assert_eq!(whole(answer).expect("good"), Some((200, b"{}".to_vec())));
        let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n";
        assert_eq!(whole(chunked).expect("good"), Some((200, b"abcd".to_vec())));
        assert_eq!(whole(&chunked[..chunked.len() - 12]).expect("good so far"), None);
        assert!(whole(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
