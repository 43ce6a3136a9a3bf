//! Visitors of websites: a token that a widget made counts from every page and costs nothing, and
//! opens nothing that an operator has.

use std::time::Duration;

use edge::config::Origin;
use reqwest::{
    Method, RequestBuilder, Response,
    header::{AUTHORIZATION, HeaderValue},
};
use serde_json::{Value, json};

use crate::support::{Account, Answer, Person, Stream, TestApp, eventually, in_time, visitors_token};

const ALLOWED: &str = "https://desk.example";
const FOREIGN: &str = "https://shop.example";
const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";
const WATCH: &str = "subscription($key: String!) { availability(widgetKey: $key) { version isAvailable } }";

/// A server that reads nothing by itself.
async fn quiet() -> TestApp {
    that_polls_sessions_every(Duration::from_hours(1)).await
}

async fn that_polls_sessions_every(recheck: Duration) -> TestApp {
    TestApp::start_with(|config| {
        config.http.allowed_origins = vec![ALLOWED.parse::<Origin>().expect("an origin")];
        config.mail.poll = Duration::from_hours(1);
        config.session.recheck = recheck;
    })
    .await
}

/// A caller on a page of each kind of origin, and a program, which has none.
fn callers(app: &TestApp) -> [(Person, bool); 5] {
    let on = |origin: &str| app.anonymous().with_header("origin", origin);
    [
        (app.anonymous(), false),
        (on(&app.url()), false),
        (on(ALLOWED), false),
        (on(FOREIGN), true),
        // The origin of a page in a sandboxed frame.
        (on("null"), true),
    ]
}

fn init(token: &str) -> Value {
    json!({ "type": "connection_init", "payload": { "authorization": format!("Bearer {token}") } })
}

/// An operation with a token that need not be ASCII.
fn ask(person: &Person, accept: &str, token: &str) -> RequestBuilder {
    let token = HeaderValue::from_bytes(format!("Bearer {token}").as_bytes()).expect("a header");
    let request = person.request(Method::POST, "/graphql").header("accept", accept).header(AUTHORIZATION, token);
    request.json(&json!({ "query": "{ viewer { name } }" }))
}

/// All of an answer but the request's id and the time.
async fn bytes(request: RequestBuilder) -> String {
    let response: Response = request.send().await.expect("the server answers");
    let (status, mut headers) = (response.status(), response.headers().clone());
    let id = headers.remove("x-request-id").expect("an id").to_str().expect("text").to_owned();
    headers.remove("date");
    format!("{status} {headers:?} {}", response.text().await.expect("text").replace(&id, "ID"))
}

fn key(acme: &Account) -> Value {
    json!({ "key": acme.widget_key })
}

#[tokio::test]
async fn a_visitors_token_counts_from_every_page_over_every_transport() {
    let app = quiet().await;
    let acme = app.account(1).await;
    let shown = json!({ "version": acme.version().await, "isAvailable": false });
    let query = "query($key: String!) { availability(widgetKey: $key) { version isAvailable } viewer { name } }";
    for (caller, is_foreign) in callers(&app) {
        let visitor = caller.clone().with_token(&visitors_token());
        let answer: Answer = visitor.run(query, key(&acme)).await;
        assert_eq!(answer.data(), &json!({ "availability": shown, "viewer": null }), "{caller:?}");
        if is_foreign {
            assert_eq!(answer.headers["access-control-allow-origin"], "*");
            assert!(!answer.headers.contains_key("access-control-allow-credentials"));
        }
        // As a header of the upgrade, and as a key of the first message.
        assert_eq!(*visitor.watches(WATCH, key(&acme)).await.next().await.at("availability"), shown, "{caller:?}");
        let mut socket = Stream::connect(&caller, &init(&visitors_token())).await;
        socket.acknowledged().await;
        socket.subscribes("1", WATCH, key(&acme)).await;
        assert_eq!(*socket.next().await.at("availability"), shown, "{caller:?}");
        assert_eq!(*visitor.listens(WATCH, key(&acme)).await.next().await.at("availability"), shown, "{caller:?}");
    }
}

#[tokio::test]
async fn what_is_no_visitors_token_is_answered_byte_for_byte_like_a_wrong_operators() {
    let app = quiet().await;
    let token = visitors_token();
    let letters = &token[3..];
    let wrong = format!("dbs_{letters}");
    let others = [
        String::new(),
        "vt_".to_owned(),
        format!("vt_{}", &letters[1..]),
        format!("vt_{letters}A"),
        format!("vt_{}+", &letters[1..]),
        format!("vt_{}=", &letters[1..]),
        format!("vt_{}é", &letters[2..]),
        format!("VT_{letters}"),
        format!("vt-{letters}"),
        format!("ot_{letters}"),
        letters.to_owned(),
        format!("{token},{token}"),
        format!("{token}\u{a0}"),
        "é".to_owned(),
        format!("vt_{}", "a".repeat(5_000)),
    ];
    for (caller, is_foreign) in callers(&app) {
        for accept in [JSON, EVENTS] {
            let expected = bytes(ask(&caller, accept, &wrong)).await;
            // A foreign page may not send an operator's token at all.
            let (status, code) = if is_foreign { ("403", "FOREIGN_ORIGIN") } else { ("401", "UNAUTHENTICATED") };
            assert!(expected.starts_with(status) && expected.contains(code), "{expected}");
            for other in &others {
                assert_eq!(bytes(ask(&caller, accept, other)).await, expected, "{other}");
            }
            assert!(bytes(ask(&caller, accept, &token)).await.starts_with("200"));
        }
        let closed = async |token: &str| Stream::connect(&caller, &init(token)).await.closes().await;
        let expected = closed(&wrong).await;
        assert_eq!(expected.0, 4403);
        for other in &others {
            assert_eq!(closed(other).await, expected, "{other}");
        }
    }
}

#[tokio::test]
async fn a_visitors_token_on_an_open_socket_is_not_read() {
    let app = that_polls_sessions_every(Duration::from_millis(50)).await;
    let acme = app.account(1).await;
    let connected = async |token: &str| {
        let mut socket = Stream::connect(&app.anonymous(), &init(token)).await;
        socket.acknowledged().await;
        socket
    };
    let mut sockets = Vec::new();
    app.is_idle().await;
    let before = app.app().statements.get();
    for _ in 0..5 {
        sockets.push(connected(&visitors_token()).await);
    }
    app.is_idle().await;
    assert_eq!(app.app().statements.get(), before);

    let _operators = connected(acme.owner.token.as_deref().expect("signed in")).await;
    eventually("an operator's session is polled", async || app.app().statements.get() > before + 5).await;
}

#[tokio::test]
async fn a_visitor_joins_the_subscription_that_all_share_without_a_read() {
    let app = quiet().await;
    let acme = app.account(1).await;
    let mut first = app.anonymous().watches(WATCH, key(&acme)).await;
    first.next().await;
    app.is_idle().await;
    let before = app.app().statements.get();

    let (mut sockets, mut streams) = (Vec::new(), Vec::new());
    for (caller, _) in callers(&app) {
        let visitor = caller.clone().with_token(&visitors_token());
        assert_eq!(visitor.reads("{ __typename }").await.text("__typename"), "Query");
        let mut socket = visitor.watches(WATCH, key(&acme)).await;
        socket.next().await;
        let mut stream = visitor.listens(WATCH, key(&acme)).await;
        stream.next().await;
        sockets.push(socket);
        streams.push(stream);
    }
    assert_eq!(app.app().statements.get(), before);

    acme.owner.activates(&acme.owner).await.granted();
    for socket in sockets.iter_mut().chain([&mut first]) {
        assert_eq!(*in_time("the change", socket.next()).await.at("availability.isAvailable"), true);
    }
    for stream in &mut streams {
        assert_eq!(*in_time("the change", stream.next()).await.at("availability.isAvailable"), true);
    }
}

#[tokio::test]
async fn a_visitors_token_hides_the_cookie_of_an_operator_and_is_no_cookie_itself() {
    let app = quiet().await;
    let acme = app.account(1).await;
    let cookie = |token: &str| format!("deskbell_session={token}");
    let operator = acme.owner.token.clone().expect("signed in");
    let name = |answer: Answer| answer.at("viewer").clone();
    let query = "{ viewer { name } }";

    let browser = app.anonymous().with_cookie(&cookie(&operator));
    assert_eq!(name(browser.reads(query).await), json!({ "name": "Olive Owner" }));
    assert_eq!(name(browser.with_token(&visitors_token()).reads(query).await), Value::Null);
    let planted = app.anonymous().with_cookie(&cookie(&visitors_token()));
    assert_eq!(name(planted.reads(query).await), Value::Null);
    let both = format!("{}; {}", cookie(&visitors_token()), cookie(&operator));
    assert_eq!(name(app.anonymous().with_cookie(&both).reads(query).await), json!({ "name": "Olive Owner" }));
}
