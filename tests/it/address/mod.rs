//! Addresses: which one belongs to which account, and how addresses are confirmed, changed,
//! restored and claimed by the person who reads its mail.

mod change;
mod claim;
mod invitation;
mod restore;

use deskbell::config::Config;
use entity::mail;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::support::{
    Account, Answer, PASSWORD, Person, TestApp, eventually,
    smtp::{Mail, SmtpSink},
};

const OTHER_PASSWORD: &str = "nine-herons-paint-ladders";

/// A server with a relay that records its mail.
async fn with_mail(set: impl FnOnce(&mut Config)) -> (TestApp, SmtpSink) {
    let relay = SmtpSink::start().await;
    let app = TestApp::start_with(|config| {
        config.mail.smtp = Some(relay.url().parse().expect("a URL"));
        set(config);
    })
    .await;
    (app, relay)
}

/// The token of the only link in a mail. The link must lead to this page.
#[track_caller]
fn token_of(mail: &Mail, page: &str) -> String {
    let (_, rest) = mail
        .text
        .split_once(&format!("/{page}#token="))
        .unwrap_or_else(|| panic!("no link to {page} in {}", mail.text));
    assert_eq!(mail.text.matches("#token=").count(), 1, "{}", mail.text);
    rest.split_whitespace().next().expect("a token").to_owned()
}

/// Waits until the queue is empty: a mail whose lease expires while it is sent is sent again, with
/// another link.
async fn all_is_sent(app: &TestApp) {
    eventually("an empty queue", async || {
        mail::Entity::find().all(app.app().db()).await.expect("the database answers").is_empty()
    })
    .await;
}

async fn can_sign_in(app: &TestApp, email: &str, password: &str) -> bool {
    app.anonymous().signs_in(email, password).await.is_granted()
}

async fn is_signed_in(person: &Person) -> bool {
    person.reads("{ viewer { name } }").await.status == 200
}

/// The next mail, which must be for this address.
async fn mail_to(relay: &mut SmtpSink, to: &str) -> Mail {
    let mail = relay.next().await;
    assert_eq!(mail.to, to, "{}", mail.text);
    mail
}

async fn looks(person: &Person, token: &str) -> Value {
    let query = "query($token: String!) { mailedLink(token: $token) {
        effect accountName operatorName inviterName email isNewPasswordNeeded isReleasable isEmailTaken isEmailMoved } }";
    person.run(query, json!({ "token": token })).await.at("mailedLink").clone()
}

async fn confirms(person: &Person, token: &str, password: Option<&str>) -> Answer {
    person.does("confirmAddress", json!({ "token": token, "newPassword": password })).await
}

async fn restores(app: &TestApp, token: &str) -> Answer {
    app.anonymous().does("restoreAddress", json!({ "token": token })).await
}

async fn releases(app: &TestApp, token: &str) -> Answer {
    app.anonymous().does("releaseAddress", json!({ "token": token })).await
}

async fn accepts(app: &TestApp, token: &str) -> Answer {
    app.anonymous().does("recoverPassword", json!({ "token": token, "newPassword": OTHER_PASSWORD })).await
}

/// Invites an operator. Returns the token in the mail, and the operator.
async fn invites(relay: &mut SmtpSink, account: &Account, email: &str) -> (String, Person) {
    let added = account.owner.does("addOperator", json!({ "name": "Eve", "email": email })).await.granted();
    let token = token_of(&mail_to(relay, email).await, "accept-invitation");
    (token, account.owner.server().known(&added.payload()["operator"]))
}

/// The fields about the viewer's own address.
const OWN: &str = "{ viewer { email pendingEmail isEmailConfirmed isEmailConfirmationDue } }";

/// Changes a person's address and confirms it in their session. Returns the token that was mailed
/// to the former address.
async fn moves(relay: &mut SmtpSink, person: &Person, from: &str, to: &str) -> String {
    person.updates(person, json!({ "email": to })).await.granted();
    let token = token_of(&relay.confirmation(to).await, "confirm-address");
    confirms(person, &token, None).await.granted();
    // Other mails may arrive first.
    loop {
        let mail = relay.next().await;
        if mail.to == from {
            return token_of(&mail, "restore-address");
        }
    }
}

/// Signs up an account, and adds an operator with the address of another person.
async fn squats(app: &TestApp, email: &str) -> (Account, Person) {
    let evil = app.account(1).await;
    let added = evil
        .owner
        .does("addOperator", json!({ "name": "Squatter", "email": email, "password": PASSWORD }))
        .await
        .granted();
    let mut squatter = evil.owner.server().known(&added.payload()["operator"]);
    squatter.signs_in(email, PASSWORD).await.granted();
    (evil, squatter)
}
