//! Tracks whether the database can be written: a failed write sets the state, and a successful
//! probe clears it. Failures are logged once a minute, and so are read errors of the disk.
//!
//! While the disk is full, every write is still tried, and reads continue. [`watch`] writes a row
//! as large as a rule's changes each second until one is saved: a smaller row may fit while the
//! next rule's changes do not, and a transaction that changes nothing proves nothing.

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
use crate::app::clock::Clock;

/// Time between two log lines of the same kind.
const SAY_EVERY: Duration = Duration::from_mins(1);
/// Time between two probes while writes are refused.
const PROBE_EVERY: Duration = Duration::from_secs(1);
/// More than any rule writes, except for photos.
const PROBE_BYTES: usize = 64 * 1024;

/// Why writes are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// No space on the disk, or the database has reached its own size limit.
    Full,
    /// The disk reports errors.
    Failing,
}

impl Trouble {
    /// The state of the disk that an error reports, if any.
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

    /// PostgreSQL's codes have five characters (appendix A of its manual); SQLite's extended result
    /// codes are shorter numbers.
    pub(super) fn of_code(code: &str) -> Option<Self> {
        const SQLITE_IOERR: u16 = 10;
        const SQLITE_FULL: u16 = 13;
        /// Out of memory; the disk is not affected.
        const SQLITE_IOERR_NOMEM: u16 = 3082;
        /// The index of the write-ahead log could not grow. SQLite reports this when the disk is
        /// full.
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

    /// The line in `/readyz`.
    #[must_use]
    pub fn remark(self) -> &'static str {
        match self {
            Self::Full => "database: full, writes are refused",
            Self::Failing => "database: I/O errors, writes are refused",
        }
    }
}

/// Whether [`Storage`] logs this failure itself, so that it is not logged again for each request.
#[must_use]
pub fn is_reported(error: &anyhow::Error) -> bool {
    error.chain().filter_map(|cause| cause.downcast_ref::<DbErr>()).any(|error| Trouble::of(error).is_some())
}

/// The state of the database's disk, as its writers report it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Storage(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    trouble: Sender<Option<Trouble>>,
    /// When each kind was logged last: a disk may report both kinds alternately.
    said_at: Mutex<HashMap<Said, Instant>>,
}

/// A kind of log line, limited to one a minute.
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
    /// Why writes are refused; `None` while they succeed.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        *self.0.trouble.borrow()
    }

    /// Waits until writes are no longer refused.
    pub async fn writable(&self) {
        // Cannot fail: `self` holds the sender.
        let _ = self.0.trouble.subscribe().wait_for(Option::is_none).await;
    }

    /// Records what a failed write reports about the disk.
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

    /// Logs what a failed read reports about the disk. It does not affect the state, which is about
    /// writes.
    pub fn noted_by_read(&self, error: &DbErr) {
        if Trouble::of(error).is_some() && self.is_due(Said::Read) {
            tracing::error!(error = error.to_string(), "the disk reports errors: the database cannot be read");
        }
    }

    /// Whether this kind was not logged within the last minute. Records that it is logged now.
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

/// Probes the database until writes succeed again. Runs until cancelled.
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

/// Saves a row and deletes it.
async fn probe(db: &Db, clock: &Clock) -> Result<(), DbErr> {
    // Random, because PostgreSQL compresses, and SQLite skips bytes that are unchanged.
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
