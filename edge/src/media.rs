//! The media type of an answer (GraphQL over HTTP, "Media Types"; RFC 9110, section 12.5.1).

use axum::http::{HeaderMap, header};

/// The media type of a single answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Media {
    /// `application/graphql-response+json`: the status shows whether the operation ran.
    Graphql,
    /// `application/json`: 200 for every GraphQL answer.
    Json,
}

impl Media {
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Graphql => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

/// Which of the supported media types the client accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// The media type of a single answer. `None` if the client accepts none.
    pub single: Option<Media>,
    /// Whether the client accepts `text/event-stream` by name.
    pub events: bool,
}

/// Reads `Accept`. A client without this header is older than the media type for GraphQL.
pub(crate) fn accepted(headers: &HeaderMap) -> Accepted {
    let mut lines = headers.get_all(header::ACCEPT).iter().peekable();
    if lines.peek().is_none() {
        return Accepted { single: Some(Media::Json), events: false };
    }
    let mut best: Option<(f32, u8, Media)> = None;
    let mut events = false;
    let ranges = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    for range in ranges.filter_map(|range| str::from_utf8(range).ok()) {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let quality = parts
            .find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
            .map_or(Some(1.0), |quality| quality.parse::<f32>().ok())
            .unwrap_or(0.0);
        if quality <= 0.0 {
            continue;
        }
        let (rank, media) = match name.as_str() {
            "application/graphql-response+json" => (3, Media::Graphql),
            "application/json" => (2, Media::Json),
            "application/*" | "*/*" => (1, Media::Json),
            "text/event-stream" => {
                events = true;
                continue;
            }
            _ => continue,
        };
        if best.is_none_or(|(best_quality, best_rank, _)| (quality, rank) > (best_quality, best_rank)) {
            best = Some((quality, rank, media));
        }
    }
    Accepted { single: best.map(|(_, _, media)| media), events }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_form_follows_accept() {
        let graphql = Some(Media::Graphql);
        let json = Some(Media::Json);
        for (accept, single, events) in [
            (None, json, false),
            (Some("*/*"), json, false),
            (Some("application/*"), json, false),
            (Some("application/json"), json, false),
            (Some("application/json; charset=utf-8"), json, false),
            (Some("APPLICATION/GraphQL-Response+JSON"), graphql, false),
            (Some("application/graphql-response+json, application/json;q=0.9"), graphql, false),
            (Some("application/graphql-response+json;q=0.5, application/json"), json, false),
            (Some("application/json, application/graphql-response+json"), graphql, false),
            (Some("text/event-stream"), None, true),
            (Some("text/event-stream;q=0"), None, false),
            (
                Some("application/graphql-response+json, application/json, text/event-stream, multipart/mixed"),
                graphql,
                true,
            ),
            (Some("text/html"), None, false),
            (Some("application/json;q=0"), None, false),
            (Some("application/json;q=nonsense"), None, false),
            (Some(""), None, false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(accept) = accept {
                headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            }
            assert_eq!(accepted(&headers), Accepted { single, events }, "{accept:?}");
        }
    }
}
