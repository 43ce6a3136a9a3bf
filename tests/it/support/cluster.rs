//! A temporary PostgreSQL cluster for the test process, started by the first story that needs it.
//!
//! A separate thread with its own runtime creates and drops databases: each story has its own
//! runtime, and connections do not survive the runtime that opened them.

use std::{
    sync::{Arc, OnceLock},
    thread,
};

use deskbell::{
    app::db::Db,
    config::{DatabaseConfig, Secret},
};
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection};
use tokio::sync::{mpsc, oneshot};

use super::{database::Database, postgres::Postgres};

/// The migrated database that is copied for each story.
const TEMPLATE: &str = "story";

enum Request {
    Make(oneshot::Sender<String>),
    Drop(String),
}

struct Cluster {
    requests: mpsc::UnboundedSender<Request>,
    /// Stops when this process ends, not before.
    server: Arc<Postgres>,
}

static CLUSTER: OnceLock<Cluster> = OnceLock::new();

/// Drops its database when it is dropped.
#[derive(Debug)]
pub struct Dropped(String);

impl Drop for Dropped {
    fn drop(&mut self) {
        if let Some(cluster) = CLUSTER.get() {
            // If the thread has ended, the process is about to end, and the cluster with it.
            let _ = cluster.requests.send(Request::Drop(std::mem::take(&mut self.0)));
        }
    }
}

/// Creates a database with the schema. Returns its URL and the guard that drops it.
pub async fn database() -> (String, Dropped) {
    let cluster = CLUSTER.get_or_init(Cluster::start);
    let (reply, made) = oneshot::channel();
    assert!(cluster.requests.send(Request::Make(reply)).is_ok(), "the cluster's thread panicked: see above");
    let name = made.await.expect("the cluster's thread made a database");
    (cluster.server.url(&name), Dropped(name))
}

/// The PostgreSQL server that this process's stories share.
pub fn server() -> Arc<Postgres> {
    Arc::clone(&CLUSTER.get_or_init(Cluster::start).server)
}

/// The name of a story's database.
pub fn name_of(database: &Database) -> String {
    let url: url::Url = database.url().reveal().parse().expect("a valid URL");
    url.path().trim_start_matches('/').to_owned()
}

/// Executes a statement on the database `postgres`.
pub async fn db_execute(statement: &str) {
    let mut options = ConnectOptions::new(server().url("postgres"));
    options.max_connections(1).sqlx_logging(false);
    let admin = sea_orm::Database::connect(options).await.expect("the cluster answers");
    execute(&admin, statement).await;
    admin.close().await.expect("the connection closes");
}

impl Cluster {
    fn start() -> Self {
        let server = Arc::new(Postgres::start());
        let (requests, received) = mpsc::unbounded_channel();
        let kept = Arc::clone(&server);
        thread::Builder::new()
            .name("cluster".to_owned())
            .spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                runtime.block_on(manage_databases(&kept, received));
            })
            .expect("a thread");
        Self { requests, server }
    }
}

/// Creates and drops databases until the process ends.
async fn manage_databases(server: &Postgres, mut requests: mpsc::UnboundedReceiver<Request>) {
    let mut options = ConnectOptions::new(server.url("postgres"));
    options.max_connections(1).sqlx_logging(false);
    let admin = sea_orm::Database::connect(options).await.expect("the cluster answers");
    execute(&admin, &format!("CREATE DATABASE {TEMPLATE}")).await;
    let config = DatabaseConfig { url: Secret::new(server.url(TEMPLATE)), pool: 2 };
    let db = Db::connect(&config).await.expect("the template opens");
    db.migrate().await.expect("the template is migrated");
    // PostgreSQL does not copy a database that has open connections.
    db.close().await.expect("the template closes");

    let mut made = 0;
    while let Some(request) = requests.recv().await {
        match request {
            Request::Make(reply) => {
                made += 1;
                let name = format!("{TEMPLATE}_{made}");
                execute(&admin, &format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}")).await;
                // The story may have been cancelled.
                let _ = reply.send(name);
            }
            Request::Drop(name) => execute(&admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await,
        }
    }
}

async fn execute(admin: &DatabaseConnection, statement: &str) {
    admin.execute_unprepared(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
}
