//! The proxy that other stories use: its faults are as bad as described, and no worse.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{Instant, timeout},
};

use crate::support::{
    eventually, in_time,
    proxy::{Path, Proxy},
};

/// A server that echoes all bytes. Returns its port.
async fn echo() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = stream.split();
                tokio::io::copy(&mut from, &mut to).await
            });
        }
    });
    port
}

async fn connect(proxy: &Proxy) -> TcpStream {
    in_time("a connection", TcpStream::connect(("127.0.0.1", proxy.port()))).await.expect("the proxy listens")
}

/// Sends a text and reads its echo. Returns how long that took.
async fn round_trip(stream: &mut TcpStream, text: &str) -> Duration {
    let began = Instant::now();
    stream.write_all(text.as_bytes()).await.expect("sent");
    let mut echo = vec![0; text.len()];
    in_time("the echo", stream.read_exact(&mut echo)).await.expect("the echo arrives");
    assert_eq!(String::from_utf8_lossy(&echo), text);
    began.elapsed()
}

#[tokio::test]
async fn an_open_path_carries_both_directions_and_ends_when_its_peers_do() {
    let proxy = Proxy::to(echo().await).await;
    let mut stream = connect(&proxy).await;
    round_trip(&mut stream, &"long ".repeat(100_000)).await;
    stream.shutdown().await.expect("the stream is shut down");
    assert_eq!(in_time("the end", stream.read(&mut [0; 8])).await.expect("the stream ends without an error"), 0);
}

#[tokio::test]
async fn a_cut_path_resets_open_connections_and_refuses_new_ones_until_it_is_restored() {
    let proxy = Proxy::to(echo().await).await;
    let mut stream = connect(&proxy).await;
    round_trip(&mut stream, "hello").await;

    proxy.set(Path::Cut);
    let error = in_time("the reset", stream.read(&mut [0; 8])).await.expect_err("the connection is reset");
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    eventually("the refusal", async || TcpStream::connect(("127.0.0.1", proxy.port())).await.is_err()).await;

    proxy.restore();
    eventually("a new connection", async || TcpStream::connect(("127.0.0.1", proxy.port())).await.is_ok()).await;
    round_trip(&mut connect(&proxy).await, "again").await;
}

#[tokio::test]
async fn on_a_silent_path_nothing_passes_and_nothing_is_lost() {
    let proxy = Proxy::to(echo().await).await;
    let mut before = connect(&proxy).await;
    round_trip(&mut before, "hello").await;

    proxy.set(Path::Silent);
    let mut after = connect(&proxy).await;
    let silence = Duration::from_millis(200);
    for stream in [&mut before, &mut after] {
        stream.write_all(b"question").await.expect("the system buffers it");
        timeout(silence, stream.read(&mut [0; 8])).await.expect_err("no answer, and the connection stays open");
    }

    proxy.restore();
    for stream in [&mut before, &mut after] {
        let mut answer = [0; 8];
        in_time("the answer", stream.read_exact(&mut answer)).await.expect("the answer arrives");
        assert_eq!(&answer, b"question");
    }
}

#[tokio::test]
async fn a_delayed_path_takes_its_time_each_way_and_no_more() {
    let by = Duration::from_millis(100);
    let proxy = Proxy::to(echo().await).await;
    let mut stream = connect(&proxy).await;
    proxy.set(Path::Delayed(by));
    let took = round_trip(&mut stream, "hello").await;
    assert!(took >= 2 * by, "{took:?}");
    // Delayed, not slow: bytes that were sent together arrive together.
    let took = round_trip(&mut stream, &"long ".repeat(20_000)).await;
    assert!(took < 10 * by, "{took:?}");
}

#[tokio::test]
async fn a_dribbled_path_gives_a_little_at_a_time() {
    let proxy = Proxy::to(echo().await).await;
    let mut stream = connect(&proxy).await;
    proxy.set(Path::Dribbled(3, Duration::from_millis(10)));
    stream.write_all(&[7; 30]).await.expect("sent");
    let mut most = 0;
    let mut rest = 30;
    while rest > 0 {
        let mut buffer = [0; 30];
        let read = in_time("some bytes", stream.read(&mut buffer)).await.expect("the stream is open");
        (most, rest) = (most.max(read), rest - read);
    }
    // Two pieces may arrive together on a busy machine, but not all.
    assert!(most < 15, "{most} at once");
}

#[tokio::test]
async fn a_connection_without_a_server_behind_the_proxy_is_reset() {
    let gone = {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        listener.local_addr().expect("bound").port()
    };
    let proxy = Proxy::to(gone).await;
    let mut stream = connect(&proxy).await;
    in_time("the reset", stream.read(&mut [0; 8])).await.expect_err("the connection is reset");
}
