//! Answers as server-sent events (GraphQL over SSE, distinct connections mode), for proxies that break WebSockets.
//!
//! An operation is one response: a `next` event for each result, then `complete`. A refused document is a `next` too, as the
//! protocol wants, because a browser's `EventSource` shows nobody the body of a 400. The response is pulled by the
//! connection: while the peer does not read, nothing more is computed, and a peer that takes nothing for the send time-out
//! is disconnected by the [connection itself](super::stall).
//!
//! When the session ends, the stream says so and completes. When the server stops, the stream just breaks off, so that a
//! client connects again.

use std::convert::Infallible;

use async_graphql::{Response as GraphqlResponse, parser::types::OperationType};
use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::{FutureExt, StreamExt, future, future::BoxFuture, stream, stream::BoxStream};
use tokio_util::sync::CancellationToken;

use super::{
    edge::{Edge, Place},
    finish::{Finished, finish},
    graphql::Visit,
    house::House,
    operation::Operation,
    refusal::{Code, Refusal, error},
};
use crate::{graphql::scope::RequestId, metrics::Open};

/// Tells nginx not to hold events back.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Serves an operation as a stream of events.
///
/// # Errors
/// The client holds as many streams and sockets as it may.
pub(super) fn serve<H: House>(
    edge: &Edge<H>,
    visit: &Visit,
    operation: Operation<H>,
    session: Option<&H::Session>,
) -> Result<Response, Refusal> {
    let config = edge.house.config();
    let most = config.max_sockets_per_client;
    let Some(place) = edge.sockets.enter(visit.address, most) else {
        return Err(Refusal::bad(
            StatusCode::TOO_MANY_REQUESTS,
            format!("At most {most} sockets and event streams may be open at once from one address."),
        ));
    };
    let results = match operation.kind() {
        OperationType::Subscription => operation.subscribe().boxed(),
        OperationType::Query | OperationType::Mutation => stream::once(operation.answer(())).boxed(),
    };
    let ended = match session {
        Some(session) => edge.house.ended(session),
        None => future::pending().boxed(),
    };
    let streaming = Streaming {
        results,
        ended,
        draining: edge.draining.clone(),
        id: visit.id.clone(),
        _place: place,
        _open: Open::count(&edge.house.metrics().event_streams),
    };
    let events = stream::unfold(State::Streaming(Box::new(streaming)), State::next);
    let keep_alive = KeepAlive::new().interval(config.sse_keepalive);
    Ok(finished(Sse::new(events).keep_alive(keep_alive)))
}

/// A document that is refused, as the stream that it would have been.
pub(super) fn refused(refusal: &Finished) -> Response {
    let events = [Ok::<_, Infallible>(next(refusal)), Ok(complete())];
    finished(Sse::new(stream::iter(events)))
}

fn finished(response: impl IntoResponse) -> Response {
    let mut response = response.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_ACCEL_BUFFERING, HeaderValue::from_static("no"));
    response
}

struct Streaming {
    results: BoxStream<'static, Finished>,
    ended: BoxFuture<'static, &'static str>,
    draining: CancellationToken,
    id: RequestId,
    _place: Place,
    _open: Open,
}

enum State {
    Streaming(Box<Streaming>),
    Completing,
    Over,
}

impl State {
    async fn next(self) -> Option<(Result<Event, Infallible>, Self)> {
        match self {
            Self::Streaming(mut streaming) => {
                let Streaming { results, ended, draining, id, .. } = &mut *streaming;
                tokio::select! {
                    // In this order: what is known of the session goes before what it might still be shown.
                    biased;
                    reason = ended => {
                        let error = error(Code::Unauthenticated, reason);
                        let last = finish(GraphqlResponse::from_errors(vec![error]), id, 1);
                        Some((Ok(next(&last)), Self::Completing))
                    }
                    result = results.next() => match result {
                        Some(result) if result.refused.is_some() => Some((Ok(next(&result)), Self::Completing)),
                        Some(result) => Some((Ok(next(&result)), Self::Streaming(streaming))),
                        None => Some((Ok(complete()), Self::Over)),
                    },
                    () = draining.cancelled() => None,
                }
            }
            Self::Completing => Some((Ok(complete()), Self::Over)),
            Self::Over => None,
        }
    }
}

fn next(result: &Finished) -> Event {
    Event::default().event("next").data(&result.body)
}

/// With an empty `data`: browsers drop an event that has none.
fn complete() -> Event {
    Event::default().event("complete").data("")
}
