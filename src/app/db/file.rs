//! The SQLite file: its permissions and identity.

use std::{
    fs::Metadata,
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

/// Creates a missing database file, readable and writable by its owner only, for any umask. SQLite
/// gives `-wal` and `-shm` the mode of the database. An existing file keeps its mode, because its
/// owner may have given a group access for backups.
///
/// Errors are ignored: SQLite then fails to open the file, and reports the reason.
pub(super) fn create(path: &Path) {
    const OWNER_ONLY: u32 = 0o600;
    let created = std::fs::OpenOptions::new().write(true).create_new(true).mode(OWNER_ONLY).open(path);
    if let Ok(file) = created {
        // The umask may have removed bits.
        let _ = file.set_permissions(std::fs::Permissions::from_mode(OWNER_ONLY));
    }
}

/// The identity of the opened file. SQLite continues with a file that was deleted or replaced, and
/// all later writes are lost when it is closed.
#[derive(Clone, Debug)]
pub(super) struct DatabaseFile {
    path: PathBuf,
    identity: (u64, u64),
}

impl DatabaseFile {
    /// `None` if there is no such file.
    pub fn at(path: PathBuf) -> Option<Self> {
        Some(Self { identity: identity(&path)?, path })
    }

    pub fn is_there(&self) -> bool {
        identity(&self.path) == Some(self.identity)
    }
}

/// The device and inode number of the file at this path.
pub(super) fn identity(path: &Path) -> Option<(u64, u64)> {
    std::fs::metadata(path).ok().as_ref().map(identity_of)
}

pub(super) fn identity_of(file: &Metadata) -> (u64, u64) {
    (file.dev(), file.ino())
}
