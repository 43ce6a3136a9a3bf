//! Signing in and out, sessions and their lifetimes, passwords and their recovery, and rate limits.

mod connected;
mod cookie;
mod limits;
mod password;
mod recovery;
mod session;

use serde_json::json;

use crate::support::{PASSWORD, Person, TestApp, smtp::SmtpSink};

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

/// The cookies that a sign-in sets, as a browser sends them back.
async fn cookies_of(person: &Person, email: &str) -> String {
    let answer = person.does("signIn", json!({ "email": email, "password": PASSWORD })).await.granted();
    let pair = |cookie: Option<&str>| cookie.expect("a cookie").split("; ").next().expect("a pair").to_owned();
    format!("{}; {}", pair(answer.set_cookie()), pair(answer.device_cookie()))
}

/// A server with a relay that records its mail.
async fn with_mail() -> (TestApp, SmtpSink) {
    let relay = SmtpSink::start().await;
    let app = TestApp::start_with(|config| config.mail.smtp = Some(relay.url().parse().expect("a URL"))).await;
    (app, relay)
}
