//! Completes each answer of all transports: adds codes and the request id, applies limits, and
//! removes internal details.
//!
//! An answer takes one of two forms. Event streams and sockets wrap its text. Over HTTP, the body
//! and the headers of an operation that ran are those of [`GraphQLResponse`].

use std::{collections::BTreeMap, io};

use async_graphql::{ErrorExtensionValues, Response, ServerError, Value};
use async_graphql_axum::GraphQLResponse;
use axum::{
    body::{Bytes, to_bytes},
    http::HeaderMap,
    response::IntoResponse,
};
use futures_util::FutureExt;
use serde::Serialize;

use super::{
    code::{Code, INTERNAL},
    refusal,
};
use crate::{caller::RequestId, config::HttpConfig, ledger::Lease, metrics::OutcomeLabel};

/// An error message quotes what the client sent. This much of it is enough.
const MAX_MESSAGE_CHARS: usize = 500;

/// An answer as it is sent.
#[derive(Debug)]
pub(crate) struct Finished<F = String> {
    /// The JSON text.
    pub body: F,
    /// The errors as a JSON array, for transports with a separate message for requests that did not
    /// run.
    pub refused: Option<String>,
    pub outcome: OutcomeLabel,
    /// The operation was refused because the client has too many in flight.
    pub too_many: bool,
    /// Headers that resolvers set, and those of the form.
    pub headers: HeaderMap,
    /// The lease on the bytes of the text, counted for the client.
    pub lease: Option<Lease>,
}

impl Finished {
    /// The same for HTTP, for an answer of an operation that did not run.
    pub(crate) fn over_http(self) -> Finished<Bytes> {
        let Self { body, refused, outcome, too_many, headers, lease } = self;
        Finished { body: body.into(), refused, outcome, too_many, headers, lease }
    }
}

/// The form of an answer's JSON text.
pub(crate) trait Form: Sized {
    /// The text of an operation that ran, `None` when it exceeds `most` bytes, and the headers.
    fn write(response: Response, most: usize) -> (Option<Self>, HeaderMap);

    fn of(text: String) -> Self;

    fn bytes(&self) -> usize;
}

/// For event streams and sockets, which wrap the text.
impl Form for String {
    fn write(mut response: Response, most: usize) -> (Option<Self>, HeaderMap) {
        let headers = std::mem::take(&mut response.http_headers);
        let mut bounded = Bounded { text: Vec::new(), most };
        // Serialised directly to text: a JSON value would sort the keys, and an answer keeps the
        // order of the query.
        let written = serde_json::to_writer(&mut bounded, &response);
        (written.ok().map(|()| Self::from_utf8(bounded.text).expect("JSON is UTF-8")), headers)
    }

    fn of(text: String) -> Self {
        text
    }

    fn bytes(&self) -> usize {
        self.len()
    }
}

/// For HTTP. The library's response serialises without a limit, so the text is measured first,
/// which needs no memory and stops at the limit.
impl Form for Bytes {
    fn write(response: Response, most: usize) -> (Option<Self>, HeaderMap) {
        if serde_json::to_writer(Measured { left: most }, &response).is_err() {
            return (None, response.http_headers);
        }
        let (head, body) = GraphQLResponse::from(response).into_response().into_parts();
        let body = to_bytes(body, usize::MAX).now_or_never().and_then(Result::ok);
        (Some(body.expect("the library's body is in memory")), head.headers)
    }

    fn of(text: String) -> Self {
        text.into()
    }

    fn bytes(&self) -> usize {
        self.len()
    }
}

/// The limits of an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Most {
    pub errors: usize,
    pub bytes: usize,
}

impl Most {
    /// For a single error of the edge.
    pub(crate) const ONE: Self = Self { errors: 1, bytes: usize::MAX };

    pub(crate) fn of(config: &HttpConfig) -> Self {
        Self { errors: config.max_errors, bytes: config.max_answer_bytes }
    }
}

/// Finishes what the executor returned.
pub(crate) fn finish<F: Form>(response: Response, id: RequestId, most: Most) -> Finished<F> {
    // A request error: nothing ran, and such an answer has no `data` (the library writes
    // `"data":null`).
    let ran = response.errors.is_empty()
        || response.data != Value::Null
        || response.errors.iter().any(|error| !error.path.is_empty());
    finish_as(ran, false, response, id, most)
}

/// Finishes the first item of a subscription. An error instead of it means that the subscription
/// was refused, although the library gives the error a path, as if something had run.
pub(crate) fn finish_first(response: Response, id: RequestId, most: Most) -> Finished {
    let ran = response.errors.is_empty() || response.data != Value::Null;
    finish_as(ran, false, response, id, most)
}

/// Finishes an item that its client must not miss. An error instead of it ends the subscription,
/// as if it had been refused. So does an item that is too large to send.
pub(crate) fn finish_needed(response: Response, id: RequestId, most: Most) -> Finished {
    let ran = response.errors.is_empty() || response.data != Value::Null;
    finish_as(ran, true, response, id, most)
}

fn finish_as<F: Form>(ran: bool, is_needed: bool, mut response: Response, id: RequestId, most: Most) -> Finished<F> {
    response.errors.truncate(most.errors);
    let mut outcome = match (response.errors.is_empty(), ran) {
        (true, _) => OutcomeLabel::Ok,
        (false, true) => OutcomeLabel::Error,
        (false, false) => OutcomeLabel::Refused,
    };
    let mut too_many = false;
    for error in &mut response.errors {
        let code = clean(error, id);
        if code == Code::Internal.as_str() {
            outcome = OutcomeLabel::Internal;
        }
        too_many |= !ran && code == Code::TooManyRequests.as_str();
    }
    let (body, headers, refused) = if ran {
        match F::write(response, most.bytes) {
            (Some(body), headers) => (body, headers, None),
            (None, headers) => {
                outcome = OutcomeLabel::Error;
                let response = Response::from_errors(vec![too_large(id, most.bytes)]);
                let refused = is_needed.then(|| serde_json::to_string(&response.errors).expect(SERIALISABLE));
                (F::of(serde_json::to_string(&response).expect(SERIALISABLE)), headers, refused)
            }
        }
    } else {
        // The library would write `"data":null`, which GraphQL forbids here.
        let body = NotRun { errors: &response.errors, extensions: &response.extensions };
        let body = serde_json::to_string(&body).expect(SERIALISABLE);
        let refused = serde_json::to_string(&response.errors).expect(SERIALISABLE);
        (F::of(body), response.http_headers, Some(refused))
    };
    Finished { body, refused, outcome, too_many, headers, lease: None }
}

/// The error that replaces an answer that ran but is too large to send.
fn too_large(id: RequestId, most: usize) -> ServerError {
    let message =
        format!("The answer is larger than {most} bytes. Select fewer items or fields. Changes that it made are kept.");
    let mut error = refusal::error(Code::ResponseTooLarge, message);
    clean(&mut error, id);
    error
}

/// Takes text and keeps none of it, until more than `left` bytes have come.
struct Measured {
    left: usize,
}

impl io::Write for Measured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.left = self.left.checked_sub(bytes.len()).ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Keeps the text, until it would have more than `most` bytes.
struct Bounded {
    text: Vec<u8>,
    most: usize,
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.text.len() + bytes.len() > self.most {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const SERIALISABLE: &str = "an answer has string keys and always serialises";

#[derive(Serialize)]
struct NotRun<'a> {
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: &'a BTreeMap<String, Value>,
}

/// Adds the code and the request id to an error, and removes internal details. Returns the code.
fn clean(error: &mut ServerError, id: RequestId) -> &'static str {
    let known = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
    let code = match known {
        Some(Value::String(code)) if code == Code::Internal.as_str() => Code::Internal.as_str(),
        Some(Value::String(code)) if code == Code::TooManyRequests.as_str() => Code::TooManyRequests.as_str(),
        Some(_) => "",
        None if is_internal(error) => {
            // `into_payload` would have logged it, but this error did not pass it.
            tracing::error!(error = error.message, path = ?error.path, "an error without a code left a resolver");
            INTERNAL.clone_into(&mut error.message);
            Code::Internal.as_str()
        }
        None => Code::BadUserInput.as_str(),
    };
    one_line(&mut error.message);
    let extensions = error.extensions.get_or_insert_with(ErrorExtensionValues::default);
    if !code.is_empty() {
        extensions.set("code", code);
    }
    extensions.set("requestId", id.to_string());
    code
}

/// Whether an error without a code is the server's fault. The library keeps the source of errors
/// that `?` converted. Its own messages, which explain an invalid document or variable, have none.
fn is_internal(error: &ServerError) -> bool {
    error.source.is_some() || error.message.starts_with("internal:")
}

fn one_line(message: &mut String) {
    if message.contains(['\n', '\r']) {
        *message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    if let Some((end, _)) = message.char_indices().nth(MAX_MESSAGE_CHARS) {
        message.truncate(end);
        message.push('…');
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{PathSegment, value};

    use super::*;
    use crate::refusal::error;

    const MOST: Most = Most { errors: 3, bytes: 10_000 };

    fn finished(response: Response) -> (serde_json::Value, OutcomeLabel) {
        let id = RequestId::new();
        let finished: Finished = finish(response, id, MOST);
        let body = finished.body.replace(&id.to_string(), "ID");
        (serde_json::from_str(&body).expect("JSON"), finished.outcome)
    }

    #[test]
    fn an_answer_without_errors_keeps_the_order_of_the_query() {
        let id = RequestId::new();
        let finished: Finished = finish(Response::new(value!({"b": 1, "a": 2})), id, MOST);
        assert_eq!(finished.body, r#"{"data":{"b":1,"a":2}}"#);
        assert_eq!(finished.outcome, OutcomeLabel::Ok);
        let over_http: Finished<Bytes> = finish(Response::new(value!({"b": 1, "a": 2})), id, MOST);
        assert_eq!(over_http.body, finished.body);
    }

    #[test]
    fn an_answer_that_did_not_run_has_a_code_and_no_data() {
        let (body, outcome) = finished(Response::from_errors(vec![ServerError::new("Unknown\n  field", None)]));
        assert_eq!(
            body,
            serde_json::json!({"errors": [{"message": "Unknown field", "extensions": {"code": "BAD_USER_INPUT", "requestId": "ID"}}]})
        );
        assert_eq!(outcome, OutcomeLabel::Refused);
    }

    #[test]
    fn a_failed_root_field_ran() {
        let mut failed = error(Code::Forbidden, "no");
        failed.path = vec![PathSegment::Field("a".into())];
        let (body, outcome) = finished(Response::from_errors(vec![failed]));
        assert_eq!(body["data"], serde_json::Value::Null);
        assert!(body.get("data").is_some());
        assert_eq!(body["errors"][0]["extensions"]["code"], "FORBIDDEN");
        assert_eq!(outcome, OutcomeLabel::Error);
    }

    #[test]
    fn internal_errors_are_not_shown() {
        let lifted = async_graphql::Error::from(std::io::Error::other("/var/lib/secret: SELECT 1"));
        let (body, outcome) =
            finished(Response::from_errors(vec![lifted.into_server_error(async_graphql::Pos::default())]));
        assert_eq!(body["errors"][0]["message"], INTERNAL);
        assert_eq!(body["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR");
        assert_eq!(outcome, OutcomeLabel::Internal);
    }

    #[test]
    fn errors_are_limited_in_number_and_length() {
        let many = (0..10).map(|_| ServerError::new("ż".repeat(5_000), None)).collect();
        let (body, _) = finished(Response::from_errors(many));
        let errors = body["errors"].as_array().expect("errors");
        assert_eq!(errors.len(), 3);
        assert_eq!(errors[0]["message"].as_str().expect("text").chars().count(), MAX_MESSAGE_CHARS + 1);
    }

    #[test]
    fn an_answer_that_is_too_long_is_an_error_in_its_place() {
        too_long::<String>();
        too_long::<Bytes>();
    }

    fn too_long<F: Form + AsRef<[u8]>>() {
        let id = RequestId::new();
        let answer = |length: usize| -> Finished<F> {
            let mut response = Response::new(value!({"a": "x".repeat(length)}));
            response.http_headers.insert("set-cookie", "kept=1".parse().expect("a header"));
            finish(response, id, MOST)
        };
        let overhead = r#"{"data":{"a":""}}"#.len();
        assert_eq!(answer(MOST.bytes - overhead).body.bytes(), MOST.bytes);
        let refused = answer(MOST.bytes - overhead + 1);
        let body: serde_json::Value = serde_json::from_slice(refused.body.as_ref()).expect("JSON");
        assert_eq!(
            (&body["data"], &body["errors"][0]["extensions"]["code"]),
            (&serde_json::Value::Null, &"RESPONSE_TOO_LARGE".into())
        );
        assert!(body.get("data").is_some() && refused.refused.is_none(), "it ran");
        assert_eq!((refused.outcome, refused.headers.len()), (OutcomeLabel::Error, 1));
    }

    #[test]
    fn a_refusal_for_too_many_is_recognised() {
        let id = RequestId::new();
        let refused: Finished = finish(Response::from_errors(vec![error(Code::TooManyRequests, "Later.")]), id, MOST);
        assert_eq!((refused.too_many, refused.refused.is_some(), refused.outcome), (true, true, OutcomeLabel::Refused));
    }
}
