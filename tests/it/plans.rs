//! `DESKBELL_PLANS=unlimited`: all accounts of a server have one plan, and get their own back.

use deskbell::plans::Plans;
use entity::{OperatorId, account, account::PlanCode, operator};
use futures_util::future::join_all;
use insta::assert_json_snapshot;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};

use crate::support::{
    Account, PASSWORD, Person, TestApp,
    process::{Folder, Program},
};

/// The plan and the seats in the account's row.
async fn db_plan(app: &TestApp, account: &Account) -> (PlanCode, i32) {
    let row = account::Entity::find_by_id(account.db_key()).one(app.app().db()).await;
    let row = row.expect("the database answers").expect("the account exists");
    (row.plan, row.seats)
}

const PLAN: &str =
    "{ account { plan { code name seatMinimum seatLimit seatsAreBought } seats { limit used free } } plans { name } }";

#[tokio::test]
async fn every_account_is_unlimited_and_gets_its_plan_back() {
    let app = TestApp::start().await;
    let acme = app.account_named("acme", 2).await;
    let (ada, bob) = (acme.full_access("ada").await, acme.limited("bob").await);
    let (cy, dan) = (acme.inactive("cy").await, acme.inactive("dan").await);

    let app = TestApp::start_on(app.stop().await, |config| config.plans = Plans::unlimited()).await;
    let ada = ada.at(app.anonymous().server().clone());
    assert_json_snapshot!(ada.reads(PLAN).await.data(), @r#"
    {
      "account": {
        "plan": {
          "code": "PRO",
          "name": "Unlimited",
          "seatLimit": null,
          "seatMinimum": 1,
          "seatsAreBought": false
        },
        "seats": {
          "free": 9998,
          "limit": 10000,
          "used": 2
        }
      },
      "plans": [
        {
          "name": "Unlimited"
        }
      ]
    }
    "#);
    for plan in ["FREE", "MINI", "STANDARD", "PRO"] {
        let input = json!({ "plan": plan, "seats": 1, "deactivateOperatorIds": [bob.id] });
        let refused = ada.does("changePlan", input).await;
        assert_eq!(refused.faults(), ["plan: PlanFixed"], "{plan}");
        assert_eq!(refused.payload()["account"], Value::Null);
    }
    assert_eq!(bob.at(ada.server().clone()).does("changePlan", json!({ "plan": "PRO" })).await.code(), "FORBIDDEN");
    for person in [&cy, &dan] {
        ada.activates(person).await.granted();
    }
    // An account that is opened in the meantime is unlimited too.
    let globex = app.account_named("globex", 1).await;
    let (hank, _) = (globex.full_access("hank").await, globex.limited("ivy").await);
    assert_eq!(globex.seats().await, (10_000, 2));
    assert_eq!(db_plan(&app, &acme).await, (PlanCode::Standard, 2), "the row stays as it is");
    assert_eq!(db_plan(&app, &globex).await, (PlanCode::Free, 1));

    let app = TestApp::start_on(app.stop().await, |_| {}).await;
    let server = app.anonymous().server().clone();
    let (ada, hank) = (ada.at(server.clone()), hank.at(server.clone()));
    let seats = async |person: &Person| {
        person.reads("{ account { seats { limit used free } } }").await.at("account.seats").clone()
    };
    assert_eq!(seats(&hank).await, json!({ "limit": 1, "used": 2, "free": 0 }));
    let full = json!({ "limit": 2, "used": 4, "free": 0 });
    assert_eq!(seats(&ada).await, full);
    let shown = async || {
        let query = "query($key: String!) { availability(widgetKey: $key) { operators { publicName } } }";
        let seen = app.anonymous().run(query, json!({ "key": acme.widget_key })).await;
        seen.each("availability.operators", "publicName")
    };
    assert_eq!(shown().await, ["ada", "bob", "cy", "dan"], "no operator was deactivated");

    let refused = ada.activates(&acme.owner).await;
    assert_eq!((refused.refusals(), &refused.user_errors()[0]["seats"]), (vec!["SeatLimitReached"], &full));
    assert_eq!(ada.swaps(&acme.owner, &bob).await.refusals(), [""; 0], "who holds a seat keeps it");
    ada.swaps(&bob, &acme.owner).await.granted();
    assert_eq!(ada.swaps(&bob, &acme.owner).await.refusals(), [""; 0]);
    let added = json!({ "name": "Eve", "email": "eve@acme.example", "password": PASSWORD, "isActive": true });
    let added = ada.does("addOperator", added).await;
    assert_eq!(added.refusals(), ["SeatLimitReached"]);
    let eve = server.known(&added.payload()["operator"]);
    assert_eq!(ada.swaps(&bob, &eve).await.refusals(), ["SeatLimitReached"], "bob has no seat to give");
    let fewer = ada.does("changePlan", json!({ "plan": "STANDARD", "seats": 3 })).await;
    assert_eq!(
        (fewer.user_errors()[0]["active"].clone(), fewer.user_errors()[0]["limit"].clone()),
        (json!(4), json!(3))
    );
    for person in [&acme.owner, &cy] {
        ada.deactivates(person).await.granted();
        assert_eq!(ada.activates(&bob).await.refusals(), ["SeatLimitReached"], "activation waits for a free seat");
    }
    assert_eq!(seats(&ada).await, json!({ "limit": 2, "used": 2, "free": 0 }));
    ada.deactivates(&dan).await.granted();
    ada.activates(&bob).await.granted();
    let larger = json!({ "plan": "STANDARD", "seats": 3 });
    assert_eq!(ada.does("changePlan", larger).await.granted().number("changePlan.account.seats.free"), 1);
}

/// Adds active operators, each a copy of this one.
async fn db_copies(app: &TestApp, of: &Person, count: usize) {
    let model = app.db_operator(of).await;
    let copy = |number: usize| operator::ActiveModel {
        id: Set(OperatorId::new()),
        email: Set(None),
        email_key: Set(None),
        card_key: Set(format!("card_{number}")),
        activated_at: Set(Some(model.created_at)),
        ..model.clone().into_active_model().reset_all()
    };
    let work = app.app().begin().await.expect("the database answers");
    let rows: Vec<_> = (0..count).map(copy).collect();
    for rows in rows.chunks(500) {
        operator::Entity::insert_many(rows.to_vec()).exec_without_returning(&*work).await.expect("inserted");
    }
    work.commit().await.expect("the database answers");
}

#[tokio::test]
async fn the_last_of_ten_thousand_seats_is_given_once() {
    let app = TestApp::start_with(|config| config.plans = Plans::unlimited()).await;
    let acme = app.account(1).await;
    let people = acme.profiles(6).await;
    db_copies(&app, &people[0], 9_998).await;
    assert_eq!(acme.seats().await, (10_000, 9_998));

    let answers = join_all(people.iter().map(|person| acme.owner.activates(person))).await;

    let granted = answers.iter().filter(|answer| answer.is_granted()).count();
    assert_eq!(granted, 2);
    let refused = answers.iter().find(|answer| !answer.is_granted()).expect("a refusal");
    assert_eq!(refused.user_errors()[0]["seats"], json!({ "limit": 10_000, "used": 10_000, "free": 0 }));
    assert_eq!(app.db_active(&acme).await, 10_000);
}

#[tokio::test]
async fn the_log_names_the_single_plan_and_the_demo_needs_no_other() {
    let folder = Folder::new();
    let line = "all accounts have the same plan";
    let program = folder.serve(&[("PLANS", "unlimited")]).await;
    assert!(program.log().contains(line) && program.log().contains("Unlimited"), "{}", program.log());
    program.signal("TERM");
    program.ended().await;
    let program = folder.serve(&[("PLANS", "standard")]).await;
    assert!(!program.log().contains(line), "{}", program.log());

    let demo = Program::spawn(folder.command(&["demo", "--listen", "127.0.0.1:0"], &[("PLANS", "unlimited")]), "");
    demo.prints("all have the same password.").await;
}
