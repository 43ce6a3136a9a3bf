//! Followed lists: what they show, whom they reach, and what a change costs.

use std::time::{Duration, Instant};

use entity::conversation::{self, Status};
use futures_util::FutureExt as _;
use sea_orm::ActiveValue::Set;
use serde_json::{Value, json};

use super::rows::{Rows, id_of};
use crate::support::{Answer, Person, Stream, TestApp};

const LIST: &str = "
    subscription($status: [ConversationStatus!], $assigneeId: ID, $first: Int) {
        conversations(status: $status, assigneeId: $assigneeId, first: $first) {
            totalCount nodes { id status unreadCount assignee { name } participants { name } lastMessage { text operator { name } } } } }";

async fn follows(who: &Person, arguments: Value) -> Stream {
    who.watches(LIST, arguments).await
}

/// The ids of an item, and its total.
fn shown(item: &Answer) -> (Vec<String>, i64) {
    let ids = item.each("conversations.nodes", "id").into_iter();
    let ids = ids.map(|id| id.as_str().expect("an id").to_owned()).collect();
    (ids, item.number("conversations.totalCount"))
}

fn expected(rows: &[&conversation::Model], total: i64) -> (Vec<String>, i64) {
    (rows.iter().map(|row| id_of(row)).collect(), total)
}

#[tokio::test]
async fn a_followed_list_shows_each_change_and_nothing_where_nothing_changes() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let ada = acme.limited("ada").await;
    let rows = Rows::of(&app, &acme);
    let first = rows.db_active(Status::Pending, 2).await;
    let closed = rows.db_active(Status::Closed, 1).await;
    let mut all = follows(&ada, json!({})).await;
    let mut going_on = follows(&ada, json!({ "status": ["PENDING", "OPEN"] })).await;
    let mut mine = follows(&ada, json!({ "status": ["OPEN", "PENDING"], "assigneeId": ada.id })).await;
    let mut one = follows(&ada, json!({ "status": ["PENDING"], "first": 1 })).await;
    let mut old = follows(&ada, json!({ "status": ["CLOSED"] })).await;
    assert_eq!(shown(&all.next().await), expected(&[&closed, &first], 2));
    assert_eq!(shown(&going_on.next().await), expected(&[&first], 1));
    assert_eq!(shown(&mine.next().await), expected(&[], 0));
    assert_eq!(shown(&one.next().await), expected(&[&first], 1));
    assert_eq!(shown(&old.next().await), expected(&[&closed], 1));

    let waiting = rows.db_waiting(5).await;
    rows.db_announce().await;
    assert_eq!(shown(&all.next().await), expected(&[&waiting, &closed, &first], 3));
    assert_eq!(shown(&going_on.next().await), expected(&[&waiting, &first], 2));
    assert_eq!(shown(&one.next().await), expected(&[&waiting], 2));

    // The others see no difference, so their next items are of the change after the next.
    rows.db_announce().await;
    rows.db_change(&waiting, |row| {
        row.assignee_id = Set(Some(ada.db_key()));
        row.status = Set(Status::Open);
    })
    .await;
    rows.db_joined(&waiting, ada.db_key(), None).await;
    rows.db_message(&waiting, 1, Some(&ada), "Hi").await;
    rows.db_announce().await;
    // An item may come between the change and the join, whose statements are no transaction here.
    let has_joined = |item: &Answer| item.body.pointer("/data/conversations/nodes/0/participants/0").is_some();
    let item = mine.until(has_joined).await;
    assert_eq!(shown(&item), expected(&[&waiting], 1));
    assert_eq!(item.text("conversations.nodes.0.assignee.name"), "ada");
    assert_eq!(shown(&one.next().await), expected(&[&first], 1));
    assert!(old.next().now_or_never().is_none(), "closed ones are as they were");

    // The name of an operator is in the list.
    ada.updates(&ada, json!({ "name": "Adele" })).await.granted();
    let item = mine.until(|item| item.text("conversations.nodes.0.assignee.name") == "Adele").await;
    assert_eq!(item.at("conversations.nodes.0.participants"), &json!([{ "name": "Adele" }]));
}

#[tokio::test]
async fn a_change_is_read_once_however_many_follow() {
    let app = TestApp::start_with(|config| config.mail.poll = Duration::from_hours(1)).await;
    let acme = app.account(3).await;
    let (ada, bob) = (acme.limited("ada").await, acme.limited("bob").await);
    let rows = Rows::of(&app, &acme);
    let row = rows
        .db_conversation(|row| {
            row.assignee_id = Set(Some(ada.db_key()));
            row.last_message_sequence = Set(Some(1));
        })
        .await;
    rows.db_message(&row, 1, Some(&bob), "Hi").await;
    let mut followers = Vec::new();
    let mut counts = Vec::new();
    for many in [1, 20] {
        while followers.len() < many {
            let (who, status) =
                if followers.len() % 2 == 0 { (&ada, ["PENDING", "OPEN"]) } else { (&bob, ["OPEN", "PENDING"]) };
            let mut follower = follows(who, json!({ "status": status, "first": 10 + followers.len() })).await;
            follower.next().await;
            followers.push(follower);
        }
        let visitor_messages = i32::try_from(many).expect("few");
        rows.db_change(&row, |row| row.visitor_messages = Set(visitor_messages)).await;
        app.is_idle().await;
        let before = app.app().statements.get();
        rows.db_announce().await;
        for follower in &mut followers {
            let item = follower.next().await;
            assert_eq!(item.number("conversations.nodes.0.unreadCount"), i64::from(visitor_messages));
        }
        counts.push(app.app().statements.get() - before);
    }
    assert_eq!(counts, [5, 5], "conversations, participants, messages, marks and operators");
}

#[tokio::test]
async fn changes_are_pushed_at_most_four_times_a_second() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let rows = Rows::of(&app, &acme);
    let mut follower = follows(&acme.owner, json!({})).await;
    follower.next().await;
    let (began, mut items) = (Instant::now(), 0);
    let mut last = None;
    for minutes in 0..20 {
        last = Some(rows.db_waiting(minutes).await);
        rows.db_announce().await;
    }
    let last = id_of(&last.expect("some"));
    loop {
        let item = follower.next().await;
        items += 1;
        if shown(&item).0.contains(&last) {
            break;
        }
    }
    // The first change is pushed at once.
    let most = 2 + began.elapsed().as_millis() / 250;
    assert!(items <= most, "{items} items, at most {most}");
}

#[tokio::test]
async fn a_list_ends_with_the_session_and_shows_no_other_account() {
    let app = TestApp::start().await;
    let (acme, globex) = (app.account(2).await, app.account(1).await);
    let bob = acme.limited("bob").await;
    let (rows, foreign) = (Rows::of(&app, &acme), Rows::of(&app, &globex));
    let mut removed = follows(&bob, json!({})).await;
    let mut other = follows(&globex.owner, json!({})).await;
    let mut elsewhere = follows(&globex.owner, json!({ "assigneeId": acme.owner.id })).await;
    assert_eq!(shown(&removed.next().await), expected(&[], 0));
    assert_eq!(shown(&other.next().await), expected(&[], 0));
    assert_eq!(shown(&elsewhere.next().await), expected(&[], 0));

    acme.owner.removes(&bob).await.granted();
    let row = rows.db_conversation(|row| row.assignee_id = Set(Some(acme.owner.db_key()))).await;
    rows.db_announce().await;
    foreign.db_announce().await;
    assert_eq!(removed.closes().await, (4403, "Session ended".to_owned()), "it gets no item");

    let own = foreign.db_active(Status::Pending, 1).await;
    foreign.db_announce().await;
    assert_eq!(shown(&other.next().await), expected(&[&own], 1));
    assert!(elsewhere.next().now_or_never().is_none(), "{} is of another account", id_of(&row));
}
