//! Addresses, limits and timeouts. The product reads them, for example from its environment.
//!
//! The product may promise the default figures; each is tested through the real transports.

use std::{net::SocketAddr, str::FromStr, time::Duration};

use ipnet::IpNet;
use url::{Host, Url};

/// Declares a struct with its defaults, so that a field, its default and the documentation of both
/// are in one place.
macro_rules! with_defaults {
    (
        $(#[$attribute:meta])*
        pub struct $struct:ident {
            $($(#[doc = $doc:literal])* pub $field:ident: $type:ty = $default:expr,)+
        }
    ) => {
        $(#[$attribute])*
        pub struct $struct {
            $(
                $(#[doc = $doc])*
                #[doc = concat!("\n\nDefault: `", stringify!($default), "`")]
                pub $field: $type,
            )+
        }

        impl Default for $struct {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }
    };
}

with_defaults! {
    /// Addresses, limits and timeouts of the HTTP server.
    #[derive(Clone, Debug)]
    pub struct HttpConfig {
        /// Precedes the names of settings in messages, such as `ALLOWED_ORIGINS`.
        pub setting_prefix: &'static str = "",
        /// Address and port to listen on; port 0 takes a free one.
        pub listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 8080)),
        /// Where browsers reach this server; its origin is always allowed.
        pub public_url: Url = Url::parse("http://127.0.0.1:8080").expect("a constant URL"),
        /// Pages of these origins may act for a signed-in caller, in addition to the public URL's
        /// own. All other pages are served as anonymous.
        pub allowed_origins: Vec<Origin> = Vec::new(),
        /// Networks whose `X-Forwarded-For` is trusted.
        pub trusted_proxies: Vec<IpNet> = Vec::new(),
        /// Whether introspection of the schema is allowed.
        pub introspection: bool = true,
        /// A separate listener for `/metrics`, which is served nowhere else.
        pub metrics_listen: Option<SocketAddr> = None,
        /// Timeout for a request's headers, and for an idle connection to begin the next request. A
        /// body gets three times as long.
        pub read_timeout: Duration = Duration::from_secs(10),
        /// Timeout for the answer to a query or mutation. A query is then cancelled; a mutation
        /// that has begun still completes, but its answer is dropped.
        pub request_timeout: Duration = Duration::from_secs(30),
        /// A peer that accepts less than 8 KiB in this time, while more waits, is disconnected.
        pub send_timeout: Duration = Duration::from_secs(10),
        /// Timeout for work in flight when the server stops.
        pub drain_timeout: Duration = Duration::from_secs(10),
        /// Timeout from the upgrade to an accepted `connection_init`.
        pub ws_init_timeout: Duration = Duration::from_secs(3),
        /// A WebSocket that is silent for this time is pinged, again after half of it, and dropped
        /// after the other half. The kernel's keep-alive has the same times, for all connections.
        pub ws_keepalive: Duration = Duration::from_secs(45),
        /// Time between comments on an event stream. At most 20 s: widgets treat a stream as lost
        /// after 30 s of silence.
        pub sse_keepalive: Duration = Duration::from_secs(20),
        /// Largest JSON body.
        pub max_body_bytes: usize = 1 << 20,
        /// Largest JSON body of a caller that is not signed in.
        pub max_anonymous_body_bytes: usize = 64 << 10,
        /// Bytes of requests and answers of one client or account in flight.
        pub max_client_bytes_in_flight: usize = 4 << 20,
        /// Bytes in flight of all clients together. Beyond it, the client that holds the most is
        /// cut off first; the first 64 KiB of each client are never affected.
        pub max_bytes_in_flight: usize = 64 << 20,
        /// Bytes that the subscriptions of one client or account may hold: their requests and
        /// latest items.
        pub max_client_subscription_bytes: usize = 32 << 20,
        /// Largest answer to an operation, and largest item of a subscription.
        pub max_answer_bytes: usize = 1 << 20,
        /// Operations of one client or account that execute at once; further ones wait.
        pub max_client_executing: usize = cores_but_one(),
        /// Operations of one client or account that may wait; further ones are refused.
        pub max_client_waiting: usize = 256,
        /// Concurrent uploads of one account.
        pub max_client_uploads: usize = 4,
        /// Largest multipart body, the file included.
        pub max_upload_bytes: usize = 6 << 20,
        /// Largest WebSocket message from a client.
        pub max_message_bytes: usize = 64 << 10,
        /// Open WebSockets and event streams of one client (an IPv4 address or an IPv6 /64).
        pub max_sockets_per_client: usize = 200,
        /// Open connections of all clients together; further ones wait in the listen queue.
        pub max_connections: usize = 10_000,
        /// Open connections of one client (an IPv4 address or an IPv6 /64); further ones are
        /// closed. Trusted proxies have no such limit.
        pub max_connections_per_client: usize = 1_000,
        /// Operations in flight on one WebSocket.
        pub max_operations_per_socket: usize = 50,
        /// Largest item of a subscription that several subscribers share, as JSON; a larger one
        /// ends the subscription with an error.
        pub max_state_bytes: usize = 256 << 10,
        /// The implementation that writes the frames of WebSockets. Clients see no difference, so
        /// only tests choose one.
        pub websocket_writer: SocketWriter = SocketWriter::Direct,
        /// Most errors in one answer; the first ones are kept.
        pub max_errors: usize = 20,
        /// Limits on the cost of a GraphQL document.
        pub document: DocumentLimits = DocumentLimits::default(),
    }
}

/// The number of cores minus one, at least one.
#[must_use]
pub(crate) fn cores_but_one() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get() - 1).max(1)
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

with_defaults! {
    /// Limits on the cost of a GraphQL document. A fragment counts each time that it is spread.
    #[derive(Clone, Copy, Debug)]
    pub struct DocumentLimits {
        /// Length of the text.
        pub max_bytes: usize = 20_000,
        /// Names, values and punctuators; comments and commas are free.
        pub max_tokens: usize = 2_000,
        /// Nesting of fields. The standard introspection query is 13 deep.
        pub max_depth: usize = 15,
        /// Fields with an alias, or selected again in the same selection set.
        pub max_aliases: usize = 25,
        /// Fields of the root type.
        pub max_root_fields: usize = 25,
        /// Directives in the document.
        pub max_directives: usize = 20,
        /// Fields, fragments, directives and values after all fragments are expanded.
        pub max_expanded_nodes: usize = 10_000,
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
