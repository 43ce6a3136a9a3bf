//! Disks that are full or fail.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use sea_orm::{ConnectOptions, ConnectionTrait};
use tempfile::TempDir;

use super::{
    Database, is_postgres,
    process::{Folder, Program},
};

/// Error numbers of Linux.
pub const EIO: i32 = 5;
pub const ENOMEM: i32 = 12;
pub const ENOSPC: i32 = 28;

/// Injects I/O errors into the files of one database, by a preloaded library.
#[derive(Debug)]
pub struct Faults(TempDir);

impl Faults {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let source = folder.path().join("faults.c");
        fs::write(&source, include_str!("faults.c")).expect("written");
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .args([&folder.path().join("faults.so"), &source])
            .arg("-ldl")
            .status();
        assert!(built.expect("cc exists, since Rust links with it").success(), "the library does not compile");
        let faults = Self(folder);
        faults.clear();
        faults
    }

    /// Makes reads, writes or syncs fail with this error from now on.
    pub fn inject(&self, kind: &str, code: i32) {
        self.write_control(&format!("{kind} {code}"));
    }

    pub fn clear(&self) {
        self.write_control("none 0");
    }

    fn write_control(&self, text: &str) {
        // Renamed, so that the library never reads a partly written file.
        let next = self.0.path().join("next");
        fs::write(&next, text).expect("written");
        fs::rename(next, self.control()).expect("moved");
    }

    fn control(&self) -> PathBuf {
        self.0.path().join("fault")
    }

    /// Starts a server with these faults.
    pub async fn serve(&self, folder: &Folder, settings: &[(&str, &str)]) -> Program {
        let mut command = folder.command(&["serve"], &[&[("LISTEN", "127.0.0.1:0")], settings].concat());
        command.env("LD_PRELOAD", self.0.path().join("faults.so")).env("DESKBELL_TEST_FAULT", self.control());
        let mut program = Program::spawn(command, "");
        program.listens().await;
        program
    }
}

/// A disk that a story can fill.
#[derive(Debug)]
pub enum Disk {
    /// A small tmpfs, if this process may mount one.
    Small(Mount),
    /// Injected errors, on any other Linux.
    Faulty(Faults),
    /// PostgreSQL with triggers that raise the error of a full disk. With a really full disk,
    /// PostgreSQL shuts down.
    Postgres(Database),
}

/// Bytes that stay free on a full disk.
const LEFT: u64 = 64 * 1024;
const TABLES: [&str; 5] = ["operator", "server", "mail", "password_link", "session"];

impl Disk {
    pub async fn new() -> Self {
        if is_postgres() {
            return Self::Postgres(Database::fresh().await);
        }
        Mount::new("8m").map_or_else(|| Self::Faulty(Faults::new()), Self::Small)
    }

    /// Starts a server with a database on this disk.
    pub async fn serve(&self, folder: &Folder, settings: &[(&str, &str)]) -> Program {
        match self {
            Self::Small(mount) => {
                let url = format!("sqlite:{}", mount.path().join("deskbell.db").display());
                folder.serve(&[&[("DATABASE_URL", url.as_str())], settings].concat()).await
            }
            Self::Faulty(faults) => faults.serve(folder, settings).await,
            Self::Postgres(database) => {
                folder.serve(&[&[("DATABASE_URL", database.url().reveal())], settings].concat()).await
            }
        }
    }

    pub async fn fill(&self) {
        match self {
            Self::Small(mount) => mount.fill(),
            Self::Faulty(faults) => faults.inject("write", ENOSPC),
            Self::Postgres(database) => {
                let full = "CREATE FUNCTION full() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$";
                let on = |table: &&str| {
                    format!(
                        r#"CREATE TRIGGER "full" BEFORE INSERT OR UPDATE ON "{table}" FOR EACH ROW EXECUTE FUNCTION "full"()"#
                    )
                };
                db_run(database, std::iter::once(full.replace("full()", r#""full"()"#)).chain(TABLES.iter().map(on)))
                    .await;
            }
        }
    }

    pub async fn free(&self) {
        match self {
            Self::Small(mount) => mount.free(),
            Self::Faulty(faults) => faults.clear(),
            Self::Postgres(database) => db_run(database, [r#"DROP FUNCTION "full"() CASCADE"#.to_owned()]).await,
        }
    }
}

async fn db_run(database: &Database, statements: impl IntoIterator<Item = String>) {
    let mut options = ConnectOptions::new(database.url().reveal());
    options.max_connections(1).sqlx_logging(false);
    let db = sea_orm::Database::connect(options).await.expect("the database opens");
    for statement in statements {
        db.execute_unprepared(&statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    db.close().await.expect("the connection closes");
}

/// A mounted tmpfs. Unmounted when dropped.
#[derive(Debug)]
pub struct Mount(TempDir);

impl Mount {
    /// Returns `None` if this process may not mount.
    fn new(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size},mode=0700"), "tmpfs"])
            .arg(folder.path())
            .output();
        mounted.is_ok_and(|mounted| mounted.status.success()).then(|| Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn ballast(&self) -> PathBuf {
        self.path().join("ballast")
    }

    fn fill(&self) {
        let mut file = OpenOptions::new().create(true).append(true).open(self.ballast()).expect("opened");
        let block = [0; 4096];
        while file.write_all(&block).is_ok() {}
        let size = file.metadata().expect("the file exists").len();
        file.set_len(size.saturating_sub(LEFT)).expect("the file is truncated");
    }

    fn free(&self) {
        fs::remove_file(self.ballast()).expect("the disk was filled");
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Lazily: a server that is being killed may still have open files.
        let _unmounted = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}
