//! Answers as server-sent events (GraphQL over SSE, distinct connections mode), for proxies that break WebSockets.
//!
//! An operation is one response: a `next` event for each result, then `complete`. A refused document is a `next` too, as the
//! protocol wants, because a browser's `EventSource` shows nobody the body of a 400. The response is pulled by the
//! connection: while the peer does not read, nothing more is computed, and a peer that takes nothing for the send time-out
//! is disconnected by the [connection itself](super::write_timeout).
//!
//! When the session ends, the stream says so and completes. When the server stops, the stream just breaks off, so that a
//! client connects again.

use std::{convert::Infallible, sync::Arc, time::Duration};

use async_graphql::{Response as GraphqlResponse, parser::types::OperationType};
use axum::{
    body::{Body, Bytes},
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures_util::{FutureExt, Stream, StreamExt, future, future::BoxFuture, stream, stream::BoxStream};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{
    backend::Backend,
    edge::{ConnectionSlot, Edge},
    fair::counted,
    finish::{Finished, Most, finish},
    graphql::RequestInfo,
    operation::{Following, Operation},
    refusal::{Code, Refusal, error},
};
use crate::{
    graphql::scope::{Caller, RequestId, Transport},
    ledger::Budget,
    metrics::Open,
};

/// Tells nginx not to hold events back.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Serves an operation as a stream of events.
///
/// # Errors
/// The client holds as many streams and sockets as it may, or has too much under way.
pub(super) async fn serve<H: Backend>(
    edge: &Edge<H>,
    info: &RequestInfo,
    operation: Operation<H>,
    session: Option<&H::Session>,
    caller: Caller,
) -> Result<Response, Refusal> {
    let config = edge.backend.config();
    let most = config.max_sockets_per_client;
    let Some(place) = edge.sockets.enter(info.address, most) else {
        return Err(Refusal::too_many(format!(
            "At most {most} sockets and event streams may be open at once from one address."
        )));
    };
    let streaming = match operation.kind() {
        OperationType::Subscription => Streaming {
            results: {
                let shown =
                    operation.follow(session, caller).await.map_err(|full| Refusal::too_many(full.to_string()))?;
                Following::begin(edge, Transport::ServerSentEvents).items(shown).boxed()
            },
            info: info.clone(),
            in_flight: edge.fair.in_flight.clone(),
            ended: session.map_or_else(|| future::pending().boxed(), |session| edge.backend.ended(session)),
            draining: edge.draining.clone(),
            id: info.id.clone(),
            keep_alive: config.sse_keepalive,
            _place: place,
            _open: Open::count(&edge.backend.metrics().event_streams),
        },
        // A single answer that has begun is given, whatever happens to the session (it may be `signOut`) or the server.
        OperationType::Query | OperationType::Mutation => Streaming {
            results: single(edge, operation.with_context(session, caller)).map(Arc::new).boxed(),
            info: info.clone(),
            in_flight: edge.fair.in_flight.clone(),
            ended: future::pending().boxed(),
            draining: CancellationToken::new(),
            id: info.id.clone(),
            keep_alive: config.sse_keepalive,
            _place: place,
            _open: Open::count(&edge.backend.metrics().event_streams),
        },
    };
    // The connection pulls, and it is not in the request's span.
    let span = tracing::Span::current();
    let state = State::Streaming(Box::new(streaming));
    Ok(events(stream::unfold(state, move |state| state.next().instrument(span.clone()))))
}

/// The answer of a query when it is asked for, and of a mutation in any case: it has arrived.
fn single<H: Backend>(edge: &Edge<H>, operation: Operation<H>) -> BoxStream<'static, Finished> {
    if operation.kind() != OperationType::Mutation {
        return stream::once(operation.answer(())).boxed();
    }
    let answer = edge.tasks.spawn(operation.answer(()).in_current_span());
    // It fails only where the process ends.
    stream::once(answer).filter_map(|answer| future::ready(answer.ok())).boxed()
}

/// A document that is refused, as the stream that it would have been.
pub(super) fn refused(refusal: &Finished) -> Response {
    events(stream::iter([next(refusal).into(), Bytes::from_static(COMPLETE)]))
}

fn events(events: impl Stream<Item = Bytes> + Send + 'static) -> Response {
    let mut response = Body::from_stream(events.map(Ok::<_, Infallible>)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_ACCEL_BUFFERING, HeaderValue::from_static("no"));
    response
}

/// A result. Its JSON has no line breaks of its own, so one `data` line holds it.
fn next(result: &Finished) -> String {
    format!("event: next\ndata: {}\n\n", result.body)
}

/// With an empty `data` line: an `EventSource` does not dispatch an event without one.
const COMPLETE: &[u8] = b"event: complete\ndata:\n\n";
/// A comment, which every client ignores.
const ALIVE: &[u8] = b":\n\n";

struct Streaming {
    results: BoxStream<'static, Arc<Finished>>,
    ended: BoxFuture<'static, &'static str>,
    draining: CancellationToken,
    id: RequestId,
    keep_alive: Duration,
    info: RequestInfo,
    in_flight: Budget,
    _place: ConnectionSlot,
    _open: Open,
}

enum State {
    Streaming(Box<Streaming>),
    Completing,
    Over,
}

impl State {
    async fn next(self) -> Option<(Bytes, Self)> {
        let mut streaming = match self {
            Self::Streaming(streaming) => streaming,
            Self::Completing => return Some((Bytes::from_static(COMPLETE), Self::Over)),
            Self::Over => return None,
        };
        let Streaming { results, ended, draining, id, keep_alive, info, in_flight, .. } = &mut *streaming;
        tokio::select! {
            // In this order: that a session or the server ends goes before what might still be shown.
            biased;
            reason = ended => {
                let error = error(Code::Unauthenticated, reason);
                let last = finish(GraphqlResponse::from_errors(vec![error]), id, Most::ONE);
                Some((next(&last).into(), Self::Completing))
            }
            () = draining.cancelled() => None,
            result = results.next() => match result {
                Some(result) if result.refused.is_some() => Some((next(&result).into(), Self::Completing)),
                Some(result) => {
                    let event = next(&result);
                    // What was counted for the answer is counted for the event, which takes its place.
                    let lease = match Arc::into_inner(result).and_then(|finished| finished.lease) {
                        Some(mut lease) => lease.resize(event.len()).map(|()| info.bind(lease)),
                        None => info.take(in_flight, event.len()),
                    };
                    match lease {
                        Ok(lease) => Some((counted(event, Some(lease)), Self::Streaming(streaming))),
                        Err(full) => {
                            let error = error(Code::TooManyRequests, full.to_string());
                            let last = finish(GraphqlResponse::from_errors(vec![error]), id, Most::ONE);
                            Some((next(&last).into(), Self::Completing))
                        }
                    }
                }
                None => Some((Bytes::from_static(COMPLETE), Self::Over)),
            },
            () = tokio::time::sleep(*keep_alive) => Some((Bytes::from_static(ALIVE), Self::Streaming(streaming))),
        }
    }
}
