//! Reads the body of a request, with a limit, a quota for its client, and a minimum rate.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, BodyDataStream, Bytes},
    http::{HeaderMap, StatusCode, header},
};
use futures_util::{Stream, StreamExt};

use super::{pace::Pace, refusal::Refusal};
use crate::ledger::Lease;

/// How much memory is reserved before any of the body has arrived, because a client can declare any
/// length.
const SMALL_BODY: usize = 16 << 10;
/// How much is still read from a client whose body is too large, so that it receives the answer and
/// not a connection error.
const LINGER_BYTES: usize = 8 << 20;
const LINGER_TIME: Duration = Duration::from_secs(2);

/// A body that fails when its client sends too slowly.
pub(crate) struct Paced {
    body: BodyDataStream,
    pace: Pace,
}

impl Paced {
    /// At least [`LEAST_BYTES`](super::pace::LEAST_BYTES) must arrive within each period.
    pub(crate) fn new(body: Body, period: Duration) -> Self {
        Self { body: body.into_data_stream(), pace: Pace::new(period) }
    }
}

impl Stream for Paced {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        match Pin::new(&mut self.body).poll_next(context) {
            Poll::Ready(Some(Ok(chunk))) => {
                self.pace.moved(chunk.len());
                Poll::Ready(Some(Ok(chunk)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(io::Error::other(error)))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => self.pace.poll_late(context).map(|()| Some(Err(io::ErrorKind::TimedOut.into()))),
        }
    }
}

/// The refusal for an error of reading a body.
pub(crate) fn broken(error: &io::Error) -> Refusal {
    match error.kind() {
        io::ErrorKind::TimedOut => Refusal::bad(StatusCode::REQUEST_TIMEOUT, "The body arrives too slowly."),
        _ => Refusal::bad(StatusCode::BAD_REQUEST, "The body is incomplete."),
    }
}

/// Reads the whole body, of at most `limit` bytes. `lease` counts what has arrived.
pub(crate) async fn collect(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
    period: Duration,
    lease: &mut Lease,
) -> Result<Vec<u8>, Refusal> {
    let expects = headers.contains_key(header::EXPECT);
    let declared = declared(headers);
    if declared.is_some_and(|length| length > limit) {
        if !expects {
            linger(body).await;
        }
        return Err(too_large(limit));
    }
    let mut stream = Paced::new(body, period);
    let mut bytes = Vec::with_capacity(declared.unwrap_or_default().min(SMALL_BODY));
    loop {
        let chunk = tokio::select! {
            chunk = stream.next() => chunk,
            () = lease.cut() => return Err(Refusal::too_many(crate::ledger::Full::Busy.to_string())),
        };
        let Some(chunk) = chunk else { return Ok(bytes) };
        let chunk = chunk.map_err(|error| broken(&error))?;
        let refused = if bytes.len() + chunk.len() > limit {
            Some(too_large(limit))
        } else {
            lease.grow(chunk.len()).err().map(|full| Refusal::too_many(full.to_string()))
        };
        if let Some(refused) = refused {
            // Frees what has arrived before the rest is discarded.
            drop(bytes);
            linger(Body::from_stream(stream)).await;
            return Err(refused);
        }
        bytes.extend_from_slice(&chunk);
    }
}

/// The length that the header declares.
pub(crate) fn declared(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

pub(crate) fn too_large(limit: usize) -> Refusal {
    Refusal::bad(StatusCode::PAYLOAD_TOO_LARGE, format!("The body is larger than {limit} bytes."))
}

/// Discards what a client is still sending, within limits, because many clients read an answer only
/// after they have sent everything.
pub(crate) async fn linger(body: Body) {
    let mut stream = body.into_data_stream();
    let mut left = LINGER_BYTES;
    let _ = tokio::time::timeout(LINGER_TIME, async {
        while let Some(Ok(chunk)) = stream.next().await {
            left = left.saturating_sub(chunk.len());
            if left == 0 {
                break;
            }
        }
    })
    .await;
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;
    use crate::{
        ledger::{Budget, Who},
        pace::LEAST_BYTES,
    };

    /// A body of `pieces` pieces of `bytes` bytes, one every nine seconds.
    fn drip(pieces: usize, bytes: usize) -> Body {
        Body::from_stream(stream::unfold(pieces, move |left| async move {
            tokio::time::sleep(Duration::from_secs(9)).await;
            (left > 0).then(|| (Ok::<_, io::Error>(vec![b' '; bytes]), left - 1))
        }))
    }

    async fn collected(body: Body, budget: &Budget) -> Result<usize, StatusCode> {
        let mut lease = budget.take(Who::account(uuid::Uuid::nil()), 0).expect("there is room");
        let read = collect(&HeaderMap::new(), body, 1 << 20, Duration::from_secs(10), &mut lease).await;
        let counted = lease.bytes();
        read.map(|bytes| (bytes.len() == counted).then_some(counted).expect("the bytes that arrived are counted"))
            .map_err(|refused| refused.status)
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_has_a_minimum_rate() {
        let budget = Budget::new(1 << 20, 1 << 20);
        assert_eq!(collected(drip(4, LEAST_BYTES), &budget).await, Ok(4 * LEAST_BYTES));
        assert_eq!(collected(drip(40, LEAST_BYTES / 8), &budget).await, Err(StatusCode::REQUEST_TIMEOUT));
        assert_eq!(
            collected(Body::from_stream(stream::pending::<io::Result<Bytes>>()), &budget).await,
            Err(StatusCode::REQUEST_TIMEOUT)
        );
        assert_eq!(budget.total(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_is_counted_while_it_arrives_and_refused_above_the_quota() {
        let budget = Budget::new(4 * LEAST_BYTES, 1 << 20);
        assert_eq!(collected(drip(5, LEAST_BYTES), &budget).await, Err(StatusCode::TOO_MANY_REQUESTS));
        assert_eq!((collected(drip(4, LEAST_BYTES), &budget).await, budget.total()), (Ok(4 * LEAST_BYTES), 0));
    }
}
