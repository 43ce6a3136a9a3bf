//! A WebSocket of `graphql-transport-ws` with any number of subscriptions, such as a page of a
//! visitor or of an operator has.
//!
//! Its socket blocks. A thread waits for one line with a timeout, or an epoll for many.

use std::{
    io::{self, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    clock::now,
    frame::{self, Reader},
    wire::{Received, connect},
};

const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Upgrading,
    Initialising,
    Ready,
}

#[derive(Debug)]
pub struct Line {
    stream: TcpStream,
    stage: Stage,
    token: Option<String>,
    head: Vec<u8>,
    reader: Reader,
}

/// What a server sent.
#[derive(Debug, PartialEq)]
pub enum Said {
    /// The server accepted the connection and its token: subscriptions may begin.
    Ready,
    /// An item: the number of the subscription, and the whole answer.
    Item(u32, Value),
    /// The subscription was refused, or failed.
    Failed(u32, Value),
    /// The subscription has ended.
    Ended(u32),
}

/// Why a line is of no more use.
#[derive(Debug)]
pub struct Gone(pub String);

impl From<io::Error> for Gone {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

impl Line {
    /// Connects from the `nth` address of this machine, and sends the upgrade. The answer comes
    /// from [`Line::hear`].
    pub fn open(server: SocketAddr, nth: usize, token: Option<&str>) -> io::Result<Self> {
        let stream = connect(server, nth, true)?;
        stream.set_nonblocking(false)?;
        stream.set_write_timeout(Some(PATIENCE))?;
        (&stream).write_all(
            format!(
                "GET /graphql HTTP/1.1\r\nHost: {server}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                 Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                 Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
            )
            .as_bytes(),
        )?;
        let token = token.map(str::to_owned);
        Ok(Self { stream, stage: Stage::Upgrading, token, head: Vec::new(), reader: Reader::default() })
    }

    /// The socket, for an epoll.
    #[must_use]
    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Limits how long [`Line::hear`] waits.
    pub fn waits(&self, time: Duration) -> io::Result<()> {
        self.stream.set_read_timeout(Some(time))
    }

    pub fn subscribe(&self, id: u32, query: &str, variables: &Value) -> io::Result<()> {
        self.send(&json!({
            "id": id.to_string(), "type": "subscribe", "payload": { "query": query, "variables": variables },
        }))
    }

    /// Ends a subscription. Items that are under way may still arrive.
    pub fn complete(&self, id: u32) -> io::Result<()> {
        self.send(&json!({ "id": id.to_string(), "type": "complete" }))
    }

    /// Resets the connection, as a network that fails does.
    pub fn cut(self) {
        // Fails only if the connection is gone already.
        let _ = socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
    }

    fn send(&self, message: &Value) -> io::Result<()> {
        (&self.stream).write_all(&frame::masked(frame::TEXT, message.to_string().as_bytes()))
    }

    /// Reads once, and answers what the protocol requires. Returns what was said, which is nothing
    /// after a timeout, and when the kernel received it.
    pub fn hear(&mut self, received: &mut Received) -> Result<(Vec<Said>, Duration), Gone> {
        let (mut bytes, at) = match received.read(&self.stream) {
            Ok(([], _)) => return Err(Gone("the server closed the connection".to_owned())),
            Ok(read) => read,
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
                return Ok((Vec::new(), now()));
            }
            Err(error) => return Err(error.into()),
        };
        if self.stage == Stage::Upgrading {
            let before = self.head.len();
            self.head.extend_from_slice(bytes);
            let Some(end) = self.head.windows(4).position(|four| four == b"\r\n\r\n") else {
                return Ok((Vec::new(), at));
            };
            let head = std::mem::take(&mut self.head);
            if !head.starts_with(b"HTTP/1.1 101") {
                return Err(Gone(String::from_utf8_lossy(&head).into_owned()));
            }
            bytes = &bytes[end + 4 - before..];
            self.stage = Stage::Initialising;
            let payload = self.token.as_ref().map(|token| json!({ "authorization": format!("Bearer {token}") }));
            self.send(&json!({ "type": "connection_init", "payload": payload.unwrap_or_else(|| json!({})) }))?;
        }
        let (mut frames, mut reader) = (Vec::new(), std::mem::take(&mut self.reader));
        let fed = reader.feed(bytes, |opcode, payload| frames.push((opcode, payload.to_vec())));
        self.reader = reader;
        fed.map_err(|frame::Broken(why)| Gone(why.to_owned()))?;
        let mut said = Vec::new();
        for (opcode, payload) in frames {
            said.extend(self.frame(opcode, &payload)?);
        }
        Ok((said, at))
    }

    fn frame(&mut self, opcode: u8, payload: &[u8]) -> Result<Option<Said>, Gone> {
        match opcode {
            frame::TEXT => {}
            frame::PING => {
                (&self.stream).write_all(&frame::masked(frame::PONG, payload))?;
                return Ok(None);
            }
            frame::PONG => return Ok(None),
            frame::CLOSE => {
                let code = payload.first_chunk::<2>().map_or(1005, |code| u16::from_be_bytes(*code));
                return Err(Gone(format!("closed with {code}")));
            }
            other => return Err(Gone(format!("opcode {other}"))),
        }
        let wrong = || Gone(format!("not understood: {}", String::from_utf8_lossy(payload)));
        let mut message: Value = serde_json::from_slice(payload).map_err(|_| wrong())?;
        let id = message["id"].as_str().and_then(|id| id.parse().ok());
        let payload = message["payload"].take();
        match (message["type"].as_str(), id) {
            (Some("connection_ack"), _) if self.stage == Stage::Initialising => {
                self.stage = Stage::Ready;
                Ok(Some(Said::Ready))
            }
            (Some("next"), Some(id)) => Ok(Some(Said::Item(id, payload))),
            (Some("error"), Some(id)) => Ok(Some(Said::Failed(id, payload))),
            (Some("complete"), Some(id)) => Ok(Some(Said::Ended(id))),
            (Some("ping"), _) => self.send(&json!({ "type": "pong" })).map(|()| None).map_err(Gone::from),
            (Some("pong"), _) => Ok(None),
            _ => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::Read as _,
        net::{TcpListener, TcpStream},
        thread,
    };

    use super::*;

    fn frame(message: &str) -> Vec<u8> {
        let mut frame = vec![0x81, u8::try_from(message.len()).expect("a short message")];
        frame.extend(message.as_bytes());
        frame
    }

    fn read_some(stream: &mut TcpStream) -> Vec<u8> {
        let mut bytes = vec![0; 4096];
        let read = stream.read(&mut bytes).expect("bytes");
        bytes.truncate(read);
        bytes
    }

    #[test]
    fn a_line_brings_the_items_of_its_subscriptions() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound");
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("connected");
            read_some(&mut stream);
            stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\n\r\n").expect("sent");
            read_some(&mut stream);
            stream.write_all(&frame(r#"{"type":"connection_ack"}"#)).expect("sent");
            read_some(&mut stream);
            for message in [r#"{"type":"next","id":"7","payload":{"data":1}}"#, r#"{"type":"complete","id":"7"}"#] {
                stream.write_all(&frame(message)).expect("sent");
            }
            // The answer to the ping of the next frame shows that it was read.
            stream.write_all(&[0x89, 0]).expect("sent");
            read_some(&mut stream);
        });
        let mut line = Line::open(address, 0, Some("vt_1")).expect("open");
        let (mut received, mut said) = (Received::default(), Vec::new());
        let gone = loop {
            match line.hear(&mut received) {
                Ok((more, _)) if more.contains(&Said::Ready) => line.subscribe(7, "{a}", &json!({})).expect("sent"),
                Ok((more, _)) => said.extend(more),
                Err(Gone(why)) => break why,
            }
        };
        server.join().expect("a server");
        assert_eq!(said, [Said::Item(7, json!({ "data": 1 })), Said::Ended(7)]);
        assert!(!gone.is_empty());
    }
}
