//! What is reported about the database.

use std::{fs, os::unix::fs::PermissionsExt as _};

use sea_orm::{ConnectOptions, ConnectionTrait};

use super::{answers, check, check_by, the_fault, unprivileged};
use crate::support::{Database, cluster, is_postgres, pgbouncer::PgBouncer, postgres::free_port, process::Folder};

/// Runs statements on a database, which is created if it is a file.
async fn db_run(url: &str, statements: &[&str]) {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let db = sea_orm::Database::connect(options).await.expect("the database opens");
    for statement in statements {
        db.execute_unprepared(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    db.close().await.expect("the connection closes");
}

#[tokio::test]
async fn migrations_and_accounts_are_found() {
    let (database, folder) = (Database::fresh().await, Folder::new());
    let url = database.url();
    let settings = [("DATABASE_URL", url.reveal())];
    let create = ["account", "create", "--account-name", "Acme", "--owner-name", "Ada", "--email", "ada@acme.example"];
    assert_eq!(folder.run(&["migrate"], &settings).await.code(), Some(0));
    let report_with = async |sign_up: &str, expected: &str| {
        let ended = check(&folder, &[], &[settings[0], ("SIGN_UP", sign_up)]).await;
        assert_eq!(ended.code(), Some(0), "{ended:?}");
        assert!(ended.stdout.contains(expected), "{expected}: {ended:?}");
    };
    let report = async |expected: &str| report_with("first", expected).await;
    report("ok     migrations: all are applied\n").await;
    report("/sign-up creates the first account\n").await;
    report_with("off", "note   sign-up: closed, and there is no account").await;
    assert_eq!(folder.run(&create, &settings).await.code(), Some(0));
    report("ok     sign-up: closed, because there is an account\n").await;
    report_with("off", "ok     sign-up: closed\n").await;
    report_with("on", "ok     sign-up: open\n").await;

    let newer = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29990101_000001_fly', 1)";
    db_run(url.reveal(), &[newer]).await;
    report("note   migrations: a newer version has migrated this database").await;
    db_run(url.reveal(), &["DELETE FROM seaql_migrations WHERE version > 'm20261122_000006'"]).await;
    report(" pending, which the next start or `deskbell migrate` runs").await;
}

#[tokio::test]
async fn a_file_that_no_server_can_use_is_a_fault() {
    let folder = Folder::new();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("folder")).expect("created");
    fs::create_dir(at("locked")).expect("created");
    fs::write(at("letter.txt"), "Dear Ada, this is no database at all. ".repeat(40)).expect("written");
    for (name, mode) in [("secret.db", 0o000), ("read-only.db", 0o400)] {
        db_run(&format!("sqlite:{}?mode=rwc", at(name).display()), &["CREATE TABLE t (a)"]).await;
        fs::set_permissions(at(name), fs::Permissions::from_mode(mode)).expect("our file");
    }
    db_run(
        &format!("sqlite:{}?mode=rwc", at("utf16.db").display()),
        &["PRAGMA encoding = 'UTF-16le'", "CREATE TABLE t (a)"],
    )
    .await;
    let mut torn = fs::read(at("utf16.db")).expect("a file");
    torn[56..60].copy_from_slice(&[0, 0, 0, 1]);
    torn[100..].fill(0xff);
    fs::write(at("torn.db"), torn).expect("written");
    fs::set_permissions(at("locked"), fs::Permissions::from_mode(0o500)).expect("our folder");
    for (url, part) in [
        ("sqlite:folder", "folder is not a file"),
        ("sqlite:no/such/desk.db", "the folder no/such: No such file"),
        ("sqlite:letter.txt/desk.db", "letter.txt is not a folder"),
        ("sqlite:letter.txt", "not an SQLite database"),
        ("sqlite:utf16.db", "another encoding than UTF-8"),
        ("sqlite:torn.db", "malformed"),
        ("sqlite:secret.db", "cannot be read: Permission denied"),
        ("sqlite:read-only.db", "cannot be written: Permission denied"),
        ("sqlite:locked/desk.db", "the folder locked cannot be written"),
    ] {
        let ended = check_by(unprivileged, &folder, &[], &[("DATABASE_URL", url)]).await;
        let line = the_fault(&ended);
        assert!(line.starts_with("wrong  database: DESKBELL_DATABASE_URL: ") && line.contains(part), "{url}: {line}");
    }
    fs::set_permissions(at("locked"), fs::Permissions::from_mode(0o700)).expect("our folder");
}

#[tokio::test]
async fn a_postgresql_server_that_does_not_answer_is_a_fault() {
    let folder = Folder::new();
    let silent = answers("").await;
    let other = answers("HTTP/1.1 400 Bad Request\r\n\r\n").await;
    for (address, part) in [
        (format!("127.0.0.1:{}", free_port()), "Connection refused"),
        (silent, "does not answer within 5 s"),
        (other, "connecting to PostgreSQL"),
    ] {
        let url = format!("postgres://ada:swordfish@{address}/desk");
        let ended = check(&folder, &[], &[("DATABASE_URL", &url)]).await;
        let line = the_fault(&ended);
        assert!(line.starts_with("wrong  database: DESKBELL_DATABASE_URL: ") && line.contains(part), "{line}");
    }
}

#[tokio::test]
async fn a_postgresql_database_that_no_server_can_use_is_a_fault() {
    if !is_postgres() {
        return;
    }
    let (database, folder) = (Database::fresh().await, Folder::new());
    let (url, name) = (database.url(), cluster::name_of(&database));
    let pooler = PgBouncer::start(cluster::server().port(), "pool_mode = transaction").await;
    let guest = "DO $$ BEGIN CREATE ROLE guest LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$";
    db_run(url.reveal(), &["DROP SCHEMA public CASCADE", "CREATE SCHEMA public", guest]).await;
    let as_user = |user: &str| url.reveal().replace("postgres@", &format!("{user}:swordfish@"));
    let small = [("DATABASE_POOL", "1000")];
    for (url, more, part) in [
        (as_user("stranger"), &[][..], "role \"stranger\" does not exist"),
        (url.reveal().replace(&name, "no_such_database"), &[], "\"no_such_database\" does not exist"),
        (pooler.url(&name), &[], "pool_mode = session"),
        (as_user("guest"), &[], "may not create tables"),
        (format!("{}&options=-c%20default_transaction_read_only=on", url.reveal()), &[], "read-only"),
        (url.reveal().to_owned(), &small, "DESKBELL_DATABASE_POOL"),
    ] {
        let settings = [&[("DATABASE_URL", url.as_str())], more].concat();
        let ended = check(&folder, &[], &settings).await;
        let line = the_fault(&ended);
        assert!(line.starts_with("wrong  database: DESKBELL_DATABASE_URL: ") && line.contains(part), "{url}: {line}");
    }
}

#[tokio::test]
async fn servers_without_a_bus_are_noted() {
    if !is_postgres() {
        return;
    }
    let (database, folder) = (Database::fresh().await, Folder::new());
    let url = database.url();
    let settings = [("DATABASE_URL", url.reveal()), ("DATABASE_POOL", "4")];
    let _first = folder.serve(&settings).await;
    let _second = folder.serve(&settings).await;
    crate::support::eventually("both servers have recorded that they run", async || {
        let ended = check(&folder, &[], &settings).await;
        assert_eq!(ended.code(), Some(0), "{ended:?}");
        ended.stdout.contains("note   bus: none, and 2 servers run on this database")
    })
    .await;
}
