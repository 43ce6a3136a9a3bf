//! Rate limits on attempts.

use chrono::TimeDelta;
use serde_json::json;

use crate::support::{Account, PASSWORD, Person, TestApp};

/// A server with rate limits, behind a proxy of this machine.
async fn strict() -> TestApp {
    TestApp::start_with(|config| {
        config.rate_limits.enabled = true;
        config.http.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
    })
    .await
}

fn from(app: &TestApp, address: &str) -> Person {
    app.anonymous().with_header("x-forwarded-for", address)
}

#[tokio::test]
async fn a_throttled_client_gets_the_time_of_its_next_attempt() {
    let app = strict().await;
    let acme: Account = app.account(1).await;
    let email = acme.owner.email.clone();
    let mut attacker = from(&app, "192.0.2.1");
    for _ in 0..10 {
        assert_eq!(attacker.signs_in(&email, "not-the-right-password").await.refusals(), ["InvalidCredentials"]);
    }

    let refused = attacker.signs_in(&email, PASSWORD).await;

    assert_eq!(refused.refusals(), ["TooManyAttempts"], "not even with the right password");
    let wait = refused.user_errors()[0]["retryAfterSeconds"].as_i64().expect("a number");
    assert!((1..=10).contains(&wait), "{wait}");
    from(&app, "192.0.2.2").signs_in(&email, PASSWORD).await.granted();
    app.later(TimeDelta::seconds(wait));
    attacker.signs_in(&email, PASSWORD).await.granted();
}

#[tokio::test]
async fn a_client_cannot_choose_its_own_address() {
    let app = TestApp::start_with(|config| config.rate_limits.enabled = true).await;
    for number in 0..10 {
        from(&app, &format!("192.0.2.{number}")).signs_in("ada@acme.example", PASSWORD).await;
    }
    // No proxy is trusted, so the header is ignored.
    let refused = from(&app, "192.0.2.200").signs_in("ada@acme.example", PASSWORD).await;
    assert_eq!(refused.refusals(), ["TooManyAttempts"]);
}

#[tokio::test]
async fn recoveries_invitations_and_sign_ups_of_one_address_are_counted_wherever_they_come_from() {
    let app = strict().await;
    let acme = app.account(1).await;
    let owner = &acme.owner;
    let recovery = async |number: usize, email: &str| {
        from(&app, &format!("192.0.2.{number}"))
            .does("requestPasswordRecovery", json!({ "email": email }))
            .await
            .refusals()
            .join(", ")
    };
    for number in 0..3 {
        assert_eq!(recovery(number, &owner.email).await, "");
        assert_eq!(recovery(number, "nobody@acme.example").await, "", "known or not");
    }
    assert_eq!(recovery(3, &owner.email.to_uppercase()).await, "TooManyAttempts");
    assert_eq!(recovery(3, "nobody@acme.example").await, "TooManyAttempts");

    let added = owner.does("addOperator", json!({ "name": "Bob", "email": "bob@acme.example" })).await.granted();
    let bob = added.payload()["operator"]["id"].clone();
    for _ in 0..2 {
        owner.does("inviteOperator", json!({ "operatorId": bob })).await.granted();
    }
    assert_eq!(owner.does("inviteOperator", json!({ "operatorId": bob })).await.refusals(), ["TooManyAttempts"]);

    for number in 0..5 {
        let taken = from(&app, &format!("198.51.100.{number}")).signs_up("Other", "Other", "bob@acme.example").await;
        // An invitation does not prevent a sign-up, but an earlier sign-up does.
        assert_eq!(taken.refusals(), if number == 0 { vec![] } else { vec!["EmailTaken"] });
    }
    let refused = from(&app, "198.51.100.9").signs_up("Other", "Other", "bob@acme.example").await;
    assert_eq!(refused.refusals(), ["TooManyAttempts"]);
    app.later(TimeDelta::hours(1));
    owner.server().anonymous().signs_in(&owner.email, PASSWORD).await.granted();
}
