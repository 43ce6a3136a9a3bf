//! Reads a request with a file (GraphQL multipart request specification).
//!
//! The library's reader would take any number of files and hand a clone of each, with a descriptor of its own, to any number
//! of variables. Here it is one file for one variable, in the order that the specification demands: `operations`, `map`, the
//! file. The file goes to a temporary one without a name as it comes in, so that it never lies in memory whole.

use async_graphql::{Request, UploadValue};
use axum::{body::Body, http::StatusCode};
use multer::{Constraints, Field, Multipart, SizeLimit};
use serde_json::{Map, Value as Json};
use tokio::io::{AsyncSeekExt, AsyncWriteExt};

use super::{
    read::{from_json, too_large},
    refusal::Refusal,
};

/// `map` names one variable.
const MAX_MAP_BYTES: u64 = 4 << 10;

/// Reads the whole of it, at most `limit` bytes.
pub(super) async fn read(body: Body, boundary: String, limit: usize, json_limit: usize) -> Result<Request, Refusal> {
    let sizes = SizeLimit::new().whole_stream(bytes(limit)).for_field("operations", bytes(json_limit)).for_field("map", MAX_MAP_BYTES);
    let constraints = Constraints::new().size_limit(sizes);
    let mut parts = Multipart::with_constraints(body.into_data_stream(), boundary, constraints);

    let mut request = from_json(json(part(&mut parts, "operations").await?).await?).map_err(bad)?;
    let Json::Object(map) = json(part(&mut parts, "map").await?).await? else {
        return Err(bad("\"map\" must be an object."));
    };
    if let Some((name, path)) = mapped(map)? {
        let field = part(&mut parts, &name).await?;
        let upload = store(field).await?;
        request.set_upload(&path, upload);
        if request.uploads.is_empty() {
            return Err(bad("\"map\" names a variable that the request does not have."));
        }
    }
    match parts.next_field().await.map_err(|error| broken(&error))? {
        None => Ok(request),
        Some(_) => Err(bad("The request has more parts than \"map\" names.")),
    }
}

/// The name of the file's part, and the variable it is for; `None` when there is no file.
fn mapped(map: Map<String, Json>) -> Result<Option<(String, String)>, Refusal> {
    let one = "One file may be sent, for one variable.";
    let mut map = map.into_iter();
    let Some((name, paths)) = map.next() else {
        return Ok(None);
    };
    if map.next().is_some() {
        return Err(bad(one));
    }
    match paths {
        Json::Array(paths) => match <[Json; 1]>::try_from(paths) {
            Ok([Json::String(path)]) => Ok(Some((name, path))),
            Ok(_) => Err(bad("\"map\" lists the variables of a file as strings.")),
            Err(_) => Err(bad(one)),
        },
        _ => Err(bad("\"map\" lists the variables of a file in an array.")),
    }
}

async fn part(parts: &mut Multipart<'static>, name: &str) -> Result<Field<'static>, Refusal> {
    match parts.next_field().await.map_err(|error| broken(&error))? {
        Some(field) if field.name() == Some(name) => Ok(field),
        _ => Err(bad(format!(
            "The part \"{}\" is missing or not in its place: \"operations\", \"map\", then the file.",
            name.escape_debug()
        ))),
    }
}

async fn json(field: Field<'static>) -> Result<Json, Refusal> {
    let name = field.name().unwrap_or_default().to_owned();
    let bytes = field.bytes().await.map_err(|error| broken(&error))?;
    serde_json::from_slice(&bytes).map_err(|error| bad(format!("\"{name}\" is not JSON: {error}.")))
}

async fn store(mut field: Field<'static>) -> Result<UploadValue, Refusal> {
    let filename = field.file_name().unwrap_or_default().to_owned();
    let content_type = field.content_type().map(ToString::to_string);
    let file = tokio::task::spawn_blocking(tempfile::tempfile).await.map_err(std::io::Error::other);
    let mut file = tokio::fs::File::from_std(file.flatten().map_err(|error| not_stored(&error))?);
    while let Some(chunk) = field.chunk().await.map_err(|error| broken(&error))? {
        file.write_all(&chunk).await.map_err(|error| not_stored(&error))?;
    }
    file.flush().await.map_err(|error| not_stored(&error))?;
    file.rewind().await.map_err(|error| not_stored(&error))?;
    Ok(UploadValue { filename, content_type, content: file.into_std().await })
}

fn bytes(limit: usize) -> u64 {
    u64::try_from(limit).unwrap_or(u64::MAX)
}

fn bad(message: impl Into<String>) -> Refusal {
    Refusal::bad(StatusCode::BAD_REQUEST, message)
}

fn broken(error: &multer::Error) -> Refusal {
    match error {
        multer::Error::FieldSizeExceeded { limit, .. } | multer::Error::StreamSizeExceeded { limit } => {
            too_large(usize::try_from(*limit).unwrap_or(usize::MAX))
        }
        _ => bad("The multipart body is malformed or did not arrive whole."),
    }
}

fn not_stored(error: &std::io::Error) -> Refusal {
    tracing::error!(%error, "an uploaded file could not be put aside");
    Refusal::internal()
}
