//! `deskbell check --ready`: asks the server on this machine, without curl, which a small container
//! image does not have.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::{command::output::print, config::Config};

/// Longer than the server waits for its database before it answers that it is not ready.
const ANSWER_WITHIN: Duration = Duration::from_secs(6);
/// More than the server writes for `/readyz`. Another program may listen on the port.
const MAX_ANSWER_BYTES: u64 = 64 << 10;

/// Prints what `/readyz` answers.
///
/// # Errors
/// The server does not answer, or is not ready.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    let listen = config.http.listen;
    ensure!(listen.port() != 0, "DESKBELL_LISTEN: has no fixed port, so the server cannot be found");
    let answer = get(listen, "/readyz", ANSWER_WITHIN).await.with_context(|| format!("the server at {listen}"))?;
    print(&answer.body)?;
    ensure!(answer.status == 200, "the server at {listen} is not ready");
    Ok(())
}

/// An answer over plain HTTP.
#[derive(Debug)]
pub(super) struct Answer {
    pub status: u16,
    /// Without control characters other than line breaks: any program may have sent it.
    pub body: String,
}

/// Requests a page of the server that listens on this address.
pub(super) async fn get(listen: SocketAddr, path: &str, within: Duration) -> anyhow::Result<Answer> {
    timeout(within, ask(listen, path))
        .await
        .with_context(|| format!("does not answer within {} s", within.as_secs()))?
}

async fn ask(listen: SocketAddr, path: &str) -> anyhow::Result<Answer> {
    let addresses = on_this_machine(listen);
    let mut stream = TcpStream::connect(&addresses[..]).await.context("does not answer")?;
    // HTTP/1.0 has no chunks, and the answer ends with the connection.
    let request = format!("GET {path} HTTP/1.0\r\nHost: {}\r\nUser-Agent: deskbell-check\r\n\r\n", addresses[0]);
    stream.write_all(request.as_bytes()).await.context("does not accept a request")?;
    let mut answer = Vec::new();
    stream.take(MAX_ANSWER_BYTES).read_to_end(&mut answer).await.context("does not complete its answer")?;
    parse(&String::from_utf8_lossy(&answer))
}

/// Parses a status line, headers, an empty line, and a body.
fn parse(answer: &str) -> anyhow::Result<Answer> {
    let status = answer.strip_prefix("HTTP/1.").and_then(|rest| rest.split(' ').nth(1)?.trim().parse().ok());
    let (Some(status), Some((_, body))) = (status, answer.split_once("\r\n\r\n")) else {
        bail!("does not answer in HTTP");
    };
    let body = body.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
    Ok(Answer { status, body })
}

/// The addresses at which a client on this machine reaches the server. One that listens on all IPv6
/// addresses may be reachable over IPv4 only, where the machine has no `::1`.
fn on_this_machine(listen: SocketAddr) -> Vec<SocketAddr> {
    let at = |ip: IpAddr| SocketAddr::new(ip, listen.port());
    match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => vec![at(Ipv4Addr::LOCALHOST.into())],
        IpAddr::V6(ip) if ip.is_unspecified() => vec![at(Ipv6Addr::LOCALHOST.into()), at(Ipv4Addr::LOCALHOST.into())],
        _ => vec![listen],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_a_status_and_a_body_without_control_characters() {
        for (answer, status, body) in [
            ("HTTP/1.0 200 OK\r\ncontent-length: 6\r\n\r\nready\n", 200, "ready\n"),
            ("HTTP/1.1 503 Service Unavailable\r\n\r\nstopping\n", 503, "stopping\n"),
            ("HTTP/1.1 204\r\n\r\n", 204, ""),
            ("HTTP/1.1 200 OK\r\n\r\n\x1b[2Jready\r\n", 200, "[2Jready\n"),
        ] {
            let parsed = parse(answer).expect(answer);
            assert_eq!((parsed.status, parsed.body.as_str()), (status, body));
        }
        for answer in ["", "220 mail.example ESMTP\r\n\r\n", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 fine\r\n\r\n"] {
            assert!(parse(answer).is_err(), "{answer:?}");
        }
    }

    #[test]
    fn a_server_on_all_addresses_is_asked_on_loopback() {
        let on =
            |text: &str| on_this_machine(text.parse().expect(text)).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(on("0.0.0.0:80"), ["127.0.0.1:80"]);
        assert_eq!(on("[::]:80"), ["[::1]:80", "127.0.0.1:80"]);
        assert_eq!(on("192.0.2.7:80"), ["192.0.2.7:80"]);
    }
}
