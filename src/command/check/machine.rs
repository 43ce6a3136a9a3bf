//! Checks what the machine provides.

use super::report::{Line, note, ok, wrong};
use crate::config::Config;

/// Files and sockets other than clients' connections and those of the database.
const BESIDE: u64 = 100;

/// Checks the limit on open files. The server raises it to the hard limit when it starts.
pub(super) fn open_files(config: &Config) -> Line {
    const SUBJECT: &str = "open files";
    let connections = config.http.max_connections as u64;
    let needed = connections + u64::from(config.database.pool) + BESIDE;
    match rlimit::Resource::NOFILE.get() {
        Ok((_, most)) if most >= needed => ok(SUBJECT, format!("up to {most}")),
        Ok((_, most)) => wrong(
            SUBJECT,
            format!(
                "this process may open {most}, and DESKBELL_MAX_CONNECTIONS={connections} needs {needed}: raise the limit (ulimit -n, LimitNOFILE=), or lower the setting"
            ),
        ),
        Err(error) => note(SUBJECT, format!("the limit cannot be read: {error}")),
    }
}
