//! Inspects an SQLite file.

use std::{
    fs::{self, File},
    io::{ErrorKind, Read as _},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, anyhow, bail, ensure};
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use rustix::fs::{Access, access};
use sea_orm::sqlx::{
    self, ConnectOptions as _, Connection as _,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};

use super::{APPLIED, HAS_ACCOUNT, Inspection, Tables};

/// Length of the header.
const HEAD_BYTES: u64 = 100;

pub(super) async fn inspect(path: &Path) -> anyhow::Result<Inspection> {
    let shown = path.display();
    let found = |state: &str| Inspection { place: format!("SQLite file {shown}{state}"), ..Inspection::default() };
    check_folder(path)?;
    let size = match fs::metadata(path) {
        Ok(file) if file.is_file() => file.len(),
        Ok(_) => bail!("{shown} is not a file"),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(found(", which does not exist yet")),
        Err(error) => return Err(error).with_context(|| shown.to_string()),
    };
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEAD_BYTES).read_to_end(&mut head));
    read.with_context(|| format!("{shown} cannot be read"))?;
    access(path, Access::WRITE_OK).with_context(|| format!("{shown} cannot be written"))?;
    if size == 0 {
        return Ok(found(", which is empty"));
    }
    check_head(&head).with_context(|| shown.to_string())?;
    let tables = read_file(path).await.with_context(|| format!("{shown} cannot be read"))?;
    Ok(Inspection { tables, ..found("") })
}

/// Checks the folder, in which SQLite creates files next to the database.
fn check_folder(database: &Path) -> anyhow::Result<()> {
    let parent = database.parent().filter(|parent| !parent.as_os_str().is_empty());
    let folder = parent.unwrap_or(Path::new("."));
    let shown = folder.display();
    let is_folder = fs::metadata(folder).with_context(|| format!("the folder {shown}"))?.is_dir();
    ensure!(is_folder, "{shown} is not a folder");
    access(folder, Access::WRITE_OK | Access::EXEC_OK).with_context(|| format!("the folder {shown} cannot be written"))
}

/// Checks the header ("Database File Format", section 1.3).
fn check_head(head: &[u8]) -> anyhow::Result<()> {
    let encoding = head.get(56..60).filter(|_| head.starts_with(b"SQLite format 3\0"));
    match encoding.context("not an SQLite database")? {
        // 0 in a database without tables.
        [0, 0, 0, 0 | 1] => Ok(()),
        _ => bail!("its text has another encoding than UTF-8"),
    }
}

/// Reads the tables without changing the file, its write-ahead log, or the log's index.
///
/// With an index, a server runs or has crashed, and its last changes may be in the log only: the
/// index is opened read-only. Without index and log, the file is complete, and SQLite reads it as
/// immutable, since it would create both otherwise. A log without index cannot be read without
/// creating the index.
async fn read_file(path: &Path) -> anyhow::Result<Tables> {
    let path = path.canonicalize()?;
    let bytes_of = |suffix: &str| {
        let mut name = path.clone().into_os_string();
        name.push(suffix);
        fs::metadata(PathBuf::from(name)).map_or(0, |file| file.len())
    };
    let parameter = match (bytes_of("-wal"), bytes_of("-shm")) {
        (0, 0) => "immutable=1",
        (_, 0) => return Ok(Tables::Unreadable),
        (_, _) => "readonly_shm=1",
    };
    let encoded = percent_encode(path.as_os_str().as_encoded_bytes(), NON_ALPHANUMERIC);
    let options = SqliteConnectOptions::new()
        .filename(format!("file:{encoded}?mode=ro&{parameter}"))
        .read_only(true)
        .busy_timeout(Duration::from_secs(1))
        .disable_statement_logging();
    let read = async {
        let mut connection = SqliteConnection::connect_with(&options).await?;
        let read = read_tables(&mut connection).await;
        // The result does not depend on how it closes.
        let _ = connection.close().await;
        read
    };
    match read.await {
        Err(sqlx::Error::Database(error)) if must_be_written(error.code().as_deref()) => Ok(Tables::Unreadable),
        Err(sqlx::Error::Database(error)) => Err(anyhow!("{}", error.message().to_owned())),
        read => Ok(read?),
    }
}

/// `SQLITE_BUSY` and `SQLITE_READONLY`, with their extended codes: the index would have to be
/// written first.
fn must_be_written(code: Option<&str>) -> bool {
    let code = code.and_then(|code| code.parse::<u32>().ok());
    code.is_some_and(|code| matches!(code & 0xff, 5 | 8))
}

async fn read_tables(connection: &mut SqliteConnection) -> Result<Tables, sqlx::Error> {
    const EXISTS: &str = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?)";
    let has_migrations: bool = sqlx::query_scalar(EXISTS).bind("seaql_migrations").fetch_one(&mut *connection).await?;
    let has_accounts: bool = sqlx::query_scalar(EXISTS).bind("account").fetch_one(&mut *connection).await?;
    if !has_migrations {
        return Ok(Tables::Missing);
    }
    let applied: Vec<String> = sqlx::query_scalar(APPLIED).fetch_all(&mut *connection).await?;
    let has_account = has_accounts && sqlx::query_scalar(HAS_ACCOUNT).fetch_one(connection).await?;
    Ok(Tables::of(&applied, has_account))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_sqlite_database_with_text_in_utf8_is_accepted() {
        let head = |encoding: u8| {
            let mut head = b"SQLite format 3\0".to_vec();
            head.resize(100, 0);
            head[59] = encoding;
            head
        };
        assert!(check_head(&head(0)).is_ok(), "without tables");
        assert!(check_head(&head(1)).is_ok());
        for (head, fault) in [
            (head(2), "UTF-8"),
            (head(3), "UTF-8"),
            (b"Dear Ada, ".repeat(10), "not an SQLite database"),
            (b"SQLite format 3\0".to_vec(), "not an SQLite database"),
        ] {
            let error = check_head(&head).expect_err(fault).to_string();
            assert!(error.contains(fault), "{error}");
        }
    }
}
