//! Kills a child process of a story when the test process has ended for any reason.

use std::process::{Child, Command, Stdio};

/// Holds the other end of a pipe. It must be dropped before the child is waited for: until then the
/// child's process id is not reused.
#[derive(Debug)]
pub struct Watchdog(Child);

impl Watchdog {
    pub fn over(child: &Child) -> Self {
        // Ctrl-C reaches the whole process group, and the watchdog must outlive the others.
        const SCRIPT: &str = r#"trap '' HUP INT TERM; cat >/dev/null; kill -s KILL "$1""#;
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "watchdog", &child.id().to_string()]).current_dir("/");
        let watchdog = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self(watchdog.expect("sh runs"))
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        // Killed before its pipe closes, so that it does not kill the child.
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}
