//! Mail: its recipients and links, and that it is neither lost nor readable by others.

mod delivery;
mod language;
mod links;

use deskbell::config::Config;
use entity::mail::{self, Kind};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::support::{
    Answer, Person, TestApp, eventually,
    smtp::{Mail, SmtpSink},
};

const OTHER_PASSWORD: &str = "nine-herons-paint-ladders";

/// A server whose mail is recorded, and whose public URL has another name.
async fn with_mail(set: impl FnOnce(&mut Config)) -> (TestApp, SmtpSink) {
    let relay = SmtpSink::start().await;
    let app = TestApp::start_with(|config| {
        config.mail.smtp = Some(relay.url().parse().expect("a URL"));
        config.http.public_url = "https://chat.example.com/".parse().expect("an address");
        set(config);
    })
    .await;
    (app, relay)
}

/// The token of the only link in a mail. The link must lead to a page of the public URL.
#[track_caller]
fn token_of(mail: &Mail, page: &str) -> String {
    let link = format!("https://chat.example.com/{page}#token=");
    assert_eq!(mail.text.matches("://").count(), 1, "one link: {}", mail.text);
    let (_, rest) = mail.text.split_once(&link).unwrap_or_else(|| panic!("no {link} in {}", mail.text));
    let token = rest.split_whitespace().next().expect("a token");
    assert!(token.starts_with("dbl_") && token.len() == 4 + 43, "{token}");
    token.to_owned()
}

/// Adds an operator without a password.
async fn invites(owner: &Person, name: &str) -> (String, Value) {
    let email = format!("{name}@acme.example");
    let added = owner.does("addOperator", json!({ "name": name, "email": email })).await.granted();
    (email, added.payload()["operator"]["id"].clone())
}

async fn uses(app: &TestApp, token: &str, password: &str) -> Answer {
    app.anonymous().does("recoverPassword", json!({ "token": token, "newPassword": password })).await
}

async fn asks(person: &Person, email: &str) -> Answer {
    person.does("requestPasswordRecovery", json!({ "email": email })).await
}

async fn db_queue(app: &TestApp) -> Vec<mail::Model> {
    let queue = mail::Entity::find().all(app.app().db()).await.expect("the database answers");
    // Every operator with a password gets one, and no story here tests them.
    queue.into_iter().filter(|mail| mail.kind != Kind::AddressConfirmation).collect()
}

/// Sends one more mail and waits until the queue is empty. Fails if the relay got mails that were
/// not read.
async fn nothing_more(app: &TestApp, relay: &mut SmtpSink) {
    // A mail that is sent after all earlier ones.
    let mut last = app.anonymous();
    last.signs_up("Last", "Last", "last@mark.example").await.granted();
    asks(&last, "last@mark.example").await.granted();
    assert_eq!(relay.next().await.to, "last@mark.example");
    all_is_sent(app).await;
}

async fn all_is_sent(app: &TestApp) {
    eventually("an empty queue", async || db_queue(app).await.is_empty()).await;
}

/// Checks that the failed mail is unchanged days later.
async fn is_unchanged(app: &TestApp, relay: &mut SmtpSink, failed: &mail::Model) {
    asks(&app.anonymous(), "olive@acme.example").await.granted();
    assert_eq!(relay.next().await.to, "olive@acme.example");
    eventually("the rest of the queue", async || db_queue(app).await.len() == 1).await;
    assert_eq!(&db_queue(app).await[0], failed);
}
