//! Fair shares: an account or client that sends much delays itself, and not others.

use std::time::Duration;

use deskbell::{
    bus::{Topic, TopicKind},
    config::Rate,
};
use edge::ledger::Who;
use entity::{OperatorId, ServerId};
use futures_util::future::join_all;
use serde_json::json;
use uuid::Uuid;

use crate::support::{Person, Stream, TestApp, eventually, is_postgres};

/// A query of an operator with four reads.
const READS: &str = "{ account { name seats { used } owner { name } operators { nodes { name } totalCount } } }";

#[tokio::test]
async fn an_account_that_holds_its_share_of_the_connections_keeps_no_other_waiting() {
    let app = TestApp::start_with(|config| config.database.pool = 4).await;
    let (acme, other) = (app.account_named("Acme", 2).await, app.account_named("Other", 2).await);
    let reader = app.app().for_who(Who::account(acme.db_key().0)).db().clone();
    let held = [reader.turn().await.expect("a connection"), reader.turn().await.expect("the second")];

    let asked = join_all((0..30).map(|_| acme.owner.reads(READS)));
    let others = async {
        eventually("every query of the account waits", async || reader.lines().waiting(reader.who()) >= 30).await;
        assert_eq!(reader.lines().running(reader.who()), 2, "half of the connections");
        assert_eq!(other.owner.reads(READS).await.text("account.name"), "Other");
        assert!(
            acme.visited("isAvailable").await.at("availability.isAvailable").is_boolean(),
            "a visitor is another client"
        );
        // Authentication and subscriptions also read in the account's queue.
        let mut watched = other.owner.watches("subscription { viewer { name } }", json!({})).await;
        assert_eq!(watched.next().await.text("viewer.name"), "Olive Owner");
        assert!(reader.lines().waiting(reader.who()) >= 30, "no query of the account was served before");
        drop(held);
    };
    let (answers, ()) = tokio::join!(asked, others);

    assert!(answers.iter().all(|answer| answer.text("account.name") == "Acme"));
    assert_eq!((reader.lines().running(reader.who()), reader.lines().waiting(reader.who())), (0, 0));
}

#[tokio::test]
async fn anonymous_clients_take_turns_as_well() {
    let app = TestApp::start_with(|config| {
        config.database.pool = 2;
        config.http.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
    })
    .await;
    let acme = app.account(1).await;
    let client = |address: &str| app.anonymous().with_header("x-forwarded-for", address);
    let (flood, honest) = (client("203.0.113.7"), client("198.51.100.9"));
    let reader = app.app().for_who(Who::client("203.0.113.7".parse().expect("an address"))).db().clone();
    let held = reader.turn().await.expect("a connection");
    let query = "query($key: String!) { availability(widgetKey: $key) { version } }";
    let variables = json!({ "key": acme.widget_key });

    let asked = join_all((0..20).map(|_| flood.run(query, variables.clone())));
    let others = async {
        eventually("the queries wait", async || reader.lines().waiting(reader.who()) >= 20).await;
        assert!(honest.run(query, variables.clone()).await.number("availability.version") >= 1);
        let badge = honest
            .request(reqwest::Method::GET, &format!("/availability/{}", acme.widget_key))
            .send()
            .await
            .expect("an answer");
        assert_eq!(badge.status(), 200);
        assert!(reader.lines().waiting(reader.who()) >= 20);
        drop(held);
    };
    let (answers, ()) = tokio::join!(asked, others);
    assert!(answers.iter().all(|answer| answer.number("availability.version") >= 1));
}

/// A server that runs no statements apart from those of the story.
async fn quiet() -> TestApp {
    TestApp::start_with(|config| {
        config.mail.poll = Duration::from_hours(1);
        config.session.recheck = Duration::from_hours(1);
        config.database.pool = 4;
        config.http.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
    })
    .await
}

#[tokio::test]
async fn the_heartbeat_of_a_server_is_not_counted_among_its_statements() {
    if !is_postgres() {
        return;
    }
    let app = quiet().await;
    app.account(1).await;
    app.is_idle().await;
    let before = app.app().statements.get();
    app.app().beat(ServerId(Uuid::now_v7())).await.expect("the heartbeat is stored");
    assert_eq!(app.app().statements.get(), before);
}

/// The same reads, in different documents.
fn account_document(n: usize) -> String {
    format!(
        "subscription D{n} {{ account {{ n{n}: name seats {{ used }} owner {{ name }}
            operators(first: 10) {{ nodes {{ name }} totalCount }} more: operators(first: 10) {{ nodes {{ email }} totalCount }} }} }}"
    )
}

#[tokio::test]
async fn one_operators_subscriptions_share_their_reads_across_documents_and_sessions() {
    let app = quiet().await;
    let acme = app.account(3).await;
    let (ada, bob) = (acme.full_access("ada").await, acme.limited("bob").await);
    let ada_too = ada.elsewhere().await;
    let mut streams = Vec::new();
    for n in 0..60 {
        let whose = if n % 2 == 0 { &ada } else { &ada_too };
        let mut stream = whose.watches(&account_document(n / 12), json!({})).await;
        stream.next().await;
        streams.push(stream);
    }
    let mut version = 1_000;
    let mut change = || {
        version += 1;
        app.app().bus.publish(Topic::Account(acme.db_key()).at(version));
    };
    let mut statements = async |streams: &mut Vec<Stream>| {
        app.is_idle().await;
        let before = app.app().statements.get();
        change();
        for stream in streams.iter_mut() {
            stream.next().await;
        }
        app.app().statements.get() - before
    };
    // Operator with sessions, account, seats, owner, page, total.
    assert_eq!(statements(&mut streams).await, 6, "for 60 subscriptions with 5 documents, in 2 sessions");
    assert_eq!(statements(&mut streams).await, 6);

    // Another operator of the account gets separate reads, since other permissions may show other
    // data.
    let mut watched = bob.watches(&account_document(0), json!({})).await;
    assert_eq!(watched.next().await.at("account.more.nodes.0.email"), &json!(null));
    streams.push(watched);
    assert_eq!(statements(&mut streams).await, 12);
}

#[tokio::test]
async fn an_ended_session_is_closed_and_the_operators_others_go_on() {
    let app = TestApp::start().await;
    let acme = app.account(3).await;
    let ada = acme.full_access("ada").await;
    let ada_too = ada.elsewhere().await;
    // The first subscription starts the execution that both share.
    let (mut first, mut second) =
        (ada.watches(&account_document(0), json!({})).await, ada_too.watches(&account_document(0), json!({})).await);
    let mut events = ada.listens(&account_document(0), json!({})).await;
    for stream in [&mut first, &mut second] {
        stream.next().await;
    }
    events.next().await;

    ada.signs_out().await;
    assert_eq!(first.closes().await.0, 4403);
    assert_eq!(events.next().await.code(), "UNAUTHENTICATED");
    events.ends().await;
    acme.owner.does("updateAccount", json!({ "name": "Acme & Sons" })).await.granted();
    assert_eq!(second.next().await.text("account.n0"), "Acme & Sons");
    acme.owner.removes(&ada).await.granted();
    let end = loop {
        // An item that was read before the removal may still arrive.
        if let Err(code) = second.item_or_end().await {
            break code;
        }
    };
    assert_eq!(end, 4403);
    let followed = app.app().bus.followed();
    assert!(
        !followed.get(&TopicKind::Account).is_some_and(|keys| keys.contains(&acme.db_key().0)),
        "no subscription is left"
    );
}

#[tokio::test]
async fn one_operator_follows_twenty_documents_and_the_dashboard_fits() {
    let app = quiet().await;
    let acme = app.account(2).await;
    let mut streams = Vec::new();
    for n in 0..20 {
        let mut stream = acme.owner.watches(&account_document(n), json!({})).await;
        stream.next().await;
        streams.push(stream);
    }
    let too_many = async |whose: &Person| whose.watches(&account_document(20), json!({})).await.refused().await;
    assert_eq!(too_many(&acme.owner).await.code(), "TOO_MANY_REQUESTS");
    assert_eq!(
        too_many(&acme.owner.elsewhere().await).await.code(),
        "TOO_MANY_REQUESTS",
        "another session of the same operator"
    );
    let documents: Vec<String> =
        serde_json::from_str(include_str!("../../web/dashboard/documents.json")).expect("a list");
    for document in &documents {
        let variables =
            json!({ "first": 10, "after": null, "last": null, "before": null, "isActive": null, "search": null });
        let mut stream = acme.owner.watches(document, variables).await;
        stream.next().await;
        streams.push(stream);
    }
}

#[tokio::test]
async fn one_client_follows_twenty_documents_of_an_account_and_locks_no_other_out() {
    let app = quiet().await;
    let (acme, other) = (app.account_named("Acme", 1).await, app.account_named("Other", 1).await);
    let client = |address: &str| app.anonymous().with_header("x-forwarded-for", address);
    let document = |n: usize| {
        format!("subscription D{n}($key: String!) {{ availability(widgetKey: $key) {{ version isAvailable }} }}")
    };
    let variables = json!({ "key": acme.widget_key });
    let mut streams = Vec::new();
    // Three clients with twenty each: later subscriptions are slower, and none is refused.
    for address in ["203.0.113.1", "203.0.113.2", "203.0.113.3"] {
        for n in 0..20 {
            let mut stream = client(address).watches(&document(streams.len()), variables.clone()).await;
            stream.next().await;
            streams.push(stream);
            if n == 19 {
                let refused = client(address).watches(&document(1_000), variables.clone()).await.refused().await;
                assert_eq!(refused.code(), "TOO_MANY_REQUESTS");
            }
        }
    }
    let mut elsewhere = client("203.0.113.1").watches(&document(1_000), json!({ "key": other.widget_key })).await;
    elsewhere.next().await;
    let widget: Vec<String> = serde_json::from_str(include_str!("../../web/widget/documents.json")).expect("a list");
    let mut widget = client("203.0.113.1").watches(&widget[0], variables.clone()).await;
    widget.next().await;
    // All of them receive a change, even if those beyond fifty receive it later.
    acme.owner.activates(&acme.owner).await.granted();
    for stream in streams.iter_mut().chain([&mut widget]) {
        assert_eq!(stream.next().await.at("availability.isAvailable"), true);
    }
}

#[tokio::test]
async fn an_account_that_uploads_many_photos_does_not_get_others_refused() {
    let app = TestApp::start().await;
    let (acme, other) = (app.account(3).await, app.account(1).await);
    let (ada, bob) = (acme.full_access("ada").await, acme.full_access("bob").await);
    let photo = || include_bytes!("../fixtures/photos/100x100.png").to_vec();
    let lines = &app.app().photo_lines;
    let decoded = lines.enter(acme.db_key(), OperatorId::new()).await.expect("nothing is decoded");

    let mine = join_all(
        (0..4).map(|n| if n % 2 == 0 { ada.uploads_photo(&ada, photo()) } else { bob.uploads_photo(&bob, photo()) }),
    );
    let others = async {
        eventually("the account's second photo waits", async || lines.waiting(acme.db_key()) == 1).await;
        let waits = other.owner.uploads_photo(&other.owner, photo());
        let begins = async {
            eventually("the other's waits as well", async || lines.waiting(other.db_key()) == 1).await;
            drop(decoded);
        };
        tokio::join!(waits, begins).0.granted();
    };
    let (mine, ()) = tokio::join!(mine, others);
    let granted = mine.iter().filter(|answer| answer.is_granted()).count();
    let refused: Vec<_> =
        mine.iter().filter(|answer| !answer.is_granted()).flat_map(crate::support::Answer::refusals).collect();
    assert!(granted >= 1 && granted + refused.len() == 4, "{granted} and {refused:?}");
    assert!(refused.iter().all(|kind| *kind == "TooManyAttempts"));
}

#[tokio::test]
async fn an_account_goes_on_while_its_photo_waits_for_those_of_others() {
    let app = TestApp::start_with(|config| config.http.max_client_executing = 1).await;
    let (acme, other) = (app.account(1).await, app.account(1).await);
    let lines = &app.app().photo_lines;
    let decoded = lines.enter(other.db_key(), OperatorId::new()).await.expect("nothing is decoded");
    let uploads = acme.owner.uploads_photo(&acme.owner, include_bytes!("../fixtures/photos/100x100.png").to_vec());
    let goes_on = async {
        eventually("the photo waits", async || lines.waiting(acme.db_key()) == 1).await;
        assert!(acme.owner.reads("{ viewer { id } }").await.at("viewer.id").is_string());
        drop(decoded);
    };
    tokio::join!(uploads, goes_on).0.granted();
}

#[tokio::test]
async fn photos_have_a_rate() {
    let app = TestApp::start_with(|config| {
        config.rate_limits.enabled = true;
        config.rate_limits.photo.client = Rate::of(2, 3_600);
        config.rate_limits.photo.address = Rate::of(3, 3_600);
    })
    .await;
    let acme = app.account(2).await;
    let ada = acme.full_access("ada").await;
    let upload = async |whose: &Person| {
        whose.uploads_photo(whose, include_bytes!("../fixtures/photos/100x100.png").to_vec()).await
    };
    upload(&ada).await.granted();
    upload(&ada).await.granted();
    assert_eq!(upload(&ada).await.refusals(), ["TooManyAttempts"], "the operator's");
    upload(&acme.owner).await.granted();
    assert_eq!(upload(&acme.owner).await.refusals(), ["TooManyAttempts"], "the account's");
}
