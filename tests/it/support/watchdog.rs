//! Kills a process of a story when the process of the tests is gone, however that ended.

use std::process::{Child, Command, Stdio};

/// Holds the other end of a pipe. Called off when dropped, which has to be before the process is waited for: until then its number
/// is nobody else's.
#[derive(Debug)]
pub struct Watchdog(Child);

impl Watchdog {
    pub fn over(child: &Child) -> Self {
        // Ctrl-C reaches the whole group of processes; the watchdog has to outlive the others.
        const SCRIPT: &str = r#"trap '' HUP INT TERM; cat >/dev/null; kill -s KILL "$1""#;
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "watchdog", &child.id().to_string()]).current_dir("/");
        let watchdog = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self(watchdog.expect("sh runs"))
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        // Before its pipe closes, so that it does nothing.
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}
