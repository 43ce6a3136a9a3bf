//! Availability: whether anyone can chat with a visitor at this moment, and who.
//!
//! Public, by widget key. A visitor sees a card of each available operator: public name, description, photo. Never an address,
//! an internal name, an access level or an internal id. One pure function, [`is_available`], says who is available; presence and
//! opening hours will join it.
//!
//! Everyone who watches an account shares one [`feed`], which reads once a change. Pages without script get the same over plain
//! [`http`].

pub mod badge;
pub mod feed;
pub mod graphql;
pub mod http;
pub mod queries;

use entity::operator;

/// What decides whether an operator is available.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Holds a seat.
    pub is_active: bool,
}

/// Whether an operator can chat with a visitor right now.
#[must_use]
pub fn is_available(facts: Facts) -> bool {
    facts.is_active
}

/// What a visitor may know of an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Public, and of no use elsewhere.
    pub key: String,
    pub public_name: String,
    pub description: Option<String>,
    pub photo: Option<CardPhoto>,
}

/// Where a card's photo is.
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
    /// Grows with every change that a visitor could notice.
    pub version: i32,
    /// Those who are available, in the order they were added to the account.
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
