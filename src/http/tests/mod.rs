//! The edge over real sockets, in front of a toy backend.

mod addresses;
mod browser;
mod fair;
mod http;
mod limits;
mod listener;
mod sse;
pub(crate) mod toy;
mod uploads;
mod websocket;
