//! The messages of `graphql-transport-ws` and the codes it closes with. Text in, text out: knows no socket and no session.
//!
//! Follows PROTOCOL.md of graphql-ws. What a client may send is checked entry by entry, because everything that is not
//! exactly a message closes the socket with 4400.

use async_graphql::{Request, Response, ServerError};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::{
    graphql::scope::RequestId,
    http::{
        finish::{Finished, finish},
        read::from_json,
    },
};

/// The subprotocol, the only one spoken.
pub(super) const SUBPROTOCOL: &str = "graphql-transport-ws";

/// Why the server closes a socket, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Close {
    pub code: u16,
    pub reason: String,
}

impl Close {
    /// The code and a reason, cut to what a close frame can carry.
    fn new(code: u16, reason: impl Into<String>) -> Self {
        /// RFC 6455, section 5.5: 125 bytes, two of them for the code.
        const MOST: usize = 123;
        let mut reason = reason.into();
        if reason.len() > MOST {
            let end = (0..=MOST).rev().find(|&end| reason.is_char_boundary(end)).unwrap_or_default();
            reason.truncate(end);
        }
        Self { code, reason }
    }

    pub(super) fn going_away() -> Self {
        Self::new(1001, "The server is stopping")
    }
    /// The frames themselves are wrong; `code` is one of RFC 6455.
    pub(super) fn broken(code: u16, reason: &'static str) -> Self {
        Self::new(code, reason)
    }
    pub(super) fn invalid(reason: impl Into<String>) -> Self {
        Self::new(4400, reason)
    }
    pub(super) fn unauthorized() -> Self {
        Self::new(4401, "Unauthorized")
    }
    pub(super) fn forbidden(reason: impl Into<String>) -> Self {
        Self::new(4403, reason)
    }
    pub(super) fn init_timeout() -> Self {
        Self::new(4408, "Connection initialisation timeout")
    }
    pub(super) fn subscriber_exists(id: &str) -> Self {
        Self::new(4409, format!("Subscriber for {id} already exists"))
    }
    pub(super) fn too_many_inits() -> Self {
        Self::new(4429, "Too many initialisation requests")
    }
    /// Not of the protocol, which has no code for it; clients try again.
    pub(super) fn internal() -> Self {
        Self::new(1011, "Something went wrong on the server")
    }
}

/// What a client says.
#[derive(Debug)]
pub(super) enum Message {
    ConnectionInit { payload: Map<String, Json> },
    Subscribe { id: String, request: Box<Request> },
    Complete { id: String },
    Ping { payload: Option<Map<String, Json>> },
    Pong,
}

/// Reads one message.
///
/// # Errors
/// Close with 4400 and this reason.
pub(super) fn parse(text: &str) -> Result<Message, Close> {
    let invalid = |reason: &str| Close::invalid(format!("Invalid message: {reason}"));
    let Ok(Json::Object(mut message)) = serde_json::from_str(text) else {
        return Err(invalid("not a JSON object"));
    };
    let Some(Json::String(kind)) = message.remove("type") else {
        return Err(invalid("\"type\" must be a string"));
    };
    let mut payload = || match message.remove("payload") {
        Some(Json::Object(payload)) => Ok(Some(payload)),
        None | Some(Json::Null) => Ok(None),
        Some(_) => Err(invalid("\"payload\" must be an object")),
    };
    match kind.as_str() {
        "connection_init" => Ok(Message::ConnectionInit { payload: payload()?.unwrap_or_default() }),
        "ping" => Ok(Message::Ping { payload: payload()? }),
        "pong" => payload().map(|_| Message::Pong),
        "subscribe" => {
            let payload = payload()?.ok_or_else(|| invalid("\"payload\" is missing"))?;
            let id = id(&mut message).ok_or_else(|| invalid(ID))?;
            let request = from_json(Json::Object(payload)).map_err(|reason| invalid(&reason))?;
            Ok(Message::Subscribe { id, request: Box::new(request) })
        }
        "complete" => id(&mut message).map(|id| Message::Complete { id }).ok_or_else(|| invalid(ID)),
        _ => Err(invalid("unexpected \"type\"")),
    }
}

/// An id is kept, and sent with every message: a UUID has 36 bytes.
const MAX_ID_BYTES: usize = 256;
const ID: &str = "\"id\" must be a string of 1 to 256 bytes";

fn id(message: &mut Map<String, Json>) -> Option<String> {
    match message.remove("id") {
        Some(Json::String(id)) if (1..=MAX_ID_BYTES).contains(&id.len()) => Some(id),
        _ => None,
    }
}

/// The answer to an accepted `connection_init`.
pub(super) const ACK: &str = r#"{"type":"connection_ack"}"#;

/// The answer to a `ping`, with what it carried.
pub(super) fn pong(payload: Option<Map<String, Json>>) -> String {
    #[derive(Serialize)]
    struct Pong {
        r#type: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Map<String, Json>>,
    }
    serde_json::to_string(&Pong { r#type: "pong", payload }).expect("JSON was JSON before")
}

/// A result, or the `error` that ends an operation that never ran.
pub(super) fn result(id: &str, finished: &Finished) -> String {
    match &finished.refused {
        Some(errors) => envelope("error", id, Some(errors)),
        None => next(id, &finished.body),
    }
}

/// A result of an operation, as JSON text.
pub(super) fn next(id: &str, body: &str) -> String {
    envelope("next", id, Some(body))
}

/// The `error` that ends an operation which the server could not run.
pub(super) fn fault(id: &str, error: ServerError, request_id: &RequestId) -> String {
    result(id, &finish(Response::from_errors(vec![error]), request_id, 1))
}

/// The end of an operation.
pub(super) fn complete(id: &str) -> String {
    envelope("complete", id, None)
}

/// The payload is text already: it is pasted in, not read and written again.
fn envelope(kind: &str, id: &str, payload: Option<&str>) -> String {
    let id = serde_json::to_string(id).expect("a string is JSON");
    match payload {
        Some(payload) => format!(r#"{{"id":{id},"type":"{kind}","payload":{payload}}}"#),
        None => format!(r#"{{"id":{id},"type":"{kind}"}}"#),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_not_a_message_closes_4400() {
        for text in [
            "",
            "nonsense",
            "null",
            "[]",
            "\"ping\"",
            "{}",
            r#"{"type":1}"#,
            r#"{"type":"nonsense"}"#,
            r#"{"type":"connection_ack"}"#,
            r#"{"type":"next","id":"1","payload":{}}"#,
            r#"{"type":"error","id":"1","payload":[]}"#,
            r#"{"type":"connection_init","payload":"x"}"#,
            r#"{"type":"connection_init","payload":[]}"#,
            r#"{"type":"ping","payload":1}"#,
            r#"{"type":"pong","payload":"x"}"#,
            r#"{"type":"subscribe"}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"subscribe","id":"1","payload":null}"#,
            r#"{"type":"subscribe","id":"1","payload":["{a}"]}"#,
            r#"{"type":"subscribe","id":"1","payload":{}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":1}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":[]}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","operationName":1}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","extensions":"x"}}"#,
            r#"{"type":"subscribe","id":1,"payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","payload":{"query":"{a}"}}"#,
            r#"{"type":"complete"}"#,
            r#"{"type":"complete","id":7}"#,
        ] {
            assert_eq!(parse(text).expect_err(text).code, 4400, "{text}");
        }
        let complete = |bytes: usize| parse(&format!(r#"{{"type":"complete","id":"{}"}}"#, "a".repeat(bytes)));
        assert!(complete(256).is_ok());
        assert_eq!(complete(257).expect_err("too long").code, 4400);
    }

    #[test]
    fn messages_are_read_with_and_without_their_optional_parts() {
        assert!(matches!(parse(r#"{"type":"connection_init"}"#), Ok(Message::ConnectionInit { payload }) if payload.is_empty()));
        assert!(matches!(parse(r#"{"type":"connection_init","payload":null}"#), Ok(Message::ConnectionInit { .. })));
        assert!(matches!(parse(r#"{"type":"pong","payload":{}}"#), Ok(Message::Pong)));
        assert!(matches!(parse(r#"{"type":"complete","id":"a"}"#), Ok(Message::Complete { id }) if id == "a"));
        let subscribe = r#"{"id":"1","type":"subscribe","payload":{"query":"{a}","variables":null,"operationName":null},"x":1}"#;
        assert!(matches!(parse(subscribe), Ok(Message::Subscribe { request, .. }) if request.query == "{a}"));
    }

    #[test]
    fn what_is_said_is_json_whatever_the_id() {
        assert_eq!(complete("a\"b"), r#"{"id":"a\"b","type":"complete"}"#);
        assert_eq!(pong(None), r#"{"type":"pong"}"#);
        let payload = serde_json::json!({"a": 1});
        assert_eq!(pong(payload.as_object().cloned()), r#"{"type":"pong","payload":{"a":1}}"#);
    }

    #[test]
    fn a_reason_fits_into_a_close_frame() {
        let close = Close::subscriber_exists(&"ż".repeat(200));
        assert!(close.reason.len() <= 123 && close.reason.starts_with("Subscriber for ż"));
    }
}
