//! PostgreSQL over a Unix socket, behind a pooler, and with another encoding. These stories do
//! nothing on SQLite.

use crate::support::{
    Database, PASSWORD, cluster, is_postgres,
    pgbouncer::PgBouncer,
    process::{Ended, Folder},
    proxy::{Path, Proxy},
};

async fn migrate(url: &str) -> Ended {
    Folder::new().run(&["migrate"], &[("DATABASE_URL", url)]).await
}

#[track_caller]
fn refused(ended: &Ended, expected: &str) {
    assert_eq!(ended.code(), Some(1), "{ended:?}");
    let [line] = ended.error_lines()[..] else { panic!("one line: {ended:?}") };
    assert!(line.starts_with("deskbell: DESKBELL_DATABASE_URL: ") && line.contains(expected), "{line}");
}

#[tokio::test]
async fn a_socket_is_named_as_in_the_manual_of_postgresql() {
    if !is_postgres() {
        return;
    }
    let database = Database::fresh().await;
    let server = cluster::server();
    let (folder, port, name) = (server.folder().display(), server.port(), cluster::name_of(&database));
    let encoded = folder.to_string().replace('/', "%2F");
    for url in [
        format!("postgres://postgres:unused@/{name}?host={folder}&port={port}"),
        format!("postgres://postgres@:{port}/{name}?host={folder}"),
        format!("postgres://postgres@{encoded}:{port}/{name}"),
        format!("postgres:///{name}?user=postgres&host={folder}&port={port}"),
    ] {
        let ended = migrate(&url).await;
        assert_eq!(ended.code(), Some(0), "{url}: {ended:?}");
    }
}

#[tokio::test]
async fn a_database_in_another_encoding_is_refused_at_the_start() {
    if !is_postgres() {
        return;
    }
    for encoding in ["LATIN2", "SQL_ASCII"] {
        let name = format!("story_{}", encoding.to_lowercase());
        cluster::db_execute(&format!("DROP DATABASE IF EXISTS {name}")).await;
        cluster::db_execute(&format!(
            "CREATE DATABASE {name} ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        ))
        .await;
        refused(
            &migrate(&cluster::server().url(&name)).await,
            &format!("has the encoding {encoding} and must have UTF8"),
        );
    }
}

#[tokio::test]
async fn a_pooler_that_shares_connections_between_transactions_is_refused_at_the_start() {
    if !is_postgres() {
        return;
    }
    let database = Database::fresh().await;
    let name = cluster::name_of(&database);
    for settings in [
        "pool_mode = transaction",
        "pool_mode = transaction\nignore_startup_parameters = extra_float_digits",
        // A pool of one: any other client waits for the end of the transaction.
        "pool_mode = transaction\ndefault_pool_size = 1",
    ] {
        let pooler = PgBouncer::start(cluster::server().port(), settings).await;
        refused(&migrate(&pooler.url(&name)).await, "pool_mode = session");
    }
    let pooler = PgBouncer::start(cluster::server().port(), "pool_mode = statement").await;
    refused(&migrate(&pooler.url(&name)).await, "not allowed in statement pooling mode");
}

#[tokio::test]
async fn a_pooler_in_session_mode_works() {
    if !is_postgres() {
        return;
    }
    let database = Database::fresh().await;
    let pooler = PgBouncer::start(
        cluster::server().port(),
        "pool_mode = session\nmax_client_conn = 100\ndefault_pool_size = 50",
    )
    .await;
    let folder = Folder::new();
    let program = folder.serve(&[("DATABASE_URL", &pooler.url(&cluster::name_of(&database)))]).await;
    program.sign_up("ada@acme.example", PASSWORD).await;
    assert_eq!(program.sign_in("ada@acme.example", PASSWORD).await["viewer"]["name"], "Ada");
    program.signal("TERM");
    assert_eq!(program.ended().await.code(), Some(0));
}

#[tokio::test]
async fn the_log_reports_why_a_database_stopped_answering() {
    if !is_postgres() {
        return;
    }
    let database = Database::fresh().await;
    let path = Proxy::to(cluster::server().port()).await;
    let url = format!("postgres://postgres@127.0.0.1:{}/{}", path.port(), cluster::name_of(&database));
    let folder = Folder::new();
    let program = folder.serve(&[("DATABASE_URL", &url)]).await;
    path.set(Path::Cut);
    let answer = reqwest::get(program.url("/readyz")).await.expect("an answer");
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.text().await.expect("text"), "the database does not answer\n");
    let log = program.logs("not ready").await;
    assert!(log.contains("connecting to PostgreSQL: Connection refused"), "{log}");
}
