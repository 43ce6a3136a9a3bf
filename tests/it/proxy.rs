//! The path that other stories cut: that it is as bad as it says, and no worse.

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

/// Somebody who says everything back.
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

/// Says something, hears it again, and how long that took.
async fn echoed(stream: &mut TcpStream, text: &str) -> Duration {
    let began = Instant::now();
    stream.write_all(text.as_bytes()).await.expect("sent");
    let mut back = vec![0; text.len()];
    in_time("the echo", stream.read_exact(&mut back)).await.expect("it comes back");
    assert_eq!(String::from_utf8_lossy(&back), text);
    began.elapsed()
}

#[tokio::test]
async fn an_open_path_carries_both_directions_and_ends_when_its_peers_do() {
    let proxy = Proxy::to(echo().await).await;
    let mut stream = connect(&proxy).await;
    echoed(&mut stream, &"long ".repeat(100_000)).await;
    stream.shutdown().await.expect("said goodbye");
    assert_eq!(in_time("the end", stream.read(&mut [0; 8])).await.expect("a good end"), 0);
}

#[tokio::test]
async fn a_cut_path_resets_open_connections_and_refuses_new_ones_until_it_is_restored() {
    let proxy = Proxy::to(echo().await).await;
    let mut stream = connect(&proxy).await;
    echoed(&mut stream, "hello").await;

    proxy.set(Path::Cut);
    let error = in_time("the reset", stream.read(&mut [0; 8])).await.expect_err("no good end");
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    eventually("the refusal", async || TcpStream::connect(("127.0.0.1", proxy.port())).await.is_err()).await;

    proxy.restore();
    eventually("the door", async || TcpStream::connect(("127.0.0.1", proxy.port())).await.is_ok()).await;
    echoed(&mut connect(&proxy).await, "again").await;
}

#[tokio::test]
async fn on_a_silent_path_nothing_passes_and_nothing_is_lost() {
    let proxy = Proxy::to(echo().await).await;
    let mut before = connect(&proxy).await;
    echoed(&mut before, "hello").await;

    proxy.set(Path::Silent);
    let mut after = connect(&proxy).await;
    let silence = Duration::from_millis(200);
    for stream in [&mut before, &mut after] {
        stream.write_all(b"anybody?").await.expect("the system takes it");
        timeout(silence, stream.read(&mut [0; 8])).await.expect_err("nobody answers, and nobody hangs up");
    }

    proxy.restore();
    for stream in [&mut before, &mut after] {
        let mut said = [0; 8];
        in_time("the answer", stream.read_exact(&mut said)).await.expect("it comes in the end");
        assert_eq!(&said, b"anybody?");
    }
}

#[tokio::test]
async fn a_delayed_path_takes_its_time_each_way_and_no_more() {
    let by = Duration::from_millis(100);
    let proxy = Proxy::to(echo().await).await;
    let mut stream = connect(&proxy).await;
    proxy.set(Path::Delayed(by));
    let took = echoed(&mut stream, "hello").await;
    assert!(took >= 2 * by, "{took:?}");
    // Late, not slow: what is sent together arrives together.
    let took = echoed(&mut stream, &"long ".repeat(20_000)).await;
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
        let read = in_time("a little", stream.read(&mut buffer)).await.expect("it goes on");
        (most, rest) = (most.max(read), rest - read);
    }
    // Two may have come together on a busy machine; all of it cannot.
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
    in_time("the reset", stream.read(&mut [0; 8])).await.expect_err("no good end");
}
