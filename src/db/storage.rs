//! Whether the database can be written: noted where a write fails, said once a minute, cleared by a write that succeeds.
//! What reads report of the disk is said once a minute as well.
//!
//! While the disk is full every write is still tried, and reads go on. [`watch`] writes a row of a rule's size each second until
//! one is saved: a smaller change may fit while the next rule's does not, and a transaction that changes nothing proves nothing.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use entity::{ServerId, server};
use rand::distr::{Alphanumeric, SampleString as _};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DbErr, EntityTrait, QueryFilter, RuntimeErr, sqlx};
use tokio::{
    sync::watch::Sender,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use super::Db;
use crate::clock::Clock;

/// Time between two log lines that say the same.
const SAY_EVERY: Duration = Duration::from_mins(1);
/// Time between two attempts to write while writes are refused.
const PROBE_EVERY: Duration = Duration::from_secs(1);
/// More than any rule writes, but for photos.
const PROBE_BYTES: usize = 64 * 1024;

/// Why writes are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// No space on the disk, or the database has reached its own limit.
    Full,
    /// The disk reports errors.
    Failing,
}

impl Trouble {
    /// What an error says about the disk, if anything.
    #[must_use]
    pub fn of(error: &DbErr) -> Option<Self> {
        let (DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error))) = error
        else {
            return None;
        };
        let sqlx::Error::Database(error) = &**error else { return None };
        Self::of_code(&error.code()?)
    }

    /// PostgreSQL's codes have five digits (appendix A of its manual), SQLite's extended result codes fewer.
    pub(super) fn of_code(code: &str) -> Option<Self> {
        const SQLITE_IOERR: u16 = 10;
        const SQLITE_FULL: u16 = 13;
        /// Memory ran out, and the disk is well.
        const SQLITE_IOERR_NOMEM: u16 = 3082;
        /// The index of the write-ahead log could not grow: what SQLite reports then for a full disk.
        const SQLITE_IOERR_SHMSIZE: u16 = 4874;
        match code {
            "53100" => return Some(Self::Full),
            "58030" => return Some(Self::Failing),
            _ if code.len() >= 5 => return None,
            _ => {}
        }
        match code.parse::<u16>().ok()? {
            SQLITE_IOERR_SHMSIZE => Some(Self::Full),
            SQLITE_IOERR_NOMEM => None,
            code if code & 0xff == SQLITE_FULL => Some(Self::Full),
            code if code & 0xff == SQLITE_IOERR => Some(Self::Failing),
            _ => None,
        }
    }

    /// One line for `/readyz`.
    #[must_use]
    pub fn remark(self) -> &'static str {
        match self {
            Self::Full => "database: full, writes are refused",
            Self::Failing => "database: I/O errors, writes are refused",
        }
    }
}

/// Whether a failure is one that [`Storage`] reports already, so that it is not logged once a request.
#[must_use]
pub fn is_reported(error: &anyhow::Error) -> bool {
    error.chain().filter_map(|cause| cause.downcast_ref::<DbErr>()).any(|error| Trouble::of(error).is_some())
}

/// The state of one database's disk, as far as its writers know. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Storage(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    trouble: Sender<Option<Trouble>>,
    /// When each of these was said last: a disk may report now the one and now the other.
    said_at: Mutex<HashMap<Said, Instant>>,
}

/// What is said once a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Said {
    Written(Trouble),
    Read,
}

impl Default for Storage {
    fn default() -> Self {
        Self(Arc::new(Inner { trouble: Sender::new(None), said_at: Mutex::default() }))
    }
}

impl Storage {
    /// Why writes are refused, if they are.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        *self.0.trouble.borrow()
    }

    /// Waits while writes are refused.
    pub async fn writable(&self) {
        // Cannot fail: we hold the sender.
        let _ = self.0.trouble.subscribe().wait_for(Option::is_none).await;
    }

    /// Notes what a failed write says about the disk.
    pub(super) fn noted(&self, error: &DbErr) {
        let Some(trouble) = Trouble::of(error) else { return };
        self.0.trouble.send_replace(Some(trouble));
        if !self.is_due(Said::Written(trouble)) {
            return;
        }
        let error = error.to_string();
        match trouble {
            Trouble::Full => tracing::error!(error, "disk full: writes are refused until the database has space again"),
            Trouble::Failing => {
                tracing::error!(error, "the disk reports errors: writes are refused until one succeeds");
            }
        }
    }

    /// Says what a failed read reports of the disk, which says nothing about writes.
    pub fn noted_by_read(&self, error: &DbErr) {
        if Trouble::of(error).is_some() && self.is_due(Said::Read) {
            tracing::error!(error = error.to_string(), "the disk reports errors: the database cannot be read");
        }
    }

    /// Whether this was not said for a while; notes that it is said now.
    pub(super) fn is_due(&self, said: Said) -> bool {
        let mut said_at = self.0.said_at.lock().unwrap_or_else(PoisonError::into_inner);
        if said_at.get(&said).is_some_and(|at| at.elapsed() < SAY_EVERY) {
            return false;
        }
        said_at.insert(said, Instant::now());
        true
    }

    async fn refuses(&self) {
        let _ = self.0.trouble.subscribe().wait_for(Option::is_some).await;
    }

    fn recovered(&self) {
        self.0.trouble.send_replace(None);
        tracing::info!("the database can be written again");
    }
}

/// Notices when writes work again, until told to stop.
pub async fn watch(db: Db, clock: Clock, stop: CancellationToken) {
    let watch = async {
        loop {
            db.storage.refuses().await;
            sleep(PROBE_EVERY).await;
            if probe(&db, &clock).await.is_ok() {
                db.storage.recovered();
            }
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = watch => {}
    }
}

/// Saves a row, and deletes it.
async fn probe(db: &Db, clock: &Clock) -> Result<(), DbErr> {
    // Random, because PostgreSQL compresses and SQLite does not write what is there already.
    let filler = Alphanumeric.sample_string(&mut rand::rng(), PROBE_BYTES);
    let work = db.begin().await?;
    server::ActiveModel { id: Set(ServerId::new()), seen_at: Set(clock.now()), filler: Set(Some(filler)) }
        .insert(&work)
        .await?;
    work.commit().await?;
    let work = db.begin().await?;
    server::Entity::delete_many().filter(server::COLUMN.filler.is_not_null()).exec(&work).await?;
    work.commit().await
}
