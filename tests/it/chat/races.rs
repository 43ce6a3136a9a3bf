//! Many people act in one conversation at once, and each outcome is one of those that are possible
//! one after the other.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use deskbell::{
    address::rules::{self as addresses, Gain},
    conversation::rules::{close_silent, repair},
    operator::queries as operators,
};
use futures_util::future::join_all;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::Scene;
use crate::support::{Answer, PASSWORD, Person, TestApp, chat::Visitor, eventually, is_postgres, smtp::SmtpSink};

/// How long the hunt for deadlocks lasts.
const HUNT: Duration = Duration::from_secs(8);
/// The most rounds until an operator was deactivated before and after a message.
const MOST_ROUNDS: usize = 400;
/// The address that two operators take from each other.
const ADDRESS: &str = "support@acme.example";
const PHOTO: &[u8] = include_bytes!("../../fixtures/photos/100x100.png");

fn position(log: &[String], line: &str) -> Option<usize> {
    log.iter().position(|other| other == line)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_ten_who_join_at_once_all_succeed_and_see_one_assignee() {
    let app = TestApp::start().await;
    let acme = app.account(10).await;
    let mut people = Vec::new();
    for number in 0..10 {
        people.push(acme.limited(&format!("op{number}")).await);
    }
    for round in 0..4 {
        let vera = Visitor::of(&acme);
        vera.writes("Hello").await.granted();
        let talk = vera.db_conversation(&app, &acme).await;

        let answers = join_all(people.iter().map(|person| person.joins(&talk))).await;

        let assignees: BTreeSet<_> = answers
            .into_iter()
            .map(|answer| answer.granted().payload()["conversation"]["assignee"]["name"].to_string())
            .collect();
        assert_eq!(assignees.len(), 1, "round {round}: {assignees:?}");
        let log = vera.log().await;
        let joined: BTreeSet<_> = log[1..].iter().collect();
        assert_eq!((log.len(), joined.len()), (11, 10), "round {round}: {log:?}");
        let first = assignees.first().expect("one").trim_matches('"');
        assert_eq!(log[1], format!("{first} joined"), "round {round}: the first is responsible");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_operator_who_is_deactivated_while_writing_has_left_or_never_joined() {
    let scene = Scene::begin().await;
    let (ada, bob) = (&scene.ada, &scene.bob);
    let mut outcomes = BTreeSet::new();
    let mut round = 0;
    while round < 24 || outcomes.len() < 2 {
        assert!(round < MOST_ROUNDS, "both orders occur: {outcomes:?}");
        let vera = Visitor::of(&scene.acme);
        vera.writes("Hello").await.granted();
        let talk = vera.db_conversation(&scene.app, &scene.acme).await;
        if round % 2 == 0 {
            bob.joins(&talk).await.granted();
        }

        let (sent, gone) = if round % 4 < 2 {
            tokio::join!(bob.answers(&talk, "Hi"), ada.deactivates(bob))
        } else {
            let (gone, sent) = tokio::join!(ada.deactivates(bob), bob.answers(&talk, "Hi"));
            (sent, gone)
        };

        gone.granted();
        let log = vera.log().await;
        assert_eq!(position(&log, "bob: Hi").is_some(), sent.is_granted(), "round {round}: {log:?}");
        if sent.is_granted() {
            assert!(position(&log, "bob: Hi") < position(&log, "bob left"), "round {round}: {log:?}");
        } else {
            assert_eq!(sent.refusals(), ["OperatorInactive"], "round {round}");
        }
        let joined = position(&log, "bob joined").is_some();
        assert_eq!(joined, position(&log, "bob left").is_some(), "round {round}: {log:?}");
        assert_eq!(ada.talk(&talk).await["participants"], json!([]), "round {round}");
        assert_eq!(ada.talk(&talk).await["assignee"], Value::Null, "round {round}");
        outcomes.insert(sent.is_granted());
        ada.activates(bob).await.granted();
        round += 1;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_message_and_a_close_at_once_come_one_after_the_other() {
    let scene = Scene::begin().await;
    let (ada, bob) = (&scene.ada, &scene.bob);
    for round in 0..16 {
        let vera = Visitor::of(&scene.acme);
        vera.writes("Hello").await.granted();
        let talk = vera.db_conversation(&scene.app, &scene.acme).await;
        bob.joins(&talk).await.granted();

        let (answered, written, closed) =
            tokio::join!(bob.answers(&talk, "Hi"), vera.writes("Still there?"), ada.closes(&talk));

        closed.granted();
        written.granted();
        let log = vera.log().await;
        let (closed, reopened) = (position(&log, "closed"), position(&log, "reopened"));
        let (answer, question) = (position(&log, "bob: Hi"), position(&log, "visitor: Still there?"));
        assert!(closed.is_some() && question.is_some(), "round {round}: {log:?}");
        // A visitor's message after the close reopens the conversation, just before the message.
        assert_eq!(question > closed, reopened.is_some(), "round {round}: {log:?}");
        assert!(reopened.is_none_or(|at| question == Some(at + 1)), "round {round}: {log:?}");
        if answered.is_granted() {
            assert!(answer < closed || answer > reopened && reopened.is_some(), "round {round}: {log:?}");
        } else {
            assert_eq!((answered.refusals(), answer), (vec!["ConversationClosed"], None), "round {round}");
        }
        let status = if reopened.is_none() { "CLOSED by OPERATOR (bob)" } else { "" };
        let shape = ada.shape_of(&talk).await;
        assert!(shape.starts_with(status), "round {round}: {shape} {log:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_old_conversation_is_reopened_or_another_begins_and_never_both() {
    let scene = Scene::begin().await;
    let ada = &scene.ada;
    let mut visitors = Vec::new();
    for _ in 0..16 {
        let vera = Visitor::of(&scene.acme);
        vera.writes("Hello").await.granted();
        let talk = vera.db_conversation(&scene.app, &scene.acme).await;
        ada.closes(&talk).await.granted();
        visitors.push((vera, talk));
    }
    scene.app.later(TimeDelta::hours(25));
    for (round, (vera, talk)) in visitors.iter().enumerate() {
        let (reopened, written) = if round % 2 == 0 {
            tokio::join!(ada.reopens(talk), vera.writes("Hello again"))
        } else {
            let (written, reopened) = tokio::join!(vera.writes("Hello again"), ada.reopens(talk));
            (reopened, written)
        };

        written.granted();
        let latest = vera.db_conversation(&scene.app, &scene.acme).await;
        let log = vera.log().await;
        if reopened.is_granted() {
            assert_eq!(log, ["visitor: Hello", "closed", "reopened", "visitor: Hello again"], "round {round}");
            assert_eq!(latest, *talk, "round {round}");
        } else {
            assert_eq!(reopened.refusals(), ["NewerConversation"], "round {round}");
            assert_eq!(reopened.user_errors()[0]["conversation"]["id"], latest.as_str(), "round {round}");
            assert_eq!(
                (log, ada.shape_of(talk).await),
                (vec!["visitor: Hello again".to_owned()], "CLOSED by OPERATOR".to_owned())
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_who_are_assigned_at_once_follow_each_other() {
    let scene = Scene::begin().await;
    let (ada, bob, cy, talk) = (&scene.ada, &scene.bob, &scene.cy, scene.talk.as_str());
    for round in 0..12 {
        let (one, other, back) = tokio::join!(ada.assigns(talk, bob), bob.assigns(talk, cy), cy.assigns(talk, ada));
        for answer in [one, other, back] {
            answer.granted();
        }
        let shape = ada.shape_of(talk).await;
        // The former assignee leaves, so one is left.
        assert!(
            ["OPEN ada* waits", "OPEN bob* waits", "OPEN cy* waits"].contains(&shape.as_str()),
            "round {round}: {shape}"
        );
    }
    assert_eq!(scene.vera.log().await, ada.log_of(talk).await);
}

/// People who do anything to a few conversations.
struct Crowd<'a> {
    scene: &'a Scene,
    people: [&'a Person; 4],
    /// Two who take an address from each other.
    takers: [&'a Person; 2],
    /// The conversations, with the global ids of their visitors.
    talks: Vec<(Visitor, String, String)>,
    done: AtomicUsize,
    /// The memory for files of one client is limited.
    uploads: Mutex<()>,
}

impl Crowd<'_> {
    async fn acts(&self, random: &mut StdRng) {
        let pick = |random: &mut StdRng, most: usize| random.random_range(0..most);
        let (visitor, talk, visitor_id) = &self.talks[pick(random, self.talks.len())];
        let (who, whom) = (self.people[pick(random, 4)], self.people[1 + pick(random, 3)]);
        let (owner, ada, bob) = (&self.scene.acme.owner, self.people[0], self.people[1]);
        let answer = match pick(random, 40) {
            0..5 => visitor.writes("Hm").await,
            5..10 => who.answers(talk, "Ah").await,
            10 => who.joins(talk).await,
            11 => who.leaves(talk).await,
            12..15 => who.assigns(talk, whom).await,
            15 => who.returns(talk).await,
            16 => who.closes(talk).await,
            17 => who.reopens(talk).await,
            18 => visitor.closes().await,
            19 => who.notes(talk, "Careful").await,
            20 => who.marks_read(talk, 1_000).await,
            21 => visitor.reads_up_to(1_000).await,
            22 => visitor.does("updateChatVisitor", json!({ "name": "Vera" })).await,
            23 => owner.swaps(whom, self.people[1 + pick(random, 3)]).await,
            24 => owner.deactivates(whom).await,
            25 => owner.changes_plan(6, &[whom, self.people[1 + pick(random, 3)]]).await,
            26 => ada.hands_over_to(bob).await,
            27..29 => bob.hands_over_to(ada).await,
            29 => {
                let _turn = self.uploads.lock().await;
                who.uploads_photo(who, PHOTO.to_vec()).await
            }
            30 => who.does("removeOperatorPhoto", json!({ "operatorId": who.id })).await,
            31 => who.chats("blockVisitor", json!({ "visitorId": visitor_id })).await,
            32..34 => who.chats("unblockVisitor", json!({ "visitorId": visitor_id })).await,
            34 => return self.takes(talk, pick(random, 2)).await,
            35 => return self.sweeps().await,
            36 => self.comes_and_goes(talk).await,
            _ => owner.activates(whom).await,
        };
        let known = [
            "ConversationClosed",
            "OperatorInactive",
            // The same operator twice in a swap.
            "InvalidInput",
            "SeatLimitReached",
            "OwnerRequired",
            // The visitor is blocked.
            "ChatUnavailable",
        ];
        let refusals = answer.refusals();
        assert!(refusals.iter().all(|kind| known.contains(kind)), "{:#}", answer.body);
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    /// An operator who joins, and is removed.
    async fn comes_and_goes(&self, talk: &str) -> Answer {
        let number = self.done.fetch_add(1, Ordering::Relaxed);
        let acme = &self.scene.acme;
        let newcomer = acme.inactive(&format!("newcomer{number}")).await;
        if acme.owner.activates(&newcomer).await.is_granted() {
            newcomer.joins(talk).await;
        }
        acme.owner.removes(&newcomer).await
    }

    async fn sweeps(&self) {
        close_silent(self.scene.app.app()).await.expect("closed");
        repair(self.scene.app.app()).await.expect("repaired");
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    /// An operator takes the address from the other one, whose sessions end, and assigns to them.
    async fn takes(&self, talk: &str, number: usize) {
        let (who, other) = (self.takers[number], self.takers[1 - number]);
        let (app, account_id) = (self.scene.app.app(), self.scene.acme.db_key());
        let (mut work, holder) = addresses::begin(app, account_id, ADDRESS).await.expect("begun");
        let operator = operators::find(&*work, account_id, who.db_key()).await.expect("read").expect("an operator");
        let gain = Gain { email: ADDRESS, email_key: ADDRESS, proven_at: None };
        let taken = addresses::take(app, &mut work, operator, gain, holder).await;
        taken.expect("the holder has not proven the address");
        work.commit().await.expect("committed");
        let mut who = self.scene.app.anonymous();
        // Unless the other one has taken it back.
        if who.signs_in(ADDRESS, PASSWORD).await.is_granted() {
            let assigned = who.assigns(talk, other).await;
            assert!(!assigned.body.to_string().contains("INTERNAL"), "{:#}", assigned.body);
        }
        self.done.fetch_add(1, Ordering::Relaxed);
    }
}

/// The number of deadlocks in this story's database.
async fn db_deadlocks(app: &TestApp) -> i64 {
    let query = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    let row = app.app().db().query_one_raw(Statement::from_string(DbBackend::Postgres, query)).await;
    row.expect("the database answers").expect("a row").try_get_by_index(0).expect("a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn all_operations_at_once_end_in_no_deadlock_and_no_error() {
    let relay = SmtpSink::start().await;
    let scene = Scene::with(|config| {
        config.database.pool = 24;
        // Without a relay no address is taken from an operator.
        config.mail.smtp = Some(relay.url().parse().expect("a URL"));
        config.chat.close_after = Duration::from_millis(100);
    })
    .await;
    // Ada is never deactivated.
    let dan = scene.acme.inactive("dan").await;
    scene.acme.owner.buys(6).await.granted();
    let takers = [&scene.acme.limited("eve").await, &scene.acme.limited("fay").await];
    let mut talks = Vec::new();
    for visitor in [scene.vera.clone(), Visitor::of(&scene.acme), Visitor::of(&scene.acme), Visitor::of(&scene.acme)] {
        visitor.writes("Hello").await.granted();
        let talk = visitor.db_conversation(&scene.app, &scene.acme).await;
        let visitor_id = scene.ada.talk(&talk).await["visitor"]["id"].as_str().expect("an id").to_owned();
        talks.push((visitor, talk, visitor_id));
    }
    // Both keep full access.
    scene.acme.owner.hands_over_to(&scene.bob).await.granted();
    scene.bob.hands_over_to(&scene.ada).await.granted();
    let people = [&scene.ada, &scene.bob, &scene.cy, &dan];
    let crowd = Crowd { scene: &scene, people, takers, talks, done: AtomicUsize::new(0), uploads: Mutex::default() };

    let until = Instant::now() + HUNT;
    let one = async |seed: u64| {
        let mut random = StdRng::seed_from_u64(seed);
        while Instant::now() < until {
            crowd.acts(&mut random).await;
        }
    };
    join_all((0..24).map(one)).await;

    let done = crowd.done.load(Ordering::Relaxed);
    assert!(done > 200, "{done} operations");
    if is_postgres() {
        // The counters are written when a connection has been idle for a moment.
        eventually("the statistics", async || scene.app.app().db().execute_unprepared("SELECT 1").await.is_ok()).await;
        assert_eq!(db_deadlocks(&scene.app).await, 0);
    }
    let query = "query($id: ID!) { node(id: $id) { ... on Conversation { assignee { isActive } } } }";
    for (visitor, talk, _) in &crowd.talks {
        let (log, seen) = (visitor.log().await, scene.ada.log_of(talk).await);
        assert_eq!(log, seen);
        let state = scene.ada.talk(talk).await;
        check_log(&log, &state);
        let read = scene.ada.run(query, json!({ "id": talk })).await;
        let is_kept = state["status"] == "CLOSED" || state["assignee"].is_null();
        assert!(is_kept || read.at("node.assignee.isActive") == true, "the assignee is active: {state:#}");
    }
}

/// Checks that a log of events is possible, and leads to this state.
fn check_log(log: &[String], state: &Value) {
    let (mut present, mut is_closed) = (BTreeSet::new(), false);
    for line in log {
        if let Some(name) = line.strip_suffix(" joined") {
            assert!(present.insert(name), "{name} joined twice: {log:#?}");
        } else if let Some(name) = line.strip_suffix(" left") {
            assert!(present.remove(name), "{name} left and was not there: {log:#?}");
        } else if line == "closed" {
            assert!(!std::mem::replace(&mut is_closed, true), "closed twice: {log:#?}");
            present.clear();
            continue;
        } else if line == "reopened" {
            assert!(std::mem::take(&mut is_closed), "reopened without a close: {log:#?}");
            continue;
        } else if let Some((name, _)) = line.split_once(": ") {
            assert!(name == "visitor" || present.contains(name), "{name} wrote and was not there: {log:#?}");
        }
        assert!(!is_closed, "{line} after the close: {log:#?}");
    }
    let participants: BTreeSet<_> = state["participants"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|who| who["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(participants, present, "{state:#}");
    let expected = if is_closed {
        "CLOSED"
    } else if present.is_empty() {
        "PENDING"
    } else {
        "OPEN"
    };
    assert_eq!(state["status"], expected, "{state:#}");
    let assignee = state["assignee"]["name"].as_str();
    assert!(is_closed || present.is_empty() || assignee.is_some(), "{state:#}");
}
