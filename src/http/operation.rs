//! One operation, from a request that was read to an answer that is finished. All transports go through here.
//!
//! Queries and mutations run in a task of their own. A client that goes away, a `complete` or a time-out ends the task of a
//! query; a mutation that has begun is finished all the same, and a stopping server waits for it. A panic in a resolver
//! ends that task only, and is told like any other fault of the server's.

use std::{net::Ipv4Addr, panic::AssertUnwindSafe, sync::Arc, time::Instant};

use async_graphql::{Executor, Request, Response, ServerError, parser::types::OperationType};
use futures_util::{FutureExt, Stream, StreamExt, stream};
use tokio::task::AbortHandle;
use tracing::Instrument;

use super::{
    document::{self, Verdict},
    edge::Edge,
    finish::{Finished, finish, finish_first},
    house::House,
    refusal::{Code, INTERNAL, error},
    topic::{Key, Topic},
};
use crate::{
    graphql::scope::{Caller, OriginTrust, RequestId, Transport},
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
    /// Where others follow the same, for a subscription that may be shared.
    key: Option<Key>,
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
            Ok(Verdict { kind, subscribes_to }) => {
                let key = subscribes_to.is_some_and(|field| edge.house.is_shared(&field)).then(|| Key::of(&request));
                if !config.introspection {
                    request = request.disable_introspection();
                }
                Ok(Self { edge: edge.clone(), request, kind, transport, id: id.clone(), started, key })
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
        let Self { edge, request, kind, transport, id, started, .. } = self;
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

    /// What a subscription shows, as a topic to follow: one that others may follow already, or one of its own.
    pub(super) fn follow(self, session: Option<&H::Session>, caller: Caller) -> Arc<Topic> {
        let edge = self.edge.clone();
        match self.key {
            Some(key) => edge.topics.open(key, || {
                // It is everybody's, so it is told of nobody, and its errors name no request of anybody's.
                let id = RequestId::new();
                tracing::debug!(topic.id = %id, "a topic is begun");
                let nobody = Caller {
                    address: Ipv4Addr::UNSPECIFIED.into(),
                    origin: OriginTrust::Foreign,
                    request_id: id.clone(),
                    brought: None,
                    ..caller
                };
                Self { id, ..self.furnish(None, nobody) }.subscribe()
            }),
            None => edge.topics.private(self.furnish(session, caller).subscribe()),
        }
    }

    /// Runs a subscription: each item a finished answer. Ends after an item that never ran.
    fn subscribe(self) -> impl Stream<Item = Finished> + Send + 'static {
        let Self { edge, request, id, .. } = self;
        let responses = edge.house.schema().execute_stream(request, None);
        // Whoever polls the stream is not in the request's span any more.
        let span = tracing::Span::current();
        stream::unfold(Some((responses, edge, true)), move |state| {
            let id = id.clone();
            let next = async move {
                let (mut responses, edge, first) = state?;
                let (response, last) = match AssertUnwindSafe(responses.next()).catch_unwind().await {
                    Ok(response) => (response?, false),
                    Err(panic) => (panicked(panic.as_ref()), true),
                };
                let finish = if first { finish_first } else { finish };
                let item = finish(response, &id, edge.house.config().max_errors);
                let ends = last || item.refused.is_some();
                Some((item, (!ends).then_some((responses, edge, false))))
            };
            next.instrument(span.clone())
        })
    }
}

/// Counts a subscriber while there is one, and the outcome at the end.
#[derive(Debug)]
pub(super) struct Following<H: House> {
    edge: Edge<H>,
    live: Option<Open>,
    outcome: OutcomeLabel,
    transport: Transport,
}

impl<H: House> Following<H> {
    pub(super) fn begin(edge: &Edge<H>, transport: Transport) -> Self {
        let live = Some(Open::count(&edge.house.metrics().subscriptions));
        Self { edge: edge.clone(), live, outcome: OutcomeLabel::Ok, transport }
    }

    pub(super) fn saw(&mut self, item: &Finished) {
        if item.outcome != OutcomeLabel::Ok {
            self.outcome = item.outcome;
        }
    }

    /// Everything that a topic says, for those who pull.
    pub(super) fn items(mut self, topic: Arc<Topic>) -> impl Stream<Item = Arc<Finished>> + Send + 'static {
        topic.items().inspect(move |item| self.saw(item))
    }
}

impl<H: House> Drop for Following<H> {
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
