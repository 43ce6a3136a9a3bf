//! Reads a GraphQL request out of an HTTP request (GraphQL over HTTP, "Request").
//!
//! Only `application/json`, and `multipart/form-data` with a header of our own: both make a browser ask first before a
//! foreign page may send them, so no form and no `text/plain` of such a page is ever executed. Never more is read than the
//! limit, nor for longer than the time-out.

use std::time::Duration;

use async_graphql::{Request, Variables};
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use futures_util::StreamExt;
use serde_json::{Map, Value as Json};

use super::{document, refusal::Refusal, upload};
use crate::config::http::HttpConfig;

/// The header that a multipart request must have, with any value.
const PREFLIGHT: &str = "graphql-require-preflight";
/// A body gets so many times the time of the headers.
const BODY_TIME: u32 = 3;
/// What is set aside for a body before any of it has come: a length is easily claimed.
const SMALL_BODY: usize = 16 << 10;
/// What is still taken from a client whose body is too large, so that it reads the answer and not a broken connection.
const LINGER_BYTES: usize = 8 << 20;
const LINGER_TIME: Duration = Duration::from_secs(2);

/// Reads the parameters of a GET out of the address.
pub(super) fn from_query_string(query: &str) -> Result<Request, Refusal> {
    let bad = |message: String| Refusal::bad(StatusCode::BAD_REQUEST, message);
    let mut sent = Map::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let value = match name.as_ref() {
            "query" | "operationName" => Json::String(value.into_owned()),
            "variables" | "extensions" => serde_json::from_str(&value).map_err(|error| bad(format!("\"{name}\" is not JSON: {error}.")))?,
            _ => continue,
        };
        if sent.insert(name.clone().into_owned(), value).is_some() {
            return Err(bad(format!("\"{name}\" is given twice.")));
        }
    }
    from_json(Json::Object(sent)).map_err(bad)
}

/// Reads the body of a POST. Strangers send JSON: no field that they may use takes a file.
pub(super) async fn from_body(parts: &Parts, body: Body, config: &HttpConfig, signed_in: bool) -> Result<Request, Refusal> {
    let expects = parts.headers.contains_key(header::EXPECT);
    let reading = async {
        match content_type(&parts.headers)? {
            ContentType::Json => {
                let bytes = collect(&parts.headers, body, config.max_body_bytes, expects).await?;
                let sent = serde_json::from_slice(&bytes)
                    .map_err(|error| Refusal::bad(StatusCode::BAD_REQUEST, format!("The body is not JSON: {error}.")))?;
                from_json(sent).map_err(|message| Refusal::bad(StatusCode::BAD_REQUEST, message))
            }
            ContentType::Multipart { .. } if !signed_in => {
                if !expects {
                    linger(body).await;
                }
                Err(Refusal::unauthenticated("Sign in to send files."))
            }
            ContentType::Multipart { boundary } => match declared(&parts.headers) {
                Some(length) if length > config.max_upload_bytes => {
                    if !expects {
                        linger(body).await;
                    }
                    Err(too_large(config.max_upload_bytes))
                }
                _ => upload::read(body, boundary, config.max_upload_bytes, config.max_body_bytes).await,
            },
        }
    };
    let limit = config.read_timeout * BODY_TIME;
    tokio::time::timeout(limit, reading).await.unwrap_or_else(|_elapsed| {
        Err(Refusal::bad(StatusCode::REQUEST_TIMEOUT, format!("The body did not arrive within {} s.", limit.as_secs_f32())))
    })
}

/// Reads a request out of JSON, on any transport. Types are checked here, one by one, so that the message says which is
/// wrong; unknown entries are ignored, as the specification wants.
pub(super) fn from_json(sent: Json) -> Result<Request, String> {
    let mut sent = match sent {
        Json::Object(sent) => sent,
        Json::Array(_) => {
            return Err("Batches are not served: send one request at a time.".to_owned());
        }
        _ => return Err("A request is a JSON object.".to_owned()),
    };
    let query = match sent.remove("query") {
        Some(Json::String(query)) => query,
        Some(Json::Null) | None => return Err("\"query\" is missing.".to_owned()),
        Some(_) => return Err("\"query\" must be a string.".to_owned()),
    };
    let mut request = Request::new(query);
    request.operation_name = match sent.remove("operationName") {
        Some(Json::String(name)) => Some(name),
        Some(Json::Null) | None => None,
        Some(_) => return Err("\"operationName\" must be a string.".to_owned()),
    };
    if let Some(variables) = object(sent.remove("variables"), "variables")? {
        request.variables = Variables::from_json(variables);
        document::refuse_posing_files(request.variables.values()).map_err(|refused| refused.to_string())?;
    }
    if let Some(extensions) = object(sent.remove("extensions"), "extensions")? {
        request.extensions = serde_json::from_value(extensions).map_err(|error| format!("\"extensions\" cannot be read: {error}."))?;
    }
    Ok(request)
}

fn object(value: Option<Json>, name: &str) -> Result<Option<Json>, String> {
    match value {
        Some(value @ Json::Object(_)) => Ok(Some(value)),
        Some(Json::Null) | None => Ok(None),
        Some(_) => Err(format!("\"{name}\" must be an object.")),
    }
}

/// Whether the body may hold a file.
pub(super) fn is_multipart(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().to_ascii_lowercase().starts_with(b"multipart/"))
}

enum ContentType {
    Json,
    Multipart { boundary: String },
}

fn content_type(headers: &HeaderMap) -> Result<ContentType, Refusal> {
    let unsupported =
        || Refusal::bad(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send application/json in UTF-8, or multipart/form-data for files.");
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(unsupported());
    };
    if headers.get_all(header::CONTENT_ENCODING).iter().any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(Refusal::bad(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send the body as it is: no content encoding is taken."));
    }
    let value = value.to_str().map_err(|_| unsupported())?;
    let lower = value.to_ascii_lowercase();
    let mut parts = lower.split(';').map(str::trim);
    match parts.next().unwrap_or_default() {
        "application/json" => {
            let utf8 = parts
                .filter_map(|part| part.split_once('='))
                .filter(|(name, _)| name.trim() == "charset")
                .all(|(_, charset)| charset.trim().trim_matches('"') == "utf-8");
            if utf8 { Ok(ContentType::Json) } else { Err(unsupported()) }
        }
        "multipart/form-data" if !headers.contains_key(PREFLIGHT) => {
            Err(Refusal::forbidden(format!("A multipart request needs the header {PREFLIGHT}, so that a browser asks first.")))
        }
        "multipart/form-data" => multer::parse_boundary(value)
            .map(|boundary| ContentType::Multipart { boundary })
            .map_err(|_| Refusal::bad(StatusCode::BAD_REQUEST, "The content type names no boundary.")),
        _ => Err(unsupported()),
    }
}

async fn collect(headers: &HeaderMap, body: Body, limit: usize, expects: bool) -> Result<Vec<u8>, Refusal> {
    let declared = declared(headers);
    let mut stream = body.into_data_stream();
    if declared.is_some_and(|length| length > limit) {
        if !expects {
            linger(Body::from_stream(stream)).await;
        }
        return Err(too_large(limit));
    }
    let mut bytes = Vec::with_capacity(declared.unwrap_or_default().min(SMALL_BODY));
    while let Some(chunk) = stream.next().await {
        let chunk: Bytes = chunk.map_err(|_| Refusal::bad(StatusCode::BAD_REQUEST, "The body did not arrive whole."))?;
        if bytes.len() + chunk.len() > limit {
            linger(Body::from_stream(stream)).await;
            return Err(too_large(limit));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn declared(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

pub(super) fn too_large(limit: usize) -> Refusal {
    Refusal::bad(StatusCode::PAYLOAD_TOO_LARGE, format!("The body is larger than {limit} bytes."))
}

/// Throws away what a client is still sending, within bounds: many read an answer only after they have sent everything.
async fn linger(body: Body) {
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
    use super::*;

    #[test]
    fn what_is_wrong_with_a_request_is_named() {
        for (sent, message) in [
            (r#"[{"query":"{a}"}]"#, "Batches are not served: send one request at a time."),
            ("[]", "Batches are not served: send one request at a time."),
            ("\"{a}\"", "A request is a JSON object."),
            ("{}", "\"query\" is missing."),
            (r#"{"query":1}"#, "\"query\" must be a string."),
            (r#"{"query":"{a}","operationName":{}}"#, "\"operationName\" must be a string."),
            (r#"{"query":"{a}","variables":[]}"#, "\"variables\" must be an object."),
            (r#"{"query":"{a}","variables":"{}"}"#, "\"variables\" must be an object."),
            (r#"{"query":"{a}","extensions":0}"#, "\"extensions\" must be an object."),
            (
                r##"{"query":"{a}","variables":{"a":[{"b":"#__graphql_file__:9"}]}}"##,
                "A text that begins with \"#__graphql_file__:\" is reserved; send a file as multipart/form-data.",
            ),
        ] {
            let refused = from_json(serde_json::from_str(sent).expect("JSON")).expect_err(sent);
            assert_eq!(refused, message, "{sent}");
        }
    }

    #[test]
    fn null_means_absent_and_the_unknown_is_ignored() {
        let sent = r#"{"query":"{a}","operationName":null,"variables":null,"extensions":null,"more":1}"#;
        let request = from_json(serde_json::from_str(sent).expect("JSON")).expect("a request");
        assert_eq!((request.query.as_str(), request.operation_name), ("{a}", None));
    }

    #[test]
    fn a_get_carries_json_in_its_parameters() {
        let request = from_query_string("query=%7Ba%7D&variables=%7B%22x%22%3A1%7D&operationName=A&other=2").expect("a request");
        assert_eq!(request.operation_name.as_deref(), Some("A"));
        assert_eq!(request.variables.len(), 1);
        for query in ["", "variables={}", "query={a}&variables=x", "query={a}&query={b}", "query={a}&variables=[]"] {
            assert_eq!(from_query_string(query).expect_err(query).status, StatusCode::BAD_REQUEST);
        }
    }
}
