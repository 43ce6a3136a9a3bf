//! Lists of conversations: order, filters, pages, totals and costs.

use chrono::TimeDelta;
use deskbell::{
    conversation::queries::{Filter, Place, ids_of_page, ids_to_count},
    page::{PageEnd, Window},
};
use entity::{
    ConversationId,
    conversation::{self, Status},
};
use sea_orm::{
    ActiveValue::Set,
    ConnectionTrait, DbBackend, Statement,
    sea_query::{PostgresQueryBuilder, SelectStatement, SqliteQueryBuilder},
};
use serde_json::{Value, json};

use super::rows::{Rows, id_of};
use crate::support::{Answer, Person, TestApp};

const PAGE: &str = "
    query($status: [ConversationStatus!], $assigneeId: ID, $first: Int, $after: String, $last: Int, $before: String) {
        account { conversations(
            status: $status, assigneeId: $assigneeId, first: $first, after: $after, last: $last, before: $before
        ) { totalCount nodes { id } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }";

async fn page(who: &Person, arguments: Value) -> Answer {
    who.run(PAGE, arguments).await
}

/// The ids of a page.
fn ids(page: &Answer) -> Vec<String> {
    let ids = page.each("account.conversations.nodes", "id").into_iter();
    ids.map(|id| id.as_str().expect("an id").to_owned()).collect()
}

fn ids_of(rows: &[&conversation::Model]) -> Vec<String> {
    rows.iter().map(|row| id_of(row)).collect()
}

#[tokio::test]
async fn waiting_ones_come_first_and_then_the_latest_activity() {
    let app = TestApp::start().await;
    let (acme, globex) = (app.account(2).await, app.account(1).await);
    let (ada, foreign) = (acme.limited("ada").await, globex.limited("eve").await);
    let rows = Rows::of(&app, &acme);
    let open = rows.db_active(Status::Open, 3).await;
    let closed = rows.db_active(Status::Closed, 2).await;
    let long = rows.db_waiting(9).await;
    let short = rows.db_waiting(1).await;
    let tied = rows.db_waiting(1).await;
    let quiet = rows.db_active(Status::Pending, 1).await;
    let same = rows.db_active(Status::Open, 3).await;
    Rows::of(&app, &globex).db_waiting(5).await;
    for row in [&long, &open, &closed] {
        rows.db_change(row, |row| row.assignee_id = Set(Some(ada.db_key()))).await;
    }
    rows.db_change(&short, |row| row.status = Set(Status::Open)).await;

    let all = page(&acme.owner, json!({})).await;
    assert_eq!(ids(&all), ids_of(&[&long, &short, &tied, &quiet, &closed, &same, &open]));
    assert_eq!(all.number("account.conversations.totalCount"), 7);
    for (filter, expected) in [
        (json!({ "status": ["PENDING"] }), vec![&long, &tied, &quiet]),
        (json!({ "status": ["OPEN"] }), vec![&short, &same, &open]),
        (json!({ "status": ["CLOSED"] }), vec![&closed]),
        (json!({ "status": ["OPEN", "PENDING"] }), vec![&long, &short, &tied, &quiet, &same, &open]),
        (json!({ "status": ["CLOSED", "OPEN", "OPEN"] }), vec![&short, &closed, &same, &open]),
        (json!({ "status": [] }), vec![]),
        (json!({ "assigneeId": ada.id }), vec![&long, &closed, &open]),
        (json!({ "assigneeId": ada.id, "status": ["PENDING", "OPEN"] }), vec![&long, &open]),
        (json!({ "assigneeId": ada.id, "status": ["CLOSED"] }), vec![&closed]),
        (json!({ "assigneeId": acme.owner.id }), vec![]),
        (json!({ "assigneeId": foreign.id }), vec![]),
        (json!({ "assigneeId": acme.id }), vec![]),
        (json!({ "assigneeId": "nonsense" }), vec![]),
    ] {
        let shown = page(&acme.owner, filter.clone()).await;
        assert_eq!(ids(&shown), ids_of(&expected), "{filter}");
        let total = usize::try_from(shown.number("account.conversations.totalCount")).expect("a number");
        assert_eq!(total, expected.len(), "{filter}");
    }
}

#[tokio::test]
async fn pages_meet_in_both_directions_and_rows_that_move_disturb_no_other() {
    let app = TestApp::start().await;
    let acme = app.account(1).await;
    let rows = Rows::of(&app, &acme);
    let mut made = Vec::new();
    for minutes in [5, 4, 4] {
        made.push(rows.db_waiting(minutes).await);
    }
    for (status, minutes) in [(Status::Open, 1), (Status::Closed, 2), (Status::Pending, 3), (Status::Closed, 4)] {
        made.push(rows.db_active(status, minutes).await);
    }
    let expected: Vec<_> = made.iter().map(id_of).collect();
    let info = |page: &Answer, field: &str| page.at("account.conversations.pageInfo")[field].clone();

    for size in 1..=8 {
        let (mut forwards, mut after) = (Vec::new(), Value::Null);
        loop {
            let shown = page(&acme.owner, json!({ "first": size, "after": after })).await;
            assert_eq!(info(&shown, "hasPreviousPage"), json!(!after.is_null()));
            forwards.extend(ids(&shown));
            after = info(&shown, "endCursor");
            if info(&shown, "hasNextPage") == json!(false) {
                break;
            }
        }
        assert_eq!(forwards, expected, "pages of {size}");
        let (mut backwards, mut before) = (Vec::new(), Value::Null);
        loop {
            let shown = page(&acme.owner, json!({ "last": size, "before": before })).await;
            assert_eq!(info(&shown, "hasNextPage"), json!(!before.is_null()));
            backwards.splice(0..0, ids(&shown));
            before = info(&shown, "startCursor");
            if info(&shown, "hasPreviousPage") == json!(false) {
                break;
            }
        }
        assert_eq!(backwards, expected, "pages of {size} from the end");
    }
    let first = page(&acme.owner, json!({ "first": 3 })).await;
    let cursors = first.each("account.conversations.edges", "cursor");
    let between = page(&acme.owner, json!({ "after": cursors[0], "before": cursors[2] })).await;
    assert_eq!(ids(&between), expected[1..2]);

    // The first of the page gets an answer and the one after it a message: the next page goes on
    // where this one ended, without what moved up and with what moved down.
    let end = info(&first, "endCursor");
    let now = rows.now + TimeDelta::minutes(1);
    rows.db_change(&made[0], |row| {
        row.waiting_since = Set(None);
        row.last_activity_at = Set(now);
    })
    .await;
    rows.db_change(&made[5], |row| row.waiting_since = Set(Some(now - TimeDelta::hours(1)))).await;
    let next = page(&acme.owner, json!({ "first": 10, "after": end })).await;
    let moved = [&made[0], &made[3], &made[4], &made[6]];
    assert_eq!(ids(&next), ids_of(&moved));

    for arguments in [
        json!({ "first": 101 }),
        json!({ "first": -1 }),
        json!({ "first": 1, "last": 1 }),
        json!({ "after": "nonsense" }),
        json!({ "before": acme.id }),
    ] {
        assert_eq!(page(&acme.owner, arguments.clone()).await.code(), "BAD_USER_INPUT", "{arguments}");
    }
}

/// Inserts this number of conversations of an account, all but every thousandth closed, and half of
/// them of one operator.
async fn db_many(app: &TestApp, rows: &Rows<'_>, assignee: &Person, count: i32) {
    let work = app.app().begin().await.expect("a transaction");
    let (account, operator) = (rows.account_id.0, assignee.db_key().0);
    let run = async |sql: &str| {
        let values = [account.into(), operator.into(), count.into(), rows.now.into()];
        let statement = Statement::from_sql_and_values(work.get_database_backend(), sql, values);
        work.execute_raw(statement).await.expect("inserted");
    };
    match work.get_database_backend() {
        DbBackend::Postgres => {
            run("CREATE TEMP TABLE made ON COMMIT DROP AS SELECT n, gen_random_uuid() AS id, $4::timestamptz - n * interval '1 second' AS at,
                    $1::uuid AS account, $2::uuid AS operator FROM generate_series(1, $3::int) AS n").await;
        }
        _ => {
            run("CREATE TEMP TABLE made AS WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < ?3)
                 SELECT n, randomblob(16) AS id, strftime('%Y-%m-%dT%H:%M:%S', ?4, '-' || n || ' seconds') || '+00:00' AS at,
                    ?1 AS account, ?2 AS operator FROM series").await;
        }
    }
    for sql in [
        "INSERT INTO visitor (id, account_id, name, created_at, version) SELECT id, account, 'Vera', at, 1 FROM made",
        "INSERT INTO conversation (id, account_id, visitor_id, status, assignee_id, started_at, closed_at, closed_by, waiting_since, last_activity_at)
            SELECT id, account, id, CASE WHEN n % 1000 = 0 THEN 'open' ELSE 'closed' END, CASE WHEN n % 2 = 0 THEN operator END, at,
                CASE WHEN n % 1000 > 0 THEN at END, CASE WHEN n % 1000 > 0 THEN 'silence' END,
                CASE WHEN n % 2000 = 0 THEN at END, at FROM made",
    ] {
        work.execute_unprepared(sql).await.expect("inserted");
    }
    if work.get_database_backend() != DbBackend::Postgres {
        work.execute_unprepared("DROP TABLE made").await.expect("dropped");
    }
    work.commit().await.expect("committed");
    if app.app().db().get_database_backend() == DbBackend::Postgres {
        let work = app.app().begin().await.expect("a transaction");
        work.execute_unprepared("ANALYZE visitor").await.expect("analyzed");
        work.execute_unprepared("ANALYZE conversation").await.expect("analyzed");
        work.commit().await.expect("committed");
    }
}

/// How the database finds the rows of a statement, a line for each step.
async fn db_plan(app: &TestApp, select: &SelectStatement) -> Vec<String> {
    let db = app.app().db();
    let (sql, column) = match db.get_database_backend() {
        DbBackend::Postgres => (format!("EXPLAIN {}", select.to_string(PostgresQueryBuilder)), "QUERY PLAN"),
        _ => (format!("EXPLAIN QUERY PLAN {}", select.to_string(SqliteQueryBuilder)), "detail"),
    };
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.expect("a plan");
    rows.iter().map(|row| row.try_get("", column).expect("text")).collect()
}

#[tokio::test]
async fn among_100_000_conversations_each_page_is_read_from_indexes_in_their_order() {
    let app = TestApp::start().await;
    let acme = app.account(2).await;
    let ada = acme.limited("ada").await;
    let rows = Rows::of(&app, &acme);
    db_many(&app, &rows, &ada, 100_000).await;

    let last = page(&acme.owner, json!({ "first": 100 })).await;
    assert_eq!(last.number("account.conversations.totalCount"), 10_000, "it is counted up to here");
    assert_eq!(ids(&last).len(), 100);
    let few = page(&acme.owner, json!({ "status": ["OPEN"] })).await;
    assert_eq!(few.number("account.conversations.totalCount"), 100);

    let id = ConversationId::new();
    let places =
        [None, Some(Place::Waiting { since: rows.ago(600), id }), Some(Place::Other { active_at: rows.ago(600), id })];
    let statuses: [Option<&[Status]>; 4] =
        [None, Some(&[Status::Open]), Some(&[Status::Pending, Status::Open]), Some(&[Status::Closed])];
    let mut plans = 0;
    for status in statuses {
        for assignee in [None, Some(ada.db_key())] {
            let filter = Filter::of(status, assignee);
            let what = format!("{filter:?}");
            let count = ids_to_count(rows.account_id, &filter).expect("a statement");
            // PostgreSQL may read the first 10,000 rows of the table, if most of them count.
            if !(filter.closed && app.app().db().get_database_backend() == DbBackend::Postgres) {
                assert_indexed(&db_plan(&app, &count).await, false, &what);
            }
            for from in [PageEnd::Start, PageEnd::End] {
                for place in places {
                    let window = match from {
                        PageEnd::Start => Window { size: 100, from, after: place, before: None },
                        PageEnd::End => Window { size: 100, from, after: None, before: place },
                    };
                    let Some(page) = ids_of_page(rows.account_id, &filter, &window) else { continue };
                    // Those of one operator that are not closed are few, and may be sorted.
                    let in_order = assignee.is_none() || !filter.open;
                    assert_indexed(&db_plan(&app, &page).await, in_order, &format!("{what} {window:?}"));
                    plans += 1;
                }
            }
        }
    }
    assert!(plans > 40, "{plans}");
}

/// Fails if a plan reads a whole table, or sorts more than the few conversations that are not
/// closed.
#[track_caller]
fn assert_indexed(plan: &[String], in_order: bool, what: &str) {
    let uses = |words: &str| plan.iter().any(|step| step.contains(words));
    assert!(uses("conversation_"), "{what}: {plan:#?}");
    assert!(!uses("Seq Scan") && !plan.iter().any(|step| step.starts_with("SCAN conversation")), "{what}: {plan:#?}");
    // PostgreSQL knows that they are few, and may sort them.
    let sorts = uses("TEMP B-TREE") || uses("Bitmap Index Scan on conversation_closed");
    assert!(!(in_order && sorts), "{what}: {plan:#?}");
}

#[tokio::test]
async fn a_page_of_a_hundred_takes_eight_statements() {
    let app = TestApp::start_with(|config| config.mail.poll = std::time::Duration::from_hours(1)).await;
    let acme = app.account(3).await;
    let (ada, bob) = (acme.limited("ada").await, acme.limited("bob").await);
    let rows = Rows::of(&app, &acme);
    let mut counts = Vec::new();
    let mut made = 0;
    for many in [5, 100] {
        for minutes in made..many {
            let row = rows
                .db_conversation(|row| {
                    row.status = Set(Status::Open);
                    row.last_activity_at = Set(rows.ago(minutes));
                    row.assignee_id = Set(Some(ada.db_key()));
                    row.last_message_sequence = Set(Some(1));
                    row.last_sequence = Set(1);
                    row.visitor_messages = Set(3);
                })
                .await;
            rows.db_message(&row, 1, Some(&bob), "Hi").await;
            rows.db_joined(&row, ada.db_key(), None).await;
            rows.db_mark(&row, acme.owner.db_key(), 1, 1).await;
        }
        made = many;
        app.is_idle().await;
        let before = app.app().statements.get();
        let answer = acme
            .owner
            .reads(
                "{ account { conversations(first: 100) { totalCount pageInfo { hasNextPage } edges { cursor node { id } } nodes {
                    id status visitor { name email } assignee { name } participants { name } waitingSince lastSequence
                    lastMessage { text operator { name } } readUpTo unreadCount page { url } } } } }",
            )
            .await;
        counts.push(app.app().statements.get() - before);
        let nodes = answer.at("account.conversations.nodes").as_array().expect("a list").clone();
        assert_eq!(i64::try_from(nodes.len()), Ok(many));
        for node in nodes {
            assert_eq!(node["lastMessage"], json!({ "text": "Hi", "operator": { "name": "bob" } }));
            assert_eq!((&node["unreadCount"], &node["assignee"]["name"]), (&json!(2), &json!("ada")));
            assert_eq!(node["participants"], json!([{ "name": "ada" }]));
        }
    }
    assert_eq!(counts, [8, 8], "statements for 5 and for 100 conversations");
}
