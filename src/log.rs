//! The log: text or JSON on stderr, through a bounded queue and a separate thread.
//!
//! Writing a log line never blocks and never fails. A line that cannot be written, because the disk
//! is full or the reader has gone or does not read, is dropped and counted ([`lost`]). The next
//! line that can be written reports the number. A panic is logged as a line as well.

mod queue;

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    fmt, io,
    time::Duration,
};

use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use self::queue::Queue;
use crate::config::{LogConfig, LogFormat};

/// How long the end of the process waits for lines that are not written yet.
const FLUSH_WITHIN: Duration = Duration::from_secs(1);

#[expect(clippy::disallowed_types, reason = "one for the process, because there is one stderr")]
static QUEUE: std::sync::LazyLock<Queue> = std::sync::LazyLock::new(|| Queue::start(io::stderr, report_lost));

/// Starts logging for the whole process.
pub fn start(config: &LogConfig) {
    let filter = EnvFilter::try_new(&config.filter).expect("the settings validated the filter");
    // The library reports a failed write on stderr, and panics when that fails as well. This writer
    // never fails.
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(Stderr).log_internal_errors(false);
    match config.format {
        LogFormat::Text => lines.with_ansi(io::IsTerminal::is_terminal(&io::stderr())).init(),
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).init(),
    }
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string);
        let backtrace = Backtrace::capture();
        let backtrace = (backtrace.status() == BacktraceStatus::Captured).then(|| tracing::field::display(&backtrace));
        tracing::error!(panic = panic.payload_as_str().unwrap_or("no message"), location, backtrace, "panicked");
    }));
}

/// Writes one line to stderr without formatting, for messages before logging has started or instead
/// of it.
pub fn complain(line: impl fmt::Display) {
    QUEUE.put(format!("{line}\n").into_bytes());
}

/// How many lines could not be written since the process started.
#[must_use]
pub fn lost() -> u64 {
    QUEUE.lost()
}

/// Waits on drop until all lines are written, but at most a second.
#[derive(Debug)]
pub struct FlushOnDrop;

impl Drop for FlushOnDrop {
    fn drop(&mut self) {
        QUEUE.flush(FLUSH_WITHIN);
    }
}

fn report_lost(count: u64) {
    tracing::warn!(count, "log lines could not be written and were dropped");
}

/// Writes each formatted event as one line.
#[derive(Clone, Copy, Debug)]
struct Stderr;

impl MakeWriter<'_> for Stderr {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        *self
    }
}

impl io::Write for Stderr {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        QUEUE.put(line.to_vec());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
