//! A throw-away PostgreSQL cluster, one a test process, started when the first story asks for it.
//!
//! A thread with a runtime of its own makes and drops databases, since a runtime goes with its story and would take its
//! connections along.

use std::{
    sync::{Arc, OnceLock},
    thread,
};

use deskbell::{
    config::{DatabaseConfig, Secret},
    db::Db,
};
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection};
use tokio::sync::{mpsc, oneshot};

use super::{database::Database, postgres::Postgres};

/// The migrated database that every story gets a copy of.
const TEMPLATE: &str = "story";

enum Request {
    Make(oneshot::Sender<String>),
    Drop(String),
}

struct Cluster {
    requests: mpsc::UnboundedSender<Request>,
    /// Ends when this process does, and only then.
    server: Arc<Postgres>,
}

static CLUSTER: OnceLock<Cluster> = OnceLock::new();

/// Drops a database when it is dropped itself.
#[derive(Debug)]
pub struct Dropped(String);

impl Drop for Dropped {
    fn drop(&mut self) {
        if let Some(cluster) = CLUSTER.get() {
            // If the thread is gone, so is the process in a moment, and the cluster with it.
            let _ = cluster.requests.send(Request::Drop(std::mem::take(&mut self.0)));
        }
    }
}

/// A new database with the schema in it: its address, and what drops it.
pub async fn database() -> (String, Dropped) {
    let cluster = CLUSTER.get_or_init(Cluster::start);
    let (reply, made) = oneshot::channel();
    assert!(cluster.requests.send(Request::Make(reply)).is_ok(), "the cluster's thread has died: see above");
    let name = made.await.expect("the cluster's thread made a database");
    (cluster.server.url(&name), Dropped(name))
}

/// The server of this process's stories.
pub fn server() -> Arc<Postgres> {
    Arc::clone(&CLUSTER.get_or_init(Cluster::start).server)
}

/// The name of a story's database.
pub fn name_of(database: &Database) -> String {
    let url: url::Url = database.url().reveal().parse().expect("our own address");
    url.path().trim_start_matches('/').to_owned()
}

/// Executes a statement outside of the stories' databases.
pub async fn db_execute(statement: &str) {
    let mut options = ConnectOptions::new(server().url("postgres"));
    options.max_connections(1).sqlx_logging(false);
    let admin = sea_orm::Database::connect(options).await.expect("the cluster answers");
    execute(&admin, statement).await;
    admin.close().await.expect("it closes");
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
                runtime.block_on(keep(&kept, received));
            })
            .expect("a thread");
        Self { requests, server }
    }
}

/// Makes and drops databases for as long as the process lives.
async fn keep(server: &Postgres, mut requests: mpsc::UnboundedReceiver<Request>) {
    let mut options = ConnectOptions::new(server.url("postgres"));
    options.max_connections(1).sqlx_logging(false);
    let admin = sea_orm::Database::connect(options).await.expect("the cluster answers");
    execute(&admin, &format!("CREATE DATABASE {TEMPLATE}")).await;
    let config = DatabaseConfig { url: Secret::new(server.url(TEMPLATE)), pool: 2 };
    let db = Db::connect(&config).await.expect("the template opens");
    db.migrate().await.expect("the template is migrated");
    // A database that somebody is connected to cannot be copied.
    db.close().await.expect("the template closes");

    let mut made = 0;
    while let Some(request) = requests.recv().await {
        match request {
            Request::Make(reply) => {
                made += 1;
                let name = format!("{TEMPLATE}_{made}");
                execute(&admin, &format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}")).await;
                // The story may have been given up.
                let _ = reply.send(name);
            }
            Request::Drop(name) => execute(&admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await,
        }
    }
}

async fn execute(admin: &DatabaseConnection, statement: &str) {
    admin.execute_unprepared(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
}
