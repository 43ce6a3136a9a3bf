//! The edge over real sockets, in front of a toy house.

mod browser;
mod http;
mod listener;
mod sse;
mod toy;
mod uploads;
mod websocket;
