//! Deskbell's tables: one file for each, with its columns, relations and keys. No GraphQL, no
//! rules.
//!
//! Keys are newtypes, so that an operator's id cannot be used as an account's.
//!
//! The `Debug` form of a row has no secret, address or name, so that no log line can contain one.
//! That of an `ActiveModel` has all columns, because the library derives it: never log one.

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
pub mod device;
pub mod held_address;
pub mod mail;
pub mod operator;
pub mod password_link;
pub mod photo;
pub mod server;
pub mod session;

pub use self::{
    account::AccountId, held_address::HeldAddressId, mail::MailId, operator::OperatorId, server::ServerId,
    session::SessionId,
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
            assert!(!shown.contains(SECRET) && !shown.contains("201"), "{shown}");
        }
        assert!(format!("{operator:?}").contains(&operator_id.0.to_string()), "it shows which row it is");
    }
}
