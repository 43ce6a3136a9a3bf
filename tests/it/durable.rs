//! Acknowledged writes are kept: on a full disk, on a failing disk, and when the connection to the
//! database is lost.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Instant,
};

use deskbell::{app::db::Db, config::DatabaseConfig};
use entity::{ServerId, server};
use futures_util::future::join_all;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, PaginatorTrait, sqlx::Connection};
use serde_json::{Value, json};

use crate::support::{
    Database,
    disk::{Disk, EIO, ENOMEM, ENOSPC, Faults},
    eventually, is_postgres,
    process::{Folder, Program},
    proxy::{Path, Proxy},
    smtp::SmtpSink,
};

const PASSWORD: &str = "seven-otters-juggle-plums";
const ADA: &str = "ada@acme.example";

/// An owner, and the operators whose adding was acknowledged.
struct Owner {
    token: String,
    acknowledged: BTreeSet<String>,
    number: usize,
}

impl Owner {
    async fn signs_up(program: &Program) -> Self {
        let token = program.sign_up(ADA, PASSWORD).await;
        Self { token, acknowledged: BTreeSet::from([ADA.to_owned()]), number: 0 }
    }

    /// Adds an operator. Returns whether that was acknowledged. A failure must not disclose its
    /// cause.
    async fn adds(&mut self, program: &Program) -> bool {
        self.number += 1;
        let email = format!("operator{}@acme.example", self.number);
        let add = "mutation($email: String!) { addOperator(input: { name: \"Bob\", email: $email }) { operator { email } userErrors { __typename } } }";
        let answer = program.ask(Some(&self.token), add, json!({ "email": email })).await;
        if answer["errors"].is_null() {
            assert_eq!(answer["data"]["addOperator"], json!({ "operator": { "email": email }, "userErrors": [] }));
            self.acknowledged.insert(email);
            return true;
        }
        assert_eq!(answer["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR", "{answer}");
        let text = answer.to_string().to_lowercase();
        for word in ["database", "disk", "full", "space", "sql", "query", "commit", "transaction", "i/o"] {
            assert!(!text.contains(word), "{word} in {answer}");
        }
        false
    }

    /// Adds operators until this many attempts have failed.
    async fn is_refused(&mut self, program: &Program, times: usize) {
        let mut refused = 0;
        for _ in 0..400 {
            refused += usize::from(!self.adds(program).await);
            if refused == times {
                return;
            }
        }
        panic!("too few attempts failed");
    }

    /// Checks that every acknowledged operator exists. Those that failed may exist after a crash.
    async fn sees_all(&self, program: &Program) {
        let there = operators(program, &self.token).await;
        let lost: Vec<_> = self.acknowledged.difference(&there).collect();
        assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    }
}

async fn operators(program: &Program, token: &str) -> BTreeSet<String> {
    let query = "query($after: String) { account { operators(first: 100, after: $after) { nodes { email } pageInfo { hasNextPage endCursor } } } }";
    let (mut all, mut after) = (BTreeSet::new(), Value::Null);
    loop {
        let answer = program.ask(Some(token), query, json!({ "after": after })).await;
        let page = &answer["data"]["account"]["operators"];
        let nodes = page["nodes"].as_array().unwrap_or_else(|| panic!("{answer}"));
        all.extend(nodes.iter().map(|node| node["email"].as_str().expect("full access").to_owned()));
        if page["pageInfo"]["hasNextPage"] == false {
            return all;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// The lines of `/readyz`, which must answer 200, without those about the bus.
async fn ready(program: &Program) -> Vec<String> {
    let answer = reqwest::get(program.url("/readyz")).await.expect("an answer");
    assert_eq!(answer.status(), 200);
    let text = answer.text().await.expect("text");
    text.lines().filter(|line| !line.starts_with("bus:")).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_writes_and_loses_no_acknowledged_one() {
    let (disk, folder, relay) = (Disk::new().await, Folder::new(), SmtpSink::start().await);
    let smtp = relay.url();
    let settings = [
        ("SMTP_URL", smtp.as_str()),
        ("MAIL_FROM", "chat@acme.example"),
        ("RATE_LIMITS", "off"),
        ("LOG", "warn,deskbell=debug"),
    ];
    let began = Instant::now();
    let program = disk.serve(&folder, &settings).await;
    let mut owner = Owner::signs_up(&program).await;
    assert!(owner.adds(&program).await, "there is space");

    disk.fill().await;
    owner.is_refused(&program, 20).await;
    // Reads still work, and show exactly what was acknowledged.
    assert_eq!(operators(&program, &owner.token).await, owner.acknowledged);
    assert_eq!(ready(&program).await, ["ready", "database: full, writes are refused"]);

    disk.free().await;
    eventually("a write", async || owner.adds(&program).await).await;
    eventually("no fault in /readyz", async || ready(&program).await == ["ready"]).await;
    for _ in 0..5 {
        assert!(owner.adds(&program).await, "there is space");
    }
    assert_eq!(operators(&program, &owner.token).await, owner.acknowledged);

    disk.fill().await;
    owner.is_refused(&program, 5).await;
    let killed = program.kill().await;
    let log = &killed.stderr;
    let logged = log.matches("disk full").count();
    let minutes = usize::try_from(began.elapsed().as_secs() / 60).expect("few");
    assert!((1..=1 + minutes).contains(&logged), "once a minute, not once a request: {logged} in {log}");
    assert!(!log.contains("an operation failed inside") && !log.contains("WARN"), "{log}");
    // Each of the four mail workers waits once while the disk is full, and it was full twice.
    let waits = log.matches("the mail queue waits until the database can be written").count();
    assert!(waits <= 8, "{waits} in {log}");

    // A server that starts on a full disk has all data as well.
    let program = disk.serve(&folder, &settings).await;
    owner.sees_all(&program).await;
    owner.is_refused(&program, 5).await;
    disk.free().await;
    eventually("a write", async || owner.adds(&program).await).await;
    owner.sees_all(&program).await;
    program.kill().await;
    let program = disk.serve(&folder, &settings).await;
    owner.sees_all(&program).await;
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_cannot_be_read_is_logged_once_a_minute_and_keeps_no_task_busy() {
    if is_postgres() {
        return;
    }
    let (faults, folder) = (Faults::new(), Folder::new());
    let began = Instant::now();
    let program = faults.serve(&folder, &[("RATE_LIMITS", "off"), ("LOG", "warn,deskbell=debug")]).await;
    let mut owner = Owner::signs_up(&program).await;
    let visits = async || {
        let answer = program.ask(None, "{ availability(widgetKey: \"none\") { version } }", json!({})).await;
        answer["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    };
    // SQLite reports EIO as a damaged file, and other errors as a failing disk.
    faults.inject("read", ENOMEM);
    let recover =
        "mutation { requestPasswordRecovery(input: { email: \"ada@acme.example\" }) { userErrors { __typename } } }";
    for _ in 0..20 {
        // A queued mail wakes the mail workers, which read the queue.
        program.ask(None, recover, json!({})).await;
        eventually("a read that fails", visits).await;
    }
    faults.clear();
    eventually("a write", async || owner.adds(&program).await).await;
    owner.sees_all(&program).await;
    let log = program.kill().await.stderr;
    let seconds = usize::try_from(began.elapsed().as_secs()).expect("few");
    let logged = log.matches("the database cannot be read").count();
    assert!((1..=1 + seconds / 60).contains(&logged), "once a minute, not once a request: {logged} in {log}");
    // Each of the four mail workers reads when a mail is queued, and every five seconds.
    let looks = log.matches("the mail queue").count();
    assert!(looks <= 4 * (21 + seconds / 5), "{looks} in {seconds} s");
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_fails_loses_nothing_that_was_acknowledged() {
    if is_postgres() {
        return;
    }
    let (faults, folder) = (Faults::new(), Folder::new());
    let settings = [("RATE_LIMITS", "off"), ("LOG", "warn,deskbell=info")];
    let mut program = faults.serve(&folder, &settings).await;
    let mut owner = Owner::signs_up(&program).await;
    for (nth, (kind, code)) in
        [("write", ENOSPC), ("write", EIO), ("write", ENOMEM), ("sync", ENOSPC), ("sync", EIO), ("sync", ENOMEM)]
            .into_iter()
            .enumerate()
    {
        // The fault appears and disappears.
        for _ in 0..3 {
            faults.inject(kind, code);
            owner.is_refused(&program, 2).await;
            owner.sees_all(&program).await;
            faults.clear();
            eventually("a write", async || owner.adds(&program).await).await;
        }
        eventually("no fault in /readyz", async || ready(&program).await == ["ready"]).await;
        owner.sees_all(&program).await;
        if nth % 2 == 1 {
            // The server is killed during the fault.
            faults.inject(kind, code);
            owner.is_refused(&program, 1).await;
            program.kill().await;
            faults.clear();
            program = faults.serve(&folder, &settings).await;
            owner.sees_all(&program).await;
        }
    }
    // Some failed writes may exist because the server was killed, but nothing that was never
    // requested.
    let there = operators(&program, &owner.token).await;
    assert!(
        there.len() <= owner.acknowledged.len() + 3,
        "{} exist, {} were acknowledged",
        there.len(),
        owner.acknowledged.len()
    );
}

/// The program with a proxy in front of PostgreSQL, and an owner.
async fn behind_a_proxy(database: &Database, folder: &Folder) -> (Proxy, Program, Owner) {
    let mut url: url::Url = database.url().reveal().parse().expect("a URL");
    let proxy = Proxy::to(url.port().expect("the cluster has a port")).await;
    url.set_port(Some(proxy.port())).expect("a port");
    let program =
        folder.serve(&[("DATABASE_URL", url.as_str()), ("RATE_LIMITS", "off"), ("LOG", "off,deskbell=info")]).await;
    let owner = Owner::signs_up(&program).await;
    (proxy, program, owner)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_lost_at_its_commit_acknowledges_nothing() {
    if !is_postgres() {
        return;
    }
    let (database, folder) = (Database::fresh().await, Folder::new());
    let (proxy, program, mut owner) = behind_a_proxy(&database, &folder).await;
    let mut saved = owner.acknowledged.clone();
    for _ in 0..3 {
        // Until PostgreSQL receives the COMMIT nothing is saved. Afterwards everything is, and the
        // server cannot know.
        for (path, is_saved) in [(Path::CutBefore("COMMIT"), false), (Path::CutAfter("COMMIT"), true)] {
            proxy.set(path);
            assert!(!owner.adds(&program).await, "{path:?}");
            proxy.restore();
            if is_saved {
                saved.insert(format!("operator{}@acme.example", owner.number));
            }
            eventually("a write", async || owner.adds(&program).await).await;
            saved.extend(owner.acknowledged.iter().cloned());
            assert_eq!(operators(&program, &owner.token).await, saved, "{path:?}");
        }
    }
}

#[tokio::test]
async fn a_connection_that_is_left_in_a_transaction_is_not_used_for_another() {
    if !is_postgres() {
        return;
    }
    let database = Database::fresh().await;
    let config = DatabaseConfig { url: database.url(), pool: 2 };
    let db = Db::connect(&config).await.expect("the database opens");
    let pool = db.read().get_postgres_connection_pool();
    let mut both = [pool.acquire().await.expect("a connection"), pool.acquire().await.expect("the other one")];
    for connection in &mut both {
        std::mem::forget(connection.begin().await.expect("begun"));
    }
    drop(both);
    for _ in 0..3 {
        let work = db.begin().await.expect("begun");
        let row = server::ActiveModel { id: Set(ServerId::new()), seen_at: Set(chrono::Utc::now()), filler: Set(None) };
        row.insert(&work).await.expect("inserted");
        work.commit().await.expect("committed");
    }
    db.close().await.expect("closed");
    let db = Db::connect(&config).await.expect("the database opens");
    assert_eq!(server::Entity::find().count(db.read()).await.expect("the database answers"), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_connection_to_the_database_loses_nothing_that_was_acknowledged() {
    if !is_postgres() {
        return;
    }
    let (database, folder) = (Database::fresh().await, Folder::new());
    let (proxy, program, owner) = behind_a_proxy(&database, &folder).await;
    let (added, refused, is_over) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let writers = (1..=4).map(|writer| {
        let (program, added, refused, is_over, token) = (&program, &added, &refused, &is_over, &owner.token);
        async move {
            let mut mine = Owner { token: token.clone(), acknowledged: BTreeSet::new(), number: writer * 10_000 };
            while !is_over.load(Ordering::Relaxed) {
                let count = if mine.adds(program).await { added } else { refused };
                count.fetch_add(1, Ordering::Relaxed);
            }
            mine.acknowledged
        }
    });
    let cuts = async {
        for path in
            [Path::CutBefore("BEGIN"), Path::CutAfter("BEGIN"), Path::CutBefore("COMMIT"), Path::CutAfter("COMMIT")]
        {
            let (added_before, refused_before) = (added.load(Ordering::Relaxed), refused.load(Ordering::Relaxed));
            eventually("some writes", async || added.load(Ordering::Relaxed) > added_before + 2).await;
            proxy.set(path);
            eventually("a refusal", async || refused.load(Ordering::Relaxed) > refused_before).await;
            proxy.restore();
        }
        eventually("some writes", async || added.load(Ordering::Relaxed) > 20).await;
        is_over.store(true, Ordering::Relaxed);
    };
    let (written, ()) = tokio::join!(join_all(writers), cuts);
    let acknowledged: BTreeSet<_> = written.into_iter().flatten().chain(owner.acknowledged.clone()).collect();
    let there = operators(&program, &owner.token).await;
    assert!(acknowledged.is_subset(&there), "lost: {:?}", acknowledged.difference(&there));
    // Each operator was requested, and only the outcome of interrupted writes is uncertain.
    assert!(there.len() <= acknowledged.len() + refused.load(Ordering::Relaxed));
}
