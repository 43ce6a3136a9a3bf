//! Who may create an account: the first caller, all callers, or none.

use std::time::Duration;

use deskbell::{account::rules as accounts, app::Work, config::SignUp, input::Name};
use entity::account;
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use crate::support::{Person, TestApp, is_postgres, refusals};

async fn start() -> TestApp {
    TestApp::start_with(|config| {
        config.sign_up = SignUp::First;
        // The worker would query the database all the time.
        config.mail.poll = Duration::from_hours(1);
    })
    .await
}

async fn server(person: &Person) -> Value {
    person.reads("{ server { isSignUpOpen hasAccount } }").await.at("server").clone()
}

fn open() -> Value {
    json!({ "isSignUpOpen": true, "hasAccount": false })
}

fn closed() -> Value {
    json!({ "isSignUpOpen": false, "hasAccount": true })
}

#[tokio::test]
async fn the_first_account_closes_sign_up_for_good() {
    let app = start().await;
    let (mut ada, mut bob) = (app.anonymous(), app.anonymous());
    assert_eq!(server(&bob).await, open());

    ada.signs_up("Acme", "Ada", "ada@acme.example").await.granted();

    for person in [&ada, &bob] {
        assert_eq!(server(person).await, closed());
    }
    for email in ["bob@globex.example", "ada@acme.example", "no address"] {
        let refused = bob.signs_up("Globex", "Bob", email).await;
        assert_eq!(refused.faults(), [": SignUpClosed"], "nothing about {email} is reported");
    }
    // Colleagues are still added.
    ada.does("addOperator", json!({ "name": "Eve", "email": "eve@acme.example" })).await.granted();

    let app = TestApp::start_on(app.stop().await, |config| config.sign_up = SignUp::First).await;
    let mut bob = app.anonymous();
    assert_eq!(server(&bob).await, closed());
    assert_eq!(bob.signs_up("Globex", "Bob", "bob@globex.example").await.refusals(), ["SignUpClosed"]);
}

#[tokio::test]
async fn closed_sign_up_costs_neither_statements_nor_hashes() {
    let app = start().await;
    let (mut ada, mut bob) = (app.anonymous(), app.anonymous());
    ada.signs_up("Acme", "Ada", "ada@acme.example").await.granted();
    assert_eq!(server(&bob).await, closed());
    app.is_idle().await;

    let before = app.app().statements.get();
    for _ in 0..5 {
        assert_eq!(server(&bob).await, closed());
        // The address is looked up before the password is hashed.
        assert_eq!(bob.signs_up("Globex", "Bob", "bob@globex.example").await.refusals(), ["SignUpClosed"]);
    }
    assert_eq!(app.app().statements.get() - before, 0);
}

/// Lets no account be created until the result ends.
async fn hold(app: &TestApp) -> Work {
    // On SQLite it is the only writer.
    let work = app.app().begin().await.expect("a transaction");
    if is_postgres() {
        work.execute_unprepared("LOCK TABLE account IN SHARE MODE").await.expect("the lock");
    }
    work
}

#[tokio::test]
async fn of_many_sign_ups_at_once_one_succeeds() {
    for is_one_address in [false, true] {
        let app = start().await;
        let held = hold(&app).await;
        let sign_ups: Vec<_> = (0..20)
            .map(|number| {
                let mut person = app.anonymous();
                let number = if is_one_address { 0 } else { number };
                let email = format!("owner{number}@company.example");
                tokio::spawn(async move { person.signs_up("Company", "Olive", &email).await })
            })
            .collect();
        // They have found sign-up open, and hashed their passwords.
        app.is_idle().await;
        drop(held);

        let answers: Vec<_> =
            join_all(sign_ups).await.into_iter().map(|answer| answer.expect("it did not panic")).collect();

        assert_eq!(answers.iter().filter(|answer| answer.is_granted()).count(), 1);
        assert_eq!(refusals(&answers), ["SignUpClosed"; 19]);
        let accounts = account::Entity::find().count(app.app().db()).await.expect("the database answers");
        assert_eq!(accounts, 1);
    }
}

#[tokio::test]
async fn a_sign_up_waits_for_an_account_that_is_being_created_by_another_server() {
    let app = start().await;
    // As servers and commands do that take no lock: of the previous version, or with another
    // setting.
    let work = app.app().begin().await.expect("a transaction");
    accounts::open(app.app(), &work, &Name::parse("Globex").expect("a name")).await.expect("an account");
    let mut ada = app.anonymous();
    let sign_up = tokio::spawn(async move { ada.signs_up("Acme", "Ada", "ada@acme.example").await });
    app.is_idle().await;
    assert_eq!(server(&app.anonymous()).await, open(), "it is not committed");

    work.commit().await.expect("committed");

    assert_eq!(sign_up.await.expect("it did not panic").refusals(), ["SignUpClosed"]);
    assert_eq!(server(&app.anonymous()).await, closed());
}

#[tokio::test]
async fn an_empty_database_opens_sign_up_at_the_next_start() {
    let app = start().await;
    let mut ada = app.anonymous();
    ada.signs_up("Acme", "Ada", "ada@acme.example").await.granted();
    assert_eq!(server(&app.anonymous()).await, closed());
    let work = app.app().begin().await.expect("a transaction");
    account::Entity::delete_many().exec(&*work).await.expect("deleted");
    work.commit().await.expect("committed");
    assert_eq!(server(&app.anonymous()).await, closed(), "closed for good, while the server runs");

    let app = TestApp::start_on(app.stop().await, |config| config.sign_up = SignUp::First).await;
    assert_eq!(server(&app.anonymous()).await, open());
    app.anonymous().signs_up("Acme", "Ada", "ada@acme.example").await.granted();
}

#[tokio::test]
async fn where_sign_up_is_on_or_off_the_first_account_changes_nothing() {
    for (setting, is_open) in [(SignUp::On, true), (SignUp::Off, false)] {
        let app = TestApp::start_with(|config| config.sign_up = setting).await;
        let mut ada = app.anonymous();
        assert_eq!(server(&ada).await, json!({ "isSignUpOpen": is_open, "hasAccount": false }));
        assert_eq!(ada.signs_up("Acme", "Ada", "ada@acme.example").await.is_granted(), is_open);
        assert_eq!(server(&ada).await, json!({ "isSignUpOpen": is_open, "hasAccount": is_open }));
        assert_eq!(app.anonymous().signs_up("Globex", "Bob", "bob@globex.example").await.is_granted(), is_open);
    }
}
