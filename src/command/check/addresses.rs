//! Checks the addresses: the one that the server listens on, the one that browsers use, and those
//! of proxies in between.

use std::{io, net::SocketAddr, time::Duration};

use edge::config::is_loopback;
use tokio::{
    net::TcpSocket,
    time::{Instant, sleep},
};

use super::{
    ready,
    report::{Line, note, ok, wrong},
};
use crate::config::Config;

/// How long a program that uses the address may take to show that it is a server.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);
/// Delay before it is asked again.
const PAUSE: Duration = Duration::from_millis(100);

/// Checks the addresses to listen on.
pub(super) async fn listen(config: &Config) -> Vec<Line> {
    let mut lines = vec![one("DESKBELL_LISTEN", config.http.listen, "/healthz", "ok\n").await];
    if let Some(address) = config.http.metrics_listen {
        lines.push(one("DESKBELL_METRICS_LISTEN", address, "/metrics", "deskbell_").await);
    }
    lines
}

/// Binds the address for a moment, without listening, which keeps no server from starting.
async fn one(setting: &str, address: SocketAddr, page: &str, contains: &str) -> Line {
    const SUBJECT: &str = "listen";
    if address.port() == 0 {
        return note(SUBJECT, format!("{setting} is {address}: each start takes another port"));
    }
    let began = Instant::now();
    let fault = loop {
        match bind(address) {
            Ok(()) => return ok(SUBJECT, format!("{address} is free")),
            Err(error) if error.kind() != io::ErrorKind::AddrInUse => break format!("{address}: {error}"),
            Err(_) => {}
        }
        let answer = ready::get(address, page, ANSWER_WITHIN).await;
        if answer.is_ok_and(|answer| answer.body.contains(contains)) {
            return ok(SUBJECT, format!("a server runs at {address}"));
        }
        // A server that is being restarted answers soon.
        if began.elapsed() >= ANSWER_WITHIN {
            break format!("another program uses {address}");
        }
        sleep(PAUSE).await;
    };
    wrong(SUBJECT, format!("{setting}: {fault}"))
}

fn bind(address: SocketAddr) -> io::Result<()> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // As the server: connections of a previous process do not count.
    socket.set_reuseaddr(true)?;
    socket.bind(address)
}

/// Checks the URL that browsers use against the address to listen on.
pub(super) fn public_url(config: &Config) -> Line {
    const SUBJECT: &str = "public URL";
    let (http, base) = (&config.http, config.http.public_base());
    if let Some(fault) = config.unreachable() {
        return wrong(SUBJECT, fault);
    }
    if !http.is_https() && !is_loopback(&http.public_url) {
        return note(
            SUBJECT,
            format!(
                "{base} is not encrypted, so passwords can be read on the way: put a proxy with TLS in front, and set DESKBELL_PUBLIC_URL to https://…"
            ),
        );
    }
    let port = http.public_url.port_or_known_default();
    if !http.is_https() && http.listen.port() != 0 && port != Some(http.listen.port()) {
        return note(
            SUBJECT,
            format!(
                "browsers open {base}, and the server listens on port {}: something must forward the one to the other, or DESKBELL_PUBLIC_URL is wrong",
                http.listen.port()
            ),
        );
    }
    ok(SUBJECT, base)
}

/// Checks that a proxy in front of the server is trusted. Limits count clients by their address,
/// and without trust all clients have the proxy's.
pub(super) fn proxies(config: &Config) -> Line {
    const SUBJECT: &str = "proxies";
    let (http, listen) = (&config.http, config.http.listen.ip());
    let trusted = &http.trusted_proxies;
    if trusted.iter().any(|network| network.prefix_len() == 0) {
        return wrong(
            SUBJECT,
            "DESKBELL_TRUSTED_PROXIES contains every address, so any client can pretend to be another",
        );
    }
    let is_trusted = trusted.iter().any(|network| network.contains(&listen));
    if listen.is_loopback() && !is_trusted && (http.is_https() || !trusted.is_empty()) {
        return wrong(
            SUBJECT,
            format!(
                "DESKBELL_TRUSTED_PROXIES does not contain {listen}, from where the proxy on this machine connects: all clients count as one and share its limits"
            ),
        );
    }
    match (trusted.is_empty(), http.is_https()) {
        (true, true) => note(
            SUBJECT,
            "none is trusted: if a proxy ends TLS and connects from its own address, all clients count as one, until DESKBELL_TRUSTED_PROXIES contains that address",
        ),
        (true, false) => ok(SUBJECT, "none"),
        (false, _) => {
            let list: Vec<_> = trusted.iter().map(ToString::to_string).collect();
            ok(SUBJECT, format!("X-Forwarded-For counts from {}", list.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{command::check::report::Verdict, config::settings::Values};

    fn config(set: &[(&'static str, &str)]) -> Config {
        let values = set.iter().fold(Values::default(), |values, (name, value)| values.with(name, value));
        Config::read(&values).expect("settings")
    }

    #[test]
    fn a_public_url_fits_the_address_that_the_server_listens_on() {
        for (listen, url, verdict) in [
            ("127.0.0.1:8080", "http://127.0.0.1:8080", Verdict::Ok),
            ("127.0.0.1:8080", "http://localhost:8080", Verdict::Ok),
            ("127.0.0.1:8080", "https://chat.acme.example", Verdict::Ok),
            ("0.0.0.0:8080", "https://chat.acme.example", Verdict::Ok),
            ("127.0.0.1:8080", "http://localhost:3000", Verdict::Note),
            ("0.0.0.0:8080", "http://chat.acme.example:8080", Verdict::Note),
            ("0.0.0.0:8080", "http://chat.acme.example", Verdict::Note),
            ("0.0.0.0:8080", "http://127.0.0.1:8080", Verdict::Wrong),
            ("0.0.0.0:8080", "https://localhost", Verdict::Wrong),
        ] {
            let line = public_url(&config(&[("LISTEN", listen), ("PUBLIC_URL", url)]));
            assert_eq!(line.verdict, verdict, "{listen} {url}: {line}");
            assert!(verdict == Verdict::Ok || line.to_string().contains("DESKBELL_PUBLIC_URL"), "{line}");
        }
    }

    #[test]
    fn a_proxy_must_be_trusted_where_it_connects_from() {
        const HTTPS: &str = "https://chat.acme.example";
        for (listen, url, trusted, verdict) in [
            ("127.0.0.1:8080", "http://127.0.0.1:8080", "", Verdict::Ok),
            ("0.0.0.0:8080", "http://192.0.2.7:8080", "", Verdict::Ok),
            ("127.0.0.1:8080", HTTPS, "127.0.0.1", Verdict::Ok),
            ("[::1]:8080", HTTPS, "::1,127.0.0.1", Verdict::Ok),
            ("0.0.0.0:8080", HTTPS, "172.16.0.0/12", Verdict::Ok),
            ("0.0.0.0:8080", HTTPS, "", Verdict::Note),
            ("127.0.0.1:8080", HTTPS, "", Verdict::Wrong),
            ("[::1]:8080", HTTPS, "127.0.0.1", Verdict::Wrong),
            ("127.0.0.1:8080", HTTPS, "10.0.0.0/8", Verdict::Wrong),
            ("0.0.0.0:8080", HTTPS, "0.0.0.0/0", Verdict::Wrong),
            ("0.0.0.0:8080", HTTPS, "10.0.0.0/8,::/0", Verdict::Wrong),
        ] {
            let line = proxies(&config(&[("LISTEN", listen), ("PUBLIC_URL", url), ("TRUSTED_PROXIES", trusted)]));
            assert_eq!(line.verdict, verdict, "{listen} {url} {trusted}: {line}");
            assert!(verdict == Verdict::Ok || line.to_string().contains("DESKBELL_TRUSTED_PROXIES"), "{line}");
        }
    }
}
