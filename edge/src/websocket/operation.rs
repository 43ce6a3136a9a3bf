//! One operation on a socket. It runs in its own task, so operations do not wait for each other and
//! the reader does not wait for them.
//!
//! Reports go through a bounded channel. So all operations get their turn, and an operation
//! computes no item before the socket has received the previous ones.

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use futures_channel::mpsc;
use futures_util::{SinkExt, StreamExt};
use tokio::task::AbortHandle;
use tracing::Instrument;

use super::{
    direct::{Outbox, Subscription},
    protocol,
};
use crate::{
    backend::Backend,
    broadcast::{Hold, Pushed, Shown},
    caller::{RequestId, Transport},
    code::{Code, INTERNAL},
    identity::Identity,
    ledger::Lease,
    operation::{self, Following, Operation},
    refusal::error,
    request_info::RequestInfo,
    shared::Edge,
};

/// What an operation sends to its socket.
#[derive(Debug)]
pub(super) struct Report {
    pub id: Arc<str>,
    /// Distinguishes operations that used the same id one after the other.
    pub serial: u64,
    pub update: Update,
}

#[derive(Debug)]
pub(super) enum Update {
    /// A message and the lease on its bytes. More may follow.
    Said(String, Option<Box<Lease>>),
    /// The broadcast that answers the operation. The socket follows it.
    Opened(Shown),
    /// The last message of the operation.
    Ended(String),
    /// The session has ended: the socket must be closed.
    SignedOut,
}

/// Where an operation reports.
struct Reporter {
    reports: mpsc::Sender<Report>,
    id: Arc<str>,
    serial: u64,
}

impl Reporter {
    /// Waits while the last report was not taken. An error means that the socket is gone.
    async fn report(&mut self, update: Update) -> Result<(), mpsc::SendError> {
        self.reports.feed(Report { id: Arc::clone(&self.id), serial: self.serial, update }).await
    }
}

/// An operation in flight. Dropping it ends the operation, but not a mutation, which always runs to
/// its end.
pub(super) struct Running<H: Backend> {
    pub id: Arc<str>,
    pub serial: u64,
    pub kind: OperationType,
    /// `None` for a mutation, and for a subscription that its broadcast writes.
    task: Option<AbortHandle>,
    pub followed: Option<Followed<H>>,
}

impl<H: Backend> Running<H> {
    /// Follows the broadcast that its task has opened. The handle of the task is dropped, because
    /// it would keep the memory of the ended task.
    pub(super) fn follow(&mut self, followed: Followed<H>) {
        self.task = None;
        self.followed = Some(followed);
    }

    /// A subscription that follows a running broadcast.
    pub(super) fn following(id: Arc<str>, serial: u64, followed: Followed<H>) -> Self {
        Self { id, serial, kind: OperationType::Subscription, task: None, followed: Some(followed) }
    }
}

impl<H: Backend> Drop for Running<H> {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// A subscription whose items the broadcast writes to the socket directly.
pub(super) struct Followed<H: Backend> {
    subscription: Arc<Subscription>,
    pushed: Pushed,
    following: Following<H>,
    _hold: Option<Arc<Hold>>,
}

impl<H: Backend> Followed<H> {
    pub(super) fn begin(edge: &Edge<H>, outbox: &Arc<Outbox>, id: Arc<str>, shown: Shown) -> Self {
        let Shown { broadcast, gate, hold } = shown;
        let following = Following::begin(edge, Transport::WebSocket);
        let subscription = Arc::new(Subscription::new(Arc::clone(outbox), id, gate));
        let pushed = broadcast.attach(&subscription);
        Self { subscription, pushed, following, _hold: hold }
    }

    /// Writes what could not be written before. Returns the last message when the subscription is
    /// over.
    pub(super) fn catch_up(&mut self, id: &str) -> Option<String> {
        let broadcast = self.pushed.broadcast();
        broadcast.offer(&*self.subscription);
        let latest = broadcast.latest();
        // The last item comes first, if the peer can receive it.
        if !latest.over || !self.subscription.has_shown(&latest) {
            return None;
        }
        let refused = latest.item.filter(|item| item.refused.is_some());
        Some(match refused {
            Some(item) => {
                self.following.saw(&item);
                protocol::result(id, &item)
            }
            None => protocol::complete(id),
        })
    }
}

impl<H: Backend> Drop for Followed<H> {
    fn drop(&mut self) {
        if let Some(item) = self.pushed.broadcast().latest().item {
            self.following.saw(&item);
        }
        self.subscription.end();
    }
}

/// What a client asks for.
pub(super) enum Requested<H> {
    /// A subscription that other clients already follow.
    Shown(Shown),
    Validated(Box<Operation<H>>),
}

impl<H: Backend> Requested<H> {
    pub(super) fn kind(&self) -> OperationType {
        match self {
            Self::Shown(_) => OperationType::Subscription,
            Self::Validated(operation) => operation.kind(),
        }
    }

    /// Whether it is a subscription that all callers share.
    pub(super) fn is_for_all(&self, identity: &H::Identity) -> bool {
        match self {
            Self::Shown(shown) => shown.broadcast.is_for_all(),
            Self::Validated(operation) => operation.is_for_all(identity),
        }
    }
}

/// The parts that an operation needs to run.
pub(super) struct Start<H: Backend> {
    pub edge: Edge<H>,
    pub asked: Requested<H>,
    pub identity: H::Identity,
    pub info: RequestInfo,
    pub request_id: RequestId,
    pub id: Arc<str>,
    pub serial: u64,
    pub reports: mpsc::Sender<Report>,
    /// Set if the socket follows broadcasts without a task.
    pub outbox: Option<Arc<Outbox>>,
}

impl<H: Backend> Start<H> {
    /// Runs the operation in a task. A mutation holds `place` until it has ended.
    pub(super) fn run(self, place: Arc<()>) -> Running<H> {
        let (id, serial, kind) = (Arc::clone(&self.id), self.serial, self.asked.kind());
        let kept = (kind == OperationType::Mutation).then_some(place);
        let span = operation::span(self.request_id);
        let tasks = self.edge.tasks.clone();
        let run = self.reported(kept).instrument(span);
        let task = match kind {
            // A stopping server waits for it. The socket does not.
            OperationType::Mutation => {
                tasks.spawn(run);
                None
            }
            OperationType::Query | OperationType::Subscription => Some(tokio::spawn(run).abort_handle()),
        };
        Running { id, serial, kind, task, followed: None }
    }

    async fn reported(self, place: Option<Arc<()>>) {
        let Self { edge, asked, identity, info, request_id, id, serial, reports, outbox } = self;
        let mut to = Reporter { reports, id: Arc::clone(&id), serial };
        // Reads the session again, because its access may have changed since the socket was opened.
        // What all callers share runs without a session.
        let identity = match identity.session().filter(|_| !asked.is_for_all(&identity)) {
            None => identity,
            Some(session) => match edge.backend.refresh(session).await {
                Ok(Some(identity)) => identity,
                Ok(None) => {
                    let _ = to.report(Update::SignedOut).await;
                    return;
                }
                Err(failed) => {
                    tracing::error!(error = format!("{failed:#}"), "could not read a session");
                    let _ = to
                        .report(Update::Ended(protocol::fault(&id, error(Code::Internal, INTERNAL), request_id)))
                        .await;
                    return;
                }
            },
        };
        let caller = info.caller(Transport::WebSocket, request_id);
        let shown = match asked {
            Requested::Shown(shown) => shown,
            Requested::Validated(operation) if operation.kind() == OperationType::Subscription => {
                match operation.follow(&identity, caller).await {
                    Ok(shown) => shown,
                    Err(full) => {
                        let error = error(Code::TooManyRequests, full.to_string());
                        let _ = to.report(Update::Ended(protocol::fault(&id, error, request_id))).await;
                        return;
                    }
                }
            }
            Requested::Validated(operation) => {
                let mut finished = operation.with_context(&identity, caller).answer(place).await;
                let bind = |lease| match &outbox {
                    Some(outbox) => outbox.bind(lease),
                    None => info.bind(lease),
                };
                let lease = finished.lease.take().map(|lease| Box::new(bind(lease)));
                let message = protocol::result(&id, &finished);
                if finished.refused.is_some() {
                    let _ = to.report(Update::Ended(message)).await;
                } else if to.report(Update::Said(message, lease)).await.is_ok() {
                    let _ = to.report(Update::Ended(protocol::complete(&id))).await;
                }
                return;
            }
        };
        if outbox.is_some() {
            let _ = to.report(Update::Opened(shown)).await;
            return;
        }
        let mut items = std::pin::pin!(Following::begin(&edge, Transport::WebSocket).items(shown));
        while let Some(item) = items.next().await {
            let message = protocol::result(&id, &item);
            if item.refused.is_some() {
                let _ = to.report(Update::Ended(message)).await;
                return;
            }
            let lease = match info.take(&edge.fair.in_flight, message.len()) {
                Ok(lease) => lease,
                Err(full) => {
                    let error = error(Code::TooManyRequests, full.to_string());
                    let _ = to.report(Update::Ended(protocol::fault(&id, error, request_id))).await;
                    return;
                }
            };
            if to.report(Update::Said(message, Some(Box::new(lease)))).await.is_err() {
                return;
            }
        }
        let _ = to.report(Update::Ended(protocol::complete(&id))).await;
    }
}
