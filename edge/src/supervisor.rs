//! Supervises background tasks: a task that panics, or ends although it was not stopped, is logged,
//! counted, and restarted after a back-off.
//!
//! A task is restarted from its beginning, so a new run must not depend on the previous one. There
//! is no limit on restarts: each costs little, and a server without its task is worse than one that
//! retries every half minute.

use std::{
    any::Any, collections::BTreeMap, fmt, panic::AssertUnwindSafe, sync::Arc, sync::Mutex, sync::PoisonError,
    time::Duration,
};

use futures_util::FutureExt as _;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
};
use tokio::time::{Instant, sleep};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::metrics::Metrics;

/// The delay before the first restart. Each further delay is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// After a run of at least this duration, the next delay is the first again.
const GOOD_RUN: Duration = Duration::from_mins(1);

/// Runs tasks, and counts the restarts of each. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Supervisor {
    restarts: Family<Labels, Counter>,
    tasks: Arc<Mutex<BTreeMap<&'static str, Restarts>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    task: &'static str,
}

#[derive(Clone, Copy, Debug)]
struct Restarts {
    count: u64,
    last: Instant,
}

impl Supervisor {
    #[must_use]
    pub fn new(metrics: &Metrics) -> Self {
        let restarts = Family::default();
        metrics.register(
            "task_restarts",
            "Background tasks that panicked or ended and were restarted",
            restarts.clone(),
        );
        Self { restarts, tasks: Arc::default() }
    }

    /// Runs a task until `stop`, and restarts it when it panics or ends. `name` is one of a small
    /// closed set.
    pub async fn keep<F: Future<Output = ()>>(
        &self,
        name: &'static str,
        stop: &CancellationToken,
        begin: impl FnMut() -> F,
    ) {
        self.repeat(name, stop, begin, || stop.is_cancelled()).await;
    }

    /// [`Supervisor::keep`] for a task that ends when its work is done: it is restarted only when
    /// it panics.
    pub async fn keep_until_done<F: Future<Output = ()>>(
        &self,
        name: &'static str,
        stop: &CancellationToken,
        begin: impl FnMut() -> F,
    ) {
        self.repeat(name, stop, begin, || true).await;
    }

    /// [`Supervisor::keep`] in a spawned task.
    pub fn spawn<F: Future<Output = ()> + Send>(
        &self,
        name: &'static str,
        tasks: &TaskTracker,
        stop: &CancellationToken,
        begin: impl FnMut() -> F + Send + 'static,
    ) {
        let (supervisor, stop) = (self.clone(), stop.clone());
        tasks.spawn(async move { supervisor.keep(name, &stop, begin).await });
    }

    async fn repeat<F: Future<Output = ()>>(
        &self,
        name: &'static str,
        stop: &CancellationToken,
        mut begin: impl FnMut() -> F,
        is_done: impl Fn() -> bool,
    ) {
        let mut back_off = BackOff::default();
        while !stop.is_cancelled() {
            let began = Instant::now();
            match AssertUnwindSafe(async { begin().await }).catch_unwind().await {
                Ok(()) if is_done() => return,
                Ok(()) => self.restarting(name, "it ended"),
                Err(panic) => self.restarting(name, message(&*panic)),
            }
            if stop.run_until_cancelled(sleep(back_off.after(began.elapsed()))).await.is_none() {
                return;
            }
        }
    }

    /// Records that a task failed and is restarted.
    pub fn restarting(&self, name: &'static str, reason: &str) {
        tracing::error!(task = name, reason, "a background task failed and is restarted");
        self.restarts.get_or_create(&Labels { task: name }).inc();
        let now = Instant::now();
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        let restarts = tasks.entry(name).or_insert(Restarts { count: 0, last: now });
        *restarts = Restarts { count: restarts.count + 1, last: now };
    }

    /// One line for each task that was restarted since the server started.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.iter().map(|(name, restarts)| format!("task {name}: {restarts}")).collect()
    }
}

impl fmt::Display for Restarts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let times = if self.count == 1 { "time" } else { "times" };
        write!(f, "restarted {} {times}, last {} s ago", self.count, self.last.elapsed().as_secs())
    }
}

/// The message of a panic.
#[must_use]
pub fn message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

/// The delay before the next run.
#[derive(Debug, Default)]
pub(crate) struct BackOff {
    doublings: u32,
}

impl BackOff {
    /// The delay after a run of this duration.
    pub(crate) fn after(&mut self, run: Duration) -> Duration {
        if run >= GOOD_RUN {
            self.doublings = 0;
        }
        let wait = FIRST_WAIT.saturating_mul(1 << self.doublings).min(LONGEST_WAIT);
        self.doublings = (self.doublings + 1).min(16);
        wait
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn supervisor() -> (Supervisor, Metrics) {
        let metrics = Metrics::new("toy");
        (Supervisor::new(&metrics), metrics)
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_panics_or_ends_is_restarted_and_counted() {
        let (supervisor, metrics) = supervisor();
        let (stop, runs) = (CancellationToken::new(), Cell::new(0));
        let begin = || {
            runs.set(runs.get() + 1);
            let (run, stop) = (runs.get(), stop.clone());
            async move {
                match run {
                    1 => panic!("first"),
                    2 => panic!("{}", "second".to_owned()),
                    3 => {}
                    _ => stop.cancelled().await,
                }
            }
        };
        let looks = async {
            sleep(Duration::from_secs(12)).await;
            assert_eq!(runs.get(), 4);
            assert_eq!(supervisor.remarks(), ["task mail: restarted 3 times, last 11 s ago"]);
            let text = metrics.render();
            assert!(text.contains(r#"toy_task_restarts_total{task="mail"} 3"#), "{text}");
            stop.cancel();
        };
        tokio::join!(supervisor.keep("mail", &stop, begin), looks);
        assert_eq!(runs.get(), 4, "a stopped task is not restarted");
    }

    #[tokio::test(start_paused = true)]
    async fn a_panic_in_the_beginning_of_a_task_restarts_it() {
        let (supervisor, _metrics) = supervisor();
        let runs = Cell::new(0);
        let begin = || {
            runs.set(runs.get() + 1);
            assert!(runs.get() > 1, "the first run fails");
            std::future::ready(())
        };
        supervisor.keep_until_done("availability", &CancellationToken::new(), begin).await;
        assert_eq!(runs.get(), 2);
        assert_eq!(supervisor.remarks(), ["task availability: restarted 1 time, last 0 s ago"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_waits_to_be_restarted_is_stopped_at_once() {
        let (supervisor, _metrics) = supervisor();
        let stop = CancellationToken::new();
        let began = Instant::now();
        let stops = async {
            sleep(Duration::from_millis(1)).await;
            stop.cancel();
        };
        tokio::join!(supervisor.keep("bus", &stop, || async { panic!("always") }), stops);
        assert_eq!(began.elapsed(), Duration::from_millis(1));
    }

    #[test]
    fn waits_double_up_to_half_a_minute_and_begin_again_after_a_good_run() {
        let mut back_off = BackOff::default();
        let waits: Vec<_> = (0..40).map(|_| back_off.after(Duration::ZERO).as_millis()).collect();
        assert_eq!(waits[..4], [250, 500, 1_000, 2_000]);
        assert_eq!(waits[39], 30_000);
        assert_eq!(back_off.after(GOOD_RUN), FIRST_WAIT);
    }
}
