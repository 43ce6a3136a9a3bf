//! Rate limits: token buckets per client and per address, for what strangers may try.
//!
//! Held in memory: a restart forgives. A client is an IPv4 address or an IPv6 /64, the least that one subscriber gets.

use std::{
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

use governor::{Quota, RateLimiter, middleware::NoOpMiddleware, nanos::Nanos, state::keyed::DashMapStateStore};

use crate::{
    clock::Clock,
    config::{Rate, RateLimitConfig, Rates},
};

type Buckets = RateLimiter<String, DashMapStateStore<String>, Clock, NoOpMiddleware<Nanos>>;

/// What is limited.
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
}

impl Throttle {
    #[must_use]
    pub fn new(config: &RateLimitConfig, clock: &Clock) -> Self {
        let buckets = |rate: Rate| RateLimiter::new(quota(rate), DashMapStateStore::default(), clock.clone());
        let pair = |rates: Rates| Pair { client: buckets(rates.client), address: buckets(rates.address), spare: buckets(SPARE) };
        let pairs = config
            .enabled
            .then(|| [pair(config.sign_in), pair(config.sign_up), pair(config.recovery), pair(config.invitation), pair(config.sign_in)]);
        Self { pairs, clock: clock.clone() }
    }

    /// Counts an attempt of a client for an address (in its folded form), if there is one.
    ///
    /// # Errors
    /// [`TooMany`] when either has run out of attempts.
    pub fn attempt(&self, attempt: Attempt, client: IpAddr, address: Option<&str>) -> Result<(), TooMany> {
        let Some(pairs) = &self.pairs else { return Ok(()) };
        let pair = &pairs[attempt as usize];
        let client = client_key(client);
        self.take(&pair.client, &client)?;
        let Some(address) = address else { return Ok(()) };
        let address = address.to_owned();
        match self.take(&pair.address, &address) {
            Err(_) if attempt == Attempt::SignIn && self.take(&pair.spare, &format!("{client} {address}")).is_ok() => Ok(()),
            taken => taken,
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

    fn take(&self, buckets: &Buckets, key: &String) -> Result<(), TooMany> {
        buckets.check_key(key).map_err(|not_until| TooMany::after(not_until.wait_time_from(governor::clock::Clock::now(&self.clock))))
    }
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
        let rates = Rates { client: Rate::of(3, 60), address: Rate::of(5, 60) };
        let config = RateLimitConfig { enabled: true, sign_in: rates, sign_up: rates, recovery: rates, invitation: rates };
        Throttle::new(&config, clock)
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
