//! One operation, from a request that was read to an answer that is finished. All transports go through here.
//!
//! Queries and mutations run in a task of their own. A client that goes away, a `complete` or a time-out ends the task of a
//! query; a mutation that has begun is finished all the same, and a stopping server waits for it. A panic in a resolver
//! ends that task only, and is told like any other fault of the server's.

use std::{panic::AssertUnwindSafe, time::Instant};

use async_graphql::{Executor, Request, Response, ServerError, parser::types::OperationType};
use futures_util::{FutureExt, Stream, StreamExt, stream};
use tokio::task::AbortHandle;
use tracing::Instrument;

use super::{
    document,
    edge::Edge,
    finish::{Finished, finish, finish_first},
    house::House,
    refusal::{Code, INTERNAL, error},
};
use crate::{
    graphql::scope::{Caller, RequestId, Transport},
    metrics::{Open, OperationLabel, OperationLabels, OutcomeLabel, TransportLabel},
};

/// An operation whose document was let through.
#[derive(Debug)]
pub(super) struct Operation<H> {
    edge: Edge<H>,
    request: Request,
    kind: OperationType,
    transport: Transport,
    id: RequestId,
    started: Instant,
}

impl<H: House> Operation<H> {
    /// Judges the document.
    ///
    /// # Errors
    /// The finished answer, when it is refused.
    pub(super) fn judge(edge: &Edge<H>, mut request: Request, transport: Transport, id: &RequestId) -> Result<Self, Box<Finished>> {
        let started = Instant::now();
        let config = edge.house.config();
        match document::judge(&mut request, &config.document, config.introspection) {
            Ok(kind) => {
                if !config.introspection {
                    request = request.disable_introspection();
                }
                Ok(Self { edge: edge.clone(), request, kind, transport, id: id.clone(), started })
            }
            Err(refused) => {
                if refused.is_costly() {
                    edge.house.metrics().documents_refused.inc();
                    tracing::debug!(reason = %refused, "a document was refused");
                }
                let labels = labels(OperationLabel::Unknown, transport, OutcomeLabel::Refused);
                edge.house.metrics().operation(labels, Some(started.elapsed()));
                let response = Response::from_errors(vec![refused.into_error()]);
                Err(Box::new(finish(response, id, config.max_errors)))
            }
        }
    }

    pub(super) fn kind(&self) -> OperationType {
        self.kind
    }

    /// Sends the answer by another transport than was thought at first.
    #[must_use]
    pub(super) fn over(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self
    }

    /// Gives the resolvers what they need to know of who is asking.
    #[must_use]
    pub(super) fn furnish(mut self, session: Option<&H::Session>, caller: Caller) -> Self {
        self.request = self.edge.house.furnish(self.request, session, caller);
        self
    }

    /// Runs a query or mutation. `hold` is kept until it has really ended, which for a mutation may be after this returned
    /// or was dropped.
    pub(super) async fn answer(self, hold: impl Send + 'static) -> Finished {
        let Self { edge, request, kind, transport, id, started } = self;
        let schema = edge.house.schema().clone();
        let run = async move {
            let response = schema.execute(request).await;
            drop(hold);
            response
        };
        let task = edge.tasks.spawn(run.in_current_span());
        let _ended_with_this = (kind != OperationType::Mutation).then(|| EndedOnDrop(task.abort_handle()));
        let config = edge.house.config();
        let mut timed_out = false;
        let response = match tokio::time::timeout(config.request_timeout, task).await {
            Ok(Ok(response)) => response,
            Ok(Err(failed)) => failed.try_into_panic().map_or_else(|_| fault(INTERNAL), |panic| panicked(panic.as_ref())),
            Err(_elapsed) => {
                timed_out = true;
                tracing::warn!(operation = ?kind, duration_ms = millis(started), "an operation took too long to be waited for");
                fault(match kind {
                    OperationType::Mutation => "The answer took too long. The change may still be made: look before you try again.",
                    _ => "The answer took too long.",
                })
            }
        };
        let mut finished = finish(response, &id, config.max_errors);
        if timed_out {
            finished.outcome = OutcomeLabel::TimedOut;
        }
        let labels = labels(kind.into(), transport, finished.outcome);
        edge.house.metrics().operation(labels, Some(started.elapsed()));
        tracing::debug!(operation = ?kind, outcome = ?finished.outcome, duration_ms = millis(started), "operation answered");
        finished
    }

    /// Runs a subscription: each item a finished answer. Ends after an item that never ran.
    pub(super) fn subscribe(self) -> impl Stream<Item = Finished> + Send + 'static {
        let Self { edge, request, transport, id, .. } = self;
        let open = Counted { live: Some(Open::count(&edge.house.metrics().subscriptions)), outcome: OutcomeLabel::Ok, transport, edge };
        let responses = open.edge.house.schema().execute_stream(request, None);
        // Whoever polls the stream is not in the request's span any more.
        let span = tracing::Span::current();
        stream::unfold(Some((responses, open, true)), move |state| {
            let id = id.clone();
            let next = async move {
                let (mut responses, mut open, first) = state?;
                let (response, last) = match AssertUnwindSafe(responses.next()).catch_unwind().await {
                    Ok(response) => (response?, false),
                    Err(panic) => (panicked(panic.as_ref()), true),
                };
                let finish = if first { finish_first } else { finish };
                let item = finish(response, &id, open.edge.house.config().max_errors);
                if item.outcome != OutcomeLabel::Ok {
                    open.outcome = item.outcome;
                }
                open.edge.house.metrics().pushes.inc();
                let ends = last || item.refused.is_some();
                Some((item, (!ends).then_some((responses, open, false))))
            };
            next.instrument(span.clone())
        })
    }
}

/// Counts a subscription while it is open, and its outcome when it ends.
struct Counted<H: House> {
    edge: Edge<H>,
    live: Option<Open>,
    outcome: OutcomeLabel,
    transport: Transport,
}

impl<H: House> Drop for Counted<H> {
    fn drop(&mut self) {
        self.live.take();
        let labels = labels(OperationLabel::Subscription, self.transport, self.outcome);
        self.edge.house.metrics().operation(labels, None);
    }
}

/// Ends a task that nobody waits for any more.
struct EndedOnDrop(AbortHandle);

impl Drop for EndedOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// An answer of one error that is the server's fault.
fn fault(message: &str) -> Response {
    Response::from_errors(vec![internal(message)])
}

fn internal(message: &str) -> ServerError {
    error(Code::Internal, message)
}

/// Logs a panic, once, and answers for it.
fn panicked(panic: &(dyn std::any::Any + Send)) -> Response {
    let message =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
    tracing::error!(panic = message, "a resolver panicked");
    fault(INTERNAL)
}

fn millis(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}

fn labels(operation: OperationLabel, transport: Transport, outcome: OutcomeLabel) -> OperationLabels {
    let transport = match transport {
        Transport::Http => TransportLabel::Http,
        Transport::WebSocket => TransportLabel::WebSocket,
        Transport::ServerSentEvents => TransportLabel::ServerSentEvents,
    };
    OperationLabels { operation, transport, outcome }
}

impl From<OperationType> for OperationLabel {
    fn from(kind: OperationType) -> Self {
        match kind {
            OperationType::Query => Self::Query,
            OperationType::Mutation => Self::Mutation,
            OperationType::Subscription => Self::Subscription,
        }
    }
}
