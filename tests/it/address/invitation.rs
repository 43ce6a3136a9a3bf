//! The address of an invitation.

use std::sync::Mutex;

use chrono::TimeDelta;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use serde_json::{Value, json};

use super::{OTHER_PASSWORD, accepts, can_sign_in, invites, looks, mail_to, token_of, with_mail};
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
