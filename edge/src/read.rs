//! Reads a GraphQL request from an HTTP request (GraphQL over HTTP, "Request").
//!
//! Accepts only `application/json`, and `multipart/form-data` with an additional header. For both,
//! a browser sends a preflight first, so a form or `text/plain` of a foreign page is never
//! executed. Reading has a size limit, a timeout and a minimum rate, and the bytes are counted for
//! the client.

use async_graphql::Request;
use axum::{
    body::Body,
    http::{HeaderMap, StatusCode, header, request::Parts},
};

use super::{
    body::{collect, declared, linger, too_large},
    fair::{Fair, Weight, parsing_turn},
    refusal::Refusal,
    sent::{self, Parameters, Sent},
    upload,
};
use crate::{
    config::HttpConfig,
    ledger::{Lines, Who},
};

/// The header that a multipart request must have, with any value.
const PREFLIGHT: &str = "graphql-require-preflight";
/// The timeout of a body, as a multiple of the timeout of the headers.
const BODY_TIME: u32 = 3;

/// Reads the parameters of a GET from the query string.
pub(crate) fn from_query_string(query: &str, most_values: usize) -> Result<Sent, Refusal> {
    let mut parameters = Parameters::new(most_values);
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        parameters.take(&name, &value)?;
    }
    parameters.request()
}

/// The sender of a body, as far as it is known before the body is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sender {
    pub who: Who,
    pub signed_in: bool,
}

/// The size limit of a JSON body. Larger bodies are for signed-in senders.
pub(crate) fn most_bytes(config: &HttpConfig, signed_in: bool) -> usize {
    if signed_in { config.max_body_bytes } else { config.max_body_bytes.min(config.max_anonymous_body_bytes) }
}

/// Whether the session is read before the body: the body may contain a file, or be larger than the
/// limit for anonymous senders.
pub(crate) fn needs_sender(headers: &HeaderMap, config: &HttpConfig) -> bool {
    is_multipart(headers) || declared(headers).is_none_or(|length| length > most_bytes(config, false))
}

/// Reads the body of a POST, and parses it in a turn of `reading`. Anonymous senders may send JSON
/// only, because no field that they can use takes a file.
pub(crate) async fn from_body(
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
                let turn = parsing_turn(reading, sender.who, bytes.len()).await?;
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

/// Whether the body may contain a file.
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
            "Content-Encoding is not supported. Send the body without encoding.",
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
                // `utf8` is not a registered name, but some clients send it.
                .all(|(_, charset)| matches!(charset.trim().trim_matches('"'), "utf-8" | "utf8"));
            if utf8 { Ok(ContentType::Json) } else { Err(unsupported()) }
        }
        "multipart/form-data" if !headers.contains_key(PREFLIGHT) => Err(Refusal::forbidden(format!(
            "Add the header {PREFLIGHT} to a multipart request, so that a browser sends a preflight."
        ))),
        "multipart/form-data" => multer::parse_boundary(value)
            .map(|boundary| ContentType::Multipart { boundary })
            .map_err(|_| Refusal::bad(StatusCode::BAD_REQUEST, "The Content-Type has no boundary.")),
        _ => Err(unsupported()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_of_a_get_are_parsed() {
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
