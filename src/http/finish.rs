//! The last hand on every answer, whatever it travels by: codes, the request id, bounds, and no word of the server's insides.

use std::collections::BTreeMap;

use async_graphql::{ErrorExtensionValues, Response, ServerError, Value};
use axum::http::HeaderMap;
use serde::Serialize;

use super::refusal::{Code, INTERNAL};
use crate::{graphql::scope::RequestId, metrics::OutcomeLabel};

/// An error message quotes what the client sent; this much of it is enough.
const MAX_MESSAGE_CHARS: usize = 500;

/// An answer as it is sent.
#[derive(Debug)]
pub(super) struct Finished {
    /// The JSON text.
    pub body: String,
    /// The errors as a JSON array, for transports with a message of their own for requests that never ran.
    pub refused: Option<String>,
    pub outcome: OutcomeLabel,
    /// Headers that resolvers set.
    pub headers: HeaderMap,
}

/// Finishes what the executor answered.
pub(super) fn finish(response: Response, id: &RequestId, max_errors: usize) -> Finished {
    // A request error: nothing ran, and such an answer has no `data` (the library writes `"data":null`).
    let ran = response.errors.is_empty() || response.data != Value::Null || response.errors.iter().any(|error| !error.path.is_empty());
    finish_as(ran, response, id, max_errors)
}

/// Finishes the first item of a subscription. An error in place of it means that the subscription was refused, though the
/// library gives the error a path, as if something had run.
pub(super) fn finish_first(response: Response, id: &RequestId, max_errors: usize) -> Finished {
    let ran = response.errors.is_empty() || response.data != Value::Null;
    finish_as(ran, response, id, max_errors)
}

fn finish_as(ran: bool, mut response: Response, id: &RequestId, max_errors: usize) -> Finished {
    response.errors.truncate(max_errors);
    let mut outcome = match (response.errors.is_empty(), ran) {
        (true, _) => OutcomeLabel::Ok,
        (false, true) => OutcomeLabel::Error,
        (false, false) => OutcomeLabel::Refused,
    };
    for error in &mut response.errors {
        if clean(error, id) == Code::Internal.as_str() {
            outcome = OutcomeLabel::Internal;
        }
    }
    let headers = std::mem::take(&mut response.http_headers);
    // Straight to text: a detour over a JSON value would sort the keys, and an answer keeps the order of the query.
    let (body, refused) = if ran {
        (serde_json::to_string(&response), None)
    } else {
        let body = NotRun { errors: &response.errors, extensions: &response.extensions };
        (serde_json::to_string(&body), Some(serde_json::to_string(&response.errors).expect(SERIALISABLE)))
    };
    Finished { body: body.expect(SERIALISABLE), refused, outcome, headers }
}

const SERIALISABLE: &str = "an answer has string keys and no failing parts";

#[derive(Serialize)]
struct NotRun<'a> {
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: &'a BTreeMap<String, Value>,
}

/// Gives an error its code and the request's id, and takes away what is not for the client. Returns the code.
fn clean(error: &mut ServerError, id: &RequestId) -> &'static str {
    let known = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
    let code = match known {
        Some(Value::String(code)) if code == Code::Internal.as_str() => Code::Internal.as_str(),
        Some(_) => "",
        None if is_internal(error) => {
            // `settle` would have logged it: this one found its way around.
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

/// Whether an error without a code is the server's fault. The library keeps the source of what `?` lifted; its own
/// messages, which explain a wrong document or variable, have none.
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
    use crate::http::refusal::error;

    fn finished(response: Response) -> (serde_json::Value, OutcomeLabel) {
        let id = RequestId::new();
        let finished = finish(response, &id, 3);
        let body = finished.body.replace(&id.to_string(), "ID");
        (serde_json::from_str(&body).expect("JSON"), finished.outcome)
    }

    #[test]
    fn an_answer_without_errors_keeps_the_order_of_the_query() {
        let id = RequestId::new();
        let finished = finish(Response::new(value!({"b": 1, "a": 2})), &id, 3);
        assert_eq!(finished.body, r#"{"data":{"b":1,"a":2}}"#);
        assert_eq!(finished.outcome, OutcomeLabel::Ok);
    }

    #[test]
    fn what_never_ran_has_no_data_and_a_code() {
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
    fn what_was_lifted_from_the_inside_is_not_told() {
        let lifted = async_graphql::Error::from(std::io::Error::other("/var/lib/secret: SELECT 1"));
        let (body, outcome) = finished(Response::from_errors(vec![lifted.into_server_error(async_graphql::Pos::default())]));
        assert_eq!(body["errors"][0]["message"], INTERNAL);
        assert_eq!(body["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR");
        assert_eq!(outcome, OutcomeLabel::Internal);
    }

    #[test]
    fn errors_are_few_and_short() {
        let many = (0..10).map(|_| ServerError::new("ż".repeat(5_000), None)).collect();
        let (body, _) = finished(Response::from_errors(many));
        let errors = body["errors"].as_array().expect("errors");
        assert_eq!(errors.len(), 3);
        assert_eq!(errors[0]["message"].as_str().expect("text").chars().count(), MAX_MESSAGE_CHARS + 1);
    }
}
