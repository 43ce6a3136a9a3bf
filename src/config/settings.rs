//! The table of settings: name, default, description. Each is an environment variable
//! `DESKBELL_NAME` and a flag `--name`; the flag takes precedence.

use std::collections::HashMap;

use clap::{Arg, ArgMatches};

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The part of `DESKBELL_LISTEN` after the prefix.
    pub name: &'static str,
    /// The kind of value, for `--help`.
    pub value: &'static str,
    /// In the form in which a user writes it; empty if there is none.
    pub default: &'static str,
    pub help: &'static str,
}

impl Setting {
    /// The environment variable.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("DESKBELL_{}", self.name)
    }

    /// The flag, without its dashes.
    #[must_use]
    pub fn flag(&self) -> String {
        self.name.to_lowercase().replace('_', "-")
    }
}

macro_rules! settings {
    ($($name:ident $value:literal $default:literal $help:literal)+) => {
        /// Every setting there is.
        pub const ALL: &[Setting] = &[$(Setting { name: stringify!($name), value: $value, default: $default, help: $help }),+];
    };
}

settings! {
    LISTEN "ADDRESS:PORT" "127.0.0.1:8080" "Address to listen on; port 0 takes a free one"
    PUBLIC_URL "URL" "" "URL at which browsers reach this server; links in mails begin with it. With https, cookies are Secure. Default: http:// and the address of DESKBELL_LISTEN"
    ALLOWED_ORIGINS "ORIGINS" "" "Origins whose pages may act for a signed-in operator, comma-separated; the origin of the public URL is always allowed. All other pages are served as anonymous"
    TRUSTED_PROXIES "NETWORKS" "" "Addresses or networks whose X-Forwarded-For is trusted, comma-separated"
    DATABASE_URL "URL" "sqlite:deskbell.db" "sqlite:FILE, or postgres://USER:PASSWORD@HOST/DATABASE (PostgreSQL 13 or newer)"
    DATABASE_POOL "NUMBER" "16" "Read connections; on PostgreSQL also the write connections"
    BUS_URL "URLS" "" "NATS broker for servers that share a PostgreSQL database: nats://USER:PASSWORD@HOST:4222, or tls://… for TLS; comma-separated for the brokers of a cluster. A single server needs none"
    BUS_PREFIX "NAME" "deskbell" "Separates installations that share a broker: each needs a different value"
    SMTP_URL "URL" "" "SMTP relay: smtp://USER:PASSWORD@HOST:587 (STARTTLS), smtps://… (TLS from the start), or smtp://HOST:25?tls=none for a relay on this machine. Without it, mails are written to the log"
    SMTP_HELO "NAME" "" "The server's name in EHLO: a host name with a dot, or an address. Default: the first with a dot of the machine's name, the domain of MAIL_FROM and the host of the public URL"
    SMTP_CA "FILE" "" "PEM file of certificate authorities that are trusted for the relay, in addition to the system's and Mozilla's"
    MAIL_FROM "ADDRESS" "Deskbell <deskbell@localhost>" "Sender of all mails"
    SIGN_UP "on|off" "on" "Whether anyone may create an account in the dashboard; `deskbell account create` always works"
    PLANS "JSON or FILE" "" "Replaces the plans and their limits: a JSON list, or the path of a file that contains one"
    SESSION_IDLE "DURATION" "8h" "Sessions expire after this time without use; an open socket counts as use"
    SESSION_LIFETIME "DURATION" "7d" "Sessions expire after this time in any case; at most 30d"
    PASSWORD_MIN_LENGTH "NUMBER" "12" "Shortest accepted password, in characters; at least 8"
    RECOVERY_TTL "DURATION" "30m" "Lifetime of a link to reset a password; at most 1d"
    INVITATION_TTL "DURATION" "7d" "Lifetime of the link in an invitation"
    ARGON2_MEMORY_KIB "KIB" "19456" "Memory of one password hash. All hashes together take this × ARGON2_PERMITS"
    ARGON2_PASSES "NUMBER" "2" "Passes over that memory"
    ARGON2_LANES "NUMBER" "1" "Lanes of one hash"
    ARGON2_PERMITS "NUMBER" "" "Hashes computed at once. Default: one less than the cores, at least one"
    ARGON2_QUEUE "NUMBER" "256" "How many sign-ins may wait for a hash; further ones are refused and can be retried"
    RATE_LIMITS "on|off" "on" "Whether the rate limits below apply"
    RATE_SIGN_IN_CLIENT "BURST/PERIOD" "10/100s" "Sign-ins of one client: the burst at once, refilled over the period. A browser in which the operator has signed in before has a separate bucket. As with all limits of clients, an IPv6 /56 has 4 times and a /48 16 times as many"
    RATE_SIGN_IN_ADDRESS "BURST/PERIOD" "100/6000s" "Sign-ins to one e-mail address, from browsers and programs in which its operator has not signed in before"
    RATE_SIGN_UP_CLIENT "BURST/PERIOD" "10/1h" "Sign-ups of one client"
    RATE_SIGN_UP_ADDRESS "BURST/PERIOD" "5/1h" "Sign-ups of one e-mail address"
    RATE_RECOVERY_CLIENT "BURST/PERIOD" "20/1m" "Password recoveries requested by one client"
    RATE_RECOVERY_ADDRESS "BURST/PERIOD" "3/1h" "Password recoveries requested for one e-mail address"
    RATE_INVITATION_CLIENT "BURST/PERIOD" "100/1h" "Invitations sent by one client"
    RATE_INVITATION_ADDRESS "BURST/PERIOD" "3/1h" "Invitations to one e-mail address"
    RATE_INVITATION_ACCOUNT "BURST/PERIOD" "200/1d" "Invitations sent by one account"
    RATE_PHOTO_OPERATOR "BURST/PERIOD" "60/1h" "Photos set by one operator"
    RATE_PHOTO_ACCOUNT "BURST/PERIOD" "300/1h" "Photos set in one account"
    INTROSPECTION "on|off" "on" "Whether introspection of the schema is allowed"
    GRAPHIQL "on|off" "on" "Whether GraphiQL is served at /graphiql"
    METRICS_LISTEN "ADDRESS:PORT" "" "A separate listener for /metrics, such as 127.0.0.1:9090; without it, metrics are not served"
    HTTP_READ_TIMEOUT "DURATION" "10s" "Timeout for a request's headers. A body gets three times as long, and must deliver 8 KiB in each such time"
    REQUEST_TIMEOUT "DURATION" "30s" "Timeout for the answer to a query, a mutation or a page without script. A mutation that has begun still completes"
    SEND_TIMEOUT "DURATION" "10s" "A peer that accepts less than 8 KiB in this time, while more waits, is disconnected"
    DRAIN_TIMEOUT "DURATION" "10s" "Timeout for work in flight when the server stops"
    WS_INIT_TIMEOUT "DURATION" "3s" "Timeout from a WebSocket's upgrade to its connection_init"
    WS_KEEPALIVE "DURATION" "15s" "Time between the server's pings; a peer that misses two is dropped"
    SSE_KEEPALIVE "DURATION" "12s" "Time between comments on a quiet event stream, at most 20s: widgets treat a stream as lost after 30s of silence"
    MAX_BODY_BYTES "BYTES" "1048576" "Largest JSON body"
    MAX_ANONYMOUS_BODY_BYTES "BYTES" "65536" "Largest JSON body of a caller that is not signed in"
    MAX_CLIENT_BYTES_IN_FLIGHT "BYTES" "4194304" "Bytes of requests and answers of one client or account in flight; more is refused"
    MAX_BYTES_IN_FLIGHT "BYTES" "67108864" "Bytes in flight of all clients together; beyond it, the client that holds the most is cut off first"
    MAX_CLIENT_SUBSCRIPTION_BYTES "BYTES" "33554432" "Bytes that the subscriptions of one client or account may hold: their requests and latest items"
    MAX_ANSWER_BYTES "BYTES" "1048576" "Largest answer to an operation, and largest item of a subscription"
    MAX_CLIENT_EXECUTING "NUMBER" "" "Operations of one client or account that execute at once; further ones wait in the client's queue. Default: one less than the cores, at least one"
    MAX_CLIENT_WAITING "NUMBER" "256" "Operations of one client or account that may wait; further ones are refused"
    MAX_CLIENT_UPLOADS "NUMBER" "4" "Concurrent uploads of one account"
    MAX_UPLOAD_BYTES "BYTES" "6291456" "Largest multipart body, the file included"
    MAX_MESSAGE_BYTES "BYTES" "65536" "Largest WebSocket message from a client"
    MAX_SOCKETS_PER_CLIENT "NUMBER" "200" "Open WebSockets and event streams of one client: an IPv4 address or an IPv6 /64. A /56 may have 4 times and a /48 16 times as many"
    MAX_CONNECTIONS "NUMBER" "10000" "Open connections of all clients together; further ones wait"
    MAX_CONNECTIONS_PER_CLIENT "NUMBER" "1000" "Open connections of one client, counted in the same way; further ones are closed. Trusted proxies have no such limit"
    MAX_OPERATIONS_PER_SOCKET "NUMBER" "50" "Operations in flight on one WebSocket"
    MAX_STATE_BYTES "BYTES" "262144" "Largest item of a subscription; a larger one ends the subscription with an error"
    MAX_ERRORS "NUMBER" "20" "Most errors in one answer"
    MAX_DOCUMENT_BYTES "BYTES" "20000" "Longest GraphQL document"
    MAX_DOCUMENT_TOKENS "NUMBER" "2000" "Most tokens in a document"
    MAX_DEPTH "NUMBER" "15" "Deepest selection; the standard introspection query is 13 deep"
    MAX_ALIASES "NUMBER" "25" "Most aliases in a document"
    MAX_ROOT_FIELDS "NUMBER" "25" "Most fields of the root type"
    MAX_DIRECTIVES "NUMBER" "20" "Most directives in a document"
    MAX_EXPANDED_NODES "NUMBER" "10000" "Largest document after all fragments are expanded, in fields, fragments, directives and values"
    MAX_COMPLEXITY "NUMBER" "2500" "Most fields that one operation may select, where a list counts once for each item of its page: about 10 ms of work for a core"
    LOG "FILTER" "info,sea_orm_migration=warn,sqlx=warn,async_nats=off" "Log filter, such as `info` or `deskbell=debug,edge=debug,warn`"
    LOG_FORMAT "text|json" "text" "Format of log lines"
}

/// Settings of debug builds, for tests. `--help` and the README do not list them, and a release
/// does not know them.
const DEBUG: &[Setting] = if cfg!(debug_assertions) {
    &[Setting {
        name: "WEBSOCKET_WRITER",
        value: "direct|library",
        default: "direct",
        help: "Implementation that writes the frames of WebSockets",
    }]
} else {
    &[]
};

/// All settings that this build reads.
pub fn known() -> impl Iterator<Item = &'static Setting> {
    ALL.iter().chain(DEBUG)
}

/// The flags of every command that reads settings.
pub fn args() -> impl Iterator<Item = Arg> {
    let shown = ALL.iter().map(|setting| (setting, false));
    let hidden = DEBUG.iter().map(|setting| (setting, true));
    shown.chain(hidden).map(|(setting, hidden)| {
        let help = if setting.default.is_empty() {
            setting.help.to_owned()
        } else {
            format!("{} [default: {}]", setting.help, setting.default)
        };
        Arg::new(setting.name)
            .long(setting.flag())
            .value_name(setting.value)
            .help(help)
            .env(setting.variable())
            // The environment may hold passwords, and `--help` is pasted into tickets.
            .hide_env_values(true)
            .help_heading("Settings")
            .hide(hidden)
    })
}

/// The values that were set, as text.
#[derive(Clone, Default)]
pub struct Values(HashMap<&'static str, String>);

impl Values {
    /// Reads the command line and the environment. An empty value counts as not set.
    #[must_use]
    pub fn of(matches: &ArgMatches) -> Self {
        let set = |setting: &Setting| {
            matches
                .get_one::<String>(setting.name)
                .filter(|value| !value.is_empty())
                .map(|value| (setting.name, value.clone()))
        };
        Self(known().filter_map(set).collect())
    }

    /// Returns the value of a setting, or its default, if it has either.
    #[must_use]
    pub fn get(&self, name: &'static str) -> Option<&str> {
        let setting = known().find(|setting| setting.name == name).expect("a setting of the table");
        self.0.get(name).map(String::as_str).or((!setting.default.is_empty()).then_some(setting.default))
    }

    /// Returns the values with one setting changed.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.0.insert(name, value.to_owned());
        self
    }
}

impl std::fmt::Debug for Values {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Names only: values may be secret.
        f.debug_set().entries(self.0.keys()).finish()
    }
}
