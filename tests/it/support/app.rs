//! A server of one story's own.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use chrono::TimeDelta;
use deskbell::{
    app::App,
    config::Config,
    event::{Delivery, Event, Listener},
    graphql::Kind,
    ledger::{Turn, Who},
    password::HashParams,
    serve::Listening,
};
use entity::{AccountId, OperatorId, operator};
use futures_util::future::join_all;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Answer, Database, Person, eventually, in_time, person::Server};

/// The real server on a port of its own, over a database of its own. Ends with the story.
#[derive(Debug)]
pub struct TestApp {
    app: App,
    server: Server,
    stop: CancellationToken,
    serving: Option<JoinHandle<anyhow::Result<()>>>,
    accounts: AtomicU32,
    // Last: dropped when the server is.
    database: Option<Database>,
}

impl TestApp {
    /// A server as it is by default, but for what would only make a story slow.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// The same, set otherwise.
    pub async fn start_with(set: impl FnOnce(&mut Config)) -> Self {
        Self::start_on(Database::fresh().await, set).await
    }

    /// The same, over what an earlier server left.
    pub async fn start_on(database: Database, set: impl FnOnce(&mut Config)) -> Self {
        show_errors();
        let mut config = Config::default();
        config.http.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        config.http.public_url = "http://127.0.0.1:0".parse().expect("a constant address");
        config.database.url = database.url();
        // Many stories run at once.
        config.database.pool = 8;
        // The least that argon2 takes: a story is about something else.
        config.hashing.params = HashParams { memory_kib: 8, passes: 1, lanes: 1 };
        config.hashing.queue = 10_000;
        config.rate_limits.enabled = false;
        // A story's people are one client, and races are to be races.
        config.http.max_client_executing = 1_000;
        config.http.max_client_waiting = 10_000;
        config.mail.poll = Duration::from_millis(100);
        set(&mut config);
        // Boxed, or the future of every story would be large.
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

    /// Stops the server as a signal would; its database is left.
    pub async fn stop(mut self) -> Database {
        self.stop.cancel();
        let serving = self.serving.take().expect("it was not stopped before");
        in_time("the server's end", serving).await.expect("the server did not panic").expect("the server ended well");
        self.database.take().expect("it was not taken before")
    }

    /// Holds every connection that reads, each for another account.
    pub async fn db_all_connections(&self) -> Vec<Turn> {
        let connections = self.app.config.database.pool;
        let turn = async |_| {
            self.app.for_who(Who::account(AccountId::new().0)).db().turn().await.expect("a connection that reads")
        };
        join_all((0..connections).map(turn)).await
    }

    /// The server's insides, for `db_` helpers and for settings.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Waits until nothing has asked the database for a while: what the server does at its start, and after a story's last change, is
    /// over, and statements that are counted from now on belong to what the story does next.
    pub async fn is_idle(&self) {
        let mut before = self.app.statements.get();
        eventually("an idle server", async || {
            tokio::time::sleep(Duration::from_millis(500)).await;
            let now = self.app.statements.get();
            std::mem::replace(&mut before, now) == now
        })
        .await;
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        self.server.url("")
    }

    /// Moves the server's clock ahead.
    pub fn later(&self, by: TimeDelta) {
        self.app.clock.advance(by);
    }

    /// Anybody on the internet.
    pub fn anonymous(&self) -> Person {
        Person::anonymous(self.server.clone())
    }

    /// A company that has signed up and bought so many seats. Its owner is inactive, so all of them are free.
    pub async fn account(&self, seats: i32) -> Account {
        let number = self.accounts.fetch_add(1, Ordering::Relaxed);
        self.account_named(&format!("company{number}"), seats).await
    }

    /// The same, with a name that its people have in their addresses.
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

    /// An operator's row as it is in the database, removed or not.
    pub async fn db_operator(&self, person: &Person) -> operator::Model {
        let row = operator::Entity::find_by_id(person.db_key()).one(self.app.db()).await;
        row.expect("the database answers").expect("the row is there")
    }

    /// How many operators of an account hold a seat by the rows.
    pub async fn db_active(&self, account: &Account) -> usize {
        use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};
        let active = operator::Entity::find()
            .filter(operator::COLUMN.account_id.eq(account.db_key()))
            .filter(operator::COLUMN.activated_at.is_not_null())
            .count(self.app.db())
            .await;
        usize::try_from(active.expect("the database answers")).expect("a small number")
    }

    /// Hears everything that is announced about an account from now on.
    pub fn db_events(&self, account: &Account) -> Events {
        Events { listener: self.app.bus.listen(account.db_key()), app: self.app.clone(), account_id: account.db_key() }
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

/// What the bus says about one account.
#[derive(Debug)]
pub struct Events {
    listener: Listener,
    app: App,
    account_id: AccountId,
}

impl Events {
    /// Everything that was announced since the last look. Whatever a mutation announces is announced before its answer.
    pub async fn published(&mut self) -> Vec<Event> {
        // Nothing else announces this, so it is where to stop.
        let mark = Event::AvailabilityChanged { account_id: self.account_id, version: -1 };
        self.app.bus.publish(mark.clone());
        let mut events = Vec::new();
        loop {
            match in_time("the mark", self.listener.next()).await {
                Delivery::Event(event) if event == mark => return events,
                Delivery::Event(event) => events.push(event),
                Delivery::Lagged => panic!("look more often"),
            }
        }
    }
}

/// A company with an owner.
#[derive(Debug)]
pub struct Account {
    pub id: String,
    pub widget_key: String,
    pub name: String,
    /// Has full access, and is inactive.
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

    /// So many inactive operators, who do not sign in.
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

    /// The seats as an operator sees them: how many there are, and how many are in use.
    pub async fn seats(&self) -> (i64, i64) {
        let seats = self.owner.run("{ account { seats { limit used } } }", json!({})).await;
        (seats.number("account.seats.limit"), seats.number("account.seats.used"))
    }

    /// The availability's version as visitors see it.
    pub async fn version(&self) -> i64 {
        self.visited("version").await.number("availability.version")
    }

    /// What a visitor sees, selected so.
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

/// The operator that a global id names.
pub fn db_operator_key(id: &str) -> OperatorId {
    match Kind::parse(&id.into()) {
        Some(Kind::Operator(key)) => key,
        other => panic!("{id} names no operator: {other:?}"),
    }
}

/// Errors of the server go to the output of the test that fails; `DESKBELL_TEST_LOG` shows more, such as `deskbell=debug`.
fn show_errors() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("DESKBELL_TEST_LOG").unwrap_or_else(|_| "error".into());
    // Another story of this process may have done so.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_test_writer().try_init();
}
