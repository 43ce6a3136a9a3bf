//! What one client may use of the edge at once, counted with the [`ledger`](crate::ledger).

use async_graphql::Request;
use axum::body::Bytes;

use super::{refusal::Refusal, sent::Sent};
use crate::{
    config::HttpConfig,
    ledger::{Budget, Lease, Lines, Turn, Who},
    metrics::Metrics,
};

/// Concurrent uploads of all clients together. Each holds a file on disk and a few chunks of it in
/// memory.
const MAX_UPLOADS: usize = 32;
/// The budget of the subscriptions of all clients without a session, and of those of all accounts,
/// as a multiple of the quota of one client.
const SUBSCRIPTION_SHARES: usize = 16;

/// The quotas of all clients of one server.
#[derive(Debug)]
pub(crate) struct Fair {
    /// Turns to execute.
    pub turns: Lines,
    /// Bytes of bodies, of the requests parsed from them, and of answers that are not sent yet.
    pub in_flight: Budget,
    /// Bytes that subscriptions of clients without a session keep: their requests and their latest
    /// items.
    followed_by_clients: Budget,
    /// The same for accounts. Separate, because a /48 has as many shares as all clients together.
    followed_by_accounts: Budget,
    /// Uploads, each counted as one.
    pub uploads: Budget,
}

impl Fair {
    pub(crate) fn new(config: &HttpConfig) -> Self {
        let share = config.max_client_subscription_bytes;
        let followed = || Budget::kept(share, share.saturating_mul(SUBSCRIPTION_SHARES));
        Self {
            turns: Lines::new(config.max_client_executing, usize::MAX, config.max_client_waiting),
            in_flight: Budget::new(config.max_client_bytes_in_flight, config.max_bytes_in_flight),
            followed_by_clients: followed(),
            followed_by_accounts: followed(),
            uploads: Budget::strict(config.max_client_uploads, MAX_UPLOADS),
        }
    }
}

impl Fair {
    /// The budget for what the subscriptions of a client or an account keep.
    pub(crate) fn followed(&self, who: Who) -> &Budget {
        match who {
            Who::Account(_) => &self.followed_by_accounts,
            Who::V4(_) | Who::V6(..) => &self.followed_by_clients,
        }
    }

    /// Counts the bytes of a request for as long as it is kept.
    ///
    /// # Errors
    /// The client, or all clients together, hold too many bytes.
    pub(crate) fn weigh(&self, who: Who, sent: Sent) -> Result<Request, Refusal> {
        let lease = self.in_flight.take(who, sent.bytes).map_err(|full| Refusal::too_many(full.to_string()))?;
        Ok(sent.request.data(Weight(Some(lease))))
    }

    /// Adds the current figures to the metrics.
    pub(crate) fn show(&self, metrics: &Metrics) {
        let turns = self.turns.clone();
        metrics.gauge("operations_executing", "Operations that execute now", move || figure(turns.total()));
        let turns = self.turns.clone();
        metrics.gauge("operations_waiting", "Operations that wait for their client's turn", move || {
            figure(turns.total_waiting())
        });
        for (name, help, budget) in [
            ("bytes_in_flight", "Bytes of requests and answers in flight", &self.in_flight),
            ("uploads", "Uploads in flight", &self.uploads),
        ] {
            let budget = budget.clone();
            metrics.gauge(name, help, move || figure(budget.total()));
        }
        let (clients, accounts) = (self.followed_by_clients.clone(), self.followed_by_accounts.clone());
        metrics.gauge("subscription_bytes", "Bytes that subscriptions keep", move || {
            figure(clients.total() + accounts.total())
        });
    }
}

/// JSON up to this size is parsed without waiting for a turn: it takes a few microseconds.
const PARSED_AT_ONCE: usize = 4 << 10;

/// Waits for a client's turn to parse this many bytes of JSON, unless they are few.
///
/// # Errors
/// The queue is full.
pub(crate) async fn parsing_turn(reading: &Lines, who: Who, bytes: usize) -> Result<Option<Turn>, Refusal> {
    match bytes {
        ..=PARSED_AT_ONCE => Ok(None),
        _ => reading_turn(reading, who).await.map(Some),
    }
}

/// Waits for a client's turn to parse or validate a request.
///
/// # Errors
/// The queue is full.
pub(crate) async fn reading_turn(reading: &Lines, who: Who) -> Result<Turn, Refusal> {
    reading.enter(who).await.map_err(|full| Refusal::too_many(full.to_string()))
}

fn figure(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The bytes of a request, counted for as long as the request is kept, because it is among the
/// request's data. `None` if they are counted elsewhere.
#[derive(Debug)]
pub(crate) struct Weight(#[expect(dead_code, reason = "held, never read")] pub Option<Lease>);

/// The slot of an upload, held in the same way.
#[derive(Debug)]
pub(crate) struct Upload(#[expect(dead_code, reason = "held, never read")] pub Lease);

/// What a subscription needs to begin: a turn until its first item is computed, and a lease on the
/// bytes that it keeps.
#[derive(Debug)]
pub(crate) struct Opening {
    pub turn: Turn,
    pub kept: Lease,
}

/// A body whose bytes are counted until the last of them is written or dropped.
pub(crate) fn counted(body: impl Into<Bytes>, lease: Option<Lease>) -> Bytes {
    struct Counted(Bytes, #[expect(dead_code, reason = "held, never read")] Lease);

    impl AsRef<[u8]> for Counted {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }

    match lease {
        Some(lease) => Bytes::from_owner(Counted(body.into(), lease)),
        None => body.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_at_its_quota_leaves_others_their_subscriptions() {
        const SHARE: usize = 1 << 20;
        let fair = Fair::new(&HttpConfig { max_client_subscription_bytes: SHARE, ..HttpConfig::default() });
        let client = |address: &str| Who::client(address.parse().expect("an address"));
        let take = |who: Who, bytes| fair.followed(who).take(who, bytes);
        let networks = (0..16).map(|net| client(&format!("2001:db8:1:{:x}::1", ((net / 4) << 8) | (net % 4))));
        let held: Vec<_> = networks.map(|who| take(who, SHARE).expect("a /48 has 16 shares")).collect();
        assert!(take(client("2001:db8:1:ff00::1"), 1).is_err(), "and no more");
        let visitor = take(client("203.0.113.9"), 60_000).expect("a visitor has its share");
        let account = take(Who::account(uuid::Uuid::from_u128(1)), SHARE).expect("an account has its share");
        drop((held, visitor, account));
    }
}
