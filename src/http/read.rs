//! Reads a GraphQL request out of an HTTP request (GraphQL over HTTP, "Request").
//!
//! Only `application/json`, and `multipart/form-data` with a header of our own: both make a browser ask first before a
//! foreign page may send them, so no form and no `text/plain` of such a page is ever executed. Never more is read than the
//! limit, nor for longer than the time-out, nor slower than the least rate; and what has come is counted for its client.

use async_graphql::Request;
use axum::{
    body::Body,
    http::{HeaderMap, StatusCode, header, request::Parts},
};

use super::{
    body::{collect, declared, linger, too_large},
    fair::{Fair, Weight},
    refusal::Refusal,
    sent::{self, Parameters, Sent},
    upload,
};
use crate::{
    config::http::HttpConfig,
    ledger::{Lines, Turn, Who},
};

/// The header that a multipart request must have, with any value.
const PREFLIGHT: &str = "graphql-require-preflight";
/// A body gets so many times the time of the headers.
const BODY_TIME: u32 = 3;

/// Reads the parameters of a GET out of the address.
pub(super) fn from_query_string(query: &str, most_values: usize) -> Result<Sent, Refusal> {
    let mut parameters = Parameters::new(most_values);
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        parameters.take(&name, &value)?;
    }
    parameters.request()
}

/// Who sends a body, as far as is known before it is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sender {
    pub who: Who,
    pub signed_in: bool,
}

/// The largest JSON body that is read of a sender: the one that is larger is for those who have signed in.
pub(super) fn most_bytes(config: &HttpConfig, signed_in: bool) -> usize {
    if signed_in { config.max_body_bytes } else { config.max_body_bytes.min(config.max_anonymous_body_bytes) }
}

/// Whether a body is read only once its sender is known: it may hold a file, or be larger than an anonymous one may be.
pub(super) fn needs_sender(headers: &HeaderMap, config: &HttpConfig) -> bool {
    is_multipart(headers) || declared(headers).is_none_or(|length| length > most_bytes(config, false))
}

/// Reads the body of a POST. Strangers send JSON: no field that they may use takes a file.
///
/// Parses it in a turn of `reading`.
pub(super) async fn from_body(
    parts: &Parts,
    body: Body,
    config: &HttpConfig,
    fair: &Fair,
    reading: &Lines,
    sender: Sender,
) -> Result<Request, Refusal> {
    let headers = &parts.headers;
    let expects = headers.contains_key(header::EXPECT);
    let period = config.read_timeout;
    let mut lease = fair.in_flight.take(sender.who, 0).map_err(|full| Refusal::too_many(full.to_string()))?;
    let read = async {
        match content_type(headers)? {
            ContentType::Json => {
                let bytes = collect(headers, body, most_bytes(config, sender.signed_in), period, &mut lease).await?;
                let turn = turn(reading, sender.who).await?;
                let sent = sent::request(&bytes, config.document.max_expanded_nodes)?;
                drop(turn);
                drop(bytes);
                lease.resize(sent.bytes).map_err(|full| Refusal::too_many(full.to_string()))?;
                Ok(sent.request.data(Weight(Some(lease))))
            }
            ContentType::Multipart { .. } if !sender.signed_in => {
                if !expects {
                    linger(body).await;
                }
                Err(Refusal::unauthenticated("Sign in to send files."))
            }
            ContentType::Multipart { boundary } => match declared(headers) {
                Some(length) if length > config.max_upload_bytes => {
                    if !expects {
                        linger(body).await;
                    }
                    Err(too_large(config.max_upload_bytes))
                }
                _ => {
                    upload::read(body, boundary, config, lease, (reading, sender.who), || {
                        fair.uploads.take(sender.who, 1)
                    })
                    .await
                }
            },
        }
    };
    let limit = period * BODY_TIME;
    tokio::time::timeout(limit, read).await.unwrap_or_else(|_elapsed| {
        Err(Refusal::bad(
            StatusCode::REQUEST_TIMEOUT,
            format!("The body did not arrive within {} s.", limit.as_secs_f32()),
        ))
    })
}

/// Waits for a client's turn to have a request parsed or checked.
///
/// # Errors
/// The line is full.
pub(super) async fn turn(reading: &Lines, who: Who) -> Result<Turn, Refusal> {
    reading.enter(who).await.map_err(|full| Refusal::too_many(full.to_string()))
}

/// Whether the body may hold a file.
fn is_multipart(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().to_ascii_lowercase().starts_with(b"multipart/"))
}

enum ContentType {
    Json,
    Multipart { boundary: String },
}

fn content_type(headers: &HeaderMap) -> Result<ContentType, Refusal> {
    let unsupported = || {
        Refusal::bad(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Send application/json in UTF-8, or multipart/form-data for files.",
        )
    };
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(unsupported());
    };
    if headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        return Err(Refusal::bad(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Send the body as it is: no content encoding is taken.",
        ));
    }
    let value = value.to_str().map_err(|_| unsupported())?;
    let lower = value.to_ascii_lowercase();
    let mut parts = lower.split(';').map(str::trim);
    match parts.next().unwrap_or_default() {
        "application/json" => {
            let utf8 = parts
                .filter_map(|part| part.split_once('='))
                .filter(|(name, _)| name.trim() == "charset")
                // The second is no registered name, and some clients write it.
                .all(|(_, charset)| matches!(charset.trim().trim_matches('"'), "utf-8" | "utf8"));
            if utf8 { Ok(ContentType::Json) } else { Err(unsupported()) }
        }
        "multipart/form-data" if !headers.contains_key(PREFLIGHT) => Err(Refusal::forbidden(format!(
            "A multipart request needs the header {PREFLIGHT}, so that a browser asks first."
        ))),
        "multipart/form-data" => multer::parse_boundary(value)
            .map(|boundary| ContentType::Multipart { boundary })
            .map_err(|_| Refusal::bad(StatusCode::BAD_REQUEST, "The content type names no boundary.")),
        _ => Err(unsupported()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_get_carries_json_in_its_parameters() {
        let read = |query: &str| from_query_string(query, 100);
        let sent =
            read("query=%7Ba%7D&variables=%7B%22x%22%3A1%7D&operationName=A&other=2&other=3").expect("a request");
        let request = sent.request;
        assert_eq!(request.operation_name.as_deref(), Some("A"));
        assert_eq!(request.variables.len(), 1);
        let many = format!("query={{a}}&variables={{\"x\":[{}1]}}", "1,".repeat(100));
        assert_eq!(read(&many).expect_err("too many").status, StatusCode::PAYLOAD_TOO_LARGE);
        for query in ["", "variables={}", "query={a}&variables=x", "query={a}&query={b}", "query={a}&variables=[]"] {
            assert_eq!(read(query).expect_err(query).status, StatusCode::BAD_REQUEST);
        }
    }

    #[test]
    fn an_operation_name_that_is_empty_in_a_get_is_none() {
        let read = |query: &str| from_query_string(query, 100).expect("a request").request.operation_name;
        assert_eq!(read("query={a}&operationName="), None);
        assert_eq!(read("query={a}&operationName=%20"), Some(" ".to_owned()));
    }
}
