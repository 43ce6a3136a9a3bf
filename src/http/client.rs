//! Whose request it is, as an address.
//!
//! Behind a proxy every connection comes from the proxy, and what it says in `X-Forwarded-For` is only worth something when
//! the proxy is ours: anybody may write that header. So it is read from the right, hop by hop, for as long as each hop is
//! in the trusted list; the first one that is not is the client.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::{
    extract::{Request, State},
    http::HeaderMap,
    middleware::Next,
    response::Response,
};
use ipnet::IpNet;

use super::{edge::Edge, house::House, server::Peer};
use crate::ledger::Who;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The address of the client, IPv4 written as IPv4 even when it came in over IPv6.
pub(super) fn address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|net| net.contains(&address));
    let mut client = peer.to_canonical();
    if !is_trusted(client) {
        return client;
    }
    let lines = headers.get_all(FORWARDED_FOR).iter().rev();
    for line in lines {
        for hop in line.as_bytes().rsplit(|byte| *byte == b',') {
            // What cannot be read was not written by a proxy of ours: the last one that was is as far as we can see.
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

/// Names the client that a page is served for, as an extension of the request: its reads wait in that client's line.
pub(super) async fn name<H: House>(State(edge): State<Edge<H>>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>().expect("the server names the peer");
    let address = address(peer.address, request.headers(), &edge.house.config().trusted_proxies);
    request.extensions_mut().insert(Who::client(address));
    next.run(request).await
}

/// An address, with or without a port: proxies write both.
fn parse(hop: &str) -> Option<IpAddr> {
    hop.parse()
        .or_else(|_| hop.parse::<SocketAddr>().map(|address| address.ip()))
        .or_else(|_| hop.trim_start_matches('[').trim_end_matches(']').parse())
        .map(|address: IpAddr| address.to_canonical())
        .ok()
}

/// What limits are counted by: the IPv4 address, or the first 64 bits of an IPv6 address, since whoever has one address of
/// such a network has all of them.
#[must_use]
pub fn limit_key(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
    }
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
    fn the_client_is_the_rightmost_hop_that_is_not_ours() {
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

    #[test]
    fn limits_are_per_address_or_per_sixty_four_bits() {
        let key = |text: &str| limit_key(text.parse().expect("an address")).to_string();
        assert_eq!(key("203.0.113.9"), "203.0.113.9");
        assert_eq!(key("::ffff:203.0.113.9"), "203.0.113.9");
        assert_eq!(key("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(key("2001:db8:1:2::"), "2001:db8:1:2::");
    }
}
