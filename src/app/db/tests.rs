use std::{
    collections::BTreeSet,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use entity::{ServerId, server};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    EntityTrait, QueryFilter,
    sqlx::{self, Connection as _, sqlite::SqliteConnection},
};
use tokio_util::sync::CancellationToken;

use super::{storage::Said, *};
use crate::{app::clock::Clock, config::Secret};

async fn opened(folder: &tempfile::TempDir) -> Db {
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    Db::open(&DatabaseConfig { url: Secret::new(url), pool: 2 }).await.expect("a database")
}

#[tokio::test]
async fn a_busy_writer_is_no_reason_not_to_be_ready() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = opened(&folder).await;
    let _writing = db.begin().await.expect("the writer");
    db.ready().await.expect("ready");
}

#[tokio::test]
async fn what_a_newer_version_has_added_does_not_keep_this_one_from_starting() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = opened(&folder).await;
    let newer = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29990101_000001_add_more', 0)";
    let work = db.begin().await.expect("the writer");
    work.execute_unprepared(newer).await.expect("written");
    work.commit().await.expect("committed");
    db.migrate().await.expect("nothing to do");
    opened(&folder).await;
}

#[cfg(unix)]
#[tokio::test]
async fn without_its_file_sqlite_is_not_ready() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = opened(&folder).await;
    db.ready().await.expect("ready");
    let file = folder.path().join("test.db");
    std::fs::rename(&file, folder.path().join("away.db")).expect("moved");
    assert!(db.ready().await.is_err(), "gone");
    std::fs::write(&file, "").expect("written");
    assert!(db.ready().await.is_err(), "another");
    std::fs::rename(folder.path().join("away.db"), &file).expect("moved");
    db.ready().await.expect("ready");
}

/// What ends a transaction other than its COMMIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Break {
    /// `SQLITE_FULL` in a statement.
    Full,
    /// `SQLITE_INTERRUPT` in a statement: SQLite rolls back on its own, as for `SQLITE_IOERR` and
    /// `SQLITE_NOMEM`.
    Interrupt,
    /// COMMIT fails and the transaction stays open, as with `SQLITE_BUSY`.
    CommitRefused,
    /// COMMIT fails and the transaction is rolled back, as with `SQLITE_FULL` and `SQLITE_IOERR`.
    CommitRolledBack,
    /// The task is dropped between BEGIN and COMMIT.
    Dropped,
    /// The task is dropped while it waits for BEGIN.
    DroppedAtBegin,
    /// A statement fails, and the caller continues.
    Ignored,
}

const BREAKS: [Break; 7] = [
    Break::Full,
    Break::Interrupt,
    Break::CommitRefused,
    Break::CommitRolledBack,
    Break::Dropped,
    Break::DroppedAtBegin,
    Break::Ignored,
];

#[expect(clippy::disallowed_methods, reason = "without an `App`, there is no clock")]
async fn insert(work: &Txn, filler: Option<String>) -> Result<ServerId, DbErr> {
    let row = server::ActiveModel { id: Set(ServerId::new()), seen_at: Set(chrono::Utc::now()), filler: Set(filler) };
    Ok(row.insert(work).await?.id)
}

async fn write(db: &Db) -> Result<ServerId, DbErr> {
    let work = db.begin().await?;
    let id = insert(&work, None).await?;
    work.commit().await?;
    Ok(id)
}

async fn ids(db: &Db) -> BTreeSet<ServerId> {
    server::Entity::find().all(db.read()).await.expect("read").into_iter().map(|row| row.id).collect()
}

/// Runs a closure on the single write connection.
async fn on_the_writer(db: &Db, run: impl AsyncFnOnce(&mut SqliteConnection)) {
    let mut connection = db.write.get_sqlite_connection_pool().acquire().await.expect("the writer");
    run(&mut connection).await;
}

/// Runs one transaction that does not end cleanly.
async fn breaks(db: &Db, how: Break) {
    match how {
        Break::Full => {
            let work = db.begin().await.expect("begun");
            work.execute_unprepared("PRAGMA max_page_count = 1").await.expect("set");
            let error = insert(&work, Some("x".repeat(100_000))).await.expect_err("full");
            assert_eq!(Trouble::of(&error), Some(Trouble::Full), "{error}");
            work.commit().await.expect_err("a statement failed");
        }
        Break::Interrupt => {
            let flag = Arc::new(AtomicBool::new(false));
            let is_interrupted = Arc::clone(&flag);
            on_the_writer(db, async |connection| {
                let mut handle = connection.lock_handle().await.expect("the handle");
                handle.set_progress_handler(1, move || !is_interrupted.load(Ordering::SeqCst));
            })
            .await;
            let work = db.begin().await.expect("begun");
            flag.store(true, Ordering::SeqCst);
            insert(&work, None).await.expect_err("interrupted");
            flag.store(false, Ordering::SeqCst);
            work.commit().await.expect_err("a statement failed");
        }
        Break::CommitRefused => {
            let work = db.begin().await.expect("begun");
            work.execute_unprepared("PRAGMA defer_foreign_keys = ON").await.expect("set");
            let orphan =
                "INSERT INTO photo (operator_id, side, account_id, hash, jpeg) VALUES (x'00', 1, x'00', '', x'')";
            work.execute_unprepared(orphan).await.expect("checked later");
            work.commit().await.expect_err("refused");
        }
        Break::CommitRolledBack => {
            on_the_writer(db, async |connection| {
                connection.lock_handle().await.expect("the handle").set_commit_hook(|| false);
            })
            .await;
            let work = db.begin().await.expect("begun");
            insert(&work, None).await.expect("inserted");
            work.commit().await.expect_err("rolled back");
            on_the_writer(db, async |connection| {
                connection.lock_handle().await.expect("the handle").remove_commit_hook();
            })
            .await;
        }
        Break::Dropped => {
            let db = db.clone();
            let task = tokio::spawn(async move {
                let work = db.begin().await.expect("begun");
                insert(&work, None).await.expect("inserted");
                std::future::pending::<()>().await;
            });
            tokio::task::yield_now().await;
            task.abort();
            assert!(task.await.expect_err("dropped").is_cancelled());
        }
        Break::DroppedAtBegin => {
            let mut begin = Box::pin(db.begin());
            assert!(futures_util::poll!(&mut begin).is_pending(), "another thread begins");
        }
        Break::Ignored => {
            let work = db.begin().await.expect("begun");
            insert(&work, None).await.expect("inserted");
            work.execute_unprepared("INSERT INTO server (id) VALUES (NULL)").await.expect_err("not null");
            work.commit().await.expect_err("a statement failed");
        }
    }
}

#[tokio::test]
async fn an_acknowledged_write_is_there_whatever_happened_before_it() {
    for first in BREAKS {
        for second in BREAKS {
            let folder = tempfile::tempdir().expect("a folder");
            let db = opened(&folder).await;
            let mut acknowledged = BTreeSet::from([write(&db).await.expect("written")]);
            for how in [first, second] {
                breaks(&db, how).await;
                // A rule that refuses: only its own writes are rolled back.
                let work = db.begin().await.expect("begun");
                insert(&work, None).await.expect("inserted");
                drop(work);
                acknowledged.insert(write(&db).await.unwrap_or_else(|error| panic!("{how:?}: {error}")));
            }
            assert_eq!(ids(&db).await, acknowledged, "{first:?}, {second:?}: what readers see");
            db.close().await.expect("closed");
            let db = opened(&folder).await;
            assert_eq!(ids(&db).await, acknowledged, "{first:?}, {second:?}: what a restart finds");
        }
    }
}

#[tokio::test]
async fn a_connection_that_counts_an_open_transaction_begins_no_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = opened(&folder).await;
    // The driver's count alone: SQLite has ended the transaction, and the driver has not noticed.
    let pool = db.write.get_sqlite_connection_pool();
    let mut connection = pool.acquire().await.expect("the writer");
    std::mem::forget(connection.begin().await.expect("begun"));
    sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await.expect("rolled back");
    assert!(connection.is_in_transaction(), "the driver counts it");
    drop(connection);
    let id = write(&db).await.expect("written by another connection");
    assert_eq!(ids(&db).await, BTreeSet::from([id]));
    // The reverse: a transaction in SQLite that the driver does not count.
    let mut connection = pool.acquire().await.expect("the writer");
    sqlx::raw_sql("BEGIN").execute(&mut *connection).await.expect("begun");
    assert!(!connection.is_in_transaction(), "the driver does not count it");
    drop(connection);
    let second = write(&db).await.expect("written by another connection");
    assert_eq!(ids(&db).await, BTreeSet::from([id, second]));
}

#[test]
fn what_the_databases_say_of_the_disk() {
    let says = |code: &str| Trouble::of_code(code);
    assert_eq!([says("13"), says("4874"), says("53100")], [Some(Trouble::Full); 3]);
    assert_eq!([says("10"), says("778"), says("1034"), says("58030")], [Some(Trouble::Failing); 4]);
    // Busy, no memory (twice), unique, PostgreSQL's unique, out of memory, too many connections.
    for code in ["5", "7", "3082", "2067", "23505", "53200", "53300"] {
        assert_eq!(says(code), None, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_trouble_is_said_once_a_minute_however_they_alternate() {
    let storage = Storage::default();
    let all = [Said::Written(Trouble::Full), Said::Written(Trouble::Failing), Said::Read];
    assert_eq!([all, all].map(|round| round.map(|said| storage.is_due(said))), [[true; 3], [false; 3]]);
    tokio::time::advance(Duration::from_mins(1)).await;
    assert_eq!(all.map(|said| storage.is_due(said)), [true; 3]);
}

#[tokio::test]
async fn trouble_lasts_until_a_write_succeeds() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = opened(&folder).await;
    breaks(&db, Break::Full).await;
    assert_eq!(db.storage().trouble(), Some(Trouble::Full));
    // A change that fits proves nothing.
    write(&db).await.expect("written");
    assert_eq!(db.storage().trouble(), Some(Trouble::Full));
    on_the_writer(&db, async |connection| {
        sqlx::raw_sql("PRAGMA max_page_count = 1000000").execute(connection).await.expect("space again");
    })
    .await;
    let stop = CancellationToken::new();
    let watching = tokio::spawn(watch(db.clone(), Clock::system(), stop.clone()));
    tokio::time::timeout(Duration::from_secs(20), db.storage().writable()).await.expect("noticed");
    assert_eq!(db.storage().trouble(), None);
    stop.cancel();
    watching.await.expect("stopped");
    let fillers =
        server::Entity::find().filter(server::COLUMN.filler.is_not_null()).all(db.read()).await.expect("read");
    assert!(fillers.is_empty(), "the probe's row is deleted");
}

#[cfg(unix)]
#[tokio::test]
async fn files_that_are_created_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    let folder = tempfile::tempdir().expect("a folder");
    let db = opened(&folder).await;
    write(&db).await.expect("written");
    for name in ["test.db", "test.db-wal", "test.db-shm"] {
        assert_eq!(mode(&folder.path().join(name)), 0o600, "{name}");
    }
    db.close().await.expect("closed");

    let file = folder.path().join("test.db");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).expect("set");
    let db = opened(&folder).await;
    write(&db).await.expect("written");
    assert_eq!(mode(&file), 0o640, "a mode that was set is left");
}
