//! Sessions with open connections: the server reads them together, finds those that ended without
//! an event, and records the use of the others.

use std::time::Duration;

use chrono::TimeDelta;
use deskbell::{
    access::identity::SignedIn,
    bus::{Delivery, GONE, Topic},
    serve::Sweeper,
    session::{live::Live, poll::Poll, rules::authenticate},
};
use entity::{SessionId, operator, session};
use futures_util::{
    FutureExt as _,
    future::{BoxFuture, Fuse, FusedFuture as _},
};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait as _, EntityTrait, IntoActiveModel as _,
    QueryFilter as _, QuerySelect as _,
};

use crate::support::{Account, Person, TestApp, in_time, is_postgres};

/// Connections that depend on sessions, as sockets do, and a poll of their sessions.
struct Connections {
    live: Live,
    poll: Poll,
    open: Vec<(SessionId, Fuse<BoxFuture<'static, &'static str>>)>,
}

impl Connections {
    fn none() -> Self {
        let live = Live::default();
        Self { poll: Poll::new(live.clone()), live, open: Vec::new() }
    }

    fn open(&mut self, app: &TestApp, signed_in: &SignedIn) {
        self.open.push((signed_in.session_id(), self.live.ended(app.app(), signed_in).boxed().fuse()));
    }

    /// Opens a connection with the session of each of these people.
    async fn of(app: &TestApp, people: &[&Person]) -> Self {
        let mut connections = Self::none();
        for person in people {
            connections.open(app, &db_session(app, person).await);
        }
        app.is_idle().await;
        connections
    }

    /// Whether each connection has been closed because its session has ended.
    fn closed(&mut self) -> Vec<bool> {
        let is_closed = |ended: &mut Fuse<_>| ended.is_terminated() || ended.now_or_never().is_some();
        self.open.iter_mut().map(|(_, ended)| is_closed(ended)).collect()
    }

    /// Looks once, and returns the number of statements, those that record the use included.
    async fn look(&mut self, app: &TestApp) -> u64 {
        app.is_idle().await;
        let before = app.app().statements.get();
        self.poll.look(app.app()).await.expect("the database answers");
        app.is_idle().await;
        app.app().statements.get() - before
    }
}

/// A server that polls nothing by itself.
async fn quiet() -> TestApp {
    TestApp::start_with(|config| {
        config.mail.poll = Duration::from_hours(1);
        config.session.recheck = Duration::from_hours(1);
        config.session.lifetime = Duration::from_hours(20);
    })
    .await
}

async fn inactive(acme: &Account, count: usize) -> Vec<Person> {
    let mut people = Vec::new();
    for number in 0..count {
        people.push(acme.inactive(&format!("operator{number}")).await);
    }
    people
}

async fn db_session(app: &TestApp, person: &Person) -> SignedIn {
    let token = person.token.as_deref().expect("signed in");
    authenticate(app.app(), token).await.expect("the database answers").expect("the session is valid")
}

async fn db_write(app: &TestApp, statement: &str) {
    let work = app.app().begin().await.expect("a transaction");
    work.execute_unprepared(statement).await.expect("executed");
    work.commit().await.expect("committed");
}

async fn db_end(app: &TestApp, id: SessionId) {
    let work = app.app().begin().await.expect("a transaction");
    session::Entity::delete_by_id(id).exec(&*work).await.expect("deleted");
    work.commit().await.expect("committed");
}

#[tokio::test]
async fn the_sessions_of_fifty_operators_are_read_in_one_statement() {
    let app = quiet().await;
    let acme = app.account(1).await;
    let people = inactive(&acme, 50).await;
    let people: Vec<_> = people.iter().collect();
    let (mut few, mut many) = (Connections::of(&app, &people[..5]).await, Connections::of(&app, &people).await);
    assert_eq!(Connections::none().look(&app).await, 0, "without connections");
    assert_eq!((few.look(&app).await, many.look(&app).await), (1, 1));

    // The use of a session is recorded once a minute, for all of them together.
    let mut counts = Vec::new();
    for connections in [&mut few, &mut many] {
        app.later(TimeDelta::minutes(2));
        let now = app.app().clock.now();
        counts.push(connections.look(&app).await);
        for (id, _) in &connections.open {
            let (session, operator) = session::Entity::find_by_id(*id)
                .find_also_related(operator::Entity)
                .one(app.app().db())
                .await
                .expect("the database answers")
                .expect("the session");
            assert!(session.last_used_at >= now);
            assert!(operator.expect("its operator").last_seen_at.is_some_and(|seen| seen >= now));
        }
        counts.push(connections.look(&app).await);
    }
    assert_eq!(counts[..2], counts[2..], "statements for 5 and for 50 operators");
    assert_eq!(counts[1], 1, "just recorded");
    assert_eq!(many.closed(), [false; 50]);
}

#[tokio::test]
async fn a_statement_has_at_most_a_thousand_sessions() {
    let app = quiet().await;
    let acme = app.account(1).await;
    let bob = acme.inactive("bob").await;
    let row = app.db_operator(&bob).await;
    let first = db_session(&app, &bob).await;
    let template = session::Entity::find_by_id(first.session_id()).one(app.app().db()).await;
    let template = template.expect("the database answers").expect("the session").into_active_model();
    let work = app.app().begin().await.expect("a transaction");
    let mut ids = vec![first.session_id()];
    for _ in 0..1_000 {
        let id = SessionId::new();
        let copy = session::ActiveModel { id: Set(id), token_hash: Set(id.0.as_bytes().repeat(2)), ..template.clone() };
        copy.insert(&*work).await.expect("inserted");
        ids.push(id);
    }
    work.commit().await.expect("committed");

    let mut connections = Connections::none();
    for id in &ids {
        connections.open(&app, &SignedIn::new(*id, &row));
    }
    assert_eq!(connections.look(&app).await, 2, "for 1,001 sessions");
    db_end(&app, ids[1_000]).await;
    assert_eq!(connections.look(&app).await, 2);
    let closed = connections.closed();
    assert!(closed[1_000] && closed[..1_000].iter().all(|closed| !closed), "the others are valid");
}

#[tokio::test]
async fn a_session_that_ends_without_an_event_is_found() {
    let app = quiet().await;
    let acme = app.account(1).await;
    let (bob, cy) = (acme.inactive("bob").await, acme.inactive("cy").await);
    let elsewhere = bob.elsewhere().await;
    let mut connections = Connections::of(&app, &[&bob, &elsewhere, &cy]).await;
    connections.look(&app).await;
    assert_eq!(connections.closed(), [false, false, false]);

    // As another process does.
    db_end(&app, connections.open[0].0).await;
    connections.look(&app).await;
    assert_eq!(connections.closed(), [true, false, false]);

    // Open connections use their sessions, so these are not idle; they are too old after 20 hours.
    for _ in 0..2 {
        app.later(TimeDelta::hours(7));
        connections.look(&app).await;
        assert_eq!(connections.closed(), [true, false, false]);
    }
    app.later(TimeDelta::hours(7));
    connections.look(&app).await;
    assert_eq!(connections.closed(), [true, true, true]);
}

#[tokio::test]
async fn no_session_ends_because_the_sessions_cannot_be_read() {
    let app = quiet().await;
    let acme = app.account(1).await;
    let bob = acme.inactive("bob").await;
    let mut connections = Connections::of(&app, &[&bob]).await;

    db_write(&app, "ALTER TABLE session RENAME TO session_away").await;
    connections.poll.look(app.app()).await.expect_err("the table is missing");
    assert_eq!(connections.closed(), [false]);

    db_write(&app, "ALTER TABLE session_away RENAME TO session").await;
    connections.look(&app).await;
    assert_eq!(connections.closed(), [false]);
    db_end(&app, connections.open[0].0).await;
    connections.look(&app).await;
    assert_eq!(connections.closed(), [true]);
}

#[tokio::test]
async fn the_use_of_a_session_is_recorded_next_to_rows_that_are_locked() {
    if !is_postgres() {
        return;
    }
    let app = quiet().await;
    let acme = app.account(1).await;
    let (bob, cy) = (acme.inactive("bob").await, acme.inactive("cy").await);
    let mut connections = Connections::of(&app, &[&bob, &cy]).await;
    app.later(TimeDelta::minutes(2));
    let now = app.app().clock.now();

    let held = app.app().begin().await.expect("a transaction");
    let select = operator::Entity::find().filter(operator::COLUMN.id.eq(bob.db_key())).lock_exclusive();
    select.one(&*held).await.expect("the database answers").expect("the operator");
    connections.look(&app).await;
    let was_seen = async |person: &Person| app.db_operator(person).await.last_seen_at.is_some_and(|seen| seen >= now);
    assert_eq!((was_seen(&bob).await, was_seen(&cy).await), (false, true));

    drop(held);
    app.later(TimeDelta::minutes(2));
    connections.look(&app).await;
    assert!(was_seen(&bob).await);
}

#[tokio::test]
async fn the_sweeper_announces_the_end_of_each_session() {
    let app = quiet().await;
    let acme = app.account(1).await;
    let bob = acme.inactive("bob").await;
    let mut ended = app.app().bus.listen(Topic::Session(db_session(&app, &bob).await.session_id()));

    app.later(TimeDelta::days(9));
    let mut sweeper = Sweeper::default();
    for minutes in [0, 61] {
        app.later(TimeDelta::minutes(minutes));
        sweeper.sweep(app.app()).await;
    }
    assert_eq!(in_time("the end of the session", ended.next()).await, Delivery::Version(GONE));
}
