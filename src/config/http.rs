//! Names, bounds and descriptions of the settings of the HTTP server, whose fields and defaults are
//! in [`edge::config`].

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use edge::config::{HttpConfig, Origin, SocketWriter};
use ipnet::IpNet;
use url::{Host, Url};

use super::{
    kind::{HOUR, Kind, MINUTE, SECOND, bytes, choice, duration, list, number, switch},
    read::Reader,
    settings::parts,
};

const MIB: usize = 1 << 20;

/// The settings of every installation.
pub(super) fn read_addresses(http: &mut HttpConfig, reader: &mut Reader<'_>) {
    parts! { reader, http;
        /// Address to listen on; port 0 takes a free one.
        listen => LISTEN: Kind::new("ADDRESS:PORT", socket_address, SocketAddr::to_string);
    }
    http.public_url = url_of(http.listen);
    parts! { reader, http;
        /// URL at which browsers reach this server; links in mails begin with it. With https,
        /// cookies are Secure. Default: http:// and the address of `DESKBELL_LISTEN`.
        public_url => PUBLIC_URL: Kind::parsed("URL", public_url);
        /// Origins whose pages may act for a signed-in operator, comma-separated; the origin of the
        /// public URL is always allowed. All other pages are served as anonymous.
        allowed_origins => ALLOWED_ORIGINS: list("ORIGINS", origin);
        /// Addresses or networks whose X-Forwarded-For is trusted, comma-separated.
        trusted_proxies => TRUSTED_PROXIES: list("NETWORKS", network);
    }
}

/// Timeouts and limits.
pub(super) fn read_limits(http: &mut HttpConfig, reader: &mut Reader<'_>) {
    parts! { reader, http;
        /// Whether introspection of the schema is allowed, and errors suggest names of fields.
        introspection => INTROSPECTION: switch();
        /// A separate listener for /metrics, such as 127.0.0.1:9090; without it, metrics are not
        /// served.
        metrics_listen => METRICS_LISTEN: Kind::parsed("ADDRESS:PORT", socket_address).optional();
        /// Timeout for a request's headers. A body gets three times as long, and must deliver 8 KiB
        /// in each such time.
        read_timeout => HTTP_READ_TIMEOUT: duration(SECOND / 10..=10 * MINUTE);
        /// Timeout for the answer to a query, a mutation or a page without script. A mutation that
        /// has begun still completes.
        request_timeout => REQUEST_TIMEOUT: duration(SECOND / 10..=10 * MINUTE);
        /// A peer that accepts less than 8 KiB in this time, while more waits, is disconnected.
        send_timeout => SEND_TIMEOUT: duration(SECOND / 10..=10 * MINUTE);
        /// Timeout for work in flight when the server stops.
        drain_timeout => DRAIN_TIMEOUT: duration(Duration::ZERO..=10 * MINUTE);
        /// Timeout from a WebSocket's upgrade to its `connection_init`.
        ws_init_timeout => WS_INIT_TIMEOUT: duration(SECOND / 10..=10 * SECOND);
        /// A WebSocket that is silent for this time is pinged, again after half of it, and dropped
        /// after the other half. The kernel's keep-alive has the same times, for all connections.
        ws_keepalive => WS_KEEPALIVE: duration(SECOND / 10..=HOUR);
        /// Time between comments on an event stream, at most 20s: widgets treat a stream as
        /// lost after 30s of silence.
        sse_keepalive => SSE_KEEPALIVE: duration(SECOND / 10..=20 * SECOND);
        /// Largest JSON body.
        max_body_bytes => MAX_BODY_BYTES: bytes(1024..=64 * MIB);
        /// Largest JSON body of a caller that is not signed in.
        max_anonymous_body_bytes => MAX_ANONYMOUS_BODY_BYTES: bytes(1024..=64 * MIB);
        /// Bytes of requests and answers of one client or account in flight; more is refused.
        max_client_bytes_in_flight => MAX_CLIENT_BYTES_IN_FLIGHT: bytes(MIB / 16..=1024 * MIB);
        /// Bytes in flight of all clients together; beyond it, the client that holds the most is
        /// cut off first.
        max_bytes_in_flight => MAX_BYTES_IN_FLIGHT: bytes(MIB..=64 * 1024 * MIB);
        /// Bytes that the subscriptions of one client or account may hold: their requests and
        /// latest items.
        max_client_subscription_bytes => MAX_CLIENT_SUBSCRIPTION_BYTES: bytes(MIB..=1024 * MIB);
        /// Largest answer to an operation, and largest item of a subscription.
        max_answer_bytes => MAX_ANSWER_BYTES: bytes(MIB / 16..=64 * MIB);
        /// Operations of one client or account that execute at once; further ones wait in the
        /// client's queue. Default: one less than the cores, at least one.
        max_client_executing => MAX_CLIENT_EXECUTING: number(1..=1_000).without_default();
        /// Operations of one client or account that may wait; further ones are refused.
        max_client_waiting => MAX_CLIENT_WAITING: number(1..=100_000);
        /// Concurrent uploads of one account.
        max_client_uploads => MAX_CLIENT_UPLOADS: number(1..=32);
        /// Largest multipart body, the file included.
        max_upload_bytes => MAX_UPLOAD_BYTES: bytes(1024..=64 * MIB);
        /// Largest WebSocket message from a client.
        max_message_bytes => MAX_MESSAGE_BYTES: bytes(1024..=MIB);
        /// Open WebSockets and event streams of one client: an IPv4 address or an IPv6 /64. A /56
        /// may have 4 times and a /48 16 times as many.
        max_sockets_per_client => MAX_SOCKETS_PER_CLIENT: number(1..=1_000_000);
        /// Open connections of all clients together; further ones wait.
        max_connections => MAX_CONNECTIONS: number(1..=10_000_000);
        /// Open connections of one client, counted in the same way; further ones are closed.
        /// Trusted proxies have no such limit.
        max_connections_per_client => MAX_CONNECTIONS_PER_CLIENT: number(1..=10_000_000);
        /// Operations in flight on one WebSocket.
        max_operations_per_socket => MAX_OPERATIONS_PER_SOCKET: number(1..=100);
        /// Largest item of a subscription that several subscribers share; a larger one ends the
        /// subscription with an error.
        max_state_bytes => MAX_STATE_BYTES: bytes(16_384..=16_777_216);
        /// Most errors in one answer.
        max_errors => MAX_ERRORS: number(1..=1_000);
        /// Longest GraphQL document.
        document.max_bytes => MAX_DOCUMENT_BYTES: bytes(100..=1 << 20);
        /// Most tokens in a document.
        document.max_tokens => MAX_DOCUMENT_TOKENS: number(10..=100_000);
        /// Deepest selection; the standard introspection query is 13 deep.
        document.max_depth => MAX_DEPTH: number(1..=50);
        /// Most aliases in a document.
        document.max_aliases => MAX_ALIASES: number(0..=10_000);
        /// Most fields of the root type.
        document.max_root_fields => MAX_ROOT_FIELDS: number(1..=10_000);
        /// Most directives in a document.
        document.max_directives => MAX_DIRECTIVES: number(0..=10_000);
        /// Largest document after all fragments are expanded, in fields, fragments, directives and
        /// values.
        document.max_expanded_nodes => MAX_EXPANDED_NODES: number(10..=1_000_000);
    }
    reader.debug_setting(
        "WEBSOCKET_WRITER",
        "Implementation that writes the frames of WebSockets",
        choice("direct|library", [SocketWriter::Direct, SocketWriter::Library]),
        &mut http.websocket_writer,
    );
}

fn socket_address(text: &str) -> Result<SocketAddr, String> {
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
fn url_of(listen: SocketAddr) -> Url {
    let mut address = listen;
    if listen.ip().is_unspecified() {
        address.set_ip(IpAddr::from([127, 0, 0, 1]));
    }
    Url::parse(&format!("http://{address}")).expect("an address and a port")
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
