//! The edge over real sockets, in front of a toy backend.

mod addresses;
mod browser;
mod fair;
mod http;
mod identities;
mod limits;
mod listener;
mod sse;
pub(crate) mod toy;
mod uploads;
mod websocket;

/// The shortest of several runs, which other work on the machine delays the least.
pub(crate) fn quickest<T>(mut act: impl FnMut() -> T) -> std::time::Duration {
    let took = |_| {
        let started = std::time::Instant::now();
        std::hint::black_box(act());
        started.elapsed()
    };
    (0..5).map(took).min().expect("several times")
}
