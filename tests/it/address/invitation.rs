//! The address of an invitation.

use std::sync::Mutex;

use chrono::TimeDelta;
use deskbell::mail::worker;
use entity::mail;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
};
use serde_json::{Value, json};

use super::{OTHER_PASSWORD, accepts, all_is_sent, can_sign_in, invites, looks, mail_to, token_of, with_mail};
use crate::support::{Answer, PASSWORD, Person, TestApp, eventually, smtp::SmtpSink};

#[tokio::test]
async fn without_a_relay_the_administrator_lets_an_invited_operator_in() {
    const EVE: &str = "eve@acme.example";
    let app = TestApp::start().await;
    let (acme, other) = (app.account(1).await, app.account(1).await);
    let added = acme.owner.does("addOperator", json!({ "name": "Eve", "email": "Eve@acme.example" })).await.granted();
    let eve = acme.owner.server().known(&added.payload()["operator"]);
    let again = other.owner.does("addOperator", json!({ "name": "Eve", "email": EVE })).await.granted();
    let reset = async || deskbell::login::rules::reset_password(app.app(), EVE, PASSWORD).await;
    assert!(format!("{:?}", reset().await.expect_err("two are invited")).contains("Ambiguous"));
    other.owner.removes(&other.owner.server().known(&again.payload()["operator"])).await.granted();
    reset().await.expect("reset");
    let row = app.db_operator(&eve).await;
    assert_eq!(
        (row.email.as_deref(), row.email_key.as_deref(), row.email_proven_at),
        (Some("Eve@acme.example"), Some(EVE), None)
    );
    assert!(row.password_set_by_other && row.pending_email_key.is_none());
    assert!(can_sign_in(&app, EVE, PASSWORD).await);
    assert!(
        acme.owner.does("inviteOperator", json!({ "operatorId": eve.id })).await.refusals() == ["InvitationAccepted"]
    );
}

#[tokio::test]
async fn an_invited_operator_who_asks_for_a_password_is_mailed_a_link() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account(1).await;
    invites(&mut relay, &acme, "eve@acme.example").await;
    app.anonymous().does("requestPasswordRecovery", json!({ "email": "eve@acme.example" })).await.granted();
    let token = token_of(&mail_to(&mut relay, "eve@acme.example").await, "recover-password");
    accepts(&app, &token).await.granted();
    assert!(can_sign_in(&app, "eve@acme.example", OTHER_PASSWORD).await);
}

#[tokio::test]
async fn the_inviter_sees_that_an_invitation_did_not_arrive() {
    let relay = SmtpSink::answering(|line| match line {
        _ if line.starts_with("RCPT TO:<gone@") => Some("550 5.1.1 no such user"),
        _ if line.starts_with("RCPT TO:<later@") => Some("451 4.7.1 try again later"),
        _ => None,
    })
    .await;
    let app = TestApp::start_with(|config| config.mail.smtp = Some(relay.url().parse().expect("a URL"))).await;
    let acme = app.account(1).await;
    let bob = acme.inactive("bob").await;
    let problem = async |email: &str, person: &Person| {
        let query = "query($search: String!) { account { operators(search: $search) { nodes {
            invitationProblem { reason failedAt nextAttemptAt } } } } }";
        let search = if person.id == bob.id { "Eve" } else { email };
        let seen = person.run(query, json!({ "search": search })).await;
        seen.at("account.operators.nodes.0.invitationProblem").clone()
    };
    for (email, reasons) in
        [("gone@acme.example", ["RECIPIENT_REFUSED", "GIVEN_UP"]), ("later@acme.example", ["DELAYED", ""])]
    {
        acme.owner.does("addOperator", json!({ "name": "Eve", "email": email })).await.granted();
        eventually("the problem", async || problem(email, &acme.owner).await != Value::Null).await;
        let seen = problem(email, &acme.owner).await;
        assert!(reasons.contains(&seen["reason"].as_str().expect("a reason")), "{email}: {seen}");
        assert_ne!(seen["failedAt"].is_null(), seen["nextAttemptAt"].is_null(), "{email}: {seen}");
        assert_eq!(problem(email, &bob).await, Value::Null, "limited access");
    }
    let gone = acme.owner.reads("{ account { operators(search: \"gone@\") { nodes { id name email } } } }").await;
    let gone = acme.owner.server().known(gone.at("account.operators.nodes.0"));
    acme.owner.updates(&gone, json!({ "email": "here@acme.example" })).await.granted();
    assert_eq!(problem("here@acme.example", &acme.owner).await, Value::Null, "another invitation is in the queue");
}

#[tokio::test]
async fn the_inviters_open_page_shows_delivery_problems_of_an_invitation() {
    static RELAY: Mutex<Option<&str>> = Mutex::new(None);
    const LATER: Option<&str> = Some("451 4.7.1 try again later");
    let answer = |text| *RELAY.lock().expect("no panic") = text;
    let relay =
        SmtpSink::answering(
            |line| if line.starts_with("RCPT TO:<eve") { *RELAY.lock().expect("no panic") } else { None },
        )
        .await;
    let app = TestApp::start_with(|config| config.mail.smtp = Some(relay.url().parse().expect("a URL"))).await;
    let owner = app.account(1).await.owner;
    for (email, then, shown) in [
        ("eve.gone@acme.example", Some("550 5.1.1 no such user"), json!("RECIPIENT_REFUSED")),
        ("eve.here@acme.example", None, Value::Null),
    ] {
        answer(LATER);
        owner.does("addOperator", json!({ "name": "Eve", "email": email })).await.granted();
        let watch = "subscription($search: String!) { account { operators(search: $search) { nodes { invitationProblem { reason } } } } }";
        let mut watched = owner.watches(watch, json!({ "search": email })).await;
        let reason = |item: &Answer| item.at("account.operators.nodes.0.invitationProblem")["reason"].clone();
        watched.until(|item| reason(item) == "DELAYED").await;
        answer(then);
        app.later(TimeDelta::minutes(1));
        watched.until(|item| reason(item) == shown).await;
    }
}

const INVITATION: &str = "subscription($search: String!) { account { operators(search: $search) { nodes {
    invitation { sentAt failedAt failure nextAttemptAt } invitationProblem { reason } } } } }";

fn invitation(item: &Answer) -> Value {
    item.at("account.operators.nodes.0.invitation").clone()
}

/// Which of the fields are set: sentAt, failedAt, nextAttemptAt; and the failure.
fn result(invitation: &Value) -> ([bool; 3], Option<&str>) {
    let is_set = |field: &str| !invitation[field].is_null();
    ([is_set("sentAt"), is_set("failedAt"), is_set("nextAttemptAt")], invitation["failure"].as_str())
}

async fn db_invitations(app: &TestApp) -> Vec<mail::Model> {
    let invitations = mail::Entity::find().filter(mail::COLUMN.kind.eq(mail::Kind::Invitation));
    invitations.all(app.app().db()).await.expect("the database answers")
}

async fn db_write(app: &TestApp, statement: &str) {
    let work = app.app().begin().await.expect("the writer");
    work.execute_unprepared(statement).await.expect("written");
    work.commit().await.expect("committed");
}

#[tokio::test]
async fn an_open_page_shows_the_result_of_an_invitation_by_itself() {
    static RELAY: Mutex<Option<&str>> = Mutex::new(None);
    let answer = |text| *RELAY.lock().expect("no panic") = text;
    let mut relay =
        SmtpSink::answering(
            |line| if line.starts_with("RCPT TO:<eve") { *RELAY.lock().expect("no panic") } else { None },
        )
        .await;
    let app = TestApp::start_with(|config| config.mail.smtp = Some(relay.url().parse().expect("a URL"))).await;
    let owner = app.account(1).await.owner;
    let mut watched = owner.watches(INVITATION, json!({ "search": "eve@" })).await;

    answer(Some("451 4.7.1 try again later"));
    let added = owner.does("addOperator", json!({ "name": "Eve", "email": "eve@acme.example" })).await.granted();
    let id = added.payload()["operator"]["id"].clone();
    let is_listed = |item: &Answer| item.at("account.operators.nodes.0.invitation").is_object();
    let nodes = |item: &Answer| item.at("account.operators.nodes").as_array().is_some_and(|nodes| !nodes.is_empty());
    watched
        .until(|item| {
            nodes(item) && is_listed(item) && result(&invitation(item)) == ([false, false, true], Some("DELAYED"))
        })
        .await;
    assert_eq!(db_invitations(&app).await.len(), 1);

    answer(Some("550 5.1.1 <eve@acme.example> no such user here"));
    app.later(TimeDelta::minutes(1));
    let failed =
        watched.until(|item| result(&invitation(item)) == ([false, true, false], Some("MAILBOX_UNKNOWN"))).await;
    assert_eq!(failed.at("account.operators.nodes.0.invitationProblem")["reason"], "RECIPIENT_REFUSED");
    assert!(!failed.body.to_string().contains("here"), "the relay's text: {}", failed.body);

    // Sent again, and refused for another reason.
    answer(Some("552 5.2.2 mailbox full"));
    owner.does("inviteOperator", json!({ "operatorId": id })).await.granted();
    watched.until(|item| result(&invitation(item)) == ([false, true, false], Some("MAILBOX_FULL"))).await;
    assert_eq!(db_invitations(&app).await.len(), 1, "the new one replaces the other");

    answer(None);
    owner.does("inviteOperator", json!({ "operatorId": id })).await.granted();
    let sent = watched.until(|item| result(&invitation(item)) == ([true, false, false], None)).await;
    assert_eq!(*sent.at("account.operators.nodes.0.invitationProblem"), Value::Null);
    mail_to(&mut relay, "eve@acme.example").await;

    // An invitation that is sent again has not been sent yet.
    answer(Some("451 4.7.1 try again later"));
    owner.does("inviteOperator", json!({ "operatorId": id })).await.granted();
    watched.until(|item| result(&invitation(item)) == ([false, false, true], Some("DELAYED"))).await;
    answer(None);
    app.later(TimeDelta::minutes(1));
    watched.until(|item| result(&invitation(item)) == ([true, false, false], None)).await;
    let token = token_of(&mail_to(&mut relay, "eve@acme.example").await, "accept-invitation");
    accepts(&app, &token).await.granted();
    watched.until(|item| !is_listed(item)).await;
}

#[tokio::test]
async fn an_invitation_in_the_log_was_sent_when_it_was_written() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let bob = acme.inactive("bob").await;
    acme.owner.does("addOperator", json!({ "name": "Eve", "email": "eve@acme.example" })).await.granted();
    let mut watched = acme.owner.watches(INVITATION, json!({ "search": "eve@" })).await;
    watched.until(|item| result(&invitation(item)) == ([true, false, false], None)).await;
    for (person, search) in [(&acme.owner, bob.email.as_str()), (&bob, "Eve")] {
        let mut watched = person.watches(INVITATION, json!({ "search": search })).await;
        assert_eq!(invitation(&watched.next().await), Value::Null, "not invited, or limited access");
    }
}

#[tokio::test]
async fn a_failure_that_another_version_recorded_is_shown_as_long_as_the_operator_is_invited() {
    let relay = SmtpSink::answering(|line| line.starts_with("RCPT TO:<eve").then_some("550 5.2.2 full")).await;
    let app = TestApp::start_with(|config| config.mail.smtp = Some(relay.url().parse().expect("a URL"))).await;
    let owner = app.account(1).await.owner;
    let added = owner.does("addOperator", json!({ "name": "Eve", "email": "eve@acme.example" })).await.granted();
    let eve = owner.server().known(&added.payload()["operator"]);
    let read = async || {
        invitation(&owner.run(&INVITATION.replace("subscription", "query"), json!({ "search": "eve@" })).await)
    };
    eventually("the failure", async || read().await["failure"] == "MAILBOX_FULL").await;
    for (cause, failure) in [("'of_a_newer_version'", "RECIPIENT_REFUSED"), ("NULL", "RECIPIENT_REFUSED")] {
        db_write(&app, &format!("UPDATE mail SET cause = {cause} WHERE kind = 'invitation'")).await;
        assert_eq!(read().await["failure"], failure, "{cause}");
    }
    let sweeps = async || worker::sweep(app.app(), app.app().clock.now() + TimeDelta::days(400)).await.expect("swept");
    sweeps().await;
    assert_eq!(read().await["failure"], "RECIPIENT_REFUSED", "a year later");
    owner.removes(&eve).await.granted();
    sweeps().await;
    assert_eq!(db_invitations(&app).await.len(), 0);
}

#[tokio::test]
async fn looking_at_links_is_limited_and_a_wrong_token_shows_nothing() {
    let (app, _relay) = with_mail(|config| config.rate_limits.enabled = true).await;
    let anonymous = app.anonymous();
    assert_eq!(looks(&anonymous, "dbl_wrong").await, Value::Null);
    assert_eq!(looks(&anonymous, "").await, Value::Null);
    let mut codes = Vec::new();
    for _ in 0..40 {
        let answer = anonymous.run("{ mailedLink(token: \"dbl_wrong\") { email } }", json!({})).await;
        codes.extend(answer.codes().into_iter().map(str::to_owned));
    }
    assert!(codes.len() >= 15 && codes.iter().all(|code| code == "TOO_MANY_REQUESTS"), "{codes:?}");
}

#[tokio::test]
async fn an_invitation_accepted_on_a_server_of_the_previous_version_gets_its_address() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account(1).await;
    let (_, eve) = invites(&mut relay, &acme, "eve@acme.example").await;
    // Its result is recorded in the operator's row.
    all_is_sent(&app).await;
    // That server only sets the password.
    let hash = app.db_operator(&acme.owner).await.password_hash;
    let work = app.app().begin().await.expect("the database answers");
    let mut row = app.db_operator(&eve).await.into_active_model();
    row.password_hash = Set(hash);
    row.update(&*work).await.expect("the operator exists");
    work.commit().await.expect("the database answers");
    assert!(!can_sign_in(&app, "eve@acme.example", PASSWORD).await);

    deskbell::address::rules::settle_accepted(app.app()).await.expect("the database answers");

    assert!(can_sign_in(&app, "eve@acme.example", PASSWORD).await);
    assert!(app.db_operator(&eve).await.email_proven_at.is_some());
}
