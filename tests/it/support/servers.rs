//! Several servers with one database and one broker. Each reaches the broker through its own proxy.

use std::{net::SocketAddr, time::Duration};

use anyhow::Context as _;
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, QueryResult, Statement};
use serde_json::{Value, json};

use super::{
    Person,
    broker::Broker,
    crowd::Expected,
    eventually,
    person::Server,
    postgres::Postgres,
    process::{Build, Ended, Folder, Program},
    proxy::{Path, Proxy},
};

const DATABASE: &str = "deskbell";

/// Servers that run until they are stopped or killed.
#[derive(Debug)]
pub struct Servers {
    nodes: Vec<Node>,
    settings: Vec<(String, String)>,
    folder: Folder,
    db: DatabaseConnection,
    pub broker: Broker,
    // Declared last, because fields are dropped in order and the others use it.
    pub postgres: Postgres,
}

#[derive(Debug)]
struct Node {
    address: Option<SocketAddr>,
    program: Option<Program>,
    proxy: Proxy,
}

impl Servers {
    /// Starts servers at the same moment on an empty database.
    pub async fn start(count: usize, settings: &[(&str, &str)]) -> Self {
        Self::start_builds(&vec![Build::Current; count], settings).await
    }

    /// Starts servers of these builds at the same moment on an empty database.
    pub async fn start_builds(builds: &[Build], settings: &[(&str, &str)]) -> Self {
        let postgres = tokio::task::spawn_blocking(Postgres::start).await.expect("PostgreSQL starts");
        let admin = sea_orm::Database::connect(postgres.url("postgres")).await.expect("the database server answers");
        admin.execute_unprepared(&format!("CREATE DATABASE {DATABASE}")).await.expect("an empty database");
        admin.close().await.expect("the connection closes");
        let mut options = ConnectOptions::new(postgres.url(DATABASE));
        options.max_connections(4).acquire_timeout(Duration::from_secs(2)).sqlx_logging(false);
        let db = sea_orm::Database::connect(options).await.expect("the database opens");
        let broker = Broker::start().await;
        let defaults = [("RATE_LIMITS", "off"), ("METRICS_LISTEN", "127.0.0.1:0"), ("SIGN_UP", "on")];
        let settings =
            defaults.iter().chain(settings).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut servers = Self { nodes: Vec::new(), settings, folder: Folder::new(), db, broker, postgres };
        let programs: Vec<_> = {
            let mut programs = Vec::new();
            for build in builds {
                let proxy = Proxy::to(servers.broker.port()).await;
                programs.push((servers.spawn(*build, &proxy, None), proxy));
            }
            programs
        };
        for (mut program, proxy) in programs {
            let address = program.listens().await;
            servers.nodes.push(Node { address: Some(address), program: Some(program), proxy });
        }
        servers
    }

    fn spawn(&self, build: Build, proxy: &Proxy, address: Option<SocketAddr>) -> Program {
        let bus = format!("nats://127.0.0.1:{}", proxy.port());
        let listen = address.map_or_else(|| "127.0.0.1:0".to_owned(), |address| address.to_string());
        let url = self.postgres.url(DATABASE);
        let mut settings = vec![("DATABASE_URL", url.as_str()), ("BUS_URL", &bus), ("LISTEN", &listen)];
        settings.extend(self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        Program::spawn(self.folder.command_of(build, &["serve"], &settings), "")
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn address(&self, number: usize) -> SocketAddr {
        self.nodes[number].address.expect("it has been started")
    }

    /// The addresses of the running servers.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.nodes
            .iter()
            .filter(|node| node.program.is_some())
            .map(|node| node.address.expect("the server runs"))
            .collect()
    }

    pub fn program(&self, number: usize) -> &Program {
        self.nodes[number].program.as_ref().expect("the server runs")
    }

    /// This server, as a target of requests.
    pub fn at(&self, number: usize) -> Server {
        Server::at(self.address(number))
    }

    /// Sets the path between a server and the broker.
    pub fn path(&self, number: usize, path: Path) {
        self.nodes[number].proxy.set(path);
    }

    /// Kills a server with SIGKILL.
    pub async fn kill(&mut self, number: usize) -> Ended {
        self.nodes[number].program.take().expect("the server runs").kill().await
    }

    /// Starts a server again on its former address.
    pub async fn restart(&mut self, number: usize) {
        let mut program = self.spawn(Build::Current, &self.nodes[number].proxy, self.nodes[number].address);
        program.listens().await;
        self.nodes[number].program = Some(program);
    }

    /// Starts another server on a new address. Returns its number.
    pub async fn add(&mut self) -> usize {
        let proxy = Proxy::to(self.broker.port()).await;
        let mut program = self.spawn(Build::Current, &proxy, None);
        let address = program.listens().await;
        self.nodes.push(Node { address: Some(address), program: Some(program), proxy });
        self.nodes.len() - 1
    }

    /// Sends SIGTERM to a server. It no longer counts as running, and ends when it has drained.
    pub fn stop(&mut self, number: usize) -> Program {
        let program = self.nodes[number].program.take().expect("the server runs");
        program.signal("TERM");
        program
    }

    /// The status and the text of a page.
    pub async fn page(&self, number: usize, path: &str) -> (u16, String) {
        let answer = reqwest::get(self.program(number).url(path)).await.expect("the server answers");
        (answer.status().as_u16(), answer.text().await.expect("text"))
    }

    /// Waits until a server reports that the broker is away. It is ready, since a restart of it
    /// would not help.
    pub async fn is_cut_off(&self, number: usize) {
        eventually("/readyz", async || {
            let (status, text) = self.page(number, "/readyz").await;
            assert_eq!(status, 200, "{text}");
            text.ends_with("bus: away, polling\n")
        })
        .await;
    }

    /// A connection to the database, usable while the servers change.
    pub fn db(&self) -> DatabaseConnection {
        self.db.clone()
    }

    /// What visitors of these accounts must see, according to the database.
    pub async fn db_expected(&self, widget_keys: &[String]) -> Vec<Expected> {
        let query = "SELECT account.widget_key, GREATEST(account.availability_version, availability.version), operator.name
            FROM account LEFT JOIN availability ON availability.account_id = account.id LEFT JOIN operator ON operator.account_id = account.id AND operator.activated_at IS NOT NULL
            ORDER BY account.id, operator.id";
        let rows = db_rows(&self.db, query).await.expect("the database answers");
        let expected = |key: &String| {
            let rows: Vec<_> =
                rows.iter().filter(|row| row.try_get_by_index::<String>(0).expect("a key") == *key).collect();
            let version: i32 = rows[0].try_get_by_index(1).expect("a version");
            let names =
                rows.iter().filter_map(|row| row.try_get_by_index::<Option<String>>(2).expect("a name or null"));
            Expected { version: version.into(), names: names.collect() }
        };
        widget_keys.iter().map(expected).collect()
    }

    /// Fails if a running server has logged a panic or one of these words.
    pub fn never_logged(&self, words: &[&str]) {
        for node in &self.nodes {
            let log = node.program.as_ref().map(Program::log).unwrap_or_default();
            for word in words.iter().chain(&["panicked"]) {
                assert!(!log.contains(word), "{word} in {log}");
            }
        }
    }
}

pub async fn db_rows(db: &DatabaseConnection, query: &str) -> Result<Vec<QueryResult>, DbErr> {
    db.query_all_raw(Statement::from_string(DbBackend::Postgres, query)).await
}

/// An account that is used on several servers. Its owner is active.
#[derive(Debug)]
pub struct Company {
    pub widget_key: String,
    pub owner: Person,
    /// Inactive at first, and not signed in.
    pub people: Vec<Person>,
}

impl Company {
    /// Signs up on the first server, buys seats and adds people.
    pub async fn new(servers: &Servers, name: &str, seats: i32, people: usize) -> Self {
        Self::at(servers.at(0), name, seats, people).await
    }

    /// [`Company::new`] on this server.
    pub async fn at(server: Server, name: &str, seats: i32, people: usize) -> Self {
        let mut owner = server.anonymous();
        let signed_up =
            owner.signs_up(name, &format!("{name}'s owner"), &format!("owner@{name}.example")).await.granted();
        let widget_key = signed_up.payload()["account"]["widgetKey"].as_str().expect("a key").to_owned();
        owner.buys(seats).await.granted();
        let mut company = Self { widget_key, owner, people: Vec::new() };
        for number in 0..people {
            let person = company.adds(&format!("{name}{number}")).await;
            company.people.push(person);
        }
        company
    }

    /// Adds an inactive operator with a password.
    pub async fn adds(&self, name: &str) -> Person {
        let email = format!("{name}@example.org");
        let input = json!({ "name": name, "email": email, "password": super::PASSWORD });
        let added = self.owner.does("addOperator", input).await.granted();
        self.owner.server().known(&added.payload()["operator"])
    }
}

/// Runs a mutation and returns its payload. The error is one of the connection or of the server,
/// never a refusal by a rule.
pub async fn attempt(
    client: &reqwest::Client,
    server: SocketAddr,
    token: &str,
    query: &str,
    variables: Value,
) -> Result<Value, anyhow::Error> {
    let body = json!({ "query": query, "variables": variables });
    let sent = client.post(format!("http://{server}/graphql")).bearer_auth(token).json(&body).send().await?;
    let answer: Value = sent.json().await?;
    let payload = answer["data"].as_object().and_then(|data| data.values().next()).filter(|payload| !payload.is_null());
    payload.cloned().with_context(|| format!("{server} answers {answer}"))
}
