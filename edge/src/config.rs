//! Addresses, limits and timeouts. The product reads them, for example from its environment.
//!
//! The product may promise the default figures; each is tested through the real transports.

use std::{net::SocketAddr, str::FromStr, time::Duration};

use ipnet::IpNet;
use url::{Host, Url};

/// Addresses, limits and timeouts of the HTTP server.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// Precedes the names of settings in messages, such as `ALLOWED_ORIGINS`. Default none.
    pub setting_prefix: &'static str,
    /// Address and port to listen on; port 0 takes a free one. Default `127.0.0.1:8080`.
    pub listen: SocketAddr,
    /// Where browsers reach this server; its origin is always allowed. Default
    /// `http://127.0.0.1:8080`.
    pub public_url: Url,
    /// Pages of these origins may act for a signed-in caller, in addition to the public URL's own.
    /// All other pages are served as anonymous. Default none.
    pub allowed_origins: Vec<Origin>,
    /// Networks whose `X-Forwarded-For` is trusted. Default none.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether introspection of the schema is allowed. Default on.
    pub introspection: bool,
    /// A separate listener for `/metrics`, which is served nowhere else. Default none: metrics are
    /// not served.
    pub metrics_listen: Option<SocketAddr>,
    /// Timeout for a request's headers, and for an idle connection to begin the next request. A
    /// body gets three times as long. Default 10 s.
    pub read_timeout: Duration,
    /// Timeout for the answer to a query or mutation. A query is then cancelled; a mutation that
    /// has begun still completes, but its answer is dropped. Default 30 s.
    pub request_timeout: Duration,
    /// A peer that accepts less than 8 KiB in this time, while more waits, is disconnected. Default
    /// 10 s.
    pub send_timeout: Duration,
    /// Timeout for work in flight when the server stops. Default 10 s.
    pub drain_timeout: Duration,
    /// Timeout from the upgrade to an accepted `connection_init`. Default 3 s.
    pub ws_init_timeout: Duration,
    /// Time between the server's pings; a peer that sends nothing after two of them is dropped.
    /// Default 15 s.
    pub ws_keepalive: Duration,
    /// Time between comments on a quiet event stream. Default 12 s, at most 20 s: widgets treat a
    /// stream as lost after 30 s of silence.
    pub sse_keepalive: Duration,
    /// Largest JSON body. Default 1 MiB.
    pub max_body_bytes: usize,
    /// Largest JSON body of a caller that is not signed in. Default 64 KiB.
    pub max_anonymous_body_bytes: usize,
    /// Bytes of requests and answers of one client or account in flight. Default 4 MiB.
    pub max_client_bytes_in_flight: usize,
    /// Bytes in flight of all clients together. Beyond it, the client that holds the most is cut
    /// off first; the first 64 KiB of each client are never affected. Default 64 MiB.
    pub max_bytes_in_flight: usize,
    /// Bytes that the subscriptions of one client or account may hold: their requests and latest
    /// items. Default 32 MiB.
    pub max_client_subscription_bytes: usize,
    /// Largest answer to an operation, and largest item of a subscription. Default 1 MiB.
    pub max_answer_bytes: usize,
    /// Operations of one client or account that execute at once; further ones wait. Default: one
    /// less than the cores, at least one.
    pub max_client_executing: usize,
    /// Operations of one client or account that may wait; further ones are refused. Default 256.
    pub max_client_waiting: usize,
    /// Concurrent uploads of one account. Default 4.
    pub max_client_uploads: usize,
    /// Largest multipart body, the file included. Default 6 MiB.
    pub max_upload_bytes: usize,
    /// Largest WebSocket message from a client. Default 64 KiB.
    pub max_message_bytes: usize,
    /// Open WebSockets and event streams of one client (an IPv4 address or an IPv6 /64). Default
    /// 200.
    pub max_sockets_per_client: usize,
    /// Open connections of all clients together; further ones wait in the listen queue. Default
    /// 10,000.
    pub max_connections: usize,
    /// Open connections of one client (an IPv4 address or an IPv6 /64); further ones are closed.
    /// Trusted proxies have no such limit. Default 1,000.
    pub max_connections_per_client: usize,
    /// Operations in flight on one WebSocket. Default 50.
    pub max_operations_per_socket: usize,
    /// Largest item of a subscription, as JSON; a larger one ends the subscription with an error.
    /// Default 262,144.
    pub max_state_bytes: usize,
    /// The implementation that writes the frames of WebSockets. Clients see no difference, so only
    /// tests choose one. Default `Direct`.
    pub websocket_writer: SocketWriter,
    /// Most errors in one answer; the first ones are kept. Default 20.
    pub max_errors: usize,
    /// Limits on the cost of a GraphQL document.
    pub document: DocumentLimits,
}

/// The number of cores minus one, at least one.
#[must_use]
pub(crate) fn cores_but_one() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get() - 1).max(1)
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            setting_prefix: "",
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: Url::parse("http://127.0.0.1:8080").expect("a constant URL"),
            allowed_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            introspection: true,
            metrics_listen: None,
            read_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            send_timeout: Duration::from_secs(10),
            drain_timeout: Duration::from_secs(10),
            ws_init_timeout: Duration::from_secs(3),
            ws_keepalive: Duration::from_secs(15),
            sse_keepalive: Duration::from_secs(12),
            max_body_bytes: 1 << 20,
            max_anonymous_body_bytes: 64 << 10,
            max_client_bytes_in_flight: 4 << 20,
            max_bytes_in_flight: 64 << 20,
            max_client_subscription_bytes: 32 << 20,
            max_answer_bytes: 1 << 20,
            max_client_executing: cores_but_one(),
            max_client_waiting: 256,
            max_client_uploads: 4,
            max_upload_bytes: 6 << 20,
            max_message_bytes: 64 << 10,
            max_sockets_per_client: 200,
            max_connections: 10_000,
            max_connections_per_client: 1_000,
            max_operations_per_socket: 50,
            max_state_bytes: 256 << 10,
            websocket_writer: SocketWriter::Direct,
            max_errors: 20,
            document: DocumentLimits::default(),
        }
    }
}

impl HttpConfig {
    /// The name of a setting, as the product's users know it.
    pub(crate) fn setting(&self, name: &str) -> String {
        format!("{}{name}", self.setting_prefix)
    }

    /// Whether browsers reach the server over https. Cookies are then `Secure`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }

    /// The public URL without a trailing slash, for appending a path.
    #[must_use]
    pub fn public_base(&self) -> &str {
        self.public_url.as_str().trim_end_matches('/')
    }

    /// Allows all loopback spellings if the public URL is a loopback address: people type
    /// `localhost` as often as `127.0.0.1`.
    pub fn allow_loopback_spellings(&mut self) {
        let loopback = is_loopback(&self.public_url);
        if !loopback {
            return;
        }
        for host in ["localhost", "127.0.0.1", "[::1]"] {
            let mut url = self.public_url.clone();
            if url.set_host(Some(host)).is_ok() {
                self.allowed_origins.extend(Origin::of(&url));
            }
        }
    }
}

/// Whether a URL refers to the browser's own machine.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The implementation that writes the frames of WebSockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketWriter {
    /// The server's own writer, on the bare connection: the fastest, and the one that needs the
    /// least memory.
    Direct,
    /// The writer of the WebSocket library.
    Library,
}

/// Limits on the cost of a GraphQL document. A fragment counts each time that it is spread.
#[derive(Clone, Copy, Debug)]
pub struct DocumentLimits {
    /// Length of the text. Default 20,000.
    pub max_bytes: usize,
    /// Names, values and punctuators; comments and commas are free. Default 2,000.
    pub max_tokens: usize,
    /// Nesting of fields. The standard introspection query is 13 deep. Default 15.
    pub max_depth: usize,
    /// Fields with an alias, or selected again in the same selection set. Default 25.
    pub max_aliases: usize,
    /// Fields of the root type. Default 25.
    pub max_root_fields: usize,
    /// Directives in the document. Default 20.
    pub max_directives: usize,
    /// Fields, fragments, directives and values after all fragments are expanded. Default 10,000.
    pub max_expanded_nodes: usize,
}

impl Default for DocumentLimits {
    fn default() -> Self {
        Self {
            max_bytes: 20_000,
            max_tokens: 2_000,
            max_depth: 15,
            max_aliases: 25,
            max_root_fields: 25,
            max_directives: 20,
            max_expanded_nodes: 10_000,
        }
    }
}

/// A web origin (RFC 6454): scheme, host and port, in the form in which browsers send it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// The origin of a page at this address; `None` for addresses without one, such as `data:`.
    #[must_use]
    pub fn of(url: &Url) -> Option<Self> {
        let origin = url.origin();
        origin.is_tuple().then(|| Self(origin.ascii_serialization()))
    }

    /// `https://example.org`, without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is not an origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnOrigin {
    /// Not `http://host` or `https://host`.
    #[error("write an origin as https://example.org, with a port unless it is the default")]
    Malformed,
    /// A path, query, fragment or credentials are present.
    #[error("an origin ends after host and port; remove the rest")]
    MoreThanAnOrigin,
    /// `*` in the host: no page has such an origin.
    #[error("an origin must be written in full; * is not a wildcard here")]
    Pattern,
}

impl FromStr for Origin {
    type Err = NotAnOrigin;

    fn from_str(text: &str) -> Result<Self, NotAnOrigin> {
        let url = Url::parse(text).map_err(|_| NotAnOrigin::Malformed)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(NotAnOrigin::Malformed);
        }
        if text.contains('*') {
            return Err(NotAnOrigin::Pattern);
        }
        let bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if !bare {
            return Err(NotAnOrigin::MoreThanAnOrigin);
        }
        Self::of(&url).ok_or(NotAnOrigin::Malformed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loopback_server_is_itself_under_every_spelling() {
        let mut http = HttpConfig::default();
        http.allow_loopback_spellings();
        let origins: Vec<_> = http.allowed_origins.iter().map(Origin::as_str).collect();
        assert_eq!(origins, ["http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080"]);

        let public_url = "https://chat.example.com".parse().expect("a URL");
        let mut public = HttpConfig { public_url, ..HttpConfig::default() };
        public.allow_loopback_spellings();
        assert!(public.allowed_origins.is_empty());
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let parsed = |text: &str| text.parse::<Origin>().map(|origin| origin.0);
        assert_eq!(parsed("https://Example.org/"), Ok("https://example.org".into()));
        assert_eq!(parsed("https://example.org:443"), Ok("https://example.org".into()));
        assert_eq!(parsed("http://localhost:5173"), Ok("http://localhost:5173".into()));
        assert_eq!(parsed("https://example.org/app"), Err(NotAnOrigin::MoreThanAnOrigin));
        assert_eq!(parsed("https://me@example.org"), Err(NotAnOrigin::MoreThanAnOrigin));
        assert_eq!(parsed("https://*.shop.example"), Err(NotAnOrigin::Pattern));
        for text in ["example.org", "null", "", "data:text/plain,x", "ftp://example.org"] {
            assert_eq!(parsed(text), Err(NotAnOrigin::Malformed), "{text}");
        }
    }
}
