//! Rate limits in detail: what counts as a client and as an address, and that limits recover with
//! time.

use std::time::Duration;

use chrono::TimeDelta;
use deskbell::config::{Rate, Rates};
use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, Person, TestApp};

/// Three attempts of each kind for a client, and plenty for an address; behind a proxy of this
/// machine.
async fn three_a_minute() -> TestApp {
    TestApp::start_with(|config| {
        let rates = Rates { client: Rate::of(3, 60), address: Rate::of(1000, 60) };
        config.rate_limits.enabled = true;
        config.rate_limits.sign_in = rates;
        config.rate_limits.sign_up = rates;
        config.rate_limits.recovery = rates;
        config.rate_limits.invitation = rates;
        config.http.trusted_proxies = vec!["127.0.0.1".parse::<std::net::IpAddr>().expect("an address").into()];
    })
    .await
}

fn at(person: &Person, address: &str) -> Person {
    person.clone().with_header("x-forwarded-for", address)
}

/// The seconds until the next attempt, of an answer whose only error is the limit.
fn wait_of(answer: &Answer) -> i64 {
    assert_eq!(answer.refusals(), ["TooManyAttempts"], "{:#}", answer.body);
    let wait = answer.user_errors()[0]["retryAfterSeconds"].as_i64().expect("a number");
    assert!(wait >= 1, "{wait}");
    assert!(
        answer.user_errors()[0]["message"].as_str().is_some_and(|message| message.contains(&wait.to_string())),
        "{:#}",
        answer.body
    );
    wait
}

#[tokio::test]
async fn each_kind_of_attempt_is_limited_by_client_and_works_again_after_the_given_time() {
    let app = three_a_minute().await;
    let acme = app.account(1).await;
    let owner = &acme.owner;
    let mut number = 0;
    for kind in ["signUp", "signIn", "requestPasswordRecovery", "addOperator", "inviteOperator"] {
        let mut attempt = async |address: &str| {
            number += 1;
            let email = format!("n{number}@elsewhere.example");
            let input = match kind {
                "signUp" => {
                    json!({ "accountName": "Else", "name": "Elsa", "email": email, "password": PASSWORD, "transport": "TOKEN" })
                }
                "signIn" => json!({ "email": email, "password": PASSWORD, "transport": "TOKEN" }),
                "requestPasswordRecovery" => json!({ "email": email }),
                "addOperator" => json!({ "name": "Elsa", "email": email }),
                _ => {
                    let added = json!({ "name": "Elsa", "email": email });
                    // Invited from another client first, so that this one invites again.
                    let added = at(owner, &format!("203.0.113.{number}")).does("addOperator", added).await.granted();
                    json!({ "operatorId": added.payload()["operator"]["id"] })
                }
            };
            at(owner, address).does(kind, input).await
        };
        let is_refused = |answer: &Answer| answer.refusals().contains(&"TooManyAttempts");
        // A separate network for each kind, since adding and inviting share a limit.
        let network = format!("2001:db8:{}:1", kind.len());
        for host in ["1", "2", "ffff:1"] {
            let answer = attempt(&format!("{network}::{host}")).await;
            assert!(!is_refused(&answer), "{kind}: {:#}", answer.body);
        }
        // A whole network is one client.
        let wait = wait_of(&attempt(&format!("{network}:9:9:9:9")).await);
        assert!(wait <= 20, "{kind}: {wait}");
        assert!(!is_refused(&attempt(&format!("2001:db8:{}:2::1", kind.len())).await), "{kind} of another network");

        app.later(TimeDelta::seconds(wait));
        assert!(!is_refused(&attempt(&format!("{network}::1")).await), "{kind}, after {wait} s");
        assert!(is_refused(&attempt(&format!("{network}::1")).await), "{kind}: one more attempt, not three");
    }
}

#[tokio::test]
async fn a_refused_attempt_changes_nothing() {
    let app = three_a_minute().await;
    let acme = app.account(1).await;
    let client = at(&acme.owner, "192.0.2.1");
    for number in 0..3 {
        client
            .does("addOperator", json!({ "name": "Bob", "email": format!("bob{number}@acme.example") }))
            .await
            .granted();
    }
    wait_of(&client.does("addOperator", json!({ "name": "Cy", "email": "cy@acme.example" })).await);
    // With a password no invitation is sent, but the answer discloses whether an address is taken.
    wait_of(
        &client.does("addOperator", json!({ "name": "Dan", "email": "dan@acme.example", "password": PASSWORD })).await,
    );
    let there = acme.owner.reads("{ account { operators { nodes { name } } } }").await;
    assert_eq!(there.each("account.operators.nodes", "name"), ["Olive Owner", "Bob", "Bob", "Bob"]);
}

#[tokio::test]
async fn finding_out_whether_an_address_is_taken_is_limited_even_with_other_errors() {
    let app = three_a_minute().await;
    let acme = app.account(1).await;
    let bob = at(&acme.owner, "192.0.2.1")
        .does("addOperator", json!({ "name": "Bob", "email": "bob@acme.example" }))
        .await
        .granted();
    let added = json!({ "name": "", "email": acme.owner.email });
    let changed = json!({ "operatorId": bob.payload()["operator"]["id"], "name": "", "email": acme.owner.email });
    for (address, does, input) in [("192.0.2.2", "addOperator", added), ("192.0.2.3", "updateOperator", changed)] {
        let attempt = async || at(&acme.owner, address).does(does, input.clone()).await.faults();
        for _ in 0..3 {
            assert_eq!(attempt().await, ["name: InvalidInput", "email: EmailTaken"], "{does}");
        }
        assert_eq!(attempt().await, ["name: InvalidInput"], "{does}");
    }
}

#[tokio::test]
async fn an_inbox_is_mailed_three_times_an_hour_in_any_spelling() {
    let app = TestApp::start_with(|config| {
        config.rate_limits.enabled = true;
        config.rate_limits.sign_up.client = Rate::of(100, 3600);
    })
    .await;
    let acme = app.account(1).await;
    let granted = async |name: &str, input: &dyn Fn(u32) -> Value| {
        let mut granted = 0;
        for tag in 0..8 {
            let answer = acme.owner.does(name, input(tag)).await;
            granted += usize::from(answer.is_granted());
            assert!(answer.is_granted() || answer.refusals() == ["TooManyAttempts"], "{:#}", answer.body);
        }
        granted
    };
    assert_eq!(
        granted("requestPasswordRecovery", &|tag| json!({ "email": format!("ada+{tag}@acme.example") })).await,
        3
    );
    assert_eq!(
        granted("addOperator", &|tag| json!({ "name": "Ada", "email": format!("ada+{tag}@acme.example") })).await,
        3
    );
    let signs_up = |tag| json!({ "accountName": "A", "name": "A", "email": format!("bob+{tag}@acme.example"), "password": PASSWORD, "transport": "TOKEN" });
    assert_eq!(granted("signUp", &signs_up).await, 5);
    // Each signs in with the exact address.
    app.anonymous().signs_in("bob+1@acme.example", PASSWORD).await.granted();
    assert_eq!(app.anonymous().signs_in("bob@acme.example", PASSWORD).await.refusals(), ["InvalidCredentials"]);
}

#[tokio::test]
async fn the_invitations_of_an_account_are_limited_per_day() {
    let app = TestApp::start_with(|config| {
        config.rate_limits.enabled = true;
        config.rate_limits.invitation_account = Rate::of(3, 3 * 3600);
        config.rate_limits.invitation.address = Rate::of(100, 3600);
        config.http.trusted_proxies = vec!["127.0.0.1".parse::<std::net::IpAddr>().expect("an address").into()];
    })
    .await;
    let (acme, globex) = (app.account(1).await, app.account(1).await);
    let invites = async |person: &Person, number: u32| {
        let person = at(person, &format!("192.0.2.{number}"));
        person.does("addOperator", json!({ "name": "Bob", "email": format!("bob{number}@elsewhere.example") })).await
    };
    let bob = invites(&acme.owner, 1).await.granted().payload()["operator"].clone();
    invites(&acme.owner, 2).await.granted();
    acme.owner.does("inviteOperator", json!({ "operatorId": bob["id"] })).await.granted();
    for refused in [
        invites(&acme.owner, 3).await,
        acme.owner.does("inviteOperator", json!({ "operatorId": bob["id"] })).await,
        acme.owner.does("updateOperator", json!({ "operatorId": bob["id"], "email": "robert@acme.example" })).await,
    ] {
        let wait = wait_of(&refused);
        assert!((3_000..=3_600).contains(&wait), "{wait}");
    }
    let with_password = json!({ "name": "Cy", "email": "cy@acme.example", "password": PASSWORD });
    acme.owner.does("addOperator", with_password).await.granted();
    invites(&globex.owner, 4).await.granted();
    app.later(TimeDelta::hours(1));
    invites(&acme.owner, 5).await.granted();
}

#[tokio::test]
async fn with_a_relay_every_mailed_link_counts_for_the_inbox_and_for_the_account() {
    let app = TestApp::start_with(|config| {
        config.rate_limits.enabled = true;
        config.rate_limits.invitation_account = Rate::of(8, 8 * 3600);
        // Never reached: the limit counts queued mails.
        config.mail.smtp = Some("smtp://127.0.0.1:9?tls=none".parse().expect("a URL"));
        config.http.trusted_proxies = vec!["127.0.0.1".parse::<std::net::IpAddr>().expect("an address").into()];
    })
    .await;
    let (acme, globex) = (app.account(1).await, app.account(1).await);
    let adds = async |owner: &Person, number: u32, email: &str| {
        let owner = at(owner, &format!("192.0.2.{number}"));
        owner.does("addOperator", json!({ "name": "Bob", "email": email, "password": PASSWORD })).await
    };
    let mut bob = None;
    for number in 0..3 {
        bob = Some(adds(&acme.owner, number, &format!("bob+{number}@elsewhere.example")).await.granted());
    }
    wait_of(&adds(&acme.owner, 3, "bob+3@elsewhere.example").await);
    wait_of(&adds(&globex.owner, 4, "bob+4@elsewhere.example").await);

    // An invitation counts for the account only if the inbox was below its limit.
    for number in 5..9 {
        adds(&acme.owner, number, &format!("cy{number}@elsewhere.example")).await.granted();
    }
    let id = bob.expect("added").payload()["operator"]["id"].clone();
    let changes = async |number: u32| {
        let input = json!({ "operatorId": id, "email": format!("dan{number}@elsewhere.example") });
        at(&acme.owner, &format!("192.0.2.{number}")).does("updateOperator", input).await
    };
    app.later(TimeDelta::hours(1));
    changes(20).await.granted();
    adds(&acme.owner, 21, "eve@elsewhere.example").await.granted();
    // Another link to an unconfirmed address counts as well.
    let asks = async |number: u32| {
        at(&acme.owner, &format!("192.0.2.{number}"))
            .does("requestAddressConfirmation", json!({ "operatorId": id }))
            .await
    };
    app.later(TimeDelta::hours(1));
    asks(25).await.granted();
    for refused in [adds(&acme.owner, 22, "fay@elsewhere.example").await, changes(23).await] {
        let wait = wait_of(&refused);
        assert!((3_000..=3_600).contains(&wait), "{wait}");
    }
    assert_eq!(asks(26).await.refusals(), ["TooManyAttempts"]);
    adds(&globex.owner, 24, "gus@elsewhere.example").await.granted();
}

#[tokio::test]
async fn password_guesses_with_a_stolen_session_are_limited() {
    let app = three_a_minute().await;
    let acme = app.account(1).await;
    let thief = at(&acme.owner, "192.0.2.1");
    for _ in 0..3 {
        assert_eq!(
            thief.changes_password("not-the-password", "nine-herons-paint-ladders").await.refusals(),
            ["InvalidCredentials"]
        );
    }
    wait_of(&thief.changes_password(PASSWORD, "nine-herons-paint-ladders").await);
    at(&acme.owner, "192.0.2.2").changes_password(PASSWORD, "nine-herons-paint-ladders").await.granted();
}

#[tokio::test]
async fn a_flood_of_sign_ins_is_rejected_instead_of_queued_without_limit() {
    let app = TestApp::start_with(|config| {
        config.hashing.permits = 1;
        config.hashing.queue = 2;
        // Slow enough that the requests overlap.
        config.hashing.params.memory_kib = 65_536;
        config.hashing.params.passes = 6;
    })
    .await;
    let input = json!({ "email": "nobody@acme.example", "password": PASSWORD, "transport": "TOKEN" });
    let flood = (0..30).map(|_| {
        let (anonymous, input) = (app.anonymous(), input.clone());
        async move { anonymous.does("signIn", input).await }
    });
    let answers = tokio::time::timeout(Duration::from_mins(1), futures_util::future::join_all(flood))
        .await
        .expect("all are answered");
    let busy = answers.iter().filter(|answer| answer.refusals() == ["TooManyAttempts"]).count();
    let judged = answers.iter().filter(|answer| answer.refusals() == ["InvalidCredentials"]).count();
    assert_eq!(busy + judged, 30);
    assert!(judged >= 3 && busy >= 1, "{judged} were checked, {busy} were rejected");
}

#[tokio::test]
async fn an_invalid_address_throttles_no_other_caller() {
    let app = TestApp::start_with(|config| {
        config.rate_limits.enabled = true;
        config.rate_limits.sign_up.address = Rate::of(2, 3600);
        config.http.trusted_proxies = vec!["127.0.0.1".parse::<std::net::IpAddr>().expect("an address").into()];
    })
    .await;
    for number in 0..5 {
        let refused = at(&app.anonymous(), &format!("192.0.2.{number}")).signs_up("Acme", "Ada", "nonsense").await;
        assert_eq!(refused.refusals(), ["InvalidInput"], "{number}");
    }
}

#[tokio::test]
async fn mails_about_address_changes_are_limited() {
    let app = TestApp::start_with(|config| config.rate_limits.enabled = true).await;
    let acme = app.account(2).await;
    let bob = acme.limited("bob").await;
    let mut refused = 0;
    for number in 0..6 {
        let email =
            if number % 2 == 0 { "victim@elsewhere.example".to_owned() } else { format!("bob{number}@acme.example") };
        refused += usize::from(bob.updates(&bob, json!({ "email": email })).await.refusals() == ["TooManyAttempts"]);
    }
    assert!(refused >= 2, "{refused} of 6");

    // Another spelling of the same address is no change: no mail, no limit.
    let cy = acme.limited("cy").await;
    for spelling in ["CY", "Cy", "cY", "cy", "CY"] {
        cy.updates(&cy, json!({ "email": format!("{spelling}@acme.example") })).await.granted();
    }
}
