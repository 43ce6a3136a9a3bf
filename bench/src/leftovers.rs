//! Temporary folders that must be removed when the program is ended by a signal. Child processes
//! end with their parent.

use std::{
    io,
    path::PathBuf,
    process,
    sync::{Mutex, PoisonError},
    thread,
};

use tempfile::TempDir;
use tokio::signal::unix::{SignalKind, signal};

static FOLDERS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Creates a folder that is removed when it is dropped, or on a signal.
pub fn folder() -> io::Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("deskbell-bench-").tempdir()?;
    FOLDERS.lock().unwrap_or_else(PoisonError::into_inner).push(folder.path().to_owned());
    Ok(folder)
}

/// Makes SIGINT and SIGTERM remove the folders before they end the program.
pub fn clear_on_signal() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut interrupt, mut terminate) = {
        let _inside = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    thread::spawn(move || {
        let code = runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => 130,
                _ = terminate.recv() => 143,
            }
        });
        for folder in FOLDERS.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            // Most are already removed.
            let _ = std::fs::remove_dir_all(folder);
        }
        process::exit(code);
    });
    Ok(())
}
