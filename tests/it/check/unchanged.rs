//! A check changes nothing.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, time::SystemTime};

use sea_orm::{ConnectOptions, ConnectionTrait};

use super::{check, check_by, unprivileged};
use crate::support::{
    Database, is_postgres,
    process::{Folder, Program},
};

/// Name, time of the last change, permissions and bytes of each file, and the same of the folder.
type Snapshot = Vec<(String, SystemTime, u32, Vec<u8>)>;

fn snapshot(folder: &Path) -> Snapshot {
    let entries = fs::read_dir(folder).expect("a readable folder").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = entries
        .chain([folder.to_owned()])
        .map(|path| {
            let about = fs::metadata(&path).expect("it exists");
            let bytes = if about.is_file() { fs::read(&path).expect("a readable file") } else { Vec::new() };
            (path.display().to_string(), about.modified().expect("a time"), about.permissions().mode(), bytes)
        })
        .collect();
    files.sort();
    files
}

/// Checks the database in the folder, which stays as it is.
async fn leaves_alone(folder: &Folder, expected: &str) {
    let before = snapshot(folder.path());
    let ended = check(folder, &[], &[]).await;
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    assert!(ended.stdout.contains(expected), "{expected}: {ended:?}");
    assert_same(&before, &snapshot(folder.path()));
}

fn assert_same(before: &Snapshot, after: &Snapshot) {
    let shown = |files: &Snapshot| {
        files
            .iter()
            .map(|(name, at, mode, bytes)| format!("{name} {at:?} {mode:o} {}", bytes.len()))
            .collect::<Vec<_>>()
    };
    assert_eq!(shown(before), shown(after));
    assert!(before == after, "bytes have changed");
}

/// The tables and rows are in the log of an idle server, until it ends.
async fn is_idle(folder: &Folder) {
    crate::support::eventually("the server is idle", async || {
        let before = snapshot(folder.path());
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        before == snapshot(folder.path())
    })
    .await;
}

#[tokio::test]
async fn no_file_is_created_or_changed() {
    const APPLIED: &str = "ok     migrations: all are applied\n";
    let folder = Folder::new();
    leaves_alone(&folder, "ok     database: SQLite file deskbell.db, which does not exist yet\n").await;
    fs::write(folder.path().join("deskbell.db"), "").expect("a writable folder");
    leaves_alone(&folder, "ok     database: SQLite file deskbell.db, which is empty\n").await;

    let program = folder.serve(&[]).await;
    is_idle(&folder).await;
    assert!(folder.files().contains(&"deskbell.db-wal".to_owned()));
    leaves_alone(&folder, APPLIED).await;
    program.sign_up("ada@acme.example", crate::support::PASSWORD).await;
    is_idle(&folder).await;
    leaves_alone(&folder, APPLIED).await;

    // After a crash, the log has what is not in the file.
    program.kill().await;
    assert!(folder.files().contains(&"deskbell.db-shm".to_owned()), "{:?}", folder.files());
    leaves_alone(&folder, APPLIED).await;
    // A copy of the file and its log, without the index of the log.
    fs::remove_file(folder.path().join("deskbell.db-shm")).expect("it exists");
    leaves_alone(&folder, "note   migrations: cannot be read without a change").await;

    let program = folder.serve(&[]).await;
    program.signal("TERM");
    assert_eq!(program.ended().await.code(), Some(0));
    assert_eq!(folder.files(), ["deskbell.db"]);
    leaves_alone(&folder, APPLIED).await;

    let read_only = |mode| fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).expect("our folder");
    read_only(0o500);
    let before = snapshot(folder.path());
    let ended = check_by(unprivileged, &folder, &[], &[]).await;
    assert!(ended.stdout.contains("the folder . cannot be written: Permission denied"), "{ended:?}");
    assert_same(&before, &snapshot(folder.path()));
    read_only(0o700);
}

#[tokio::test]
async fn a_check_delays_no_server_that_starts() {
    let folder = Folder::new();
    let program = folder.serve(&[]).await;
    let listen = program.address().to_string();
    program.signal("TERM");
    assert_eq!(program.ended().await.code(), Some(0));
    let settings = [("LISTEN", listen.as_str())];
    let checks = async {
        for _ in 0..5 {
            let ended = check(&folder, &[], &settings).await;
            assert_eq!(ended.code(), Some(0), "{ended:?}");
        }
    };
    let starts = async {
        for _ in 0..5 {
            let mut program = Program::spawn(folder.command(&["serve"], &settings), "");
            program.listens().await;
            program.signal("TERM");
            let ended = program.ended().await;
            assert_eq!(ended.code(), Some(0), "{ended:?}");
        }
    };
    tokio::join!(checks, starts);
}

#[tokio::test]
async fn no_table_and_no_row_is_written_to_postgresql() {
    if !is_postgres() {
        return;
    }
    let (database, folder) = (Database::fresh().await, Folder::new());
    let url = database.url();
    let mut options = ConnectOptions::new(url.reveal());
    options.max_connections(1).sqlx_logging(false);
    let db = sea_orm::Database::connect(options).await.expect("the database answers");
    let changes = async || {
        let sql = "SELECT (SELECT COUNT(*) FROM pg_class)::text || ' ' ||
            (SELECT COALESCE(SUM(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_user_tables)::text AS changes";
        let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, sql);
        let row = db.query_one_raw(statement).await.expect("an answer").expect("a row");
        row.try_get::<String>("", "changes").expect("text")
    };
    for expected in ["ok     migrations: all are applied\n", "ok     migrations: none yet"] {
        let before = changes().await;
        let ended = check(&folder, &[], &[("DATABASE_URL", url.reveal())]).await;
        assert!(ended.code() == Some(0) && ended.stdout.contains(expected), "{ended:?}");
        assert_eq!(changes().await, before);
        db.execute_unprepared("DROP SCHEMA public CASCADE; CREATE SCHEMA public").await.expect("dropped");
    }
}
