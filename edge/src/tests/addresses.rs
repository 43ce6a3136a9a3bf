//! Routes other than `/graphql`.

use reqwest::{Client, Method, Response, StatusCode};

use super::toy::{ADA, TestServer};

#[tokio::test]
async fn other_addresses_and_methods() {
    let server = TestServer::start().await;
    let get = async |path: &str| -> Response {
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        client.get(server.url(path)).send().await.expect("an answer")
    };
    assert_eq!(get("/page").await.text().await.expect("text"), "a page");
    let missing = get("/nothing").await;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    assert_eq!(missing.headers()["content-type"], "text/plain; charset=utf-8");
    let file = get("/").await;
    assert_eq!(
        (file.status(), &file.headers()["x-content-type-options"]),
        (StatusCode::OK, &"nosniff".parse().unwrap())
    );
    assert_eq!(file.text().await.expect("text"), "a file");
    let moved = get("/moved").await;
    assert_eq!(
        (moved.status(), &moved.headers()["location"]),
        (StatusCode::PERMANENT_REDIRECT, &"/page".parse().unwrap())
    );
    let broken = get("/broken").await;
    assert_eq!(broken.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(broken.headers().contains_key("x-request-id"));
    for (method, path) in [
        ("TRACE", "/graphql"),
        ("TRACE", "/nothing"),
        ("PUT", "/graphql"),
        ("BREW", "/page"),
        ("DELETE", "/"),
        ("HEAD", "/graphql"),
    ] {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let response = Client::new().request(method.clone(), server.url(path)).send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        assert!(response.headers().contains_key("allow"));
    }
}

#[tokio::test]
async fn monitoring_endpoints_answer() {
    let server = TestServer::start().await;
    let get = async |url: String| {
        let response = Client::new().get(url).send().await.expect("an answer");
        (response.status(), response.text().await.expect("text"))
    };
    assert_eq!(get(server.url("/healthz")).await, (StatusCode::OK, "ok\n".into()));
    assert_eq!(get(server.url("/readyz")).await, (StatusCode::OK, "ready\n".into()));
    server.world.end_session(ADA);
    assert_eq!(get(server.url("/readyz")).await, (StatusCode::SERVICE_UNAVAILABLE, "the backend is down\n".into()));
    assert_eq!(get(server.url("/metrics")).await.0, StatusCode::NOT_FOUND);
    assert_eq!(server.metrics_address, None);

    let server = TestServer::with(|config| config.metrics_listen = Some(([127, 0, 0, 1], 0).into())).await;
    assert_eq!(get(server.url("/metrics")).await.0, StatusCode::NOT_FOUND);
    let apart = server.metrics_address.expect("a separate listener");
    assert!(get(format!("http://{apart}/metrics")).await.1.contains("toy_connections "));
    assert_eq!(get(format!("http://{apart}/graphql")).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn behind_https_all_answers_have_strict_transport_security() {
    let paths = [
        (reqwest::Method::GET, "/healthz", StatusCode::OK),
        (reqwest::Method::GET, "/", StatusCode::OK),
        (reqwest::Method::GET, "/page", StatusCode::OK),
        (reqwest::Method::GET, "/nothing", StatusCode::NOT_FOUND),
        (reqwest::Method::GET, "/broken", StatusCode::INTERNAL_SERVER_ERROR),
        (reqwest::Method::DELETE, "/", StatusCode::METHOD_NOT_ALLOWED),
        (reqwest::Method::POST, "/graphql", StatusCode::UNSUPPORTED_MEDIA_TYPE),
    ];
    for (public_url, expected) in
        [("https://chat.example.org", vec!["max-age=31536000"]), ("http://chat.example.org", vec![])]
    {
        let server = TestServer::with(|config| config.public_url = public_url.parse().expect("a URL")).await;
        for (method, path, status) in paths.clone() {
            let response = Client::new().request(method, server.url(path)).send().await.expect("an answer");
            assert_eq!(response.status(), status, "{path}");
            let headers: Vec<_> = response.headers().get_all("strict-transport-security").iter().collect();
            assert_eq!(headers, expected, "{public_url}{path}");
        }
    }
}
