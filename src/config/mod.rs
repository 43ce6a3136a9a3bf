//! All settings, with one struct for each concern. Secrets are never printed.
//!
//! A setting is declared once, next to its field: name, kind of value, default and description.
//! `deskbell serve --help` and docs/configuration.md show them. Either all settings are valid or
//! none is used: each wrong one is reported in one line that names it, before anything starts.

pub mod bus;
mod database;
mod http;
mod kind;
pub mod mail;
mod read;
pub mod settings;
mod sign_up;
pub mod smtp;
mod warnings;

use std::{fmt, fs, num::NonZeroU32, time::Duration};

use edge::config::HttpConfig;
use tracing_subscriber::EnvFilter;

pub use self::{
    bus::{BrokerAddress, BusConfig},
    database::DatabaseConfig,
    mail::MailConfig,
    read::Fault,
    sign_up::SignUp,
};
use self::{
    kind::{DAY, HOUR, Kind, MINUTE, SECOND, choice, duration, number, rate, switch},
    settings::settings,
    sign_up::sign_up,
};
use crate::{
    password::{HashParams, Hasher, PasswordPolicy},
    plans::Plans,
};

settings! {
    /// The server's settings.
    #[derive(Clone, Debug)]
    pub struct Config {
        pub http: HttpConfig = http();
        pub database: DatabaseConfig = DatabaseConfig::default();
        /// `None` for a single server.
        pub bus: Option<BusConfig> = None;
        pub mail: MailConfig = MailConfig::default();
        pub session: SessionConfig = SessionConfig::default();
        pub password: PasswordConfig = PasswordConfig::default();
        pub hashing: HashingConfig = HashingConfig::default();
        pub chat: ChatConfig = ChatConfig::default();
        pub rate_limits: RateLimitConfig = RateLimitConfig::default();
        /// Who may create an account in the dashboard: with `first` the first user, and no other
        /// once the database has an account; with `on` everyone who can reach the server, to host
        /// other companies; with `off` no one. `deskbell account create` always works.
        pub sign_up: SignUp = SignUp::First => SIGN_UP: sign_up();
        /// Whether `SIGN_UP` was set. If it was not, the log reports that sign-up is closed.
        pub is_sign_up_set: bool = false;
        /// `unlimited` for your own company's server: every account has up to 10,000 seats, and the
        /// dashboard has no Plan page. `standard` offers Free, Mini, Standard and Pro. A JSON list,
        /// or the path of a file that contains one, replaces these four plans and their limits.
        pub plans: Plans = Plans::published()
            => PLANS: Kind::new("standard|unlimited|JSON|FILE", read_plans, show_plans);
        /// Whether `/graphiql` is served: an editor for queries in the browser.
        pub graphiql: bool = true => GRAPHIQL: switch();
        /// Most fields that one operation may select, where a list counts once for each item of its
        /// page: about 10 ms of work for a core.
        pub max_complexity: usize = 2_500 => MAX_COMPLEXITY: number(1..=1_000_000);
        pub log: LogConfig = LogConfig::default();
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

fn read_plans(text: &str) -> Result<Plans, String> {
    if let Some((_, plans)) = named_plans().into_iter().find(|(name, _)| *name == text) {
        return Ok(plans);
    }
    if text.trim_start().starts_with(['[', '{']) {
        return Plans::from_json(text).map_err(|error| error.to_string());
    }
    let read = fs::read_to_string(text).map_err(|error| format!("the file {text:?} cannot be read: {error}"))?;
    Plans::from_json(&read).map_err(|error| error.to_string())
}

/// The plans that have a name.
fn named_plans() -> [(&'static str, Plans); 2] {
    [("standard", Plans::published()), ("unlimited", Plans::unlimited())]
}

fn show_plans(plans: &Plans) -> String {
    let named = named_plans().into_iter().find(|(_, known)| known == plans);
    named.map(|(name, _)| name.to_owned()).unwrap_or_default()
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

settings! {
    /// Lifetimes of sessions.
    #[derive(Clone, Debug)]
    pub struct SessionConfig {
        /// Sessions expire after this time without use; an open socket counts as use.
        pub idle: Duration = 8 * HOUR => SESSION_IDLE: duration(5 * MINUTE..=30 * DAY);
        /// Sessions expire after this time in any case; at most 30d.
        pub lifetime: Duration = 7 * DAY => SESSION_LIFETIME: duration(5 * MINUTE..=30 * DAY);
        /// How often a server reads the sessions with open sockets, in addition to the events that
        /// end them. A command such as `reset-password` ends sessions in another process, which
        /// publishes nothing here.
        pub recheck: Duration = 5 * SECOND;
    }
}

settings! {
    /// When conversations are reopened and closed.
    #[derive(Clone, Debug)]
    pub struct ChatConfig {
        /// A visitor who writes within this time after the end of a conversation reopens it. Later,
        /// a new conversation begins.
        pub reopen_within: Duration = DAY => CHAT_REOPEN_WITHIN: duration(Duration::ZERO..=365 * DAY);
        /// A conversation without a message for this long is closed, unless the visitor waits for
        /// an answer.
        pub close_after: Duration = DAY => CHAT_CLOSE_AFTER: duration(MINUTE..=365 * DAY);
        /// A subscription to a chat in which nothing was written for this long keeps little memory.
        /// The next message then costs a few reads more.
        pub rest_after: Duration = 20 * SECOND;
    }
}

settings! {
    /// Requirements on passwords, and how long the links live that set one.
    #[derive(Clone, Debug)]
    pub struct PasswordConfig {
        /// Shortest accepted password, in characters; at least 8.
        pub policy: PasswordPolicy = PasswordPolicy::default()
            => PASSWORD_MIN_LENGTH: Kind::new("NUMBER", parse_policy, |policy| policy.min_length().to_string());
        /// Lifetime of a link to reset a password; at most 1d.
        pub recovery_ttl: Duration = 30 * MINUTE => RECOVERY_TTL: duration(MINUTE..=DAY);
        /// Lifetime of the link in an invitation.
        pub invitation_ttl: Duration = 7 * DAY => INVITATION_TTL: duration(HOUR..=30 * DAY);
    }
}

fn parse_policy(text: &str) -> Result<PasswordPolicy, String> {
    let length = text.parse().map_err(|_| format!("must be a whole number, not {text:?}"))?;
    PasswordPolicy::new(length).map_err(|fault| fault.to_string())
}

settings! {
    /// Cost of a password hash, and how many are computed at once.
    #[derive(Clone, Debug)]
    pub struct HashingConfig {
        /// Memory, passes and lanes of argon2id.
        pub params: HashParams = HashParams::default() => {
            /// Memory of one password hash. All hashes together take this × `ARGON2_PERMITS`.
            memory_kib => ARGON2_MEMORY_KIB: number(1024..=4 << 20).called("KIB");
            /// Passes over that memory.
            passes => ARGON2_PASSES: number(1..=100);
            /// Lanes of one hash.
            lanes => ARGON2_LANES: number(1..=64);
        };
        /// Hashes computed at once. Default: one less than the cores, at least one.
        pub permits: usize = Hasher::default_permits() => ARGON2_PERMITS: number(1..=256).without_default();
        /// How many sign-ins may wait for a hash; further ones are refused and can be retried.
        pub queue: usize = 256 => ARGON2_QUEUE: number(1..=100_000);
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

settings! {
    /// Token buckets for attempts of anonymous callers, operators and visitors.
    #[derive(Clone, Debug)]
    pub struct RateLimitConfig {
        /// Whether the rate limits below apply.
        pub enabled: bool = true => RATE_LIMITS: switch();
        // Ten at once, then six a minute. The limit of an address is so high that only programs
        // reach it.
        pub sign_in: Rates = Rates { client: Rate::of(10, 100), address: Rate::of(100, 6_000) } => {
            /// Sign-ins of one client: the burst at once, refilled over the period. A browser in
            /// which the operator has signed in before has a separate bucket. As with all limits of
            /// clients, an IPv6 /56 has 4 times and a /48 16 times as many.
            client => RATE_SIGN_IN_CLIENT: rate();
            /// Sign-ins to one e-mail address, from browsers and programs in which its operator has
            /// not signed in before.
            address => RATE_SIGN_IN_ADDRESS: rate();
        };
        pub sign_up: Rates = Rates { client: Rate::of(10, 3_600), address: Rate::of(5, 3_600) } => {
            /// Sign-ups of one client.
            client => RATE_SIGN_UP_CLIENT: rate();
            /// Sign-ups of one e-mail address.
            address => RATE_SIGN_UP_ADDRESS: rate();
        };
        pub recovery: Rates = Rates { client: Rate::of(20, 60), address: Rate::of(3, 3_600) } => {
            /// Password recoveries requested, and mailed links looked at, by one client.
            client => RATE_RECOVERY_CLIENT: rate();
            /// Password recoveries requested for one e-mail address.
            address => RATE_RECOVERY_ADDRESS: rate();
        };
        pub invitation: Rates = Rates { client: Rate::of(100, 3_600), address: Rate::of(3, 3_600) } => {
            /// Invitations sent by one client.
            client => RATE_INVITATION_CLIENT: rate();
            /// Invitations to one e-mail address.
            address => RATE_INVITATION_ADDRESS: rate();
        };
        /// Invitations sent by one account.
        pub invitation_account: Rate = Rate::of(200, 86_400) => RATE_INVITATION_ACCOUNT: rate();
        /// `client` is the operator who sets photos; `address` is the account.
        pub photo: Rates = Rates { client: Rate::of(60, 3_600), address: Rate::of(300, 3_600) } => {
            /// Photos set by one operator.
            client => RATE_PHOTO_OPERATOR: rate();
            /// Photos set in one account.
            address => RATE_PHOTO_ACCOUNT: rate();
        };
        /// Conversations begun by the visitors of one client.
        pub chat_start_client: Rate = Rate::of(20, 600) => RATE_CHAT_START_CLIENT: rate();
        /// Messages sent by the visitors of one client.
        pub chat_message_client: Rate = Rate::of(300, 60) => RATE_CHAT_MESSAGE_CLIENT: rate();
        /// Messages sent by one visitor.
        pub chat_message_visitor: Rate = Rate::of(60, 60) => RATE_CHAT_MESSAGE_VISITOR: rate();
        /// How often operators are shown that a visitor types; more is ignored.
        pub chat_typing_visitor: Rate = Rate::of(1, 3) => RATE_CHAT_TYPING_VISITOR: rate();
    }
}

settings! {
    /// What is logged, and in which format.
    #[derive(Clone, Debug)]
    pub struct LogConfig {
        /// Log filter, such as `info` or `deskbell=debug,edge=debug,warn`.
        pub filter: String = "info,sea_orm_migration=warn,sqlx=warn,async_nats=off".to_owned()
            => LOG: Kind::new("FILTER", parse_filter, String::clone);
        /// Format of log lines.
        pub format: LogFormat = LogFormat::Text
            => LOG_FORMAT: choice("text|json", [LogFormat::Text, LogFormat::Json]);
    }
}

/// Checks the syntax of `tracing-subscriber`.
fn parse_filter(text: &str) -> Result<String, String> {
    EnvFilter::try_new(text)
        .map(|_| text.to_owned())
        .map_err(|_| format!("must be a filter such as info or deskbell=debug,warn, not {text:?}"))
}

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs: one JSON object a line.
    Json,
}
