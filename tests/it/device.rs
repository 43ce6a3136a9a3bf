//! Password guesses at an address, and the browsers in which its operator has signed in before.

use chrono::TimeDelta;
use deskbell::app::App;
use entity::{device, session};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use crate::support::{Answer, PASSWORD, Person, TestApp, person::mutation, smtp::SmtpSink};

const OTHER_PASSWORD: &str = "quilted-anchors-hum-softly";

/// A server with the default limits behind a proxy of this machine, so that a story may have any
/// number of clients.
async fn guarded() -> (TestApp, SmtpSink) {
    let relay = SmtpSink::start().await;
    let url = relay.url();
    let app = TestApp::start_with(|config| {
        config.rate_limits.enabled = true;
        config.rate_limits.invitation.client = deskbell::config::Rate::of(1_000, 60);
        config.mail.smtp = Some(url.parse().expect("a URL"));
        config.http.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
    })
    .await;
    (app, relay)
}

/// The same person in another IPv6 /48.
fn from(person: &Person, network: u32) -> Person {
    person.clone().with_header("x-forwarded-for", &format!("2001:{network:x}::1"))
}

/// Signs in as a browser does.
async fn signs_in(browser: &Person, email: &str, password: &str) -> Answer {
    browser.does("signIn", json!({ "email": email, "password": password })).await
}

/// The name and value of the device cookie that an answer sets.
fn device_of(answer: &Answer) -> String {
    answer.device_cookie().expect("a device").split("; ").next().expect("a pair").to_owned()
}

/// Guesses at an address, each time from another network, until it is refused. Returns the number
/// of guesses that were checked.
async fn guess(app: &TestApp, email: &str, first: u32) -> usize {
    for number in 0..200 {
        let answer = signs_in(&from(&app.anonymous(), first + number), email, "not-the-password").await;
        match answer.refusals()[..] {
            ["InvalidCredentials"] => {}
            ["TooManyAttempts"] => return usize::try_from(number).expect("small"),
            _ => panic!("{:#}", answer.body),
        }
    }
    panic!("200 guesses were checked");
}

/// The number of devices in the database.
async fn db_devices(app: &App) -> u64 {
    device::Entity::find().count(app.db()).await.expect("the database answers")
}

#[tokio::test]
async fn a_hundred_guesses_in_a_row_slow_all_but_the_operator_s_own_browser() {
    let (app, _relay) = guarded().await;
    let acme = app.account(1).await;
    let email = acme.owner.email.as_str();
    let first = signs_in(&from(&app.anonymous(), 1), email, PASSWORD).await.granted();
    let (name, attributes) = first.device_cookie().and_then(|cookie| cookie.split_once("; ")).expect("a cookie");
    assert_eq!(attributes, "Path=/; Max-Age=7776000; HttpOnly; SameSite=Lax");
    assert!(name.starts_with(&format!("deskbell_device_{}=dbd_", app.address().port())), "{name}");
    let browser = app.anonymous().with_cookie(&device_of(&first));

    assert_eq!(guess(&app, email, 100).await, 99, "the sign-in of the new browser is the hundredth");
    // New clients have no attempts left either, and even the right password must wait.
    let refused = signs_in(&from(&app.anonymous(), 2), email, PASSWORD).await;
    let wait = refused.user_errors()[0]["retryAfterSeconds"].as_i64().expect("a number");
    assert!((1..=60).contains(&wait), "{wait}");
    app.later(TimeDelta::seconds(wait));
    assert_eq!(guess(&app, email, 1_000).await, 1, "one a minute for all clients together");

    // The browser has ten separate attempts, over any transport, even from a client that has used
    // up its own.
    let (near, neighbour) = (from(&browser, 100), from(&app.anonymous(), 100));
    while signs_in(&neighbour, "nobody@acme.example", PASSWORD).await.refusals() == ["InvalidCredentials"] {}
    for _ in 0..8 {
        assert_eq!(signs_in(&near, email, "not-the-password").await.refusals(), ["InvalidCredentials"]);
    }
    signs_in(&near, email, PASSWORD).await.granted();
    let input = json!({ "input": { "email": email, "password": PASSWORD, "transport": "TOKEN" } });
    let over_a_socket = near.watches(&mutation("signIn"), input).await.next().await;
    assert!(over_a_socket.is_granted(), "{:#}", over_a_socket.body);
    assert_eq!(signs_in(&near, email, PASSWORD).await.refusals(), ["TooManyAttempts"], "the ten attempts are used");
    app.later(TimeDelta::seconds(10));
    signs_in(&near, email, PASSWORD).await.granted();
    // The cookie does not count for another operator, on another site's page, or when it is made
    // up.
    app.later(TimeDelta::seconds(100));
    assert_eq!(
        signs_in(&near.clone().with_header("origin", "https://evil.example"), email, PASSWORD).await.code(),
        "FORBIDDEN"
    );
    let made_up = format!("{}{}", &name[..name.len() - 4], "AAAA");
    guess(&app, email, 2_000).await;
    assert_eq!(
        signs_in(&from(&app.anonymous().with_cookie(&made_up), 3), email, PASSWORD).await.refusals(),
        ["TooManyAttempts"]
    );
    let other = app.account(1).await;
    guess(&app, &other.owner.email, 3_000).await;
    assert_eq!(signs_in(&from(&browser, 4), &other.owner.email, PASSWORD).await.refusals(), ["TooManyAttempts"]);
}

#[tokio::test]
async fn a_mailed_link_gets_a_new_browser_in_while_others_guess() {
    let (app, mut relay) = guarded().await;
    let acme = app.account(1).await;
    let token = |text: &str| {
        text.split_once("#token=").expect("a link").1.split_whitespace().next().expect("a token").to_owned()
    };
    let added = acme.owner.does("addOperator", json!({ "name": "Bob", "email": "bob@acme.example" })).await.granted();
    let invitation = token(&relay.next().await.text);
    acme.owner.does("requestPasswordRecovery", json!({ "email": acme.owner.email })).await.granted();
    let recovery = token(&relay.next().await.text);
    let bob = added.payload()["operator"]["email"].as_str().expect("the owner sees it");

    for (email, token, network) in [(acme.owner.email.as_str(), recovery, 1), (bob, invitation, 2)] {
        guess(&app, email, 100 * network).await;
        let set = from(&app.anonymous(), network)
            .does("recoverPassword", json!({ "token": token, "newPassword": OTHER_PASSWORD }))
            .await;
        let set = set.granted();
        assert_eq!(set.set_cookie(), None, "the link does not sign in");
        assert_eq!(
            signs_in(&from(&app.anonymous(), 50 + network), email, OTHER_PASSWORD).await.refusals(),
            ["TooManyAttempts"]
        );
        signs_in(&from(&app.anonymous().with_cookie(&device_of(&set)), 60 + network), email, OTHER_PASSWORD)
            .await
            .granted();
    }
}

#[tokio::test]
async fn a_device_ends_with_removal_and_with_a_password_that_is_set_elsewhere() {
    let (app, _relay) = guarded().await;
    let acme = app.account(2).await;
    let bob = acme.inactive("bob").await;
    let mut browsers = Vec::new();
    for network in 1..=3 {
        let answer = signs_in(&from(&app.anonymous(), network), &bob.email, PASSWORD).await.granted();
        let session = answer.set_cookie().expect("a session").split("; ").next().expect("a pair").to_owned();
        browsers.push(from(&app.anonymous().with_cookie(&format!("{session}; {}", device_of(&answer))), network));
    }
    guess(&app, &bob.email, 100).await;
    assert_eq!(db_devices(app.app()).await, 3);

    browsers[0].changes_password(PASSWORD, OTHER_PASSWORD).await.granted();
    assert_eq!(db_devices(app.app()).await, 1);
    signs_in(&browsers[0], &bob.email, OTHER_PASSWORD).await.granted();
    for browser in &browsers[1..] {
        assert_eq!(signs_in(browser, &bob.email, OTHER_PASSWORD).await.refusals(), ["TooManyAttempts"]);
    }

    acme.owner.removes(&bob).await.granted();
    assert_eq!(db_devices(app.app()).await, 0);
}

#[tokio::test]
async fn a_device_ends_after_ninety_days_without_a_sign_in() {
    let (app, _relay) = guarded().await;
    let acme = app.account(1).await;
    let email = acme.owner.email.as_str();
    let first = signs_in(&from(&app.anonymous(), 1), email, PASSWORD).await.granted();
    let browser = from(&app.anonymous().with_cookie(&device_of(&first)), 1);
    app.later(TimeDelta::days(89));
    let again = signs_in(&browser, email, PASSWORD).await.granted();
    assert_eq!(device_of(&again), device_of(&first), "the device is kept");
    app.later(TimeDelta::days(89));
    guess(&app, email, 100).await;
    signs_in(&browser, email, PASSWORD).await.granted();
    app.later(TimeDelta::days(91));
    guess(&app, email, 1_000).await;
    assert_eq!(signs_in(&browser, email, PASSWORD).await.refusals(), ["TooManyAttempts"]);
}

#[tokio::test]
async fn a_browser_is_a_device_of_five_operators_and_an_operator_has_twenty_devices() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let people = acme.profiles(6).await;
    let mut cookie = "x=y".to_owned();
    let mut firsts = Vec::new();
    for person in &people {
        cookie = device_of(&signs_in(&app.anonymous().with_cookie(&cookie), &person.email, PASSWORD).await.granted());
        let tokens: Vec<_> = cookie.split_once('=').expect("a pair").1.split('.').map(str::to_owned).collect();
        assert_eq!(tokens.len(), (firsts.len() + 1).min(5));
        firsts.insert(0, tokens[0].clone());
        assert_eq!(tokens, firsts[..tokens.len()], "the newest first");
    }
    for _ in 0..25 {
        // Without cookies, as a program signs in.
        signs_in(&app.anonymous(), &people[0].email, PASSWORD).await.granted();
    }
    let kept =
        device::Entity::find().filter(device::COLUMN.operator_id.eq(people[0].db_key())).count(app.app().db()).await;
    assert_eq!(kept.expect("the database answers"), 20);
    assert_eq!(db_devices(app.app()).await, 25);
    let with_token = app
        .anonymous()
        .does("signIn", json!({ "email": people[1].email, "password": PASSWORD, "transport": "TOKEN" }))
        .await;
    assert_eq!(with_token.granted().device_cookie(), None, "a client without cookies gets no device");
}

#[tokio::test]
async fn a_session_of_the_previous_version_gets_its_device_at_the_next_request() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let answer = signs_in(&app.anonymous(), &acme.owner.email, PASSWORD).await.granted();
    let session = answer.set_cookie().expect("a session").split("; ").next().expect("a pair").to_owned();
    // The rows as that version writes them.
    let work = app.app().begin().await.expect("a transaction");
    device::Entity::delete_many().exec(&*work).await.expect("deleted");
    let none = Expr::value(Option::<Vec<u8>>::None);
    session::Entity::update_many().col_expr(session::Column::DeviceHash, none).exec(&*work).await.expect("written");
    work.commit().await.expect("committed");

    let browser = app.anonymous().with_cookie(&session);
    let elsewhere = browser.clone().with_header("origin", "https://evil.example").reads("{ viewer { name } }").await;
    assert_eq!(elsewhere.device_cookie(), None);
    assert_eq!(
        acme.owner.reads("{ viewer { name } }").await.device_cookie(),
        None,
        "a session with a bearer token gets no device"
    );
    let asks = (0..8).map(|_| browser.reads("{ viewer { name } }"));
    let answers = futures_util::future::join_all(asks).await;
    let given: Vec<_> = answers.iter().filter(|answer| answer.device_cookie().is_some()).collect();
    assert_eq!((given.len(), db_devices(app.app()).await), (1, 1), "one, for any number of concurrent requests");
    assert_eq!(browser.reads("{ viewer { name } }").await.device_cookie(), None);
    let again =
        signs_in(&app.anonymous().with_cookie(&device_of(given[0])), &acme.owner.email, PASSWORD).await.granted();
    assert_eq!(device_of(&again), device_of(given[0]), "it is a device like any other");
}
