//! Rate limits: token buckets per client and per address, for what strangers may try.
//!
//! Held in memory: a restart forgives. A client is an IPv4 address or an IPv6 /64, the least that one subscriber gets.
//!
//! **One server** is exact: a bucket never gives more than it has. **Several servers** tell each other which buckets gave a token, and
//! take one from their own: a limit holds across them but for what is let through while the word is on its way, a few milliseconds.
//! While the broker is away each server counts alone, so that the limit is at worst that of one server times the number of servers.
//! What is told is a hash: addresses cannot be read from it, though guesses can be tried on it, as on everything short.

use std::{
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

use governor::{Quota, RateLimiter, middleware::NoOpMiddleware, nanos::Nanos, state::keyed::DashMapStateStore};

use sha2::{Digest as _, Sha256};

use crate::{
    clock::Clock,
    config::{Rate, RateLimitConfig, Rates},
    event::Bus,
};

/// A hash of what is limited: as long for an address of a megabyte as for one of ten letters, and the same on every server.
type Key = u128;
type Buckets = RateLimiter<Key, DashMapStateStore<Key>, Clock, NoOpMiddleware<Nanos>>;

/// A bucket that gave, as other servers are told of it. Plain numbers: one of a newer server may name what is not known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Token {
    /// An [`Attempt`].
    pub attempt: u8,
    /// Which of its [`Pair`]'s buckets: client, address or spare.
    pub bucket: u8,
    pub key: Key,
}

/// Other servers fill no more buckets here than this: made-up clients at all of them fill no memory.
const MAX_BUCKETS_OF_OTHERS: usize = 200_000;

/// What is limited. Other servers know the numbers: a new kind goes to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    SignIn,
    SignUp,
    Recovery,
    /// Adding an operator, inviting one, or giving one another address: it tells whether an address is taken, and may send mail to it.
    Invitation,
    /// Guessing the current password from a session; limited as signing in is, in buckets of its own.
    ChangePassword,
}

/// Refused for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Too many attempts. Try again in {} seconds.", .retry_after_s)]
pub struct TooMany {
    pub retry_after_s: i32,
}

impl TooMany {
    #[must_use]
    pub fn after(wait: Duration) -> Self {
        let whole = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Self { retry_after_s: i32::try_from(whole.max(1)).unwrap_or(i32::MAX) }
    }

    /// The server has more passwords to hash than it can; a moment later it can again.
    #[must_use]
    pub fn busy() -> Self {
        Self { retry_after_s: 1 }
    }
}

#[derive(Debug)]
struct Pair {
    client: Buckets,
    address: Buckets,
    /// Tries that a client has left at an address that others have exhausted: a crowd of guessers slows an address for themselves,
    /// and does not lock out whoever owns it.
    spare: Buckets,
}

/// See [`Pair::spare`].
const SPARE: Rate = Rate::of(3, 3_600);

fn quota(rate: Rate) -> Quota {
    Quota::with_period(rate.period / rate.burst.get()).expect("the settings refuse a period of zero").allow_burst(rate.burst)
}

/// Every bucket of this server.
#[derive(Debug)]
pub struct Throttle {
    /// None while limits are switched off.
    pairs: Option<[Pair; 5]>,
    clock: Clock,
    /// Where other servers hear of what was taken.
    bus: Bus,
}

impl Throttle {
    #[must_use]
    pub fn new(config: &RateLimitConfig, clock: &Clock, bus: Bus) -> Self {
        let buckets = |rate: Rate| RateLimiter::new(quota(rate), DashMapStateStore::default(), clock.clone());
        let pair = |rates: Rates| Pair { client: buckets(rates.client), address: buckets(rates.address), spare: buckets(SPARE) };
        let pairs = config
            .enabled
            .then(|| [pair(config.sign_in), pair(config.sign_up), pair(config.recovery), pair(config.invitation), pair(config.sign_in)]);
        Self { pairs, clock: clock.clone(), bus }
    }

    /// Counts an attempt of a client for an address (in its folded form), if there is one.
    ///
    /// # Errors
    /// [`TooMany`] when either has run out of attempts.
    pub fn attempt(&self, attempt: Attempt, client: IpAddr, address: Option<&str>) -> Result<(), TooMany> {
        let client = client_key(client);
        self.take(attempt, CLIENT, &client)?;
        let Some(address) = address else { return Ok(()) };
        match self.take(attempt, ADDRESS, address) {
            Err(_) if attempt == Attempt::SignIn && self.take(attempt, SPARES, &format!("{client} {address}")).is_ok() => Ok(()),
            taken => taken,
        }
    }

    /// Takes what another server has given from the same bucket here, as far as there is any. What is not known here is let be.
    pub fn taken_elsewhere(&self, token: Token, count: u16) {
        let pair = self.pairs.as_ref().and_then(|pairs| pairs.get(usize::from(token.attempt)));
        let Some(buckets) = pair.and_then(|pair| pair.buckets(token.bucket)) else { return };
        if buckets.len() >= MAX_BUCKETS_OF_OTHERS {
            return;
        }
        for _ in 0..count {
            if buckets.check_key(&token.key).is_err() {
                break;
            }
        }
    }

    /// Drops the buckets that are full again. Made-up addresses would stay for ever.
    pub fn forget_idle(&self) {
        for pair in self.pairs.iter().flatten() {
            for buckets in [&pair.client, &pair.address, &pair.spare] {
                buckets.retain_recent();
                buckets.shrink_to_fit();
            }
        }
    }

    fn take(&self, attempt: Attempt, bucket: u8, key: &str) -> Result<(), TooMany> {
        let token = Token { attempt: attempt as u8, bucket, key: hash(key) };
        let pair = self.pairs.as_ref().and_then(|pairs| pairs.get(usize::from(token.attempt)));
        let Some(buckets) = pair.and_then(|pair| pair.buckets(bucket)) else { return Ok(()) };
        let taken = buckets.check_key(&token.key);
        taken.map_err(|not_until| TooMany::after(not_until.wait_time_from(governor::clock::Clock::now(&self.clock))))?;
        self.bus.took(token);
        Ok(())
    }
}

/// The names of a [`Pair`]'s buckets. Other servers know them: a number never gets another meaning.
const CLIENT: u8 = 0;
const ADDRESS: u8 = 1;
const SPARES: u8 = 2;

impl Pair {
    fn buckets(&self, bucket: u8) -> Option<&Buckets> {
        match bucket {
            CLIENT => Some(&self.client),
            ADDRESS => Some(&self.address),
            SPARES => Some(&self.spare),
            _ => None,
        }
    }
}

fn hash(key: &str) -> Key {
    let digest = Sha256::digest(key);
    let (first, _) = digest.split_first_chunk().expect("32 bytes");
    Key::from_be_bytes(*first)
}

/// What counts as one client.
fn client_key(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn throttle(clock: &Clock) -> Throttle {
        on(clock, Bus::default())
    }

    fn on(clock: &Clock, bus: Bus) -> Throttle {
        let rates = Rates { client: Rate::of(3, 60), address: Rate::of(5, 60) };
        let config = RateLimitConfig { enabled: true, sign_in: rates, sign_up: rates, recovery: rates, invitation: rates };
        Throttle::new(&config, clock, bus)
    }

    #[test]
    fn a_client_is_slowed_and_says_when_to_come_back() {
        let clock = Clock::system();
        let throttle = throttle(&clock);
        let client: IpAddr = "192.0.2.1".parse().expect("an address");
        for _ in 0..3 {
            throttle.attempt(Attempt::SignIn, client, Some("ada@example.com")).expect("within the burst");
        }
        let refused = throttle.attempt(Attempt::SignIn, client, Some("ada@example.com")).expect_err("the burst is spent");
        assert!((1..=20).contains(&refused.retry_after_s), "{refused:?}");
        throttle.attempt(Attempt::SignUp, client, Some("ada@example.com")).expect("another kind of attempt");

        clock.advance(TimeDelta::seconds(i64::from(refused.retry_after_s)));
        throttle.attempt(Attempt::SignIn, client, Some("ada@example.com")).expect("the time has passed");
    }

    #[test]
    fn a_wall_clock_that_is_set_changes_no_limit() {
        let clock = Clock::system();
        let throttle = throttle(&clock);
        let attempt = || throttle.attempt(Attempt::SignIn, "192.0.2.1".parse().expect("an address"), None);
        for _ in 0..3 {
            attempt().expect("within the burst");
        }
        clock.set_wall(TimeDelta::hours(2));
        attempt().expect_err("no time has passed");
        clock.set_wall(TimeDelta::hours(-4));
        clock.advance(TimeDelta::seconds(20));
        attempt().expect("the time has passed");
    }

    #[test]
    fn an_address_is_slowed_from_wherever_it_is_tried() {
        let clock = Clock::system();
        let throttle = throttle(&clock);
        let tried = (1..=6).map(|n| {
            let client = format!("192.0.2.{n}").parse().expect("an address");
            throttle.attempt(Attempt::Recovery, client, Some("ada@example.com")).is_ok()
        });
        assert_eq!(tried.collect::<Vec<_>>(), [true, true, true, true, true, false]);
    }

    #[test]
    fn a_crowd_at_an_address_does_not_lock_out_who_owns_it() {
        let throttle = throttle(&Clock::system());
        let attempt = |client: &str| throttle.attempt(Attempt::SignIn, client.parse().expect("an address"), Some("ada@example.com"));
        for n in 1..=5 {
            attempt(&format!("192.0.2.{n}")).expect("the address has five");
        }
        attempt("198.51.100.7").expect("a client that comes for the first time");
        let crowd = (0..3).filter(|_| attempt("192.0.2.1").is_ok()).count();
        assert_eq!(crowd, 2, "a client's own limit still holds");
    }

    #[test]
    fn one_ipv6_subscriber_is_one_client() {
        let same = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9"].map(|a| client_key(a.parse().expect("an address")));
        assert_eq!(same[0], same[1]);
        assert_eq!(client_key("::ffff:192.0.2.1".parse().expect("an address")), "192.0.2.1");
    }

    #[test]
    fn what_one_server_gives_another_has_not() {
        let clock = Clock::system();
        let bus = Bus::shared(&crate::metrics::Metrics::new());
        let (here, there) = (on(&clock, bus.clone()), throttle(&clock));
        let client: IpAddr = "192.0.2.1".parse().expect("an address");
        for _ in 0..2 {
            here.attempt(Attempt::SignIn, client, Some("ada@example.com")).expect("within the burst");
        }
        for fact in bus.outbox().expect("shared").take() {
            let crate::bus::Fact::Taken(token, count) = fact else { panic!("{fact:?}") };
            there.taken_elsewhere(token, count);
        }
        there.attempt(Attempt::SignIn, client, Some("eve@example.com")).expect("one of three is left");
        there.attempt(Attempt::SignIn, client, None).expect_err("the burst is spent");
        // More than there is, and what is not known here.
        for attempt in 0..=u8::MAX {
            there.taken_elsewhere(Token { attempt, bucket: attempt, key: 1 }, u16::MAX);
        }
    }

    #[test]
    fn idle_buckets_are_forgotten() {
        let clock = Clock::system();
        let throttle = throttle(&clock);
        let client = "192.0.2.1".parse().expect("an address");
        throttle.attempt(Attempt::SignIn, client, Some("ada@example.com")).expect("the first");
        clock.advance(TimeDelta::minutes(5));
        throttle.forget_idle();
        assert!(throttle.pairs.as_ref().is_some_and(|pairs| pairs[0].address.is_empty()));
    }
}
