//! Frames of RFC 6455, as a server reads and writes them. A pure translation of bytes, without
//! sockets.

use crate::websocket::protocol::Close;

const FIN: u8 = 0x80;
const RESERVED: u8 = 0x70;
const MASKED: u8 = 0x80;
const CONTINUATION: u8 = 0x0;
const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xA;
/// The `ping` message as our widget and graphql-ws send it, and the answer to it as a frame.
const PING_MESSAGE: &[u8; 15] = br#"{"type":"ping"}"#;
pub(super) const PONG_MESSAGE: [u8; 17] = *b"\x81\x0f{\"type\":\"pong\"}";
/// The maximum payload of a control frame (section 5.5).
const MAX_CONTROL: usize = 125;

/// Writes a text message into `frame`, replacing its content.
pub(super) fn text(message: &str, frame: &mut Vec<u8>) {
    frame.clear();
    write(TEXT, message.as_bytes(), frame);
}

pub(super) fn ping() -> Vec<u8> {
    control(PING, &[])
}

pub(super) fn pong(payload: &[u8]) -> Vec<u8> {
    control(PONG, payload)
}

pub(super) fn close(close: &Close) -> Vec<u8> {
    let mut payload = close.code.to_be_bytes().to_vec();
    payload.extend_from_slice(close.reason.as_bytes());
    control(CLOSE, &payload)
}

/// The answer to a peer's close.
pub(super) fn close_answer(code: Option<u16>) -> Vec<u8> {
    match code {
        Some(code) => control(CLOSE, &code.to_be_bytes()),
        None => control(CLOSE, &[]),
    }
}

/// Whether these bytes are exactly one frame with the usual `ping` message.
pub(super) fn is_ping_message(bytes: &[u8]) -> bool {
    let &[first, second, a, b, c, d, ref payload @ ..] = bytes else { return false };
    first == FIN | TEXT
        && usize::from(second) == usize::from(MASKED) + PING_MESSAGE.len()
        && payload.len() == PING_MESSAGE.len()
        && payload.iter().zip([a, b, c, d].iter().cycle()).map(|(byte, mask)| byte ^ mask).eq(*PING_MESSAGE)
}

fn control(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(2 + payload.len());
    write(opcode, payload, &mut frame);
    frame
}

fn write(opcode: u8, payload: &[u8], frame: &mut Vec<u8>) {
    frame.reserve(10 + payload.len());
    frame.push(FIN | opcode);
    let length = payload.len();
    if let Ok(length @ 0..=125) = u8::try_from(length) {
        frame.push(length);
    } else if let Ok(length) = u16::try_from(length) {
        frame.push(126);
        frame.extend_from_slice(&length.to_be_bytes());
    } else {
        frame.push(127);
        frame.extend_from_slice(&u64::try_from(length).expect("a usize has 64 bits at most").to_be_bytes());
    }
    frame.extend_from_slice(payload);
}

/// What a client sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Received {
    Text(String),
    Ping(Vec<u8>),
    Pong,
    Close(Option<u16>),
}

/// Decodes a client's frames from bytes as they arrive.
///
/// Keeps no buffer between two messages, so an idle socket needs none.
#[derive(Debug)]
pub(super) struct Decoder {
    /// Bytes that are not decoded yet.
    bytes: Vec<u8>,
    /// The first fragments of a text that arrives in several.
    message: Option<Vec<u8>>,
    max_message_bytes: usize,
}

/// The header of a frame.
struct Header {
    fin: bool,
    opcode: u8,
    mask: [u8; 4],
    /// The length of the header in bytes.
    length: usize,
    payload: usize,
}

impl Decoder {
    pub(super) fn new(max_message_bytes: usize) -> Self {
        Self { bytes: Vec::new(), message: None, max_message_bytes }
    }

    pub(super) fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// How many bytes of an incomplete message are held.
    pub(super) fn held(&self) -> usize {
        self.bytes.len() + self.message.as_ref().map_or(0, Vec::len)
    }

    /// Whether the next byte begins a message. A fragment of a message may be empty.
    pub(super) fn is_between(&self) -> bool {
        self.bytes.is_empty() && self.message.is_none()
    }

    /// Drops the bytes that are not decoded yet.
    pub(super) fn forget(&mut self) {
        self.bytes = Vec::new();
    }

    /// The next complete message or control frame.
    ///
    /// # Errors
    /// The bytes are not what a client may send. Close with this code and reason.
    pub(super) fn next(&mut self) -> Result<Option<Received>, Close> {
        loop {
            let Some(header) = self.header()? else { return Ok(None) };
            let end = header.length + header.payload;
            if self.bytes.len() < end {
                return Ok(None);
            }
            let mut payload = self.bytes[header.length..end].to_vec();
            if self.bytes.len() == end {
                self.bytes = Vec::new();
            } else {
                self.bytes.drain(..end);
            }
            for (byte, mask) in payload.iter_mut().zip(header.mask.iter().cycle()) {
                *byte ^= mask;
            }
            if let Some(received) = self.received(&header, payload)? {
                return Ok(Some(received));
            }
        }
    }

    fn header(&self) -> Result<Option<Header>, Close> {
        let &[first, second, ref rest @ ..] = &self.bytes[..] else { return Ok(None) };
        let (fin, opcode) = (first & FIN != 0, first & 0x0F);
        let is_control = opcode & 0x8 != 0;
        let known = matches!(opcode, CONTINUATION | TEXT | BINARY | CLOSE | PING | PONG);
        if first & RESERVED != 0 || !known || second & MASKED == 0 || (is_control && !fin) {
            return Err(broken());
        }
        let (extended, payload) = match second & !MASKED {
            126 => match rest.first_chunk() {
                Some(length) => (2, u64::from(u16::from_be_bytes(*length))),
                None => return Ok(None),
            },
            127 => match rest.first_chunk() {
                Some(length) => (8, u64::from_be_bytes(*length)),
                None => return Ok(None),
            },
            length => (0, u64::from(length)),
        };
        if is_control && payload > MAX_CONTROL as u64 {
            return Err(broken());
        }
        // Checked by the announced length, so no part of a message that is too large is kept.
        let before = self.message.as_ref().map_or(0, Vec::len);
        let payload = usize::try_from(payload).unwrap_or(usize::MAX);
        if !is_control && payload.saturating_add(before) > self.max_message_bytes {
            return Err(Close::broken(1009, "The message is too large"));
        }
        let Some(mask) = rest.get(extended..).and_then(<[u8]>::first_chunk) else { return Ok(None) };
        Ok(Some(Header { fin, opcode, mask: *mask, length: 2 + extended + 4, payload }))
    }

    fn received(&mut self, header: &Header, payload: Vec<u8>) -> Result<Option<Received>, Close> {
        match header.opcode {
            PING => Ok(Some(Received::Ping(payload))),
            PONG => Ok(Some(Received::Pong)),
            CLOSE => closing(&payload).map(Some),
            BINARY => Err(Close::invalid("Invalid message: text frames only")),
            TEXT if self.message.is_some() => Err(broken()),
            TEXT if header.fin => text_of(payload).map(Some),
            TEXT => {
                self.message = Some(payload);
                Ok(None)
            }
            _ => {
                let mut message = self.message.take().ok_or_else(broken)?;
                message.extend_from_slice(&payload);
                if header.fin {
                    return text_of(message).map(Some);
                }
                self.message = Some(message);
                Ok(None)
            }
        }
    }
}

fn broken() -> Close {
    Close::broken(1002, "Invalid WebSocket frame")
}

fn text_of(bytes: Vec<u8>) -> Result<Received, Close> {
    String::from_utf8(bytes).map(Received::Text).map_err(|_| Close::broken(1007, "A text frame is not UTF-8"))
}

/// The codes that a peer may send (section 7.4).
fn closing(payload: &[u8]) -> Result<Received, Close> {
    let Some((code, reason)) = payload.split_first_chunk() else {
        return if payload.is_empty() { Ok(Received::Close(None)) } else { Err(broken()) };
    };
    let code = u16::from_be_bytes(*code);
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(broken());
    }
    if std::str::from_utf8(reason).is_err() {
        return Err(Close::broken(1007, "A text frame is not UTF-8"));
    }
    Ok(Received::Close(Some(code)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A client's frame, masked.
    fn sent(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut frame = Vec::new();
        write(0, payload, &mut frame);
        frame[0] = first;
        frame[1] |= MASKED;
        let at = frame.len() - payload.len();
        let mask = [1, 2, 3, 4];
        for (byte, mask) in frame[at..].iter_mut().zip(mask.iter().cycle()) {
            *byte ^= mask;
        }
        frame.splice(at..at, mask);
        frame
    }

    fn all(bytes: &[u8]) -> Result<Vec<Received>, u16> {
        let mut decoder = Decoder::new(70_000);
        decoder.put(bytes);
        let mut all = Vec::new();
        while let Some(received) = decoder.next().map_err(|close| close.code)? {
            all.push(received);
        }
        Ok(all)
    }

    fn a_conversation() -> Vec<u8> {
        [
            sent(FIN | TEXT, b"short"),
            sent(TEXT, b"in "),
            sent(FIN | PING, b"?"),
            sent(CONTINUATION, "thr\u{e9}e".as_bytes()),
            sent(FIN | CONTINUATION, b" parts"),
            sent(FIN | PONG, b""),
            sent(FIN | TEXT, "x".repeat(300).as_bytes()),
            sent(FIN | TEXT, "y".repeat(66_000).as_bytes()),
            sent(FIN | CLOSE, b"\x03\xe8bye"),
        ]
        .concat()
    }

    #[test]
    fn messages_are_read_whole_however_their_bytes_arrive() {
        let bytes = a_conversation();
        let whole = all(&bytes).expect("valid frames");
        assert_eq!(whole.len(), 7);
        assert_eq!(whole[2], Received::Text("in thr\u{e9}e parts".to_owned()));
        assert_eq!(whole[6], Received::Close(Some(1000)));
        for step in [1, 2, 3, 7, 1000] {
            let mut decoder = Decoder::new(70_000);
            let mut read = Vec::new();
            for part in bytes.chunks(step) {
                decoder.put(part);
                while let Some(received) = decoder.next().expect("valid frames") {
                    read.push(received);
                }
            }
            assert_eq!(read, whole, "{step} bytes at a time");
            assert_eq!(decoder.bytes.capacity(), 0, "nothing is kept");
        }
    }

    #[test]
    fn invalid_frames_close_with_their_code() {
        for (frames, code) in [
            (vec![FIN | TEXT, 2, b'h', b'i'], 1002),
            (sent(FIN | 0x40 | TEXT, b"compressed"), 1002),
            (sent(FIN | 0x3, b""), 1002),
            (sent(FIN | 0xB, b""), 1002),
            (sent(PING, b""), 1002),
            (sent(FIN | PING, &[0; 126]), 1002),
            (sent(FIN | CONTINUATION, b"of nothing"), 1002),
            ([sent(TEXT, b"a"), sent(FIN | TEXT, b"b")].concat(), 1002),
            (sent(FIN | CLOSE, b"\x03"), 1002),
            (sent(FIN | CLOSE, &1005_u16.to_be_bytes()), 1002),
            (sent(FIN | CLOSE, &999_u16.to_be_bytes()), 1002),
            (sent(FIN | CLOSE, b"\x03\xe8\xff"), 1007),
            (sent(FIN | TEXT, b"\xff"), 1007),
            ([sent(TEXT, b"\xc3"), sent(FIN | CONTINUATION, b"x")].concat(), 1007),
            (sent(FIN | BINARY, b"bytes"), 4400),
            (vec![FIN | TEXT, MASKED | 127, 0, 0, 0, 0, 0, 1, 17, 113], 1009),
            (vec![FIN | TEXT, MASKED | 127, 255, 255, 255, 255, 255, 255, 255, 255], 1009),
            ([sent(TEXT, &vec![b'a'; 40_000]), sent(FIN | CONTINUATION, &vec![b'a'; 40_000])].concat(), 1009),
        ] {
            assert_eq!(all(&frames), Err(code), "{:?}", &frames[..frames.len().min(16)]);
        }
    }

    #[test]
    fn the_usual_ping_is_recognised_by_its_bytes_and_nothing_else_is() {
        let ping = sent(FIN | TEXT, PING_MESSAGE);
        assert!(is_ping_message(&ping));
        assert_eq!(all(&ping).expect("valid"), [Received::Text(r#"{"type":"ping"}"#.to_owned())]);
        let mut answer = Vec::new();
        text(&crate::websocket::protocol::pong(None), &mut answer);
        assert_eq!(answer, PONG_MESSAGE);
        for at in 0..ping.len() {
            assert!(!is_ping_message(&ping[..at]), "cut after {at} bytes");
            let mut changed = ping.clone();
            changed[at] ^= 1;
            assert!(!is_ping_message(&changed), "byte {at}");
        }
        assert!(!is_ping_message(&[ping.clone(), ping].concat()));
    }

    #[test]
    fn lengths_are_written_in_their_shortest_form() {
        let written = |bytes: usize| {
            let mut frame = Vec::new();
            text(&"a".repeat(bytes), &mut frame);
            frame.len() - bytes
        };
        assert_eq!([0, 125, 126, 65_535, 65_536].map(written), [2, 2, 4, 4, 10]);
    }
}
