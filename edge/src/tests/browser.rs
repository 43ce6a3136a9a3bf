//! What pages of allowed and of foreign origins may do.

use reqwest::{
    Client, Method, RequestBuilder,
    header::{HeaderName, HeaderValue},
};
use serde_json::{Value as Json, json};

use super::toy::{ADA, TestServer};

const OWN: &str = "https://chat.example.org";
const FRIEND: &str = "http://localhost:5173";
const FOREIGN: &str = "https://shop.example.com";

async fn server() -> TestServer {
    TestServer::with(|config| config.allowed_origins = vec![FRIEND.parse().expect("an origin")]).await
}

fn who(server: &TestServer) -> RequestBuilder {
    Client::new()
        .post(server.url("/graphql"))
        .header("cookie", format!("toy_session={ADA}"))
        .json(&json!({"query": "{ who { token origin } }"}))
}

async fn seen(request: RequestBuilder) -> (Json, Json) {
    let body: Json = request.send().await.expect("an answer").json().await.expect("JSON");
    (body["data"]["who"]["token"].clone(), body["data"]["who"]["origin"].clone())
}

#[tokio::test]
async fn a_cookie_counts_for_allowed_pages_only() {
    let server = server().await;
    assert_eq!(seen(who(&server)).await, (json!(ADA), json!("none")));
    for origin in [OWN, FRIEND] {
        assert_eq!(seen(who(&server).header("origin", origin)).await, (json!(ADA), json!("allowed")));
    }
    for origin in [FOREIGN, "null", "http://chat.example.org", "https://chat.example.org.evil.test"] {
        assert_eq!(seen(who(&server).header("origin", origin)).await, (Json::Null, json!("foreign")), "{origin}");
    }
    assert_eq!(seen(who(&server).header("sec-fetch-site", "cross-site")).await, (Json::Null, json!("none")));
}

#[tokio::test]
async fn a_foreign_page_with_a_token_is_refused_with_the_setting() {
    let server = server().await;
    let response = who(&server).header("origin", FOREIGN).bearer_auth(ADA).send().await.expect("an answer");
    assert_eq!(response.status(), 403);
    let body: Json = response.json().await.expect("JSON");
    assert_eq!(body["errors"][0]["extensions"]["code"], "FORBIDDEN");
    assert_eq!(body["errors"][0]["extensions"]["reason"], "FOREIGN_ORIGIN");
    let message = body["errors"][0]["message"].as_str().expect("text");
    assert!(message.contains("TOY_ALLOWED_ORIGINS") && message.contains(OWN), "{message}");
    assert_eq!(seen(who(&server).header("origin", OWN).bearer_auth(ADA)).await.0, json!(ADA));
}

#[tokio::test]
async fn answers_name_the_pages_that_may_read_them() {
    let server = server().await;
    for (origin, allowed, credentials) in [(OWN, OWN, true), (FRIEND, FRIEND, true), (FOREIGN, "*", false)] {
        let response = who(&server).header("origin", origin).send().await.expect("an answer");
        let headers = response.headers();
        assert_eq!(headers["access-control-allow-origin"], allowed);
        assert_eq!(headers.contains_key("access-control-allow-credentials"), credentials, "{origin}");
        assert!(headers.get_all("vary").iter().any(|value| value == "origin"));
    }
    let response = who(&server).send().await.expect("an answer");
    assert!(!response.headers().contains_key("access-control-allow-origin"));
    // Foreign pages can read a refusal as well, so that they can show it.
    let refused = Client::new().post(server.url("/graphql")).header("origin", FOREIGN).send().await.expect("an answer");
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["access-control-allow-origin"].to_str().expect("text")),
        (415, &"*")
    );
}

#[tokio::test]
async fn a_preflight_names_the_headers_that_a_page_may_send() {
    let server = server().await;
    for (origin, asked, headers) in [
        (OWN, Some("authorization,content-type,traceparent"), "authorization,content-type,traceparent"),
        (OWN, None, "content-type, graphql-require-preflight, authorization"),
        (OWN, Some("content-type;\t"), "content-type, graphql-require-preflight, authorization"),
        // For browsers, `*` excludes `Authorization`.
        (FOREIGN, Some("authorization,content-type,traceparent"), "*, authorization"),
        (FOREIGN, None, "*, authorization"),
    ] {
        let asked = asked.map(|names| ("access-control-request-headers", names));
        let response = Client::new()
            .request(Method::OPTIONS, server.url("/graphql"))
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .headers(
                asked
                    .into_iter()
                    .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
                    .collect(),
            )
            .send()
            .await
            .expect("an answer");
        assert_eq!(response.status(), 204);
        assert_eq!(response.headers()["access-control-allow-headers"], headers);
        assert_eq!(response.headers()["access-control-allow-methods"], "GET, POST");
        assert!(response.headers().contains_key("access-control-max-age"));
    }
}

#[tokio::test]
async fn a_trusted_proxy_names_the_client() {
    let server = TestServer::with(|config| {
        config.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
    })
    .await;
    let address = async |request: RequestBuilder| {
        let body: Json = request
            .json(&json!({"query": "{ who { address } }"}))
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON");
        body["data"]["who"]["address"].clone()
    };
    let post = || Client::new().post(server.url("/graphql"));
    assert_eq!(address(post().header("x-forwarded-for", "6.6.6.6, 203.0.113.9, 127.0.0.1")).await, "203.0.113.9");
    assert_eq!(address(post()).await, "127.0.0.1");
    let server = TestServer::start().await;
    let post = || Client::new().post(server.url("/graphql"));
    assert_eq!(address(post().header("x-forwarded-for", "203.0.113.9")).await, "127.0.0.1");
}
