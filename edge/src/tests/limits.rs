//! The limits of a request, and internal errors.

use std::time::Duration;

use reqwest::{Client, StatusCode};
use serde_json::{Value as Json, json};

use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::{
    http::{answer, code, post},
    toy::{SLOW, TestServer, eventually},
};

#[tokio::test]
async fn document_limits_hold_over_http() {
    let server = TestServer::start().await;
    let deep = format!("{}hello{}", "{ again ".repeat(16), "}".repeat(16));
    let (status, refused) = answer(post(&server, &deep)).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(refused["errors"][0]["message"], "The document has fields nested more than 15 deep.");
    assert!(server.metrics().contains("toy_documents_refused_total 1"));
}

#[tokio::test]
async fn a_thousand_errors_become_twenty() {
    let server = TestServer::start().await;
    let wrong = (0..24).map(|i| format!("wrong{i} ")).collect::<Vec<_>>().concat();
    let (_, refused) = answer(post(&server, &format!("{{ {wrong} }}"))).await;
    assert_eq!(refused["errors"].as_array().map(Vec::len), Some(20));
}

#[tokio::test]
async fn introspection_is_a_switch() {
    let server = TestServer::with(|config| config.introspection = false).await;
    let (status, refused) = answer(post(&server, "{ __schema { types { name } } }")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(refused["errors"][0]["message"], "Introspection is disabled on this server (TOY_INTROSPECTION).");
    let server = TestServer::start().await;
    assert_eq!(answer(post(&server, "{ __schema { queryType { name } } }")).await.0, StatusCode::OK);
}

#[tokio::test]
async fn internal_errors_are_a_code_and_an_id() {
    let server = TestServer::start().await;
    for (query, status) in [("{ panics }", StatusCode::INTERNAL_SERVER_ERROR), ("{ leaks }", StatusCode::OK)] {
        let response = post(&server, query).send().await.expect("an answer");
        assert_eq!(response.status(), status, "{query}");
        let id = response.headers()["x-request-id"].to_str().expect("text").to_owned();
        let body: Json = response.json().await.expect("JSON");
        assert_eq!(code(&body), "INTERNAL_SERVER_ERROR");
        assert_eq!(body["errors"][0]["extensions"]["requestId"], id);
        assert!(!body.to_string().contains("secret"), "{body}");
    }
    let (status, body) = answer(post(&server, "{ hello forbidden }")).await;
    assert_eq!((status, &body["data"]["hello"], code(&body)), (StatusCode::OK, &json!("world"), "FORBIDDEN"));
    let text = server.metrics();
    assert!(text.contains(r#"operations_total{operation="query",transport="http",outcome="internal"} 2"#), "{text}");
}

#[tokio::test]
async fn a_body_has_a_size_limit_and_a_timeout() {
    let server = TestServer::with(|config| config.max_body_bytes = 1_000).await;
    let (status, refused) = answer(post(&server, &format!("{{ echo(text: \"{}\") }}", "x".repeat(2_000)))).await;
    assert_eq!((status, code(&refused)), (StatusCode::PAYLOAD_TOO_LARGE, "BAD_USER_INPUT"));
    // Without a length.
    let chunks = (0..20).map(|_| Ok::<_, std::io::Error>(" ".repeat(100_000)));
    let request = Client::new()
        .post(server.url("/graphql"))
        .header("content-type", "application/json")
        .body(reqwest::Body::wrap_stream(futures_util::stream::iter(chunks)));
    assert_eq!(answer(request).await.0, StatusCode::PAYLOAD_TOO_LARGE);

    let server = TestServer::with(|config| config.read_timeout = Duration::from_millis(500)).await;
    let drip = futures_util::stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Some((Ok::<_, std::io::Error>(" "), ()))
    });
    let request = Client::new()
        .post(server.url("/graphql"))
        .header("content-type", "application/json")
        .body(reqwest::Body::wrap_stream(drip));
    assert_eq!(answer(request).await.0, StatusCode::REQUEST_TIMEOUT);
}

#[tokio::test]
async fn a_timeout_ends_a_query_but_not_a_mutation() {
    let server = TestServer::with(|config| config.request_timeout = Duration::from_millis(50)).await;
    let (status, late) = answer(post(&server, "{ slow(ms: 60000) }")).await;
    assert_eq!((status, code(&late)), (StatusCode::GATEWAY_TIMEOUT, "INTERNAL_SERVER_ERROR"));
    let (status, _) = answer(post(&server, "mutation { bump(ms: 2000) }")).await;
    assert_eq!((status, server.done()), (StatusCode::GATEWAY_TIMEOUT, 0));
    eventually("the mutation is finished", || server.done() == 1).await;
}

#[tokio::test]
async fn a_mutation_in_flight_survives_a_disconnect() {
    let server = TestServer::start().await;
    let asking = tokio::spawn(post(&server, "mutation { bump(ms: 200) }").send());
    eventually("the mutation has begun", || server.begun() == 1).await;
    asking.abort();
    eventually("the mutation is finished", || server.done() == 1).await;
}

#[tokio::test]
async fn a_received_mutation_runs_although_its_client_disconnects() {
    let server = TestServer::start().await;
    let body = r#"{"query":"mutation { bump }"}"#;
    for (count, accept) in ["application/json", "text/event-stream"].into_iter().enumerate() {
        let mut client = TcpStream::connect(server.address).await.expect("a connection");
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: a\r\naccept: {accept}\r\nauthorization: Bearer {SLOW}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        client.write_all(format!("{head}{body}").as_bytes()).await.expect("sent");
        drop(client);
        eventually(&format!("the mutation over {accept} has run"), || server.done() == count + 1).await;
    }
}
