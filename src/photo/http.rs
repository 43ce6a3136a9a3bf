//! Serves photos. The name identifies the bytes, so a response never changes and can be cached
//! forever.

use axum::{
    Extension, Router,
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use edge::{code::INTERNAL, ledger::Who, preflight};
use entity::{past_photo, photo};
use sea_orm::{DbErr, EntityTrait, QueryFilter};

use crate::{app::App, etag};

/// `GET /photos/{hash}-{side}.jpg`.
pub fn routes(app: App) -> Router {
    Router::new().route("/photos/{name}", get(serve).options(preflight::public)).with_state(app)
}

async fn serve(
    State(app): State<App>,
    Extension(who): Extension<Who>,
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    // A name that cannot be decoded is not a photo's name.
    let Ok(Path(name)) = name else { return missing() };
    let Some((hash, side)) = parse(&name) else { return missing() };
    let etag = HeaderValue::try_from(format!("\"{hash}-{side}\"")).expect("hexadecimal and digits");
    if etag::is_named(&headers, &etag) {
        return (StatusCode::NOT_MODIFIED, kept(etag)).into_response();
    }
    match tokio::time::timeout(app.config.http.request_timeout, find_any_account(&app.for_who(who), hash, side)).await {
        Ok(Ok(Some(_))) if etag::is_known(&headers, &etag) => (StatusCode::NOT_MODIFIED, kept(etag)).into_response(),
        Ok(Ok(Some(jpeg))) => (kept(etag), jpeg).into_response(),
        Ok(Ok(None)) => missing(),
        Ok(Err(error)) => {
            tracing::error!(%error, "a photo could not be read");
            broken(format!("{INTERNAL}\n"))
        }
        Err(_elapsed) => {
            tracing::warn!("reading a photo timed out");
            broken("The answer took too long.\n")
        }
    }
}

/// Needs no permission: a name is the hash of its photo, and visitors of the site receive it.
async fn find_any_account(app: &App, hash: &str, side: i32) -> Result<Option<Vec<u8>>, DbErr> {
    let row = photo::Entity::find()
        .filter(photo::COLUMN.hash.eq(hash))
        .filter(photo::COLUMN.side.eq(side))
        .one(app.db())
        .await?;
    if let Some(row) = row {
        return Ok(Some(row.jpeg));
    }
    let row = past_photo::Entity::find()
        .filter(past_photo::COLUMN.hash.eq(hash))
        .filter(past_photo::COLUMN.side.eq(side))
        .one(app.db())
        .await?;
    Ok(row.map(|row| row.jpeg))
}

/// Parses a name of the form that this server generates.
fn parse(name: &str) -> Option<(&str, i32)> {
    let (hash, side) = name.strip_suffix(".jpg")?.split_once('-')?;
    let ours = hash.len() == 32 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let side = side.bytes().all(|b| b.is_ascii_digit()).then(|| side.parse().ok()).flatten()?;
    ours.then_some((hash, side))
}

fn kept(etag: HeaderValue) -> [(HeaderName, HeaderValue); 7] {
    [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
        (header::ETAG, etag),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'")),
        // The widget on other sites fetches the photo by script, so the policy of such a site need
        // not allow it as an image.
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin")),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    ]
}

/// Headers of a response that may change later. Scripts may read it as well.
fn passing() -> [(HeaderName, &'static str); 2] {
    [(header::CACHE_CONTROL, "no-store"), (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")]
}

fn broken(why: impl IntoResponse) -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, passing(), why).into_response()
}

fn missing() -> Response {
    (StatusCode::NOT_FOUND, passing(), "no such photo\n").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_we_give_are_looked_up() {
        let hash = "0123456789abcdef0123456789abcdef";
        assert_eq!(parse(&format!("{hash}-512.jpg")), Some((hash, 512)));
        for name in [
            "",
            ".jpg",
            "-1.jpg",
            "../../etc/passwd",
            &format!("{hash}-+5.jpg"),
            &format!("{hash}-512.png"),
            &format!("{hash}-99999999999.jpg"),
        ] {
            assert_eq!(parse(name), None, "{name}");
        }
    }
}
