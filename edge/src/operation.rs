//! One operation, from a parsed request to a finished answer. All transports use it.
//!
//! Each operation executes in a turn of its client: a number of them at once, the rest in that
//! client's queue.
//!
//! Queries and mutations run in a separate task. A disconnect, a `complete` or a timeout ends the
//! task of a query. A mutation that has begun always runs to its end, and a stopping server waits
//! for it. A panic in a resolver ends only that task, and is reported like any other internal
//! error.

use std::{
    net::IpAddr,
    panic::AssertUnwindSafe,
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use async_graphql::{Executor, Request, Response, ServerError, parser::types::OperationType};
use futures_util::{
    FutureExt, Stream, StreamExt,
    future::{self, ready},
    stream::{self, BoxStream},
};
use tokio::task::AbortHandle;
use tracing::Instrument;

use super::{
    backend::{Audience, Backend},
    broadcast::{Counting, Gate, Plan, RequestKey, Shown},
    code::{Code, INTERNAL},
    document::{self, Introspection, SubscribesTo, Validated},
    fair::{Opening, Weight},
    finish::{Finished, Form, Most, finish, finish_first, finish_needed},
    identity::Identity,
    interned::Interned,
    refusal::error,
    rest::Rest,
    shared::Edge,
};
use crate::{
    caller::{Caller, OriginTrust, RequestId, Transport},
    ledger::{Full, Lease, Turn, Who, in_turn},
    metrics::{Open, OperationLabel, OperationLabels, OutcomeLabel},
    supervisor,
};

/// How long the first item of a subscription may keep the turn in which it is computed.
const OPENING: Duration = Duration::from_secs(1);
/// How often a subscription that has rested asks for what it needs, once in [`OPENING`].
const TRIES: u32 = 30;
/// Bytes reserved for the items of a subscription that all callers share. Other clients follow it
/// as well, so a later, longer item must not end it because the client that began it has no quota
/// left.
const SHARED_ITEM_BYTES: usize = 16 << 10;

/// An operation whose document is valid.
#[derive(Debug)]
pub(crate) struct Operation<H> {
    edge: Edge<H>,
    request: Request,
    kind: OperationType,
    transport: Transport,
    id: RequestId,
    started: Instant,
    /// The client for which it is counted. Set by `with_context`.
    who: Option<Who>,
    /// The field of a subscription.
    subscribes_to: Option<SubscribesTo>,
}

impl<H: Backend> Operation<H> {
    /// Validates the document.
    ///
    /// # Errors
    /// The finished answer of a refused document.
    pub(crate) fn validate(
        edge: &Edge<H>,
        mut request: Request,
        transport: Transport,
        id: RequestId,
    ) -> Result<Self, Box<Finished>> {
        let started = Instant::now();
        let config = edge.backend.config();
        match document::validate(&mut request, &config.document, Introspection::of(config)) {
            Ok(Validated { kind, subscribes_to }) => {
                if !config.introspection {
                    request = request.disable_introspection();
                }
                Ok(Self { edge: edge.clone(), request, kind, transport, id, started, who: None, subscribes_to })
            }
            Err(refused) => {
                if refused.is_costly() {
                    edge.backend.metrics().documents_refused.inc();
                    tracing::debug!(reason = %refused, "a document was refused");
                }
                let labels = OperationLabels::of(OperationLabel::Unknown, transport, OutcomeLabel::Refused);
                edge.backend.metrics().operation(labels, Some(started.elapsed()));
                let response = Response::from_errors(vec![refused.into_error()]);
                Err(Box::new(finish(response, id, Most::of(config))))
            }
        }
    }

    pub(crate) fn kind(&self) -> OperationType {
        self.kind
    }

    /// Sets another transport than the first guess.
    #[must_use]
    pub(crate) fn over(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self
    }

    /// Adds the caller to the request, for the resolvers.
    #[must_use]
    pub(crate) fn with_context(mut self, identity: &H::Identity, caller: Caller) -> Self {
        self.who = Some(identity.who(caller.address));
        self.request = self.edge.backend.with_context(self.request, identity, caller);
        self
    }

    /// The callers with which this one may share the execution of a subscription.
    fn audience(&self, identity: &H::Identity) -> Audience {
        let Some(SubscribesTo { field, arguments }) = &self.subscribes_to else { return Audience::One(None) };
        self.edge.backend.audience(field, arguments, identity)
    }

    /// Whether it is a subscription that all callers share.
    pub(crate) fn is_for_all(&self, identity: &H::Identity) -> bool {
        matches!(self.audience(identity), Audience::Everyone(_))
    }

    /// Runs a query or mutation in a turn of its client. `hold` is dropped when the operation has
    /// ended, which for a mutation may be after this future is dropped.
    pub(crate) async fn answer<F: Form + Send + 'static>(self, hold: impl Send + 'static) -> Finished<F> {
        let Self { edge, request, kind, transport, id, started, who, .. } = self;
        let who = who.expect("an operation is given its context before it is run");
        let run = {
            let edge = edge.clone();
            async move {
                let finished = match edge.fair.turns.enter(who).await {
                    Ok(turn) => {
                        let work = async {
                            let response = edge.backend.schema().clone().execute(request).await;
                            // Writing the answer is work as well.
                            counted(&edge, who, kind, id, finish(response, id, Most::of(edge.backend.config())))
                        };
                        in_turn(turn, work).await
                    }
                    Err(full) => refused_for(&full, id),
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
                finish(response, id, Most::ONE)
            }
            Err(_elapsed) => {
                tracing::warn!(operation = ?kind, duration_ms = millis(started), "an operation timed out");
                let response = fault(match kind {
                    OperationType::Mutation => {
                        "The answer took too long. The change may still be made. Check before you retry."
                    }
                    _ => "The answer took too long.",
                });
                Finished { outcome: OutcomeLabel::TimedOut, ..finish(response, id, Most::ONE) }
            }
        };
        let labels = OperationLabels::of(kind.into(), transport, finished.outcome);
        edge.backend.metrics().operation(labels, Some(started.elapsed()));
        tracing::debug!(operation = ?kind, outcome = ?finished.outcome, duration_ms = millis(started), "operation answered");
        finished
    }

    /// Returns the broadcast of a subscription: a shared one, which others may already follow, or a
    /// private one.
    ///
    /// # Errors
    /// The client has too much in flight, or follows the maximum number of different documents.
    pub(crate) async fn follow(self, identity: &H::Identity, caller: Caller) -> Result<Shown, Full> {
        let edge = self.edge.clone();
        let who = identity.who(caller.address);
        let bytes = document::request_bytes(&self.request);
        let backend = &edge.backend;
        let audience = self.audience(identity);
        let plan = |key, subject, is_for_all| {
            let counting = match (backend.is_own_document(&self.request.query), is_for_all) {
                (false, _) => Counting::Counted(subject),
                (true, false) => Counting::Own(subject),
                (true, true) => Counting::Uncounted,
            };
            Plan { key, counting, is_for_all }
        };
        let (plan, gate) = match (audience, identity.party()) {
            (Audience::Everyone(subject), _) => (plan(RequestKey::of(&self.request), subject, true), Gate::default()),
            (Audience::Party(subject), Some(party)) => {
                (plan(RequestKey::of(&self.request).of_party(party), subject, false), gate(backend, identity))
            }
            (Audience::Party(_) | Audience::One(_), _) => {
                let gate = gate(backend, identity);
                let subject = match audience {
                    Audience::One(subject) => subject,
                    Audience::Party(subject) | Audience::Everyone(subject) => Some(subject),
                };
                let hold = match subject.map(|subject| plan(RequestKey::unique(), subject, false)) {
                    Some(plan) => edge.broadcasts.hold(identity.follower(caller.address), plan)?,
                    None => None,
                };
                let again = Again::of(&self, identity.clone(), caller.clone())?;
                let opening = opening(&edge, who, bytes).await?;
                let broadcast = edge.broadcasts.private(self.subscribe_and_rest(again, opening));
                return Ok(Shown { broadcast, gate, hold });
            }
        };
        let hold = edge.broadcasts.hold(identity.follower(caller.address), plan)?;
        if let Some(broadcast) = edge.broadcasts.find(&plan.key) {
            return Ok(Shown { broadcast, gate, hold });
        }
        // Before the broadcast exists, so that others who join it do not wait in this client's
        // queue.
        let opening = opening(&edge, who, bytes).await?;
        let broadcast = edge.broadcasts.open(plan, || {
            // Several subscribers share it, so its errors carry the id of the broadcast and not of
            // one request.
            let id = RequestId::new();
            tracing::debug!(broadcast.id = %id, "a broadcast begins");
            // Its reads wait in the queue of the client that begins it.
            let caller = Caller { request_id: id, ..caller };
            if plan.is_for_all {
                Self {
                    id,
                    ..self.with_context(
                        &H::Identity::default(),
                        Caller { origin: OriginTrust::Foreign, brought: None, ..caller },
                    )
                }
                .subscribe(opening, SHARED_ITEM_BYTES, false)
            } else {
                Self { id, ..self.with_context(identity, caller) }.subscribe(opening, 0, false)
            }
        });
        Ok(Shown { broadcast, gate, hold })
    }

    /// Runs a subscription with a single subscriber, which may [`Rest`].
    fn subscribe_and_rest(self, again: Again<H>, opening: Opening) -> BoxStream<'static, Finished> {
        let rest = Rest::default();
        let operation = self.with_context(&again.identity, again.caller.clone());
        let items = operation.with_rest(&rest).subscribe(opening, 0, true).boxed();
        let begun = (items, rest, Box::new(again));
        stream::unfold(begun, |(mut items, mut rest, again)| async move {
            loop {
                if let Some(item) = items.next().await {
                    return Some((item, (items, rest, again)));
                }
                let wake = rest.wake()?;
                drop(items);
                rest = Rest::from(wake.await?);
                // Boxed, because it is not needed while the subscription rests.
                items = Box::pin(again.run(&rest)).await;
            }
        })
        .boxed()
    }

    fn with_rest(mut self, rest: &Rest) -> Self {
        self.request = self.request.data(rest.clone());
        self
    }

    /// Runs a subscription. Each item is a finished answer. Ends after an item that was refused. At
    /// least `room` bytes are reserved for an item. If all items are needed, one that fails ends
    /// the subscription: its client subscribes again and misses nothing.
    ///
    /// The turn ends with the first item, or after [`OPENING`] if the subscription has no item by
    /// then.
    fn subscribe(
        self,
        opening: Opening,
        room: usize,
        needs_all: bool,
    ) -> impl Stream<Item = Finished> + Send + 'static {
        let Self { edge, request, id, .. } = self;
        let Opening { turn, kept } = opening;
        let weight = kept.bytes();
        // The request is counted with what the subscription keeps, instead of in flight.
        let responses = edge.backend.schema().execute_stream(request.data(Weight(None)), None);
        // The stream is polled outside of the request's span.
        let span = tracing::Span::current();
        stream::unfold(Some((responses, edge, Some(turn), kept)), move |state| {
            let next = async move {
                let (mut responses, edge, mut turn, mut kept) = state?;
                let finish = match &turn {
                    _ if needs_all => finish_needed,
                    Some(_) => finish_first,
                    None => finish,
                };
                let (response, panicked) =
                    match AssertUnwindSafe(first_in_its_turn(&mut turn, responses.next())).catch_unwind().await {
                        Ok(response) => (response?, false),
                        Err(panic) => (panicked(panic.as_ref()), true),
                    };
                let mut item = finish(response, id, Most::of(edge.backend.config()));
                drop(turn);
                if let Err(full) = kept.resize(weight + item.body.len().max(room)) {
                    item = refused_for(&full, id);
                }
                let ends = panicked || item.refused.is_some();
                Some((item, (!ends).then_some((responses, edge, None, kept))))
            };
            next.instrument(span.clone())
        })
    }
}

/// The request of a resting subscription: what is needed to run it again.
struct Again<H: Backend> {
    edge: Edge<H>,
    query: Interned,
    operation_name: Option<Box<str>>,
    /// As JSON, because their map has room for eleven.
    variables: Box<[u8]>,
    identity: H::Identity,
    caller: Caller,
    transport: Transport,
    id: RequestId,
    /// The size of the parsed request.
    bytes: usize,
    _text: Lease,
}

impl<H: Backend> Again<H> {
    /// # Errors
    /// The client keeps too much.
    fn of(operation: &Operation<H>, identity: H::Identity, caller: Caller) -> Result<Self, Full> {
        let Operation { edge, request, transport, id, .. } = operation;
        let who = identity.who(caller.address);
        let variables: Box<[u8]> = serde_json::to_vec(&request.variables).expect("variables came as JSON").into();
        // As JSON, a character may take six times as many bytes.
        let bytes = document::text_bytes(request).max(request.query.len() + variables.len());
        Ok(Self {
            edge: edge.clone(),
            query: edge.documents.keep(&request.query),
            operation_name: request.operation_name.as_deref().map(Into::into),
            variables,
            transport: *transport,
            id: *id,
            bytes: document::request_bytes(request),
            _text: edge.fair.followed(who).take(who, bytes)?,
            identity,
            caller,
        })
    }

    /// Runs the request, which was valid before. Waits for a while if the client has too much in
    /// flight, and then ends with an error, so that the client knows that it has to ask again.
    async fn run(&self, rest: &Rest) -> BoxStream<'static, Finished> {
        let who = self.identity.who(self.caller.address);
        let mut tries = 0;
        let opening = loop {
            match opening(&self.edge, who, self.bytes).await {
                Ok(opening) => break opening,
                Err(full) if tries == TRIES => return stream::once(ready(refused_for(&full, self.id))).boxed(),
                Err(full) => {
                    tracing::debug!(reason = %full, "a subscription waits before it goes on");
                    tokio::time::sleep(OPENING).await;
                }
            }
            tries += 1;
        };
        let variables = serde_json::from_slice(&self.variables).expect("they were variables");
        let mut request = Request::new(&*self.query).variables(variables);
        request.operation_name = self.operation_name.as_deref().map(str::to_owned);
        span(self.id).in_scope(|| match Operation::validate(&self.edge, request, self.transport, self.id) {
            Ok(operation) => {
                let operation = operation.with_context(&self.identity, self.caller.clone()).with_rest(rest);
                operation.subscribe(opening, 0, true).boxed()
            }
            // It was valid before, with the same limits.
            Err(refused) => stream::once(ready(*refused)).boxed(),
        })
    }
}

/// The span of one operation.
pub(crate) fn span(request_id: RequestId) -> tracing::Span {
    tracing::info_span!("operation", request.id = %request_id)
}

/// Acquires what a subscription whose request has `bytes` bytes needs to begin.
async fn opening<H: Backend>(edge: &Edge<H>, who: Who, bytes: usize) -> Result<Opening, Full> {
    Ok(Opening { kept: edge.fair.followed(who).take(who, bytes)?, turn: edge.fair.turns.enter(who).await? })
}

/// The next item. The first one is awaited within the turn, which ends after [`OPENING`].
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

/// The error that replaces an answer above the quota.
fn refused_for<F: Form>(full: &Full, id: RequestId) -> Finished<F> {
    finish(Response::from_errors(vec![error(Code::TooManyRequests, full.to_string())]), id, Most::ONE)
}

/// Counts an answer for its client until it is written.
fn counted<H: Backend, F: Form>(
    edge: &Edge<H>,
    who: Who,
    kind: OperationType,
    id: RequestId,
    mut finished: Finished<F>,
) -> Finished<F> {
    match edge.fair.in_flight.take(who, finished.body.bytes()) {
        Ok(lease) => {
            finished.lease = Some(lease);
            finished
        }
        Err(full) => {
            let made =
                if kind == OperationType::Mutation { " The change was made, but its answer was dropped." } else { "" };
            let refused = error(Code::TooManyRequests, format!("{full}{made}"));
            // Headers that resolvers set, such as a new session's cookie, are part of the change.
            Finished { headers: finished.headers, ..finish(Response::from_errors(vec![refused]), id, Most::ONE) }
        }
    }
}

/// A gate that is shut when the session has ended, if the caller has one.
fn gate<H: Backend>(backend: &H, identity: &H::Identity) -> Gate {
    let Some(session) = identity.session().cloned() else { return Gate::default() };
    let backend = backend.clone();
    Gate::new(move || backend.is_over(&session))
}

/// Finds the running broadcast for a request without parsing it. Its document was validated when
/// the broadcast began.
///
/// # Errors
/// The client follows the maximum number of different documents.
pub(crate) fn followed<H: Backend>(
    edge: &Edge<H>,
    request: &Request,
    identity: &H::Identity,
    client: IpAddr,
) -> Result<Option<Shown>, Full> {
    if !RequestKey::is_likely(request) {
        return Ok(None);
    }
    let key = RequestKey::of(request);
    let of_party = |party| {
        let found = edge.broadcasts.find(&key.of_party(party));
        found.map(|broadcast| (broadcast, gate(&edge.backend, identity)))
    };
    let for_all = edge.broadcasts.find(&key).map(|broadcast| (broadcast, Gate::default()));
    let found = for_all.or_else(|| identity.party().and_then(of_party));
    let Some((broadcast, gate)) = found else { return Ok(None) };
    let hold = match broadcast.plan() {
        Some(plan) => edge.broadcasts.hold(identity.follower(client), plan)?,
        None => None,
    };
    Ok(Some(Shown { broadcast, gate, hold }))
}

/// Counts a subscriber while it exists, and its outcome at the end.
#[derive(Debug)]
pub(crate) struct Following<H: Backend> {
    edge: Edge<H>,
    live: Option<Open>,
    outcome: OutcomeLabel,
    transport: Transport,
}

impl<H: Backend> Following<H> {
    pub(crate) fn begin(edge: &Edge<H>, transport: Transport) -> Self {
        let live = Some(Open::count(&edge.backend.metrics().subscriptions));
        Self { edge: edge.clone(), live, outcome: OutcomeLabel::Ok, transport }
    }

    pub(crate) fn saw(&mut self, item: &Finished) {
        if item.outcome != OutcomeLabel::Ok {
            self.outcome = item.outcome;
        }
    }

    /// All items of a broadcast, for subscribers that pull.
    pub(crate) fn items(mut self, shown: Shown) -> impl Stream<Item = Arc<Finished>> + Send + 'static {
        let Shown { broadcast, gate, hold } = shown;
        let items = broadcast.items().then(move |item| {
            let is_shut = gate.is_shut();
            async move {
                // The transport is about to end the stream, because the session has ended.
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
        let labels = OperationLabels::of(OperationLabel::Subscription, self.transport, self.outcome);
        self.edge.backend.metrics().operation(labels, None);
    }
}

/// Aborts a task whose answer is no longer awaited.
struct EndedOnDrop(AbortHandle);

impl Drop for EndedOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// An answer with one internal error.
fn fault(message: &str) -> Response {
    Response::from_errors(vec![internal(message)])
}

fn internal(message: &str) -> ServerError {
    error(Code::Internal, message)
}

/// Logs a panic and returns its answer.
fn panicked(panic: &(dyn std::any::Any + Send)) -> Response {
    tracing::error!(panic = supervisor::message(panic), "a resolver panicked");
    fault(INTERNAL)
}

fn millis(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}
