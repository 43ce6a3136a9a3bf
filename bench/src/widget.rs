//! One chat widget: a WebSocket that uses the part of `graphql-transport-ws` that a widget needs.
//!
//! It waits for each answer before it continues, like a browser: upgrade, `connection_init`,
//! `subscribe`. It has no task and no buffer; [`Crowd`](crate::crowd::Crowd) lends it both.

use std::{
    io::{self, Write},
    net::TcpStream,
    time::Duration,
};

use crate::{
    frame::{self, Reader},
    heartbeat::Beat,
};

/// The widget's subscription.
pub const SUBSCRIPTION: &str = "subscription Widget($key:String!){availability(widgetKey:$key){version isAvailable \
     isChatEnabled operators(first:5){id publicName description photoUrl(size:128)}}}";

/// What a page of a visitor with a chat follows as well, until the chat is opened.
pub const GLANCE: &str = "subscription Chat($key:String!){chat(widgetKey:$key){cursor chat{status unreadCount}}}";

/// What it follows from then on.
pub const CHAT: &str = "subscription ChatLog($key:String!,$after:String){chat(widgetKey:$key,after:$after){cursor isReset \
     chat{id status closedBy operators{id publicName description photoUrl(size:128)} visitor{name email} isOperatorTyping \
     lastSequence readUpTo readByOperatorUpTo unreadCount} messages{sequence clientMessageId author operator{id publicName \
     description photoUrl(size:128)} text event sentAt}}}";

/// A ping of `graphql-transport-ws`, and the server's answer. A script cannot send the pings of
/// WebSocket.
pub const PING: &[u8] = br#"{"type":"ping"}"#;
const PONG: &[u8] = br#"{"type":"pong"}"#;

/// The state of a widget's connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Connecting,
    Upgrading,
    Initialising,
    Subscribing,
    Live,
    /// Live, but no longer reading.
    Stalled,
    Gone,
}

/// The messages of all widgets of one account, ready to be sent.
#[derive(Debug)]
pub struct Script {
    pub upgrade: Vec<u8>,
    pub init: Vec<u8>,
    pub subscribe: Vec<u8>,
    pub ping: Vec<u8>,
}

impl Script {
    #[must_use]
    pub fn new(host: &str, widget_key: &str) -> Self {
        let upgrade = format!(
            "GET /graphql HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
        );
        let subscribe = serde_json::json!({
            "id": "1", "type": "subscribe",
            "payload": { "query": SUBSCRIPTION, "variables": { "key": widget_key } },
        });
        Self {
            upgrade: upgrade.into_bytes(),
            init: frame::masked(frame::TEXT, br#"{"type":"connection_init"}"#),
            subscribe: frame::masked(frame::TEXT, subscribe.to_string().as_bytes()),
            ping: frame::masked(frame::TEXT, PING),
        }
    }
}

#[derive(Debug)]
pub struct Widget {
    pub stream: TcpStream,
    pub site: usize,
    pub stage: Stage,
    /// Whether it continues to read after its first state.
    pub reads: bool,
    /// When its page was due, by schedule.
    pub intended: Duration,
    /// The last version that it received.
    pub version: i32,
    pub beat: Beat,
    head: Vec<u8>,
    reader: Reader,
}

/// The result of a read.
#[derive(Debug)]
pub enum Said<'a> {
    /// A state for the account's tally: the first one, or a later one.
    State(&'a [u8]),
    /// The answer to the widget's ping.
    Pong,
    /// The server sent a ping of WebSocket, which is answered.
    Pinged,
    /// The server closed the connection.
    Closed(String),
    /// A message that is wrong at this point.
    Wrong(String),
}

impl Widget {
    #[must_use]
    pub fn new(stream: TcpStream, site: usize, reads: bool, intended: Duration) -> Self {
        Self {
            stream,
            site,
            stage: Stage::Connecting,
            reads,
            intended,
            version: 0,
            beat: Beat::Off,
            head: Vec::new(),
            reader: Reader::default(),
        }
    }

    /// Sends the upgrade request. `false` while the connection is not established.
    pub fn begin(&mut self, script: &Script) -> io::Result<bool> {
        match self.stream.write(&script.upgrade) {
            Ok(_) => {
                self.stage = Stage::Upgrading;
                Ok(true)
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::NotConnected) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Sends a ping. `false` if the socket does not accept it.
    #[must_use]
    pub fn ping(&self, script: &Script) -> bool {
        (&self.stream).write(&script.ping).is_ok_and(|written| written == script.ping.len())
    }

    /// Processes received bytes. States are passed to `each`, which also updates the widget's
    /// version.
    pub fn hear(&mut self, bytes: &[u8], script: &Script, mut each: impl FnMut(&mut Self, Said<'_>)) {
        let mut bytes = bytes;
        if self.stage == Stage::Upgrading {
            match self.upgraded(bytes) {
                Ok(None) => return,
                Ok(Some(used)) => {
                    bytes = &bytes[used..];
                    self.say(&script.init, Stage::Initialising, &mut each);
                }
                Err(said) => return each(self, said),
            }
        }
        let mut reader = std::mem::take(&mut self.reader);
        let fed = reader.feed(bytes, |opcode, payload| self.frame(opcode, payload, script, &mut each));
        self.reader = reader;
        if let Err(frame::Broken(why)) = fed {
            each(self, Said::Wrong(why.to_owned()));
        }
    }

    /// How many of these bytes belong to the answer to the upgrade, once it is complete.
    fn upgraded(&mut self, bytes: &[u8]) -> Result<Option<usize>, Said<'static>> {
        let before = self.head.len();
        self.head.extend_from_slice(bytes);
        let Some(end) = self.head.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
        let head = std::mem::take(&mut self.head);
        if !head.starts_with(b"HTTP/1.1 101") {
            return Err(Said::Wrong(String::from_utf8_lossy(&head).into_owned()));
        }
        Ok(Some(end + 4 - before))
    }

    fn frame(&mut self, opcode: u8, payload: &[u8], script: &Script, each: &mut impl FnMut(&mut Self, Said<'_>)) {
        match opcode {
            frame::TEXT => match self.stage {
                Stage::Initialising if payload.windows(16).any(|part| part == b"\"connection_ack\"") => {
                    self.say(&script.subscribe, Stage::Subscribing, each);
                }
                Stage::Live if payload == PONG => each(self, Said::Pong),
                Stage::Subscribing | Stage::Live => each(self, Said::State(payload)),
                _ => each(self, Said::Wrong(String::from_utf8_lossy(payload).into_owned())),
            },
            frame::PING => {
                let stage = self.stage;
                self.say(&frame::masked(frame::PONG, payload), stage, each);
                each(self, Said::Pinged);
            }
            frame::PONG => {}
            frame::CLOSE => {
                let code = payload.first_chunk::<2>().map_or(1005, |code| u16::from_be_bytes(*code));
                each(
                    self,
                    Said::Closed(format!(
                        "closed with {code} {}",
                        String::from_utf8_lossy(payload.get(2..).unwrap_or_default())
                    )),
                );
            }
            other => each(self, Said::Wrong(format!("opcode {other}"))),
        }
    }

    fn say(&mut self, frame: &[u8], then: Stage, each: &mut impl FnMut(&mut Self, Said<'_>)) {
        self.stage = then;
        match self.stream.write(frame) {
            Ok(written) if written == frame.len() => {}
            // A widget sends a few hundred bytes. A socket that does not accept them is treated as
            // closed.
            Ok(_) => each(self, Said::Closed("the socket accepts no more bytes".to_owned())),
            Err(error) => each(self, Said::Closed(error.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_asks_what_a_real_widget_asks() {
        let documents: Vec<String> =
            serde_json::from_str(include_str!("../../web/widget/documents.json")).expect("a list");
        assert_eq!(documents, [SUBSCRIPTION, GLANCE, CHAT]);
    }
}
