//! One operation, from a request that was read to an answer that is finished. All transports go through here.
//!
//! Everything that executes does so in its client's turn: some at once, the rest in that client's own line.
//!
//! Queries and mutations run in a task of their own. A client that goes away, a `complete` or a time-out ends the task of a
//! query; a mutation that has begun is finished all the same, and a stopping server waits for it. A panic in a resolver
//! ends that task only, and is told like any other fault of the server's.

use std::{
    net::IpAddr,
    panic::AssertUnwindSafe,
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use async_graphql::{Executor, Request, Response, ServerError, parser::types::OperationType};
use futures_util::{FutureExt, Stream, StreamExt, future, stream};
use tokio::task::AbortHandle;
use tracing::Instrument;

use super::{
    backend::{Audience, Backend},
    broadcast::{Counting, Gate, Plan, RequestKey, Shown},
    document::{self, SubscribesTo, Verdict},
    edge::Edge,
    fair::{Opening, Weight},
    finish::{Finished, Most, finish, finish_first},
    refusal::{Code, INTERNAL, error},
};
use crate::{
    graphql::scope::{Caller, OriginTrust, RequestId, Transport},
    ledger::{Full, Turn, Who, in_turn},
    metrics::{Open, OperationLabel, OperationLabels, OutcomeLabel, TransportLabel},
};

/// How long the first item of a subscription may keep the turn in which it is made.
const OPENING: Duration = Duration::from_secs(1);
/// What is set aside for the items of a subscription that all share. Others follow it as well, so it must not end at a later, longer
/// item because the client that began it has no room left.
const SHARED_ITEM_BYTES: usize = 16 << 10;

/// An operation whose document was let through.
#[derive(Debug)]
pub(super) struct Operation<H> {
    edge: Edge<H>,
    request: Request,
    kind: OperationType,
    transport: Transport,
    id: RequestId,
    started: Instant,
    /// Who is counted for it; known once it is given its context.
    who: Option<Who>,
    /// What a subscription is to.
    subscribes_to: Option<SubscribesTo>,
}

impl<H: Backend> Operation<H> {
    /// Judges the document.
    ///
    /// # Errors
    /// The finished answer, when it is refused.
    pub(super) fn judge(
        edge: &Edge<H>,
        mut request: Request,
        transport: Transport,
        id: &RequestId,
    ) -> Result<Self, Box<Finished>> {
        let started = Instant::now();
        let config = edge.backend.config();
        match document::judge(&mut request, &config.document, config.introspection) {
            Ok(Verdict { kind, subscribes_to }) => {
                if !config.introspection {
                    request = request.disable_introspection();
                }
                Ok(Self {
                    edge: edge.clone(),
                    request,
                    kind,
                    transport,
                    id: id.clone(),
                    started,
                    who: None,
                    subscribes_to,
                })
            }
            Err(refused) => {
                if refused.is_costly() {
                    edge.backend.metrics().documents_refused.inc();
                    tracing::debug!(reason = %refused, "a document was refused");
                }
                let labels = labels(OperationLabel::Unknown, transport, OutcomeLabel::Refused);
                edge.backend.metrics().operation(labels, Some(started.elapsed()));
                let response = Response::from_errors(vec![refused.into_error()]);
                Err(Box::new(finish(response, id, Most::of(config))))
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
    pub(super) fn with_context(mut self, session: Option<&H::Session>, caller: Caller) -> Self {
        self.who = Some(self.counted(session, &caller));
        self.request = self.edge.backend.with_context(self.request, session, caller);
        self
    }

    /// Who is counted: the account of a session, else the client.
    fn counted(&self, session: Option<&H::Session>, caller: &Caller) -> Who {
        session.map_or_else(|| Who::client(caller.address), |session| self.edge.backend.who(session))
    }

    /// Runs a query or mutation when it is its client's turn. `hold` is kept until it has really ended, which for a mutation may be after
    /// this returned or was dropped.
    pub(super) async fn answer(self, hold: impl Send + 'static) -> Finished {
        let Self { edge, request, kind, transport, id, started, who, .. } = self;
        let who = who.expect("an operation is given its context before it is run");
        let run = {
            let (edge, id) = (edge.clone(), id.clone());
            async move {
                let finished = match edge.fair.turns.enter(who).await {
                    Ok(turn) => {
                        let work = async {
                            let response = edge.backend.schema().clone().execute(request).await;
                            // To write the answer is work as well.
                            counted(&edge, who, kind, &id, finish(response, &id, Most::of(edge.backend.config())))
                        };
                        in_turn(turn, work).await
                    }
                    Err(full) => refused_for(&full, &id),
                };
                drop(hold);
                finished
            }
        };
        let task = edge.tasks.spawn(run.in_current_span());
        let _ended_with_this = (kind != OperationType::Mutation).then(|| EndedOnDrop(task.abort_handle()));
        let finished = match tokio::time::timeout(edge.backend.config().request_timeout, task).await {
            Ok(Ok(finished)) => finished,
            Ok(Err(failed)) => {
                let response =
                    failed.try_into_panic().map_or_else(|_| fault(INTERNAL), |panic| panicked(panic.as_ref()));
                finish(response, &id, Most::ONE)
            }
            Err(_elapsed) => {
                tracing::warn!(operation = ?kind, duration_ms = millis(started), "an operation took too long to be waited for");
                let response = fault(match kind {
                    OperationType::Mutation => {
                        "The answer took too long. The change may still be made: look before you try again."
                    }
                    _ => "The answer took too long.",
                });
                Finished { outcome: OutcomeLabel::TimedOut, ..finish(response, &id, Most::ONE) }
            }
        };
        let labels = labels(kind.into(), transport, finished.outcome);
        edge.backend.metrics().operation(labels, Some(started.elapsed()));
        tracing::debug!(operation = ?kind, outcome = ?finished.outcome, duration_ms = millis(started), "operation answered");
        finished
    }

    /// What a subscription shows, as a broadcast to follow: one that others may follow already, or one of its own.
    ///
    /// # Errors
    /// The client has too much under way, or follows as many different documents as it may.
    pub(super) async fn follow(self, session: Option<&H::Session>, caller: Caller) -> Result<Shown, Full> {
        let edge = self.edge.clone();
        let who = self.counted(session, &caller);
        let bytes = document::request_bytes(&self.request);
        let backend = &edge.backend;
        let audience =
            self.subscribes_to.as_ref().map_or(Audience::One, |to| backend.audience(&to.field, &to.arguments, session));
        let plan = |key, subject, is_for_all| {
            let counting = match (backend.is_own_document(&self.request.query), is_for_all) {
                (false, _) => Counting::Counted(subject),
                (true, false) => Counting::Own(subject),
                (true, true) => Counting::Uncounted,
            };
            Plan { key, counting, is_for_all }
        };
        let (plan, gate) = match (audience, session) {
            (Audience::Everyone(subject), _) => (plan(RequestKey::of(&self.request), subject, true), Gate::default()),
            (Audience::Party(subject), Some(session)) => (
                plan(RequestKey::of(&self.request).of_party(backend.party(session)), subject, false),
                gate(backend, session),
            ),
            (Audience::Party(_) | Audience::One, session) => {
                let gate = session.map(|session| gate(backend, session)).unwrap_or_default();
                let opening = opening(&edge, who, bytes).await?;
                let broadcast = edge.broadcasts.private(self.with_context(session, caller).subscribe(opening, 0));
                return Ok(Shown { broadcast, gate, hold: None });
            }
        };
        let hold = edge.broadcasts.hold(backend.follower(session, caller.address), plan)?;
        if let Some(broadcast) = edge.broadcasts.find(&plan.key) {
            return Ok(Shown { broadcast, gate, hold });
        }
        // Before the broadcast is there: others who join it do not wait in this client's line.
        let opening = opening(&edge, who, bytes).await?;
        let broadcast = edge.broadcasts.open(plan, || {
            // Shared by several subscribers: its errors name no subscriber's request.
            let id = RequestId::new();
            tracing::debug!(broadcast.id = %id, "a broadcast is begun");
            // Its reads wait in the line of the client that begins it.
            let caller = Caller { request_id: id.clone(), ..caller };
            if plan.is_for_all {
                Self { id, ..self.with_context(None, Caller { origin: OriginTrust::Foreign, brought: None, ..caller }) }
                    .subscribe(opening, SHARED_ITEM_BYTES)
            } else {
                Self { id, ..self.with_context(session, caller) }.subscribe(opening, 0)
            }
        });
        Ok(Shown { broadcast, gate, hold })
    }

    /// Runs a subscription: each item a finished answer. Ends after an item that never ran. `room` is set aside for an item, however
    /// short.
    ///
    /// The turn ends with the first item, or after a while, for a subscription that has nothing to say at first.
    fn subscribe(self, opening: Opening, room: usize) -> impl Stream<Item = Finished> + Send + 'static {
        let Self { edge, request, id, .. } = self;
        let Opening { turn, kept } = opening;
        let weight = kept.bytes();
        // The request is counted with what the subscription keeps, and no longer with what is under way.
        let responses = edge.backend.schema().execute_stream(request.data(Weight(None)), None);
        // Whoever polls the stream is not in the request's span any more.
        let span = tracing::Span::current();
        stream::unfold(Some((responses, edge, Some(turn), kept)), move |state| {
            let id = id.clone();
            let next = async move {
                let (mut responses, edge, mut turn, mut kept) = state?;
                let finish = if turn.is_some() { finish_first } else { finish };
                let (response, panicked) =
                    match AssertUnwindSafe(first_in_its_turn(&mut turn, responses.next())).catch_unwind().await {
                        Ok(response) => (response?, false),
                        Err(panic) => (panicked(panic.as_ref()), true),
                    };
                let mut item = finish(response, &id, Most::of(edge.backend.config()));
                drop(turn);
                if let Err(full) = kept.resize(weight + item.body.len().max(room)) {
                    item = refused_for(&full, &id);
                }
                let ends = panicked || item.refused.is_some();
                Some((item, (!ends).then_some((responses, edge, None, kept))))
            };
            next.instrument(span.clone())
        })
    }
}

/// What it takes to begin a subscription whose request weighs `bytes`.
async fn opening<H: Backend>(edge: &Edge<H>, who: Who, bytes: usize) -> Result<Opening, Full> {
    Ok(Opening { kept: edge.fair.followed(who).take(who, bytes)?, turn: edge.fair.turns.enter(who).await? })
}

/// The next item, the first of them while its turn lasts; a turn does not last for ever.
async fn first_in_its_turn<T>(turn: &mut Option<Turn>, next: impl Future<Output = T>) -> T {
    let mut next = pin!(next);
    if turn.is_some() {
        if let Ok(item) = tokio::time::timeout(OPENING, &mut next).await {
            return item;
        }
        *turn = None;
    }
    next.await
}

/// An answer in place of one that there is no room for.
fn refused_for(full: &Full, id: &RequestId) -> Finished {
    finish(Response::from_errors(vec![error(Code::TooManyRequests, full.to_string())]), id, Most::ONE)
}

/// Counts an answer for who asked, until it is written.
fn counted<H: Backend>(
    edge: &Edge<H>,
    who: Who,
    kind: OperationType,
    id: &RequestId,
    mut finished: Finished,
) -> Finished {
    match edge.fair.in_flight.take(who, finished.body.len()) {
        Ok(lease) => {
            finished.lease = Some(lease);
            finished
        }
        Err(full) => {
            let made =
                if kind == OperationType::Mutation { " The change was made; only its answer is not sent." } else { "" };
            let refused = error(Code::TooManyRequests, format!("{full}{made}"));
            // What resolvers set, such as a new session's cookie, goes with the change.
            Finished { headers: finished.headers, ..finish(Response::from_errors(vec![refused]), id, Most::ONE) }
        }
    }
}

/// Shut once the session has ended.
fn gate<H: Backend>(backend: &H, session: &H::Session) -> Gate {
    let (backend, session) = (backend.clone(), session.clone());
    Gate::new(move || backend.is_over(&session))
}

/// What is followed already, as far as the request tells without being parsed: it was judged when it began.
///
/// # Errors
/// The client follows as many different documents as it may.
pub(super) fn followed<H: Backend>(
    edge: &Edge<H>,
    request: &Request,
    session: Option<&H::Session>,
    client: IpAddr,
) -> Result<Option<Shown>, Full> {
    if !RequestKey::is_likely(request) {
        return Ok(None);
    }
    let key = RequestKey::of(request);
    let of_party = |session| {
        edge.broadcasts
            .find(&key.of_party(edge.backend.party(session)))
            .map(|broadcast| (broadcast, gate(&edge.backend, session)))
    };
    let found =
        edge.broadcasts.find(&key).map(|broadcast| (broadcast, Gate::default())).or_else(|| session.and_then(of_party));
    let Some((broadcast, gate)) = found else { return Ok(None) };
    let hold = match broadcast.plan() {
        Some(plan) => edge.broadcasts.hold(edge.backend.follower(session, client), plan)?,
        None => None,
    };
    Ok(Some(Shown { broadcast, gate, hold }))
}

/// Counts a subscriber while there is one, and the outcome at the end.
#[derive(Debug)]
pub(super) struct Following<H: Backend> {
    edge: Edge<H>,
    live: Option<Open>,
    outcome: OutcomeLabel,
    transport: Transport,
}

impl<H: Backend> Following<H> {
    pub(super) fn begin(edge: &Edge<H>, transport: Transport) -> Self {
        let live = Some(Open::count(&edge.backend.metrics().subscriptions));
        Self { edge: edge.clone(), live, outcome: OutcomeLabel::Ok, transport }
    }

    pub(super) fn saw(&mut self, item: &Finished) {
        if item.outcome != OutcomeLabel::Ok {
            self.outcome = item.outcome;
        }
    }

    /// All items of a broadcast, for those who pull.
    pub(super) fn items(mut self, shown: Shown) -> impl Stream<Item = Arc<Finished>> + Send + 'static {
        let Shown { broadcast, gate, hold } = shown;
        let items = broadcast.items().then(move |item| {
            let is_shut = gate.is_shut();
            async move {
                // The reader is about to learn that the session is over.
                if is_shut { future::pending().await } else { item }
            }
        });
        items.inspect(move |item| {
            let _held = &hold;
            self.saw(item);
        })
    }
}

impl<H: Backend> Drop for Following<H> {
    fn drop(&mut self) {
        self.live.take();
        let labels = labels(OperationLabel::Subscription, self.transport, self.outcome);
        self.edge.backend.metrics().operation(labels, None);
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
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
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
