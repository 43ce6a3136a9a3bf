//! A wall clock that is adjusted while the server runs: back by hours, or far ahead for a while.

use chrono::{DateTime, TimeDelta, Utc};
use deskbell::{app::App, serve::Sweeper};
use entity::{MailId, address_link, device, mail, operator, password_link, session};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, PaginatorTrait, QueryOrder};
use serde_json::json;

use crate::support::{PASSWORD, TestApp, eventually, smtp::SmtpSink};

/// Adds a mail to the only operator to the queue, as if by an earlier process.
async fn db_queue(app: &App, attempts: i32, due_at: DateTime<Utc>, failed_at: Option<DateTime<Utc>>) {
    let owner = operator::Entity::find().one(app.db()).await.expect("the database answers").expect("an owner");
    let row = mail::ActiveModel {
        id: Set(MailId::new()),
        kind: Set(mail::Kind::PasswordChanged),
        operator_id: Set(Some(owner.id)),
        attempts: Set(attempts),
        due_at: Set(due_at),
        created_at: Set(due_at),
        failed_at: Set(failed_at),
        ..Default::default()
    };
    let work = app.begin().await.expect("a transaction");
    row.insert(&*work).await.expect("a row");
    work.commit().await.expect("committed");
}

/// The number of sessions, links and mails.
async fn db_rows(app: &App) -> [u64; 3] {
    let counts = [
        session::Entity::find().count(app.db()).await,
        password_link::Entity::find().count(app.db()).await,
        mail::Entity::find().count(app.db()).await,
    ];
    counts.map(|count| count.expect("the database answers"))
}

#[tokio::test]
async fn a_clock_that_is_set_back_refuses_no_sign_in_and_delays_no_mail() {
    let mut relay = SmtpSink::start().await;
    let app = TestApp::start_with(|config| {
        config.rate_limits.enabled = true;
        config.mail.smtp = Some(relay.url().parse().expect("a URL"));
    })
    .await;
    let acme = app.account_named("acme", 1).await;
    let clock = &app.app().clock;
    clock.advance(TimeDelta::hours(3));
    acme.owner.elsewhere().await;

    let before = clock.now();
    clock.set_wall(TimeDelta::hours(-2));
    for _ in 0..5 {
        acme.owner.elsewhere().await;
    }
    // One was queued before the clock was set back, the other was deferred.
    db_queue(app.app(), 0, before, None).await;
    db_queue(app.app(), 1, before + TimeDelta::seconds(10), None).await;
    for _ in 0..2 {
        assert_eq!(relay.next().await.to, "owner@acme.example");
    }
    eventually("an empty queue", async || db_rows(app.app()).await[2] == 0).await;

    // Mails that were deferred by the current clock wait until they are due, and so do those that a
    // server whose clock is ahead is sending.
    let now = clock.now();
    db_queue(app.app(), 1, now + TimeDelta::seconds(10), None).await;
    db_queue(app.app(), 1, now + TimeDelta::minutes(6), None).await;
    db_queue(app.app(), 14, now + TimeDelta::hours(6), None).await;
    // The last one is sent after all that are due.
    db_queue(app.app(), 0, now + TimeDelta::hours(7), None).await;
    relay.next().await;
    eventually("the last mail", async || db_rows(app.app()).await[2] <= 3).await;
    let waiting =
        mail::Entity::find().order_by_asc(mail::Column::DueAt).all(app.app().db()).await.expect("the database answers");
    assert_eq!(waiting.iter().map(|mail| mail.attempts).collect::<Vec<_>>(), [1, 1, 14]);
}

/// Sweeps now and an hour later.
async fn sweeps_for_an_hour(sweeper: &mut Sweeper, app: &App) {
    for minutes in [0, 61] {
        app.clock.advance(TimeDelta::minutes(minutes));
        sweeper.sweep(app).await;
    }
}

#[tokio::test]
async fn a_clock_that_is_ahead_for_a_while_deletes_nothing_and_rows_that_expired_a_day_ago_are_deleted() {
    let relay =
        SmtpSink::answering(|line| line.starts_with("RCPT TO:<nobody@").then_some("550 5.1.1 no such user")).await;
    let server = TestApp::start_with(|config| {
        config.mail.smtp = Some(relay.url().parse().expect("a URL"));
        // All links expire at the same time.
        config.password.recovery_ttl = config.password.invitation_ttl;
    })
    .await;
    let (acme, app) = (server.account_named("acme", 1).await, server.app());
    for name in ["invited", "nobody"] {
        acme.owner
            .does("addOperator", json!({ "name": name, "email": format!("{name}@acme.example") }))
            .await
            .granted();
    }
    server.anonymous().does("requestPasswordRecovery", json!({ "email": acme.owner.email })).await.granted();
    eventually("all mails sent, one failed", async || {
        let mails = mail::Entity::find().all(app.db()).await.expect("the database answers");
        matches!(&mails[..], [mail] if mail.failed_at.is_some())
    })
    .await;
    assert_eq!(db_rows(app).await, [1, 3, 1], "both invitations and the recovery have a link");

    let mut sweeper = Sweeper::default();
    let me = async || acme.owner.run("{ viewer { name } }", json!({})).await.body["data"]["viewer"]["name"].clone();
    sweeper.sweep(app).await;
    app.clock.set_wall(TimeDelta::days(400));
    for _ in 0..59 {
        sweeper.sweep(app).await;
        app.clock.advance(TimeDelta::minutes(1));
    }
    assert_eq!(me().await, json!(null), "it has expired by that clock");
    app.clock.set_wall(TimeDelta::days(-400));
    for _ in 0..62 {
        sweeper.sweep(app).await;
        app.clock.advance(TimeDelta::minutes(1));
    }
    assert_eq!(db_rows(app).await, [1, 3, 1]);
    assert_eq!(me().await, "Olive Owner");

    // The session has been idle for days; the links expired less than a day ago.
    app.clock.advance(TimeDelta::days(7) + TimeDelta::hours(20));
    sweeps_for_an_hour(&mut sweeper, app).await;
    assert_eq!(db_rows(app).await, [0, 3, 1]);
    app.clock.advance(TimeDelta::hours(4));
    sweeper.sweep(app).await;
    assert_eq!(db_rows(app).await, [0, 3, 1], "seen for the first time");
    sweeps_for_an_hour(&mut sweeper, app).await;
    assert_eq!(db_rows(app).await, [0, 2, 1], "invitations can be renewed for 30 days");
    let version = server.db_version(&acme).await;
    app.clock.advance(TimeDelta::days(31));
    sweeps_for_an_hour(&mut sweeper, app).await;
    assert_eq!(db_rows(app).await, [0, 0, 1], "operators see the failure as long as the operator is invited");
    assert_eq!(server.db_version(&acme).await, version);
}

#[tokio::test]
async fn devices_and_links_about_addresses_are_deleted_as_well() {
    let relay = SmtpSink::start().await;
    let server = TestApp::start_with(|config| config.mail.smtp = Some(relay.url().parse().expect("a URL"))).await;
    let (acme, app) = (server.account_named("acme", 1).await, server.app());
    server.anonymous().does("signIn", json!({ "email": acme.owner.email, "password": PASSWORD })).await.granted();
    let rows = async || {
        let counts = [device::Entity::find().count(app.db()).await, address_link::Entity::find().count(app.db()).await];
        counts.map(|count| count.expect("the database answers"))
    };
    eventually("the mail with the owner's link", async || db_rows(app).await[2] == 0 && rows().await == [1, 1]).await;
    let mut sweeper = Sweeper::default();
    for (days, left) in [(6, [1, 1]), (3, [1, 0]), (80, [1, 0]), (3, [0, 0])] {
        app.clock.advance(TimeDelta::days(days));
        sweeps_for_an_hour(&mut sweeper, app).await;
        assert_eq!(rows().await, left, "after {days} more days");
    }
}

#[tokio::test]
async fn a_step_of_the_sweeper_that_fails_keeps_none_of_the_others() {
    let server = TestApp::start().await;
    server.account(1).await;
    let (app, mut sweeper) = (server.app(), Sweeper::default());
    let long_ago = app.clock.now() - TimeDelta::days(60);
    db_queue(app, 3, long_ago, Some(long_ago)).await;

    // The table of the first step is missing.
    let work = app.begin().await.expect("a transaction");
    work.execute_unprepared("ALTER TABLE session RENAME TO session_away").await.expect("renamed");
    work.commit().await.expect("committed");
    sweeps_for_an_hour(&mut sweeper, app).await;
    assert_eq!(mail::Entity::find().count(app.db()).await.expect("the database answers"), 0);
}
