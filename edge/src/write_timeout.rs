//! A connection that ends when its peer does not read, or reads too slowly.
//!
//! Answers, event streams and WebSockets all write through it, so one rule holds for all of them:
//! while a write waits, the kernel must accept [`LEAST_BYTES`](super::pace::LEAST_BYTES) within
//! each send timeout, or the connection fails. Writers never queue more than one item, so this
//! bounds how long a peer can hold what is written to it.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::pace::Pace;

/// A connection with a bound on how long a write may wait.
#[derive(Debug)]
pub(crate) struct WriteTimeout<C> {
    connection: C,
    pace: Pace,
}

impl<C> WriteTimeout<C> {
    pub(crate) fn new(connection: C, patience: Duration) -> Self {
        Self { connection, pace: Pace::new(patience) }
    }

    /// Unwraps the connection. Its writer must bound its writes from now on.
    pub(crate) fn into_inner(self) -> C {
        self.connection
    }

    /// Checks the result of writing `bytes` bytes.
    fn track(
        &mut self,
        bytes: usize,
        written: Poll<io::Result<usize>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(taken)) if taken < bytes => self.pace.moved(taken),
            Poll::Ready(_) => self.pace.rest(),
            Poll::Pending => {
                if self.pace.poll_late(context).is_ready() {
                    return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the peer reads too slowly")));
                }
            }
        }
        written
    }
}

impl<C: AsyncRead + Unpin> AsyncRead for WriteTimeout<C> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_read(context, buffer)
    }
}

impl<C: AsyncWrite + Unpin> AsyncWrite for WriteTimeout<C> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.connection).poll_write(context, bytes);
        self.track(bytes.len(), written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.connection).poll_write_vectored(context, slices);
        self.track(slices.iter().map(|slice| slice.len()).sum(), written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.connection.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::{super::pace::LEAST_BYTES, *};

    #[tokio::test(start_paused = true)]
    async fn a_write_to_a_peer_that_does_not_read_times_out() {
        let (near, _far) = tokio::io::duplex(16);
        let mut near = WriteTimeout::new(near, Duration::from_secs(10));
        let started = tokio::time::Instant::now();
        let error = near.write_all(&[0; 100]).await.expect_err("must fail");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(started.elapsed().as_secs(), 10);
    }

    /// Writes to a peer that reads `portion` bytes every nine seconds. Returns the result, and the
    /// seconds until all was written or writing failed.
    async fn written(bytes: usize, portion: usize) -> (Result<(), io::ErrorKind>, u64) {
        let (near, mut far) = tokio::io::duplex(portion);
        let mut near = WriteTimeout::new(near, Duration::from_secs(10));
        let started = tokio::time::Instant::now();
        let reading = async {
            let mut buffer = vec![0; portion];
            loop {
                tokio::time::sleep(Duration::from_secs(9)).await;
                if far.read_exact(&mut buffer).await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        let all = vec![0; bytes];
        tokio::select! {
            written = near.write_all(&all) => (written.map_err(|error| error.kind()), started.elapsed().as_secs()),
            () = reading => unreachable!("it reads for ever"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_stays_connected() {
        assert_eq!(written(10 * LEAST_BYTES, LEAST_BYTES).await, (Ok(()), 81));
        assert_eq!(written(64, 32).await, (Ok(()), 9), "the end of an answer may be small");
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_below_the_minimum_rate_is_disconnected() {
        assert_eq!(written(10 * LEAST_BYTES, LEAST_BYTES / 8).await, (Err(io::ErrorKind::TimedOut), 10));
        assert_eq!(written(10 * LEAST_BYTES, 1).await, (Err(io::ErrorKind::TimedOut), 10));
    }
}
