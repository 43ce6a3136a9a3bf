//! The parts that all rooms use: the database, the bus, the clock, the hasher, and [`Work`], which
//! publishes a change's events when its transaction commits.

pub mod chat_figures;
pub mod clock;
pub mod db;
mod noticed;
pub mod reader;
pub mod reads;
pub mod turnstile;

use std::{
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64},
    },
};

use anyhow::Context as _;
use edge::{
    ledger::{self, Who},
    metrics::Metrics,
    supervisor::Supervisor,
};
use entity::{AccountId, ServerId};
use prometheus_client::metrics::counter::Counter;
use sea_orm::{ConnectionTrait as _, DbBackend, DbErr};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    access::throttle::Throttle,
    app::{
        chat_figures::ChatFigures,
        clock::Clock,
        db::{Db, Snapshot, Storage, Txn},
        noticed::Noticed,
        reader::Reader,
        turnstile::{Turn, Turnstile},
    },
    bus::{Bus, Event, Topic},
    config::Config,
    password::Hasher,
    photo_lines::PhotoLines,
    presence::Presence,
};

/// The shared parts of a server. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App {
    pub config: Arc<Config>,
    pub bus: Bus,
    pub clock: Clock,
    pub hasher: Hasher,
    pub throttle: Arc<Throttle>,
    pub metrics: Arc<Metrics>,
    /// Runs the background tasks.
    pub supervisor: Supervisor,
    /// Number of statements that the database was asked to run.
    pub statements: Counter,
    /// Metrics of conversations.
    pub chat: ChatFigures,
    /// Number of waiting mails when the queue was last counted.
    pub mails_waiting: Arc<AtomicI64>,
    /// Whether an account was seen in the database. Stays true from then on.
    pub has_account: Arc<AtomicBool>,
    /// Foreign origins that were logged.
    foreign_origins: Arc<Noticed>,
    pub photo_lines: PhotoLines,
    /// Who types, and which visitors are here.
    pub presence: Presence,
    turnstile: Turnstile,
    db: Db,
    /// The read connections of `db`, with the queue of the caller that this `App` is for.
    reader: Reader,
}

impl App {
    /// Opens the database and runs the pending migrations.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        let mut db = Db::open(&config.database).await?;
        let metrics = Arc::new(Metrics::new("deskbell"));
        let statements = metrics.counter("statements", "Statements sent to the database, without heartbeats");
        db.count(&statements);
        let supervisor = Supervisor::new(&metrics);
        let chat = ChatFigures::new(&metrics);
        let reader = Reader::new(&db, config.database.pool);
        let clock = Clock::system();
        let hasher = Hasher::new(config.hashing.params, config.hashing.permits, config.hashing.queue)?;
        let bus = match config.bus {
            Some(_) => Bus::shared(&metrics),
            None if config.database.is_sqlite() => Bus::default(),
            None => Bus::of_one_among_others(),
        };
        let presence = Presence::new(bus.clone());
        let throttle = Arc::new(Throttle::new(&config.rate_limits, &clock, bus.clone()));
        Ok(Self {
            config: Arc::new(config),
            bus,
            clock,
            hasher,
            throttle,
            metrics,
            supervisor,
            statements,
            chat,
            mails_waiting: Arc::default(),
            has_account: Arc::default(),
            foreign_origins: Arc::default(),
            photo_lines: PhotoLines::default(),
            presence,
            turnstile: Turnstile::default(),
            db,
            reader,
        })
    }

    /// The same server for one caller: its reads wait in that caller's queue.
    #[must_use]
    pub fn for_who(&self, who: Who) -> Self {
        Self { reader: self.reader.for_who(who), ..self.clone() }
    }

    /// Connections for reads outside a transaction. A read waits in the queue of the caller that
    /// this `App` is for.
    #[must_use]
    pub fn db(&self) -> &Reader {
        &self.reader
    }

    /// Begins a [`Work`]: a transaction and the events that its commit publishes.
    pub async fn begin(&self) -> Result<Work, DbErr> {
        // On PostgreSQL, reads and transactions share a pool, so transactions wait in the same
        // queues.
        let connection = match self.reader.get_database_backend() {
            DbBackend::Postgres => Some(self.reader.turn().await?),
            _ => None,
        };
        Ok(Work { txn: self.db.begin().await?, events: Vec::new(), bus: self.bus.clone(), turn: None, connection })
    }

    /// [`App::begin`] for a change of one account: waits for its turn before it takes a connection.
    pub async fn begin_in(&self, account_id: AccountId) -> Result<Work, DbErr> {
        self.for_who(Who::account(account_id.0)).begin_at(account_id.0).await
    }

    /// [`App::begin`] for a change of the row with this key, such as a conversation: waits for its
    /// turn before it takes a connection.
    pub async fn begin_at(&self, key: Uuid) -> Result<Work, DbErr> {
        let turn = self.turnstile.pass(key).await;
        Ok(Work { turn: Some(turn), ..self.begin().await? })
    }

    /// Begins a read-only transaction, in which all reads see the same state. It waits in the queue
    /// of the caller that this `App` is for, once.
    pub async fn snapshot(&self) -> Result<Snapshot, DbErr> {
        self.db.snapshot(self.reader.turn().await?).await
    }

    /// Logs that a page of a foreign origin tried to sign in or to act for an operator, once for
    /// each origin.
    ///
    /// The usual cause is a dashboard that was opened under a different name than the public URL.
    pub fn refused_page(&self, origin: Option<&str>) {
        let origin = origin.unwrap_or("unknown");
        if self.foreign_origins.is_first(origin) {
            tracing::warn!(
                origin,
                public_url = self.config.http.public_base(),
                "a page of a foreign origin may not sign in; set DESKBELL_PUBLIC_URL to the address that browsers use, or add the origin \
                 to DESKBELL_ALLOWED_ORIGINS"
            );
        }
    }

    /// Whether the database can be written.
    #[must_use]
    pub fn storage(&self) -> &Storage {
        self.db.storage()
    }

    /// Detects when the database can be written again. Runs until cancelled.
    pub async fn watch_storage(self, stop: CancellationToken) {
        db::watch(self.db, self.clock, stop).await;
    }

    /// Records that this server runs, and returns the number of other servers on the same
    /// PostgreSQL database.
    pub async fn beat(&self, me: ServerId) -> Result<u64, DbErr> {
        self.db.beat(me).await
    }

    /// Records that this server has ended.
    pub async fn leave(&self, me: ServerId) -> Result<(), DbErr> {
        self.db.leave(me).await
    }

    /// Checks that the server can serve; the error is the reason why it cannot.
    pub async fn ready(&self) -> anyhow::Result<()> {
        self.db.ready().await
    }

    /// Closes the database.
    pub async fn close(self) -> Result<(), DbErr> {
        self.db.close().await
    }
}

/// A transaction together with its events: both happen or neither does. Dropping it without
/// [`Work::commit`] rolls back and publishes nothing.
#[derive(Debug)]
pub struct Work {
    txn: Txn,
    events: Vec<Event>,
    bus: Bus,
    /// Released after the transaction has ended.
    turn: Option<Turn>,
    /// The turn at a connection, where reads and writes share a pool. Released after the
    /// transaction has ended.
    connection: Option<ledger::Turn>,
}

impl Work {
    /// Adds an event, published when the work is committed.
    pub fn announce(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Whether the commit will publish a change of this topic. Its version was then counted, and
    /// need not be counted again in this transaction.
    #[must_use]
    pub fn announces(&self, topic: Topic) -> bool {
        self.events.iter().any(|event| matches!(event, Event::Changed { topic: of, .. } if *of == topic))
    }

    /// Commits, then publishes. After an error the caller must not rely on the change. On
    /// PostgreSQL it may have been committed before the connection broke, so subscribers re-read.
    ///
    /// Runs in a separate task: the caller may be dropped at any moment, and a commit without its
    /// events would leave subscribers with stale data.
    pub async fn commit(self) -> anyhow::Result<()> {
        let Self { txn, events, bus, turn, connection } = self;
        let finish = tokio::spawn(async move {
            let committed = txn.commit().await;
            drop(connection);
            for event in events {
                match &committed {
                    Ok(()) => bus.publish(event),
                    // If the connection broke, the database may have committed anyway.
                    Err(_) => bus.doubt(&event),
                }
            }
            drop(turn);
            committed
        });
        finish.await.context("the commit was cut short")?.context("committing")
    }
}

impl Deref for Work {
    type Target = Txn;

    fn deref(&self) -> &Txn {
        &self.txn
    }
}
