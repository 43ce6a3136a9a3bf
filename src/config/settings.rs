//! The table of settings: name, default, meaning. Each is an environment variable `DESKBELL_NAME` and a flag `--name`; the flag wins.

use std::collections::HashMap;

use clap::{Arg, ArgMatches};

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// As in `DESKBELL_LISTEN`, without the prefix.
    pub name: &'static str,
    /// What kind of value it takes, for the help.
    pub value: &'static str,
    /// As it would be written; empty when there is none.
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
    LISTEN "ADDRESS:PORT" "127.0.0.1:8080" "Where to listen; port 0 takes a free one"
    PUBLIC_URL "URL" "" "Where browsers reach this server; links in mails begin with it. With https, cookies are Secure. Default: http:// and the address listened on"
    ALLOWED_ORIGINS "ORIGINS" "" "Pages of these origins may act for a signed-in operator, comma-separated; the public URL's own always may. Any other page is served as a stranger"
    TRUSTED_PROXIES "NETWORKS" "" "Addresses or networks whose X-Forwarded-For is believed, comma-separated"
    DATABASE_URL "URL" "sqlite:deskbell.db" "sqlite:FILE, or postgres://USER:PASSWORD@HOST/DATABASE (PostgreSQL 13 or newer)"
    DATABASE_POOL "NUMBER" "16" "Connections that read; on PostgreSQL those that write as well"
    BUS_URL "URLS" "" "Where servers that share a PostgreSQL database meet: nats://USER:PASSWORD@HOST:4222, tls://… for TLS; the brokers of a cluster comma-separated. A single server needs none"
    BUS_PREFIX "NAME" "deskbell" "What installations that share a broker differ in"
    SMTP_URL "URL" "" "The relay for mail: smtp://USER:PASSWORD@HOST:587 (STARTTLS), smtps://… (TLS from the start), or smtp://HOST:25?tls=none for a relay on this machine. Without it, mails go to the log"
    SMTP_HELO "NAME" "" "What the server calls itself to the relay (EHLO): a host name with a dot, or an address. Default: the machine's name, the domain of MAIL_FROM or the host of the public URL, the first that has a dot"
    SMTP_CA "FILE" "" "Certificates (PEM) of authorities that are trusted for the relay, in addition to those that the system trusts and Mozilla's"
    MAIL_FROM "ADDRESS" "Deskbell <deskbell@localhost>" "Who mails come from"
    SIGN_UP "on|off" "on" "Whether strangers may open accounts; `deskbell account create` always may"
    PLANS "JSON or FILE" "" "Replaces the plans and their bounds: a JSON list, or the path of a file with one"
    SESSION_IDLE "DURATION" "8h" "A session that is not used for so long ends; an open socket uses it"
    SESSION_LIFETIME "DURATION" "7d" "A session ends after so long, however it is used; at most 30d"
    PASSWORD_MIN_LENGTH "NUMBER" "12" "The shortest password that is taken, in characters; never under 8"
    RECOVERY_TTL "DURATION" "30m" "How long a link to recover a password works; at most 1d"
    INVITATION_TTL "DURATION" "7d" "How long an invited operator's link works"
    ARGON2_MEMORY_KIB "KIB" "19456" "Memory of one password hash. All hashes together take this × ARGON2_PERMITS"
    ARGON2_PASSES "NUMBER" "2" "Passes over that memory"
    ARGON2_LANES "NUMBER" "1" "Lanes of a hash"
    ARGON2_PERMITS "NUMBER" "" "Hashes made at once. Default: one less than the cores, at least one"
    ARGON2_QUEUE "NUMBER" "256" "How many sign-ins may wait for a hash; the next is told to try again"
    RATE_LIMITS "on|off" "on" "Whether sign-in, sign-up, recovery and invitations are limited"
    RATE_SIGN_IN_CLIENT "BURST/PERIOD" "10/100s" "Sign-ins of one client: so many at once, and as many again over the period. A browser in which the operator has signed in before has its own, as many. An IPv6 /56 has 4 times as many, a /48 16 times, as with every limit of clients here"
    RATE_SIGN_IN_ADDRESS "BURST/PERIOD" "100/6000s" "Sign-ins to one e-mail address, from browsers and programs in which its operator has not signed in before"
    RATE_SIGN_UP_CLIENT "BURST/PERIOD" "10/1h" "Sign-ups of one client"
    RATE_SIGN_UP_ADDRESS "BURST/PERIOD" "5/1h" "Sign-ups of one e-mail address"
    RATE_RECOVERY_CLIENT "BURST/PERIOD" "20/1m" "Recoveries asked for by one client"
    RATE_RECOVERY_ADDRESS "BURST/PERIOD" "3/1h" "Recoveries asked for one e-mail address"
    RATE_INVITATION_CLIENT "BURST/PERIOD" "100/1h" "Invitations sent by one client"
    RATE_INVITATION_ADDRESS "BURST/PERIOD" "3/1h" "Invitations to one e-mail address"
    RATE_INVITATION_ACCOUNT "BURST/PERIOD" "200/1d" "Invitations sent by one account"
    RATE_PHOTO_OPERATOR "BURST/PERIOD" "60/1h" "Photos set by one operator"
    RATE_PHOTO_ACCOUNT "BURST/PERIOD" "300/1h" "Photos set in one account"
    INTROSPECTION "on|off" "on" "Whether the schema may be asked about itself"
    GRAPHIQL "on|off" "on" "Whether the explorer is served at /graphiql"
    METRICS_LISTEN "ADDRESS:PORT" "" "A separate listener for /metrics, such as 127.0.0.1:9090; without it, metrics are not served"
    HTTP_READ_TIMEOUT "DURATION" "10s" "Longest time for a request's headers; a body gets three times as long, and 8 KiB of it must come in each such time"
    REQUEST_TIMEOUT "DURATION" "30s" "Longest time to answer a query, a mutation or a page without script; a mutation that has begun is finished all the same"
    SEND_TIMEOUT "DURATION" "10s" "A peer that takes less than 8 KiB in this time, while more waits to be sent, is disconnected"
    DRAIN_TIMEOUT "DURATION" "10s" "Longest time to finish what is under way when the server stops"
    WS_INIT_TIMEOUT "DURATION" "3s" "Longest time from a WebSocket's upgrade to its connection_init"
    WS_KEEPALIVE "DURATION" "15s" "Time between the server's pings; a peer that misses two is dropped"
    SSE_KEEPALIVE "DURATION" "12s" "Time between comments on a quiet event stream, at most 20s: widgets give one up after 30s of silence"
    MAX_BODY_BYTES "BYTES" "1048576" "Largest JSON body"
    MAX_ANONYMOUS_BODY_BYTES "BYTES" "65536" "Largest JSON body of a caller that is not signed in"
    MAX_CLIENT_BYTES_IN_FLIGHT "BYTES" "4194304" "Bytes of requests and answers that one client or account may have under way; more is refused"
    MAX_BYTES_IN_FLIGHT "BYTES" "67108864" "The same of all clients together; beyond it, the client that holds the most is cut first"
    MAX_CLIENT_SUBSCRIPTION_BYTES "BYTES" "33554432" "Bytes that the subscriptions of one client or account may keep: their requests and latest items"
    MAX_ANSWER_BYTES "BYTES" "1048576" "Largest answer to an operation, and largest item of a subscription"
    MAX_CLIENT_EXECUTING "NUMBER" "" "Operations of one client or account that execute at once; the rest waits in its own line. Default: one less than the cores, at least one"
    MAX_CLIENT_WAITING "NUMBER" "256" "Operations of one client or account that may wait; one more is refused"
    MAX_CLIENT_UPLOADS "NUMBER" "4" "Files that one account may be uploading at once"
    MAX_UPLOAD_BYTES "BYTES" "6291456" "Largest multipart body, the file included"
    MAX_MESSAGE_BYTES "BYTES" "65536" "Largest WebSocket message from a client"
    MAX_SOCKETS_PER_CLIENT "NUMBER" "200" "WebSockets and event streams of one client at once; a client is an IPv4 address or an IPv6 /64, and a /56 may have 4 times and a /48 16 times as many"
    MAX_CONNECTIONS "NUMBER" "10000" "Connections at once, all clients together; more wait"
    MAX_CONNECTIONS_PER_CLIENT "NUMBER" "1000" "Connections of one client at once, counted in the same way; one more is closed. Trusted proxies may have any number"
    MAX_OPERATIONS_PER_SOCKET "NUMBER" "50" "Operations under way at once on one WebSocket"
    MAX_STATE_BYTES "BYTES" "262144" "Largest item of a subscription"
    WEBSOCKET_WRITER "direct|library" "direct" "What writes the frames of WebSockets: the server itself, or a library as a second choice"
    MAX_ERRORS "NUMBER" "20" "Most errors in one answer"
    MAX_DOCUMENT_BYTES "BYTES" "20000" "Longest GraphQL document"
    MAX_DOCUMENT_TOKENS "NUMBER" "2000" "Most tokens of a document"
    MAX_DEPTH "NUMBER" "15" "Deepest selection; the standard introspection query is 13 deep"
    MAX_ALIASES "NUMBER" "25" "Most aliases of a document"
    MAX_ROOT_FIELDS "NUMBER" "25" "Most fields of the query, mutation or subscription itself"
    MAX_DIRECTIVES "NUMBER" "20" "Most directives of a document"
    MAX_EXPANDED_NODES "NUMBER" "10000" "Largest document once every fragment is written out"
    MAX_COMPLEXITY "NUMBER" "2500" "Most fields that one operation may select, a list counting as often as its page has items: about what 10 ms of a core can do"
    LOG "FILTER" "info,sea_orm_migration=warn,sqlx=warn,async_nats=off" "What is logged, such as `info` or `deskbell=debug,warn`"
    LOG_FORMAT "text|json" "text" "How a log line looks"
}

/// The flags of every command that reads settings.
pub fn args() -> impl Iterator<Item = Arg> {
    ALL.iter().map(|setting| {
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
    })
}

/// What was set, as text.
#[derive(Clone, Default)]
pub struct Values(HashMap<&'static str, String>);

impl Values {
    /// What the command line and the environment say. An empty value is none.
    #[must_use]
    pub fn of(matches: &ArgMatches) -> Self {
        let set = |setting: &Setting| {
            matches
                .get_one::<String>(setting.name)
                .filter(|value| !value.is_empty())
                .map(|value| (setting.name, value.clone()))
        };
        Self(ALL.iter().filter_map(set).collect())
    }

    /// One setting, or its default, if it has either.
    #[must_use]
    pub fn get(&self, name: &'static str) -> Option<&str> {
        let setting = ALL.iter().find(|setting| setting.name == name).expect("a setting of the table");
        self.0.get(name).map(String::as_str).or((!setting.default.is_empty()).then_some(setting.default))
    }

    /// The same, with one setting said otherwise.
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
