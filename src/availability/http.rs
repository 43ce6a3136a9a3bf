//! Availability for pages without scripts: as JSON, and as a [`badge`].
//!
//! The response contains the same data that a visitor's widget receives. It comes from the shared
//! feed, so an account is read once after a change, regardless of the number of requests: polling
//! it in a loop costs no statement. Responses may be cached for five seconds, so a cache in front
//! of the server can absorb a crowd.

use axum::{
    Extension, Router,
    extract::{Path, RawQuery, State as Held, rejection::PathRejection},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use edge::{
    code::{Code, INTERNAL},
    ledger::Who,
    preflight,
};
use serde::Serialize;
use serde_json::json;

use super::{Card, State, badge, feed::Feed};
use crate::{app::App, etag, photo};

/// The number of cards in a response: as many as the widget shows, and the default of the GraphQL
/// field.
const CARDS: usize = 5;

/// A cache may not keep it longer, and may not serve it stale when the server cannot be reached:
/// otherwise a visitor would long be shown an operator who has left.
const KEPT: &str = "public, max-age=5, must-revalidate";

/// `GET /availability/{widgetKey}` and `GET /availability/{widgetKey}/badge.svg`.
pub fn routes(app: App, feed: Feed) -> Router {
    Router::new()
        .route("/availability/{widget_key}", get(state).options(preflight::public))
        .route("/availability/{widget_key}/badge.svg", get(picture).options(preflight::public))
        .with_state((app, feed))
}

type Room = (App, Feed);
/// A key that cannot be decoded belongs to no account.
type WidgetKeyPath = Result<Path<String>, PathRejection>;

async fn state(
    Held((app, feed)): Held<Room>,
    Extension(who): Extension<Who>,
    key: WidgetKeyPath,
    RawQuery(query): RawQuery,
    request: HeaderMap,
) -> Result<Response, Fault> {
    let size = parameter(query.as_deref(), "size").map(|size| size.parse().map_err(|_| Fault::NoSize)).transpose()?;
    let state = look(&app, &feed, key, who).await?;
    let shown = Shown::of(&state, |hash, side| photo::url(&app.config, hash, side, size));
    let body = serde_json::to_string(&shown).expect("plain values are JSON");
    Ok(answer(&request, "application/json", body))
}

async fn picture(
    Held((app, feed)): Held<Room>,
    Extension(who): Extension<Who>,
    key: WidgetKeyPath,
    RawQuery(query): RawQuery,
    request: HeaderMap,
) -> Result<Response, Fault> {
    let state = look(&app, &feed, key, who).await?;
    let language = badge::Language::of(&parameter(query.as_deref(), "lang").unwrap_or_default());
    Ok(answer(&request, "image/svg+xml", badge::draw(!state.cards.is_empty(), language)))
}

async fn look(app: &App, feed: &Feed, key: WidgetKeyPath, who: Who) -> Result<std::sync::Arc<State>, Fault> {
    let Ok(Path(key)) = key else { return Err(Fault::NoAccount) };
    // Concurrent requests for a key without a topic wait for one another. If the database does not
    // respond, that could take very long.
    let looked = tokio::time::timeout(app.config.http.request_timeout, feed.look(&key, who)).await;
    looked.map_err(|_elapsed| Fault::Late)?.map_err(Fault::Broken)?.ok_or(Fault::NoAccount)
}

/// The first parameter with this name.
fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(query?.as_bytes());
    pairs.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// The public fields of `Availability`, under the same names.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    version: i32,
    is_available: bool,
    is_chat_enabled: bool,
    operators: Vec<ShownCard<'a>>,
}

/// The public fields of `OperatorCard`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownCard<'a> {
    id: &'a str,
    public_name: &'a str,
    description: Option<&'a str>,
    photo_url: Option<String>,
}

impl<'a> Shown<'a> {
    fn of(state: &'a State, photo_url: impl Fn(&str, i32) -> String) -> Self {
        let card = |card: &'a Card| ShownCard {
            id: &card.key,
            public_name: &card.public_name,
            description: card.description.as_deref(),
            photo_url: card.photo.as_ref().map(|photo| photo_url(&photo.hash, photo.side)),
        };
        let operators = state.cards.iter().take(CARDS).map(card).collect();
        Self {
            version: state.version,
            is_available: !state.cards.is_empty(),
            is_chat_enabled: state.is_chat_enabled,
            operators,
        }
    }
}

fn answer(request: &HeaderMap, content_type: &'static str, body: String) -> Response {
    // A hash of the bytes rather than the version: photo URLs depend on a setting, and the badge's
    // texts on the server's version.
    let etag = etag::of(body.as_bytes());
    let mut response = if etag::is_known(request, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, content_type)], body).into_response()
    };
    response.headers_mut().insert(header::ETAG, etag);
    open(response, KEPT)
}

/// Allows every website to read the response, and keeps browsers from guessing another type.
fn open(mut response: Response, kept: &'static str) -> Response {
    for (name, value) in [
        (header::CACHE_CONTROL, kept),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Why a request failed.
#[derive(Debug)]
enum Fault {
    NoAccount,
    NoSize,
    Late,
    Broken(sea_orm::DbErr),
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let (status, code, message, kept) = match self {
            // Cached as well: every visitor of a page with a mistyped key requests it.
            Self::NoAccount => (StatusCode::NOT_FOUND, Code::NotFound, "No account has this widget key.", KEPT),
            Self::NoSize => {
                (StatusCode::BAD_REQUEST, Code::BadUserInput, "`size` is a whole number of pixels.", "no-store")
            }
            Self::Late => {
                tracing::warn!("reading availability timed out");
                (StatusCode::INTERNAL_SERVER_ERROR, Code::Internal, "The answer took too long.", "no-store")
            }
            Self::Broken(error) => {
                tracing::error!(%error, "availability could not be read");
                (StatusCode::INTERNAL_SERVER_ERROR, Code::Internal, INTERNAL, "no-store")
            }
        };
        open(
            (status, axum::Json(json!({ "error": { "code": code.as_str(), "message": message } }))).into_response(),
            kept,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_parameter_of_a_name_counts() {
        for (query, size) in [
            (None, None),
            (Some(""), None),
            (Some("lang=cs"), None),
            (Some("size=64"), Some("64")),
            (Some("lang=cs&size=64&size=128"), Some("64")),
            (Some("size=%36%34"), Some("64")),
            (Some("size"), Some("")),
            (Some("resize=64"), None),
        ] {
            assert_eq!(parameter(query, "size").as_deref(), size, "{query:?}");
        }
    }
}
