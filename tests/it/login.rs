//! Signing in and out, sessions and their lifetimes, passwords and their recovery, and rate limits.

use std::time::Duration;

use chrono::TimeDelta;
use deskbell::{
    config::{Rate, Rates, Secret},
    error::{Denied, Failure},
    password::HashParams,
};
use serde_json::{Value, json};

use crate::support::{
    Account, Answer, PASSWORD, Person, TestApp, eventually, person::mutation, process::Folder, refusals, smtp::SmtpSink,
};

const WHO: &str = "{ viewer { name } }";
const OTHER_PASSWORD: &str = "quilted-anchors-hum-softly";

/// The name of the signed-in operator; `None` for an anonymous caller.
async fn who(person: &Person) -> Option<String> {
    person.reads(WHO).await.at("viewer")["name"].as_str().map(str::to_owned)
}

/// Whether the token of this person is rejected.
async fn is_rejected(person: &Person) -> bool {
    let answer = person.reads(WHO).await;
    if answer.status == 200 {
        assert_eq!(answer.at("viewer.name"), &json!(person.name));
        return false;
    }
    assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED"));
    true
}

#[tokio::test]
async fn a_token_is_sent_once_and_signs_in_from_then_on() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let bob = acme.inactive("bob").await;

    let answer = app
        .anonymous()
        .does("signIn", json!({ "email": "BOB@Company0.example", "password": PASSWORD, "transport": "TOKEN" }))
        .await;

    let token = answer.granted();
    assert_eq!(token.set_cookie(), None);
    assert_eq!(token.text("signIn.viewer.email"), bob.email, "the answer shows what the operator may see");
    let mut again = app.anonymous();
    again.token = Some(token.token().to_owned());
    assert_eq!(who(&again).await.as_deref(), Some("bob"));
    assert_ne!(again.token, bob.token, "each sign-in gets another token");
}

#[tokio::test]
async fn a_browser_gets_a_cookie_that_scripts_cannot_read_and_other_sites_cannot_use() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    acme.inactive("bob").await;

    let input = json!({ "email": "bob@company0.example", "password": PASSWORD });
    let answer = app.anonymous().does("signIn", input.clone()).await.granted();

    assert_eq!(answer.at("signIn.token"), &Value::Null);
    let cookie = answer.set_cookie().expect("a cookie").to_owned();
    let (pair, attributes) = cookie.split_once("; ").expect("attributes");
    assert_eq!(attributes, "Path=/; Max-Age=604800; HttpOnly; SameSite=Lax");
    let name = format!("deskbell_session_{}", app.address().port());
    assert!(pair.starts_with(&format!("{name}=")), "{pair}");
    let browser = app.anonymous().with_cookie(pair);
    assert_eq!(who(&browser).await.as_deref(), Some("bob"));
    assert_eq!(who(&browser.clone().with_header("origin", &app.url())).await.as_deref(), Some("bob"));
    assert_eq!(who(&browser.clone().with_header("origin", "https://evil.example")).await, None, "another site");
    assert_eq!(
        who(&app.anonymous().with_cookie("deskbell_session=db_session_wrong")).await,
        None,
        "an unknown session cookie"
    );
    let elsewhere = app.anonymous().with_header("origin", "https://evil.example").does("signIn", input).await;
    assert_eq!((elsewhere.code(), elsewhere.set_cookie()), ("FORBIDDEN", None));

    let out = browser.signs_out().await;
    assert_eq!(out.set_cookie(), Some(format!("{name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax").as_str()));
    assert_eq!(who(&browser).await, None);
}

#[tokio::test]
async fn an_ended_session_closes_its_socket_and_leaves_the_browser_anonymous_until_the_next_sign_in() {
    const ACCOUNT: &str = "subscription { account { name } }";
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let bob = acme.full_access("bob").await;
    let signed_in = app.anonymous().does("signIn", json!({ "email": bob.email, "password": PASSWORD })).await.granted();
    let (cookie, _) = signed_in.set_cookie().expect("a cookie").split_once("; ").expect("attributes");
    let browser = app.anonymous().with_cookie(cookie);
    let mut watched = browser.watches(ACCOUNT, json!({})).await;
    watched.next().await;

    bob.changes_password(PASSWORD, OTHER_PASSWORD).await.granted();

    let (code, reason) = watched.closes().await;
    assert_eq!(code, 4403);
    assert!(["Session ended", "The session has ended"].contains(&reason.as_str()), "{reason}");
    let seen = browser.reads("{ viewer { name } account { name } server { isSignUpOpen } }").await;
    assert_eq!(seen.data(), &json!({ "viewer": null, "account": null, "server": { "isSignUpOpen": true } }));
    let refused = browser.does("updateAccount", json!({ "name": "Bob & Co" })).await;
    assert_eq!(
        (refused.status, refused.code(), &refused.body["data"]["updateAccount"]),
        (200, "UNAUTHENTICATED", &json!(null))
    );
    assert_eq!(
        browser.watches(ACCOUNT, json!({})).await.refused().await.code(),
        "UNAUTHENTICATED",
        "anonymous callers may open a socket"
    );
    browser.does("signIn", json!({ "email": bob.email, "password": OTHER_PASSWORD })).await.granted();
}

#[tokio::test]
async fn over_https_the_cookie_is_secure_and_bound_to_its_host() {
    let app =
        TestApp::start_with(|config| config.http.public_url = "https://chat.example.com".parse().expect("an address"))
            .await;
    let mut owner = app.anonymous();
    let input = json!({ "accountName": "Acme", "name": "Ada", "email": "ada@acme.example", "password": PASSWORD });

    let answer = owner.does("signUp", input).await.granted();

    let cookie = answer.set_cookie().expect("a cookie");
    let (pair, attributes) = cookie.split_once("; ").expect("attributes");
    assert_eq!(attributes, "Path=/; Max-Age=604800; HttpOnly; SameSite=Lax; Secure");
    let value = pair.strip_prefix("__Host-deskbell_session=").expect("the name that browsers hold to it");
    owner = owner.with_cookie(pair);
    assert_eq!(who(&owner.clone().with_header("origin", "https://chat.example.com")).await.as_deref(), Some("Ada"));
    assert_eq!(
        who(&owner.with_cookie(&format!("deskbell_session={value}"))).await,
        None,
        "other sites could set the other name"
    );
}

/// The cookies that a sign-in sets, as a browser sends them back.
async fn cookies_of(person: &Person, email: &str) -> String {
    let answer = person.does("signIn", json!({ "email": email, "password": PASSWORD })).await.granted();
    let pair = |cookie: Option<&str>| cookie.expect("a cookie").split("; ").next().expect("a pair").to_owned();
    format!("{}; {}", pair(answer.set_cookie()), pair(answer.device_cookie()))
}

#[tokio::test]
async fn cookies_of_other_applications_on_the_host_do_not_hide_ours() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let bob = acme.inactive("bob").await;
    let ours = cookies_of(&app.anonymous(), &bob.email).await;
    for line in [format!("town=Plzeň; {ours}"), format!("{ours}; town=Plzeň"), format!("é=\u{2603};{ours};=;;x")] {
        let browser = app.anonymous().with_cookie(&line);
        assert_eq!(who(&browser).await.as_deref(), Some("bob"), "{line}");
        let mut watched = browser.watches("subscription { viewer { name } }", json!({})).await;
        assert_eq!(watched.next().await.text("viewer.name"), "bob", "{line}");
    }
    // A cookie of the same name, set by another application for a longer path, which browsers send
    // first.
    let name = ours.split('=').next().expect("a name");
    assert_eq!(who(&app.anonymous().with_cookie(&format!("{name}=other; {ours}"))).await.as_deref(), Some("bob"));
}

#[tokio::test]
async fn two_servers_on_one_host_do_not_sign_each_other_out() {
    let (one, other) = (TestApp::start().await, TestApp::start().await);
    let (acme, globex) = (one.account_named("acme", 1).await, other.account_named("globex", 1).await);
    let first = cookies_of(&one.anonymous(), &acme.owner.email).await;
    let both = format!("{first}; {}", cookies_of(&other.anonymous().with_cookie(&first), &globex.owner.email).await);
    assert_eq!(
        both.split("; ").map(|pair| pair.split('=').next()).collect::<std::collections::HashSet<_>>().len(),
        4,
        "{both}"
    );
    let browsers = [one.anonymous().with_cookie(&both), other.anonymous().with_cookie(&both)];
    for browser in &browsers {
        assert!(who(browser).await.is_some());
    }
    browsers[1].signs_out().await.data();
    assert_eq!((who(&browsers[0]).await.is_some(), who(&browsers[1]).await), (true, None));
}

#[tokio::test]
async fn a_session_of_the_previous_version_goes_on_and_ends_with_the_one_that_follows_it() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let bob = acme.inactive("bob").await;
    let token =
        |cookies: &str| cookies.split("; ").next().and_then(|pair| pair.split_once('=')).expect("a pair").1.to_owned();
    let first = token(&cookies_of(&app.anonymous(), &bob.email).await);
    let before = app.anonymous().with_cookie(&format!("deskbell_session={first}"));
    assert_eq!(who(&before).await.as_deref(), Some("bob"));

    let second = cookies_of(&before, &bob.email).await;
    let browser = app.anonymous().with_cookie(&format!("{second}; deskbell_session={first}"));
    browser.signs_out().await.data();
    assert_eq!(who(&browser).await, None, "not the older session either");
}

#[tokio::test]
async fn a_page_of_another_site_cannot_sign_in_and_the_error_names_the_setting() {
    // If one of these attempts counted, the last ones would be refused.
    let app = TestApp::start_with(|config| {
        let few = Rates { client: Rate::of(1, 3600), address: Rate::of(1, 3600) };
        config.rate_limits.enabled = true;
        (config.rate_limits.sign_in, config.rate_limits.sign_up, config.rate_limits.recovery) =
            (few, Rates { client: Rate::of(9, 3600), ..few }, few);
    })
    .await;
    let acme = app.account(1).await;
    let page = app.anonymous().with_header("origin", "http://192.168.1.20:8080");
    let email = acme.owner.email.as_str();
    let foreign = |answer: &Answer, what: &str| {
        let error = &answer.body["errors"][0];
        assert_eq!(
            (&error["extensions"]["code"], &error["extensions"]["reason"]),
            (&json!("FORBIDDEN"), &json!("FOREIGN_ORIGIN")),
            "{what}"
        );
        let message = error["message"].as_str().expect("text");
        assert!(message.contains("DESKBELL_ALLOWED_ORIGINS") && message.contains(&app.url()), "{what}: {message}");
        assert!(answer.headers.get("set-cookie").is_none(), "{what}");
    };
    for transport in ["COOKIE", "TOKEN"] {
        for (name, input) in [
            ("signIn", json!({ "email": email, "password": PASSWORD, "transport": transport })),
            (
                "signUp",
                json!({ "accountName": "Evil", "name": "Eve", "email": "eve@evil.example", "password": PASSWORD, "transport": transport }),
            ),
            ("requestPasswordRecovery", json!({ "email": email })),
            ("recoverPassword", json!({ "token": "dbl_x", "newPassword": OTHER_PASSWORD })),
        ] {
            let what = format!("{name} {transport}");
            foreign(&page.does(name, input.clone()).await, &what);
            let variables = json!({ "input": input });
            foreign(&page.watches(&mutation(name), variables.clone()).await.next().await, &what);
            foreign(&page.listens(&mutation(name), variables).await.next().await, &what);
        }
    }
    app.anonymous().with_header("origin", &app.url()).signs_in(email, PASSWORD).await.granted();
    app.anonymous().does("requestPasswordRecovery", json!({ "email": email })).await.granted();
}

#[tokio::test]
async fn a_foreign_origin_is_logged_once_for_each() {
    let folder = Folder::new();
    let server = folder.serve(&[]).await;
    let client = reqwest::Client::new();
    let signs_in = async |origin: &str| {
        let query = "mutation { signIn(input: { email: \"a@b.example\", password: \"x\" }) { token } }";
        let request = client.post(server.url("/graphql")).header("origin", origin).json(&json!({ "query": query }));
        request.send().await.expect("an answer").text().await.expect("text")
    };
    for _ in 0..3 {
        for origin in ["http://192.168.1.20:8080", "http://desk.local"] {
            assert!(signs_in(origin).await.contains("FOREIGN_ORIGIN"));
        }
    }
    let log = server.logs("http://desk.local").await;
    for origin in ["http://192.168.1.20:8080", "http://desk.local"] {
        let lines: Vec<_> = log.lines().filter(|line| line.contains(origin)).collect();
        assert!(
            matches!(lines[..], [line] if line.contains("WARN") && line.contains("DESKBELL_PUBLIC_URL")),
            "{lines:?}"
        );
    }
}

#[tokio::test]
async fn a_cookie_is_refused_over_a_transport_that_cannot_set_one() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let query = "mutation($email: String!, $password: String!) { signIn(input: { email: $email, password: $password }) { token } }";

    let variables = json!({ "email": acme.owner.email, "password": PASSWORD });
    let answer = app.anonymous().watches(query, variables).await.next().await;

    assert_eq!(answer.code(), "BAD_USER_INPUT");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_answer_the_same() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    acme.owner.does("addOperator", json!({ "name": "Invited", "email": "invited@acme.example" })).await.granted();

    let wrong = app.anonymous().signs_in(&acme.owner.email, "not-the-right-password").await;

    assert_eq!(wrong.faults(), [": InvalidCredentials"]);
    for (email, password) in [
        ("nobody@acme.example", PASSWORD),
        ("invited@acme.example", PASSWORD),
        ("no address", PASSWORD),
        ("", PASSWORD),
        ("a\0@acme.example", PASSWORD),
        (acme.owner.email.as_str(), ""),
        (acme.owner.email.as_str(), " seven-otters-juggle-plums"),
        (acme.owner.email.as_str(), "SEVEN-OTTERS-JUGGLE-PLUMS"),
        (acme.owner.email.as_str(), &"x".repeat(60_000)),
    ] {
        let other = app.anonymous().signs_in(email, password).await;
        assert_eq!(
            (other.status, &other.body, other.set_cookie()),
            (wrong.status, &wrong.body, None),
            "{email} {password:.30}"
        );
    }
}

#[tokio::test]
async fn a_password_is_the_same_however_a_keyboard_composes_it() {
    let app = TestApp::start().await;
    let input = json!({
        "accountName": "Acme", "name": "Ada", "email": "ada@acme.example", "password": "sieben Störche träumen ﬂach"
    });
    app.anonymous().does("signUp", input).await.granted();

    let mut ada = app.anonymous();
    ada.signs_in("ada@acme.example", "sieben Sto\u{308}rche tra\u{308}umen flach").await.granted();
    assert_eq!(
        ada.signs_in("ada@acme.example", "sieben Störche träumen flach ").await.refusals(),
        ["InvalidCredentials"],
        "never trimmed"
    );
}

#[tokio::test]
async fn a_password_is_hashed_again_at_the_first_sign_in_after_the_parameters_rise() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let hash = async |app: &TestApp| app.db_operator(&acme.owner).await.password_hash.expect("a hash");
    let before = hash(&app).await;
    assert!(before.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{before}");

    let app = TestApp::start_on(app.stop().await, |config| {
        config.hashing.params = HashParams { memory_kib: 16, passes: 2, lanes: 1 };
    })
    .await;
    assert_eq!(
        app.anonymous().signs_in(&acme.owner.email, "not-the-right-password").await.refusals(),
        ["InvalidCredentials"]
    );
    assert_eq!(hash(&app).await, before, "only a correct password is hashed again");
    app.anonymous().signs_in(&acme.owner.email, PASSWORD).await.granted();
    let after = hash(&app).await;
    assert!(after.starts_with("$argon2id$v=19$m=16,t=2,p=1$"), "{after}");
    app.anonymous().signs_in(&acme.owner.email, PASSWORD).await.granted();
    assert_eq!(hash(&app).await, after, "once is enough");
}

/// Sends a request, and waits until the use of its session is stored.
async fn uses(app: &TestApp, person: &Person) {
    assert!(!is_rejected(person).await);
    let now = app.app().clock.now();
    eventually("the use of the session", async || {
        let seen = app.db_operator(person).await.last_seen_at;
        seen.is_some_and(|seen| now - seen < TimeDelta::minutes(1))
    })
    .await;
}

#[tokio::test]
async fn a_session_that_is_used_goes_on_and_one_that_is_not_ends() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let (bob, cy) = (acme.inactive("bob").await, acme.inactive("cy").await);

    app.later(TimeDelta::hours(7));
    uses(&app, &bob).await;
    app.later(TimeDelta::hours(7));
    assert!(is_rejected(&cy).await, "not used for fourteen hours");
    uses(&app, &bob).await;
    app.later(TimeDelta::hours(8));
    assert!(is_rejected(&bob).await, "not used for eight hours");
}

#[tokio::test]
async fn a_session_ends_after_a_week_however_much_it_is_used() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let bob = acme.inactive("bob").await;
    let began = app.app().clock.now();

    while app.app().clock.now() - began < TimeDelta::days(7) - TimeDelta::hours(8) {
        app.later(TimeDelta::hours(7));
        uses(&app, &bob).await;
    }
    app.later(TimeDelta::hours(7) + TimeDelta::minutes(59));
    assert!(is_rejected(&bob).await);
    app.anonymous().signs_in(&bob.email, PASSWORD).await.granted();
}

#[tokio::test]
async fn an_open_socket_uses_its_session() {
    let app = TestApp::start_with(|config| config.session.recheck = Duration::from_millis(20)).await;
    let acme = app.account(1).await;
    let bob = acme.inactive("bob").await;
    let mut watched = bob.watches("subscription { viewer { description } }", json!({})).await;
    watched.next().await;

    for _ in 0..3 {
        app.later(TimeDelta::hours(7));
        let now = app.app().clock.now();
        eventually("the use of the session", async || {
            app.db_operator(&bob).await.last_seen_at.is_some_and(|seen| now - seen < TimeDelta::minutes(1))
        })
        .await;
    }

    assert!(!is_rejected(&bob).await, "twenty-one hours without a request");
    bob.updates(&bob, json!({ "description": "Still here" })).await.granted();
    watched.until(|state| *state.at("viewer.description") == "Still here").await;
}

#[tokio::test]
async fn signing_out_ends_this_session_and_no_other() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let bob = acme.inactive("bob").await;
    let elsewhere = bob.elsewhere().await;

    assert_eq!(bob.signs_out().await.at("signOut.signedOut"), true);

    assert!(is_rejected(&bob).await && !is_rejected(&elsewhere).await);
    assert_eq!(bob.signs_out().await.status, 401);
    assert_eq!(app.anonymous().signs_out().await.at("signOut.signedOut"), false);
}

#[tokio::test]
async fn changing_the_password_ends_every_other_session() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let bob = acme.inactive("bob").await;
    let (elsewhere, colleague) = (bob.elsewhere().await, acme.inactive("cy").await);

    assert_eq!(
        bob.changes_password("not-the-right-password", OTHER_PASSWORD).await.faults(),
        ["currentPassword: InvalidCredentials"]
    );
    assert_eq!(bob.changes_password(PASSWORD, "bob@company0.example").await.faults(), ["newPassword: WeakPassword"]);
    assert_eq!(bob.changes_password(PASSWORD, &"ü".repeat(257)).await.faults(), ["newPassword: InvalidInput"]);
    assert!(!is_rejected(&elsewhere).await, "a refusal ends no session");
    bob.changes_password(PASSWORD, OTHER_PASSWORD).await.granted();

    assert!(!is_rejected(&bob).await && is_rejected(&elsewhere).await && !is_rejected(&colleague).await);
    assert_eq!(app.anonymous().signs_in(&bob.email, PASSWORD).await.refusals(), ["InvalidCredentials"]);
    app.anonymous().signs_in(&bob.email, OTHER_PASSWORD).await.granted();
    assert_eq!(app.anonymous().changes_password(PASSWORD, OTHER_PASSWORD).await.code(), "UNAUTHENTICATED");
}

/// A server with a relay that records its mail.
async fn with_mail() -> (TestApp, SmtpSink) {
    let relay = SmtpSink::start().await;
    let app = TestApp::start_with(|config| config.mail.smtp_url = Some(Secret::new(relay.url()))).await;
    (app, relay)
}

async fn asks_for_recovery(person: &Person, email: &str) {
    let answer = person.does("requestPasswordRecovery", json!({ "email": email })).await;
    assert_eq!(answer.body, json!({ "data": { "requestPasswordRecovery": { "userErrors": [] } } }));
}

fn token_of(app: &TestApp, text: &str) -> String {
    let link = format!("{}/recover-password#token=", app.url());
    let (_, rest) = text.split_once(&link).unwrap_or_else(|| panic!("no {link} in {text}"));
    rest.split_whitespace().next().expect("a token").to_owned()
}

async fn recovers(app: &TestApp, token: &str, password: &str) -> Vec<String> {
    app.anonymous().does("recoverPassword", json!({ "token": token, "newPassword": password })).await.faults()
}

#[tokio::test]
async fn a_lost_password_is_recovered_by_mail_and_every_session_ends() {
    let (app, mut relay) = with_mail().await;
    let acme = app.account(1).await;
    let bob = acme.inactive("bob").await;

    // The first address is unknown, and gets the same answer. The link never contains a host name
    // from the request.
    asks_for_recovery(&app.anonymous(), "nobody@company0.example").await;
    let liar =
        app.anonymous().with_header("x-forwarded-host", "evil.example").with_header("forwarded", "host=evil.example");
    asks_for_recovery(&liar, "BOB@company0.EXAMPLE").await;
    let mail = relay.next().await;
    assert_eq!(mail.to, bob.email);
    let token = token_of(&app, &mail.text);

    assert_eq!(recovers(&app, &token, "short").await, ["newPassword: WeakPassword"]);
    assert_eq!(
        recovers(&app, &token, "bob@company0.example").await,
        ["newPassword: WeakPassword"],
        "a refusal does not use the link up"
    );
    assert!(!is_rejected(&bob).await);
    assert_eq!(recovers(&app, &token, OTHER_PASSWORD).await, [""; 0]);

    assert!(is_rejected(&bob).await);
    assert_eq!(recovers(&app, &token, PASSWORD).await, ["token: InvalidLink"], "a link works once");
    assert_eq!(app.anonymous().signs_in(&bob.email, PASSWORD).await.refusals(), ["InvalidCredentials"]);
    app.anonymous().signs_in(&bob.email, OTHER_PASSWORD).await.granted();
    let notice = relay.next().await;
    assert_eq!(notice.to, bob.email);
    assert!(!notice.text.contains("#token="), "it has no link: {}", notice.text);
    assert!(!app.db_operator(&bob).await.is_active(), "recovery activates no operator");
}

#[tokio::test]
async fn only_the_newest_link_works_and_for_half_an_hour() {
    let (app, mut relay) = with_mail().await;
    let acme = app.account(1).await;
    asks_for_recovery(&app.anonymous(), &acme.owner.email).await;
    let first = token_of(&app, &relay.next().await.text);
    asks_for_recovery(&app.anonymous(), &acme.owner.email).await;
    let second = token_of(&app, &relay.next().await.text);

    assert_eq!(recovers(&app, &first, OTHER_PASSWORD).await, ["token: InvalidLink"]);
    for nonsense in [second.to_uppercase(), "t".repeat(60_000), format!("dbl_{}", "A".repeat(43))] {
        assert_eq!(recovers(&app, &nonsense, OTHER_PASSWORD).await, ["token: InvalidLink"], "{nonsense:.40}");
    }
    app.later(TimeDelta::minutes(29));
    assert_eq!(recovers(&app, &second, "short").await, ["newPassword: WeakPassword"], "it still works");
    app.later(TimeDelta::minutes(1));
    assert_eq!(recovers(&app, &second, OTHER_PASSWORD).await, ["token: InvalidLink"]);
}

#[tokio::test]
async fn a_link_that_is_used_concurrently_sets_one_password() {
    let (app, mut relay) = with_mail().await;
    let acme = app.account(1).await;
    asks_for_recovery(&app.anonymous(), &acme.owner.email).await;
    let token = token_of(&app, &relay.next().await.text);

    let uses = (0..8).map(|number| {
        let input = json!({ "token": token, "newPassword": format!("{OTHER_PASSWORD}-{number}") });
        let anonymous = app.anonymous();
        async move { anonymous.does("recoverPassword", input).await }
    });
    let answers = futures_util::future::join_all(uses).await;

    assert_eq!(refusals(&answers), ["InvalidLink"; 7]);
    let winner = answers.iter().position(crate::support::Answer::is_granted).expect("one worked");
    app.anonymous().signs_in(&acme.owner.email, &format!("{OTHER_PASSWORD}-{winner}")).await.granted();
}

#[tokio::test]
async fn a_new_password_or_address_or_none_at_all_ends_the_links_that_were_mailed() {
    let (app, mut relay) = with_mail().await;
    let acme = app.account(1).await;
    let people: [Person; 3] = [acme.inactive("bob").await, acme.inactive("cy").await, acme.inactive("dan").await];
    let mut tokens = Vec::new();
    for person in &people {
        asks_for_recovery(&app.anonymous(), &person.email).await;
        tokens.push(token_of(&app, &relay.next().await.text));
    }

    people[0].changes_password(PASSWORD, OTHER_PASSWORD).await.granted();
    acme.owner.updates(&people[1], json!({ "email": "cyrus@acme.example" })).await.granted();
    acme.owner.removes(&people[2]).await.granted();

    for token in tokens {
        assert_eq!(recovers(&app, &token, "another-fine-pass-phrase").await, ["token: InvalidLink"]);
    }
}

#[tokio::test]
async fn recovery_refuses_an_invalid_address() {
    let app = TestApp::start().await;
    for email in ["", "ada", "a@b@c", "a\0@acme.example", &format!("{}@acme.example", "a".repeat(300))] {
        let answer = app.anonymous().does("requestPasswordRecovery", json!({ "email": email })).await;
        assert_eq!(answer.faults(), ["email: InvalidInput"], "{email:.40}");
    }
}

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

#[tokio::test]
async fn a_session_that_ended_during_a_request_cannot_act() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let bob = acme.inactive("bob").await;
    // A long-running document keeps the proof that it got at its start.
    let signed_in = deskbell::session::rules::authenticate(app.app(), acme.owner.token.as_deref().expect("signed in"))
        .await
        .expect("the database answers");
    let proof = deskbell::access::viewer::Viewer::Operator(signed_in.expect("the session is valid"))
        .may()
        .expect("full access");
    deskbell::operator::rules::deactivate(app.app(), &proof, Some(bob.db_key())).await.expect("the session is valid");

    acme.owner.signs_out().await;

    let late = deskbell::operator::rules::deactivate(app.app(), &proof, Some(bob.db_key())).await;
    assert!(matches!(late, Err(Failure::Denied(Denied::Unauthenticated))), "{late:?}");
}

#[tokio::test]
async fn using_a_link_shows_no_more_when_signed_in_as_another_operator() {
    let (app, mut relay) = with_mail().await;
    let (acme, other) = (app.account(1).await, app.account(1).await);
    asks_for_recovery(&acme.owner, &acme.owner.email).await;
    let token = token_of(&app, &relay.next().await.text);

    let input = json!({ "token": token, "newPassword": "nine-herons-paint-ladders" });
    let query = "mutation($input: RecoverPasswordInput!) { recoverPassword(input: $input) { viewer { name email lastSeenAt isInvited } } }";
    let used = other.owner.run(query, json!({ "input": input })).await;
    assert_eq!(
        used.at("recoverPassword.viewer"),
        &json!({ "name": "Olive Owner", "email": null, "lastSeenAt": null, "isInvited": null })
    );
}
