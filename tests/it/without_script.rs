//! Availability for pages without JavaScript: as JSON, and as a badge.

use std::{collections::BTreeSet, time::Duration};

use deskbell::bus::Topic;
use entity::account;
use futures_util::future::join_all;
use reqwest::{Method, Response, StatusCode};
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::{Value, json};

use crate::support::{Account, TestApp, eventually};

/// The selection of the widget.
const CARDS: &str = "version isAvailable isChatEnabled operators { id publicName description photoUrl }";

/// Headers of every answer.
const OPEN: [(&str, &str); 4] = [
    ("access-control-allow-origin", "*"),
    ("content-security-policy", "default-src 'none'"),
    ("cross-origin-resource-policy", "cross-origin"),
    ("x-content-type-options", "nosniff"),
];
const KEPT: &str = "public, max-age=5, must-revalidate";

fn json_of(account: &Account) -> String {
    format!("/availability/{}", account.widget_key)
}

fn badge_of(account: &Account) -> String {
    format!("/availability/{}/badge.svg", account.widget_key)
}

async fn get(app: &TestApp, path: &str) -> Response {
    app.anonymous().request(Method::GET, path).send().await.expect("an answer")
}

async fn get_unless(app: &TestApp, path: &str, etag: &str) -> Response {
    app.anonymous().request(Method::GET, path).header("if-none-match", etag).send().await.expect("an answer")
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().expect("text"))
}

fn etag(response: &Response) -> String {
    header(response, "etag").expect("an ETag").to_owned()
}

#[track_caller]
fn is_open(response: &Response, kept: &str) {
    for (name, value) in OPEN {
        assert_eq!(header(response, name), Some(value), "{name}");
    }
    assert_eq!(header(response, "cache-control"), Some(kept));
    for name in ["access-control-allow-credentials", "set-cookie"] {
        assert_eq!(header(response, name), None, "{name}");
    }
}

async fn shown(app: &TestApp, path: &str) -> Value {
    let response = get(app, path).await;
    assert_eq!(response.status(), 200, "{path}");
    response.json().await.expect("JSON")
}

#[tokio::test]
async fn the_json_has_exactly_what_the_widget_receives() {
    let app = TestApp::start().await;
    let acme = app.account(7).await;
    let empty = shown(&app, &json_of(&acme)).await;
    assert_eq!(empty, acme.visited(CARDS).await.data()["availability"]);
    assert_eq!(
        empty,
        json!({ "version": empty["version"], "isAvailable": false, "isChatEnabled": true, "operators": [] })
    );

    // More operators than a widget shows, and a name that looks like markup and breaks naive JSON.
    let strange = "\"</script><b>Žofie</b> 💬\\";
    let zofie = acme.adds("Zofie", json!({ "publicName": strange, "description": strange, "isActive": true })).await;
    zofie.uploads_photo(&zofie, include_bytes!("../fixtures/photos/photo.jpg").to_vec()).await.granted();
    for name in ["bob", "cy", "dan", "eve", "fay"] {
        acme.limited(name).await;
    }
    let version = acme.version().await;
    eventually("the last change", async || shown(&app, &json_of(&acme)).await["version"] == version).await;

    let all = shown(&app, &json_of(&acme)).await;
    assert_eq!(all, acme.visited(CARDS).await.data()["availability"]);
    let names: Vec<_> =
        all["operators"].as_array().expect("a list").iter().map(|card| card["publicName"].as_str()).collect();
    assert_eq!(names, [Some(strange), Some("bob"), Some("cy"), Some("dan"), Some("eve")]);
    let fields: BTreeSet<_> = all["operators"][0].as_object().expect("a card").keys().map(String::as_str).collect();
    assert_eq!(fields, ["description", "id", "photoUrl", "publicName"].into(), "never more than a card");

    let text = get(&app, &json_of(&acme)).await.text().await.expect("text");
    assert!(
        text.starts_with(&format!(
            "{{\"version\":{version},\"isAvailable\":true,\"isChatEnabled\":true,\"operators\":[{{\"id\":\""
        )),
        "{text}"
    );
}

#[tokio::test]
async fn a_photo_comes_in_the_requested_size() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let ada = acme.full_access("ada").await;
    ada.uploads_photo(&ada, include_bytes!("../fixtures/photos/photo.jpg").to_vec()).await.granted();
    let version = acme.version().await;
    eventually("the photo", async || shown(&app, &json_of(&acme)).await["version"] == version).await;

    for (query, argument) in [
        ("", ""),
        ("?size=64", "(size: 64)"),
        ("?size=65&lang=cs", "(size: 65)"),
        ("?size=9999", "(size: 9999)"),
        ("?size=-1", "(size: -1)"),
        ("?other=1", ""),
    ] {
        let url = shown(&app, &format!("{}{query}", json_of(&acme))).await["operators"][0]["photoUrl"].clone();
        let wanted = acme.visited(&format!("operators {{ photoUrl{argument} }}")).await;
        assert_eq!(&url, wanted.at("availability.operators.0.photoUrl"), "{query}");
        assert_eq!(reqwest::get(url.as_str().expect("an address")).await.expect("an answer").status(), 200, "{query}");
    }
    for size in ["", "large", "1.5", "99999999999", "64px", "%00"] {
        let refused = get(&app, &format!("{}?size={size}", json_of(&acme))).await;
        assert_eq!(refused.status(), 400, "{size}");
        is_open(&refused, "no-store");
        let body: Value = refused.json().await.expect("JSON");
        assert_eq!(
            body,
            json!({ "error": { "code": "BAD_USER_INPUT", "message": "`size` is a whole number of pixels." } })
        );
    }
}

#[tokio::test]
async fn a_matching_etag_gets_304_until_something_changes() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let ada = acme.full_access("ada").await;
    for (path, content_type) in [(json_of(&acme), "application/json"), (badge_of(&acme), "image/svg+xml")] {
        let first = get(&app, &path).await;
        assert_eq!((first.status(), header(&first, "content-type")), (StatusCode::OK, Some(content_type)), "{path}");
        is_open(&first, KEPT);
        let tag = etag(&first);
        assert!(!tag.starts_with("W/"), "{tag}");
        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
            let again = get_unless(&app, &path, &known).await;
            assert_eq!((again.status(), etag(&again)), (StatusCode::NOT_MODIFIED, tag.clone()), "{path} {known}");
            is_open(&again, KEPT);
            assert_eq!(again.text().await.expect("nothing"), "");
        }
        let length = header(&first, "content-length").map(str::to_owned);
        let head = app.anonymous().request(Method::HEAD, &path).send().await.expect("an answer");
        assert_eq!((head.status(), etag(&head)), (StatusCode::OK, tag.clone()), "{path}");
        assert_eq!(header(&head, "content-length").map(str::to_owned), length, "{path}");
        assert_eq!(get(&app, &path).await.text().await.expect("text").len().to_string(), length.expect("a length"));

        ada.deactivates(&ada).await.granted();
        eventually("another state", async || get_unless(&app, &path, &tag).await.status() == StatusCode::OK).await;
        ada.activates(&ada).await.granted();
        eventually("the next state", async || {
            let now = get(&app, &path).await.text().await.expect("text");
            now.contains("\"isAvailable\":true") || now.contains(">available<")
        })
        .await;
    }
    let tag = etag(&get(&app, &json_of(&acme)).await);
    acme.owner.does("updateAccount", json!({ "isChatEnabled": false })).await.granted();
    eventually("chat is off", async || {
        let now = get_unless(&app, &json_of(&acme), &tag).await;
        now.status() == StatusCode::OK && now.text().await.expect("text").contains("\"isChatEnabled\":false")
    })
    .await;
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        assert_eq!(app.anonymous().request(method, &json_of(&acme)).send().await.expect("an answer").status(), 405);
    }
}

#[tokio::test]
async fn the_badge_shows_availability_in_two_languages() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let ada =
        acme.adds("<b>Ada</b>", json!({ "email": "ada@acme.example", "isActive": true, "accessLevel": "FULL" })).await;
    let badge = async |query: &str| get(&app, &format!("{}{query}", badge_of(&acme))).await.text().await.expect("text");

    for (query, label) in [
        ("", "xml:lang=\"en\" aria-label=\"chat: available\""),
        ("?lang=en-GB", "xml:lang=\"en\" aria-label=\"chat: available\""),
        ("?lang=cs", "xml:lang=\"cs\" aria-label=\"chat: dostupný\""),
        ("?lang=cs-CZ", "xml:lang=\"cs\" aria-label=\"chat: dostupný\""),
        ("?lang=%22%3E%3Cscript%3E", "xml:lang=\"en\" aria-label=\"chat: available\""),
    ] {
        let badge = badge(query).await;
        assert!(
            badge.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\"") && badge.contains(label),
            "{query}: {badge}"
        );
        assert!(!badge.contains("Ada") && !badge.contains("script"), "{query}: {badge}");
    }
    let tags =
        [etag(&get(&app, &badge_of(&acme)).await), etag(&get(&app, &format!("{}?lang=cs", badge_of(&acme))).await)];
    assert_ne!(tags[0], tags[1]);

    ada.deactivates(&ada).await.granted();
    eventually("the change", async || badge("").await.contains("aria-label=\"chat: away\"")).await;
    assert!(badge("?lang=cs").await.contains("aria-label=\"chat: nedostupný\""));
}

#[tokio::test]
async fn an_unknown_widget_key_is_not_found() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let key = &acme.widget_key;
    let long = "k".repeat(10_000);
    for key in [
        "wk_unknown",
        "%00",
        &format!("{key}%00"),
        "%ff%fe",
        &key.to_uppercase(),
        &format!("%20{key}"),
        "%25",
        "'%20OR%201=1%20--",
        &long,
        &acme.id,
    ] {
        for path in [format!("/availability/{key}"), format!("/availability/{key}/badge.svg?lang=cs")] {
            let missing = get_unless(&app, &path, "*").await;
            assert_eq!(missing.status(), 404, "{path}");
            is_open(&missing, KEPT);
            assert_eq!(header(&missing, "content-type"), Some("application/json"), "{path}");
            let body: Value = missing.json().await.expect("JSON");
            assert_eq!(
                body,
                json!({ "error": { "code": "NOT_FOUND", "message": "No account has this widget key." } }),
                "{path}"
            );
        }
    }
    for path in
        ["/availability", "/availability/", &format!("/availability/{key}/"), &format!("/availability/{key}/badge.png")]
    {
        assert_eq!(get(&app, path).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn a_page_of_any_site_may_read_it_and_its_session_is_ignored() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    for person in [acme.owner.clone(), app.anonymous()] {
        let page = person.with_header("origin", "https://shop.example");
        let response = page.request(Method::GET, &json_of(&acme)).send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        is_open(&response, KEPT);
    }
}

#[tokio::test]
async fn repeated_requests_cost_no_database_statements() {
    let app = TestApp::start_with(|config| config.mail.poll = Duration::from_hours(1)).await;
    let (small, large) = (app.account(1).await, app.account(50).await);
    small.full_access("ada").await;
    for person in large.profiles(50).await {
        large.owner.activates(&person).await.granted();
    }
    app.is_idle().await;
    let statements = || app.app().statements.get();

    let mut first = Vec::new();
    for account in [&small, &large] {
        let before = statements();
        get(&app, &json_of(account)).await;
        first.push(statements() - before);
    }
    assert_eq!(first, [3, 3], "statements for 1 and for 50 active operators");

    let before = statements();
    let asked = (0..100).map(|number| {
        let path = if number % 2 == 0 { json_of(&large) } else { badge_of(&large) };
        let app = &app;
        async move { get(app, &format!("{path}?size={number}&lang={number}")).await.status() }
    });
    assert!(join_all(asked).await.iter().all(|status| *status == 200));
    assert_eq!(statements() - before, 0, "statements for a hundred more requests");

    // An unknown key costs one lookup, and an invalid one none.
    let before = statements();
    get(&app, "/availability/wk_unknown").await;
    get(&app, "/availability/no%20key").await;
    assert_eq!(statements() - before, 1);
}

#[tokio::test]
async fn a_deleted_account_is_no_longer_shown() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let version = shown(&app, &json_of(&acme)).await["version"].as_i64().expect("a number");

    let work = app.app().begin().await.expect("a transaction");
    account::Entity::delete_by_id(acme.db_key()).exec(&*work).await.expect("the account's rows are deleted");
    work.commit().await.expect("committed");
    // No rule deletes accounts yet. One that does will publish this event.
    app.app().bus.publish(Topic::Availability(acme.db_key()).at(version + 1));

    eventually("the deletion", async || get(&app, &json_of(&acme)).await.status() == StatusCode::NOT_FOUND).await;
}

#[tokio::test]
async fn a_database_error_is_not_disclosed() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let work = app.app().begin().await.expect("a transaction");
    work.execute_unprepared("ALTER TABLE account RENAME TO elsewhere").await.expect("the table is renamed");
    work.commit().await.expect("committed");

    for path in [json_of(&acme), badge_of(&acme)] {
        let failed = get(&app, &path).await;
        assert_eq!(failed.status(), 500, "{path}");
        is_open(&failed, "no-store");
        assert!(header(&failed, "x-request-id").is_some());
        let body: Value = failed.json().await.expect("JSON");
        assert_eq!(
            body,
            json!({ "error": { "code": "INTERNAL_SERVER_ERROR", "message": "Something went wrong on the server." } })
        );
    }
}

#[tokio::test]
async fn requests_do_not_queue_behind_a_database_that_does_not_answer() {
    let app = TestApp::start_with(|config| {
        config.database.pool = 2;
        config.http.request_timeout = Duration::from_secs(2);
    })
    .await;
    let acme = app.account(1).await;
    let taken = app.db_all_connections().await;

    // Lookups of one key are made one at a time, so each request would wait for all earlier ones.
    let path = json_of(&acme);
    let asked = join_all((0..20).map(|_| get(&app, &path)));
    let answers =
        tokio::time::timeout(Duration::from_secs(15), asked).await.expect("all are answered without the database");
    for failed in answers {
        assert_eq!(failed.status(), 500);
        is_open(&failed, "no-store");
    }
    drop(taken);
    eventually("the state", async || get(&app, &path).await.status() == StatusCode::OK).await;
}

#[tokio::test]
async fn public_data_may_be_read_with_any_header() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let shop = app.anonymous().with_header("origin", "https://shop.example");
    for path in [
        "/photos/412da277e2249863b6265408b8ee70f1-128.jpg".to_owned(),
        format!("/availability/{}", acme.widget_key),
        format!("/availability/{}/badge.svg", acme.widget_key),
        "/graphql".to_owned(),
    ] {
        let asks = shop.request(reqwest::Method::OPTIONS, &path);
        let asks = asks
            .header("access-control-request-method", "GET")
            .header("access-control-request-headers", "traceparent,baggage");
        let answer = asks.send().await.expect("an answer");
        assert_eq!(answer.status(), 204, "{path}");
        // For browsers, `*` excludes `Authorization`, which only `/graphql` reads.
        let allowed = if path == "/graphql" { "*, authorization" } else { "*" };
        for (name, value) in [("access-control-allow-headers", allowed), ("access-control-allow-origin", "*")] {
            assert_eq!(answer.headers()[name], value, "{path}");
        }
        assert!(
            answer.headers()["access-control-allow-methods"].to_str().is_ok_and(|methods| methods.contains("GET")),
            "{path}"
        );
        assert!(!answer.headers().contains_key("access-control-allow-credentials"), "{path}");
    }
}
