//! Availability: whether an operator can chat with a visitor now, and which operators.
//!
//! Availability is public, by widget key. A visitor sees a card of each available operator: public
//! name, description and photo, but no address, internal name, access level or internal id. One
//! pure function, [`is_available`], decides who is available; presence and opening hours will be
//! added there.
//!
//! All subscribers of an account share one [`feed`], which reads once after a change. Pages without
//! scripts get the same data over plain [`http`].

pub mod badge;
pub mod feed;
pub mod graphql;
pub mod http;
pub mod queries;
pub mod rules;

use entity::operator;

/// The facts that decide whether an operator is available.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Whether the operator holds a seat.
    pub is_active: bool,
}

/// Whether an operator can chat with a visitor now.
#[must_use]
pub fn is_available(facts: Facts) -> bool {
    facts.is_active
}

/// The public data of an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// A public key, which has no other use.
    pub key: String,
    pub public_name: String,
    pub description: Option<String>,
    pub photo: Option<CardPhoto>,
}

/// The photo of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardPhoto {
    pub hash: String,
    pub side: i32,
}

impl From<operator::Model> for Card {
    fn from(row: operator::Model) -> Self {
        Self {
            public_name: row.visible_name().to_owned(),
            key: row.card_key,
            description: row.description,
            photo: row.photo_hash.zip(row.photo_side).map(|(hash, side)| CardPhoto { hash, side }),
        }
    }
}

/// The availability of an account at one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Increases with every change that visitors can see.
    pub version: i32,
    /// The available operators, in the order in which they were added to the account.
    pub cards: Vec<Card>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_is_available_while_active() {
        assert!(is_available(Facts { is_active: true }));
        assert!(!is_available(Facts { is_active: false }));
    }
}
