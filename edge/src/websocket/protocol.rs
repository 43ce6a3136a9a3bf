//! The messages of `graphql-transport-ws` and its close codes. A pure translation of text, without
//! sockets and sessions.
//!
//! Follows PROTOCOL.md of graphql-ws. Each entry of a client's message is checked, because anything
//! else than a valid message closes the socket with 4400. Payloads are kept as slices of the text,
//! and only the parts that are used are decoded.

use std::{borrow::Cow, fmt};

use async_graphql::{Response, ServerError};
use axum::http::StatusCode;
use serde::{
    Deserialize,
    de::{Deserializer, IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::{
    caller::RequestId,
    code::{Code, INTERNAL},
    finish::{Finished, Most, finish},
    refusal::Refusal,
    sent::{self, Sent},
};

/// The only supported subprotocol.
pub(super) const SUBPROTOCOL: &str = "graphql-transport-ws";

/// The code and the reason with which the server closes a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Close {
    pub code: u16,
    pub reason: String,
}

impl Close {
    /// Truncates the reason to what a close frame can hold.
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
    /// The frames are malformed. `code` is one of RFC 6455.
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
    /// An internal error. PROTOCOL.md defines no code for it. Clients retry.
    pub(super) fn internal() -> Self {
        Self::new(1011, INTERNAL)
    }
}

/// A message from a client.
#[derive(Debug)]
pub(super) enum Message<'a> {
    ConnectionInit { authorization: Option<Authorization> },
    Subscribe { id: String, request: Result<Box<Sent>, Refusal> },
    Complete { id: String },
    Ping { payload: Option<&'a RawValue> },
    Pong,
}

/// The entry `authorization` in the payload of `connection_init`. Its name is not case-sensitive.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Authorization {
    Text(String),
    /// Not a string.
    Other,
}

/// A message whose type is not known yet.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    r#type: Option<&'a RawValue>,
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    payload: Option<&'a RawValue>,
}

/// Reads one message. Its request may have at most `most_values` values.
///
/// # Errors
/// Close the socket with this code (4400) and reason.
pub(super) fn parse(text: &str, most_values: usize) -> Result<Message<'_>, Close> {
    let invalid = |reason: &str| Close::invalid(format!("Invalid message: {reason}"));
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // serde would read a list as the fields of the struct in their order.
    if !text.trim_start().starts_with('{') {
        return Err(invalid("not a JSON object"));
    }
    let message: Envelope<'_> = serde_json::from_str(text).map_err(|_| invalid("not a JSON object"))?;
    let Some(kind) = string(message.r#type) else {
        return Err(invalid("\"type\" must be a string"));
    };
    let payload = || match message.payload {
        Some(payload) if payload.get().starts_with('{') => Ok(Some(payload)),
        Some(payload) if payload.get() != "null" => Err(invalid("\"payload\" must be an object")),
        _ => Ok(None),
    };
    let id = || {
        string(message.id)
            .filter(|id| (1..=MAX_ID_BYTES).contains(&id.len()))
            .map(Cow::into_owned)
            .ok_or_else(|| invalid(ID))
    };
    match &*kind {
        "connection_init" => Ok(Message::ConnectionInit { authorization: payload()?.and_then(authorization) }),
        "ping" => Ok(Message::Ping { payload: payload()? }),
        "pong" => payload().map(|_| Message::Pong),
        "subscribe" => {
            let payload = payload()?.ok_or_else(|| invalid("\"payload\" is missing"))?;
            let id = id()?;
            let request = match sent::request(payload.get().as_bytes(), most_values) {
                Ok(sent) => Ok(Box::new(sent)),
                // A valid message whose request is not supported ends the operation only, not the
                // socket.
                Err(refusal) if refusal.code != Code::BadUserInput || refusal.status != StatusCode::BAD_REQUEST => {
                    Err(refusal)
                }
                Err(refusal) => return Err(invalid(&refusal.message)),
            };
            Ok(Message::Subscribe { id, request })
        }
        "complete" => id().map(|id| Message::Complete { id }),
        _ => Err(invalid("unexpected \"type\"")),
    }
}

/// An id is stored, and sent with each message. A UUID has 36 bytes.
const MAX_ID_BYTES: usize = 256;
const ID: &str = "\"id\" must be a string of 1 to 256 bytes";

/// The decoded value if it is a string.
fn string(value: Option<&RawValue>) -> Option<Cow<'_, str>> {
    let text = value?.get();
    if !text.starts_with('"') {
        return None;
    }
    serde_json::from_str(text).ok().map(Cow::<str>::Owned)
}

/// Finds the entry without building the rest of the payload.
fn authorization(payload: &RawValue) -> Option<Authorization> {
    struct Search;

    impl<'de> Visitor<'de> for Search {
        type Value = Option<Authorization>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            let mut found = None;
            while let Some(name) = entries.next_key::<Cow<'de, str>>()? {
                if found.is_none() && name.eq_ignore_ascii_case("authorization") {
                    let value = entries.next_value::<&RawValue>()?;
                    found = Some(
                        string(Some(value)).map_or(Authorization::Other, |text| Authorization::Text(text.into_owned())),
                    );
                } else {
                    entries.next_value::<IgnoredAny>()?;
                }
            }
            Ok(found)
        }
    }

    // The payload is valid JSON: it was parsed as part of the message.
    serde_json::Deserializer::from_str(payload.get()).deserialize_map(Search).ok().flatten()
}

/// The answer to an accepted `connection_init`.
pub(super) const ACK: &str = r#"{"type":"connection_ack"}"#;

/// The answer to a `ping`, with the payload of the ping.
pub(super) fn pong(payload: Option<&RawValue>) -> String {
    match payload {
        Some(payload) => format!(r#"{{"type":"pong","payload":{}}}"#, payload.get()),
        None => r#"{"type":"pong"}"#.to_owned(),
    }
}

/// A result, or the `error` that ends an operation that was refused.
pub(super) fn result(id: &str, finished: &Finished) -> String {
    match &finished.refused {
        Some(errors) => envelope("error", id, Some(errors)),
        None => next(id, &finished.body),
    }
}

/// One result of an operation, as JSON text.
pub(super) fn next(id: &str, body: &str) -> String {
    envelope("next", id, Some(body))
}

/// The `error` that ends an operation which the server could not run.
pub(super) fn fault(id: &str, error: ServerError, request_id: RequestId) -> String {
    result(id, &finish(Response::from_errors(vec![error]), request_id, Most::ONE))
}

/// Ends an operation.
pub(super) fn complete(id: &str) -> String {
    envelope("complete", id, None)
}

/// The payload is already JSON text, so it is inserted without parsing.
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
    fn an_invalid_message_closes_with_4400() {
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
            assert_eq!(parse(text, 100).expect_err(text).code, 4400, "{text}");
        }
        let complete = |bytes: usize| format!(r#"{{"type":"complete","id":"{}"}}"#, "a".repeat(bytes));
        assert!(parse(&complete(256), 100).is_ok());
        assert_eq!(parse(&complete(257), 100).expect_err("too long").code, 4400);
    }

    #[test]
    fn messages_are_read_with_and_without_their_optional_parts() {
        let read = |text: &'static str| parse(text, 100).expect(text);
        assert!(matches!(read(r#"{"type":"connection_init"}"#), Message::ConnectionInit { authorization: None }));
        assert!(matches!(read(r#"{"type":"connection_init","payload":null}"#), Message::ConnectionInit { .. }));
        assert!(matches!(read(r#"{"type":"pong","payload":{}}"#), Message::Pong));
        assert!(
            matches!(read("\u{feff} {\"type\":\"complete\",\"id\":\"\\u0061\"}"), Message::Complete { id } if id == "a")
        );
        let subscribe =
            r#"{"id":"1","type":"subscribe","payload":{"query":"{a}","variables":null,"operationName":null},"x":1}"#;
        assert!(matches!(read(subscribe), Message::Subscribe { request: Ok(sent), .. } if sent.request.query == "{a}"));
    }

    #[test]
    fn a_token_is_found_among_other_entries() {
        let token = |text: &str| match parse(text, 0).expect(text) {
            Message::ConnectionInit { authorization } => authorization,
            other => panic!("{other:?}"),
        };
        let text = |text: &str| Some(Authorization::Text(text.to_owned()));
        assert_eq!(
            token(r#"{"type":"connection_init","payload":{"x":[[{}]],"Authorization":"Bearer a","y":1}}"#),
            text("Bearer a")
        );
        assert_eq!(
            token(r#"{"payload":{"authorization":{"a":1}},"type":"connection_init"}"#),
            Some(Authorization::Other)
        );
        assert_eq!(token(r#"{"type":"connection_init","payload":{"token":"a"}}"#), None);
    }

    #[test]
    fn an_unsupported_request_is_a_valid_message() {
        let refused = |payload: &str| match parse(&format!(r#"{{"id":"1","type":"subscribe","payload":{payload}}}"#), 3)
            .expect(payload)
        {
            Message::Subscribe { request, .. } => request.map(drop).map_err(|refusal| refusal.code.as_str()),
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(r#"{"query":"{a}","variables":{"x":[1,2]}}"#), Ok(()));
        assert_eq!(refused(r#"{"query":"{a}","variables":{"x":[1,2,3]}}"#), Err("BAD_USER_INPUT"));
        assert_eq!(refused(r#"{"extensions":{"persistedQuery":{}}}"#), Err("PERSISTED_QUERY_NOT_SUPPORTED"));
    }

    #[test]
    fn ids_are_escaped() {
        assert_eq!(complete("a\"b"), r#"{"id":"a\"b","type":"complete"}"#);
        assert_eq!(pong(None), r#"{"type":"pong"}"#);
        let Ok(Message::Ping { payload }) = parse(r#"{"type":"ping","payload":{"a":1}}"#, 0) else { panic!("a ping") };
        assert_eq!(pong(payload), r#"{"type":"pong","payload":{"a":1}}"#);
    }

    #[test]
    fn a_reason_fits_into_a_close_frame() {
        let close = Close::subscriber_exists(&"ż".repeat(200));
        assert!(close.reason.len() <= 123 && close.reason.starts_with("Subscriber for ż"));
    }
}
