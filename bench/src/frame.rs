//! The client's half of WebSocket framing (RFC 6455, section 5.2), as small as possible for a load
//! generator.

use std::ops::Range;

/// A mask is required. It need not be secret, because nothing here runs in a browser.
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
/// Far larger than any state of an account.
const MAX_BYTES: u64 = 16 << 20;

pub const TEXT: u8 = 0x1;
pub const CLOSE: u8 = 0x8;
pub const PING: u8 = 0x9;
pub const PONG: u8 = 0xa;

/// Encodes a client's frame. More than 64 KiB is never needed.
#[must_use]
pub fn masked(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80 | opcode];
    if let Ok(short @ 0..=125) = u8::try_from(payload.len()) {
        frame.push(0x80 | short);
    } else {
        frame.push(0x80 | 0x7e);
        frame.extend(u16::try_from(payload.len()).expect("a short message").to_be_bytes());
    }
    frame.extend(MASK);
    frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

/// A frame that a server must not send, or that no server here sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken(pub &'static str);

/// The position of a complete frame at the start of some bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    opcode: u8,
    payload: Range<usize>,
}

fn find(bytes: &[u8]) -> Result<Option<Found>, Broken> {
    let [first, second, rest @ ..] = bytes else { return Ok(None) };
    if first & 0x70 != 0 {
        return Err(Broken("reserved bits"));
    }
    let (last, opcode) = (first & 0x80 != 0, first & 0x0f);
    if !last || opcode == 0 {
        return Err(Broken("a message in fragments"));
    }
    if second & 0x80 != 0 {
        return Err(Broken("a mask"));
    }
    let (head, length) = match second & 0x7f {
        126 => match rest.first_chunk::<2>() {
            Some(length) => (4, u64::from(u16::from_be_bytes(*length))),
            None => return Ok(None),
        },
        127 => match rest.first_chunk::<8>() {
            Some(length) => (10, u64::from_be_bytes(*length)),
            None => return Ok(None),
        },
        short => (2, u64::from(short)),
    };
    if length > MAX_BYTES {
        return Err(Broken("far too long"));
    }
    let payload = head..head + usize::try_from(length).expect("at most 16 MiB");
    Ok((bytes.len() >= payload.end).then_some(Found { opcode, payload }))
}

/// Assembles frames from reads of any size. Holds memory only for an incomplete frame.
#[derive(Debug, Default)]
pub struct Reader(Vec<u8>);

impl Reader {
    /// Passes each complete frame to `each`: its opcode and its payload.
    pub fn feed(&mut self, bytes: &[u8], mut each: impl FnMut(u8, &[u8])) -> Result<(), Broken> {
        if self.0.is_empty() {
            let used = consume(bytes, &mut each)?;
            self.0.extend_from_slice(&bytes[used..]);
        } else {
            self.0.extend_from_slice(bytes);
            let used = consume(&self.0, &mut each)?;
            self.0.drain(..used);
            if self.0.is_empty() {
                self.0 = Vec::new();
            }
        }
        Ok(())
    }
}

fn consume(bytes: &[u8], each: &mut impl FnMut(u8, &[u8])) -> Result<usize, Broken> {
    let mut used = 0;
    while let Some(Found { opcode, payload }) = find(&bytes[used..])? {
        each(opcode, &bytes[used + payload.start..used + payload.end]);
        used += payload.end;
    }
    Ok(used)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_a_server(opcode: u8, payload: &[u8]) -> Vec<u8> {
        let mut frame = vec![0x80 | opcode];
        match payload.len() {
            short @ 0..=125 => frame.push(u8::try_from(short).expect("short")),
            middle @ 126..=0xffff => {
                frame.push(126);
                frame.extend(u16::try_from(middle).expect("middle").to_be_bytes());
            }
            long => {
                frame.push(127);
                frame.extend(u64::try_from(long).expect("long").to_be_bytes());
            }
        }
        frame.extend(payload);
        frame
    }

    #[test]
    fn frames_come_whole_however_the_reads_are_split() {
        let payloads = [
            (TEXT, vec![b'a'; 3]),
            (PING, Vec::new()),
            (TEXT, vec![b'b'; 430]),
            (TEXT, vec![b'c'; 70_000]),
            (CLOSE, vec![3, 232]),
        ];
        let wire: Vec<u8> = payloads.iter().flat_map(|(opcode, payload)| of_a_server(*opcode, payload)).collect();
        for size in [1, 2, 3, 5, 127, 128, 1_000, 4_096, wire.len()] {
            let (mut reader, mut seen) = (Reader::default(), Vec::new());
            for part in wire.chunks(size) {
                reader.feed(part, |opcode, payload| seen.push((opcode, payload.to_vec()))).expect("good frames");
            }
            assert_eq!(seen, payloads, "in reads of {size}");
            assert_eq!(reader.0.capacity(), 0, "nothing is held once all is read");
        }
    }

    #[test]
    fn what_no_server_may_send_is_noticed() {
        for (wrong, bytes) in [
            ("reserved bits", &[0xc1, 0][..]),
            ("a mask", &[0x81, 0x80, 0, 0, 0, 0]),
            ("a message in fragments", &[0x01, 0]),
            ("far too long", &[0x81, 127, 255, 0, 0, 0, 0, 0, 0, 0]),
        ] {
            assert_eq!(Reader::default().feed(bytes, |_, _| {}), Err(Broken(wrong)));
        }
    }

    #[test]
    fn a_client_masks_what_it_sends() {
        let frame = masked(TEXT, b"hello");
        assert_eq!(frame[..2], [0x81, 0x85]);
        let payload: Vec<u8> =
            frame[6..].iter().zip(frame[2..6].iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
        assert_eq!(payload, b"hello");
        assert_eq!(masked(TEXT, &[0; 300])[1..4], [0xfe, 1, 44]);
    }
}
