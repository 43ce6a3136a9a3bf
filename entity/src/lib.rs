//! Deskbell's tables: one file for each, with its columns, relations and keys. No GraphQL, no
//! rules.
//!
//! Keys are newtypes, so that an operator's id cannot be used as an account's.
//!
//! The `Debug` form of a row has no secret, address, name or typed text, so that no log line can
//! contain one. That of an `ActiveModel` has all columns, because the library derives it: never log
//! one.

/// Implements `Debug` for a table's rows, with these columns only.
macro_rules! debug_shows {
    ($table:literal: $($column:ident),+) => {
        debug_shows!(@ Model, $table: $($column),+);
        debug_shows!(@ ModelEx, $table: $($column),+);
    };
    (@ $row:ident, $table:literal: $($column:ident),+) => {
        impl std::fmt::Debug for $row {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct($table)$(.field(stringify!($column), &self.$column))+.finish_non_exhaustive()
            }
        }
    };
}

#[macro_use]
mod key;

pub mod account;
pub mod address_link;
pub mod availability;
pub mod conversation;
pub mod conversation_mark;
pub mod device;
pub mod held_address;
pub mod mail;
pub mod message;
pub mod note;
pub mod operator;
pub mod participation;
pub mod password_link;
pub mod past_photo;
pub mod photo;
pub mod server;
pub mod session;
pub mod visitor;
pub mod visitor_token;

pub use self::{
    account::AccountId, conversation::ConversationId, held_address::HeldAddressId, mail::MailId, note::NoteId,
    operator::OperatorId, participation::ParticipationId, server::ServerId, session::SessionId, visitor::VisitorId,
    visitor_token::TokenKey,
};

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "ada@acme.example";

    /// A mail whose delivery has failed.
    fn waiting(id: MailId, operator_id: OperatorId) -> mail::Model {
        let at = chrono::DateTime::UNIX_EPOCH;
        mail::Model {
            id,
            kind: mail::Kind::Invitation,
            operator_id: Some(operator_id),
            sender_id: None,
            address: Some(SECRET.to_owned()),
            attempts: 1,
            due_at: at,
            created_at: at,
            failed_at: None,
            last_error: Some(SECRET.to_owned()),
            failure: None,
            cause: None,
            retry_at: None,
            language: mail::Language::En,
        }
    }

    /// A conversation, with text in all columns that visitors and operators write.
    fn talk() -> [String; 5] {
        let at = chrono::DateTime::UNIX_EPOCH;
        let (account_id, operator_id, visitor_id) = (AccountId::new(), OperatorId::new(), VisitorId::new());
        let (id, text) = (ConversationId::new(), || Some(SECRET.to_owned()));
        let visitor = visitor::Model {
            id: visitor_id,
            account_id,
            name: text(),
            email: text(),
            created_at: at,
            last_seen_at: Some(at),
            blocked_until: None,
            day_began_at: None,
            day_messages: 0,
            day_bytes: 0,
            version: 1,
        };
        let key = TokenKey(uuid::Uuid::from_bytes([201; 16]));
        let visitor_token =
            visitor_token::Model { account_id, token_hash: vec![201; 32], key, visitor_id, created_at: at };
        let conversation = conversation::Model {
            id,
            account_id,
            visitor_id,
            status: conversation::Status::Pending,
            assignee_id: None,
            started_at: at,
            closed_at: None,
            closed_by: None,
            waiting_since: Some(at),
            last_sequence: 1,
            revision: 1,
            visitor_revision: 1,
            last_message_sequence: Some(1),
            last_activity_at: at,
            visitor_messages: 1,
            operator_messages: 0,
            visitor_read_up_to: 1,
            visitor_read_operator_messages: 0,
            operator_read_up_to: 0,
            text_bytes: 5,
            page_url: text(),
            page_title: text(),
            page_referrer: text(),
        };
        let participation_id = ParticipationId::new();
        let message = message::Model {
            conversation_id: id,
            sequence: 1,
            id: uuid::Uuid::nil(),
            account_id,
            author: message::Author::Visitor,
            visitor_id: Some(visitor_id),
            operator_id: None,
            participation_id: Some(participation_id),
            client_message_id: Some(vec![201; 8]),
            text: text(),
            event: None,
            sent_at: at,
            visitor_messages: 1,
            operator_messages: 0,
            revision: 1,
            visitor_revision: 1,
        };
        let participation = participation::Model {
            id: participation_id,
            account_id,
            conversation_id: id,
            operator_id,
            joined_at: at,
            joined_sequence: 1,
            left_at: None,
            card_key: SECRET.to_owned(),
            public_name: SECRET.to_owned(),
            description: text(),
            photo_hash: text(),
            photo_side: Some(512),
        };
        let note = note::Model {
            id: NoteId::new(),
            account_id,
            conversation_id: id,
            operator_id,
            text: SECRET.to_owned(),
            created_at: at,
            revision: 1,
        };
        [
            format!("{visitor:?} {:?} {visitor_token:?}", visitor.clone().into_ex()),
            format!("{:?} {conversation:?}", visitor_token.into_ex()),
            format!("{:?} {message:?} {:?}", conversation.into_ex(), message.clone().into_ex()),
            format!("{participation:?} {:?}", participation.clone().into_ex()),
            format!("{note:?} {:?}", note.clone().into_ex()),
        ]
    }

    #[test]
    fn a_row_of_a_conversation_shows_nothing_that_was_typed() {
        for shown in talk() {
            assert!(!shown.contains(SECRET) && !shown.contains("[201"), "{shown}");
        }
    }

    #[test]
    fn a_row_shows_no_secret_no_address_and_no_name() {
        let secret = || Some(SECRET.to_owned());
        let (at, bytes) = (chrono::DateTime::UNIX_EPOCH, vec![201; 32]);
        let (account_id, operator_id, mail_id) = (AccountId::new(), OperatorId::new(), MailId::new());
        let operator = operator::Model {
            id: operator_id,
            account_id,
            is_owner: true,
            access_level: operator::AccessLevel::Full,
            name: SECRET.to_owned(),
            public_name: secret(),
            search_key: SECRET.to_owned(),
            email: secret(),
            email_key: secret(),
            description: secret(),
            password_hash: secret(),
            activated_at: Some(at),
            photo_hash: secret(),
            photo_side: Some(512),
            card_key: SECRET.to_owned(),
            created_at: at,
            updated_at: at,
            last_seen_at: Some(at),
            removed_at: None,
            email_proven_at: Some(at),
            email_set_at: Some(at),
            pending_email: secret(),
            pending_email_key: secret(),
            password_set_by_other: false,
            added_by: None,
            lost_email: secret(),
            lost_at: None,
            lost_reason: None,
            invitation_sent_at: None,
        };
        let session = session::Model {
            id: SessionId::new(),
            account_id,
            operator_id,
            token_hash: bytes.clone(),
            created_at: at,
            last_used_at: at,
            expires_at: at,
            device_hash: Some(bytes.clone()),
        };
        let device = device::Model { token_hash: bytes.clone(), operator_id, created_at: at, expires_at: at };
        let password_link = password_link::Model {
            token_hash: bytes.clone(),
            operator_id,
            purpose: password_link::Purpose::Recovery,
            mail_id,
            created_at: at,
            expires_at: at,
        };
        let address_link = address_link::Model {
            token_hash: bytes.clone(),
            operator_id,
            purpose: address_link::Purpose::Confirm,
            email_key: SECRET.to_owned(),
            mail_id,
            created_at: at,
            expires_at: at,
        };
        let held_address = held_address::Model {
            id: HeldAddressId::new(),
            operator_id,
            email: SECRET.to_owned(),
            email_key: SECRET.to_owned(),
            proven_at: None,
            created_at: at,
            expires_at: at,
        };
        let mail = waiting(mail_id, operator_id);
        let photo = photo::Model { operator_id, side: 512, account_id, hash: "0f".to_owned(), jpeg: bytes };
        for shown in [
            format!("{operator:?} {:?}", operator.clone().into_ex()),
            format!("{session:?} {:?}", session.clone().into_ex()),
            format!("{device:?} {:?}", device.clone().into_ex()),
            format!("{password_link:?} {:?}", password_link.clone().into_ex()),
            format!("{address_link:?} {:?}", address_link.clone().into_ex()),
            format!("{held_address:?} {:?}", held_address.clone().into_ex()),
            format!("{mail:?} {:?}", mail.clone().into_ex()),
            format!("{photo:?} {:?}", photo.clone().into_ex()),
        ] {
            assert!(!shown.contains(SECRET) && !shown.contains("[201"), "{shown}");
        }
        assert!(format!("{operator:?}").contains(&operator_id.0.to_string()), "it shows which row it is");
    }
}
