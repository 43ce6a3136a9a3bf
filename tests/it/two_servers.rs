//! Two servers on one database, without a bus.

use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};
use serde_json::{Value, json};

use crate::{
    drain::Half,
    support::{
        Database, eventually, in_time, is_postgres,
        process::{Folder, Program},
    },
};

const PASSWORD: &str = "seven-otters-juggle-plums";
const SIGN_UP: &str = "mutation($input: SignUpInput!) { signUp(input: $input) { userErrors { __typename } } }";
const OTHERS: &str = "bus: none, but other servers use this database: polling";

async fn ready(program: &Program) -> String {
    reqwest::get(program.url("/readyz")).await.expect("an answer").text().await.expect("text")
}

#[tokio::test]
async fn a_second_server_on_sqlite_waits_and_then_ends_with_one_line() {
    if is_postgres() {
        return;
    }
    let folder = Folder::new();
    let first = folder.serve(&[]).await;
    let token = first.sign_up("ada@acme.example", PASSWORD).await;
    let mut second = folder.command(&["serve"], &[("LISTEN", "127.0.0.1:0"), ("DRAIN_TIMEOUT", "0s")]);
    // Another path to the same file.
    std::os::unix::fs::symlink("deskbell.db", folder.path().join("other.db")).expect("linked");
    second.env("DESKBELL_DATABASE_URL", "sqlite:other.db");
    let second = Program::spawn(second, "");
    let waiting = Program::spawn(folder.command(&["serve"], &[("LISTEN", "127.0.0.1:0")]), "");

    // Commands take no lock, and work next to a running server.
    for args in [&["migrate"][..], &["operator", "reset-password", "ada@acme.example"]] {
        let ended = folder.run(args, &[]).await;
        assert_eq!(ended.code(), Some(0), "{args:?}: {ended:?}");
    }
    let answer = first.ask(Some(&token), "{ viewer { name } }", json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{answer}");

    let ended = second.ended().await;
    assert_eq!(ended.code(), Some(2), "{ended:?}");
    let expected =
        "deskbell: DESKBELL_DATABASE_URL: another server uses other.db; stop it, or set another database for this one";
    assert_eq!(ended.error_lines(), [expected]);
    assert_eq!(ended.stdout, "");

    // A server that waits longer can be stopped while it waits.
    waiting.signal("TERM");
    let ended = waiting.ended().await;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    assert_eq!(ready(&first).await, "ready\n");
}

#[tokio::test]
async fn a_server_on_sqlite_takes_over_from_the_one_that_it_replaces() {
    if is_postgres() {
        return;
    }
    let folder = Folder::new();
    let first = folder.serve(&[]).await;
    first.sign_up("ada@acme.example", PASSWORD).await;
    // The new server also takes over the address.
    let address = first.address().to_string();
    let mut second =
        Program::spawn(folder.command(&["serve"], &[("LISTEN", &address), ("LOG", "info,deskbell=debug")]), "");
    second.logs("waiting for another server to end").await;
    // The old server waits until its requests in flight are answered.
    let half = Half::begin(&first, &json!({ "query": "{ server { isSignUpOpen } }" })).await;
    first.signal("TERM");
    first.logs("received SIGTERM").await;
    let attempts = || second.log().matches("waiting for another server to end").count();
    let before = attempts();
    eventually("more attempts", async || attempts() >= before + 5).await;
    let answer = half.finish().await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let ended = first.ended().await;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    second.listens().await;
    assert_eq!(second.sign_in("ada@acme.example", PASSWORD).await["viewer"]["name"], "Ada");
    // A crash releases the lock as well.
    second.kill().await;
    let third = folder.serve(&[]).await;
    assert_eq!(third.sign_in("ada@acme.example", PASSWORD).await["viewer"]["name"], "Ada");
    third.signal("TERM");
    assert_eq!(third.ended().await.code(), Some(0));
    assert_eq!(folder.files(), ["deskbell.db"], "the lock goes with the server");
}

#[tokio::test]
async fn servers_on_postgres_without_a_bus_notice_each_other_and_what_each_changes() {
    if !is_postgres() {
        return;
    }
    let (database, folder) = (Database::fresh().await, Folder::new());
    let url = database.url();
    let settings = [("DATABASE_URL", url.reveal()), ("RATE_LIMITS", "off"), ("LOG", "warn,deskbell=info")];
    let first = folder.serve(&settings).await;
    let token = first.sign_up("ada@acme.example", PASSWORD).await;
    let answer = first.ask(Some(&token), "{ account { widgetKey } viewer { id } }", json!({})).await;
    let (key, id) = (answer["data"]["account"]["widgetKey"].clone(), answer["data"]["viewer"]["id"].clone());
    assert_eq!(ready(&first).await, "ready\n", "a single server");

    let second = folder.serve(&settings).await;
    for program in [&first, &second] {
        eventually("the other server", async || ready(program).await == format!("ready\n{OTHERS}\n")).await;
    }
    // A widget subscribes on the second server, and the change happens on the first.
    let query = "subscription($key: String!) { availability(widgetKey: $key) { isAvailable } }";
    let request = reqwest::Client::new()
        .post(second.url("/graphql"))
        .header("accept", "text/event-stream")
        .json(&json!({ "query": query, "variables": { "key": key } }));
    let mut stream = request.send().await.expect("a stream");
    let mut seen = String::new();
    in_time("the first state", until(&mut stream, &mut seen, r#""isAvailable":true"#)).await;
    let deactivate =
        "mutation($id: ID!) { deactivateOperator(input: { operatorId: $id }) { userErrors { __typename } } }";
    let answer = first.ask(Some(&token), deactivate, json!({ "id": id })).await;
    assert_eq!(answer["data"]["deactivateOperator"]["userErrors"], Value::Array(Vec::new()), "{answer}");
    in_time("the change", until(&mut stream, &mut seen, r#""isAvailable":false"#)).await;
    drop(stream);

    second.signal("TERM");
    assert_eq!(second.ended().await.code(), Some(0));
    eventually("a single server again", async || ready(&first).await == "ready\n").await;
    first.signal("TERM");
    let ended = first.ended().await;
    let warned = ended.stderr.matches("no bus connects them").count();
    assert_eq!(warned, 1, "{ended:?}");
}

#[tokio::test]
async fn of_many_sign_ups_at_once_at_two_servers_one_succeeds() {
    if !is_postgres() {
        return;
    }
    let (database, folder) = (Database::fresh().await, Folder::new());
    let url = database.url();
    // All callers are one client.
    let settings = [("DATABASE_URL", url.reveal()), ("RATE_LIMITS", "off"), ("MAX_CLIENT_EXECUTING", "20")];
    let servers = [folder.serve(&settings).await, folder.serve(&settings).await];
    let db = sea_orm::Database::connect(url.reveal()).await.expect("the database answers");
    // All wait here until they have found sign-up open.
    let held = db.begin().await.expect("a transaction");
    held.execute_unprepared("LOCK TABLE account IN SHARE MODE").await.expect("the lock");
    let waiting = async || {
        let query = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'account'::regclass";
        let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, query)).await;
        row.expect("the database answers").expect("a row").try_get_by_index::<i64>(0).expect("a count")
    };
    let sign_ups = join_all((0..20).map(|number| {
        let email = format!("owner{number}@company{number}.example");
        let program = &servers[number % 2];
        async move {
            let input = json!({ "accountName": "Acme", "name": "Ada", "email": email, "password": PASSWORD, "transport": "TOKEN" });
            let answer = program.ask(None, SIGN_UP, json!({ "input": input })).await;
            answer["data"]["signUp"]["userErrors"].clone()
        }
    }));
    let released = async {
        // More than the transactions of one client at one server.
        eventually("sign-ups that wait at both servers", async || waiting().await > 8).await;
        held.rollback().await.expect("the lock is released");
    };

    let (refused, ()) = tokio::join!(sign_ups, released);

    let closed = json!([{ "__typename": "SignUpClosed" }]);
    assert_eq!(refused.iter().filter(|errors| **errors == json!([])).count(), 1, "{refused:?}");
    assert_eq!(refused.iter().filter(|errors| **errors == closed).count(), 19, "{refused:?}");
    for program in &servers {
        let answer = program.ask(None, "{ server { isSignUpOpen hasAccount } }", json!({})).await;
        assert_eq!(answer["data"]["server"], json!({ "isSignUpOpen": false, "hasAccount": true }));
    }
}

async fn until(stream: &mut reqwest::Response, seen: &mut String, text: &str) {
    while !seen.contains(text) {
        let chunk = stream.chunk().await.expect("the stream is open").expect("the stream is open");
        seen.push_str(&String::from_utf8_lossy(&chunk));
    }
}
