//! The database of one story.

use deskbell::config::Secret;
use tempfile::TempDir;

use super::cluster::{self, Dropped};

/// Whether the stories run on PostgreSQL.
pub fn is_postgres() -> bool {
    match std::env::var("DESKBELL_TEST_DATABASE").as_deref() {
        Err(_) | Ok("" | "sqlite") => false,
        Ok("postgres") => true,
        Ok(other) => panic!("DESKBELL_TEST_DATABASE is sqlite or postgres, not {other:?}"),
    }
}

/// A new database. Deleted when dropped.
#[derive(Debug)]
pub struct Database {
    url: String,
    _home: Home,
}

#[derive(Debug)]
enum Home {
    Folder { _folder: TempDir },
    Cluster { _dropped: Dropped },
}

impl Database {
    pub async fn fresh() -> Self {
        if is_postgres() {
            let (url, dropped) = cluster::database().await;
            return Self { url, _home: Home::Cluster { _dropped: dropped } };
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().join("deskbell.db").display());
        Self { url, _home: Home::Folder { _folder: folder } }
    }

    /// The value of `DESKBELL_DATABASE_URL`.
    pub fn url(&self) -> Secret {
        Secret::new(self.url.as_str())
    }
}
