//! Adding and inviting operators.

use chrono::TimeDelta;
use insta::assert_json_snapshot;
use serde_json::json;

use super::link_token;
use crate::support::{PASSWORD, TestApp, smtp::SmtpSink};

#[tokio::test]
async fn an_operator_with_a_password_signs_in_at_once() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;

    let input = json!({
        "name": "Bob Builder", "publicName": "Bob", "email": "Bob@Acme.example", "description": "Support", "password": PASSWORD
    });
    let added = acme.owner.does("addOperator", input).await.granted();

    assert_json_snapshot!(added.payload(), { ".operator.id" => "[id]" }, @r#"
    {
      "operator": {
        "accessLevel": "LIMITED",
        "description": "Support",
        "email": "Bob@Acme.example",
        "id": "[id]",
        "isActive": false,
        "isOwner": false,
        "name": "Bob Builder",
        "publicName": "Bob"
      },
      "userErrors": []
    }
    "#);
    let mut bob = app.anonymous();
    bob.signs_in("bob@acme.EXAMPLE", PASSWORD).await.granted();
    assert_eq!(bob.reads("{ viewer { isInvited } }").await.at("viewer.isInvited"), false);
}

#[tokio::test]
async fn an_operator_without_a_password_is_invited_and_sets_one() {
    let mut relay = SmtpSink::start().await;
    let app = TestApp::start_with(|config| config.mail.smtp = Some(relay.url().parse().expect("a URL"))).await;
    let acme = app.account(1).await;

    let added = acme.owner.does("addOperator", json!({ "name": "Bob", "email": "bob@acme.example" })).await.granted();
    let invited = acme.owner.server().known(&added.payload()["operator"]);
    assert_eq!(app.anonymous().signs_in("bob@acme.example", PASSWORD).await.refusals(), ["InvalidCredentials"]);
    assert_eq!(app.anonymous().signs_in("bob@acme.example", "").await.refusals(), ["InvalidCredentials"]);
    let seen = acme.owner.reads("{ account { operators(search: \"bob\") { nodes { isInvited } } } }").await;
    assert_eq!(seen.each("account.operators.nodes", "isInvited"), [true]);

    let mail = relay.next().await;
    assert_eq!(mail.to, "bob@acme.example");
    let token = link_token(&app, &mail.text, "accept-invitation");
    let set =
        app.anonymous().does("recoverPassword", json!({ "token": token, "newPassword": PASSWORD })).await.granted();
    assert_eq!(set.text("recoverPassword.viewer.id"), invited.id);
    let mut bob = app.anonymous();
    bob.signs_in("bob@acme.example", PASSWORD).await.granted();

    let again = app
        .anonymous()
        .does("recoverPassword", json!({ "token": token, "newPassword": "another-fine-pass-phrase" }))
        .await;
    assert_eq!(again.faults(), ["token: InvalidLink"], "a link works once");
    assert_eq!(
        acme.owner.does("inviteOperator", json!({ "operatorId": bob.id })).await.refusals(),
        ["InvitationAccepted"]
    );
}

#[tokio::test]
async fn an_invitation_sent_again_or_to_a_new_address_replaces_the_one_before() {
    let mut relay = SmtpSink::start().await;
    let app = TestApp::start_with(|config| config.mail.smtp = Some(relay.url().parse().expect("a URL"))).await;
    let acme = app.account(1).await;
    let added = acme.owner.does("addOperator", json!({ "name": "Bob", "email": "bob@acme.example" })).await.granted();
    let bob = acme.owner.server().known(&added.payload()["operator"]);
    let first = link_token(&app, &relay.next().await.text, "accept-invitation");

    acme.owner.does("inviteOperator", json!({ "operatorId": bob.id })).await.granted();
    let second = link_token(&app, &relay.next().await.text, "accept-invitation");
    acme.owner.updates(&bob, json!({ "email": "robert@acme.example" })).await.granted();
    let mail = relay.next().await;
    assert_eq!(mail.to, "robert@acme.example");
    let third = link_token(&app, &mail.text, "accept-invitation");

    for dead in [&first, &second] {
        let refused = app.anonymous().does("recoverPassword", json!({ "token": dead, "newPassword": PASSWORD })).await;
        assert_eq!(refused.refusals(), ["InvalidLink"]);
    }
    app.later(TimeDelta::days(7) - TimeDelta::minutes(1));
    app.anonymous().does("recoverPassword", json!({ "token": third, "newPassword": PASSWORD })).await.granted();
}

#[tokio::test]
async fn an_invitation_ends_after_seven_days() {
    let mut relay = SmtpSink::start().await;
    let app = TestApp::start_with(|config| config.mail.smtp = Some(relay.url().parse().expect("a URL"))).await;
    let acme = app.account(1).await;
    acme.owner.does("addOperator", json!({ "name": "Bob", "email": "bob@acme.example" })).await.granted();
    let token = link_token(&app, &relay.next().await.text, "accept-invitation");

    app.later(TimeDelta::days(7));

    let refused = app.anonymous().does("recoverPassword", json!({ "token": token, "newPassword": PASSWORD })).await;
    assert_eq!(refused.refusals(), ["InvalidLink"]);
}
