//! Quotas of clients: who is counted, and the three things that are counted.
//!
//! [`Lines`] limit how many operations of one client execute at once, and let the others wait in
//! that client's queue. A [`Budget`] limits the bytes that a client holds. [`Distinct`] limits how
//! many different things it follows. Each returns a value that releases its share on drop, so no
//! path can leak one, including panics and cancelled tasks.
//!
//! Counted is the account if the caller is signed in, and otherwise the client: an IPv4 address, or
//! an IPv6 /64. Networks that one customer of a provider usually has as a whole are counted as
//! well: a /56 may use 4 times as much as a /64, and a /48 16 times.
//!
//! Rates over time are not counted here.

mod budget;
mod distinct;
mod lines;
mod rest;

use std::{
    iter,
    net::{IpAddr, Ipv4Addr},
};

use uuid::Uuid;

pub(crate) use budget::{Budget, Cut, Lease};
pub use distinct::{Distinct, Held};
pub use lines::{Lines, Turn};
pub(crate) use rest::in_turn;
pub use rest::rest;

/// An account or a client that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// The account of a signed-in operator.
    Account(Uuid),
    /// The address of a client that is not signed in.
    V4(Ipv4Addr),
    /// The network of a client that is not signed in: the first half of its address, zero after the
    /// prefix, and the length of the prefix.
    V6(u64, u8),
}

impl Who {
    #[must_use]
    pub fn account(id: impl Into<Uuid>) -> Self {
        Self::Account(id.into())
    }

    /// A client without a session: its IPv4 address, or its IPv6 /64.
    #[must_use]
    pub fn client(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) => Self::network(u64::try_from(address.to_bits() >> 64).expect("64 bits"), 64),
        }
    }

    fn network(bits: u64, length: u8) -> Self {
        Self::V6(bits & (u64::MAX << (64 - u32::from(length))), length)
    }

    /// All that is counted for it, itself first, with the number of shares that each may use.
    pub(crate) fn counted(self) -> impl Iterator<Item = (Self, usize)> {
        let wider = match self {
            Self::V6(bits, 64) => Some([(Self::network(bits, 56), 4), (Self::network(bits, 48), 16)]),
            _ => None,
        };
        iter::once((self, 1)).chain(wider.into_iter().flatten())
    }
}

/// A share was refused. The caller may retry when some of its work is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Full {
    /// The client's queue is full.
    #[error(
        "Too many operations are waiting: at most {most} of one client or account. Try again when some are answered."
    )]
    Line { most: usize },
    /// The client holds the maximum number of bytes.
    #[error("Too much is in flight: at most {most} bytes of one client or account. Try again when some is answered.")]
    Bytes { most: usize },
    /// All clients together hold the maximum number of bytes, and this one holds the most of them.
    #[error("The server has too much in flight. Try again later.")]
    Busy,
    /// The client follows the maximum number of different documents.
    #[error("Too many different documents are followed at once: at most {most} of one client or account.")]
    Documents { most: usize },
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn client(address: &str) -> Who {
        Who::client(address.parse().expect("an address"))
    }

    #[test]
    fn a_client_is_an_address_or_a_network_of_sixty_four_bits() {
        assert_eq!(client("203.0.113.9"), client("::ffff:203.0.113.9"));
        assert_ne!(client("203.0.113.9"), client("203.0.113.8"));
        assert_eq!(client("2001:db8:1:2::1"), client("2001:db8:1:2:ffff::9"));
        assert_ne!(client("2001:db8:1:2::1"), client("2001:db8:1:3::1"));
    }

    #[test]
    fn wider_networks_are_counted_with_four_and_sixteen_shares() {
        let shares = |who: Who| who.counted().map(|(_, shares)| shares).collect::<Vec<_>>();
        assert_eq!(shares(client("203.0.113.9")), [1]);
        assert_eq!(shares(Who::account(Uuid::from_u128(7))), [1]);
        assert_eq!(shares(client("2001:db8:1:2::1")), [1, 4, 16]);
        let (one, other): (Vec<_>, Vec<_>) =
            (client("2001:db8:1:2ab::").counted().collect(), client("2001:db8:1:2cd::").counted().collect());
        assert_eq!((one[1] == other[1], one[2] == other[2]), (true, true), "the same /56 and the same /48");
        let third: Vec<_> = client("2001:db8:1:3ab::").counted().collect();
        assert_eq!((one[1] == third[1], one[2] == third[2]), (false, true), "another /56 of the same /48");
    }
}
