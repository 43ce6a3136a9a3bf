//! Topics: what subscribers follow, each with a version that the database counts.

use entity::{AccountId, ConversationId, SessionId, TokenKey, VisitorId};
use uuid::Uuid;

use super::Event;

/// The version of a topic whose row is missing: it ended, or never existed.
pub const GONE: i64 = i64::MAX;

/// Declares the topics, each with the key of its row and its number on the bus. Other servers use
/// these numbers, so a number never changes its meaning.
macro_rules! topics {
    ($($(#[$doc:meta])* $name:ident($key:ident) = $number:literal,)+) => {
        /// A part of the database that subscribers follow.
        ///
        /// Its version changes in the transaction of every change that its subscribers can see, and
        /// only grows. So after missed messages a comparison of versions shows what to re-read.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Topic {
            $($(#[$doc])* $name($key),)+
        }

        /// What kind of topic: all topics of a kind are compared with the database by one query.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum TopicKind {
            $($(#[$doc])* $name,)+
        }

        impl Topic {
            #[must_use]
            pub const fn kind(self) -> TopicKind {
                match self {
                    $(Self::$name(_) => TopicKind::$name,)+
                }
            }

            /// The key of the row that this is about.
            #[must_use]
            pub const fn key(self) -> Uuid {
                match self {
                    $(Self::$name(key) => key.0,)+
                }
            }
        }

        impl TopicKind {
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The topic of this kind about the row with this key.
            #[must_use]
            pub const fn of(self, key: Uuid) -> Topic {
                match self {
                    $(Self::$name => Topic::$name($key(key)),)+
                }
            }

            /// Whether the database counts the versions of these topics. If not, each event counts,
            /// and events that were missed cannot be seen by comparison.
            #[must_use]
            pub const fn is_counted(self) -> bool {
                !matches!(self, Self::ConversationList)
            }

            pub(super) const fn number(self) -> u8 {
                match self {
                    $(Self::$name => $number,)+
                }
            }

            pub(super) const fn from_number(number: u8) -> Option<Self> {
                match number {
                    $($number => Some(Self::$name),)+
                    _ => None,
                }
            }
        }
    };
}

topics! {
    /// What the operators of an account see: the account, its operators and their invitations,
    /// without `last_seen_at`.
    Account(AccountId) = 1,
    /// What the visitors of an account see.
    Availability(AccountId) = 2,
    /// A session of an operator. It has one version while it exists, and is then gone.
    Session(SessionId) = 3,
    /// A conversation: its messages, its state, and its notes.
    Conversation(ConversationId) = 4,
    /// A visitor: which of the visitor's conversations is the latest.
    Visitor(VisitorId) = 5,
    /// The token of a visitor who has not written to an account. It has one version once the
    /// visitor has.
    VisitorToken(TokenKey) = 6,
    /// The conversations of an account. A counted version would serialise the messages of an
    /// account, so it always has the version 0, and each event means that something changed.
    ConversationList(AccountId) = 7,
}

impl Topic {
    /// The event that this topic changed, and has this version now.
    #[must_use]
    pub const fn at(self, version: i64) -> Event {
        Event::Changed { topic: self, version }
    }

    /// The event that the row of this topic was deleted.
    #[must_use]
    pub const fn gone(self) -> Event {
        self.at(GONE)
    }
}
