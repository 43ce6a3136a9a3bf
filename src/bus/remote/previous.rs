//! The facts that servers of the previous version send and read. They count only the version of
//! availability, and name what happened instead of a topic.
//!
//! For one version both are sent: the record of a topic, and these. The next version drops this
//! module, the records 1 to 5, and the marks.

use entity::{AccountId, OperatorId, SessionId};
use uuid::Uuid;

use super::wire::Fields;
use crate::bus::{Bus, GONE, Topic};

const OPERATOR_CHANGED: u8 = 1;
const ACCOUNT_CHANGED: u8 = 2;
const AVAILABILITY_CHANGED: u8 = 3;
const SESSION_ENDED: u8 = 4;
const SESSIONS_ENDED: u8 = 5;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Previous {
    /// A profile, its activity or its access changed. Not sent by this version, since an
    /// [`Previous::AccountChanged`] has the same effect.
    OperatorChanged { account_id: AccountId, operator_id: OperatorId },
    /// Name, plan, seats, owner or an operator of the account changed.
    AccountChanged { account_id: AccountId },
    /// Availability as visitors see it changed.
    AvailabilityChanged { account_id: AccountId, version: i32 },
    /// One session ended.
    SessionEnded { account_id: AccountId, session_id: SessionId },
    /// All sessions of an operator ended, except for the one given.
    SessionsEnded { account_id: AccountId, operator_id: OperatorId, except: Option<SessionId> },
}

impl Previous {
    /// The fact that a change of this topic is for a server of the previous version. The rules that
    /// end sessions announce theirs themselves, because they include the account.
    pub(super) fn of(topic: Topic, version: i64) -> Option<Self> {
        match topic {
            Topic::Account(account_id) => Some(Self::AccountChanged { account_id }),
            Topic::Availability(account_id) => {
                Some(Self::AvailabilityChanged { account_id, version: i32::try_from(version).unwrap_or(i32::MAX) })
            }
            // A server of the previous version follows no conversation.
            Topic::Session(_)
            | Topic::Conversation(_)
            | Topic::Visitor(_)
            | Topic::VisitorToken(_)
            | Topic::ConversationList(_) => None,
        }
    }

    /// Notifies the subscribers of what a server of the previous version reports. Returns whether
    /// the sessions that are followed must be compared with the database.
    pub(super) fn deliver(self, bus: &Bus) -> bool {
        match self {
            Self::OperatorChanged { account_id, .. } | Self::AccountChanged { account_id } => {
                bus.look_again(Topic::Account(account_id));
            }
            Self::AvailabilityChanged { account_id, version } => {
                bus.hear(Topic::Availability(account_id), version.into());
            }
            Self::SessionEnded { session_id, .. } => bus.hear(Topic::Session(session_id), GONE),
            Self::SessionsEnded { .. } => return true,
        }
        false
    }

    /// Appends the fields to a body, and returns the kind of the record.
    pub(super) fn encode(&self, body: &mut Vec<u8>) -> u8 {
        match self {
            Self::OperatorChanged { account_id, operator_id } => {
                body.extend(account_id.0.as_bytes());
                body.extend(operator_id.0.as_bytes());
                OPERATOR_CHANGED
            }
            Self::AccountChanged { account_id } => {
                body.extend(account_id.0.as_bytes());
                ACCOUNT_CHANGED
            }
            Self::AvailabilityChanged { account_id, version } => {
                body.extend(account_id.0.as_bytes());
                body.extend(version.to_be_bytes());
                AVAILABILITY_CHANGED
            }
            Self::SessionEnded { account_id, session_id } => {
                body.extend(account_id.0.as_bytes());
                body.extend(session_id.0.as_bytes());
                SESSION_ENDED
            }
            Self::SessionsEnded { account_id, operator_id, except } => {
                body.extend(account_id.0.as_bytes());
                body.extend(operator_id.0.as_bytes());
                // No session has the nil id.
                body.extend(except.map_or(Uuid::nil(), |except| except.0).as_bytes());
                SESSIONS_ENDED
            }
        }
    }

    pub(super) fn decode(kind: u8, fields: &mut Fields<'_>) -> Option<Self> {
        let account_id = |fields: &mut Fields<'_>| fields.uuid().map(AccountId);
        Some(match kind {
            OPERATOR_CHANGED => {
                Self::OperatorChanged { account_id: account_id(fields)?, operator_id: OperatorId(fields.uuid()?) }
            }
            ACCOUNT_CHANGED => Self::AccountChanged { account_id: account_id(fields)? },
            AVAILABILITY_CHANGED => {
                let account_id = account_id(fields)?;
                Self::AvailabilityChanged { account_id, version: i32::from_be_bytes(fields.take()?) }
            }
            SESSION_ENDED => {
                Self::SessionEnded { account_id: account_id(fields)?, session_id: SessionId(fields.uuid()?) }
            }
            SESSIONS_ENDED => {
                let (account_id, operator_id) = (account_id(fields)?, OperatorId(fields.uuid()?));
                let except = Some(fields.uuid()?).filter(|id| !id.is_nil()).map(SessionId);
                Self::SessionsEnded { account_id, operator_id, except }
            }
            _ => return None,
        })
    }
}
