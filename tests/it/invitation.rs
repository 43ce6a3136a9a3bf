//! The page of an invitation: what it shows before a password is typed, a new link for one that has
//! expired, and a session once the password is set.

use chrono::TimeDelta;
use deskbell::{
    app::App,
    config::{Config, Rate},
    login::letters::Letters,
    mail::worker::Writer as _,
    serve::Sweeper,
};
use entity::{MailId, device, mail, password_link, session};
use futures_util::future::join_all;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use crate::support::{
    Account, Answer, PASSWORD, Person, TestApp, eventually, granted, refusals,
    smtp::{Mail, SmtpSink},
};

const OTHER_PASSWORD: &str = "nine-herons-paint-ladders";

/// Longer than an invitation is valid.
const EIGHT_DAYS: TimeDelta = TimeDelta::days(8);

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
    let link = format!("/{page}#token=");
    let (_, rest) = mail.text.split_once(&link).unwrap_or_else(|| panic!("no link to {page} in {}", mail.text));
    rest.split_whitespace().next().expect("a token").to_owned()
}

/// Invites an operator, and waits until the mail is sent: a mail in flight is sent again when its
/// lease expires.
async fn invites(app: &TestApp, relay: &mut SmtpSink, owner: &Person, email: &str) -> (String, Person) {
    let added = owner.does("addOperator", json!({ "name": "Eve", "email": email })).await.granted();
    let token = next_invitation(app, relay, email).await;
    (token, owner.server().known(&added.payload()["operator"]))
}

async fn next_invitation(app: &TestApp, relay: &mut SmtpSink, email: &str) -> String {
    loop {
        let mail = relay.next().await;
        if mail.to == email {
            app.all_is_sent().await;
            return token_of(&mail, "accept-invitation");
        }
    }
}

async fn db_mails(app: &App) -> u64 {
    mail::Entity::find().count(app.db()).await.expect("the database answers")
}

async fn db_links(app: &App) -> u64 {
    password_link::Entity::find().count(app.db()).await.expect("the database answers")
}

async fn db_sessions_of(app: &App, person: &Person) -> u64 {
    let sessions = session::Entity::find().filter(session::COLUMN.operator_id.eq(person.db_key()));
    sessions.count(app.db()).await.expect("the database answers")
}

const LOOK: &str = "query($token: String!) { invitationLink(token: $token) {
    state link { effect accountName operatorName inviterName email isEmailTaken } } }";

async fn asks(person: &Person, token: &str) -> Answer {
    person.run(LOOK, json!({ "token": token })).await
}

/// What the page of an invitation shows.
async fn looks(person: &Person, token: &str) -> Value {
    asks(person, token).await.at("invitationLink").clone()
}

async fn renews(person: &Person, token: &str) -> Answer {
    person.does("renewInvitation", json!({ "token": token })).await
}

const ACCEPT: &str = "mutation($input: RecoverPasswordInput!) { recoverPassword(input: $input) {
    token viewer { name email isActive } userErrors { __typename ... on UserError { message path } } } }";

/// Sets a password, and is signed in with this transport.
async fn accepts(person: &Person, token: &str, transport: Value) -> Answer {
    let input = json!({ "token": token, "newPassword": OTHER_PASSWORD, "transport": transport });
    person.run(ACCEPT, json!({ "input": input })).await
}

/// The owner in a new session: the previous one has expired.
async fn returns(app: &TestApp, acme: &Account) -> Person {
    let mut owner = app.anonymous();
    owner.signs_in(&acme.owner.email, PASSWORD).await.granted();
    owner
}

#[tokio::test]
async fn a_server_that_claimed_a_mail_before_it_was_replaced_leaves_the_newer_link() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account(1).await;
    let (token, eve) = invites(&app, &mut relay, &acme.owner, "eve@acme.example").await;
    let now = app.app().clock.now();
    // It waited for the account, and then its row was gone.
    let claimed = mail::Model {
        id: MailId::new(),
        kind: mail::Kind::Invitation,
        operator_id: Some(eve.db_key()),
        sender_id: None,
        address: None,
        attempts: 0,
        due_at: now,
        created_at: now,
        failed_at: None,
        last_error: None,
        failure: None,
        cause: None,
        retry_at: None,
        language: mail::Language::En,
    };

    let mut work = app.app().begin().await.expect("a transaction");
    let written = Letters.write(app.app(), &mut work, &claimed).await.expect("the database answers");
    work.commit().await.expect("committed");

    assert!(written.is_none());
    assert_eq!(looks(&app.anonymous(), &token).await["state"], "VALID");
}

fn expired() -> Value {
    json!({ "state": "EXPIRED", "link": null })
}

#[tokio::test]
async fn the_page_of_an_invitation_shows_who_invites_and_an_expired_one_only_that_it_is() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let (acme, other) = (app.account_named("acme", 1).await, app.account(1).await);
    let (token, _) = invites(&app, &mut relay, &acme.owner, "eve@acme.example").await;
    let everyone = [app.anonymous(), acme.owner.clone(), other.owner.clone()];
    for person in &everyone {
        assert_eq!(
            looks(person, &format!("{token}%3E")).await,
            json!({ "state": "VALID", "link": {
                "effect": "ACCEPT_INVITATION", "accountName": "acme", "operatorName": "Eve",
                "inviterName": "Olive Owner", "email": "eve@acme.example", "isEmailTaken": false
            } })
        );
    }
    let cut = &token[..token.len() - 1];
    for unknown in ["", "dbl_x", cut, &format!("dbl_{}", "A".repeat(43)), &token.to_uppercase(), &"t".repeat(60_000)] {
        assert_eq!(looks(&app.anonymous(), unknown).await, Value::Null, "{unknown:.60}");
    }

    app.later(TimeDelta::days(7));
    for person in [app.anonymous(), returns(&app, &acme).await, returns(&app, &other).await] {
        assert_eq!(looks(&person, &token).await, expired());
    }
    let set = accepts(&app.anonymous(), &token, json!("TOKEN")).await;
    assert_eq!(set.faults(), ["token: InvalidLink"], "an expired link sets no password");
    let seen = app
        .anonymous()
        .run("query($token: String!) { mailedLink(token: $token) { email } }", json!({ "token": token }))
        .await;
    assert_eq!(seen.at("mailedLink"), &Value::Null);
}

#[tokio::test]
async fn only_invitations_that_can_be_accepted_or_renewed_have_a_page() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account_named("acme", 1).await;
    app.anonymous().does("requestPasswordRecovery", json!({ "email": acme.owner.email })).await.granted();
    let recovery = loop {
        let mail = relay.next().await;
        if mail.text.contains("recover-password") {
            break token_of(&mail, "recover-password");
        }
    };
    let mut tokens = vec![recovery];
    let (used, _) = invites(&app, &mut relay, &acme.owner, "used@acme.example").await;
    accepts(&app.anonymous(), &used, Value::Null).await.granted();
    let (replaced, eve) = invites(&app, &mut relay, &acme.owner, "replaced@acme.example").await;
    acme.owner.does("inviteOperator", json!({ "operatorId": eve.id })).await.granted();
    next_invitation(&app, &mut relay, "replaced@acme.example").await;
    let (moved, eve) = invites(&app, &mut relay, &acme.owner, "moved@acme.example").await;
    acme.owner.updates(&eve, json!({ "email": "elsewhere@acme.example" })).await.granted();
    let (removed, eve) = invites(&app, &mut relay, &acme.owner, "removed@acme.example").await;
    acme.owner.removes(&eve).await.granted();
    tokens.extend([used, replaced, moved, removed]);
    app.all_is_sent().await;

    for later in [TimeDelta::zero(), EIGHT_DAYS] {
        app.later(later);
        for token in &tokens {
            assert_eq!(looks(&app.anonymous(), token).await, Value::Null);
            assert_eq!(renews(&app.anonymous(), token).await.faults(), ["token: InvalidLink"]);
        }
    }
    assert_eq!(db_mails(app.app()).await, 0);
}

#[tokio::test]
async fn an_expired_invitation_is_exchanged_for_one_mail_to_the_same_address() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account_named("acme", 1).await;
    let (token, eve) = invites(&app, &mut relay, &acme.owner, "eve@acme.example").await;
    assert_eq!(renews(&app.anonymous(), &token).await.faults(), ["token: InvalidLink"], "it still works");
    app.later(EIGHT_DAYS);
    assert_eq!(renews(&app.anonymous(), &token[..20]).await.faults(), ["token: IncompleteLink"]);

    let version = app.db_version(&acme).await;
    renews(&app.anonymous(), &format!("{token}.")).await.granted();
    let mail = relay.next().await;
    assert_eq!(mail.to, "eve@acme.example");
    assert!(mail.text.contains("Olive Owner"), "the inviter is the same: {}", mail.text);
    assert_eq!(app.db_version(&acme).await, version + 1);
    app.all_is_sent().await;
    assert_eq!(looks(&app.anonymous(), &token).await, Value::Null, "the newer one replaces it");
    assert_eq!(renews(&app.anonymous(), &token).await.faults(), ["token: InvalidLink"]);

    let renewed = token_of(&mail, "accept-invitation");
    assert_eq!(looks(&app.anonymous(), &renewed).await["state"], "VALID");
    accepts(&app.anonymous(), &renewed, Value::Null).await.granted();
    app.anonymous().signs_in(&eve.email, OTHER_PASSWORD).await.granted();
}

#[tokio::test]
async fn an_invitation_that_is_renewed_concurrently_sends_one_mail() {
    let (app, mut relay) = with_mail(|config| config.http.max_client_executing = 1_000).await;
    let acme = app.account_named("acme", 1).await;
    let (token, _) = invites(&app, &mut relay, &acme.owner, "eve@acme.example").await;
    app.later(EIGHT_DAYS);

    let clicks = (0..8).map(|_| {
        let (anonymous, token) = (app.anonymous(), token.clone());
        async move { renews(&anonymous, &token).await }
    });
    let answers = join_all(clicks).await;

    // A click that comes after the mail was sent finds that the link was replaced.
    assert!(granted(&answers) >= 1);
    assert!(refusals(&answers).iter().all(|refusal| *refusal == "InvalidLink"), "{answers:#?}");
    next_invitation(&app, &mut relay, "eve@acme.example").await;
    // Mails are sent in their order, so a second one would come first.
    let (_, _) = invites(&app, &mut relay, &returns(&app, &acme).await, "bob@acme.example").await;
    assert_eq!(db_links(app.app()).await, 2);
}

#[tokio::test]
async fn nothing_is_added_while_an_invitation_waits_and_a_failed_one_is_replaced() {
    // A relay that is down at first, and rejects the recipient later.
    let relay = SmtpSink::answering(|line| line.starts_with("RCPT TO:<down@").then_some("451 4.3.0 try later")).await;
    let app = TestApp::start_with(|config| config.mail.smtp = Some(relay.url().parse().expect("a URL"))).await;
    let acme = app.account_named("acme", 1).await;
    acme.owner.does("addOperator", json!({ "name": "Eve", "email": "down@acme.example" })).await.granted();
    let row =
        async || mail::Entity::find().filter(mail::COLUMN.kind.eq(mail::Kind::Invitation)).all(app.app().db()).await;
    eventually("a first attempt", async || row().await.expect("rows").iter().any(|mail| mail.attempts > 0)).await;
    let before = row().await.expect("rows");

    // The link of a mail that was perhaps delivered.
    let token = format!("dbl_{}", "B".repeat(43));
    db_link(&app, &before[0], &token).await;
    assert_eq!(looks(&app.anonymous(), &token).await, expired());
    renews(&app.anonymous(), &token).await.granted();
    let ids = |rows: &[mail::Model]| rows.iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(ids(&row().await.expect("rows")), ids(&before), "the same mail waits");

    db_abandon(&app, &before[0]).await;
    renews(&app.anonymous(), &token).await.granted();
    let after = row().await.expect("rows");
    assert_eq!((after.len(), after[0].id == before[0].id), (1, false), "the problem is over");
}

/// Adds the expired link of a mail, with a known token.
async fn db_link(app: &TestApp, mail: &mail::Model, token: &str) {
    use sea_orm::{ActiveModelTrait, ActiveValue::Set};
    let now = app.app().clock.now();
    let link = password_link::ActiveModel {
        token_hash: Set(deskbell::access::token::hash(token)),
        operator_id: Set(mail.operator_id.expect("an operator")),
        purpose: Set(password_link::Purpose::Invitation),
        mail_id: Set(mail.id),
        created_at: Set(now - EIGHT_DAYS),
        expires_at: Set(now),
    };
    let work = app.app().begin().await.expect("a transaction");
    link.insert(&*work).await.expect("a row");
    work.commit().await.expect("committed");
}

/// Abandons a mail, as after its last attempt.
async fn db_abandon(app: &TestApp, mail: &mail::Model) {
    use sea_orm::sea_query::Expr;
    let work = app.app().begin().await.expect("a transaction");
    mail::Entity::update_many()
        .col_expr(mail::Column::FailedAt, Expr::value(Some(app.app().clock.now())))
        .filter(mail::COLUMN.id.eq(mail.id))
        .exec(&*work)
        .await
        .expect("the database answers");
    work.commit().await.expect("committed");
}

#[tokio::test]
async fn an_expired_invitation_is_kept_for_thirty_days() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account_named("acme", 1).await;
    let (token, _) = invites(&app, &mut relay, &acme.owner, "eve@acme.example").await;
    let mut sweeper = Sweeper::default();
    let mut sweeps_for_an_hour = async || {
        for minutes in [0, 61] {
            app.later(TimeDelta::minutes(minutes));
            sweeper.sweep(app.app()).await;
        }
    };
    app.later(TimeDelta::days(7 + 30) - TimeDelta::hours(3));
    sweeps_for_an_hour().await;
    assert_eq!((looks(&app.anonymous(), &token).await, db_links(app.app()).await), (expired(), 1));

    app.later(TimeDelta::hours(3));
    assert_eq!(looks(&app.anonymous(), &token).await, Value::Null);
    assert_eq!(renews(&app.anonymous(), &token).await.faults(), ["token: InvalidLink"]);
    app.later(TimeDelta::days(1));
    sweeps_for_an_hour().await;
    assert_eq!(db_links(app.app()).await, 0);
}

/// A server behind a proxy of this machine, with limits.
async fn limited(set: impl FnOnce(&mut Config)) -> (TestApp, SmtpSink) {
    with_mail(|config| {
        config.rate_limits.enabled = true;
        config.rate_limits.recovery.client = Rate::of(3, 60);
        config.http.trusted_proxies = vec!["127.0.0.1".parse::<std::net::IpAddr>().expect("an address").into()];
        set(config);
    })
    .await
}

fn at(app: &TestApp, number: u32) -> Person {
    app.anonymous().with_header("x-forwarded-for", &format!("192.0.2.{number}"))
}

#[tokio::test]
async fn a_client_looks_at_few_links_and_requests_few() {
    let (app, mut relay) = limited(|_| {}).await;
    let acme = app.account_named("acme", 1).await;
    let (token, _) = invites(&app, &mut relay, &acme.owner, "eve@acme.example").await;
    app.later(EIGHT_DAYS);
    for tried in ["dbl_x", "t", &format!("dbl_{}", "A".repeat(43))] {
        assert_eq!(looks(&at(&app, 1), tried).await, Value::Null);
        assert!(!renews(&at(&app, 2), tried).await.refusals().contains(&"TooManyAttempts"));
    }
    // Refused before the link is read: the token makes no difference.
    for token in [token.as_str(), "dbl_x"] {
        assert_eq!(asks(&at(&app, 1), token).await.code(), "TOO_MANY_REQUESTS");
        assert_eq!(renews(&at(&app, 2), token).await.refusals(), ["TooManyAttempts"]);
    }
    assert_eq!(db_mails(app.app()).await, 0);
    assert_eq!(looks(&at(&app, 3), &token).await, expired(), "another client is not limited");
}

#[tokio::test]
async fn renewed_invitations_count_for_the_inbox_and_for_the_account() {
    let (app, mut relay) = limited(|config| {
        config.rate_limits.invitation.address = Rate::of(1, 3600);
        config.rate_limits.invitation_account = Rate::of(3, 100 * 86_400);
    })
    .await;
    let acme = app.account_named("acme", 1).await;
    let mut tokens = Vec::new();
    for name in ["eve", "bob"] {
        tokens.push(invites(&app, &mut relay, &acme.owner, &format!("{name}@acme.example")).await.0);
    }
    app.later(EIGHT_DAYS);
    renews(&at(&app, 1), &tokens[0]).await.granted();
    next_invitation(&app, &mut relay, "eve@acme.example").await;
    // Eve's inbox has its mail, and the account has sent three.
    let owner = returns(&app, &acme).await.with_header("x-forwarded-for", "192.0.2.2");
    let input = json!({ "name": "Eva", "email": "eve+2@acme.example" });
    assert_eq!(owner.does("addOperator", input).await.refusals(), ["TooManyAttempts"]);
    assert_eq!(renews(&at(&app, 3), &tokens[1]).await.refusals(), ["TooManyAttempts"]);
    app.all_is_sent().await;
    assert_eq!(looks(&at(&app, 4), &tokens[1]).await, expired(), "it is not used up");
}

#[tokio::test]
async fn an_invited_operator_is_signed_in_with_the_transport_of_the_input() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account_named("acme", 1).await;

    let (token, _) = invites(&app, &mut relay, &acme.owner, "eve@acme.example").await;
    let weak = json!({ "token": token, "newPassword": "short", "transport": "COOKIE" });
    let refused = app.anonymous().run(ACCEPT, json!({ "input": weak })).await;
    assert_eq!((refused.faults(), refused.set_cookie()), (vec!["newPassword: WeakPassword".to_owned()], None));
    let entered = accepts(&app.anonymous(), &token, json!("COOKIE")).await.granted();
    let viewer = json!({ "name": "Eve", "email": "eve@acme.example", "isActive": false });
    assert_eq!(entered.payload()["viewer"], viewer, "resolved with the operator's permissions");
    assert_eq!(entered.payload()["token"], Value::Null);
    let pair = |cookie: Option<&str>| cookie.expect("a cookie").split("; ").next().expect("a pair").to_owned();
    let cookies = format!("{}; {}", pair(entered.set_cookie()), pair(entered.device_cookie()));
    let browser = app.anonymous().with_cookie(&cookies).with_header("origin", &app.url());
    assert_eq!(browser.reads("{ viewer { name } }").await.at("viewer.name"), "Eve");

    // In a browser that is signed in to another account.
    let other = app.account(1).await;
    let (token, _) = invites(&app, &mut relay, &acme.owner, "fay@acme.example").await;
    let mut fay = other.owner.clone();
    let entered = accepts(&fay, &token, json!("TOKEN")).await.granted();
    assert_eq!(entered.payload()["viewer"]["email"], "fay@acme.example");
    assert!(entered.set_cookie().is_none() && entered.device_cookie().is_some());
    fay.token = Some(entered.token().to_owned());
    assert_eq!(fay.reads("{ viewer { email } }").await.at("viewer.email"), "fay@acme.example");
    assert_eq!(other.owner.reads("{ viewer { name } }").await.at("viewer.name"), "Olive Owner");

    // Without a transport, as before.
    let (token, gus) = invites(&app, &mut relay, &acme.owner, "gus@acme.example").await;
    let set = accepts(&app.anonymous(), &token, Value::Null).await.granted();
    assert_eq!((&set.payload()["token"], set.set_cookie()), (&Value::Null, None));
    assert_eq!(set.payload()["viewer"]["email"], Value::Null);
    assert_eq!(db_sessions_of(app.app(), &gus).await, 0);
}

#[tokio::test]
async fn the_device_of_an_invited_operator_belongs_to_the_session() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account_named("acme", 1).await;
    let (token, eve) = invites(&app, &mut relay, &acme.owner, "eve@acme.example").await;
    accepts(&app.anonymous(), &token, json!("COOKIE")).await.granted();
    let devices = device::Entity::find().filter(device::COLUMN.operator_id.eq(eve.db_key())).all(app.app().db()).await;
    let sessions =
        session::Entity::find().filter(session::COLUMN.operator_id.eq(eve.db_key())).all(app.app().db()).await;
    let (devices, sessions) = (devices.expect("rows"), sessions.expect("rows"));
    let hashes: Vec<_> = devices.into_iter().map(|device| Some(device.token_hash)).collect();
    assert_eq!(sessions.into_iter().map(|session| session.device_hash).collect::<Vec<_>>(), hashes);
    assert_eq!(hashes.len(), 1);
}

#[tokio::test]
async fn a_recovery_signs_no_one_in_whatever_the_transport() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account_named("acme", 1).await;
    // An invited operator who requests a password gets a recovery link as well.
    let (_, eve) = invites(&app, &mut relay, &acme.owner, "eve@acme.example").await;
    for (person, transport) in [(&acme.owner, "COOKIE"), (&eve, "TOKEN")] {
        app.anonymous().does("requestPasswordRecovery", json!({ "email": person.email })).await.granted();
        let mail = loop {
            let mail = relay.next().await;
            if mail.text.contains("recover-password") {
                break mail;
            }
        };
        let token = token_of(&mail, "recover-password");
        let set = accepts(&app.anonymous(), &token, json!(transport)).await.granted();
        assert_eq!((&set.payload()["token"], set.set_cookie()), (&Value::Null, None), "{transport}");
        assert_eq!(set.payload()["viewer"]["email"], Value::Null, "{transport}");
        assert!(set.device_cookie().is_some(), "{transport}");
        assert_eq!(db_sessions_of(app.app(), person).await, 0, "{transport}");
    }
}

#[tokio::test]
async fn a_cookie_over_a_socket_is_refused_before_the_link_is_used() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account_named("acme", 1).await;
    let (token, eve) = invites(&app, &mut relay, &acme.owner, "eve@acme.example").await;
    let input =
        |transport: &str| json!({ "input": { "token": token, "newPassword": OTHER_PASSWORD, "transport": transport } });
    let refused = app.anonymous().watches(ACCEPT, input("COOKIE")).await.next().await;
    assert_eq!(refused.code(), "BAD_USER_INPUT");
    assert_eq!(looks(&app.anonymous(), &token).await["state"], "VALID");

    let entered = app.anonymous().watches(ACCEPT, input("TOKEN")).await.next().await;
    let mut person = app.anonymous();
    person.token = Some(entered.granted().token().to_owned());
    assert_eq!(person.reads("{ viewer { name } }").await.at("viewer.name"), "Eve");
    assert_eq!(db_sessions_of(app.app(), &eve).await, 1);
}

#[tokio::test]
async fn an_invitation_that_is_accepted_concurrently_starts_one_session() {
    let (app, mut relay) = with_mail(|_| {}).await;
    let acme = app.account_named("acme", 1).await;
    let (token, eve) = invites(&app, &mut relay, &acme.owner, "eve@acme.example").await;
    let uses = (0..8).map(|_| {
        let (anonymous, token) = (app.anonymous(), token.clone());
        async move { accepts(&anonymous, &token, json!("TOKEN")).await }
    });
    let answers = join_all(uses).await;
    assert_eq!(refusals(&answers), ["InvalidLink"; 7]);
    assert_eq!(db_sessions_of(app.app(), &eve).await, 1);
    let winner = answers.iter().find(|answer| answer.is_granted()).expect("one worked");
    let mut person = app.anonymous();
    person.token = Some(winner.token().to_owned());
    assert_eq!(person.reads("{ viewer { name } }").await.at("viewer.name"), "Eve");
}
