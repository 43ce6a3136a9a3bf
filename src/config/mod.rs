//! All settings, with one struct for each concern. Secrets are never printed.
//!
//! The table in [`settings`] contains their names, defaults and meanings; `deskbell serve --help`
//! and the README show it. Either all settings are valid or none is used: each wrong one is
//! reported in one line that names it, before anything starts.

pub mod bus;
pub mod mail;
mod read;
pub mod settings;
mod warnings;

use std::{fmt, num::NonZeroU32, time::Duration};

use edge::config::HttpConfig;

pub use self::{
    bus::{BrokerAddress, BusConfig},
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
    /// `None` for a single server.
    pub bus: Option<BusConfig>,
    pub mail: MailConfig,
    pub session: SessionConfig,
    pub password: PasswordConfig,
    pub hashing: HashingConfig,
    pub rate_limits: RateLimitConfig,
    /// The plans on sale, and their numbers of seats.
    pub plans: Plans,
    /// Whether anonymous callers may create accounts.
    pub sign_up: bool,
    /// Whether `/graphiql` is served.
    pub graphiql: bool,
    /// Most fields that one operation may select; a list counts once for each item of its page.
    pub max_complexity: usize,
    pub log: LogConfig,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            http: http(),
            database: DatabaseConfig::default(),
            bus: None,
            mail: MailConfig::default(),
            session: SessionConfig::default(),
            password: PasswordConfig::default(),
            hashing: HashingConfig::default(),
            rate_limits: RateLimitConfig::default(),
            plans: Plans::published(),
            sign_up: true,
            graphiql: true,
            max_complexity: 2_500,
            log: LogConfig::default(),
        }
    }
}

impl Config {
    /// The message for a page of a foreign origin that tries to sign in or to act for an operator.
    #[must_use]
    pub fn foreign_origin(&self) -> String {
        format!(
            "This page's origin may not sign in or act for a signed-in operator. Open {} instead, or have the page's origin added to \
             DESKBELL_ALLOWED_ORIGINS.",
            self.http.public_base()
        )
    }
}

/// The defaults of the edge, with the prefix of our settings.
fn http() -> HttpConfig {
    HttpConfig { setting_prefix: "DESKBELL_", ..HttpConfig::default() }
}

/// A text that is never printed, such as an address that contains a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself.
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

/// The database connection.
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    /// `sqlite:FILE` or `postgres://…`.
    pub url: Secret,
    /// Read connections; on PostgreSQL also the write connections.
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

/// Lifetimes of sessions.
#[derive(Clone, Debug)]
pub struct SessionConfig {
    /// A session expires after this time without use. An open socket counts as use.
    pub idle: Duration,
    /// A session expires after this time in any case.
    pub lifetime: Duration,
    /// How often an open socket checks its session, in addition to the event that ends it.
    pub recheck: Duration,
}

impl Default for SessionConfig {
    fn default() -> Self {
        const HOUR: u64 = 3600;
        Self {
            idle: Duration::from_secs(8 * HOUR),
            lifetime: Duration::from_secs(7 * 24 * HOUR),
            // A command such as `reset-password` ends sessions in another process, which publishes
            // nothing here.
            recheck: Duration::from_secs(5),
        }
    }
}

/// Requirements on passwords, and how long the links live that set one.
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

/// Cost of a password hash, and how many are computed at once.
#[derive(Clone, Debug)]
pub struct HashingConfig {
    /// Memory, passes and lanes of argon2id.
    pub params: HashParams,
    /// Hashes computed at once. Together they take `params.memory_kib` × `permits`.
    pub permits: usize,
    /// How many callers may wait for a hash; further ones are refused at once.
    pub queue: usize,
}

impl Default for HashingConfig {
    fn default() -> Self {
        Self { params: HashParams::default(), permits: crate::password::Hasher::default_permits(), queue: 256 }
    }
}

/// A token bucket: `burst` attempts at once, refilled over `period`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub burst: NonZeroU32,
    /// Time in which an empty bucket fills.
    pub period: Duration,
}

impl Rate {
    /// # Panics
    /// When `burst` is zero. Only constants in the code call this.
    #[must_use]
    pub const fn of(burst: u32, period_s: u64) -> Self {
        Self { burst: NonZeroU32::new(burst).expect("a constant above zero"), period: Duration::from_secs(period_s) }
    }
}

impl Rate {
    /// Multiplies the burst.
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

/// Token buckets for attempts of anonymous callers and operators.
#[derive(Clone, Debug)]
pub struct RateLimitConfig {
    pub enabled: bool,
    pub sign_in: Rates,
    pub sign_up: Rates,
    pub recovery: Rates,
    pub invitation: Rates,
    /// Invitations that one account sends.
    pub invitation_account: Rate,
    /// `client` is the operator who sets photos; `address` is the account.
    pub photo: Rates,
}

impl Default for RateLimitConfig {
    fn default() -> Self {
        const HOUR: u64 = 3600;
        Self {
            enabled: true,
            // Ten at once, then six a minute. The limit of an address is so high that only programs
            // reach it.
            sign_in: Rates { client: Rate::of(10, 100), address: Rate::of(100, 6_000) },
            sign_up: Rates { client: Rate::of(10, HOUR), address: Rate::of(5, HOUR) },
            recovery: Rates { client: Rate::of(20, 60), address: Rate::of(3, HOUR) },
            invitation: Rates { client: Rate::of(100, HOUR), address: Rate::of(3, HOUR) },
            invitation_account: Rate::of(200, 24 * HOUR),
            photo: Rates { client: Rate::of(60, HOUR), address: Rate::of(300, HOUR) },
        }
    }
}

/// What is logged, and in which format.
#[derive(Clone, Debug)]
pub struct LogConfig {
    /// In the syntax of `tracing-subscriber`: `info`, `deskbell=debug,warn`.
    pub filter: String,
    pub format: LogFormat,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { filter: "info,sea_orm_migration=warn,sqlx=warn,async_nats=off".to_owned(), format: LogFormat::Text }
    }
}

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs: one JSON object a line.
    Json,
}
