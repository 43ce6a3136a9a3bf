//! The wire format of facts: small, and readable for servers of the next and the previous version.
//!
//! A message is a format byte, the sender, its number among the sender's messages, and records. A
//! record is its kind, the length of its body, and the body. While servers of two versions run,
//! each reads the parts that it supports: it skips records of an unknown kind, and bytes after the
//! fields that it expects in a body. So a kind and its fields never change their meaning; new kinds
//! get new numbers, and new fields are appended. Numbers are big-endian; ids are the 16 bytes of
//! the UUID.

use entity::{AccountId, OperatorId, SessionId};
use uuid::Uuid;

use crate::{access::throttle::BucketId, event::Event};

/// The only format so far. Servers that run now could not read another one, and would re-read from
/// the database instead.
const FORMAT: u8 = 1;

const OPERATOR_CHANGED: u8 = 1;
const ACCOUNT_CHANGED: u8 = 2;
const AVAILABILITY_CHANGED: u8 = 3;
const SESSION_ENDED: u8 = 4;
const SESSIONS_ENDED: u8 = 5;
const LOOK_AGAIN: u8 = 6;
const TAKEN: u8 = 7;
const LEAVING: u8 = 8;

/// A fact that a server sends to the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    Event(Event),
    /// Too many changes to list: re-read this account, or, without one, everything.
    LookAgain(Option<AccountId>),
    /// Attempts that were counted against a limit.
    Taken(BucketId, u16),
    /// The sender has sent all its facts and leaves.
    Leaving,
}

/// One message of a server. Without facts it is a heartbeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// A random id, drawn when the link starts.
    pub from: Uuid,
    /// 1 for the sender's first message, then counting up by one, so that a missing message shows.
    pub number: u64,
    pub facts: Vec<Fact>,
}

/// A decoded message.
#[derive(Debug, PartialEq, Eq)]
pub struct Read {
    pub message: Message,
    /// Number of records that were skipped: of a kind that this version does not support, or
    /// malformed.
    pub ignored: u64,
    /// The message is cut off in its last record.
    pub is_torn: bool,
}

impl Message {
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![FORMAT];
        bytes.extend(self.from.as_bytes());
        bytes.extend(self.number.to_be_bytes());
        for fact in &self.facts {
            fact.encode(&mut bytes);
        }
        bytes
    }

    /// Decodes a message; `None` when the bytes are not in this format.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Read> {
        let rest = bytes.strip_prefix(&[FORMAT])?;
        let (from, rest) = rest.split_first_chunk()?;
        let (number, mut rest) = rest.split_first_chunk()?;
        let message = Self { from: Uuid::from_bytes(*from), number: u64::from_be_bytes(*number), facts: Vec::new() };
        let mut read = Read { message, ignored: 0, is_torn: false };
        while !rest.is_empty() {
            let Some((kind, body, following)) = record(rest) else {
                read.is_torn = true;
                break;
            };
            match Fact::decode(kind, body) {
                Some(fact) => read.message.facts.push(fact),
                None => read.ignored += 1,
            }
            rest = following;
        }
        Some(read)
    }
}

/// Splits off the first record; returns its kind, its body, and the rest.
fn record(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[kind, length], rest) = bytes.split_first_chunk()?;
    let (body, following) = rest.split_at_checked(usize::from(length))?;
    Some((kind, body, following))
}

impl Fact {
    fn encode(&self, bytes: &mut Vec<u8>) {
        let mut body = Vec::with_capacity(48);
        let kind = match self {
            Self::Event(event) => match event {
                Event::OperatorChanged { account_id, operator_id } => {
                    body.extend(account_id.0.as_bytes());
                    body.extend(operator_id.0.as_bytes());
                    OPERATOR_CHANGED
                }
                Event::AccountChanged { account_id } => {
                    body.extend(account_id.0.as_bytes());
                    ACCOUNT_CHANGED
                }
                Event::AvailabilityChanged { account_id, version } => {
                    body.extend(account_id.0.as_bytes());
                    body.extend(version.to_be_bytes());
                    AVAILABILITY_CHANGED
                }
                Event::SessionEnded { account_id, session_id } => {
                    body.extend(account_id.0.as_bytes());
                    body.extend(session_id.0.as_bytes());
                    SESSION_ENDED
                }
                Event::SessionsEnded { account_id, operator_id, except } => {
                    body.extend(account_id.0.as_bytes());
                    body.extend(operator_id.0.as_bytes());
                    // No session has the nil id.
                    body.extend(except.map_or(Uuid::nil(), |except| except.0).as_bytes());
                    SESSIONS_ENDED
                }
                // Every server polls the mail queue itself.
                Event::MailQueued => return,
            },
            Self::LookAgain(account_id) => {
                // No account has the nil id.
                body.extend(account_id.map_or(Uuid::nil(), |account_id| account_id.0).as_bytes());
                LOOK_AGAIN
            }
            Self::Taken(token, count) => {
                body.extend([token.attempt, token.bucket]);
                body.extend(token.key.to_be_bytes());
                body.extend(count.to_be_bytes());
                TAKEN
            }
            Self::Leaving => LEAVING,
        };
        bytes.extend([kind, u8::try_from(body.len()).expect("a body is a few ids")]);
        bytes.extend(body);
    }

    fn decode(kind: u8, body: &[u8]) -> Option<Self> {
        let mut fields = Fields(body);
        let fact = match kind {
            OPERATOR_CHANGED => Self::Event(Event::OperatorChanged {
                account_id: fields.account_id()?,
                operator_id: OperatorId(fields.uuid()?),
            }),
            ACCOUNT_CHANGED => Self::Event(Event::AccountChanged { account_id: fields.account_id()? }),
            AVAILABILITY_CHANGED => {
                let account_id = fields.account_id()?;
                Self::Event(Event::AvailabilityChanged { account_id, version: i32::from_be_bytes(fields.take()?) })
            }
            SESSION_ENDED => Self::Event(Event::SessionEnded {
                account_id: fields.account_id()?,
                session_id: SessionId(fields.uuid()?),
            }),
            SESSIONS_ENDED => {
                let (account_id, operator_id) = (fields.account_id()?, OperatorId(fields.uuid()?));
                let except = Some(fields.uuid()?).filter(|id| !id.is_nil()).map(SessionId);
                Self::Event(Event::SessionsEnded { account_id, operator_id, except })
            }
            LOOK_AGAIN => Self::LookAgain(Some(fields.uuid()?).filter(|id| !id.is_nil()).map(AccountId)),
            TAKEN => {
                let [attempt, bucket] = fields.take()?;
                let key = u128::from_be_bytes(fields.take()?);
                Self::Taken(BucketId { attempt, bucket, key }, u16::from_be_bytes(fields.take()?))
            }
            LEAVING => Self::Leaving,
            _ => return None,
        };
        Some(fact)
    }
}

/// Reads the fields of a body in order.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*field)
    }

    fn uuid(&mut self) -> Option<Uuid> {
        self.take().map(Uuid::from_bytes)
    }

    fn account_id(&mut self) -> Option<AccountId> {
        self.uuid().map(AccountId)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_of_each() -> Vec<Fact> {
        let (account_id, operator_id, session_id) = (AccountId::new(), OperatorId::new(), SessionId::new());
        vec![
            Fact::Event(Event::OperatorChanged { account_id, operator_id }),
            Fact::Event(Event::AccountChanged { account_id }),
            Fact::Event(Event::AvailabilityChanged { account_id, version: i32::MAX }),
            Fact::Event(Event::SessionEnded { account_id, session_id }),
            Fact::Event(Event::SessionsEnded { account_id, operator_id, except: None }),
            Fact::Event(Event::SessionsEnded { account_id, operator_id, except: Some(session_id) }),
            Fact::LookAgain(Some(account_id)),
            Fact::LookAgain(None),
            Fact::Taken(BucketId { attempt: 3, bucket: 1, key: u128::MAX - 7 }, 500),
            Fact::Leaving,
        ]
    }

    fn message(facts: Vec<Fact>) -> Message {
        Message { from: Uuid::new_v4(), number: 1 << 40, facts }
    }

    #[test]
    fn what_is_told_is_heard() {
        let told = message(one_of_each());
        let read = Message::decode(&told.encode()).expect("ours");
        assert_eq!(read, Read { message: told, ignored: 0, is_torn: false });
    }

    #[test]
    fn what_a_newer_server_adds_harms_nobody() {
        let told = message(vec![Fact::LookAgain(None)]);
        let mut bytes = told.encode();
        // A kind of the newer server, and an additional field in a known kind.
        bytes.extend([200, 3, 1, 2, 3]);
        bytes.extend([LEAVING, 2, 9, 9]);
        let read = Message::decode(&bytes).expect("ours");
        assert_eq!(read.message.facts, [Fact::LookAgain(None), Fact::Leaving]);
        assert_eq!((read.ignored, read.is_torn), (1, false));
    }

    #[test]
    fn garbage_is_no_message_and_a_torn_one_says_so() {
        let bytes = message(one_of_each()).encode();
        for length in 0..bytes.len() {
            match Message::decode(&bytes[..length]) {
                None => assert!(length < 25, "{length}"),
                Some(read) => assert!(read.is_torn || length == 25 || read.message.facts.len() < one_of_each().len()),
            }
        }
        // A simple generator is enough: the test only checks that nothing panics.
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        for length in 0..2_000 {
            let noise: Vec<u8> = (0..length % 97)
                .map(|_| {
                    seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    (seed >> 56) as u8
                })
                .collect();
            let _ = Message::decode(&noise);
            let _ = Message::decode(&[&bytes[..25], &noise].concat());
        }
    }
}
