//! Requests and answers.

use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value as Json, json};

use super::toy::{ADA, TestServer};

const GRAPHQL: &str = "application/graphql-response+json";

pub(super) fn post(server: &TestServer, query: &str) -> RequestBuilder {
    Client::new().post(server.url("/graphql")).header("accept", GRAPHQL).json(&json!({"query": query}))
}

pub(super) async fn answer(request: RequestBuilder) -> (StatusCode, Json) {
    let response = request.send().await.expect("an answer");
    let status = response.status();
    assert!(response.headers().contains_key("x-request-id"));
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    let text = response.text().await.expect("text");
    (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("JSON, not {text}")))
}

pub(super) fn code(body: &Json) -> &str {
    body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn a_query_is_answered_in_the_order_it_was_asked() {
    let server = TestServer::start().await;
    let response = post(&server, "{ z: hello a: hello }").send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/graphql-response+json; charset=utf-8");
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(response.text().await.expect("text"), r#"{"data":{"z":"world","a":"world"}}"#);
}

#[tokio::test]
async fn no_cache_stores_an_answer_whatever_the_schema_says() {
    let server = TestServer::start().await;
    let response = post(&server, "{ cached }").send().await.expect("an answer");
    let stored: Vec<_> = response.headers().get_all("cache-control").iter().collect();
    assert_eq!(stored, ["no-store"]);
    assert_eq!(response.headers().get_all("content-type").iter().count(), 1);
    assert_eq!(response.text().await.expect("text"), r#"{"data":{"cached":true}}"#);
}

#[tokio::test]
async fn get_is_for_queries() {
    let server = TestServer::start().await;
    let get =
        |query: &str| Client::new().get(server.url("/graphql")).header("accept", GRAPHQL).query(&[("query", query)]);
    assert_eq!(answer(get("{ hello }")).await, (StatusCode::OK, json!({"data": {"hello": "world"}})));
    let response = get("mutation { bump }").send().await.expect("an answer");
    assert_eq!(
        (response.status(), &response.headers()["allow"].to_str().expect("text")),
        (StatusCode::METHOD_NOT_ALLOWED, &"POST")
    );
    assert_eq!(server.done(), 0);
}

#[tokio::test]
async fn requests_without_a_preflight_are_never_run() {
    let server = TestServer::start().await;
    let body = r#"{"query":"mutation { bump }"}"#;
    for content_type in [
        None,
        Some("text/plain"),
        Some("text/plain;application/json"),
        Some("application/x-www-form-urlencoded"),
        Some("application/json; charset=utf-16"),
        Some("application/json;charset = utf-16"),
        Some("application/json; CHARSET =\"utf-16\""),
        Some("application/jsonx"),
        Some("application/graphql"),
    ] {
        let mut request = Client::new().post(server.url("/graphql")).body(body);
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        let (status, refused) = answer(request).await;
        assert_eq!(
            (status, code(&refused)),
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "BAD_USER_INPUT"),
            "{content_type:?}"
        );
    }
    let (status, refused) = answer(
        Client::new()
            .post(server.url("/graphql"))
            .header("content-type", "multipart/form-data; boundary=x")
            .body("--x--"),
    )
    .await;
    assert_eq!((status, code(&refused)), (StatusCode::FORBIDDEN, "FORBIDDEN"));
    assert_eq!(server.done(), 0);
}

#[tokio::test]
async fn bad_requests_are_answered_as_graphql_errors() {
    let server = TestServer::start().await;
    for (body, message) in [
        ("", "The body is not JSON"),
        ("{", "The body is not JSON"),
        ("[]", "Batches are not supported"),
        (r#"[{"query":"{hello}"}]"#, "Batches are not supported"),
        ("{}", "\"query\" is missing"),
        (r#"{"query":"  "}"#, "The request has no query."),
        (r#"{"query":"{ hello"}"#, "Syntax error: "),
        (r#"{"query":"{ nothing }"}"#, "Unknown field \"nothing\""),
        (r#"{"query":"query($x: Int!) { slow(ms: $x) }"}"#, ""),
        (r#"{"query":"query($x: Int!) { slow(ms: $x) }","variables":{"x":"a"}}"#, ""),
    ] {
        let request = Client::new()
            .post(server.url("/graphql"))
            .header("accept", GRAPHQL)
            .header("content-type", "application/json")
            .body(body);
        let (status, refused) = answer(request).await;
        assert_eq!((status, code(&refused)), (StatusCode::BAD_REQUEST, "BAD_USER_INPUT"), "{body}: {refused}");
        assert!(
            refused["errors"][0]["message"].as_str().is_some_and(|text| text.starts_with(message)),
            "{body}: {refused}"
        );
        assert!(refused["errors"][0]["extensions"]["requestId"].is_string(), "{refused}");
        assert!(refused.get("data").is_none(), "{refused}");
    }
}

#[tokio::test]
async fn a_client_without_the_graphql_media_type_receives_200() {
    let server = TestServer::start().await;
    let request = Client::new().post(server.url("/graphql")).json(&json!({"query": "{ nothing }"}));
    let (status, refused) = answer(request).await;
    assert_eq!((status, code(&refused)), (StatusCode::OK, "BAD_USER_INPUT"));
    let (status, _) = answer(post(&server, "{ hello }").header("accept", "text/html")).await;
    assert_eq!(status, StatusCode::OK, "one of the two Accept lines is supported");
    let request =
        Client::new().post(server.url("/graphql")).header("accept", "text/html").json(&json!({"query": "{ hello }"}));
    assert_eq!(answer(request).await.0, StatusCode::NOT_ACCEPTABLE);
}

#[tokio::test]
async fn resolvers_may_set_headers() {
    let server = TestServer::start().await;
    let response = post(&server, "{ who { token } }").send().await.expect("an answer");
    let cookies: Vec<_> = response.headers().get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["a=1", "b=2"]);
}

#[tokio::test]
async fn a_token_is_a_session_or_an_error() {
    let server = TestServer::start().await;
    let who = |token: &str| post(&server, "{ who { token } }").bearer_auth(token);
    assert_eq!(answer(who(ADA)).await.1["data"]["who"]["token"], ADA);
    for wrong in ["nonsense", "", &"x".repeat(5_000)] {
        let response = who(wrong).send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        let body: Json = response.json().await.expect("JSON");
        assert_eq!(code(&body), "UNAUTHENTICATED");
    }
    let (status, body) = answer(who("broken")).await;
    assert_eq!((status, code(&body)), (StatusCode::SERVICE_UNAVAILABLE, "INTERNAL_SERVER_ERROR"));
    assert!(!body.to_string().contains("database"));
}

#[tokio::test]
async fn a_subscription_over_plain_http_names_the_transports() {
    let server = TestServer::start().await;
    let (status, refused) = answer(post(&server, "subscription { quiet }")).await;
    assert_eq!((status, code(&refused)), (StatusCode::BAD_REQUEST, "BAD_USER_INPUT"));
}

#[tokio::test]
async fn an_encoded_body_is_refused() {
    let server = TestServer::start().await;
    let (status, refused) = answer(post(&server, "{ hello }").header("content-encoding", "gzip")).await;
    assert_eq!((status, code(&refused)), (StatusCode::UNSUPPORTED_MEDIA_TYPE, "BAD_USER_INPUT"));
    assert_eq!(answer(post(&server, "{ hello }").header("content-encoding", "identity")).await.0, StatusCode::OK);
}
