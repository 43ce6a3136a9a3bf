//! Parses the settings from text into types. Each fault is one line that names its setting and
//! never shows a secret.

use std::{borrow::Cow, fmt, fs, net::IpAddr, num::NonZeroU32, str::FromStr, time::Duration};

use edge::config::{DocumentLimits, HttpConfig, Origin, SocketWriter};

use ipnet::IpNet;
use lettre::message::Mailbox;
use percent_encoding::percent_decode_str;
use sea_orm::sqlx::postgres::PgConnectOptions;
use tracing_subscriber::EnvFilter;
use url::{Host, Url, form_urlencoded};

use super::{
    BrokerAddress, BusConfig, Config, DatabaseConfig, HashingConfig, LogConfig, LogFormat, MailConfig, PasswordConfig,
    Rate, RateLimitConfig, Rates, Secret, SessionConfig, bus,
    mail::{Authorities, Helo},
    settings::Values,
};
use crate::{
    password::{HashParams, Hasher, PasswordPolicy},
    plans::Plans,
};

/// A setting with an invalid value. One line, for stderr.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    setting: &'static str,
    problem: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DESKBELL_{}: {}", self.setting, self.problem.replace(['\n', '\r'], " "))
    }
}

/// Parses values and collects the faults.
struct Reader<'a> {
    values: &'a Values,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    /// Parses a setting, if it has a value or a default.
    fn take<T>(&mut self, name: &'static str, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let value = self.values.get(name)?;
        match parse(value) {
            Ok(parsed) => Some(parsed),
            Err(problem) => {
                self.faults.push(Fault { setting: name, problem });
                None
            }
        }
    }

    /// The same; `fallback` replaces a faulty value, so that all other settings are still checked.
    fn or<T>(&mut self, name: &'static str, fallback: T, parse: impl Fn(&str) -> Result<T, String>) -> T {
        self.take(name, parse).unwrap_or(fallback)
    }

    fn number<T: FromStr + PartialOrd + fmt::Display + Copy>(
        &mut self,
        name: &'static str,
        fallback: T,
        least: T,
        most: T,
    ) -> T {
        self.or(name, fallback, |text| {
            let parsed = text.parse::<T>().ok().filter(|number| (&least..=&most).contains(&number));
            parsed.ok_or_else(|| format!("must be a whole number from {least} to {most}, not {text:?}"))
        })
    }

    fn duration(&mut self, name: &'static str, fallback: Duration, least: Duration, most: Duration) -> Duration {
        self.or(name, fallback, |text| duration(text, least, most))
    }

    fn switch(&mut self, name: &'static str, fallback: bool) -> bool {
        self.or(name, fallback, |text| match text {
            "on" => Ok(true),
            "off" => Ok(false),
            _ => Err(format!("must be on or off, not {text:?}")),
        })
    }

    fn rates(&mut self, client: &'static str, address: &'static str, fallback: Rates) -> Rates {
        Rates { client: self.or(client, fallback.client, rate), address: self.or(address, fallback.address, rate) }
    }
}

impl Config {
    /// Reads every setting.
    /// # Errors
    /// All faults, one line each.
    pub fn read(values: &Values) -> Result<Self, Vec<Fault>> {
        let mut reader = Reader { values, faults: Vec::new() };
        let fallback = Self::default();
        let config = Self {
            http: http(&mut reader),
            database: database(&mut reader),
            bus: bus(&mut reader),
            mail: mail(&mut reader),
            session: session(&mut reader),
            password: password(&mut reader),
            hashing: hashing(&mut reader),
            rate_limits: rate_limits(&mut reader),
            plans: reader.take("PLANS", plans).unwrap_or(fallback.plans),
            sign_up: reader.switch("SIGN_UP", fallback.sign_up),
            graphiql: reader.switch("GRAPHIQL", fallback.graphiql),
            max_complexity: reader.number("MAX_COMPLEXITY", fallback.max_complexity, 1, 1_000_000),
            log: log(&mut reader),
        };
        if reader.faults.is_empty() { Ok(config) } else { Err(reader.faults) }
    }
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

fn http(reader: &mut Reader<'_>) -> HttpConfig {
    const MIB: usize = 1 << 20;
    let fallback = super::http();
    let listen = reader.or("LISTEN", fallback.listen, socket_address);
    let public_url = reader.take("PUBLIC_URL", public_url).unwrap_or_else(|| url_of(listen));
    HttpConfig {
        setting_prefix: fallback.setting_prefix,
        listen,
        public_url,
        allowed_origins: reader.take("ALLOWED_ORIGINS", |text| list(text, origin)).unwrap_or_default(),
        trusted_proxies: reader.take("TRUSTED_PROXIES", |text| list(text, network)).unwrap_or_default(),
        introspection: reader.switch("INTROSPECTION", fallback.introspection),
        metrics_listen: reader.take("METRICS_LISTEN", socket_address),
        read_timeout: reader.duration("HTTP_READ_TIMEOUT", fallback.read_timeout, SECOND / 10, 10 * MINUTE),
        request_timeout: reader.duration("REQUEST_TIMEOUT", fallback.request_timeout, SECOND / 10, 10 * MINUTE),
        send_timeout: reader.duration("SEND_TIMEOUT", fallback.send_timeout, SECOND / 10, 10 * MINUTE),
        drain_timeout: reader.duration("DRAIN_TIMEOUT", fallback.drain_timeout, Duration::ZERO, 10 * MINUTE),
        ws_init_timeout: reader.duration("WS_INIT_TIMEOUT", fallback.ws_init_timeout, SECOND / 10, 10 * SECOND),
        ws_keepalive: reader.duration("WS_KEEPALIVE", fallback.ws_keepalive, SECOND / 10, HOUR),
        sse_keepalive: reader.duration("SSE_KEEPALIVE", fallback.sse_keepalive, SECOND / 10, 20 * SECOND),
        max_body_bytes: reader.number("MAX_BODY_BYTES", fallback.max_body_bytes, 1024, 64 * MIB),
        max_anonymous_body_bytes: reader.number(
            "MAX_ANONYMOUS_BODY_BYTES",
            fallback.max_anonymous_body_bytes,
            1024,
            64 * MIB,
        ),
        max_client_bytes_in_flight: reader.number(
            "MAX_CLIENT_BYTES_IN_FLIGHT",
            fallback.max_client_bytes_in_flight,
            MIB / 16,
            1024 * MIB,
        ),
        max_bytes_in_flight: reader.number("MAX_BYTES_IN_FLIGHT", fallback.max_bytes_in_flight, MIB, 64 * 1024 * MIB),
        max_client_subscription_bytes: reader.number(
            "MAX_CLIENT_SUBSCRIPTION_BYTES",
            fallback.max_client_subscription_bytes,
            MIB,
            1024 * MIB,
        ),
        max_answer_bytes: reader.number("MAX_ANSWER_BYTES", fallback.max_answer_bytes, MIB / 16, 64 * MIB),
        max_client_executing: reader.number("MAX_CLIENT_EXECUTING", fallback.max_client_executing, 1, 1_000),
        max_client_waiting: reader.number("MAX_CLIENT_WAITING", fallback.max_client_waiting, 1, 100_000),
        max_client_uploads: reader.number("MAX_CLIENT_UPLOADS", fallback.max_client_uploads, 1, 32),
        max_upload_bytes: reader.number("MAX_UPLOAD_BYTES", fallback.max_upload_bytes, 1024, 64 * MIB),
        max_message_bytes: reader.number("MAX_MESSAGE_BYTES", fallback.max_message_bytes, 1024, MIB),
        max_sockets_per_client: reader.number("MAX_SOCKETS_PER_CLIENT", fallback.max_sockets_per_client, 1, 1_000_000),
        max_connections: reader.number("MAX_CONNECTIONS", fallback.max_connections, 1, 10_000_000),
        max_connections_per_client: reader.number(
            "MAX_CONNECTIONS_PER_CLIENT",
            fallback.max_connections_per_client,
            1,
            10_000_000,
        ),
        max_operations_per_socket: reader.number(
            "MAX_OPERATIONS_PER_SOCKET",
            fallback.max_operations_per_socket,
            1,
            100,
        ),
        max_state_bytes: reader.number("MAX_STATE_BYTES", fallback.max_state_bytes, 16_384, 16_777_216),
        websocket_writer: websocket_writer(reader, fallback.websocket_writer),
        max_errors: reader.number("MAX_ERRORS", fallback.max_errors, 1, 1_000),
        document: document(reader),
    }
}

/// A setting of debug builds only.
fn websocket_writer(reader: &mut Reader<'_>, fallback: SocketWriter) -> SocketWriter {
    if !cfg!(debug_assertions) {
        return fallback;
    }
    reader.or("WEBSOCKET_WRITER", fallback, |text| match text {
        "direct" => Ok(SocketWriter::Direct),
        "library" => Ok(SocketWriter::Library),
        _ => Err(format!("must be direct or library, not {text:?}")),
    })
}

fn document(reader: &mut Reader<'_>) -> DocumentLimits {
    let fallback = DocumentLimits::default();
    DocumentLimits {
        max_bytes: reader.number("MAX_DOCUMENT_BYTES", fallback.max_bytes, 100, 1 << 20),
        max_tokens: reader.number("MAX_DOCUMENT_TOKENS", fallback.max_tokens, 10, 100_000),
        max_depth: reader.number("MAX_DEPTH", fallback.max_depth, 1, 50),
        max_aliases: reader.number("MAX_ALIASES", fallback.max_aliases, 0, 10_000),
        max_root_fields: reader.number("MAX_ROOT_FIELDS", fallback.max_root_fields, 1, 10_000),
        max_directives: reader.number("MAX_DIRECTIVES", fallback.max_directives, 0, 10_000),
        max_expanded_nodes: reader.number("MAX_EXPANDED_NODES", fallback.max_expanded_nodes, 10, 1_000_000),
    }
}

fn database(reader: &mut Reader<'_>) -> DatabaseConfig {
    let fallback = DatabaseConfig::default();
    DatabaseConfig {
        url: reader.or("DATABASE_URL", fallback.url, database_url),
        pool: reader.number("DATABASE_POOL", fallback.pool, 2, 1_000),
    }
}

fn bus(reader: &mut Reader<'_>) -> Option<BusConfig> {
    let is_sqlite = reader.values.get("DATABASE_URL").is_some_and(|url| url.starts_with("sqlite:"));
    let brokers = reader.take("BUS_URL", |text| {
        let brokers = list(text, BrokerAddress::parse)?;
        if is_sqlite {
            return Err(
                "is for servers that share a PostgreSQL database, but DESKBELL_DATABASE_URL is SQLite".to_owned()
            );
        }
        Ok(brokers)
    });
    let prefix = reader.take("BUS_PREFIX", bus::prefix)?;
    brokers.filter(|brokers| !brokers.is_empty()).map(|brokers| BusConfig { brokers, prefix })
}

fn mail(reader: &mut Reader<'_>) -> MailConfig {
    let fallback = MailConfig::default();
    let smtp_url = reader.take("SMTP_URL", |text| Ok(Secret::new(text)));
    let from = reader.or("MAIL_FROM", fallback.from, |text| {
        text.parse::<Mailbox>()
            .map_err(|_| format!("must be a mail address such as \"Deskbell <desk@example.com>\", not {text:?}"))
    });
    let smtp_helo = reader.take("SMTP_HELO", Helo::parse);
    let smtp_ca = reader.or("SMTP_CA", fallback.smtp_ca, Authorities::read);
    MailConfig { smtp_url, smtp_helo, smtp_ca, from, poll: fallback.poll }
}

fn session(reader: &mut Reader<'_>) -> SessionConfig {
    let fallback = SessionConfig::default();
    SessionConfig {
        idle: reader.duration("SESSION_IDLE", fallback.idle, 5 * MINUTE, 30 * DAY),
        lifetime: reader.duration("SESSION_LIFETIME", fallback.lifetime, 5 * MINUTE, 30 * DAY),
        recheck: fallback.recheck,
    }
}

fn password(reader: &mut Reader<'_>) -> PasswordConfig {
    let fallback = PasswordConfig::default();
    let policy = reader.or("PASSWORD_MIN_LENGTH", fallback.policy, |text| {
        let length = text.parse().map_err(|_| format!("must be a whole number, not {text:?}"))?;
        PasswordPolicy::new(length).map_err(|fault| fault.to_string())
    });
    PasswordConfig {
        policy,
        recovery_ttl: reader.duration("RECOVERY_TTL", fallback.recovery_ttl, MINUTE, DAY),
        invitation_ttl: reader.duration("INVITATION_TTL", fallback.invitation_ttl, HOUR, 30 * DAY),
    }
}

fn hashing(reader: &mut Reader<'_>) -> HashingConfig {
    let fallback = HashParams::default();
    let params = HashParams {
        memory_kib: reader.number("ARGON2_MEMORY_KIB", fallback.memory_kib, 1024, 4 << 20),
        passes: reader.number("ARGON2_PASSES", fallback.passes, 1, 100),
        lanes: reader.number("ARGON2_LANES", fallback.lanes, 1, 64),
    };
    if let Err(weak) = params.at_least_owasp() {
        reader.faults.push(Fault { setting: "ARGON2_MEMORY_KIB", problem: weak.to_string() });
    }
    let permits = reader.take("ARGON2_PERMITS", |text| {
        text.parse()
            .ok()
            .filter(|permits| (1..=256).contains(permits))
            .ok_or_else(|| format!("must be a whole number from 1 to 256, not {text:?}"))
    });
    HashingConfig {
        params,
        permits: permits.unwrap_or_else(Hasher::default_permits),
        queue: reader.number("ARGON2_QUEUE", HashingConfig::default().queue, 1, 100_000),
    }
}

fn rate_limits(reader: &mut Reader<'_>) -> RateLimitConfig {
    let fallback = RateLimitConfig::default();
    RateLimitConfig {
        enabled: reader.switch("RATE_LIMITS", fallback.enabled),
        sign_in: reader.rates("RATE_SIGN_IN_CLIENT", "RATE_SIGN_IN_ADDRESS", fallback.sign_in),
        sign_up: reader.rates("RATE_SIGN_UP_CLIENT", "RATE_SIGN_UP_ADDRESS", fallback.sign_up),
        recovery: reader.rates("RATE_RECOVERY_CLIENT", "RATE_RECOVERY_ADDRESS", fallback.recovery),
        invitation: reader.rates("RATE_INVITATION_CLIENT", "RATE_INVITATION_ADDRESS", fallback.invitation),
        invitation_account: reader.or("RATE_INVITATION_ACCOUNT", fallback.invitation_account, rate),
        photo: reader.rates("RATE_PHOTO_OPERATOR", "RATE_PHOTO_ACCOUNT", fallback.photo),
    }
}

fn log(reader: &mut Reader<'_>) -> LogConfig {
    let fallback = LogConfig::default();
    let filter = reader.or("LOG", fallback.filter, |text| {
        EnvFilter::try_new(text)
            .map(|_| text.to_owned())
            .map_err(|_| format!("must be a filter such as info or deskbell=debug,warn, not {text:?}"))
    });
    let format = reader.or("LOG_FORMAT", fallback.format, |text| match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(format!("must be text or json, not {text:?}")),
    });
    LogConfig { filter, format }
}

fn socket_address(text: &str) -> Result<std::net::SocketAddr, String> {
    text.parse().map_err(|_| format!("must be an address and a port such as 127.0.0.1:8080, not {text:?}"))
}

fn public_url(text: &str) -> Result<Url, String> {
    let problem =
        || "must be the address where browsers reach this server, such as https://chat.example.com".to_owned();
    let url = Url::parse(text).map_err(|_| problem())?;
    let plain =
        url.query().is_none() && url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    let is_pattern = url.host_str().is_none_or(|host| host.contains('*'));
    if !matches!(url.scheme(), "http" | "https") || is_pattern || !plain || url.port() == Some(0) {
        return Err(problem());
    }
    if url.path() != "/" {
        return Err(format!(
            "must end after host and port: the dashboard does not work below a path; use a separate host name, not {text:?}"
        ));
    }
    let is_unspecified = match url.host() {
        Some(Host::Ipv4(address)) => address.is_unspecified(),
        Some(Host::Ipv6(address)) => address.is_unspecified(),
        Some(Host::Domain(_)) | None => false,
    };
    if is_unspecified {
        return Err(format!(
            "must be an address that browsers can open, not {text:?}, which stands for all addresses of a machine"
        ));
    }
    Ok(url)
}

/// The address that a browser on this machine would open.
fn url_of(listen: std::net::SocketAddr) -> Url {
    let mut address = listen;
    if listen.ip().is_unspecified() {
        address.set_ip(IpAddr::from([127, 0, 0, 1]));
    }
    Url::parse(&format!("http://{address}")).expect("an address and a port")
}

fn list<T>(text: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(parse).collect()
}

fn origin(text: &str) -> Result<Origin, String> {
    text.parse().map_err(|error| format!("{text:?} is not an origin: {error}"))
}

fn network(text: &str) -> Result<IpNet, String> {
    let address = || text.parse::<IpAddr>().map(IpNet::from);
    text.parse::<IpNet>()
        .or_else(|_| address())
        .map_err(|_| format!("must be addresses or networks such as 10.0.0.0/8, not {text:?}"))
}

fn database_url(text: &str) -> Result<Secret, String> {
    let problem = || "must be sqlite:FILE or postgres://USER:PASSWORD@HOST/DATABASE".to_owned();
    if let Some(file) = text.strip_prefix("sqlite:") {
        let file = file.trim_start_matches("//");
        if file.is_empty() || file.starts_with(":memory:") || file.contains("mode=memory") {
            return Err("must name a file: each connection would get a separate in-memory database".to_owned());
        }
        return Ok(Secret::new(text));
    }
    let text = with_host(text);
    let url = Url::parse(&text).map_err(|_| problem())?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err(problem());
    }
    // Without a quote: the text may contain a part of the password.
    PgConnectOptions::from_str(&text)
        .map_err(|_| "has a port, an sslmode or another parameter that is invalid".to_owned())?;
    Ok(Secret::new(text))
}

/// The PostgreSQL manual also writes `postgres://user:password@/database?host=/run/postgresql` for
/// a socket. In the URL standard a user requires a host, so this moves user, password and port into
/// parameters.
fn with_host(text: &str) -> Cow<'_, str> {
    let Some((scheme, rest)) = text.split_once("://") else { return text.into() };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let Some(port) = host.strip_prefix(':').or_else(|| host.is_empty().then_some("")) else { return text.into() };
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    let mut query = form_urlencoded::Serializer::for_suffix(query.to_owned(), 0);
    for (name, value) in [("user", user), ("password", password), ("port", port)] {
        if !value.is_empty() {
            query.append_pair(name, &percent_decode_str(value).decode_utf8_lossy());
        }
    }
    format!("{scheme}://{path}?{}", query.finish()).into()
}

fn plans(text: &str) -> Result<Plans, String> {
    if text.trim_start().starts_with(['[', '{']) {
        return Plans::from_json(text).map_err(|error| error.to_string());
    }
    let read = fs::read_to_string(text).map_err(|error| format!("the file {text:?} cannot be read: {error}"))?;
    Plans::from_json(&read).map_err(|error| error.to_string())
}

fn duration(text: &str, least: Duration, most: Duration) -> Result<Duration, String> {
    let parsed = humantime::parse_duration(text).ok().filter(|duration| (least..=most).contains(duration));
    parsed.ok_or_else(|| {
        let show = humantime::format_duration;
        format!("must be a duration from {} to {}, such as 30m or 3s, not {text:?}", show(least), show(most))
    })
}

fn rate(text: &str) -> Result<Rate, String> {
    let problem = || format!("must be a number of attempts and a period, such as 10/1m, not {text:?}");
    let (burst, period) = text.split_once('/').ok_or_else(problem)?;
    let burst = burst.trim().parse::<NonZeroU32>().ok().filter(|burst| burst.get() <= 1_000_000).ok_or_else(problem)?;
    let period = duration(period.trim(), SECOND, 30 * DAY).map_err(|_| problem())?;
    Ok(Rate { burst, period })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &'static str, value: &str) -> Result<Config, Vec<String>> {
        Config::read(&Values::default().with(name, value))
            .map_err(|faults| faults.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn the_table_s_defaults_are_those_of_the_code() {
        let read = Config::read(&Values::default()).expect("defaults are in range");
        assert_eq!(format!("{read:?}"), format!("{:?}", Config::default()));
    }

    #[test]
    fn links_begin_with_the_address_listened_on_until_a_public_one_is_set() {
        let listening = read("LISTEN", "0.0.0.0:9000").expect("an address");
        assert_eq!(listening.http.public_base(), "http://127.0.0.1:9000");
        let public = read("PUBLIC_URL", "https://chat.example.com/").expect("a URL");
        assert_eq!(public.http.public_base(), "https://chat.example.com");
        assert!(public.http.is_https());
    }

    #[test]
    fn a_fault_names_its_setting_and_no_secret() {
        let faults = read("DATABASE_URL", "mysql://root:hunter2@db/deskbell").expect_err("an unsupported database");
        assert_eq!(faults, ["DESKBELL_DATABASE_URL: must be sqlite:FILE or postgres://USER:PASSWORD@HOST/DATABASE"]);
    }

    #[test]
    fn a_socket_is_written_as_in_the_manual_of_postgresql() {
        use sea_orm::sqlx::ConnectOptions as _;

        let options = |text: &str| PgConnectOptions::from_str(database_url(text).expect(text).reveal()).expect(text);
        for text in [
            "postgres://desk:s%40cr%26t@/chat?host=/run/postgresql",
            "postgresql://desk:s%40cr%26t@/chat?host=/run/postgresql",
            "postgres://desk:s%40cr%26t@%2Frun%2Fpostgresql/chat",
            "postgres:///chat?host=/run/postgresql&user=desk&password=s%40cr%26t",
        ] {
            let read = options(text);
            assert_eq!(
                read.get_socket().map(|path| path.to_string_lossy().into_owned()).as_deref(),
                Some("/run/postgresql"),
                "{text}"
            );
            assert_eq!(
                (read.get_username(), read.get_database(), read.get_port()),
                ("desk", Some("chat"), 5432),
                "{text}"
            );
            // The password has no getter.
            assert!(read.to_url_lossy().as_str().contains(":s%40cr%26t@"), "{text}");
        }
        assert_eq!(options("postgres://desk@:5433/chat?host=/run/postgresql").get_port(), 5433);
        assert_eq!(options("postgres://:5433/chat?host=/run/postgresql").get_port(), 5433);
        assert_eq!(options("postgres://desk:pw@db.example:5433/chat").get_host(), "db.example");
    }

    #[test]
    fn settings_that_do_not_work_together_are_one_line() {
        let warnings = |set: &[(&'static str, &str)]| {
            let values = set.iter().fold(Values::default(), |values, (name, value)| values.with(name, value));
            Config::read(&values).expect("settings").warnings()
        };
        let relay = ("SMTP_URL", "smtp://localhost:25");
        let from = ("MAIL_FROM", "chat@acme.example");
        assert_eq!(warnings(&[relay, from]), [""; 0], "all on one machine");
        assert_eq!(
            warnings(&[("LISTEN", "0.0.0.0:8080"), ("PUBLIC_URL", "https://chat.acme.example"), relay, from]),
            [""; 0]
        );
        assert_eq!(
            warnings(&[("LISTEN", "192.0.2.7:8080"), relay, from]),
            [""; 0],
            "its own address is the public one"
        );

        let [line] = &warnings(&[("LISTEN", "0.0.0.0:8080"), relay, from])[..] else { panic!("one line") };
        assert!(
            line.contains("DESKBELL_PUBLIC_URL") && line.contains("links in mails lead to http://127.0.0.1:8080/"),
            "{line}"
        );
        let [line] = &warnings(&[("LISTEN", "[::]:8080")])[..] else { panic!("one line") };
        assert!(line.contains("DESKBELL_PUBLIC_URL") && !line.contains("mails"), "{line}");
        assert_eq!(warnings(&[("TRUSTED_PROXIES", "127.0.0.1")]).len(), 1, "a proxy has another address");
        let [line] = &warnings(&[relay])[..] else { panic!("one line") };
        assert!(line.contains("DESKBELL_MAIL_FROM") && line.contains("deskbell@localhost"), "{line}");
    }
}
