//! One operation on a socket, in a task of its own: none waits for another, and the reader waits for none.
//!
//! What it has to say goes through a bounded channel, so that an operation that always has something to say gets its turn
//! like the others, and computes nothing that the socket has not taken yet.

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use futures_util::StreamExt;
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc},
    task::AbortHandle,
};
use tracing::Instrument;

use super::protocol;
use crate::{
    graphql::scope::{RequestId, Transport},
    http::{
        edge::Edge,
        graphql::Visit,
        house::House,
        operation::Operation,
        refusal::{Code, INTERNAL, error},
    },
};

/// What an operation has to say.
#[derive(Debug)]
pub(super) struct Report {
    pub id: Arc<str>,
    /// Tells operations apart that had the same id, one after the other.
    pub serial: u64,
    pub news: News,
}

#[derive(Debug)]
pub(super) enum News {
    /// A message; more may follow.
    Said(String),
    /// Its last message.
    Ended(String),
    /// The session has ended: nothing may run any more.
    SignedOut,
}

/// An operation under way. Dropped, it ends; a mutation that has arrived is made all the same.
#[derive(Debug)]
pub(super) struct Running {
    pub serial: u64,
    pub kind: OperationType,
    /// None for a mutation.
    task: Option<AbortHandle>,
    /// Its place among the most that a socket may have, free again as soon as it is dropped. A mutation keeps its own until
    /// it has really ended, or there would be no bound.
    #[expect(dead_code, reason = "held, never read")]
    place: Option<OwnedSemaphorePermit>,
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// What it takes to run one.
pub(super) struct Start<H: House> {
    pub edge: Edge<H>,
    pub operation: Operation<H>,
    pub session: Option<H::Session>,
    pub visit: Visit,
    pub request_id: RequestId,
    pub id: Arc<str>,
    pub serial: u64,
    pub reports: mpsc::Sender<Report>,
}

impl<H: House> Start<H> {
    /// Runs it in a task.
    pub(super) fn run(self, place: OwnedSemaphorePermit) -> Running {
        let (serial, kind) = (self.serial, self.operation.kind());
        let (kept, place) = match kind {
            OperationType::Mutation => (Some(place), None),
            OperationType::Query | OperationType::Subscription => (None, Some(place)),
        };
        let span = tracing::info_span!("operation", request.id = %self.request_id);
        let tasks = self.edge.tasks.clone();
        let run = self.reported(kept).instrument(span);
        let task = match kind {
            // Waited for by a stopping server, and by nobody else.
            OperationType::Mutation => {
                tasks.spawn(run);
                None
            }
            OperationType::Query | OperationType::Subscription => Some(tokio::spawn(run).abort_handle()),
        };
        Running { serial, kind, task, place }
    }

    async fn reported(self, place: Option<OwnedSemaphorePermit>) {
        let Self { edge, operation, session, visit, request_id, id, serial, reports } = self;
        let report = |news| reports.send(Report { id: Arc::clone(&id), serial, news });
        // As it is now, not as it was when the socket was opened: access may have been taken away since.
        let session = match session {
            None => None,
            Some(session) => match edge.house.refresh(&session).await {
                Ok(Some(session)) => Some(session),
                Ok(None) => {
                    let _ = report(News::SignedOut).await;
                    return;
                }
                Err(failed) => {
                    tracing::error!(error = format!("{failed:#}"), "a session could not be looked up");
                    let _ = report(News::Ended(protocol::fault(&id, error(Code::Internal, INTERNAL), &request_id))).await;
                    return;
                }
            },
        };
        let kind = operation.kind();
        let operation = operation.furnish(session.as_ref(), visit.caller(Transport::WebSocket, request_id));
        if kind != OperationType::Subscription {
            let finished = operation.answer(place).await;
            let message = protocol::result(&id, &finished);
            if finished.refused.is_some() {
                let _ = report(News::Ended(message)).await;
            } else if report(News::Said(message)).await.is_ok() {
                let _ = report(News::Ended(protocol::complete(&id))).await;
            }
            return;
        }
        let mut results = std::pin::pin!(operation.subscribe());
        while let Some(finished) = results.next().await {
            let message = protocol::result(&id, &finished);
            if finished.refused.is_some() {
                let _ = report(News::Ended(message)).await;
                return;
            }
            if report(News::Said(message)).await.is_err() {
                return;
            }
        }
        let _ = report(News::Ended(protocol::complete(&id))).await;
    }
}
