//! Cookies, and the pages that may use them.

use deskbell::config::{Rate, Rates};
use serde_json::{Value, json};

use super::{OTHER_PASSWORD, cookies_of, who};
use crate::support::{Answer, PASSWORD, TestApp, person::mutation, process::Folder};

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
            ("recoverPassword", json!({ "token": "dbl_x", "newPassword": OTHER_PASSWORD, "transport": transport })),
            ("renewInvitation", json!({ "token": "dbl_x" })),
        ] {
            let what = format!("{name} {transport}");
            foreign(&page.does(name, input.clone()).await, &what);
            let variables = json!({ "input": input });
            foreign(&page.watches(&mutation(name), variables.clone()).await.next().await, &what);
            foreign(&page.listens(&mutation(name), variables).await.next().await, &what);
        }
    }
    foreign(&page.reads("{ invitationLink(token: \"dbl_x\") { state } }").await, "invitationLink");
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
