//! Reads a request with a file (GraphQL multipart request specification).
//!
//! The library's reader accepts any number of files, and passes a clone of each, with a separate
//! descriptor, to any number of variables. This one accepts one file for one variable, in the order
//! that the specification requires: `operations`, `map`, the file. The file is written to an
//! unnamed temporary file as it arrives, so that it is never in memory as a whole.
//!
//! The document is validated before the file is stored: only mutations take files, and only in
//! variables that they declare. So no file is kept for the lifetime of a subscription, or without
//! use. Uploads in flight are counted, from before the file is stored until the request has ended.
//!
//! The parser scans all bytes that it holds for the end of a part's head whenever more arrive, and
//! reads everything that is available. So it receives the body in large [`Pieces`], one at a time,
//! and only a few until a head ends.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
};

use async_graphql::{Request, UploadValue, Value, Variables, parser::types::OperationType};
use axum::{
    body::{Body, Bytes},
    http::StatusCode,
};
use futures_util::Stream;
use multer::{Constraints, Field, Multipart, SizeLimit};
use serde_json::{Map, Value as Json};
use tokio::io::{AsyncSeekExt, AsyncWriteExt};

use super::{
    body::{Paced, too_large},
    document::{self, Introspection},
    fair::{Upload, Weight, reading_turn},
    refusal::Refusal,
    sent,
};
use crate::{
    config::HttpConfig,
    ledger::{Full, Lease, Lines, Who},
};

/// `map` names one variable.
const MAX_MAP_BYTES: u64 = 4 << 10;
/// The maximum size of the head of a part.
const MAX_HEAD_BYTES: usize = 8 << 10;
/// How many bytes are gathered before they are parsed.
const PIECE_BYTES: usize = 16 << 10;
/// A head may begin at the end of one piece and end in the next. Before the first head there may be
/// a preamble.
const PIECES_PER_HEAD: usize = 3;

/// Reads the whole request, and parses it in turns of `reading`. `lease` counts the bytes in
/// memory. `place` takes a slot for the upload before it is stored.
pub(crate) async fn read(
    body: Body,
    boundary: String,
    config: &HttpConfig,
    mut lease: Lease,
    (reading, who): (&Lines, Who),
    place: impl FnOnce() -> Result<Lease, Full>,
) -> Result<Request, Refusal> {
    let sizes = SizeLimit::new()
        .whole_stream(bytes(config.max_upload_bytes))
        .for_field("operations", bytes(config.max_body_bytes))
        .for_field("map", MAX_MAP_BYTES);
    let constraints = Constraints::new().size_limit(sizes);
    let left = Arc::new(AtomicUsize::new(PIECES_PER_HEAD));
    let pieces = Pieces {
        body: Paced::new(body, config.read_timeout),
        gathered: Vec::with_capacity(PIECE_BYTES),
        over: false,
        handed: false,
        left: Arc::clone(&left),
    };
    let mut parts = Parts { parts: Multipart::with_constraints(pieces, boundary, constraints), left };

    let operations = text(part(&mut parts, "operations").await?, &mut lease).await?;
    let turn = reading_turn(reading, who).await?;
    let sent = sent::request(&operations, config.document.max_expanded_nodes)?;
    drop(turn);
    drop(operations);
    lease.resize(sent.bytes).map_err(full)?;
    let mut request = sent.request.data(Weight(Some(lease)));
    let map = part(&mut parts, "map").await?.bytes().await.map_err(|error| broken(&error))?;
    let Json::Object(map) =
        serde_json::from_slice(&map).map_err(|error| bad(format!("\"map\" is not JSON: {error}.")))?
    else {
        return Err(bad("\"map\" must be an object."));
    };
    if let Some((name, path)) = mapped(map)? {
        let turn = reading_turn(reading, who).await?;
        inspect(&request, &path, config)?;
        drop(turn);
        let place = place().map_err(full)?;
        let field = part(&mut parts, &name).await?;
        request.set_upload(&path, store(field).await?);
        request = request.data(Upload(place));
    }
    match parts.next().await? {
        None => Ok(request),
        Some(_) => Err(bad("The request has more parts than \"map\" names.")),
    }
}

/// Validates a request before its file is stored: it must be a mutation that declares the variable.
fn inspect(request: &Request, path: &str, config: &HttpConfig) -> Result<(), Refusal> {
    let mut stand_in = Request::new(request.query.clone());
    stand_in.operation_name.clone_from(&request.operation_name);
    stand_in.variables = request.variables.clone();
    let Some(variable) = variable(&mut stand_in.variables, path) else {
        return Err(bad("\"map\" names a variable that the request does not have."));
    };
    // A placeholder for the file, because the variable must not be null.
    *variable = Value::Boolean(true);
    let validated = document::validate(&mut stand_in, &config.document, Introspection::of(config))
        .map_err(|refused| bad(refused.to_string()))?;
    if validated.kind != OperationType::Mutation {
        return Err(bad("Files are sent with mutations only."));
    }
    if self::variable(&mut stand_in.variables, path).is_none() {
        return Err(bad("\"map\" names a variable that the operation does not declare."));
    }
    Ok(())
}

/// The variable of a path such as `variables.input.photo`, found in the same way as the library
/// finds it.
fn variable<'a>(variables: &'a mut Variables, path: &str) -> Option<&'a mut Value> {
    let mut steps = path.strip_prefix("variables.")?.split('.');
    let first = variables.get_mut(steps.next()?)?;
    steps.try_fold(first, |value, step| match value {
        Value::List(items) => items.get_mut(usize::try_from(step.parse::<u32>().ok()?).ok()?),
        Value::Object(fields) => fields.get_mut(step),
        _ => None,
    })
}

/// The name of the file's part and the path of its variable. `None` if there is no file.
fn mapped(map: Map<String, Json>) -> Result<Option<(String, String)>, Refusal> {
    let one = "Send at most one file, for one variable.";
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
            Ok(_) => Err(bad("\"map\" must list the variables of a file as strings.")),
            Err(_) => Err(bad(one)),
        },
        _ => Err(bad("\"map\" must list the variables of a file in an array.")),
    }
}

/// The parts of a body, one after the other.
struct Parts {
    parts: Multipart<'static>,
    left: Arc<AtomicUsize>,
}

impl Parts {
    async fn next(&mut self) -> Result<Option<Field<'static>>, Refusal> {
        self.left.store(PIECES_PER_HEAD, Ordering::Relaxed);
        let field = self.parts.next_field().await.map_err(|error| broken(&error))?;
        self.left.store(usize::MAX, Ordering::Relaxed);
        let head = |field: &Field<'_>| {
            field.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>()
        };
        match field {
            Some(field) if head(&field) > MAX_HEAD_BYTES => Err(endless_head()),
            field => Ok(field),
        }
    }
}

/// A body in large pieces.
struct Pieces {
    body: Paced,
    gathered: Vec<u8>,
    over: bool,
    /// A piece was handed over. The parser must read it before the next one.
    handed: bool,
    /// How many more pieces may be read.
    left: Arc<AtomicUsize>,
}

impl Stream for Pieces {
    type Item = Result<Bytes, io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.handed) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        while !self.over && self.gathered.len() < PIECE_BYTES {
            match ready!(Pin::new(&mut self.body).poll_next(context)) {
                Some(Ok(chunk)) => self.gathered.extend_from_slice(&chunk),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => self.over = true,
            }
        }
        if self.gathered.is_empty() {
            return Poll::Ready(None);
        }
        if self.left.load(Ordering::Relaxed) == 0 {
            return Poll::Ready(Some(Err(io::ErrorKind::FileTooLarge.into())));
        }
        self.left.fetch_sub(1, Ordering::Relaxed);
        self.handed = true;
        let piece = std::mem::replace(&mut self.gathered, Vec::with_capacity(PIECE_BYTES));
        Poll::Ready(Some(Ok(piece.into())))
    }
}

async fn part(parts: &mut Parts, name: &str) -> Result<Field<'static>, Refusal> {
    match parts.next().await? {
        Some(field) if field.name() == Some(name) => Ok(field),
        _ => Err(bad(format!(
            "The part \"{}\" is missing or out of order. Send \"operations\", \"map\", then the file.",
            name.escape_debug()
        ))),
    }
}

/// The text of a part, counted as it arrives.
async fn text(mut field: Field<'static>, lease: &mut Lease) -> Result<Vec<u8>, Refusal> {
    let mut text = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| broken(&error))? {
        lease.grow(chunk.len()).map_err(full)?;
        text.extend_from_slice(&chunk);
    }
    Ok(text)
}

async fn store(mut field: Field<'static>) -> Result<UploadValue, Refusal> {
    let filename = field.file_name().unwrap_or_default().to_owned();
    let content_type = field.content_type().map(ToString::to_string);
    let file = tokio::task::spawn_blocking(tempfile::tempfile).await.map_err(io::Error::other);
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
        multer::Error::StreamReadFailed(error) => match kind(error.as_ref()) {
            Some(io::ErrorKind::FileTooLarge) => endless_head(),
            Some(kind) => super::body::broken(&kind.into()),
            None => bad("The multipart body is malformed or incomplete."),
        },
        _ => bad("The multipart body is malformed or incomplete."),
    }
}

fn kind(error: &(dyn std::error::Error + 'static)) -> Option<io::ErrorKind> {
    error.downcast_ref::<io::Error>().map(io::Error::kind)
}

fn full(full: Full) -> Refusal {
    Refusal::too_many(full.to_string())
}

fn endless_head() -> Refusal {
    bad(format!("The head of a part is longer than {MAX_HEAD_BYTES} bytes."))
}

fn not_stored(error: &io::Error) -> Refusal {
    tracing::error!(%error, "could not store an uploaded file");
    Refusal::internal()
}
