//! Requests: bodies, values, variables, files, persisted queries.

use std::sync::atomic::Ordering;

use reqwest::{
    Client, RequestBuilder, StatusCode,
    multipart::{Form, Part},
};
use serde_json::{Value as Json, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::tests::{
    http::{answer, code, post},
    toy::{ADA, SLOW, TestServer, eventually},
    websocket::socket::{SOON, ada, stranger},
};

fn send(server: &TestServer, body: impl Into<reqwest::Body>) -> RequestBuilder {
    Client::new().post(server.url("/graphql")).header("content-type", "application/json").body(body)
}

/// The head of a POST that declares `length` bytes and expects `100 Continue`.
fn head(token: &str, length: usize) -> String {
    let token = if token.is_empty() { String::new() } else { format!("authorization: Bearer {token}\r\n") };
    format!(
        "POST /graphql HTTP/1.1\r\nhost: a\r\n{token}content-type: application/json\r\nexpect: 100-continue\r\ncontent-length: {length}\r\n\r\n"
    )
}

async fn first_line(client: &mut TcpStream) -> String {
    let mut bytes = [0; 64];
    let count = tokio::time::timeout(SOON, client.read(&mut bytes)).await.expect("in time").expect("bytes");
    String::from_utf8_lossy(&bytes[..count]).lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn an_anonymous_body_is_small_and_a_larger_one_is_refused_before_it_is_read() {
    let server = TestServer::start().await;
    for (token, length, expected) in [
        ("", (64 << 10) + 1, "HTTP/1.1 413 Payload Too Large"),
        ("", 64 << 10, "HTTP/1.1 100 Continue"),
        (ADA, (64 << 10) + 1, "HTTP/1.1 100 Continue"),
        (ADA, (1 << 20) + 1, "HTTP/1.1 413 Payload Too Large"),
        ("nonsense", 64 << 20, "HTTP/1.1 401 Unauthorized"),
    ] {
        let mut client = TcpStream::connect(server.address).await.expect("a connection");
        client.write_all(head(token, length).as_bytes()).await.expect("sent");
        assert_eq!(first_line(&mut client).await, expected, "{token} {length}");
    }
    // Without a length.
    let body = |bytes: usize| {
        let text = format!(r#"{{"query":"{{ who {{ token }} }}","more":"{}"}}"#, "x".repeat(bytes));
        reqwest::Body::wrap_stream(futures_util::stream::iter([Ok::<_, std::io::Error>(text)]))
    };
    assert_eq!(answer(send(&server, body(70_000))).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    let (status, body) = answer(send(&server, body(70_000)).bearer_auth(ADA)).await;
    assert_eq!((status, &body["data"]["who"]["token"]), (StatusCode::OK, &json!(ADA)));
}

#[tokio::test]
async fn a_large_received_mutation_runs_although_its_client_disconnects() {
    let server = TestServer::start().await;
    let body = format!(r#"{{"query":"mutation {{ bump }}","more":"{}"}}"#, "x".repeat(60_000));
    let mut client = TcpStream::connect(server.address).await.expect("a connection");
    let head = head(SLOW, body.len()).replace("expect: 100-continue\r\n", "");
    client.write_all(format!("{head}{body}").as_bytes()).await.expect("sent");
    drop(client);
    eventually("the mutation has run", || server.done() == 1).await;
}

#[tokio::test]
async fn bytes_of_bodies_are_counted_while_they_arrive() {
    let server = TestServer::with(|config| config.max_client_bytes_in_flight = 100_000).await;
    let mut stalled = TcpStream::connect(server.address).await.expect("a connection");
    let head = head("", 60_000).replace("expect: 100-continue\r\n", "");
    stalled.write_all(head.as_bytes()).await.expect("sent");
    stalled.write_all(&vec![b' '; 59_999]).await.expect("sent");
    eventually("it is counted", || server.bytes_in_flight() == 59_999).await;
    let (status, refused) = answer(send(&server, " ".repeat(60_000))).await;
    assert_eq!((status, code(&refused)), (StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS"));
    assert_eq!(
        answer(send(&server, " ".repeat(60_000)).bearer_auth(SLOW)).await.0,
        StatusCode::TOO_MANY_REQUESTS,
        "unknown until it was read"
    );
    drop(stalled);
    eventually("it is released", || server.bytes_in_flight() == 0).await;
    assert_eq!(answer(post(&server, "{ hello }")).await.0, StatusCode::OK);
}

/// A request whose variables have `count` values.
fn values(count: usize) -> String {
    format!(r#"{{"query":"{{ hello }}","variables":{{"x":[{}[]]}}}}"#, "[],".repeat(count - 2))
}

#[tokio::test]
async fn the_values_of_a_request_are_limited_on_all_transports() {
    const MESSAGE: &str = "The variables have more than 10000 values.";
    let server = TestServer::start().await;
    assert_eq!(answer(send(&server, values(10_000))).await.0, StatusCode::OK);
    let (status, refused) = answer(send(&server, values(10_001))).await;
    assert_eq!(
        (status, code(&refused), &refused["errors"][0]["message"]),
        (StatusCode::PAYLOAD_TOO_LARGE, "BAD_USER_INPUT", &json!(MESSAGE))
    );
    let variables = format!("{{\"x\":[{}1]}}", "1,".repeat(10_000));
    let get = Client::new().get(server.url("/graphql")).query(&[("query", "{ hello }"), ("variables", &variables)]);
    assert_eq!(answer(get).await.1["errors"][0]["message"], MESSAGE);
    let form = Form::new().text("operations", values(10_001)).text("map", "{}");
    let multipart = Client::new()
        .post(server.url("/graphql"))
        .bearer_auth(ADA)
        .header("graphql-require-preflight", "1")
        .multipart(form);
    assert_eq!(answer(multipart).await.1["errors"][0]["message"], MESSAGE);
    let mut socket = stranger(&server).await;
    socket.say(&json!({"type": "subscribe", "id": "1", "payload": serde_json::from_str::<Json>(&values(10_001)).expect("JSON")})).await;
    let refused = socket.next().await;
    assert_eq!((&refused["type"], &refused["payload"][0]["message"]), (&json!("error"), &json!(MESSAGE)));
    socket.ask("2", "{ hello }").await;
    assert_eq!(socket.next().await["type"], "next", "the socket stays open");
}

#[tokio::test]
async fn unused_entries_are_skipped() {
    let server = TestServer::start().await;
    let deep = format!("{}{}", "[".repeat(500_000), "]".repeat(500_000));
    for entry in ["extensions", "more"] {
        let body = format!(r#"{{"query":"{{ hello }}","{entry}":{{"x":{deep}}}}}"#);
        assert_eq!(answer(send(&server, body).bearer_auth(ADA)).await.0, StatusCode::OK, "{entry}");
    }
}

#[tokio::test]
async fn undeclared_variables_do_not_split_a_broadcast() {
    const QUERY: &str = "subscription($half: Boolean) { shared(half: $half) { number } }";
    for server in TestServer::each_writer(|_| {}).await {
        let mut socket = stranger(&server).await;
        for n in 0..20 {
            let variables = json!({"half": true, format!("junk{n}"): "x".repeat(2_000), "other": [n]});
            socket.say(&json!({"type": "subscribe", "id": n.to_string(), "payload": {"query": QUERY, "variables": variables}})).await;
            assert_eq!(socket.next().await["type"], "next");
        }
        assert_eq!(server.world.shared_runs.load(Ordering::SeqCst), 1);
        assert!(server.bytes_in_flight() < 1_000, "undeclared variables are dropped");
    }
}

#[tokio::test]
async fn the_bytes_that_subscriptions_of_a_client_keep_are_limited() {
    let query = format!("subscription {{ quiet }} #{}", " ".repeat(5_000));
    for server in TestServer::each_writer(|config| config.max_client_subscription_bytes = 300_000).await {
        let mut socket = stranger(&server).await;
        for id in ["1", "2", "3"] {
            socket.ask(id, &query).await;
            assert_eq!(socket.next().await["type"], "next");
        }
        assert!(
            (240_000..300_000).contains(&server.figure("subscription_bytes")),
            "{}",
            server.figure("subscription_bytes")
        );
        socket.ask("4", &query).await;
        assert_eq!(socket.next().await["payload"][0]["extensions"]["code"], "TOO_MANY_REQUESTS");
        socket.say(&json!({"type": "complete", "id": "1"})).await;
        eventually("there is room", || server.figure("subscription_bytes") < 200_000).await;
        socket.ask("4", &query).await;
        assert_eq!(socket.next().await["type"], "next");
        // The bytes of an item count as well.
        socket.ask("5", "subscription { flood(bytes: 100000) }").await;
        assert_eq!(socket.next().await["payload"][0]["extensions"]["code"], "TOO_MANY_REQUESTS");
    }
}

#[tokio::test]
async fn a_shared_subscription_survives_the_quota_of_the_client_that_began_it() {
    const MOST: usize = 300_000;
    for server in TestServer::each_writer(|config| config.max_client_subscription_bytes = MOST).await {
        let (mut begins, mut joins) = (stranger(&server).await, ada(&server).await);
        for socket in [&mut begins, &mut joins] {
            socket.ask("1", "subscription { shared { number } }").await;
            assert_eq!(socket.next().await["payload"]["data"]["shared"]["number"], 0);
        }
        // Uses its quota to the last byte, with an item that does not grow.
        let query =
            |bytes: usize| format!("subscription {{ shared(half: true, bytes: {bytes}) {{ number padding }} }}");
        let rest = MOST - server.figure("subscription_bytes") - 16 * query(100_000).len();
        let filling = query(rest - r#"{"data":{"shared":{"number":0,"padding":""}}}"#.len());
        begins.ask("2", &filling).await;
        assert_eq!(begins.next().await["type"], "next");
        assert_eq!(server.figure("subscription_bytes"), MOST);
        server.world.shown.send_replace(19);
        assert_eq!(joins.next().await["payload"]["data"]["shared"]["number"], 19);
    }
}

fn upload(server: &TestServer, query: &str, path: &str) -> RequestBuilder {
    let operations = json!({"query": query, "variables": {"f": null, "g": null}}).to_string();
    let form = Form::new().text("operations", operations).text("map", json!({"0": [path]}).to_string());
    let form = form.part("0", Part::bytes(vec![b'x'; 100]).file_name("a.png"));
    Client::new().post(server.url("/graphql")).bearer_auth(ADA).header("graphql-require-preflight", "1").multipart(form)
}

#[tokio::test]
async fn files_are_for_mutations_and_their_declared_variables() {
    const MUTATION: &str = "mutation($f: Upload!) { upload(file: $f) }";
    let server = TestServer::start().await;
    assert_eq!(answer(upload(&server, MUTATION, "variables.f")).await.0, StatusCode::OK);
    for (query, path, message) in [
        ("subscription($f: Upload) { quiet }", "variables.f", "Files are sent with mutations only."),
        ("query($f: Upload) { hello }", "variables.f", "Files are sent with mutations only."),
        (MUTATION, "variables.g", "The variable \"$f\" of type \"Upload!\" is missing."),
        ("mutation { bump }", "variables.f", "\"map\" names a variable that the operation does not declare."),
        (MUTATION, "variables.h", "\"map\" names a variable that the request does not have."),
        ("mutation($f: Upload!) {", "variables.f", "Syntax error: expected selection."),
    ] {
        let (status, refused) =
            answer(upload(&server, query, path).header("accept", "application/json, text/event-stream")).await;
        assert_eq!((status, &refused["errors"][0]["message"]), (StatusCode::BAD_REQUEST, &json!(message)), "{query}");
    }
    assert_eq!((server.done(), server.figure("uploads"), server.bytes_in_flight()), (0, 0, 0));
}

#[tokio::test]
async fn uploads_are_counted_before_anything_is_stored() {
    let server = TestServer::with(|config| config.max_client_uploads = 1).await;
    let operations = r#"{"query":"mutation($f: Upload!) { upload(file: $f) }","variables":{"f":null}}"#;
    let started = format!(
        "--x\r\ncontent-disposition: form-data; name=\"operations\"\r\n\r\n{operations}\r\n\
         --x\r\ncontent-disposition: form-data; name=\"map\"\r\n\r\n{{\"0\":[\"variables.f\"]}}\r\n\
         --x\r\ncontent-disposition: form-data; name=\"0\"; filename=\"a\"\r\n\r\n{}",
        "y".repeat(40_000)
    );
    let mut stalled = TcpStream::connect(server.address).await.expect("a connection");
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {ADA}\r\ngraphql-require-preflight: 1\r\n\
         content-type: multipart/form-data; boundary=x\r\ncontent-length: 60000\r\n\r\n{started}"
    );
    stalled.write_all(head.as_bytes()).await.expect("sent");
    eventually("it has a slot", || server.figure("uploads") == 1).await;
    let mutation = "mutation($f: Upload!) { upload(file: $f) }";
    let (status, refused) = answer(upload(&server, mutation, "variables.f")).await;
    assert_eq!((status, code(&refused)), (StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS"));
    drop(stalled);
    eventually("the slot is free", || server.figure("uploads") == 0).await;
    assert_eq!(answer(upload(&server, mutation, "variables.f")).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_persisted_query_is_refused_so_that_clients_send_the_query() {
    const SENT: &str = include_str!("persisted-query.json");
    let server = TestServer::start().await;
    let expected = |body: &Json| {
        assert_eq!(
            (code(body), &body["errors"][0]["message"]),
            ("PERSISTED_QUERY_NOT_SUPPORTED", &json!("PersistedQueryNotSupported"))
        );
        assert!(body.get("data").is_none());
    };
    for accept in ["application/json", "application/graphql-response+json"] {
        let (status, body) = answer(send(&server, SENT).header("accept", accept)).await;
        assert_eq!(status, StatusCode::OK);
        expected(&body);
    }
    let sent: Json = serde_json::from_str(SENT).expect("JSON");
    let extensions = sent["extensions"].to_string();
    let get = Client::new().get(server.url("/graphql")).query(&[
        ("operationName", "S"),
        ("variables", "{}"),
        ("extensions", &extensions),
    ]);
    let (status, body) = answer(get).await;
    assert_eq!(status, StatusCode::OK);
    expected(&body);
    let events = send(&server, SENT)
        .header("accept", "text/event-stream")
        .send()
        .await
        .expect("an answer")
        .text()
        .await
        .expect("text");
    assert!(
        events.starts_with("event: next\ndata: {\"errors\":[{\"message\":\"PersistedQueryNotSupported\""),
        "{events}"
    );
    assert!(events.ends_with("event: complete\ndata:\n\n"), "{events}");
    let mut socket = stranger(&server).await;
    socket.say(&json!({"type": "subscribe", "id": "1", "payload": sent})).await;
    let refused = socket.next().await;
    assert_eq!(
        (&refused["type"], &refused["payload"][0]["extensions"]["code"]),
        (&json!("error"), &json!("PERSISTED_QUERY_NOT_SUPPORTED"))
    );
    // The next request of these clients.
    let whole = json!({"query": "query S { hello }", "operationName": "S", "extensions": sent["extensions"]});
    assert_eq!(answer(send(&server, whole.to_string())).await.1["data"]["hello"], "world");
}

#[tokio::test]
async fn a_byte_order_mark_and_the_charset_utf8_are_accepted() {
    let server = TestServer::start().await;
    assert_eq!(answer(send(&server, "\u{feff}{\"query\":\"{ hello }\"}")).await.1["data"]["hello"], "world");
    for charset in ["utf8", "UTF8", "utf-8", "\"utf8\""] {
        let request = Client::new()
            .post(server.url("/graphql"))
            .header("content-type", format!("application/json;charset={charset}"));
        assert_eq!(answer(request.body(r#"{"query":"{ hello }"}"#)).await.1["data"]["hello"], "world", "{charset}");
    }
}

#[tokio::test]
async fn an_empty_operation_name_is_none_in_a_get_and_an_error_in_a_post() {
    let server = TestServer::start().await;
    let get = Client::new().get(server.url("/graphql")).query(&[("query", "{ hello }"), ("operationName", "")]);
    assert_eq!(answer(get).await.1, json!({"data": {"hello": "world"}}));
    let post = send(&server, r#"{"query":"{ hello }","operationName":""}"#)
        .header("accept", "application/graphql-response+json");
    let (status, refused) = answer(post).await;
    assert_eq!((status, code(&refused)), (StatusCode::BAD_REQUEST, "BAD_USER_INPUT"));
    assert_eq!(refused["errors"][0]["message"], "The document has no operation named \"\".");
}
