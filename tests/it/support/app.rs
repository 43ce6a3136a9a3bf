//! A server that runs inside the test process.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use chrono::TimeDelta;
use deskbell::{
    app::App,
    bus::{Delivery, Listener, Topic},
    config::{Config, SignUp},
    graphql::Kind,
    password::HashParams,
    serve::Listening,
};
use edge::ledger::{Turn, Who};
use entity::{AccountId, OperatorId, account, mail, operator};
use futures_util::{FutureExt as _, future::join_all};
use sea_orm::{EntityTrait, PaginatorTrait as _};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Answer, Database, Person, eventually, in_time, person::Server};

/// A real server with its own port and database. It stops when it is dropped.
#[derive(Debug)]
pub struct TestApp {
    app: App,
    server: Server,
    stop: CancellationToken,
    serving: Option<JoinHandle<anyhow::Result<()>>>,
    accounts: AtomicU32,
    // Declared last, because fields are dropped in order and the server uses it.
    database: Option<Database>,
}

impl TestApp {
    /// Starts a server with the default settings, except those that only make a test slow.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts a server with changed settings.
    pub async fn start_with(set: impl FnOnce(&mut Config)) -> Self {
        Self::start_on(Database::fresh().await, set).await
    }

    /// Starts a server on the database that an earlier server left.
    pub async fn start_on(database: Database, set: impl FnOnce(&mut Config)) -> Self {
        show_errors();
        let mut config = Config::default();
        config.http.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        config.http.public_url = "http://127.0.0.1:0".parse().expect("a valid URL");
        config.database.url = database.url();
        // Many stories run at once, each with a pool.
        config.database.pool = 8;
        // The minimum that argon2 accepts: stories do not test the strength of hashes.
        config.hashing.params = HashParams { memory_kib: 8, passes: 1, lanes: 1 };
        config.hashing.queue = 10_000;
        config.rate_limits.enabled = false;
        // Most stories have several accounts.
        config.sign_up = SignUp::On;
        // All people of a story are one client, and races need concurrent requests.
        config.http.max_client_executing = 1_000;
        config.http.max_client_waiting = 10_000;
        config.mail.poll = Duration::from_millis(100);
        set(&mut config);
        // Boxed, because it would make the future of every story large.
        let listening = Box::pin(Listening::start(config)).await.expect("the server starts");
        let (app, address) = (listening.app().clone(), listening.address());
        let stop = CancellationToken::new();
        let serving = tokio::spawn(listening.run(stop.clone().cancelled_owned()));
        Self {
            app,
            server: Server::at(address),
            stop,
            serving: Some(serving),
            accounts: AtomicU32::new(0),
            database: Some(database),
        }
    }

    /// Stops the server as a signal does, and returns its database.
    pub async fn stop(mut self) -> Database {
        self.stop.cancel();
        let serving = self.serving.take().expect("the server is stopped once");
        in_time("the shutdown", serving)
            .await
            .expect("the server did not panic")
            .expect("the server stopped without an error");
        self.database.take().expect("the database is taken once")
    }

    /// Takes all connections for reads, each on behalf of another account.
    pub async fn db_all_connections(&self) -> Vec<Turn> {
        let connections = self.app.config.database.pool;
        let turn = async |_| {
            self.app.for_who(Who::account(AccountId::new().0)).db().turn().await.expect("a connection that reads")
        };
        join_all((0..connections).map(turn)).await
    }

    /// The application, for `db_` helpers and settings.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Waits until the server has not queried the database for a while. The work at its start and
    /// after the last change is then done, so statements counted afterwards belong to the next step
    /// of the story.
    pub async fn is_idle(&self) {
        let mut before = self.app.statements.get();
        eventually("an idle server", async || {
            tokio::time::sleep(Duration::from_millis(500)).await;
            let now = self.app.statements.get();
            std::mem::replace(&mut before, now) == now
        })
        .await;
    }

    /// Waits until no mail is queued.
    pub async fn all_is_sent(&self) {
        eventually("an empty queue", async || {
            mail::Entity::find().count(self.app.db()).await.expect("the database answers") == 0
        })
        .await;
    }

    /// The address that the server listens on.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        self.server.url("")
    }

    /// Advances the server's clock.
    pub fn later(&self, by: TimeDelta) {
        self.app.clock.advance(by);
    }

    /// An anonymous caller.
    pub fn anonymous(&self) -> Person {
        Person::anonymous(self.server.clone())
    }

    /// Signs up an account with this number of seats. The owner is inactive, so all seats are free.
    pub async fn account(&self, seats: i32) -> Account {
        let number = self.accounts.fetch_add(1, Ordering::Relaxed);
        self.account_named(&format!("company{number}"), seats).await
    }

    /// Signs up an account with a name, which is also the domain of its email addresses.
    pub async fn account_named(&self, name: &str, seats: i32) -> Account {
        let mut owner = self.anonymous();
        let account = owner.signs_up(name, "Olive Owner", &format!("owner@{name}.example")).await.granted();
        let account = &account.payload()["account"];
        let account = Account {
            id: account["id"].as_str().expect("an id").to_owned(),
            widget_key: account["widgetKey"].as_str().expect("a key").to_owned(),
            name: name.to_owned(),
            owner,
        };
        account.owner.deactivates(&account.owner).await.granted();
        if seats > 1 {
            account.owner.buys(seats).await.granted();
        }
        account
    }

    /// The database row of an operator, removed or not.
    pub async fn db_operator(&self, person: &Person) -> operator::Model {
        let row = operator::Entity::find_by_id(person.db_key()).one(self.app.db()).await;
        row.expect("the database answers").expect("the operator exists")
    }

    /// The version of what the account's operators see.
    pub async fn db_version(&self, account: &Account) -> i64 {
        let row = account::Entity::find_by_id(account.db_key()).one(self.app.db()).await;
        row.expect("the database answers").expect("the account exists").version
    }

    /// The number of active operators of an account, counted in the database.
    pub async fn db_active(&self, account: &Account) -> usize {
        use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};
        let active = operator::Entity::find()
            .filter(operator::COLUMN.account_id.eq(account.db_key()))
            .filter(operator::COLUMN.activated_at.is_not_null())
            .count(self.app.db())
            .await;
        usize::try_from(active.expect("the database answers")).expect("a small number")
    }

    /// Collects the events that are published about an account from now on.
    pub fn db_events(&self, account: &Account) -> Events {
        let topics = [Topic::Availability(account.db_key()), Topic::Account(account.db_key())];
        Events(topics.map(|topic| (topic, self.app.bus.listen(topic))))
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(serving) = &self.serving {
            serving.abort();
        }
    }
}

/// The events that the bus publishes about one account.
#[derive(Debug)]
pub struct Events([(Topic, Listener); 2]);

impl Events {
    /// The topics that changed since the last call, with their versions: the last two of each. A
    /// mutation publishes its events before it answers.
    pub fn published(&mut self) -> Vec<(Topic, i64)> {
        let mut published = Vec::new();
        for (topic, listener) in &mut self.0 {
            while let Some(delivery) = listener.next().now_or_never() {
                if let Delivery::Version(version) = delivery {
                    published.push((*topic, version));
                }
            }
        }
        published
    }
}

/// An account with its owner.
#[derive(Debug)]
pub struct Account {
    pub id: String,
    pub widget_key: String,
    pub name: String,
    /// An inactive operator with full access.
    pub owner: Person,
}

impl Account {
    /// An active operator with full access.
    pub async fn full_access(&self, name: &str) -> Person {
        self.adds(name, json!({ "accessLevel": "FULL", "isActive": true })).await
    }

    /// An inactive operator with full access.
    pub async fn inactive_full_access(&self, name: &str) -> Person {
        self.adds(name, json!({ "accessLevel": "FULL" })).await
    }

    /// An active operator with limited access.
    pub async fn limited(&self, name: &str) -> Person {
        self.adds(name, json!({ "isActive": true })).await
    }

    /// An inactive operator with limited access.
    pub async fn inactive(&self, name: &str) -> Person {
        self.adds(name, json!({})).await
    }

    /// An operator who has signed in; `more` goes into `AddOperatorInput`.
    pub async fn adds(&self, name: &str, more: Value) -> Person {
        let email = format!("{}@{}.example", name.to_lowercase().replace(' ', "."), self.name);
        let mut input = json!({ "name": name, "email": email, "password": super::PASSWORD });
        for (field, value) in more.as_object().expect("fields") {
            input[field] = value.clone();
        }
        let added = self.owner.does("addOperator", input).await.granted();
        let mut person = self.owner.server().anonymous();
        person
            .signs_in(added.payload()["operator"]["email"].as_str().expect("the owner sees it"), super::PASSWORD)
            .await
            .granted();
        person
    }

    /// Adds inactive operators, and does not sign them in.
    pub async fn profiles(&self, count: usize) -> Vec<Person> {
        let added = (0..count).map(|number| async move {
            let input = json!({
                "name": format!("Operator {number}"), "email": format!("operator{number}@{}.example", self.name), "password": super::PASSWORD
            });
            let added = self.owner.does("addOperator", input).await.granted();
            self.owner.server().known(&added.payload()["operator"])
        });
        futures_util::future::join_all(added).await
    }

    /// The number of seats and of used seats, as an operator sees them.
    pub async fn seats(&self) -> (i64, i64) {
        let seats = self.owner.run("{ account { seats { limit used } } }", json!({})).await;
        (seats.number("account.seats.limit"), seats.number("account.seats.used"))
    }

    /// The version of the availability, as visitors see it.
    pub async fn version(&self) -> i64 {
        self.visited("version").await.number("availability.version")
    }

    /// Queries the availability as a visitor, with this selection.
    pub async fn visited(&self, selection: &str) -> Answer {
        let query = format!("query($key: String!) {{ availability(widgetKey: $key) {{ {selection} }} }}");
        self.owner.server().anonymous().run(&query, json!({ "key": self.widget_key })).await
    }

    pub fn db_key(&self) -> AccountId {
        match Kind::parse(&self.id.as_str().into()) {
            Some(Kind::Account(key)) => key,
            other => panic!("{} names no account: {other:?}", self.id),
        }
    }
}

/// The key of the operator with this global id.
pub fn db_operator_key(id: &str) -> OperatorId {
    match Kind::parse(&id.into()) {
        Some(Kind::Operator(key)) => key,
        other => panic!("{id} names no operator: {other:?}"),
    }
}

/// Writes the server's errors to the output of the failing test. `DESKBELL_TEST_LOG` selects more,
/// such as `deskbell=debug`.
fn show_errors() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("DESKBELL_TEST_LOG").unwrap_or_else(|_| "error".into());
    // Fails if another story of this process has already installed a subscriber.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_test_writer().try_init();
}
