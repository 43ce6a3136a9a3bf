//! Connected operators: each is read once after a change, however many sockets, sessions and
//! subscriptions there are.
//!
//! One task per operator subscribes to the account and to the connected sessions. After a change it
//! reads the operator and their sessions in one statement, ends what depends on a session that is
//! over, and only then lets the subscriptions read. They share their reads. So an item is never
//! sent to a session that was over when the item was read. [`poll`](super::poll) finds the sessions
//! that end without an event.

use std::{
    collections::{HashMap, HashSet},
    panic::AssertUnwindSafe,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use edge::supervisor;
use entity::{AccountId, OperatorId, SessionId, operator};
use futures_util::{FutureExt as _, future::select_all};
use tokio::{
    sync::{Notify, watch},
    task::AbortHandle,
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use super::queries;
use crate::{
    access::identity::SignedIn,
    app::{App, reads::Reads},
    bus::{Delivery, GONE, Listener, Topic},
};

/// Sent to a client whose session has ended.
const ENDED: &str = "Session ended";
/// How long the reads after a change are shared. Enough for all subscriptions to start theirs.
const SHARED_FOR: Duration = Duration::from_secs(5);
/// How long to wait before a failed read is tried again.
pub(super) const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The operators who are connected to this server. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Live(Arc<Registry>);

type Registry = Mutex<HashMap<OperatorId, Weak<LiveOperator>>>;

/// One connected operator. The task ends when the last session and the last subscription drop it.
#[derive(Debug)]
struct LiveOperator {
    inner: Arc<Inner>,
    driver: AbortHandle,
    registry: Weak<Registry>,
}

#[derive(Debug)]
struct Inner {
    account_id: AccountId,
    operator_id: OperatorId,
    sessions: Mutex<HashMap<SessionId, Dependents>>,
    /// A session was added and has not been read yet.
    added: Notify,
    glances: watch::Sender<Glance>,
    /// The task has ended, which only a panic can cause. This value serves no session.
    is_broken: AtomicBool,
}

/// The connections that depend on a session.
#[derive(Debug, Default)]
struct Dependents {
    holders: usize,
    over: CancellationToken,
}

/// A session that connections depend on.
#[derive(Debug)]
pub(super) struct Connected {
    id: SessionId,
    live: Arc<LiveOperator>,
}

impl Connected {
    pub fn id(&self) -> SessionId {
        self.id
    }

    /// Cancels what depends on the session.
    pub fn end(&self) {
        self.live.inner.end(|id| id == self.id);
    }
}

/// The state of an operator after a change.
#[derive(Clone, Debug)]
pub(super) enum Glance {
    /// The operator, and the reads that subscriptions have shared since. The reads are dropped once
    /// all subscriptions had enough time to use them.
    Seen(Arc<operator::Model>, Weak<Reads>),
    /// The operator was removed or has no session: the connections are about to be closed.
    Gone,
    /// The database could not be read.
    Failed,
}

/// The glances at one operator from now on.
#[derive(Debug)]
pub(super) struct Glances {
    _live: Arc<LiveOperator>,
    receiver: watch::Receiver<Glance>,
}

impl Live {
    /// Resolves when the session has ended, with the reason for the client.
    pub fn ended(
        &self,
        app: &App,
        signed_in: &SignedIn,
    ) -> impl Future<Output = &'static str> + Send + 'static + use<> {
        let held = Held::of(self.live(app, signed_in), signed_in.session_id());
        async move {
            held.over.cancelled().await;
            ENDED
        }
    }

    /// Whether a session is known to have ended. Only sessions that a connection depends on are
    /// tracked.
    #[must_use]
    pub fn is_over(&self, signed_in: &SignedIn) -> bool {
        let live = lock(&self.0).get(&signed_in.operator_id()).and_then(Weak::upgrade);
        live.is_some_and(|live| {
            live.inner.sessions().get(&signed_in.session_id()).is_some_and(|session| session.over.is_cancelled())
        })
    }

    /// The sessions that connections depend on now.
    pub(super) fn connected(&self) -> Vec<Connected> {
        // Without the lock below, since the last owner of an operator takes it.
        let operators: Vec<_> = lock(&self.0).values().filter_map(Weak::upgrade).collect();
        let sessions = |live: &Arc<LiveOperator>| {
            let ids: Vec<_> = live.inner.sessions().keys().copied().collect();
            ids.into_iter().map(|id| Connected { id, live: Arc::clone(live) }).collect::<Vec<_>>()
        };
        operators.iter().flat_map(sessions).collect()
    }

    /// Returns the states of an operator after each change from now on.
    pub(super) fn glances(&self, app: &App, signed_in: &SignedIn) -> Glances {
        let live = self.live(app, signed_in);
        Glances { receiver: live.inner.glances.subscribe(), _live: live }
    }

    fn live(&self, app: &App, signed_in: &SignedIn) -> Arc<LiveOperator> {
        let mut operators = lock(&self.0);
        // An upgraded operator must not be dropped under the lock: its `Drop` takes the lock.
        let found = operators.get(&signed_in.operator_id()).and_then(Weak::upgrade);
        match found {
            Some(live) if !live.inner.is_broken.load(Ordering::Acquire) => live,
            broken => {
                let live = Arc::new(LiveOperator::begin(app, signed_in, Arc::downgrade(&self.0)));
                operators.insert(signed_in.operator_id(), Arc::downgrade(&live));
                drop(operators);
                drop(broken);
                live
            }
        }
    }
}

fn lock(registry: &Registry) -> MutexGuard<'_, HashMap<OperatorId, Weak<LiveOperator>>> {
    registry.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Glances {
    /// The state after the next change.
    pub async fn next(&mut self) -> Glance {
        if self.receiver.changed().await.is_err() {
            // The operator that `self` holds keeps the sender alive.
            return std::future::pending().await;
        }
        self.receiver.borrow_and_update().clone()
    }
}

impl LiveOperator {
    fn begin(app: &App, signed_in: &SignedIn, registry: Weak<Registry>) -> Self {
        let inner = Arc::new(Inner {
            account_id: signed_in.account_id(),
            operator_id: signed_in.operator_id(),
            sessions: Mutex::default(),
            added: Notify::new(),
            glances: watch::Sender::new(Glance::Gone),
            is_broken: AtomicBool::new(false),
        });
        // Subscribe before the first read, or a change between the two is lost.
        let listener = app.bus.listen(Topic::Account(signed_in.account_id()));
        let supervisor = app.supervisor.clone();
        let run = AssertUnwindSafe(Driver::new(app.clone(), Arc::clone(&inner), listener).run());
        let driver = tokio::spawn(async move {
            // The next session creates another one. The clients of this one reconnect.
            if let Err(panic) = run.catch_unwind().await {
                supervisor.restarting("sessions", supervisor::message(&*panic));
            }
        });
        Self { inner, driver: driver.abort_handle(), registry }
    }
}

impl Drop for LiveOperator {
    fn drop(&mut self) {
        self.driver.abort();
        let Some(registry) = self.registry.upgrade() else { return };
        let mut operators = lock(&registry);
        // Another one may have replaced this one in the meantime.
        if operators.get(&self.inner.operator_id).is_some_and(|live| live.strong_count() == 0) {
            operators.remove(&self.inner.operator_id);
        }
    }
}

/// A connection that depends on a session.
#[derive(Debug)]
struct Held {
    live: Arc<LiveOperator>,
    session_id: SessionId,
    over: CancellationToken,
}

impl Held {
    fn of(live: Arc<LiveOperator>, session_id: SessionId) -> Self {
        let over = {
            let mut sessions = live.inner.sessions();
            let session = sessions.entry(session_id).or_default();
            session.holders += 1;
            session.over.clone()
        };
        live.inner.added.notify_one();
        Self { live, session_id, over }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut sessions = self.live.inner.sessions();
        if let Some(session) = sessions.get_mut(&self.session_id) {
            session.holders -= 1;
            if session.holders == 0 {
                sessions.remove(&self.session_id);
            }
        }
    }
}

impl Inner {
    fn sessions(&self) -> MutexGuard<'_, HashMap<SessionId, Dependents>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Cancels what depends on these sessions.
    fn end(&self, is_over: impl Fn(SessionId) -> bool) {
        let over: Vec<_> =
            self.sessions().iter().filter(|(id, _)| is_over(**id)).map(|(_, session)| session.over.clone()).collect();
        // Without the lock, because `cancel` wakes the waiting tasks here.
        for over in over {
            over.cancel();
        }
    }
}

/// Waits until a time; for ever if there is none.
async fn reached(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time).await,
        None => std::future::pending().await,
    }
}

/// The task of one connected operator.
struct Driver {
    app: App,
    inner: Arc<Inner>,
    /// To changes that the account's operators see.
    listener: Listener,
    /// To the end of each connected session.
    sessions: HashMap<SessionId, Listener>,
    /// Sessions that ended according to the bus. If the database cannot be read, they are over.
    told: HashSet<SessionId>,
    /// Something has changed since the last glance.
    is_changed: bool,
    /// The subscriptions were notified that the database cannot be read.
    is_failed: bool,
    /// Keeps the shared reads for subscriptions that have not started theirs.
    reads: Option<Arc<Reads>>,
    /// When to drop the shared reads, or to retry a read that failed.
    until: Option<Instant>,
}

impl Driver {
    fn new(app: App, inner: Arc<Inner>, listener: Listener) -> Self {
        Self {
            app,
            inner,
            listener,
            sessions: HashMap::new(),
            told: HashSet::new(),
            is_changed: false,
            is_failed: false,
            reads: None,
            until: None,
        }
    }

    async fn run(mut self) {
        // After a panic no socket stays open without a task that would close it.
        let _broken = Broken(Arc::clone(&self.inner));
        loop {
            self.until_worth_a_look().await;
            self.look().await;
        }
    }

    async fn until_worth_a_look(&mut self) {
        let inner = Arc::clone(&self.inner);
        loop {
            tokio::select! {
                () = reached(self.until) => {
                    self.until = None;
                    // A subscription that has not read yet makes its own reads.
                    if self.reads.take().is_none() {
                        break;
                    }
                }
                () = inner.added.notified() => break,
                _ = self.listener.next() => {
                    self.is_changed = true;
                    break;
                }
                (id, heard) = next(&mut self.sessions) => if self.note(id, heard) { break },
            }
        }
        // The read that follows includes all changes so far.
        while self.listener.next().now_or_never().is_some() {
            self.is_changed = true;
        }
        while let Some((id, heard)) = next(&mut self.sessions).now_or_never() {
            self.note(id, heard);
        }
    }

    /// Records a delivery about a session. Returns whether it requires a read.
    fn note(&mut self, id: SessionId, heard: Delivery) -> bool {
        if heard == Delivery::Version(GONE) {
            self.told.insert(id);
        }
        // A session that is there has one version.
        matches!(heard, Delivery::Version(GONE) | Delivery::Lagged)
    }

    /// Subscribes to the ends of the connected sessions, and only these. Returns them.
    fn follow(&mut self) -> Vec<SessionId> {
        let connected = self.inner.sessions();
        self.sessions.retain(|id, _| connected.contains_key(id));
        for id in connected.keys() {
            self.sessions.entry(*id).or_insert_with(|| self.app.bus.listen(Topic::Session(*id)));
        }
        connected.keys().copied().collect()
    }

    async fn look(&mut self) {
        // Subscribe before the read, or an end between the two is lost.
        let connected = self.follow();
        let seen = queries::list_live(&self.app, self.inner.account_id, self.inner.operator_id, &connected).await;
        let told = std::mem::take(&mut self.told);
        let glance = match seen {
            Ok((operator, live)) => {
                self.inner.end(|id| connected.contains(&id) && !live.contains(&id));
                operator.map(|operator| {
                    let reads = Arc::new(Reads::default());
                    let glance = Glance::Seen(Arc::new(operator), Arc::downgrade(&reads));
                    (glance, Some(reads))
                })
            }
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "a connected operator could not be read; retrying");
                self.reads = None;
                self.until = Some(Instant::now() + RETRY_AFTER);
                // A session that ended according to the bus must not stay open because the database
                // cannot be read.
                self.inner.end(|id| told.contains(&id));
                // The change is not visible until the database can be read again. Reported once.
                if self.is_changed && !std::mem::replace(&mut self.is_failed, true) {
                    self.inner.glances.send_replace(Glance::Failed);
                }
                return;
            }
        };
        self.is_failed = false;
        if std::mem::take(&mut self.is_changed) {
            let (glance, reads) = glance.unwrap_or((Glance::Gone, None));
            self.until = reads.is_some().then(|| Instant::now() + SHARED_FOR);
            self.reads = reads;
            self.inner.glances.send_replace(glance);
        }
    }
}

/// The next delivery about one of these sessions.
async fn next(sessions: &mut HashMap<SessionId, Listener>) -> (SessionId, Delivery) {
    if sessions.is_empty() {
        return std::future::pending().await;
    }
    let listeners = sessions.iter_mut().map(|(id, listener)| Box::pin(async { (*id, listener.next().await) }));
    select_all(listeners).await.0
}

/// Cancels everything that depends on a task that has ended.
struct Broken(Arc<Inner>);

impl Drop for Broken {
    fn drop(&mut self) {
        self.0.is_broken.store(true, Ordering::Release);
        self.0.end(|_| true);
    }
}
