//! Rate limits: token buckets per client, address and visitor, for attempts of anonymous callers,
//! operators and visitors.
//!
//! Buckets are in memory: a restart empties them. A client is an IPv4 address or an IPv6 /64, the
//! smallest network that a subscriber gets. Many subscribers get larger ones, so an attempt from
//! IPv6 also counts for its /56 and its /48, which have limits 4 and 16 times as high.
//!
//! Guessing at one address is limited over all clients together. A browser in which the operator
//! has signed in before does not count there, nor as a client: it has its own bucket
//! ([`Throttle::attempt_on_device`]), which no other client can use up.
//!
//! **One server** is exact: a bucket never grants more than its tokens. **Several servers** send
//! each other the buckets that granted a token, and each takes one from its own bucket. So a limit
//! holds across all servers, except for what is granted during the few milliseconds that a message
//! takes. While the broker is disconnected each server counts alone, so the limit is at worst that
//! of one server times the number of servers. Messages contain a hash of the key. It does not
//! reveal an address, but guesses can be tested against it, as with any short input.

use std::{net::IpAddr, time::Duration};

use governor::{Quota, RateLimiter, middleware::NoOpMiddleware, nanos::Nanos, state::keyed::DashMapStateStore};

use entity::{AccountId, OperatorId};
use ipnet::Ipv6Net;
use sha2::{Digest as _, Sha256};

use super::identity::Visitor;
use crate::{
    app::clock::Clock,
    bus::{BucketId, Bus},
    config::{Rate, RateLimitConfig, Rates},
    input::inbox_key,
};

/// A hash of the limited key: of the same length for all keys, and equal on all servers.
type KeyHash = u128;
type Buckets = RateLimiter<KeyHash, DashMapStateStore<KeyHash>, Clock, NoOpMiddleware<Nanos>>;

/// Upper bound on buckets that other servers can fill here, so that forged clients cannot exhaust
/// memory.
const MAX_BUCKETS_OF_OTHERS: usize = 200_000;

/// A kind of attempt. Other servers use these numbers: a new kind is appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    SignIn,
    SignUp,
    /// Requesting a recovery, looking at a mailed link, or requesting a new one for it.
    Recovery,
    /// Adding an operator, inviting one, or changing an operator's address: it reveals whether an
    /// address is in use, and may send mail to it.
    Invitation,
    /// Guessing the current password within a session. Same limits as for signing in, in separate
    /// buckets.
    ChangePassword,
    /// Setting a photo, which takes up to a second of CPU time. Counted for the operator who sets
    /// it, and for their account.
    Photo,
    /// Beginning a conversation. Counted for the client.
    ChatStart,
    /// A message of a visitor. Counted for the client and for the visitor.
    ChatMessage,
    /// A visitor who begins to type, or goes on. Counted for the visitor.
    ChatTyping,
    /// A new visitor of an account. Counted for the account, and for a client within it.
    NewVisitor,
}

/// Refused until the time has passed.
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

    /// Too many passwords wait for a hash; retry in a moment.
    #[must_use]
    pub fn busy() -> Self {
        Self { retry_after_s: 1 }
    }
}

/// The buckets of one kind of attempt, indexed by their number. Other servers use these numbers, so
/// a number never changes its meaning. `None` for a number that is no longer used: tokens of older
/// servers are ignored.
type Kinds = [Option<Buckets>; 8];

/// New visitors of an account in an hour. Beyond it, clients that began one within the hour are
/// refused.
const NEW_VISITORS: u32 = 5_000;
const NEW_VISITORS_PERIOD_S: u64 = 3_600;

/// A client: an IPv4 address or an IPv6 /64.
const CLIENT: u8 = 0;
const ADDRESS: u8 = 1;
// 2 was a client's attempts at an address that others had exhausted.
/// An IPv6 /56.
const CLIENT_56: u8 = 3;
/// An IPv6 /48.
const CLIENT_48: u8 = 4;
/// A browser with a device token of the operator who signs in.
const DEVICE: u8 = 5;
const ACCOUNT: u8 = 6;
/// A visitor's token.
const VISITOR: u8 = 7;

/// The limits of one kind of attempt; `None` where nothing is counted.
#[derive(Clone, Copy, Debug, Default)]
struct Limits {
    client: Option<Rate>,
    address: Option<Rate>,
    device: Option<Rate>,
    account: Option<Rate>,
    visitor: Option<Rate>,
}

impl From<Rates> for Limits {
    fn from(Rates { client, address }: Rates) -> Self {
        Self { client: Some(client), address: Some(address), ..Self::default() }
    }
}

fn quota(rate: Rate) -> Quota {
    Quota::with_period(rate.period / rate.burst.get())
        .expect("the settings refuse a period of zero")
        .allow_burst(rate.burst)
}

/// All buckets of this server.
#[derive(Debug)]
pub struct Throttle {
    /// `None` while limits are switched off.
    attempts: Option<[Kinds; 10]>,
    clock: Clock,
    /// Sends granted tokens to other servers.
    bus: Bus,
}

impl Throttle {
    #[must_use]
    pub fn new(config: &RateLimitConfig, clock: &Clock, bus: Bus) -> Self {
        let buckets = |rate: Rate| RateLimiter::new(quota(rate), DashMapStateStore::default(), clock.clone());
        let kinds = |limits: Limits| -> Kinds {
            let wider = |factor| limits.client.map(|rate| rate.times(factor));
            [
                limits.client.map(buckets),
                limits.address.map(buckets),
                None,
                wider(4).map(buckets),
                wider(16).map(buckets),
                limits.device.map(buckets),
                limits.account.map(buckets),
                limits.visitor.map(buckets),
            ]
        };
        // In the order of `Attempt`.
        let limits = [
            Limits { device: Some(config.sign_in.client), ..config.sign_in.into() },
            config.sign_up.into(),
            config.recovery.into(),
            Limits { account: Some(config.invitation_account), ..config.invitation.into() },
            config.sign_in.into(),
            config.photo.into(),
            Limits { client: Some(config.chat_start_client), ..Limits::default() },
            Limits {
                client: Some(config.chat_message_client),
                visitor: Some(config.chat_message_visitor),
                ..Limits::default()
            },
            Limits { visitor: Some(config.chat_typing_visitor), ..Limits::default() },
            Limits {
                client: Some(Rate::of(1, NEW_VISITORS_PERIOD_S)),
                account: Some(Rate::of(NEW_VISITORS, NEW_VISITORS_PERIOD_S)),
                ..Limits::default()
            },
        ];
        let attempts = config.enabled.then(|| limits.map(kinds));
        Self { attempts, clock: clock.clone(), bus }
    }

    /// Counts an attempt of a client and, if given, for an address in its folded form. Where mail
    /// may be sent, all addresses of one inbox count as one.
    ///
    /// # Errors
    /// [`TooMany`] if a bucket of the client or the address is empty.
    pub fn attempt(&self, attempt: Attempt, client: IpAddr, address: Option<&str>) -> Result<(), TooMany> {
        // The narrowest network first: once its bucket is empty, it takes no tokens from the wider
        // ones.
        for (bucket, network) in networks(client) {
            self.take(attempt, bucket, network)?;
        }
        address.map_or(Ok(()), |address| self.attempt_at(attempt, address))
    }

    /// Counts an attempt for an address in its folded form only: its client was counted before the
    /// address was known.
    ///
    /// # Errors
    /// [`TooMany`] if the address's bucket is empty.
    pub fn attempt_at(&self, attempt: Attempt, address: &str) -> Result<(), TooMany> {
        match attempt {
            Attempt::SignIn
            | Attempt::ChangePassword
            | Attempt::Photo
            | Attempt::ChatStart
            | Attempt::ChatMessage
            | Attempt::ChatTyping
            | Attempt::NewVisitor => self.take(attempt, ADDRESS, address),
            Attempt::SignUp | Attempt::Recovery | Attempt::Invitation => {
                self.take(attempt, ADDRESS, inbox_key(address).as_ref())
            }
        }
    }

    /// Counts a sign-in from a browser that is a device of the operator whose address was typed.
    /// `device` is the device's hash.
    ///
    /// # Errors
    /// [`TooMany`] if the device's bucket is empty.
    pub fn attempt_on_device(&self, device: &[u8]) -> Result<(), TooMany> {
        self.take(Attempt::SignIn, DEVICE, device)
    }

    /// Counts an invitation or a confirmation link that an account sends by mail.
    ///
    /// # Errors
    /// [`TooMany`] if the account's bucket is empty.
    pub fn invitation_of(&self, account_id: AccountId) -> Result<(), TooMany> {
        self.take(Attempt::Invitation, ACCOUNT, account_id.to_string())
    }

    /// Counts a photo for an operator and for the account.
    ///
    /// # Errors
    /// [`TooMany`] if either bucket is empty.
    pub fn photo(&self, operator_id: OperatorId, account_id: AccountId) -> Result<(), TooMany> {
        self.take(Attempt::Photo, CLIENT, operator_id.0.to_string())?;
        self.take(Attempt::Photo, ADDRESS, account_id.0.to_string())
    }

    /// Counts a message of a visitor that begins a conversation, in addition to
    /// [`chat_message`](Self::chat_message).
    ///
    /// # Errors
    /// [`TooMany`] if a bucket of the client is empty.
    pub fn chat_start(&self, client: IpAddr) -> Result<(), TooMany> {
        self.attempt(Attempt::ChatStart, client, None)
    }

    /// Counts a new visitor of an account. Beyond a ceiling for the account, clients that have
    /// begun one within the hour are refused, and others are not.
    ///
    /// # Errors
    /// [`TooMany`] if the account has reached its ceiling, and the client has begun one before.
    pub fn new_visitor(&self, account_id: AccountId, client: IpAddr) -> Result<(), TooMany> {
        let within = self.take(Attempt::NewVisitor, ACCOUNT, account_id.to_string());
        // The key of a client within an account: the narrowest network is one subscriber.
        let (_, network) = networks(client).swap_remove(0);
        let first = self.take(Attempt::NewVisitor, CLIENT, format!("{account_id} {network}"));
        within.or(first)
    }

    /// Counts a message of a visitor.
    ///
    /// # Errors
    /// [`TooMany`] if a bucket of the client or of the visitor is empty.
    pub fn chat_message(&self, visitor: &Visitor, client: IpAddr) -> Result<(), TooMany> {
        // The client first: its limit bounds the buckets of tokens that are made up.
        self.attempt(Attempt::ChatMessage, client, None)?;
        self.take(Attempt::ChatMessage, VISITOR, visitor.token_hash())
    }

    /// Counts that a visitor types. Only for visitors who have a conversation: tokens that are made
    /// up would fill the memory with buckets.
    ///
    /// # Errors
    /// [`TooMany`] if the visitor's bucket is empty.
    pub fn chat_typing(&self, visitor: &Visitor) -> Result<(), TooMany> {
        self.take(Attempt::ChatTyping, VISITOR, visitor.token_hash())
    }

    /// Takes tokens that another server granted from the same bucket here, as far as it has any.
    /// Unknown kinds and buckets are ignored.
    pub fn taken_elsewhere(&self, token: BucketId, count: u16) {
        let Some(buckets) = self.buckets(token.attempt, token.bucket) else { return };
        if buckets.len() >= MAX_BUCKETS_OF_OTHERS {
            return;
        }
        for _ in 0..count {
            if buckets.check_key(&token.key).is_err() {
                break;
            }
        }
    }

    /// Drops the buckets that are full again. Otherwise the buckets of random addresses would stay
    /// for ever.
    pub fn forget_idle(&self) {
        for buckets in self.attempts.iter().flatten().flatten().flatten() {
            buckets.retain_recent();
            buckets.shrink_to_fit();
        }
    }

    fn buckets(&self, attempt: u8, bucket: u8) -> Option<&Buckets> {
        self.attempts.as_ref()?.get(usize::from(attempt))?.get(usize::from(bucket))?.as_ref()
    }

    fn take(&self, attempt: Attempt, bucket: u8, key: impl AsRef<[u8]>) -> Result<(), TooMany> {
        let token = BucketId { attempt: attempt as u8, bucket, key: hash(key.as_ref()) };
        let Some(buckets) = self.buckets(token.attempt, bucket) else { return Ok(()) };
        let taken = buckets.check_key(&token.key);
        taken
            .map_err(|not_until| TooMany::after(not_until.wait_time_from(governor::clock::Clock::now(&self.clock))))?;
        self.bus.took(token);
        Ok(())
    }
}

fn hash(key: &[u8]) -> KeyHash {
    let digest = Sha256::digest(key);
    let (first, _) = digest.split_first_chunk().expect("32 bytes");
    KeyHash::from_be_bytes(*first)
}

/// The buckets that an attempt of a client counts for, the narrowest network first.
fn networks(address: IpAddr) -> Vec<(u8, String)> {
    match address.to_canonical() {
        IpAddr::V4(v4) => vec![(CLIENT, v4.to_string())],
        IpAddr::V6(v6) => {
            let network =
                |length: u8| Ipv6Net::new(v6, length).expect("a length of an IPv6 network").network().to_string();
            [(CLIENT, 64), (CLIENT_56, 56), (CLIENT_48, 48)].map(|(bucket, length)| (bucket, network(length))).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    const ADA: Option<&str> = Some("ada@example.com");

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn throttle(clock: &Clock) -> Throttle {
        on(clock, Bus::default())
    }

    fn on(clock: &Clock, bus: Bus) -> Throttle {
        let rates = Rates { client: Rate::of(3, 60), address: Rate::of(5, 60) };
        let config = RateLimitConfig {
            enabled: true,
            sign_in: rates,
            sign_up: rates,
            recovery: rates,
            invitation: rates,
            photo: rates,
            invitation_account: Rate::of(4, 60),
            chat_start_client: Rate::of(2, 60),
            chat_message_client: Rate::of(5, 60),
            chat_message_visitor: Rate::of(3, 60),
            chat_typing_visitor: Rate::of(1, 3),
        };
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
        let refused =
            throttle.attempt(Attempt::SignIn, client, Some("ada@example.com")).expect_err("the burst is spent");
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
    fn an_address_that_was_exhausted_gives_one_attempt_at_a_time_to_all_together() {
        let clock = Clock::system();
        let throttle = throttle(&clock);
        let attempts = |from: u32| {
            (from..from + 100).filter(|n| throttle.attempt(Attempt::SignIn, client(*n), ADA).is_ok()).count()
        };
        assert_eq!(attempts(0), 5);
        clock.advance(TimeDelta::seconds(12));
        assert_eq!(attempts(1_000), 1, "no client has separate tries");
    }

    /// One of many clients without a common network.
    fn client(number: u32) -> IpAddr {
        IpAddr::from(std::net::Ipv6Addr::from_bits(u128::from(number) << 80))
    }

    #[test]
    fn a_device_has_attempts_that_no_other_client_uses_up() {
        let clock = Clock::system();
        let throttle = throttle(&clock);
        while throttle.attempt(Attempt::SignIn, address("192.0.2.1"), ADA).is_ok() {}
        for n in 0..100 {
            let _ = throttle.attempt(Attempt::SignIn, client(n), ADA);
        }
        let tried = |device: &[u8]| (0..10).filter(|_| throttle.attempt_on_device(device).is_ok()).count();
        assert_eq!((tried(b"one"), tried(b"one"), tried(b"other")), (3, 0, 3));
        clock.advance(TimeDelta::seconds(20));
        assert_eq!(tried(b"one"), 1);
    }

    #[test]
    fn one_ipv6_subscriber_is_one_client_and_wider_networks_have_four_and_sixteen_times_as_much() {
        let networks = |text: &str| networks(address(text)).into_iter().map(|(_, network)| network).collect::<Vec<_>>();
        assert_eq!(networks("2001:db8:1:2::1"), networks("2001:db8:1:2:ffff::9"));
        assert_eq!(networks("2001:db8:1:1234::1"), ["2001:db8:1:1234::", "2001:db8:1:1200::", "2001:db8:1::"]);
        assert_eq!(networks("::ffff:192.0.2.1"), ["192.0.2.1"]);

        let throttle = throttle(&Clock::system());
        let granted = |addresses: &mut dyn Iterator<Item = String>| {
            addresses.filter(|client| throttle.attempt(Attempt::SignIn, address(client), None).is_ok()).count()
        };
        assert_eq!(granted(&mut (0..10).map(|n| format!("2001:db8:0:1::{n}"))), 3);
        assert_eq!(granted(&mut (2..100).map(|n| format!("2001:db8:0:{n:x}::1"))), 4 * 3 - 3);
        assert_eq!(granted(&mut (1..200).map(|n| format!("2001:db8:0:{n:x}00::1"))), 16 * 3 - 4 * 3);
        assert_eq!(granted(&mut (0..10).map(|_| "2001:db8:1:1::1".to_owned())), 3, "another /48");
    }

    #[test]
    fn addresses_of_one_inbox_are_one_where_mail_is_sent_and_many_where_people_sign_in() {
        let throttle = throttle(&Clock::system());
        let mut number = 0;
        let mut granted = |attempt: Attempt| {
            let tried = (0..10).filter(|tag| {
                number += 1;
                throttle.attempt(attempt, client(number), Some(&format!("ada+{tag}@example.com"))).is_ok()
            });
            tried.count()
        };
        let kinds = [Attempt::SignUp, Attempt::Recovery, Attempt::Invitation, Attempt::SignIn];
        assert_eq!(kinds.map(&mut granted), [5, 5, 5, 10]);
    }

    #[test]
    fn an_account_sends_so_many_invitations_wherever_they_come_from() {
        let throttle = throttle(&Clock::system());
        let (acme, globex) = (AccountId::new(), AccountId::new());
        let granted = |account: AccountId| (0..10).filter(|_| throttle.invitation_of(account).is_ok()).count();
        assert_eq!((granted(acme), granted(acme), granted(globex)), (4, 0, 4));
    }

    #[test]
    fn a_visitor_is_limited_alone_and_with_the_others_of_a_client() {
        let clock = Clock::system();
        let throttle = throttle(&clock);
        let (here, there) = (address("192.0.2.1"), address("192.0.2.2"));
        let [ada, bob, cy] =
            ["A", "B", "C"].map(|letter| Visitor::of(&format!("vt_{}", letter.repeat(43))).expect("a token"));
        let sent =
            |visitor: &Visitor, client| (0..10).filter(|_| throttle.chat_message(visitor, client).is_ok()).count();
        assert_eq!(sent(&ada, here), 3);
        assert_eq!(sent(&bob, here), 0, "the attempts that were refused count for the client, too");
        assert_eq!((sent(&ada, there), sent(&bob, there)), (0, 0));
        assert_eq!(sent(&cy, address("192.0.2.3")), 3);
        let wait = throttle.chat_message(&ada, address("192.0.2.4")).expect_err("the burst is spent").retry_after_s;
        clock.advance(TimeDelta::seconds(i64::from(wait)));
        throttle.chat_message(&ada, address("192.0.2.5")).expect("the time has passed");

        assert_eq!((0..10).filter(|_| throttle.chat_start(here).is_ok()).count(), 2);
        let types = |visitor: &Visitor| throttle.chat_typing(visitor).is_ok();
        assert_eq!([types(&ada), types(&ada), types(&bob)], [true, false, true]);
        clock.advance(TimeDelta::seconds(3));
        assert_eq!([types(&ada), types(&ada)], [true, false]);
    }

    #[test]
    fn tokens_that_are_made_up_fill_no_more_buckets_than_their_client_has_messages() {
        let throttle = throttle(&Clock::system());
        for number in 0..100 {
            let visitor = Visitor::of(&format!("vt_{number:043}")).expect("a token");
            let _ = throttle.chat_message(&visitor, address("192.0.2.1"));
        }
        assert_eq!(throttle.buckets(Attempt::ChatMessage as u8, VISITOR).map(RateLimiter::len), Some(5));
    }

    #[test]
    fn what_one_server_gives_another_has_not() {
        let clock = Clock::system();
        let bus = Bus::shared(&edge::metrics::Metrics::new("deskbell"));
        let (here, there) = (on(&clock, bus.clone()), throttle(&clock));
        let client: IpAddr = "192.0.2.1".parse().expect("an address");
        for _ in 0..2 {
            here.attempt(Attempt::SignIn, client, Some("ada@example.com")).expect("within the burst");
        }
        for fact in bus.unsent().expect("shared").take() {
            let crate::bus::remote::Fact::Taken(token, count) = fact else { panic!("{fact:?}") };
            there.taken_elsewhere(token, count);
        }
        there.attempt(Attempt::SignIn, client, Some("eve@example.com")).expect("one of three is left");
        there.attempt(Attempt::SignIn, client, None).expect_err("the burst is spent");
        here.attempt_on_device(b"device").expect("a separate bucket");
        let crate::bus::remote::Fact::Taken(token, 1) = bus.unsent().expect("shared").take().remove(0) else {
            panic!("no fact")
        };
        there.taken_elsewhere(token, 2);
        assert_eq!(
            (0..5).filter(|_| there.attempt_on_device(b"device").is_ok()).count(),
            1,
            "a device counts together as well"
        );
        // More tokens than there are, and unknown kinds.
        for attempt in 0..=u8::MAX {
            there.taken_elsewhere(BucketId { attempt, bucket: attempt, key: 1 }, u16::MAX);
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
        assert!(throttle.buckets(Attempt::SignIn as u8, ADDRESS).is_some_and(RateLimiter::is_empty));
    }
}
