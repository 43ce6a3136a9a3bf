//! Kinds of identities: an operator's token counts from allowed pages, a visitor's from every page.

use std::sync::atomic::Ordering;

use reqwest::{
    Client, RequestBuilder, Response,
    header::HeaderValue,
    multipart::{Form, Part},
};
use serde_json::{Value as Json, json};
use tokio::{runtime::Handle, time::timeout};

use crate::broadcast::MAX_DOCUMENTS;

use super::{
    http::code,
    toy::{ADA, TestServer, VISITOR, eventually},
    websocket::{
        sharing::SHARED,
        socket::{SOON, Socket, connect, next, ready},
    },
};

const OWN: &str = "https://chat.example.org";
const FOREIGN: &str = "https://shop.example.com";
/// Programs, our own pages, and all other pages.
const ORIGINS: [Option<&str>; 4] = [None, Some(OWN), Some(FOREIGN), Some("null")];
const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";
const WHO: &str = "{ who { token } }";
const VISIT: &str = "subscription { visit }";

fn ask(server: &TestServer, accept: &str, origin: Option<&str>, token: &str, query: &str) -> RequestBuilder {
    let token = HeaderValue::from_bytes(format!("Bearer {token}").as_bytes()).expect("a header");
    let request = Client::new().post(server.url("/graphql")).header("accept", accept).header("authorization", token);
    let request = match origin {
        Some(origin) => request.header("origin", origin),
        None => request,
    };
    request.json(&json!({"query": query}))
}

fn init(token: &str) -> Json {
    json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {token}")}})
}

/// A socket of a page, whose script sends a token.
async fn socket(server: &TestServer, origin: Option<&str>, token: &str) -> Socket {
    let headers: Vec<_> = origin.map(|origin| ("origin", origin.to_owned())).into_iter().collect();
    let mut socket = connect(server, &headers).await.expect("a socket");
    socket.say(&init(token)).await;
    socket
}

async fn text(response: Response) -> String {
    timeout(SOON, response.text()).await.expect("in time").expect("text")
}

#[tokio::test]
async fn a_visitors_token_counts_from_every_page_on_every_transport() {
    for server in TestServer::each_writer(|_| {}).await {
        for origin in ORIGINS {
            let answer = ask(&server, JSON, origin, VISITOR, WHO).send().await.expect("an answer");
            if matches!(origin, Some(FOREIGN | "null")) {
                assert_eq!(answer.headers()["access-control-allow-origin"], "*");
                assert!(!answer.headers().contains_key("access-control-allow-credentials"));
            }
            let shown = format!(r#"{{"data":{{"who":{{"token":"{VISITOR}"}}}}}}"#);
            assert_eq!(text(answer).await, shown, "{origin:?}");
            let events = ask(&server, EVENTS, origin, VISITOR, WHO).send().await.expect("an answer");
            assert_eq!(text(events).await, format!("event: next\ndata: {shown}\n\nevent: complete\ndata:\n\n"));

            let mut socket = socket(&server, origin, VISITOR).await;
            assert_eq!(socket.next().await, json!({"type": "connection_ack"}), "{origin:?}");
            socket.ask("1", WHO).await;
            assert_eq!(socket.next().await, next("1", &json!({"who": {"token": VISITOR}})));
            // Also in the header of the upgrade, which a program can set.
            let mut headers = vec![("authorization", format!("Bearer {VISITOR}"))];
            headers.extend(origin.map(|origin| ("origin", origin.to_owned())));
            let mut socket = connect(&server, &headers).await.expect("a socket");
            socket.say(&json!({"type": "connection_init"})).await;
            assert_eq!(socket.next().await, json!({"type": "connection_ack"}));
        }
    }
}

/// All of an answer but the request id and the time.
async fn bytes(request: RequestBuilder) -> String {
    let answer = request.send().await.expect("an answer");
    let mut headers = answer.headers().clone();
    let id = headers.remove("x-request-id").expect("an id").to_str().expect("text").to_owned();
    headers.remove("date");
    format!("{} {headers:?} {}", answer.status(), text(answer).await.replace(&id, "ID"))
}

#[tokio::test]
async fn what_is_no_visitors_token_is_answered_byte_for_byte_like_a_wrong_operators() {
    let server = TestServer::start().await;
    let letters = &VISITOR[3..];
    let others = [
        String::new(),
        "vt_".to_owned(),
        format!("vt_{}", &letters[1..]),
        format!("vt_{letters}A"),
        format!("vt_{}+", &letters[1..]),
        format!("vt_{}=", &letters[1..]),
        format!("vt_{}ż", &letters[2..]),
        format!("VT_{letters}"),
        format!("vt-{letters}"),
        format!("ot_{letters}"),
        letters.to_owned(),
        format!("{VISITOR},{VISITOR}"),
        // White space to Unicode, but not to HTTP.
        format!("{VISITOR}\u{a0}"),
        format!("\u{3000}{VISITOR}"),
        "é".to_owned(),
    ];
    for origin in ORIGINS {
        for accept in [JSON, EVENTS] {
            let wrong = bytes(ask(&server, accept, origin, "wrong", WHO)).await;
            let is_foreign = matches!(origin, Some(FOREIGN | "null"));
            let expected = if is_foreign { "FOREIGN_ORIGIN" } else { "UNAUTHENTICATED" };
            assert!(wrong.contains(expected), "{wrong}");
            for token in &others {
                assert_eq!(bytes(ask(&server, accept, origin, token, WHO)).await, wrong, "{token} {origin:?}");
            }
        }
        let wrong = socket(&server, origin, "wrong").await.closed().await;
        assert_eq!(wrong.0, 4403);
        for token in &others {
            assert_eq!(socket(&server, origin, token).await.closed().await, wrong, "{token} {origin:?}");
        }
    }
}

/// Another application of the domain can set a cookie of the same name.
#[tokio::test]
async fn a_cookie_opens_sessions_only() {
    let server = TestServer::start().await;
    let seen = |token: Option<&str>| json!({"data": {"who": {"token": token}}});
    for (cookie, token) in [
        (format!("toy_session={VISITOR}"), None),
        (format!("toy_session={VISITOR}; toy_session={ADA}"), Some(ADA)),
        (format!("toy_session={ADA}; toy_session={VISITOR}"), Some(ADA)),
    ] {
        for origin in [None, Some(OWN)] {
            let mut request = Client::new().post(server.url("/graphql")).header("cookie", &cookie);
            let mut headers = vec![("cookie", cookie.clone())];
            if let Some(origin) = origin {
                request = request.header("origin", origin);
                headers.push(("origin", origin.to_owned()));
            }
            let answer = request.json(&json!({"query": WHO})).send().await.expect("an answer");
            assert_eq!(answer.json::<Json>().await.expect("JSON"), seen(token), "{cookie} {origin:?}");
            let mut socket = connect(&server, &headers).await.expect("a socket");
            socket.say(&json!({"type": "connection_init"})).await;
            assert_eq!(socket.next().await, json!({"type": "connection_ack"}));
            socket.ask("1", WHO).await;
            assert_eq!(socket.next().await, next("1", &seen(token)["data"]), "{cookie} {origin:?}");
        }
    }
}

#[tokio::test]
async fn a_visitor_may_send_no_file_and_no_large_body() {
    let server = TestServer::with(|config| config.max_anonymous_body_bytes = 1_000).await;
    let long = format!("{{ echo(text: \"{}\") }}", "x".repeat(2_000));
    for (token, status) in [(VISITOR, 413), (ADA, 200)] {
        let answer = ask(&server, JSON, None, token, &long).send().await.expect("an answer");
        assert_eq!(answer.status(), status);
    }
    let form = Form::new()
        .text("operations", r#"{"query":"mutation($f: Upload!) { upload(file: $f) }","variables":{"f":null}}"#)
        .text("map", r#"{"0":["variables.f"]}"#)
        .part("0", Part::bytes(b"x".to_vec()));
    let upload = Client::new().post(server.url("/graphql")).header("graphql-require-preflight", "1").multipart(form);
    let answer = upload.bearer_auth(VISITOR).send().await.expect("an answer");
    assert_eq!(answer.status(), 401);
    assert_eq!(code(&answer.json().await.expect("JSON")), "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_shared_subscription_costs_the_same_with_any_token() {
    let server = TestServer::start().await;
    let (refreshed, runs) = (&server.world.refreshed, &server.world.shared_runs);
    let tasks = || Handle::current().metrics().num_alive_tasks();
    // The first subscriber begins it, without a read of the session.
    let mut first = ready(&server, init(ADA)).await;
    first.ask("1", SHARED).await;
    assert_eq!(first.next().await["type"], "next");
    let before = tasks();
    for init in [json!({"type": "connection_init"}), init(VISITOR), init(ADA)] {
        let mut sockets = Vec::new();
        for _ in 0..5 {
            let mut socket = ready(&server, init.clone()).await;
            socket.ask("1", SHARED).await;
            assert_eq!(socket.next().await["type"], "next");
            sockets.push(socket);
        }
        eventually(&format!("a task for each socket: {init}"), || tasks() == before + 5).await;
        drop(sockets);
        eventually("they have ended", || tasks() == before).await;
    }
    for (origin, token) in [(Some(FOREIGN), VISITOR), (None, ADA)] {
        let mut events = ask(&server, EVENTS, origin, token, SHARED).send().await.expect("an answer");
        assert!(timeout(SOON, events.chunk()).await.expect("in time").expect("no break").is_some());
    }
    assert_eq!((runs.load(Ordering::SeqCst), refreshed.load(Ordering::SeqCst)), (1, 0));
    // What depends on the caller reads the session.
    first.ask("2", "subscription { mine }").await;
    assert_eq!(first.next().await["type"], "next");
    assert_eq!(refreshed.load(Ordering::SeqCst), 1);
}

/// Tokens of visitors cost nothing, so all that the tokens of one address follow counts together.
#[tokio::test]
async fn invented_tokens_multiply_no_quota() {
    let server = TestServer::start().await;
    let mut sockets = Vec::new();
    for number in 10..=10 + MAX_DOCUMENTS {
        let token = format!("{}{number}", &VISITOR[..VISITOR.len() - 2]);
        let mut socket = socket(&server, Some(FOREIGN), &token).await;
        assert_eq!(socket.next().await["type"], "connection_ack");
        socket.ask("1", VISIT).await;
        let message = socket.next().await;
        if number < 10 + MAX_DOCUMENTS {
            assert_eq!(message, next("1", &json!({"visit": token})));
        } else {
            assert_eq!(message["payload"][0]["extensions"]["code"], "TOO_MANY_REQUESTS", "{message}");
        }
        sockets.push(socket);
    }
}

#[tokio::test]
async fn the_end_of_a_visitor_is_an_item_and_closes_nothing() {
    for server in TestServer::each_writer(|_| {}).await {
        let other = VISITOR.replace('0', "1");
        let mut sockets = Vec::new();
        for token in [VISITOR, VISITOR, &other] {
            let mut socket = socket(&server, Some(FOREIGN), token).await;
            assert_eq!(socket.next().await["type"], "connection_ack");
            for (id, query) in [("visit", VISIT), ("shared", SHARED)] {
                socket.ask(id, query).await;
                assert_eq!(socket.next().await["id"], id);
            }
            sockets.push(socket);
        }
        let mut events = ask(&server, EVENTS, Some(FOREIGN), VISITOR, VISIT).send().await.expect("an answer");
        let mut event = async || {
            let chunk = timeout(SOON, events.chunk()).await.expect("in time").expect("no break");
            String::from_utf8(chunk.expect("an event").into()).expect("text")
        };
        assert!(event().await.contains(VISITOR));
        let runs = server.world.visit_runs.load(Ordering::SeqCst);
        assert_eq!(runs, 2, "all connections of a visitor share an execution");

        server.world.gone.send_replace(vec![VISITOR.to_owned()]);
        for socket in &mut sockets[..2] {
            assert_eq!(socket.next().await, next("visit", &json!({"visit": null})));
        }
        assert_eq!(event().await, "event: next\ndata: {\"data\":{\"visit\":null}}\n\n");
        assert_eq!(sockets[2].next().await, next("visit", &json!({"visit": other})));
        server.world.shown.send_replace(7);
        for socket in &mut sockets {
            assert_eq!(socket.next().await, next("shared", &json!({"shared": {"number": 7}})), "it goes on");
        }
        assert_eq!(server.world.refreshed.load(Ordering::SeqCst), 0, "no visitor is read again");
    }
}
