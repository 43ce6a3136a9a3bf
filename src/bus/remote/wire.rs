//! The wire format of facts: small, and readable for servers of the next and the previous version.
//!
//! A message is a format byte, the sender, its number among the sender's messages, and records. A
//! record is its kind, the length of its body, and the body. While servers of two versions run,
//! each reads the parts that it supports: it skips records of an unknown kind, and bytes after the
//! fields that it expects in a body. So a kind and its fields never change their meaning; new kinds
//! get new numbers, and new fields are appended. Numbers are big-endian; ids are the 16 bytes of
//! the UUID.

use entity::{AccountId, ConversationId, OperatorId};
use uuid::Uuid;

use super::Previous;
use crate::bus::{BucketId, PresenceFact, Subject, Topic, TopicKind};

/// The only format so far. Servers that run now could not read another one, and would re-read from
/// the database instead.
const FORMAT: u8 = 1;

// 1 to 5 are in `previous`.

/// The account, or the nil id.
const LOOK_AGAIN: u8 = 6;
/// The two numbers and the key of a bucket, and the number of attempts.
const TAKEN: u8 = 7;
const LEAVING: u8 = 8;
/// The number of a kind of topic, the key of its row, and the version.
const CHANGED: u8 = 9;
/// Without fields, and the first record of every message.
const COUNTS_VERSIONS: u8 = 10;
/// The number of a subject, whether it holds, the account, the conversation, and the operator or
/// the nil id.
const PRESENT: u8 = 11;
/// The account or the nil id, and the link that must answer or the nil id.
const WHO_IS_HERE: u8 = 12;
/// Without fields.
const PRESENT_DROPPED: u8 = 13;

// The numbers of subjects.
const VISITOR_IS_HERE: u8 = 1;
const VISITOR_TYPES: u8 = 2;
const OPERATOR_TYPES: u8 = 3;

/// A fact that a server sends to the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A topic has this version.
    Changed(Topic, i64),
    /// The same, or the end of sessions, for servers of the previous version.
    Previous(Previous),
    /// Too many changes to list: re-read everything, or, from servers of the previous version only,
    /// this account.
    LookAgain(Option<AccountId>),
    /// Attempts that were counted against a limit.
    Taken(BucketId, u16),
    /// Who types, and which visitors are here.
    Presence(PresenceFact),
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
    /// The sender counts the versions of all topics, and sends a [`Fact::Changed`] with each
    /// change. False for servers of the previous version.
    pub counts_versions: bool,
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
        if self.counts_versions {
            bytes.extend([COUNTS_VERSIONS, 0]);
        }
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
        let (from, number) = (Uuid::from_bytes(*from), u64::from_be_bytes(*number));
        let message = Self { from, number, counts_versions: false, facts: Vec::new() };
        let mut read = Read { message, ignored: 0, is_torn: false };
        while !rest.is_empty() {
            let Some((kind, body, following)) = record(rest) else {
                read.is_torn = true;
                break;
            };
            match Fact::decode(kind, body) {
                _ if kind == COUNTS_VERSIONS => read.message.counts_versions = true,
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
        let mut body = Vec::with_capacity(50);
        let kind = match self {
            Self::Changed(topic, version) => {
                body.push(topic.kind().number());
                body.extend(topic.key().as_bytes());
                body.extend(version.to_be_bytes());
                CHANGED
            }
            Self::Previous(fact) => fact.encode(&mut body),
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
            Self::Presence(fact) => encode_presence(fact, &mut body),
            Self::Leaving => LEAVING,
        };
        bytes.extend([kind, u8::try_from(body.len()).expect("a body is a few ids")]);
        bytes.extend(body);
    }

    fn decode(kind: u8, body: &[u8]) -> Option<Self> {
        let mut fields = Fields(body);
        let fact = match kind {
            CHANGED => {
                let [number] = fields.take()?;
                let topic = TopicKind::from_number(number)?.of(fields.uuid()?);
                Self::Changed(topic, i64::from_be_bytes(fields.take()?))
            }
            LOOK_AGAIN => Self::LookAgain(Some(fields.uuid()?).filter(|id| !id.is_nil()).map(AccountId)),
            TAKEN => {
                let [attempt, bucket] = fields.take()?;
                let key = u128::from_be_bytes(fields.take()?);
                Self::Taken(BucketId { attempt, bucket, key }, u16::from_be_bytes(fields.take()?))
            }
            LEAVING => Self::Leaving,
            PRESENT | WHO_IS_HERE | PRESENT_DROPPED => Self::Presence(decode_presence(kind, &mut fields)?),
            _ => Self::Previous(Previous::decode(kind, &mut fields)?),
        };
        Some(fact)
    }
}

/// Appends the fields to a body, and returns the kind of the record. No row has the nil id.
fn encode_presence(fact: &PresenceFact, body: &mut Vec<u8>) -> u8 {
    match *fact {
        PresenceFact::Is { account_id, conversation_id, subject, holds } => {
            let (number, operator_id) = match subject {
                Subject::VisitorIsHere => (VISITOR_IS_HERE, Uuid::nil()),
                Subject::VisitorTypes => (VISITOR_TYPES, Uuid::nil()),
                Subject::OperatorTypes(operator_id) => (OPERATOR_TYPES, operator_id.0),
            };
            body.extend([number, holds.into()]);
            for id in [account_id.0, conversation_id.0, operator_id] {
                body.extend(id.as_bytes());
            }
            PRESENT
        }
        PresenceFact::WhoIsHere { account_id, whom } => {
            body.extend(account_id.map_or(Uuid::nil(), |account_id| account_id.0).as_bytes());
            body.extend(whom.unwrap_or_default().as_bytes());
            WHO_IS_HERE
        }
        PresenceFact::Dropped => PRESENT_DROPPED,
    }
}

fn decode_presence(kind: u8, fields: &mut Fields<'_>) -> Option<PresenceFact> {
    let some = |id: Uuid| Some(id).filter(|id| !id.is_nil());
    Some(match kind {
        PRESENT => {
            let [number, holds] = fields.take()?;
            let (account_id, conversation_id) = (AccountId(fields.uuid()?), ConversationId(fields.uuid()?));
            let operator_id = fields.uuid()?;
            let subject = match number {
                VISITOR_IS_HERE => Subject::VisitorIsHere,
                VISITOR_TYPES => Subject::VisitorTypes,
                OPERATOR_TYPES => Subject::OperatorTypes(OperatorId(operator_id)),
                _ => return None,
            };
            PresenceFact::Is { account_id, conversation_id, subject, holds: holds != 0 }
        }
        WHO_IS_HERE => {
            PresenceFact::WhoIsHere { account_id: some(fields.uuid()?).map(AccountId), whom: some(fields.uuid()?) }
        }
        PRESENT_DROPPED => PresenceFact::Dropped,
        _ => return None,
    })
}

/// Reads the fields of a body in order.
pub(super) struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    pub(super) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*field)
    }

    pub(super) fn uuid(&mut self) -> Option<Uuid> {
        self.take().map(Uuid::from_bytes)
    }
}

#[cfg(test)]
mod tests {
    use entity::SessionId;

    use super::*;

    fn one_of_each() -> Vec<Fact> {
        let (account_id, operator_id, session_id) = (AccountId::new(), OperatorId::new(), SessionId::new());
        vec![
            Fact::Changed(Topic::Account(account_id), 1 << 40),
            Fact::Changed(Topic::Session(session_id), i64::MAX),
            Fact::Changed(Topic::Conversation(ConversationId::new()), 3),
            Fact::Previous(Previous::OperatorChanged { account_id, operator_id }),
            Fact::Previous(Previous::AccountChanged { account_id }),
            Fact::Previous(Previous::AvailabilityChanged { account_id, version: i32::MAX }),
            Fact::Previous(Previous::SessionEnded { account_id, session_id }),
            Fact::Previous(Previous::SessionsEnded { account_id, operator_id, except: None }),
            Fact::Previous(Previous::SessionsEnded { account_id, operator_id, except: Some(session_id) }),
            Fact::LookAgain(Some(account_id)),
            Fact::LookAgain(None),
            Fact::Taken(BucketId { attempt: 3, bucket: 1, key: u128::MAX - 7 }, 500),
            present(Subject::VisitorIsHere, true),
            present(Subject::VisitorTypes, false),
            present(Subject::OperatorTypes(operator_id), true),
            Fact::Presence(PresenceFact::WhoIsHere { account_id: Some(account_id), whom: Some(Uuid::new_v4()) }),
            Fact::Presence(PresenceFact::WhoIsHere { account_id: None, whom: None }),
            Fact::Presence(PresenceFact::Dropped),
            Fact::Leaving,
        ]
    }

    fn present(subject: Subject, holds: bool) -> Fact {
        let (account_id, conversation_id) = (AccountId::new(), ConversationId::new());
        Fact::Presence(PresenceFact::Is { account_id, conversation_id, subject, holds })
    }

    fn message(facts: Vec<Fact>) -> Message {
        Message { from: Uuid::new_v4(), number: 1 << 40, counts_versions: true, facts }
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
        // A topic of the newer server.
        bytes.extend([CHANGED, 25, 200]);
        bytes.extend([7; 24]);
        bytes.extend([LEAVING, 2, 9, 9]);
        // A subject of the newer server.
        bytes.extend([PRESENT, 50, 200]);
        bytes.extend([7; 49]);
        let read = Message::decode(&bytes).expect("ours");
        assert_eq!(read.message.facts, [Fact::LookAgain(None), Fact::Leaving]);
        assert_eq!((read.ignored, read.is_torn), (3, false));
    }

    /// What a server of the previous version sends: its bytes, as they are in its tests and logs.
    #[test]
    fn what_the_previous_version_sends_keeps_its_meaning() {
        let id = |byte: u8| Uuid::from_bytes([byte; 16]);
        let (account_id, operator_id, session_id) = (AccountId(id(1)), OperatorId(id(2)), SessionId(id(3)));
        let mut bytes = vec![1];
        bytes.extend([9; 16]);
        bytes.extend(5_u64.to_be_bytes());
        let records: &[(u8, &[&[u8]])] = &[
            (1, &[&[1; 16], &[2; 16]]),
            (2, &[&[1; 16]]),
            (3, &[&[1; 16], &[0, 0, 1, 2]]),
            (4, &[&[1; 16], &[3; 16]]),
            (5, &[&[1; 16], &[2; 16], &[3; 16]]),
            (5, &[&[1; 16], &[2; 16], &[0; 16]]),
            (6, &[&[1; 16]]),
            (6, &[&[0; 16]]),
            (7, &[&[3, 1], &[0; 15], &[7], &[1, 0]]),
            (8, &[]),
        ];
        for (kind, fields) in records {
            let body = fields.concat();
            bytes.extend([*kind, u8::try_from(body.len()).expect("short")]);
            bytes.extend(body);
        }
        let facts = vec![
            Fact::Previous(Previous::OperatorChanged { account_id, operator_id }),
            Fact::Previous(Previous::AccountChanged { account_id }),
            Fact::Previous(Previous::AvailabilityChanged { account_id, version: 258 }),
            Fact::Previous(Previous::SessionEnded { account_id, session_id }),
            Fact::Previous(Previous::SessionsEnded { account_id, operator_id, except: Some(session_id) }),
            Fact::Previous(Previous::SessionsEnded { account_id, operator_id, except: None }),
            Fact::LookAgain(Some(account_id)),
            Fact::LookAgain(None),
            Fact::Taken(BucketId { attempt: 3, bucket: 1, key: 7 }, 256),
            Fact::Leaving,
        ];
        let message = Message { from: id(9), number: 5, counts_versions: false, facts };
        assert_eq!(message.encode(), bytes);
        assert_eq!(Message::decode(&bytes), Some(Read { message, ignored: 0, is_torn: false }));
    }

    #[test]
    fn the_records_of_presence_keep_their_bytes() {
        let id = |byte: u8| Uuid::from_bytes([byte; 16]);
        let (account_id, conversation_id) = (AccountId(id(1)), ConversationId(id(2)));
        let is = |subject, holds| PresenceFact::Is { account_id, conversation_id, subject, holds };
        let known: &[(PresenceFact, u8, &[&[u8]])] = &[
            (is(Subject::VisitorIsHere, true), 11, &[&[1, 1], &[1; 16], &[2; 16], &[0; 16]]),
            (is(Subject::VisitorTypes, false), 11, &[&[2, 0], &[1; 16], &[2; 16], &[0; 16]]),
            (is(Subject::OperatorTypes(OperatorId(id(3))), true), 11, &[&[3, 1], &[1; 16], &[2; 16], &[3; 16]]),
            (PresenceFact::WhoIsHere { account_id: Some(account_id), whom: Some(id(4)) }, 12, &[&[1; 16], &[4; 16]]),
            (PresenceFact::WhoIsHere { account_id: None, whom: None }, 12, &[&[0; 32]]),
            (PresenceFact::Dropped, 13, &[]),
        ];
        for (fact, kind, fields) in known {
            let mut bytes = Vec::new();
            Fact::Presence(*fact).encode(&mut bytes);
            let body = fields.concat();
            assert_eq!(bytes, [&[*kind, u8::try_from(body.len()).expect("short")], &body[..]].concat(), "{fact:?}");
        }
    }

    #[test]
    fn garbage_is_no_message_and_a_torn_one_says_so() {
        let bytes = message(one_of_each()).encode();
        for length in 0..bytes.len() {
            match Message::decode(&bytes[..length]) {
                None => assert!(length < 25, "{length}"),
                Some(read) => assert!(
                    read.is_torn || [25, 27].contains(&length) || read.message.facts.len() < one_of_each().len()
                ),
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
