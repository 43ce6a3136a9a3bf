//! Availability: whether an operator can chat with a visitor now, which operators, and whether the
//! account lets visitors write at all.
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
    /// Whether the operator can sign in. An invited operator has no password yet.
    pub has_password: bool,
}

impl From<&operator::Model> for Facts {
    fn from(row: &operator::Model) -> Self {
        Self { is_active: row.is_active(), has_password: !row.is_invited() }
    }
}

/// Whether an operator can chat with a visitor now.
#[must_use]
pub fn is_available(facts: Facts) -> bool {
    facts.is_active && facts.has_password
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

impl Card {
    /// The card that visitors see of an operator; `None` while the operator is not available.
    #[must_use]
    pub fn shown(row: &operator::Model) -> Option<Self> {
        is_available(row.into()).then(|| row.clone().into())
    }
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
    /// Whether visitors can write, whoever is available.
    pub is_chat_enabled: bool,
    /// The available operators, in the order in which they were added to the account.
    pub cards: Vec<Card>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_is_available_while_active_and_able_to_sign_in() {
        for (is_active, has_password, expected) in
            [(true, true, true), (true, false, false), (false, true, false), (false, false, false)]
        {
            assert_eq!(is_available(Facts { is_active, has_password }), expected, "{is_active} {has_password}");
        }
    }
}
