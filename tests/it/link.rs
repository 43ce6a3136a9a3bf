//! Mailed links and URLs of pages that arrive slightly changed.

use reqwest::{Method, Response, StatusCode, redirect::Policy};
use serde_json::json;

use crate::support::{PASSWORD, TestApp, process::Folder, smtp::SmtpSink};

const OTHER_PASSWORD: &str = "nine-herons-paint-ladders";

async fn uses(app: &TestApp, token: &str, password: &str) -> Vec<String> {
    app.anonymous().does("recoverPassword", json!({ "token": token, "newPassword": password })).await.faults()
}

#[tokio::test]
async fn characters_appended_to_a_link_are_ignored_and_an_incomplete_token_is_reported() {
    let mut relay = SmtpSink::start().await;
    let app = TestApp::start_with(|config| config.mail.smtp = Some(relay.url().parse().expect("a URL"))).await;
    let acme = app.account(1).await;
    app.anonymous().does("requestPasswordRecovery", json!({ "email": acme.owner.email })).await.granted();
    let mail = relay.next().await;
    let (_, token) = mail.text.split_once("#token=").expect("a link");
    let token = token.split_whitespace().next().expect("a token");

    for behind in [".", ")", ">", "%3E", "%20", ",", "\u{200b}", "AAA"] {
        // A rejected password does not use up the link.
        assert_eq!(uses(&app, &format!("{token}{behind}"), "short").await, ["newPassword: WeakPassword"], "{behind:?}");
    }
    for part in [&token[..token.len() - 1], &token[..20], &token[4..], "dbl_", "x", ""] {
        for password in ["short", OTHER_PASSWORD] {
            assert_eq!(uses(&app, part, password).await, ["token: IncompleteLink"], "{part:?}");
        }
        for mutation in ["confirmAddress", "restoreAddress", "releaseAddress"] {
            let refused = app.anonymous().does(mutation, json!({ "token": part })).await.faults();
            assert_eq!(refused, ["token: IncompleteLink"], "{mutation} {part:?}");
        }
    }
    app.anonymous().signs_in(&acme.owner.email, PASSWORD).await.granted();
    app.anonymous()
        .does("recoverPassword", json!({ "token": format!("{token}."), "newPassword": OTHER_PASSWORD }))
        .await
        .granted();
    app.anonymous().signs_in(&acme.owner.email, OTHER_PASSWORD).await.granted();
    assert_eq!(uses(&app, token, OTHER_PASSWORD).await, ["token: InvalidLink"], "a link works once");
}

async fn asks(app: &TestApp, method: Method, path: &str) -> Response {
    asks_at(method, format!("{}{path}", app.url())).await
}

async fn asks_at(method: Method, url: String) -> Response {
    let client = reqwest::Client::builder().redirect(Policy::none()).build().expect("a client");
    client.request(method, url).send().await.expect("an answer")
}

#[tokio::test]
async fn an_encoded_hash_or_a_slash_at_the_end_is_redirected_to_the_page() {
    let app = TestApp::start().await;
    let token = format!("dbl_{}", "A".repeat(43));
    for (path, page) in [
        (format!("/recover-password%23token={token}"), format!("/recover-password#token={token}")),
        (format!("/accept-invitation%23token={token}"), format!("/accept-invitation#token={token}")),
        (format!("/accept-invitation/%23token%3D{token}"), format!("/accept-invitation#token={token}")),
        ("/profile/".to_owned(), "/profile".to_owned()),
        ("/sign-in/?after=1".to_owned(), "/sign-in?after=1".to_owned()),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let answer = asks(&app, method, &path).await;
            assert_eq!(answer.status(), StatusCode::PERMANENT_REDIRECT, "{path}");
            assert_eq!(answer.headers()["location"], page.as_str(), "{path}");
            assert_eq!(answer.headers()["cache-control"], "no-store", "{path}");
            assert_eq!(answer.headers()["referrer-policy"], "no-referrer", "{path}");
        }
        let (page, _) = page.split_once(['#', '?']).unwrap_or((&page, ""));
        let found = asks(&app, Method::GET, page).await;
        assert_eq!(
            (found.status(), &found.headers()["content-type"]),
            (StatusCode::OK, &"text/html; charset=utf-8".parse().expect("text"))
        );
        assert_eq!(asks(&app, Method::POST, &path).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["/nowhere%23token=x", "/nowhere/", "//evil.example/", "/graphql%23token=x", "/assets/%23token=x"] {
        assert_eq!(asks(&app, Method::GET, path).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_token_behind_an_encoded_hash_is_not_logged() {
    let folder = Folder::new();
    let program = folder.serve(&[("LOG", "debug")]).await;
    for path in ["/recover-password%23token=dbl_", "/nowhere%2523token=dbl_"] {
        asks_at(Method::GET, program.url(&format!("{path}{}", "A".repeat(43)))).await;
    }
    program.logs("status=308").await;
    let log = program.logs("status=404").await;
    assert!(log.contains("path=\"/recover-password\"") && !log.contains("dbl_"), "{log}");
}

#[tokio::test]
async fn an_unknown_address_is_a_page_for_a_browser_and_plain_text_for_a_program() {
    let app = TestApp::start().await;
    let asks = async |path: &str, accept: &str| {
        let request = reqwest::Client::new().get(format!("{}{path}", app.url())).header("accept", accept);
        let answer = request.send().await.expect("an answer");
        let status = answer.status();
        (status, answer.headers()["content-type"].to_str().expect("text").to_owned())
    };
    let (page, text) = ("text/html; charset=utf-8".to_owned(), "text/plain; charset=utf-8".to_owned());
    for path in ["/nope", "/nowhere/", "/nowhere%23token=x", "//evil.example/", "/sign-in/more", "/nope.js"] {
        assert_eq!(asks(path, "text/html,*/*;q=0.8").await, (StatusCode::NOT_FOUND, page.clone()), "{path}");
        assert_eq!(asks(path, "*/*").await, (StatusCode::NOT_FOUND, text.clone()), "{path}");
    }
    // Files of a page are never HTML, even if they are opened in a tab.
    for path in ["/assets/index-0ld.js", "/graphiql/nope"] {
        assert_eq!(asks(path, "text/html,*/*;q=0.8").await, (StatusCode::NOT_FOUND, text.clone()), "{path}");
    }
}
