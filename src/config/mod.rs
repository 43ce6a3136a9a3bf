//! Everything that can be set, one struct a concern. Secrets never print.
//!
//! The names, defaults and meanings are the table in [`settings`]; `deskbell serve --help` and the README show it. Reading them is
//! all or nothing: a wrong setting is one line that names it, before anything is started.

pub mod bus;
pub mod http;
pub mod mail;
mod read;
pub mod settings;
mod warnings;

use std::{fmt, num::NonZeroU32, time::Duration};

pub use self::{
    bus::{BrokerAddress, BusConfig},
    http::HttpConfig,
    mail::MailConfig,
};
use crate::{
    password::{HashParams, PasswordPolicy},
    plans::Plans,
};

/// The server's settings.
#[derive(Clone, Debug)]
pub struct Config {
    pub http: HttpConfig,
    pub database: DatabaseConfig,
    /// None where one server is alone with its database.
    pub bus: Option<BusConfig>,
    pub mail: MailConfig,
    pub session: SessionConfig,
    pub password: PasswordConfig,
    pub hashing: HashingConfig,
    pub rate_limits: RateLimitConfig,
    /// What can be bought, and how many seats it has.
    pub plans: Plans,
    /// Whether strangers may open accounts.
    pub sign_up: bool,
    /// The most that one operation may select, a list counting as many times as its page has items.
    pub max_complexity: usize,
    pub log: LogConfig,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            http: HttpConfig::default(),
            database: DatabaseConfig::default(),
            bus: None,
            mail: MailConfig::default(),
            session: SessionConfig::default(),
            password: PasswordConfig::default(),
            hashing: HashingConfig::default(),
            rate_limits: RateLimitConfig::default(),
            plans: Plans::published(),
            sign_up: true,
            max_complexity: 2_500,
            log: LogConfig::default(),
        }
    }
}

/// A text that never prints: an address with a password in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// For whoever has to use it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where the data is.
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    /// `sqlite:FILE` or `postgres://…`.
    pub url: Secret,
    /// Connections that read; on PostgreSQL those that write as well.
    pub pool: u32,
}

impl DatabaseConfig {
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.url.reveal().starts_with("sqlite:")
    }
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self { url: Secret::new("sqlite:deskbell.db"), pool: 16 }
    }
}

/// How long somebody stays signed in.
#[derive(Clone, Debug)]
pub struct SessionConfig {
    /// A session that is not used for so long ends. An open socket uses it.
    pub idle: Duration,
    /// A session ends after so long, however it is used.
    pub lifetime: Duration,
    /// How often an open socket looks whether its session still lives, besides hearing of its end.
    pub recheck: Duration,
}

impl Default for SessionConfig {
    fn default() -> Self {
        const HOUR: u64 = 3600;
        Self {
            idle: Duration::from_secs(8 * HOUR),
            lifetime: Duration::from_secs(7 * 24 * HOUR),
            // A command of whoever runs the server ends sessions from another process, which announces nothing here.
            recheck: Duration::from_secs(5),
        }
    }
}

/// What a password has to be, and how long the links live that set one.
#[derive(Clone, Debug)]
pub struct PasswordConfig {
    pub policy: PasswordPolicy,
    pub recovery_ttl: Duration,
    pub invitation_ttl: Duration,
}

impl Default for PasswordConfig {
    fn default() -> Self {
        Self {
            policy: PasswordPolicy::default(),
            recovery_ttl: Duration::from_mins(30),
            invitation_ttl: Duration::from_hours(7 * 24),
        }
    }
}

/// What a password hash costs, and how many are made at once.
#[derive(Clone, Debug)]
pub struct HashingConfig {
    /// Memory, passes and lanes of argon2id.
    pub params: HashParams,
    /// Hashes at once. Together they take `params.memory_kib` × `permits`.
    pub permits: usize,
    /// How many may wait for a turn; the next one is refused at once.
    pub queue: usize,
}

impl Default for HashingConfig {
    fn default() -> Self {
        Self { params: HashParams::default(), permits: crate::password::Hasher::default_permits(), queue: 256 }
    }
}

/// So many attempts at once, and as many again over the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub burst: NonZeroU32,
    /// How long an empty bucket takes to fill.
    pub period: Duration,
}

impl Rate {
    /// # Panics
    /// When a constant in the code has no burst.
    #[must_use]
    pub const fn of(burst: u32, period_s: u64) -> Self {
        Self { burst: NonZeroU32::new(burst).expect("a constant above zero"), period: Duration::from_secs(period_s) }
    }
}

impl Rate {
    /// So many times as much.
    #[must_use]
    pub fn times(self, factor: u32) -> Self {
        let factor = NonZeroU32::new(factor).unwrap_or(NonZeroU32::MIN);
        Self { burst: self.burst.saturating_mul(factor), ..self }
    }
}

/// The limits of one kind of attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    pub client: Rate,
    pub address: Rate,
}

/// Token buckets for what strangers may try.
#[derive(Clone, Debug)]
pub struct RateLimitConfig {
    pub enabled: bool,
    pub sign_in: Rates,
    pub sign_up: Rates,
    pub recovery: Rates,
    pub invitation: Rates,
    /// Invitations that one account sends.
    pub invitation_account: Rate,
    /// `client` is the operator who sets photos, `address` the account.
    pub photo: Rates,
}

impl Default for RateLimitConfig {
    fn default() -> Self {
        const HOUR: u64 = 3600;
        Self {
            enabled: true,
            // Ten at once, then six a minute; an address is slowed only by what no person types.
            sign_in: Rates { client: Rate::of(10, 100), address: Rate::of(100, 6_000) },
            sign_up: Rates { client: Rate::of(10, HOUR), address: Rate::of(5, HOUR) },
            recovery: Rates { client: Rate::of(20, 60), address: Rate::of(3, HOUR) },
            invitation: Rates { client: Rate::of(100, HOUR), address: Rate::of(3, HOUR) },
            invitation_account: Rate::of(200, 24 * HOUR),
            photo: Rates { client: Rate::of(60, HOUR), address: Rate::of(300, HOUR) },
        }
    }
}

/// What is written to the log, and how.
#[derive(Clone, Debug)]
pub struct LogConfig {
    /// As `tracing-subscriber` reads it: `info`, `deskbell=debug,warn`.
    pub filter: String,
    pub format: LogFormat,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { filter: "info,sea_orm_migration=warn,sqlx=warn,async_nats=off".to_owned(), format: LogFormat::Text }
    }
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs: one object a line.
    Json,
}
