//! What the raw servers read and write: just enough of HTTP, of WebSocket framing, and of
//! `graphql-transport-ws`.

use std::{io, ops::Range};

use crate::frame::TEXT;

pub const BACKLOG: i32 = 4096;
pub const UPGRADED: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
      sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n";
pub const CHANGED: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
pub const ACK: &[u8] = br#"{"type":"connection_ack"}"#;

const MASK_BYTES: usize = 4;

#[derive(Debug, PartialEq, Eq)]
pub enum Request {
    /// A widget connects.
    Upgrade,
    /// The account with this widget key has a new state: its `next` message as a frame.
    Change { key: String, frame: Vec<u8> },
}

/// Reads the request at the start of some bytes, and where it ends. `None` while it is incomplete.
pub fn request(bytes: &[u8]) -> io::Result<Option<(Request, usize)>> {
    let wrong = || io::Error::other("neither an upgrade nor a change");
    let Some(end) = position(bytes, b"\r\n\r\n").map(|end| end + 4) else { return Ok(None) };
    if bytes.starts_with(b"GET /graphql ") {
        return Ok(Some((Request::Upgrade, end)));
    }
    let head = String::from_utf8_lossy(&bytes[..end]);
    let key = head.strip_prefix("POST /change?").and_then(|rest| rest.split(' ').next()).ok_or_else(wrong)?;
    let length = head
        .split("Content-Length: ")
        .nth(1)
        .and_then(|rest| rest.split('\r').next()?.parse::<usize>().ok())
        .ok_or_else(wrong)?;
    let Some(state) = bytes.get(end..end + length) else { return Ok(None) };
    let mut text = br#"{"id":"1","type":"next","payload":{"data":{"availability":"#.to_vec();
    text.extend_from_slice(state);
    text.extend_from_slice(b"}}}");
    Ok(Some((Request::Change { key: key.to_owned(), frame: framed(TEXT, &text) }, end + length)))
}

/// Encodes a server's frame.
pub fn framed(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80 | opcode];
    if let Ok(short @ 0..=125) = u8::try_from(payload.len()) {
        frame.push(short);
    } else {
        frame.push(126);
        frame.extend(u16::try_from(payload.len()).expect("a short state").to_be_bytes());
    }
    frame.extend_from_slice(payload);
    frame
}

/// Finds a client's frame at the start of some bytes, and unmasks it in place: its opcode, and the
/// position of its payload, which ends where the frame ends. `None` while it is incomplete.
///
/// Each message is one frame of less than 64 KiB.
pub fn unmask(bytes: &mut [u8]) -> Option<(u8, Range<usize>)> {
    let [first, second, rest @ ..] = &*bytes else { return None };
    let (opcode, head, length) = match second & 0x7f {
        126 => (first & 0x0f, 4, usize::from(u16::from_be_bytes(*rest.first_chunk()?))),
        short => (first & 0x0f, 2, usize::from(short)),
    };
    let start = head + MASK_BYTES;
    let frame = bytes.get_mut(..start + length)?;
    let (head, payload) = frame.split_at_mut(start);
    for (byte, mask) in payload.iter_mut().zip(head[start - MASK_BYTES..].iter().cycle()) {
        *byte ^= mask;
    }
    Some((opcode, start..start + length))
}

/// The widget key in a `subscribe` message.
pub fn key(subscribe: &[u8]) -> Option<String> {
    let start = position(subscribe, br#""key":""#)? + 7;
    let end = start + position(&subscribe[start..], b"\"")?;
    String::from_utf8(subscribe[start..end].to_vec()).ok()
}

fn position(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{PING, masked};

    #[test]
    fn a_frame_is_unmasked_once_all_of_it_is_there() {
        for (opcode, payload) in [(TEXT, br#"{"type":"ping"}"#.to_vec()), (PING, Vec::new()), (TEXT, vec![b'a'; 300])] {
            let frame = masked(opcode, &payload);
            for part in 0..frame.len() {
                let mut bytes = frame[..part].to_vec();
                assert_eq!(unmask(&mut bytes), None, "{part} of {} bytes", frame.len());
                assert_eq!(bytes, frame[..part], "an incomplete frame stays masked");
            }
            let mut bytes = [frame.as_slice(), b"next"].concat();
            let (found, position) = unmask(&mut bytes).expect("complete");
            assert_eq!((found, &bytes[position.clone()]), (opcode, payload.as_slice()));
            assert_eq!(&bytes[position.end..], b"next");
        }
    }

    #[test]
    fn a_change_is_read_once_its_state_is_there() {
        let sent = b"POST /change?wk_1 HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}GET /graphql HTTP/1.1\r\n\r\n";
        let state = sent.iter().position(|byte| *byte == b'}').expect("there") + 1;
        for part in 0..state {
            assert_eq!(request(&sent[..part]).expect("no error"), None);
        }
        let frame = framed(TEXT, br#"{"id":"1","type":"next","payload":{"data":{"availability":{}}}}"#);
        let change = Request::Change { key: "wk_1".to_owned(), frame };
        assert_eq!(request(sent).expect("no error"), Some((change, state)));
        assert_eq!(
            request(&sent[state..]).expect("no error"),
            Some((Request::Upgrade, sent.len() - state)),
            "the connection is used again"
        );
        assert!(request(b"GET / HTTP/1.1\r\n\r\n").is_err());
    }
}
