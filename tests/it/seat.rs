//! Seats and plans: who may be active, and how many at once.

use deskbell::{bus::Topic, plans::Plans};
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::support::{Account, Person, TestApp};

/// The names of the active operators, in the order they were added.
async fn active(account: &Account) -> Vec<Value> {
    let seen = account.owner.reads("{ account { operators(isActive: true, first: 100) { nodes { name } } } }").await;
    seen.each("account.operators.nodes", "name")
}

#[tokio::test]
async fn activation_stops_at_the_seat_limit_and_reports_it() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let (ada, bob) = (acme.full_access("ada").await, acme.inactive("bob").await);
    let cy = acme.inactive("cy").await;

    let activated = ada.activates(&bob).await.granted();
    assert_eq!(activated.payload()["operator"]["isActive"], true);
    let refused = ada.activates(&cy).await;

    assert_json_snapshot!(refused.payload(), @r#"
    {
      "operator": null,
      "userErrors": [
        {
          "__typename": "SeatLimitReached",
          "message": "All 2 seats are in use. Deactivate an operator or add seats.",
          "path": [
            "operatorId"
          ],
          "seats": {
            "free": 0,
            "limit": 2,
            "used": 2
          }
        }
      ]
    }
    "#);
    assert_eq!(active(&acme).await, ["ada", "bob"]);
    ada.deactivates(&ada).await.granted();
    ada.activates(&cy).await.granted();
    assert_eq!(active(&acme).await, ["bob", "cy"]);
    assert_eq!(acme.seats().await, (2, 2));
}

#[tokio::test]
async fn an_inactive_operator_keeps_the_dashboard_and_activated_at_is_shown() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let bob = acme.limited("bob").await;
    let since =
        async || bob.reads("{ viewer { isActive activatedAt name } account { operators { totalCount } } }").await;

    let before = since().await;
    assert_eq!(before.at("viewer.isActive"), true);
    assert!(before.at("viewer.activatedAt").is_string());
    acme.owner.deactivates(&bob).await.granted();
    let after = since().await;
    assert_eq!(after.at("viewer"), &json!({ "isActive": false, "activatedAt": null, "name": "bob" }));
    assert_eq!(after.number("account.operators.totalCount"), 2);
}

#[tokio::test]
async fn a_mutation_without_effect_is_no_error_and_publishes_nothing() {
    let app = TestApp::start().await;
    let acme = app.account(3).await;
    let (ada, bob) = (acme.full_access("ada").await, acme.inactive("bob").await);
    let (before, version) = (app.db_operator(&ada).await, acme.version().await);
    let mut events = app.db_events(&acme);
    let mut watched = ada.watches("subscription { account { name operators { nodes { name } } } }", json!({})).await;
    watched.next().await;

    ada.activates(&ada).await.granted();
    ada.deactivates(&bob).await.granted();
    ada.swaps(&bob, &ada).await.granted();
    ada.buys(3).await.granted();
    ada.does("changePlan", json!({ "plan": "STANDARD", "deactivateOperatorIds": [bob.id] })).await.granted();
    ada.updates(&ada, json!({ "name": "ada", "publicName": null, "email": ada.email, "description": " " }))
        .await
        .granted();
    ada.changes_access(&bob, "LIMITED").await.granted();
    acme.owner.changes_access(&ada, "FULL").await.granted();
    acme.owner.hands_over_to(&acme.owner).await.granted();
    ada.does("removeOperatorPhoto", json!({ "operatorId": ada.id })).await.granted();
    ada.does("updateAccount", json!({ "name": acme.name })).await.granted();

    assert_eq!(events.published(), []);
    assert_eq!(acme.version().await, version);
    assert_eq!(app.db_operator(&ada).await, before);
    // The stream sends nothing until there is a change.
    ada.updates(&bob, json!({ "name": "Bob" })).await.granted();
    assert_eq!(watched.next().await.each("account.operators.nodes", "name"), ["Olive Owner", "ada", "Bob"]);
}

#[tokio::test]
async fn a_refused_mutation_publishes_nothing() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let (ada, bob) = (acme.full_access("ada").await, acme.limited("bob").await);
    let cy = acme.inactive("cy").await;
    let version = acme.version().await;
    let mut events = app.db_events(&acme);

    for refused in [
        ada.activates(&cy).await,
        // Deactivates Bob, then fails on the plan: both are rolled back.
        ada.does("changePlan", json!({ "plan": "STANDARD", "seats": 0, "deactivateOperatorIds": [bob.id] })).await,
        ada.does("changePlan", json!({ "plan": "STANDARD", "seats": 1, "deactivateOperatorIds": [bob.id, "nobody"] }))
            .await,
        ada.swaps(&cy, &cy).await,
        ada.removes(&acme.owner).await,
        ada.updates(&bob, json!({ "name": "" })).await,
        ada.does("updateAccount", json!({ "name": "" })).await,
        ada.updates(&bob, json!({ "name": "Robert", "email": ada.email })).await,
    ] {
        assert_eq!(refused.refusals().len(), 1, "{:#}", refused.body);
    }

    assert_eq!(events.published(), []);
    assert_eq!(acme.version().await, version);
    assert_eq!(active(&acme).await, ["ada", "bob"]);
}

#[tokio::test]
async fn an_activation_is_published_once() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let bob = acme.inactive("bob").await;
    let (version, account) = (acme.version().await, app.db_version(&acme).await);
    let mut events = app.db_events(&acme);

    acme.owner.activates(&bob).await.granted();

    let expected = [(Topic::Availability(acme.db_key()), version + 1), (Topic::Account(acme.db_key()), account + 1)];
    assert_eq!(events.published(), expected);
}

#[tokio::test]
async fn an_operator_added_active_without_a_free_seat_is_added_inactive_with_a_user_error() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let wanted = |name: &str| json!({ "name": name, "email": format!("{name}@acme.example"), "password": "seven-otters-juggle-plums", "isActive": true });

    let first = acme.owner.does("addOperator", wanted("ada")).await.granted();
    assert_eq!(first.at("addOperator.operator.isActive"), true);
    let second = acme.owner.does("addOperator", wanted("bob")).await;

    assert_eq!(second.faults(), ["isActive: SeatLimitReached"]);
    assert_eq!(second.user_errors()[0]["seats"], json!({ "limit": 1, "used": 1, "free": 0 }));
    assert_eq!(second.at("addOperator.operator.name"), "bob");
    assert_eq!(second.at("addOperator.operator.isActive"), false);
    app.anonymous().signs_in("bob@acme.example", "seven-otters-juggle-plums").await.granted();
}

#[tokio::test]
async fn a_seat_moves_in_one_step_when_all_seats_are_used() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let (ada, bob) = (acme.full_access("ada").await, acme.limited("bob").await);
    let cy = acme.inactive("cy").await;

    let moved = ada.swaps(&bob, &cy).await.granted();

    assert_eq!(moved.text("swapSeat.from.name"), "bob");
    assert_eq!((moved.at("swapSeat.from.isActive"), moved.at("swapSeat.to.isActive")), (&json!(false), &json!(true)));
    assert_eq!(active(&acme).await, ["ada", "cy"]);
    ada.swaps(&ada, &bob).await.granted();
    assert_eq!(active(&acme).await, ["bob", "cy"], "the caller's own seat as well");
}

#[tokio::test]
async fn a_swap_from_an_inactive_operator_needs_a_free_seat() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let ada = acme.full_access("ada").await;
    let (bob, cy, dan) = (acme.inactive("bob").await, acme.inactive("cy").await, acme.inactive("dan").await);

    ada.swaps(&bob, &cy).await.granted();
    assert_eq!(active(&acme).await, ["ada", "cy"]);
    let refused = ada.swaps(&bob, &dan).await;
    assert_eq!(refused.faults(), ["toOperatorId: SeatLimitReached"]);
    assert_eq!(refused.user_errors()[0]["seats"], json!({ "limit": 2, "used": 2, "free": 0 }));
    assert_eq!(refused.payload()["from"], Value::Null);
    assert_eq!(active(&acme).await, ["ada", "cy"]);
}

#[tokio::test]
async fn a_swap_to_an_active_operator_only_deactivates_the_other() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let (ada, bob) = (acme.full_access("ada").await, acme.limited("bob").await);

    let moved = ada.swaps(&bob, &ada).await.granted();

    assert_eq!((moved.at("swapSeat.from.isActive"), moved.at("swapSeat.to.isActive")), (&json!(false), &json!(true)));
    assert_eq!(active(&acme).await, ["ada"]);
}

#[tokio::test]
async fn a_swap_names_two_operators_of_the_account() {
    let app = TestApp::start().await;
    let (acme, globex) = (app.account(2).await, app.account(2).await);
    let (ada, bob) = (acme.full_access("ada").await, acme.inactive("bob").await);
    let hank = globex.limited("hank").await;

    assert_eq!(ada.swaps(&ada, &ada).await.faults(), ["toOperatorId: InvalidInput"]);
    assert_eq!(ada.swaps(&hank, &bob).await.faults(), ["fromOperatorId: OperatorNotFound"]);
    assert_eq!(ada.swaps(&ada, &hank).await.faults(), ["toOperatorId: OperatorNotFound"]);
    assert_eq!(active(&acme).await, ["ada"]);
    assert_eq!(active(&globex).await, ["hank"]);
}

#[tokio::test]
async fn plans_and_seats_are_changed_within_their_bounds() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let owner = &acme.owner;

    for (input, expected) in [
        (json!({ "plan": "FREE", "seats": 1 }), "FREE 1"),
        (json!({ "plan": "MINI" }), "MINI 1"),
        (json!({ "plan": "MINI", "seats": 4 }), "MINI 4"),
        (json!({ "plan": "PRO" }), "PRO 4"),
        (json!({ "plan": "PRO", "seats": null }), "PRO 4"),
        (json!({ "plan": "STANDARD", "seats": 10_000 }), "STANDARD 10000"),
        (json!({ "plan": "FREE" }), "FREE 1"),
        (json!({ "plan": "FREE", "seats": 2 }), "seats: InvalidInput"),
        (json!({ "plan": "FREE", "seats": 0 }), "seats: InvalidInput"),
        (json!({ "plan": "PRO", "seats": 0 }), "seats: InvalidInput"),
        (json!({ "plan": "PRO", "seats": -1 }), "seats: InvalidInput"),
        (json!({ "plan": "PRO", "seats": 10_001 }), "seats: InvalidInput"),
        (json!({ "plan": "PRO", "seats": i32::MAX }), "seats: InvalidInput"),
        (json!({ "plan": "PRO", "seats": i32::MIN }), "seats: InvalidInput"),
    ] {
        let answer = owner.does("changePlan", input.clone()).await;
        let account = &answer.payload()["account"];
        let found = match account {
            Value::Null => answer.faults().join(", "),
            account => format!("{} {}", account["plan"]["code"].as_str().expect("a code"), account["seats"]["limit"]),
        };
        assert_eq!(found, expected, "{input}");
    }
    let seen =
        owner.reads("{ account { plan { code name seatLimit seatsAreBought } seats { limit used free } } }").await;
    let expected = json!({ "account": {
        "plan": { "code": "FREE", "name": "Free", "seatLimit": 1, "seatsAreBought": false }, "seats": { "limit": 1, "used": 0, "free": 1 }
    } });
    assert_eq!(seen.data(), &expected, "a refusal changes nothing");
    let too_big = owner
        .run("mutation { changePlan(input: { plan: PRO, seats: 2147483648 }) { account { id } } }", json!({}))
        .await;
    assert!(!too_big.codes().is_empty(), "not an Int: {:#}", too_big.body);
}

#[tokio::test]
async fn fewer_seats_than_are_used_are_refused_unless_operators_to_deactivate_are_named() {
    let app = TestApp::start().await;
    let acme = app.account(4).await;
    let (ada, bob) = (acme.full_access("ada").await, acme.limited("bob").await);
    let (cy, dan) = (acme.limited("cy").await, acme.inactive("dan").await);
    let change = async |plan: &str, seats: Option<i32>, named: &[&Person]| {
        let ids: Vec<_> = named.iter().map(|person| &person.id).collect();
        ada.does("changePlan", json!({ "plan": plan, "seats": seats, "deactivateOperatorIds": ids })).await
    };

    let refused = change("STANDARD", Some(2), &[]).await;
    assert_eq!(refused.faults(), ["seats: TooManyActiveOperators"]);
    assert_eq!((&refused.user_errors()[0]["active"], &refused.user_errors()[0]["limit"]), (&json!(3), &json!(2)));
    // One is not enough: those named stay active.
    let refused = change("FREE", None, &[&bob]).await;
    assert_eq!((&refused.user_errors()[0]["active"], &refused.user_errors()[0]["limit"]), (&json!(2), &json!(1)));
    // An inactive operator does not count, and one named twice counts once.
    assert_eq!(change("FREE", None, &[&dan, &cy, &cy]).await.refusals(), ["TooManyActiveOperators"]);
    assert_eq!(active(&acme).await, ["ada", "bob", "cy"]);
    assert_eq!(acme.seats().await, (4, 3));

    let changed = change("STANDARD", Some(2), &[&cy]).await.granted();
    assert_eq!(changed.at("changePlan.account.seats"), &json!({ "limit": 2, "used": 2, "free": 0 }));
    assert_eq!(active(&acme).await, ["ada", "bob"]);
    let changed = change("FREE", None, &[&ada]).await.granted();
    assert_eq!(changed.at("changePlan.account.seats"), &json!({ "limit": 1, "used": 1, "free": 0 }));
    assert_eq!(active(&acme).await, ["bob"], "the caller's own seat as well");
    change("FREE", None, &[&bob]).await.granted();
    assert_eq!(active(&acme).await.len(), 0, "also when the plan stays");
}

#[tokio::test]
async fn a_plan_change_that_names_an_unknown_operator_changes_nothing() {
    let app = TestApp::start().await;
    let (acme, globex) = (app.account(3).await, app.account(2).await);
    let (ada, bob) = (acme.full_access("ada").await, acme.limited("bob").await);
    let hank = globex.limited("hank").await;

    for foreign in [hank.id.as_str(), &globex.id, "nobody"] {
        let input = json!({ "plan": "PRO", "seats": 1, "deactivateOperatorIds": [bob.id, foreign] });
        assert_eq!(
            ada.does("changePlan", input).await.faults(),
            ["deactivateOperatorIds.1: OperatorNotFound"],
            "{foreign}"
        );
    }

    assert_eq!(active(&acme).await, ["ada", "bob"]);
    assert_eq!(active(&globex).await, ["hank"]);
    assert_eq!(ada.reads("{ account { plan { code } seats { limit } } }").await.text("account.plan.code"), "STANDARD");
}

const OTHER_PLANS: &str = r#"[
    {"code": "FREE", "name": "Starter", "seats": 2}, {"code": "MINI", "name": "Mini", "minSeats": 2, "maxSeats": 3},
    {"code": "STANDARD", "name": "Team", "minSeats": 3}, {"code": "PRO", "name": "Pro"}
]"#;

#[tokio::test]
async fn plans_can_be_replaced_for_the_whole_server() {
    let app = TestApp::start_with(|config| config.plans = Plans::from_json(OTHER_PLANS).expect("plans")).await;
    let mut owner = app.anonymous();
    owner.signs_up("Acme", "Ada", "ada@acme.example").await.granted();

    let plans = owner
        .reads("{ plans { code name seatMinimum seatLimit seatsAreBought } account { seats { limit used } } }")
        .await;
    assert_json_snapshot!(plans.data(), @r#"
    {
      "account": {
        "seats": {
          "limit": 2,
          "used": 1
        }
      },
      "plans": [
        {
          "code": "FREE",
          "name": "Starter",
          "seatLimit": 2,
          "seatMinimum": 2,
          "seatsAreBought": false
        },
        {
          "code": "MINI",
          "name": "Mini",
          "seatLimit": 3,
          "seatMinimum": 2,
          "seatsAreBought": true
        },
        {
          "code": "STANDARD",
          "name": "Team",
          "seatLimit": null,
          "seatMinimum": 3,
          "seatsAreBought": true
        },
        {
          "code": "PRO",
          "name": "Pro",
          "seatLimit": null,
          "seatMinimum": 1,
          "seatsAreBought": true
        }
      ]
    }
    "#);
    assert_eq!(owner.does("changePlan", json!({ "plan": "MINI", "seats": 4 })).await.faults(), ["seats: InvalidInput"]);
    assert_eq!(owner.does("changePlan", json!({ "plan": "MINI", "seats": 1 })).await.faults(), ["seats: InvalidInput"]);
    assert_eq!(
        owner
            .does("changePlan", json!({ "plan": "STANDARD" }))
            .await
            .granted()
            .number("changePlan.account.seats.limit"),
        3
    );
    assert_eq!(
        owner.does("changePlan", json!({ "plan": "FREE" })).await.granted().number("changePlan.account.seats.limit"),
        2
    );
}

#[tokio::test]
async fn plans_that_shrink_deactivate_no_operator_and_free_no_seat() {
    let app = TestApp::start().await;
    let acme = app.account(5).await;
    acme.owner.does("changePlan", json!({ "plan": "MINI", "seats": 5 })).await.granted();
    let people =
        [acme.full_access("ada").await, acme.limited("bob").await, acme.limited("cy").await, acme.limited("dan").await];
    let (token, id) = (people[0].token.clone(), acme.owner.id.clone());

    let app =
        TestApp::start_on(app.stop().await, |config| config.plans = Plans::from_json(OTHER_PLANS).expect("plans"))
            .await;
    let mut ada = app.anonymous();
    ada.token = token;
    let seats = async || ada.reads("{ account { seats { limit used free } } }").await.at("account.seats").clone();
    assert_eq!(seats().await, json!({ "limit": 3, "used": 4, "free": 0 }));
    let activated = ada.does("activateOperator", json!({ "operatorId": id })).await;
    assert_eq!(activated.user_errors()[0]["seats"], json!({ "limit": 3, "used": 4, "free": 0 }));
    ada.deactivates(&people[1]).await.granted();
    assert_eq!(ada.activates(&people[1]).await.refusals(), ["SeatLimitReached"]);
    assert_eq!(seats().await, json!({ "limit": 3, "used": 3, "free": 0 }));
}

#[tokio::test]
async fn a_change_of_plan_names_a_hundred_at_most() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let bob = acme.full_access("bob").await;
    let many = vec![bob.id.clone(); 101];
    let refused =
        acme.owner.does("changePlan", json!({ "plan": "MINI", "seats": 1, "deactivateOperatorIds": many })).await;
    assert_eq!(refused.refusals(), ["InvalidInput"]);
    assert_eq!(refused.user_errors()[0]["path"], json!(["deactivateOperatorIds"]));
    assert_eq!(acme.seats().await, (2, 1));

    let twice = vec![bob.id.clone(); 100];
    acme.owner
        .does("changePlan", json!({ "plan": "MINI", "seats": 1, "deactivateOperatorIds": twice }))
        .await
        .granted();
    assert_eq!(acme.seats().await, (1, 0));
}
