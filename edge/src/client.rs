//! The address of the client that sent a request.
//!
//! Behind a proxy each connection comes from the proxy. Its `X-Forwarded-For` is trustworthy only
//! if the proxy is, because any client can write that header. So it is read from the right, hop by
//! hop, while each hop is in the trusted list. The first hop that is not is the client.

use std::net::{IpAddr, SocketAddr};

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use ipnet::IpNet;

use super::{
    backend::Backend,
    fair::counted,
    peer::{Ends, Peer},
    shared::Edge,
};
use crate::ledger::Who;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The address of the client. An IPv4 address is written as IPv4, also when the client connected
/// over IPv6.
pub(crate) fn address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|net| net.contains(&address));
    let mut client = peer.to_canonical();
    if !is_trusted(client) {
        return client;
    }
    let lines = headers.get_all(FORWARDED_FOR).iter().rev();
    for line in lines {
        for hop in line.as_bytes().rsplit(|byte| *byte == b',') {
            // A hop that cannot be parsed was not written by a trusted proxy. The last trusted hop
            // is the best known address.
            let Some(hop) = str::from_utf8(hop).ok().and_then(|hop| parse(hop.trim())) else {
                return client;
            };
            client = hop;
            if !is_trusted(client) {
                return client;
            }
        }
    }
    client
}

/// Adds the client to the request as an extension, so that its reads wait in that client's queue.
/// Counts the response for the client until it is written.
pub(crate) async fn name<H: Backend>(State(edge): State<Edge<H>>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>().expect("the server names the peer");
    let ends = request.extensions().get::<Ends>().expect("the server gives each connection an end").0.clone();
    let address = address(peer.address, request.headers(), &edge.backend.config().trusted_proxies);
    let who = Who::client(address);
    request.extensions_mut().insert(who);
    let (head, body) = next.run(request).await.into_parts();
    // The body is complete, because pages have no streams.
    let Ok(body) = to_bytes(body, usize::MAX).await else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    if body.is_empty() {
        return Response::from_parts(head, Body::empty());
    }
    match edge.fair.in_flight.take(who, body.len()) {
        Ok(lease) => {
            // Closes the connection when other clients need the bytes.
            lease.cuts(ends);
            Response::from_parts(head, counted(body, Some(lease)).into())
        }
        Err(full) => (
            StatusCode::TOO_MANY_REQUESTS,
            [(header::CACHE_CONTROL, "no-store"), (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")],
            format!("{full}\n"),
        )
            .into_response(),
    }
}

/// Parses an address with or without a port, because proxies write both.
fn parse(hop: &str) -> Option<IpAddr> {
    hop.parse()
        .or_else(|_| hop.parse::<SocketAddr>().map(|address| address.ip()))
        .or_else(|_| hop.trim_start_matches('[').trim_end_matches(']').parse())
        .map(|address: IpAddr| address.to_canonical())
        .ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn resolved(peer: &str, forwarded: &[&'static str]) -> String {
        let trusted: Vec<IpNet> = ["10.0.0.0/8", "fd00::/8"].map(|net| net.parse().expect("a network")).into();
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED_FOR, HeaderValue::from_bytes(line.as_bytes()).expect("a header"));
        }
        address(peer.parse().expect("an address"), &headers, &trusted).to_string()
    }

    #[test]
    fn the_client_is_the_rightmost_untrusted_hop() {
        for (peer, forwarded, expected) in [
            ("203.0.113.9", &[][..], "203.0.113.9"),
            ("203.0.113.9", &["198.51.100.1"], "203.0.113.9"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["6.6.6.6, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", &["6.6.6.6", "198.51.100.1", "10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            ("10.0.0.1", &["198.51.100.1, nonsense, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &["nonsense"], "10.0.0.1"),
            ("10.0.0.1", &["Plzeň, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["Plzeň", "198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", &["198.51.100.1, Plzeň"], "10.0.0.1"),
            ("10.0.0.1", &[""], "10.0.0.1"),
            ("::ffff:10.0.0.1", &["::ffff:198.51.100.1"], "198.51.100.1"),
            ("fd00::1", &["2001:db8::7"], "2001:db8::7"),
            ("10.0.0.1", &["198.51.100.1:4711"], "198.51.100.1"),
            ("10.0.0.1", &["[2001:db8::7]:4711"], "2001:db8::7"),
            ("10.0.0.1", &["[2001:db8::7]"], "2001:db8::7"),
        ] {
            assert_eq!(resolved(peer, forwarded), expected, "{peer} {forwarded:?}");
        }
    }
}
