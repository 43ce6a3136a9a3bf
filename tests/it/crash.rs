//! SIGKILL during many writes: acknowledged writes survive, and mail is neither lost nor made up.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use sea_orm::{ConnectOptions, ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::support::{Database, in_time, is_postgres, process::Folder, smtp::SmtpSink};

const KILLS: usize = 8;
const WRITERS: usize = 8;
const SEATS: i64 = 3;
/// How soon the server must answer again.
const UP_AGAIN: Duration = Duration::from_secs(15);
const PASSWORD: &str = "seven-otters-juggle-plums";

/// What the writers know about the profiles that they have added.
#[derive(Debug, Default)]
struct Ledger {
    /// By id: the last acknowledged description, and the one that was in flight when the server
    /// died.
    profiles: BTreeMap<String, Profile>,
    /// Addresses whose adding was acknowledged, and that must be invited.
    invited: BTreeSet<String>,
}

#[derive(Debug)]
struct Profile {
    email: String,
    acknowledged: Option<String>,
    in_flight: Option<String>,
}

/// Adds profiles, changes them, and activates and deactivates them, until the server is killed.
struct Writer {
    name: String,
    url: String,
    token: String,
    client: reqwest::Client,
    writes: Arc<AtomicUsize>,
    enough: Arc<Notify>,
    most: usize,
}

impl Writer {
    /// One write. `None` when the server died before it answered; a refusal is an answer.
    async fn write(&self, query: &str, variables: Value) -> Option<Value> {
        let body = json!({ "query": query, "variables": variables });
        let sent = self.client.post(&self.url).bearer_auth(&self.token).json(&body).send().await.ok()?;
        let answer: Value = sent.json().await.ok()?;
        assert!(answer["errors"].is_null(), "{answer}");
        // Signalled by a number of writes, not after a time, so that the kill hits the next writes.
        if self.writes.fetch_add(1, Ordering::Relaxed) + 1 == self.most {
            self.enough.notify_one();
        }
        Some(answer["data"].as_object()?.values().next()?.clone())
    }

    async fn run(self) -> Ledger {
        let mut ledger = Ledger::default();
        for number in 0.. {
            let email = format!("{}-{number}@acme.example", self.name);
            let add = "mutation($name: String!, $email: String!) {
                addOperator(input: { name: $name, email: $email }) { operator { id } userErrors { __typename } } }";
            let Some(added) = self.write(add, json!({ "name": self.name, "email": email })).await else {
                return ledger;
            };
            let id = added["operator"]["id"].as_str().unwrap_or_else(|| panic!("{added}")).to_owned();
            ledger.invited.insert(email.clone());
            ledger.profiles.insert(id.clone(), Profile { email, acknowledged: None, in_flight: None });

            let seat = |verb: &str| {
                format!(
                    "mutation($id: ID!) {{ {verb}(input: {{ operatorId: $id }}) {{ userErrors {{ __typename }} }} }}"
                )
            };
            if self.write(&seat("activateOperator"), json!({ "id": id })).await.is_none() {
                return ledger;
            }
            for round in 0..3 {
                let description = format!("{number}.{round}");
                let profile = ledger.profiles.get_mut(&id).expect("just added");
                profile.in_flight = Some(description.clone());
                let update = "mutation($id: ID!, $description: String!) {
                    updateOperator(input: { operatorId: $id, description: $description }) { operator { id } userErrors { __typename } } }";
                let Some(updated) = self.write(update, json!({ "id": id, "description": description })).await else {
                    return ledger;
                };
                assert_eq!(updated["operator"]["id"], id, "{updated}");
                profile.acknowledged = profile.in_flight.take();
            }
            if self.write(&seat("deactivateOperator"), json!({ "id": id })).await.is_none() {
                return ledger;
            }
        }
        ledger
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_writes_survive_sigkill() {
    let mut relay = SmtpSink::start().await;
    let (database, folder) = (Database::fresh().await, Folder::new());
    let (url, smtp) = (database.url(), relay.url());
    let settings =
        [("DATABASE_URL", url.reveal()), ("SMTP_URL", &smtp), ("RATE_LIMITS", "off"), ("LOG", "warn,deskbell=info")];

    let mut program = folder.serve(&settings).await;
    let token = program.sign_up("ada@acme.example", PASSWORD).await;
    let buy =
        "mutation($seats: Int!) { changePlan(input: { plan: STANDARD, seats: $seats }) { userErrors { __typename } } }";
    program.ask(Some(&token), buy, json!({ "seats": SEATS })).await;

    let mut known = Ledger::default();
    let mut mails: BTreeMap<String, usize> = BTreeMap::new();
    for kill in 0..KILLS {
        let enough = Arc::new(Notify::new());
        let writes = Arc::new(AtomicUsize::new(0));
        let writers: Vec<_> = (0..WRITERS)
            .map(|number| Writer {
                name: format!("k{kill}w{number}"),
                url: program.url("/graphql"),
                token: token.clone(),
                client: reqwest::Client::new(),
                writes: Arc::clone(&writes),
                enough: Arc::clone(&enough),
                // Another moment in each round.
                most: 15 + 9 * kill,
            })
            .collect();
        let writing: Vec<_> = writers.into_iter().map(|writer| tokio::spawn(writer.run())).collect();
        in_time("the writes", enough.notified()).await;
        let ended = program.kill().await;
        assert_eq!(ended.code(), None, "killed, not exited: {ended:?}");
        assert!(!ended.stderr.contains("ERROR") && !ended.stderr.contains("panicked"), "{}", ended.stderr);
        for ledger in join_all(writing).await {
            let ledger = ledger.expect("a writer");
            known.profiles.extend(ledger.profiles);
            known.invited.extend(ledger.invited);
        }

        db_check(&database).await;
        // Mails in flight when the server died stay leased to it for two more minutes, which pass
        // here.
        db_let_leases_run_out(&database).await;
        let started = Instant::now();
        program = folder.serve(&settings).await;
        assert_eq!(reqwest::get(program.url("/readyz")).await.expect("an answer").status(), 200);
        assert!(started.elapsed() < UP_AGAIN, "{:?}", started.elapsed());

        let rows = all_operators(&program, &token).await;
        for (id, profile) in &known.profiles {
            let row = rows.get(id).unwrap_or_else(|| panic!("{id} was acknowledged and is missing"));
            assert_eq!(row["email"], profile.email.as_str());
            let description = row["description"].as_str();
            let may_be =
                [profile.acknowledged.as_deref(), profile.in_flight.as_deref().or(profile.acknowledged.as_deref())];
            assert!(may_be.contains(&description), "{profile:?} is now {row}");
        }
        let active = rows.values().filter(|row| row["isActive"] == true).count();
        let seats = program.ask(Some(&token), "{ account { seats { limit used } } }", json!({})).await;
        assert_eq!(seats["data"]["account"]["seats"], json!({ "limit": SEATS, "used": active }));
        assert!(active <= usize::try_from(SEATS).expect("few"), "{active} are active");
    }

    // Every invitation arrives, and none for an operator who was never added. Operators whose
    // adding was not acknowledged may exist.
    let rows = all_operators(&program, &token).await;
    let added: BTreeSet<_> = rows.values().map(|row| row["email"].as_str().expect("full access").to_owned()).collect();
    let expected: BTreeSet<_> = added.iter().filter(|email| *email != "ada@acme.example").cloned().collect();
    assert!(known.invited.is_subset(&expected));
    while !expected.iter().all(|email| mails.contains_key(email)) {
        let mail = relay.next().await;
        assert!(mail.text.contains("/accept-invitation#token="), "{mail:?}");
        *mails.entry(mail.to).or_default() += 1;
    }
    let made_up: Vec<_> = mails.keys().filter(|email| !expected.contains(*email)).collect();
    assert!(made_up.is_empty(), "invited without being added: {made_up:?}");
    // Four mails are in flight at once, so a kill makes at most this many be sent again.
    let again: usize = mails.values().map(|times| times - 1).sum();
    assert!(again <= 4 * KILLS, "{again} mails were sent again: {mails:?}");
    assert!(known.profiles.len() > 2 * WRITERS, "too few writes: {}", known.profiles.len());
}

/// Every operator of the account, by id.
async fn all_operators(program: &crate::support::process::Program, token: &str) -> BTreeMap<String, Value> {
    let query = "query($after: String) { account { operators(first: 100, after: $after) {
        nodes { id email description isActive } pageInfo { hasNextPage endCursor } } } }";
    let mut all = BTreeMap::new();
    let mut after = Value::Null;
    loop {
        let mut answer = program.ask(Some(token), query, json!({ "after": after })).await;
        let mut page = answer["data"]["account"]["operators"].take();
        let Value::Array(nodes) = page["nodes"].take() else { panic!("{answer}") };
        all.extend(nodes.into_iter().map(|node| (node["id"].as_str().expect("an id").to_owned(), node)));
        if page["pageInfo"]["hasNextPage"] == false {
            return all;
        }
        after = page["pageInfo"]["endCursor"].take();
    }
}

async fn db_open(database: &Database) -> sea_orm::DatabaseConnection {
    let mut options = ConnectOptions::new(database.url().reveal());
    options.max_connections(1).sqlx_logging(false);
    sea_orm::Database::connect(options).await.expect("the database opens")
}

/// Checks the invariants in the database, before the server restarts and could repair anything.
async fn db_check(database: &Database) {
    let db = db_open(database).await;
    if !is_postgres() {
        let rows = db
            .query_all_raw(Statement::from_string(DbBackend::Sqlite, "PRAGMA integrity_check"))
            .await
            .expect("the database answers");
        let result: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).expect("text")).collect();
        assert_eq!(result, ["ok"]);
    }
    let count = "SELECT account.seats, COUNT(operator.id) FROM account
        LEFT JOIN operator ON operator.account_id = account.id AND operator.activated_at IS NOT NULL GROUP BY account.id, account.seats";
    let rows =
        db.query_all_raw(Statement::from_string(db.get_database_backend(), count)).await.expect("the database answers");
    for row in rows {
        let seats: i32 = row.try_get_by_index(0).expect("a number");
        let active: i64 = row.try_get_by_index(1).expect("a number");
        assert!(active <= i64::from(seats), "{active} are active on {seats} seats");
    }
    db.close().await.expect("the connection closes");
}

async fn db_let_leases_run_out(database: &Database) {
    let db = db_open(database).await;
    db.execute_unprepared("UPDATE mail SET due_at = created_at WHERE failed_at IS NULL")
        .await
        .expect("the database answers");
    db.close().await.expect("the connection closes");
}
