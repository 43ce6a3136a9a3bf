//! Requests and answers.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value as Json, json};

use super::toy::{ADA, TestServer, eventually};

const GRAPHQL: &str = "application/graphql-response+json";

fn post(server: &TestServer, query: &str) -> RequestBuilder {
    Client::new().post(server.url("/graphql")).header("accept", GRAPHQL).json(&json!({"query": query}))
}

async fn answer(request: RequestBuilder) -> (StatusCode, Json) {
    let response = request.send().await.expect("an answer");
    let status = response.status();
    assert!(response.headers().contains_key("x-request-id"));
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    let text = response.text().await.expect("text");
    (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("JSON, not {text}")))
}

fn code(body: &Json) -> &str {
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
async fn get_is_for_queries() {
    let server = TestServer::start().await;
    let get = |query: &str| Client::new().get(server.url("/graphql")).header("accept", GRAPHQL).query(&[("query", query)]);
    assert_eq!(answer(get("{ hello }")).await, (StatusCode::OK, json!({"data": {"hello": "world"}})));
    let response = get("mutation { bump }").send().await.expect("an answer");
    assert_eq!((response.status(), &response.headers()["allow"].to_str().expect("text")), (StatusCode::METHOD_NOT_ALLOWED, &"POST"));
    assert_eq!(server.done(), 0);
}

#[tokio::test]
async fn what_a_page_could_send_without_asking_is_never_run() {
    let server = TestServer::start().await;
    let body = r#"{"query":"mutation { bump }"}"#;
    for content_type in [
        None,
        Some("text/plain"),
        Some("text/plain;application/json"),
        Some("application/x-www-form-urlencoded"),
        Some("application/json; charset=utf-16"),
        Some("application/jsonx"),
        Some("application/graphql"),
    ] {
        let mut request = Client::new().post(server.url("/graphql")).body(body);
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        let (status, refused) = answer(request).await;
        assert_eq!((status, code(&refused)), (StatusCode::UNSUPPORTED_MEDIA_TYPE, "BAD_USER_INPUT"), "{content_type:?}");
    }
    let (status, refused) =
        answer(Client::new().post(server.url("/graphql")).header("content-type", "multipart/form-data; boundary=x").body("--x--")).await;
    assert_eq!((status, code(&refused)), (StatusCode::FORBIDDEN, "FORBIDDEN"));
    assert_eq!(server.done(), 0);
}

#[tokio::test]
async fn bad_requests_are_told_in_the_shape_of_graphql() {
    let server = TestServer::start().await;
    for (body, message) in [
        ("", "The body is not JSON"),
        ("{", "The body is not JSON"),
        ("[]", "Batches are not served"),
        (r#"[{"query":"{hello}"}]"#, "Batches are not served"),
        ("{}", "\"query\" is missing"),
        (r#"{"query":"  "}"#, "The request has no query."),
        (r#"{"query":"{ hello"}"#, "Syntax error: "),
        (r#"{"query":"{ nothing }"}"#, "Unknown field \"nothing\""),
        (r#"{"query":"query($x: Int!) { slow(ms: $x) }"}"#, ""),
        (r#"{"query":"query($x: Int!) { slow(ms: $x) }","variables":{"x":"a"}}"#, ""),
    ] {
        let request =
            Client::new().post(server.url("/graphql")).header("accept", GRAPHQL).header("content-type", "application/json").body(body);
        let (status, refused) = answer(request).await;
        assert_eq!((status, code(&refused)), (StatusCode::BAD_REQUEST, "BAD_USER_INPUT"), "{body}: {refused}");
        assert!(refused["errors"][0]["message"].as_str().is_some_and(|text| text.starts_with(message)), "{body}: {refused}");
        assert!(refused["errors"][0]["extensions"]["requestId"].is_string(), "{refused}");
        assert!(refused.get("data").is_none(), "{refused}");
    }
}

#[tokio::test]
async fn a_client_from_before_the_media_type_gets_two_hundred() {
    let server = TestServer::start().await;
    let request = Client::new().post(server.url("/graphql")).json(&json!({"query": "{ nothing }"}));
    let (status, refused) = answer(request).await;
    assert_eq!((status, code(&refused)), (StatusCode::OK, "BAD_USER_INPUT"));
    let (status, _) = answer(post(&server, "{ hello }").header("accept", "text/html")).await;
    assert_eq!(status, StatusCode::OK, "one of the two accept lines is ours");
    let request = Client::new().post(server.url("/graphql")).header("accept", "text/html").json(&json!({"query": "{ hello }"}));
    assert_eq!(answer(request).await.0, StatusCode::NOT_ACCEPTABLE);
}

#[tokio::test]
async fn the_same_document_is_refused_that_other_transports_refuse() {
    let server = TestServer::start().await;
    let deep = format!("{}hello{}", "{ again ".repeat(16), "}".repeat(16));
    // One brace too many opens the query itself.
    let (status, refused) = answer(post(&server, &deep.replacen("{ again", "{ again", 1))).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(refused["errors"][0]["message"], "The document asks for fields nested more than 15 deep.");
    assert!(server.metrics().contains("deskbell_documents_refused_total 1"));
}

#[tokio::test]
async fn a_thousand_errors_become_twenty() {
    let server = TestServer::start().await;
    let wrong = (0..24).map(|i| format!("wrong{i} ")).collect::<String>();
    let (_, refused) = answer(post(&server, &format!("{{ {wrong} }}"))).await;
    assert_eq!(refused["errors"].as_array().map(Vec::len), Some(20));
}

#[tokio::test]
async fn introspection_is_a_switch() {
    let server = TestServer::with(|config| config.introspection = false).await;
    let (status, refused) = answer(post(&server, "{ __schema { types { name } } }")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(refused["errors"][0]["message"], "Introspection is switched off on this server (DESKBELL_INTROSPECTION).");
    let server = TestServer::start().await;
    assert_eq!(answer(post(&server, "{ __schema { queryType { name } } }")).await.0, StatusCode::OK);
}

#[tokio::test]
async fn the_servers_own_faults_are_a_code_and_an_id() {
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
async fn a_body_has_a_most_and_a_time() {
    let server = TestServer::with(|config| config.max_body_bytes = 1_000).await;
    let (status, refused) = answer(post(&server, &format!("{{ echo(text: \"{}\") }}", "x".repeat(2_000)))).await;
    assert_eq!((status, code(&refused)), (StatusCode::PAYLOAD_TOO_LARGE, "BAD_USER_INPUT"));
    // Without a length, and without an end.
    let chunks = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(" ".repeat(100_000))).take_bytes(2_000_000);
    let request =
        Client::new().post(server.url("/graphql")).header("content-type", "application/json").body(reqwest::Body::wrap_stream(chunks));
    assert_eq!(answer(request).await.0, StatusCode::PAYLOAD_TOO_LARGE);

    let server = TestServer::with(|config| config.read_timeout = Duration::from_millis(100)).await;
    let drip = futures_util::stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Some((Ok::<_, std::io::Error>(" "), ()))
    });
    let request =
        Client::new().post(server.url("/graphql")).header("content-type", "application/json").body(reqwest::Body::wrap_stream(drip));
    assert_eq!(answer(request).await.0, StatusCode::REQUEST_TIMEOUT);
}

trait TakeBytes: Sized {
    fn take_bytes(self, most: usize) -> impl futures_util::Stream<Item = Result<String, std::io::Error>> + Send + 'static;
}
impl<S: futures_util::Stream<Item = Result<String, std::io::Error>> + Send + 'static> TakeBytes for S {
    fn take_bytes(self, most: usize) -> impl futures_util::Stream<Item = Result<String, std::io::Error>> + Send + 'static {
        use futures_util::StreamExt as _;
        self.take(most / 100_000)
    }
}

#[tokio::test]
async fn a_query_is_given_up_after_a_while_and_a_mutation_is_not() {
    let server = TestServer::with(|config| config.request_timeout = Duration::from_millis(50)).await;
    let (status, late) = answer(post(&server, "{ slow(ms: 60000) }")).await;
    assert_eq!((status, code(&late)), (StatusCode::GATEWAY_TIMEOUT, "INTERNAL_SERVER_ERROR"));
    let (status, _) = answer(post(&server, "mutation { bump(ms: 200) }")).await;
    assert_eq!((status, server.done()), (StatusCode::GATEWAY_TIMEOUT, 0));
    eventually("the mutation is finished", || server.done() == 1).await;
}

#[tokio::test]
async fn a_client_that_goes_away_does_not_cut_its_mutation_in_half() {
    let server = TestServer::start().await;
    let left = post(&server, "mutation { bump(ms: 200) }").timeout(Duration::from_millis(50)).send().await;
    assert!(left.is_err_and(|error| error.is_timeout()));
    eventually("the mutation is finished", || server.done() == 1).await;
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
    assert_eq!((status, code(&body)), (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_SERVER_ERROR"));
    assert!(!body.to_string().contains("database"));
}

#[tokio::test]
async fn a_subscription_over_plain_http_is_told_where_to_go() {
    let server = TestServer::start().await;
    let (status, refused) = answer(post(&server, "subscription { quiet }")).await;
    assert_eq!((status, code(&refused)), (StatusCode::BAD_REQUEST, "BAD_USER_INPUT"));
}

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
    assert_eq!(get("/").await.headers()["location"], "/graphiql");
    let broken = get("/broken").await;
    assert_eq!(broken.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(broken.headers().contains_key("x-request-id"));
    for (method, path) in
        [("TRACE", "/graphql"), ("TRACE", "/nothing"), ("PUT", "/graphql"), ("BREW", "/page"), ("DELETE", "/"), ("HEAD", "/graphql")]
    {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let response = Client::new().request(method.clone(), server.url(path)).send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        assert!(response.headers().contains_key("allow"));
    }
    let server = TestServer::with(|config| config.graphiql = false).await;
    assert_eq!(Client::new().get(server.url("/")).send().await.expect("an answer").status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn whoever_watches_over_the_server_is_answered() {
    let server = TestServer::start().await;
    let get = async |url: String| {
        let response = Client::new().get(url).send().await.expect("an answer");
        (response.status(), response.text().await.expect("text"))
    };
    assert_eq!(get(server.url("/healthz")).await, (StatusCode::OK, "ok\n".into()));
    assert_eq!(get(server.url("/readyz")).await, (StatusCode::OK, "ready\n".into()));
    server.world.end_session(ADA);
    assert_eq!(get(server.url("/readyz")).await, (StatusCode::SERVICE_UNAVAILABLE, "nobody is there\n".into()));
    assert!(get(server.url("/metrics")).await.1.contains("deskbell_connections "));

    let server = TestServer::with(|config| config.metrics_listen = Some(([127, 0, 0, 1], 0).into())).await;
    assert_eq!(get(server.url("/metrics")).await.0, StatusCode::NOT_FOUND);
    let apart = server.metrics_address.expect("a listener of its own");
    assert!(get(format!("http://{apart}/metrics")).await.1.contains("deskbell_connections "));
    assert_eq!(get(format!("http://{apart}/graphql")).await.0, StatusCode::NOT_FOUND);
}
