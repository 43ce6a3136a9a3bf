//! The queue between the log and the thread that writes it.

use std::{
    collections::VecDeque,
    io::{self, Write},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// Limits of the queue, so that a reader that does not read costs lines and not memory.
const MAX_LINES: usize = 4_096;
const MAX_BYTES: usize = 1 << 20;

/// How long a line is retried on a descriptor that another program made non-blocking.
const RETRY_FOR: Duration = Duration::from_secs(1);
const RETRY_EVERY: Duration = Duration::from_millis(5);

/// Lines that wait to be written. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Queue(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    filled: Condvar,
    emptied: Condvar,
    lost: AtomicU64,
}

#[derive(Debug, Default)]
struct Waiting {
    lines: VecDeque<Vec<u8>>,
    bytes: usize,
    /// The thread is writing a line that it has taken from the queue.
    is_writing: bool,
}

impl Queue {
    /// A queue whose lines go to `out`. When lines can be written again, the writing thread calls
    /// `report` with the number of lost lines.
    pub(super) fn start<W: Write>(
        out: impl FnOnce() -> W + Send + 'static,
        report: impl Fn(u64) + Send + 'static,
    ) -> Self {
        let shared = Arc::<Shared>::default();
        let queue = Self(Arc::clone(&shared));
        let writes = move || shared.write(out(), report);
        // Without a thread, each line is lost and counted when the queue is full. The process still
        // serves.
        let _ = thread::Builder::new().name("log".to_owned()).spawn(writes);
        queue
    }

    /// Enqueues a line. When the queue is full, drops and counts it.
    pub(super) fn put(&self, line: Vec<u8>) {
        let mut waiting = self.0.waiting();
        if waiting.lines.len() >= MAX_LINES || waiting.bytes + line.len() > MAX_BYTES {
            drop(waiting);
            self.0.lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        waiting.bytes += line.len();
        waiting.lines.push_back(line);
        drop(waiting);
        self.0.filled.notify_one();
    }

    pub(super) fn lost(&self) -> u64 {
        self.0.lost.load(Ordering::Relaxed)
    }

    /// Waits until the queue is empty. Returns whether it was within the time.
    pub(super) fn flush(&self, within: Duration) -> bool {
        let is_busy = |waiting: &mut Waiting| !waiting.lines.is_empty() || waiting.is_writing;
        let waited = self.0.emptied.wait_timeout_while(self.0.waiting(), within, is_busy);
        let (waiting, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        drop(waiting);
        !timeout.timed_out()
    }
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the next line.
    fn take(&self) -> Vec<u8> {
        let mut waiting = self.waiting();
        waiting.is_writing = false;
        if waiting.lines.is_empty() {
            self.emptied.notify_all();
        }
        let waited = self.filled.wait_while(waiting, |waiting| waiting.lines.is_empty());
        let mut waiting = waited.unwrap_or_else(PoisonError::into_inner);
        let line = waiting.lines.pop_front().expect("the queue is not empty");
        waiting.bytes -= line.len();
        waiting.is_writing = true;
        line
    }

    fn write(&self, mut out: impl Write, report: impl Fn(u64)) {
        let (mut is_torn, mut reported) = (false, 0);
        loop {
            let line = self.take();
            // A truncated line must not run into the next one.
            let written = if is_torn { write_all(&mut out, b"\n") } else { Ok(()) };
            let written = written.map_err(|(_, error)| (0, error)).and_then(|()| {
                is_torn = false;
                write_all(&mut out, &line)
            });
            match written {
                Ok(()) => {
                    let lost = self.lost.load(Ordering::Relaxed);
                    if lost > reported {
                        report(lost - reported);
                        reported = lost;
                    }
                }
                Err((count, _)) => {
                    is_torn |= count > 0;
                    self.lost.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    }
}

/// Writes all bytes, or returns how many were written.
#[expect(clippy::disallowed_methods, reason = "the writer has a thread of its own")]
fn write_all(out: &mut impl Write, bytes: &[u8]) -> Result<(), (usize, io::Error)> {
    let deadline = Instant::now() + RETRY_FOR;
    let mut count = 0;
    while count < bytes.len() {
        match out.write(&bytes[count..]) {
            Ok(0) => return Err((count, io::ErrorKind::WriteZero.into())),
            Ok(more) => count += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && Instant::now() < deadline => {
                thread::sleep(RETRY_EVERY);
            }
            Err(error) => return Err((count, error)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// A stderr with a result for each write, in order. Afterwards it accepts everything.
    struct Out {
        answers: VecDeque<io::Result<usize>>,
        text: Arc<Mutex<String>>,
    }

    impl Write for Out {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let count = self.answers.pop_front().unwrap_or(Ok(bytes.len()))?.min(bytes.len());
            self.text.lock().unwrap().push_str(std::str::from_utf8(&bytes[..count]).unwrap());
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn full() -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn queue(answers: impl IntoIterator<Item = io::Result<usize>>) -> (Queue, Arc<Mutex<String>>, mpsc::Receiver<u64>) {
        let text = Arc::<Mutex<String>>::default();
        let out = Out { answers: answers.into_iter().collect(), text: Arc::clone(&text) };
        let (sender, reports) = mpsc::sync_channel(100);
        let report = move |count| sender.send(count).unwrap();
        (Queue::start(move || out, report), text, reports)
    }

    fn put(queue: &Queue, lines: &[&str]) {
        for line in lines {
            queue.put(line.as_bytes().to_vec());
        }
        assert!(queue.flush(Duration::from_secs(20)));
    }

    #[test]
    fn lost_lines_are_reported_when_a_line_can_be_written() {
        let (queue, text, reports) = queue([full(), Err(io::ErrorKind::BrokenPipe.into())]);
        put(&queue, &["one\n", "two\n"]);
        assert_eq!((queue.lost(), reports.try_recv().ok()), (2, None));
        put(&queue, &["three\n", "four\n"]);
        assert_eq!(*text.lock().unwrap(), "three\nfour\n");
        assert_eq!(reports.try_iter().collect::<Vec<_>>(), [2]);
        assert_eq!(queue.lost(), 2);
    }

    #[test]
    fn a_truncated_line_does_not_run_into_the_next() {
        let (queue, text, _reports) =
            queue([Ok(2), full(), full(), Ok(1), Err(io::ErrorKind::WouldBlock.into()), Ok(3)]);
        put(&queue, &["one\n", "two\n", "three\n"]);
        assert_eq!(*text.lock().unwrap(), "on\nthree\n");
        assert_eq!(queue.lost(), 2);
    }

    /// Writes nothing until it is released.
    struct Stuck(mpsc::Receiver<()>);

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.recv();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_does_not_read_costs_lines_and_bounded_memory() {
        let (release, held) = mpsc::sync_channel::<()>(0);
        let queue = Queue::start(move || Stuck(held), |_| ());
        let line = vec![b'x'; MAX_BYTES / 8];
        for _ in 0..20 {
            queue.put(line.clone());
        }
        assert!(!queue.flush(Duration::ZERO), "it is stuck");
        let waiting = queue.0.waiting();
        assert!(waiting.bytes <= MAX_BYTES, "{}", waiting.bytes);
        drop(waiting);
        // One may have been taken for writing.
        assert!((11..=12).contains(&queue.lost()), "{}", queue.lost());
        for _ in 0..2 * MAX_LINES {
            queue.put(Vec::new());
        }
        assert!(queue.0.waiting().lines.len() <= MAX_LINES);
        drop(release);
        assert!(queue.flush(Duration::from_secs(20)), "it continues when it can write");
    }
}
