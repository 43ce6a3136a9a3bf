//! Answers as server-sent events (GraphQL over SSE, distinct connections mode), for networks where
//! proxies break WebSockets.
//!
//! An operation is one response: a `next` event for each result, then `complete`. A refused
//! document is a `next` event as well, as the protocol requires, because a browser's `EventSource`
//! does not expose the body of a 400. The connection pulls the response, so nothing more is
//! computed while the peer does not read. A peer that receives nothing within the send timeout is
//! disconnected by the [connection](super::write_timeout).
//!
//! When the session ends, the stream sends an error and completes. When the server stops, the
//! stream ends without `complete`, so that the client reconnects.

use std::{convert::Infallible, sync::Arc};

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
    code::Code,
    fair::counted,
    finish::{Finished, Most, finish},
    identity::Identity,
    operation::{Following, Operation},
    refusal::{Refusal, error},
    request_info::RequestInfo,
    shared::{ConnectionSlot, Edge},
};
use crate::{
    alive::Beat,
    caller::{Caller, RequestId, Transport},
    ledger::Budget,
    metrics::Open,
};

/// Tells nginx not to buffer events.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Serves an operation as a stream of events.
///
/// # Errors
/// The client has the maximum number of streams and sockets, or too much in flight.
pub(crate) async fn serve<H: Backend>(
    edge: &Edge<H>,
    info: &RequestInfo,
    operation: Operation<H>,
    identity: &H::Identity,
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
                    operation.follow(identity, caller).await.map_err(|full| Refusal::too_many(full.to_string()))?;
                Following::begin(edge, Transport::ServerSentEvents).items(shown).boxed()
            },
            info: info.clone(),
            in_flight: edge.fair.in_flight.clone(),
            ended: identity.session().map_or_else(|| future::pending().boxed(), |session| edge.backend.ended(session)),
            draining: edge.draining.clone(),
            id: info.id,
            beat: edge.alive.streams.join(),
            _place: place,
            _open: Open::count(&edge.backend.metrics().event_streams),
        },
        // A single answer that has begun is always sent, also when the session ends (the operation
        // may be `signOut`) or the server stops.
        OperationType::Query | OperationType::Mutation => Streaming {
            results: single(edge, operation.with_context(identity, caller)).map(Arc::new).boxed(),
            info: info.clone(),
            in_flight: edge.fair.in_flight.clone(),
            ended: future::pending().boxed(),
            draining: CancellationToken::new(),
            id: info.id,
            beat: edge.alive.streams.join(),
            _place: place,
            _open: Open::count(&edge.backend.metrics().event_streams),
        },
    };
    // The connection polls the stream outside of the request's span.
    let span = tracing::Span::current();
    let state = State::Streaming(Box::new(streaming));
    Ok(events(stream::unfold(state, move |state| state.next().instrument(span.clone()))))
}

/// The answer of a query, which runs when it is polled, or of a mutation, which runs in any case.
fn single<H: Backend>(edge: &Edge<H>, operation: Operation<H>) -> BoxStream<'static, Finished> {
    if operation.kind() != OperationType::Mutation {
        return stream::once(operation.answer(())).boxed();
    }
    let answer = edge.tasks.spawn(operation.answer(()).in_current_span());
    // Joining fails only while the process ends.
    stream::once(answer).filter_map(|answer| future::ready(answer.ok())).boxed()
}

/// A refused document as a stream.
pub(crate) fn refused(refusal: &Finished) -> Response {
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

/// A result. Its JSON contains no line breaks, so it fits in one `data` line.
fn next(result: &Finished) -> String {
    format!("event: next\ndata: {}\n\n", result.body)
}

/// With an empty `data` line, because an `EventSource` does not dispatch an event without one.
const COMPLETE: &[u8] = b"event: complete\ndata:\n\n";
/// A comment, which every client ignores.
const ALIVE: &[u8] = b":\n\n";

struct Streaming {
    results: BoxStream<'static, Arc<Finished>>,
    ended: BoxFuture<'static, &'static str>,
    draining: CancellationToken,
    id: RequestId,
    beat: Beat,
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
        let Streaming { results, ended, draining, id, beat, info, in_flight, .. } = &mut *streaming;
        tokio::select! {
            // In this order: the end of the session or of the server precedes further results.
            biased;
            reason = ended => {
                let error = error(Code::Unauthenticated, reason);
                let last = finish(GraphqlResponse::from_errors(vec![error]), *id, Most::ONE);
                Some((next(&last).into(), Self::Completing))
            }
            () = draining.cancelled() => None,
            result = results.next() => match result {
                Some(result) if result.refused.is_some() => Some((next(&result).into(), Self::Completing)),
                Some(result) => {
                    let event = next(&result);
                    // The bytes counted for the answer are now counted for the event, which
                    // replaces it.
                    let lease = match Arc::into_inner(result).and_then(|finished| finished.lease) {
                        Some(mut lease) => lease.resize(event.len()).map(|()| info.bind(lease)),
                        None => info.take(in_flight, event.len()),
                    };
                    match lease {
                        Ok(lease) => Some((counted(event, Some(lease)), Self::Streaming(streaming))),
                        Err(full) => {
                            let error = error(Code::TooManyRequests, full.to_string());
                            let last = finish(GraphqlResponse::from_errors(vec![error]), *id, Most::ONE);
                            Some((next(&last).into(), Self::Completing))
                        }
                    }
                }
                None => Some((Bytes::from_static(COMPLETE), Self::Over)),
            },
            () = beat.next() => Some((Bytes::from_static(ALIVE), Self::Streaming(streaming))),
        }
    }
}
