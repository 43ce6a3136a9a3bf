//! Allows one server at a time on a SQLite database: each of two servers would serve stale data
//! after the other's changes.
//!
//! The lock is a separate file next to the database, so that it affects servers only: commands and
//! backups work next to a running server. The system releases the lock when the process ends for
//! any reason.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use tokio::time::{Instant, sleep};

use super::file;
use crate::config::DatabaseConfig;

/// Time between two attempts to take the lock.
const RETRY_EVERY: Duration = Duration::from_millis(100);

/// The lock, held by the server of a SQLite database.
#[derive(Debug)]
pub struct ServerLock {
    /// Locked for as long as it is open.
    _file: File,
    path: PathBuf,
}

/// Another server holds the lock.
#[derive(Debug, thiserror::Error)]
#[error("DESKBELL_DATABASE_URL: another server uses {}; stop it, or set another database for this one", database.display())]
pub struct InUse {
    database: PathBuf,
}

impl ServerLock {
    /// Takes the lock. Waits up to `patience` for another server to end. `None` where the database
    /// is not a file: PostgreSQL serves several servers, and an in-memory database belongs to its
    /// process.
    ///
    /// # Errors
    /// [`InUse`] if the other server has not ended in time.
    pub async fn take(config: &DatabaseConfig, patience: Duration) -> anyhow::Result<Option<Self>> {
        let Some(database) = config.sqlite_file() else { return Ok(None) };
        let path = lock_of(&database);
        let deadline = Instant::now() + patience;
        loop {
            let taken = Self::try_take(&path)
                .with_context(|| format!("locking {}", path.display()))
                .context("DESKBELL_DATABASE_URL")?;
            if let Some(lock) = taken {
                return Ok(Some(lock));
            }
            if Instant::now() >= deadline {
                return Err(InUse { database }.into());
            }
            tracing::debug!("waiting for another server to end");
            sleep(RETRY_EVERY).await;
        }
    }

    fn try_take(path: &Path) -> io::Result<Option<Self>> {
        Self::try_lock(Self::open(path)?, path)
    }

    fn open(path: &Path) -> io::Result<File> {
        OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)
    }

    fn try_lock(file: File, path: &Path) -> io::Result<Option<Self>> {
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // A server deletes the file before it releases the lock. If it did both between the opening
        // and the locking here, the next server would lock a different file.
        let is_current = Some(file::identity_of(&file.metadata()?)) == file::identity(path);
        Ok(is_current.then(|| Self { _file: file, path: path.to_owned() }))
    }
}

impl Drop for ServerLock {
    fn drop(&mut self) {
        // After a crash the file remains, and the next server locks it.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// The path of the lock file. It is the same for all paths that lead to the database.
fn lock_of(database: &Path) -> PathBuf {
    let mut path = database.canonicalize().unwrap_or_else(|_missing| database.to_owned()).into_os_string();
    path.push("-lock");
    path.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_on_a_file_that_was_deleted_in_the_meantime_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("test.db-lock");
        let first = ServerLock::try_take(&path).expect("a file").expect("free");
        assert!(ServerLock::try_take(&path).expect("a file").is_none(), "the first has it");
        let late = ServerLock::open(&path).expect("a file");
        drop(first);
        assert!(!path.exists());
        let second = ServerLock::try_take(&path).expect("a file").expect("free");
        assert!(ServerLock::try_lock(late, &path).expect("a file").is_none(), "the second has it");
        drop(second);
        ServerLock::try_take(&path).expect("a file").expect("free");
    }
}
