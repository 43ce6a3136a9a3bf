//! The live dashboard: `viewer` and `account`, at first and after every change, until the session
//! ends.

use std::time::Duration;

use deskbell::{app::App, bus::Topic};
use entity::session;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

use crate::support::{PASSWORD, Person, Stream, TestApp, smtp::SmtpSink};

const VIEWER: &str = "subscription { viewer { name isActive accessLevel isOwner email photo { width } } }";
const ACCOUNT: &str = "subscription { account {
    name plan { code } seats { limit used } owner { name } operators { nodes { name isActive email } }
} }";

async fn viewer(person: &Person) -> Stream {
    person.watches(VIEWER, json!({})).await
}

async fn account(person: &Person) -> Stream {
    person.watches(ACCOUNT, json!({})).await
}

/// The socket is closed soon after its session has ended.
async fn is_closed(stream: &mut Stream) {
    let (code, reason) =
        tokio::time::timeout(Duration::from_secs(5), stream.closes()).await.expect("within five seconds");
    assert_eq!(code, 4403, "{reason}");
    assert!(!reason.is_empty());
}

#[tokio::test]
async fn an_operator_is_notified_at_once_when_they_are_deactivated() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let (ada, bob) = (acme.full_access("ada").await, acme.inactive("bob").await);
    let mut watched = viewer(&bob).await;

    assert_eq!(watched.next().await.at("viewer.isActive"), false);
    ada.activates(&bob).await.granted();
    assert_eq!(watched.next().await.at("viewer.isActive"), true);
    ada.swaps(&bob, &ada).await.granted();
    assert_eq!(watched.next().await.at("viewer.isActive"), false);
    ada.swaps(&ada, &bob).await.granted();
    assert_eq!(watched.next().await.at("viewer.isActive"), true);
    ada.does("changePlan", json!({ "plan": "FREE", "deactivateOperatorIds": [bob.id] })).await.granted();
    assert_eq!(watched.next().await.at("viewer.isActive"), false);
}

#[tokio::test]
async fn an_operator_follows_only_their_own_profile() {
    let app = TestApp::start().await;
    let acme = app.account(3).await;
    let (ada, bob) = (acme.full_access("ada").await, acme.limited("bob").await);
    let mut watched = viewer(&bob).await;
    watched.next().await;

    ada.updates(&ada, json!({ "name": "Ada L." })).await.granted();
    ada.deactivates(&ada).await.granted();
    ada.buys(4).await.granted();
    ada.updates(&bob, json!({ "name": "Robert" })).await.granted();
    assert_eq!(watched.next().await.text("viewer.name"), "Robert", "changes of colleagues send nothing");
    bob.uploads_photo(&bob, include_bytes!("../fixtures/photos/100x100.png").to_vec()).await.granted();
    assert_eq!(watched.next().await.number("viewer.photo.width"), 100);
    ada.changes_access(&bob, "FULL").await.granted();
    assert_eq!(watched.next().await.at("viewer.accessLevel"), "FULL");
    acme.owner.hands_over_to(&bob).await.granted();
    assert_eq!(watched.next().await.at("viewer.isOwner"), true);
}

#[tokio::test]
async fn a_dashboard_follows_everything_that_happens_in_the_account() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let ada = acme.full_access("ada").await;
    let mut watched = account(&ada).await;
    let first = watched.next().await;
    assert_eq!(first.each("account.operators.nodes", "name"), ["Olive Owner", "ada"]);

    let bob = acme.inactive("bob").await;
    let state = watched.until(|state| state.each("account.operators.nodes", "name").len() == 3).await;
    assert_eq!(state.at("account.operators.nodes.2"), &json!({ "name": "bob", "isActive": false, "email": bob.email }));
    ada.activates(&bob).await.granted();
    assert_eq!(watched.next().await.at("account.seats"), &json!({ "limit": 2, "used": 2 }));
    ada.does("changePlan", json!({ "plan": "PRO", "seats": 5 })).await.granted();
    let state = watched.next().await;
    assert_eq!((state.text("account.plan.code"), state.number("account.seats.limit")), ("PRO", 5));
    ada.updates(&bob, json!({ "name": "Robert" })).await.granted();
    assert_eq!(watched.next().await.text("account.operators.nodes.2.name"), "Robert");
    ada.does("updateAccount", json!({ "name": "Acme & Töchter" })).await.granted();
    assert_eq!(watched.next().await.text("account.name"), "Acme & Töchter");
    acme.owner.hands_over_to(&ada).await.granted();
    assert_eq!(watched.next().await.text("account.owner.name"), "ada");
    ada.removes(&bob).await.granted();
    let state = watched.next().await;
    assert_eq!(state.each("account.operators.nodes", "name"), ["Olive Owner", "ada"]);
    assert_eq!(state.at("account.seats"), &json!({ "limit": 5, "used": 1 }));
}

#[tokio::test]
async fn a_dashboard_over_server_sent_events_ends_with_its_session() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let ada = acme.full_access("ada").await;
    let mut events = ada.listens(ACCOUNT, json!({})).await;
    assert_eq!(events.next().await.number("account.seats.used"), 1);
    acme.owner.deactivates(&ada).await.granted();
    assert_eq!(events.next().await.number("account.seats.used"), 0);

    ada.signs_out().await;

    assert_eq!(events.next().await.code(), "UNAUTHENTICATED");
    events.ends().await;
}

#[tokio::test]
async fn an_anonymous_subscriber_is_refused_before_the_first_item() {
    let app = TestApp::start().await;
    for query in [VIEWER, ACCOUNT] {
        let mut watched = app.anonymous().watches(query, json!({})).await;
        assert_eq!(watched.refused().await.codes(), ["UNAUTHENTICATED"], "{query}");
        let mut events = app.anonymous().listens(query, json!({})).await;
        assert_eq!(events.next().await.codes(), ["UNAUTHENTICATED"], "{query}");
        events.ends().await;
    }
}

#[tokio::test]
async fn another_account_receives_no_events() {
    let app = TestApp::start().await;
    let (acme, globex) = (app.account(2).await, app.account(2).await);
    let (ada, hank) = (acme.full_access("ada").await, globex.full_access("hank").await);
    let mut watched = account(&hank).await;
    watched.next().await;
    let mut events = app.db_events(&globex);

    ada.deactivates(&ada).await.granted();
    ada.buys(5).await.granted();
    let bob = acme.inactive("bob").await;
    ada.updates(&bob, json!({ "name": "Robert" })).await.granted();
    ada.removes(&bob).await.granted();
    ada.signs_out().await;

    assert_eq!(events.published(), []);
    hank.updates(&hank, json!({ "name": "Henry" })).await.granted();
    assert_eq!(watched.next().await.each("account.operators.nodes", "name"), ["Olive Owner", "Henry"]);
}

#[tokio::test]
async fn an_operator_demoted_while_connected_sees_only_limited_data_from_the_next_item_on() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let ada = acme.inactive_full_access("ada").await;
    let (mut watched, mut events) = (account(&ada).await, ada.listens(ACCOUNT, json!({})).await);
    for first in [watched.next().await, events.next().await] {
        assert_eq!(first.each("account.operators.nodes", "email"), [json!(acme.owner.email), json!(ada.email)]);
    }

    acme.owner.changes_access(&ada, "LIMITED").await.granted();
    for narrowed in [watched.next().await, events.next().await] {
        assert_eq!(narrowed.each("account.operators.nodes", "email"), [Value::Null, json!(ada.email)]);
    }
    acme.owner.changes_access(&ada, "FULL").await.granted();
    let widened = watched.next().await;
    assert_eq!(widened.each("account.operators.nodes", "email"), [json!(acme.owner.email), json!(ada.email)]);
}

#[tokio::test]
async fn removing_an_operator_closes_their_streams() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let bob = acme.limited("bob").await;
    let (mut one, mut other, mut events) =
        (account(&bob).await, viewer(&bob).await, bob.listens(ACCOUNT, json!({})).await);
    one.next().await;
    other.next().await;
    events.next().await;

    acme.owner.removes(&bob).await.granted();

    is_closed(&mut one).await;
    is_closed(&mut other).await;
    assert_eq!(events.next().await.code(), "UNAUTHENTICATED");
    events.ends().await;
}

#[tokio::test]
async fn signing_out_ends_the_sockets_of_that_session_only() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let bob = acme.limited("bob").await;
    let elsewhere = bob.elsewhere().await;
    let (mut here, mut there) = (viewer(&bob).await, viewer(&elsewhere).await);
    let mut visitor = app
        .anonymous()
        .watches(
            "subscription($key: String!) { availability(widgetKey: $key) { isAvailable } }",
            json!({ "key": acme.widget_key }),
        )
        .await;
    tokio::join!(here.next(), there.next(), visitor.next());

    assert_eq!(bob.signs_out().await.at("signOut.signedOut"), true);

    is_closed(&mut here).await;
    acme.owner.deactivates(&bob).await.granted();
    assert_eq!(there.next().await.at("viewer.isActive"), false);
    assert_eq!(visitor.next().await.at("availability.isAvailable"), false);
}

#[tokio::test]
async fn changing_the_password_ends_the_sockets_of_every_other_session() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let bob = acme.limited("bob").await;
    let elsewhere = bob.elsewhere().await;
    let (mut here, mut there) = (viewer(&bob).await, account(&elsewhere).await);
    tokio::join!(here.next(), there.next());

    bob.changes_password(PASSWORD, "quilted-anchors-hum-softly").await.granted();

    is_closed(&mut there).await;
    acme.owner.deactivates(&bob).await.granted();
    here.until(|state| *state.at("viewer.isActive") == false).await;
}

#[tokio::test]
async fn recovering_the_password_ends_every_socket() {
    let mut relay = SmtpSink::start().await;
    let app = TestApp::start_with(|config| config.mail.smtp = Some(relay.url().parse().expect("a URL"))).await;
    let acme = app.account(2).await;
    let bob = acme.limited("bob").await;
    let elsewhere = bob.elsewhere().await;
    let (mut here, mut there) = (viewer(&bob).await, account(&elsewhere).await);
    tokio::join!(here.next(), there.next());

    app.anonymous().does("requestPasswordRecovery", json!({ "email": bob.email })).await.granted();
    let mail = relay.next().await;
    let token = mail.text.split("#token=").nth(1).and_then(|rest| rest.split_whitespace().next()).expect("a link");
    app.anonymous()
        .does("recoverPassword", json!({ "token": token, "newPassword": "quilted-anchors-hum-softly" }))
        .await
        .granted();

    is_closed(&mut here).await;
    is_closed(&mut there).await;
}

#[tokio::test]
async fn an_expired_session_closes_its_sockets() {
    let app = TestApp::start_with(|config| config.session.recheck = Duration::from_millis(50)).await;
    let acme = app.account(2).await;
    let bob = acme.limited("bob").await;
    let mut watched = viewer(&bob).await;
    watched.next().await;

    app.later(chrono::TimeDelta::days(7));

    is_closed(&mut watched).await;
}

#[tokio::test]
async fn an_expired_session_closes_a_socket_that_follows_only_the_availability() {
    let app = TestApp::start_with(|config| config.session.recheck = Duration::from_millis(50)).await;
    let acme = app.account(2).await;
    let query = "subscription($key: String!) { availability(widgetKey: $key) { isAvailable } }";
    let key = json!({ "key": acme.widget_key });
    let mut visitor = app.anonymous().watches(query, key.clone()).await;
    visitor.next().await;
    // The subscription itself reads no session.
    let bob = acme.inactive("bob").await;
    let mut watched = bob.watches(query, key).await;
    watched.next().await;

    app.later(chrono::TimeDelta::days(7));

    is_closed(&mut watched).await;
    acme.owner.elsewhere().await.activates(&bob).await.granted();
    assert_eq!(visitor.next().await.at("availability.isAvailable"), true);
}

#[tokio::test]
async fn a_dashboard_that_lags_ends_up_with_the_last_state() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let (ada, bob) = (acme.full_access("ada").await, acme.limited("bob").await);
    let (mut lagging, mut own) = (account(&ada).await, viewer(&bob).await);

    // More events than the bus buffers for a subscriber.
    for number in 1..=100 {
        bob.updates(&bob, json!({ "name": format!("Bob {number}") })).await.granted();
    }

    let last = lagging.until(|state| *state.at("account.operators.nodes.2.name") == "Bob 100").await;
    assert_eq!(last.number("account.seats.used"), 2);
    own.until(|state| *state.at("viewer.name") == "Bob 100").await;
    // From then on no change is missed.
    acme.owner.deactivates(&bob).await.granted();
    lagging.until(|state| *state.at("account.seats.used") == 1).await;
    own.until(|state| *state.at("viewer.isActive") == false).await;
}

#[tokio::test]
async fn a_delayed_event_about_ended_sessions_closes_no_valid_session() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let bob = acme.limited("bob").await;
    let mut watched = viewer(&bob).await;
    watched.next().await;

    // The event is wrong: a server that was disconnected, or a stranger on the bus, sent it.
    let sessions = session::Entity::find().filter(session::COLUMN.operator_id.eq(bob.db_key()));
    for session in sessions.all(app.app().db()).await.expect("the database answers") {
        app.app().bus.publish(Topic::Session(session.id).gone());
    }
    acme.owner.updates(&bob, json!({ "name": "Robert" })).await.granted();
    watched.until(|state| *state.at("viewer.name") == "Robert").await;
    acme.owner.updates(&bob, json!({ "name": "Bob" })).await.granted();
    watched.until(|state| *state.at("viewer.name") == "Bob").await;
}

async fn db_write(app: &App, statement: &str) {
    let work = app.begin().await.expect("a transaction");
    work.execute_unprepared(statement).await.expect("executed");
    work.commit().await.expect("committed");
}

#[tokio::test]
async fn a_session_that_ends_is_closed_even_while_the_database_does_not_answer() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let bob = acme.limited("bob").await;
    let (mut first, mut second) = (viewer(&bob).await, viewer(&bob.elsewhere().await).await);
    for stream in [&mut first, &mut second] {
        stream.next().await;
    }
    let sessions = session::Entity::find().filter(session::COLUMN.operator_id.eq(bob.db_key()));
    let ended = sessions.order_by_asc(session::Column::Id).one(app.app().db()).await;
    let session_id = ended.expect("the database answers").expect("the first of two").id;

    db_write(app.app(), "ALTER TABLE session RENAME TO session_away").await;
    app.app().bus.publish(Topic::Session(session_id).gone());
    is_closed(&mut first).await;
    db_write(app.app(), "ALTER TABLE session_away RENAME TO session").await;
    acme.owner.updates(&bob, json!({ "name": "Robert" })).await.granted();
    second.until(|state| *state.at("viewer.name") == "Robert").await;
}
