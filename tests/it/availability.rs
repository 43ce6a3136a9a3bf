//! Availability: what visitors see at first, and after every visible change.

use std::time::{Duration, Instant};

use deskbell::{bus::Topic, login::rules::reset_password};
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::support::{
    Account, Answer, Database, EventStream, PASSWORD, Person, Stream, TestApp, process::Folder, smtp::SmtpSink,
};

const WATCH: &str = "subscription($key: String!) { availability(widgetKey: $key) {
    version isAvailable operators(first: 100) { id publicName description photoUrl }
} }";

/// Subscribes as a visitor of the account's website.
async fn visitor(app: &TestApp, account: &Account) -> Stream {
    app.anonymous().watches(WATCH, json!({ "key": account.widget_key })).await
}

fn names(state: &Answer) -> Vec<Value> {
    state.each("availability.operators", "publicName")
}

fn version(state: &Answer) -> i64 {
    state.number("availability.version")
}

#[tokio::test]
async fn a_visitor_sees_the_cards_of_active_operators() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let more = json!({ "publicName": "Bob", "description": "Here to help", "isActive": true });
    acme.adds("Robert Builder", more).await;
    acme.inactive("cy").await;

    let seen = acme.visited("isAvailable version operators { id publicName description photoUrl(size: 128) }").await;

    assert_json_snapshot!(seen.data(), { ".**.id" => "[id]", ".**.version" => "[version]" }, @r#"
    {
      "availability": {
        "isAvailable": true,
        "operators": [
          {
            "description": "Here to help",
            "id": "[id]",
            "photoUrl": null,
            "publicName": "Bob"
          }
        ],
        "version": "[version]"
      }
    }
    "#);
}

#[tokio::test]
async fn an_account_without_active_operators_is_unavailable() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;

    let seen = acme.visited("isAvailable operators { publicName }").await;

    assert_eq!(seen.data(), &json!({ "availability": { "isAvailable": false, "operators": [] } }));
}

#[tokio::test]
async fn an_unknown_widget_key_finds_nothing() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let query = "query($key: String!) { availability(widgetKey: $key) { version } }";
    let (nul, upper, padded) =
        (format!("{}\0", acme.widget_key), acme.widget_key.to_uppercase(), format!(" {}", acme.widget_key));
    let long = "k".repeat(10_000);

    for key in [
        "",
        "wk_unknown",
        "\0",
        nul.as_str(),
        upper.as_str(),
        padded.as_str(),
        "%",
        "💬",
        "' OR 1=1 --",
        long.as_str(),
        acme.id.as_str(),
    ] {
        let seen = app.anonymous().run(query, json!({ "key": key })).await;
        assert_eq!(seen.data(), &json!({ "availability": null }), "{key:?}");
        let mut watched = app.anonymous().watches(WATCH, json!({ "key": key })).await;
        assert_eq!(watched.refused().await.code(), "NOT_FOUND", "{key:?}");
    }
}

#[tokio::test]
async fn a_card_id_and_its_operators_private_fields_give_visitors_nothing() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let ada = acme.full_access("ada").await;

    let card = acme.visited("operators { id }").await.text("availability.operators.0.id").to_owned();

    assert_ne!(card, ada.id);
    let seen = ada.run("query($id: ID!) { node(id: $id) { id } }", json!({ "id": card })).await;
    assert_eq!(seen.at("node"), &Value::Null);
    assert_eq!(ada.does("deactivateOperator", json!({ "operatorId": card })).await.refusals(), ["OperatorNotFound"]);
    for secret in ["name", "email", "accessLevel", "isOwner", "isActive", "lastSeenAt", "createdAt"] {
        let refused = acme.visited(&format!("operators {{ {secret} }}")).await;
        assert!(!refused.codes().is_empty() && refused.body["data"].is_null(), "{secret}: {:#}", refused.body);
    }
    ada.deactivates(&ada).await.granted();
    ada.activates(&ada).await.granted();
    assert_eq!(
        acme.visited("operators { id }").await.text("availability.operators.0.id"),
        card,
        "the id of a card is stable"
    );
}

#[tokio::test]
async fn cards_come_in_the_order_of_adding_up_to_the_requested_number() {
    let app = TestApp::start().await;
    let acme = app.account(7).await;
    let people = acme.profiles(7).await;
    let list = acme.owner.reads("{ account { operators { nodes { id name } } } }").await;
    let (ids, names) = (list.each("account.operators.nodes", "id"), list.each("account.operators.nodes", "name"));
    for person in people.iter().rev() {
        acme.owner.activates(person).await.granted();
    }
    assert_eq!(ids.len(), 8);

    for (arguments, count) in [("", 5), ("(first: 0)", 0), ("(first: 1)", 1), ("(first: 7)", 7), ("(first: 100)", 7)] {
        let seen = acme.visited(&format!("isAvailable operators{arguments} {{ publicName }}")).await;
        assert_eq!(seen.each("availability.operators", "publicName"), names[1..=count], "{arguments}");
        assert_eq!(
            seen.at("availability.isAvailable"),
            true,
            "isAvailable does not depend on the number of requested operators"
        );
    }
    for arguments in ["(first: -1)", "(first: 101)", "(first: 2147483647)"] {
        assert_eq!(
            acme.visited(&format!("operators{arguments} {{ publicName }}")).await.code(),
            "BAD_USER_INPUT",
            "{arguments}"
        );
    }
}

#[tokio::test]
async fn a_visitor_gets_the_current_state_and_then_every_visible_change() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let (ada, bob) = (acme.full_access("ada").await, acme.inactive("bob").await);
    let mut visitor = visitor(&app, &acme).await;

    let mut state = visitor.next().await;
    assert_eq!(names(&state), ["ada"]);
    let mut after = async |answer: Answer| {
        answer.granted();
        let next = visitor.next().await;
        assert_eq!(version(&next), version(&state) + 1, "one change is one state");
        state = next.clone();
        next
    };

    assert_eq!(names(&after(ada.activates(&bob).await).await), ["ada", "bob"]);
    assert_eq!(names(&after(ada.updates(&bob, json!({ "publicName": "Bobby" })).await).await), ["ada", "Bobby"]);
    assert_eq!(names(&after(ada.updates(&ada, json!({ "name": "Ada L." })).await).await), ["Ada L.", "Bobby"]);
    let state = after(ada.updates(&bob, json!({ "description": "Support" })).await).await;
    assert_eq!(state.text("availability.operators.1.description"), "Support");
    let photo = include_bytes!("../fixtures/photos/photo.jpg").to_vec();
    let state = after(bob.uploads_photo(&bob, photo).await).await;
    let url = state.text("availability.operators.1.photoUrl").to_owned();
    assert_eq!(reqwest::get(&url).await.expect("the server answers").status(), 200, "{url}");
    let state = after(bob.does("removeOperatorPhoto", json!({ "operatorId": bob.id })).await).await;
    assert_eq!(state.at("availability.operators.1.photoUrl"), &Value::Null);
    assert_eq!(names(&after(ada.updates(&bob, json!({ "publicName": null })).await).await), ["Ada L.", "bob"]);
    assert_eq!(names(&after(ada.deactivates(&ada).await).await), ["bob"]);
    let state = after(ada.removes(&bob).await).await;
    assert_eq!(state.at("availability"), &json!({ "version": version(&state), "isAvailable": false, "operators": [] }));
}

#[tokio::test]
async fn a_swap_and_a_plan_change_reach_visitors_as_one_state() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let (ada, bob) = (acme.full_access("ada").await, acme.limited("bob").await);
    let cy = acme.inactive("cy").await;
    let mut visitor = visitor(&app, &acme).await;
    assert_eq!(names(&visitor.next().await), ["ada", "bob"]);

    ada.swaps(&bob, &cy).await.granted();
    assert_eq!(names(&visitor.next().await), ["ada", "cy"], "no visitor sees the seat unused");
    ada.does("changePlan", json!({ "plan": "FREE", "deactivateOperatorIds": [ada.id] })).await.granted();
    assert_eq!(names(&visitor.next().await), ["cy"]);
    acme.owner.swaps(&cy, &ada).await.granted();
    assert_eq!(names(&visitor.next().await), ["ada"]);
}

#[tokio::test]
async fn changes_that_visitors_cannot_see_are_not_published() {
    let app = TestApp::start().await;
    let acme = app.account(3).await;
    let (ada, bob) = (acme.full_access("ada").await, acme.inactive("bob").await);
    let cy = acme.adds("Cyrus", json!({ "publicName": "Cy", "isActive": true })).await;
    let mut visitor = visitor(&app, &acme).await;
    let first = visitor.next().await;
    let account = app.db_version(&acme).await;
    let mut events = app.db_events(&acme);
    let photo = include_bytes!("../fixtures/photos/100x100.png").to_vec();

    for invisible in [
        ada.updates(&cy, json!({ "name": "Cyrus the Great" })).await,
        ada.updates(&cy, json!({ "publicName": "Cy" })).await,
        ada.updates(&cy, json!({ "email": "cyrus@acme.example" })).await,
        ada.changes_access(&cy, "FULL").await,
        ada.updates(&bob, json!({ "name": "Robert", "publicName": "Rob", "description": "Away" })).await,
        bob.uploads_photo(&bob, photo).await,
        bob.does("removeOperatorPhoto", json!({ "operatorId": bob.id })).await,
        ada.activates(&ada).await,
        ada.deactivates(&bob).await,
        ada.buys(4).await,
        acme.owner.hands_over_to(&ada).await,
        ada.removes(&bob).await,
        ada.does("addOperator", json!({ "name": "Dan", "email": "dan@acme.example" })).await,
        ada.changes_password(crate::support::PASSWORD, "quilted-anchors-hum-softly").await,
    ] {
        invisible.granted();
    }
    app.all_is_sent().await;

    let published = events.published();
    assert!(!published.iter().any(|(topic, _)| matches!(topic, Topic::Availability(_))), "{published:?}");
    assert_eq!(published.len(), 2, "the dashboards are notified: {published:?}");
    assert_eq!(app.db_version(&acme).await, account + 12, "three had no effect, and the mail to Dan was sent");
    assert_eq!(acme.version().await, version(&first));
    ada.deactivates(&ada).await.granted();
    let next = visitor.next().await;
    assert_eq!(
        (names(&next), version(&next)),
        (vec![json!("Cy")], version(&first) + 1),
        "the next state is the next visible change"
    );
}

/// What visitors see over plain HTTP: the JSON, and the text of the badge.
async fn without_script(app: &TestApp, account: &Account) -> (Value, bool) {
    let get = async |path: &str| {
        let path = format!("/availability/{}{path}", account.widget_key);
        let answer = app.anonymous().request(reqwest::Method::GET, &path).send().await.expect("an answer");
        answer.text().await.expect("text")
    };
    let badge = get("/badge.svg").await;
    assert_ne!(badge.contains(">available<"), badge.contains(">away<"), "{badge}");
    (serde_json::from_str(&get("").await).expect("JSON"), badge.contains(">available<"))
}

/// Invites an operator, who is active at once.
async fn invites_active(account: &Account, name: &str) -> Person {
    let input = json!({ "name": name, "email": format!("{name}@{}.example", account.name), "isActive": true });
    let added = account.owner.does("addOperator", input).await.granted();
    assert_eq!(added.payload()["operator"]["isActive"], true);
    account.owner.server().known(&added.payload()["operator"])
}

#[tokio::test]
async fn an_invited_operator_is_shown_once_the_invitation_is_accepted() {
    let mut relay = SmtpSink::start().await;
    let app = TestApp::start_with(|config| config.mail.smtp = Some(relay.url().parse().expect("a URL"))).await;
    let acme = app.account(3).await;
    let mut visitor = visitor(&app, &acme).await;
    let first = version(&visitor.next().await);
    let mut events = app.db_events(&acme);

    let eve = invites_active(&acme, "eve").await;
    assert_eq!(acme.seats().await, (3, 1), "an invited operator holds a seat");
    let photo = include_bytes!("../fixtures/photos/100x100.png").to_vec();
    relay.next().await;
    for unseen in [
        acme.owner.updates(&eve, json!({ "publicName": "Eve", "description": "Customs" })).await,
        acme.owner.uploads_photo(&eve, photo).await,
        acme.owner.does("removeOperatorPhoto", json!({ "operatorId": eve.id })).await,
        acme.owner.deactivates(&eve).await,
        acme.owner.activates(&eve).await,
        acme.owner.does("inviteOperator", json!({ "operatorId": eve.id })).await,
    ] {
        unseen.granted();
    }
    let published = events.published();
    assert!(!published.iter().any(|(topic, _)| matches!(topic, Topic::Availability(_))), "{published:?}");
    let nobody = json!({ "version": first, "isAvailable": false, "isChatEnabled": true, "operators": [] });
    assert_eq!(
        *acme.visited("version isAvailable isChatEnabled operators { publicName }").await.at("availability"),
        nobody
    );
    assert_eq!(without_script(&app, &acme).await, (nobody, false));

    let mail = relay.next().await;
    let (_, rest) = mail.text.split_once("/accept-invitation#token=").expect("a link");
    let token = rest.split_whitespace().next().expect("a token");
    let accepted = app.anonymous().does("recoverPassword", json!({ "token": token, "newPassword": PASSWORD })).await;
    accepted.granted();

    let state = visitor.next().await;
    assert_eq!((names(&state), version(&state)), (vec![json!("Eve")], first + 1));
    assert_eq!(state.at("availability.isAvailable"), true);
    let card = state.at("availability.operators.0").clone();
    let (seen, is_green) = without_script(&app, &acme).await;
    assert_eq!(seen, json!({ "version": first + 1, "isAvailable": true, "isChatEnabled": true, "operators": [card] }));
    assert!(is_green);
    acme.owner.deactivates(&eve).await.granted();
    assert!(names(&visitor.next().await).is_empty());
}

#[tokio::test]
async fn a_command_beside_the_server_shows_an_invited_operator() {
    let database = Database::fresh().await;
    let url = database.url();
    let app = TestApp::start_on(database, |config| config.session.recheck = Duration::from_millis(50)).await;
    let acme = app.account(2).await;
    let eve = invites_active(&acme, "eve").await;
    let mut visitor = visitor(&app, &acme).await;
    assert!(names(&visitor.next().await).is_empty());

    let command = ["operator", "reset-password", &eve.email];
    let ended = Folder::new().run(&command, &[("DATABASE_URL", url.reveal())]).await;
    assert_eq!(ended.code(), Some(0), "{ended:?}");

    assert_eq!(names(&visitor.next().await), ["eve"]);
}

#[tokio::test]
async fn a_password_set_by_the_administrator_shows_an_invited_operator() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let ada = acme.full_access("ada").await;
    let eve = invites_active(&acme, "eve").await;
    let dan = acme.owner.does("addOperator", json!({ "name": "Dan", "email": "dan@acme.example" })).await.granted();
    let dan = acme.owner.server().known(&dan.payload()["operator"]);
    let mut visitor = visitor(&app, &acme).await;
    let state = visitor.next().await;
    let first = version(&state);
    assert_eq!(names(&state), ["ada"]);

    // A seat that moves between two invited operators is not noticed.
    acme.owner.swaps(&eve, &dan).await.granted();
    acme.owner.swaps(&dan, &eve).await.granted();
    // A first password of an inactive operator, and another password, are not noticed either.
    for person in [&dan, &ada] {
        reset_password(app.app(), &person.email, "nine-herons-paint-ladders").await.expect("reset");
    }
    assert_eq!(acme.version().await, first);
    reset_password(app.app(), &eve.email, PASSWORD).await.expect("reset");
    let state = visitor.next().await;
    assert_eq!((names(&state), version(&state)), (vec![json!("ada"), json!("eve")], first + 1));

    // A seat that moves to an invited operator leaves visitors with one operator less.
    let fay = acme.owner.does("addOperator", json!({ "name": "Fay", "email": "fay@acme.example" })).await.granted();
    let fay = acme.owner.server().known(&fay.payload()["operator"]);
    acme.owner.swaps(&eve, &fay).await.granted();
    let state = visitor.next().await;
    assert_eq!((names(&state), version(&state)), (vec![json!("ada")], first + 2));
    acme.owner.deactivates(&ada).await.granted();
    assert_eq!(visitor.next().await.at("availability.isAvailable"), false, "one operator is active, and cannot chat");
}

#[tokio::test]
async fn a_burst_of_changes_is_throttled_and_ends_with_the_last_state() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let ada = acme.full_access("ada").await;
    let mut visitor = visitor(&app, &acme).await;
    let first = version(&visitor.next().await);
    let began = Instant::now();

    for number in 1..=60 {
        ada.updates(&ada, json!({ "description": format!("Mood {number}") })).await.granted();
    }
    let mut seen = vec![first];
    let last = loop {
        let state = visitor.next().await;
        seen.push(version(&state));
        if version(&state) == first + 60 {
            break state;
        }
    };

    assert_eq!(last.text("availability.operators.0.description"), "Mood 60");
    assert!(seen.is_sorted_by(|one, next| one < next), "{seen:?}");
    // On any machine, consecutive pushes are at least 100 ms apart.
    let most = began.elapsed().as_millis() / 100 + 2;
    assert!((seen.len() as u128) <= most, "{} states in {:?}", seen.len(), began.elapsed());
}

#[tokio::test]
async fn a_change_after_a_quiet_time_is_sent_without_delay() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let ada = acme.full_access("ada").await;
    let mut visitor = visitor(&app, &acme).await;
    visitor.next().await;

    ada.deactivates(&ada).await.granted();
    let asked = Instant::now();
    assert!(names(&visitor.next().await).is_empty());
    // A widget must show it within the same second; the margin is for a busy machine.
    assert!(asked.elapsed() < Duration::from_secs(3), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn a_lagging_subscriber_ends_up_with_the_last_state() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let ada = acme.full_access("ada").await;
    let mut lagging = visitor(&app, &acme).await;
    let mut prompt = visitor(&app, &acme).await;
    let first = version(&prompt.next().await);

    // More events than the bus buffers for a subscriber.
    for number in 1..=100 {
        ada.updates(&ada, json!({ "description": format!("Mood {number}") })).await.granted();
    }
    let last = |state: &Answer| version(state) == first + 100;
    prompt.until(last).await;

    let state = lagging.until(last).await;
    assert_eq!(state.text("availability.operators.0.description"), "Mood 100");
}

#[tokio::test]
async fn a_change_of_one_account_wakes_no_subscriber_of_another() {
    let app = TestApp::start().await;
    let (acme, globex) = (app.account(1).await, app.account(1).await);
    let (ada, hank) = (acme.full_access("ada").await, globex.full_access("hank").await);
    let (mut ours, mut theirs) = (visitor(&app, &acme).await, visitor(&app, &globex).await);
    let (first, _) = (theirs.next().await, ours.next().await);
    let mut events = app.db_events(&globex);

    ada.deactivates(&ada).await.granted();
    ada.activates(&ada).await.granted();
    ours.until(|state| names(state) == ["ada"] && version(state) > 1).await;

    assert_eq!(events.published(), []);
    hank.updates(&hank, json!({ "publicName": "Henry" })).await.granted();
    let next = theirs.next().await;
    assert_eq!((names(&next), version(&next)), (vec![json!("Henry")], version(&first) + 1));
}

#[tokio::test]
async fn all_visitors_of_an_account_see_the_same_states() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let ada = acme.full_access("ada").await;
    let mut visitors = Vec::new();
    for _ in 0..10 {
        visitors.push(visitor(&app, &acme).await);
    }
    let mut states = Vec::new();
    for visitor in &mut visitors {
        states.push(visitor.next().await.body);
    }
    states.dedup();
    assert_eq!(states.len(), 1);
    // Visitors who leave do not affect the others. The feed ends with its last subscriber, and a
    // later one starts it again.
    visitors.truncate(5);
    ada.deactivates(&ada).await.granted();
    for visitor in &mut visitors {
        assert!(names(&visitor.next().await).is_empty());
    }
    drop(visitors);
    ada.activates(&ada).await.granted();
    // The feed may not have noticed yet that it has no subscribers.
    visitor(&app, &acme).await.until(|state| names(state) == ["ada"]).await;
}

#[tokio::test]
async fn a_widget_on_any_website_may_watch_also_over_server_sent_events() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let ada = acme.full_access("ada").await;
    let shop: Person = app.anonymous().with_header("origin", "https://shop.example");
    let key = json!({ "key": acme.widget_key });
    let mut socket = shop.watches(WATCH, key.clone()).await;
    let mut events: EventStream = shop.listens(WATCH, key).await;

    assert_eq!((names(&socket.next().await), names(&events.next().await)), (vec![json!("ada")], vec![json!("ada")]));
    ada.deactivates(&ada).await.granted();
    assert!(names(&socket.next().await).is_empty() && names(&events.next().await).is_empty());
}

#[tokio::test]
async fn a_variable_for_first_may_be_left_out() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    acme.full_access("bob").await;
    let query = "query($key: String!, $first: Int) { availability(widgetKey: $key) { operators(first: $first) { publicName } } }";
    for variables in [json!({ "key": acme.widget_key }), json!({ "key": acme.widget_key, "first": null })] {
        let answer = app.anonymous().run(query, variables).await;
        assert_eq!(answer.each("availability.operators", "publicName"), ["bob"]);
    }
}
