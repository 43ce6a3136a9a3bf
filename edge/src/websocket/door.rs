//! The door: accepts the upgrade of a widget without the HTTP library, which would be a third of
//! the server's own work for a page load.
//!
//! Only the usual request passes: the first of its connection, whole in the first read, valid
//! beyond doubt, and to be accepted. All others go to the library with the bytes that were read,
//! also those that will be refused, so each refusal has one place. Both ways use the same
//! functions, and a test compares their answers.

use std::{io, time::Instant};

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use bytes::Bytes;
use tokio::{net::TcpStream, time::timeout};

use super::{
    Admission, Connection, Held, admit,
    direct::{Direct, read_once},
    on_bare, protocol, switching_protocols,
};
use crate::{
    authenticate::{Credential, credential},
    backend::Backend,
    caller::RequestId,
    config::SocketWriter,
    origin,
    peer::{Connection as Tcp, Peer},
    request,
    request_info::RequestInfo,
    rewound::Rewound,
    router,
    shared::Edge,
};

/// The request of a browser with some cookies fits.
const MAX_BYTES: usize = 4 << 10;
const MAX_HEADERS: usize = 64;

/// What a connection begins with.
pub(crate) enum First<H: Backend> {
    /// An accepted upgrade.
    Socket(Admitted<H>),
    /// Anything else.
    Other(Rewound),
    /// The peer has disconnected, or has sent nothing in time.
    Nothing,
}

/// A socket that is not served yet.
pub(crate) struct Admitted<H: Backend>(Box<Connection<H, Direct>>);

impl<H: Backend> Admitted<H> {
    /// Serves the socket until it ends.
    pub(crate) fn serve(self) -> impl Future<Output = ()> + Send + 'static {
        self.0.serve()
    }
}

/// Waits for the first bytes of a connection. A socket holds `tcp`.
pub(crate) async fn first<H: Backend>(edge: &Edge<H>, stream: TcpStream, peer: Peer, tcp: &Tcp) -> First<H> {
    loop {
        let ready = tokio::select! {
            ready = timeout(edge.backend.config().read_timeout, stream.readable()) => ready,
            () = edge.draining.cancelled() => return First::Nothing,
        };
        let Ok(Ok(())) = ready else { return First::Nothing };
        let mut bytes = [0; MAX_BYTES];
        match read_once(&stream, &mut bytes) {
            Ok(0) => return First::Nothing,
            Ok(count) => return begin(edge, stream, &bytes[..count], peer, tcp),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return First::Nothing,
        }
    }
}

fn begin<H: Backend>(edge: &Edge<H>, stream: TcpStream, bytes: &[u8], peer: Peer, tcp: &Tcp) -> First<H> {
    match accept(edge, bytes, peer) {
        Some(Accepted { answer, rest, info, admission, credential }) => {
            let held = Held { _socket: Some(admission), _tcp: Some(tcp.clone()) };
            First::Socket(Admitted(on_bare(edge.clone(), stream, &answer, rest, info, credential, held)))
        }
        None => First::Other(Rewound::new(Bytes::copy_from_slice(bytes), stream)),
    }
}

/// An upgrade that was accepted, but not answered yet.
struct Accepted<'a> {
    answer: Vec<u8>,
    /// What follows the request.
    rest: &'a [u8],
    info: RequestInfo,
    admission: Admission,
    credential: Credential,
}

/// Accepts an upgrade. `None` for all other requests.
fn accept<'a, H: Backend>(edge: &Edge<H>, bytes: &'a [u8], peer: Peer) -> Option<Accepted<'a>> {
    let started = Instant::now();
    let config = edge.backend.config();
    if config.websocket_writer != SocketWriter::Direct || !bytes.starts_with(b"GET /graphql HTTP/1.1\r\n") {
        return None;
    }
    let (headers, length) = headers(bytes)?;
    if !is_upgrade(&headers) {
        return None;
    }
    let id = RequestId::new();
    let info = RequestInfo::new(edge, &headers, peer, id);
    let credential = credential::<H::Identity>(&headers, info.page, edge.backend.session_cookies()).ok()?;
    let admission = admit(edge, &info).ok()?;
    let mut answer = switching_protocols(&headers);
    origin::allow_reading(&headers, info.page.trust, answer.headers_mut());
    request::dress(id, answer.headers_mut());
    if let Some(strict) = router::strict_transport(config) {
        answer.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, strict);
    }
    if tracing::enabled!(tracing::Level::DEBUG) {
        request::span(id, &Method::GET, "/graphql").in_scope(|| request::log_answer(answer.status(), started));
    }
    Some(Accepted { answer: written(answer.headers()), rest: &bytes[length..], info, admission, credential })
}

/// The headers of a complete request, and its length.
fn headers(bytes: &[u8]) -> Option<(HeaderMap, usize)> {
    let mut lines = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut lines);
    let length = match request.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) | Err(_) => return None,
    };
    let mut headers = HeaderMap::with_capacity(request.headers.len());
    for line in request.headers.iter() {
        let name = HeaderName::from_bytes(line.name.as_bytes()).ok()?;
        headers.append(name, HeaderValue::from_bytes(line.value).ok()?);
    }
    Some((headers, length))
}

/// Whether a request is a valid upgrade (RFC 6455, section 4.2.1) with our subprotocol, and no
/// program between could have read it in another way (RFC 9112, section 6).
fn is_upgrade(headers: &HeaderMap) -> bool {
    let only = |name: HeaderName| {
        let mut lines = headers.get_all(name).iter();
        let first = lines.next()?;
        lines.next().is_none().then_some(first.as_bytes())
    };
    let lists = |name: HeaderName, token: &str| {
        let items = headers.get_all(name).into_iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
        items.map(<[u8]>::trim_ascii).any(|item| item.eq_ignore_ascii_case(token.as_bytes()))
    };
    let mut of_a_body = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::EXPECT].into_iter();
    !of_a_body.any(|name| headers.contains_key(name))
        && only(header::HOST).is_some()
        && only(header::UPGRADE).is_some_and(|upgrade| upgrade.eq_ignore_ascii_case(b"websocket"))
        && lists(header::CONNECTION, "upgrade")
        && only(header::SEC_WEBSOCKET_VERSION) == Some(b"13")
        && only(header::SEC_WEBSOCKET_KEY).is_some()
        && lists(header::SEC_WEBSOCKET_PROTOCOL, protocol::SUBPROTOCOL)
}

/// The bytes of the answer.
fn written(headers: &HeaderMap) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(512);
    bytes.extend_from_slice(b"HTTP/1.1 101 Switching Protocols\r\n");
    for (name, value) in headers {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            bytes.extend_from_slice(part);
        }
    }
    bytes.extend_from_slice(b"\r\n");
    bytes
}
