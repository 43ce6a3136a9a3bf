//! The files of a site, ready to be served.

use std::{borrow::Cow, collections::HashMap};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use rust_embed::RustEmbed;

use super::{
    encoding::{Accepted, Encoding},
    policy::Policy,
};
use crate::etag;

/// The files of a site, hashed and grouped by encoding once, at startup. Only names of these files
/// can be requested, so a path cannot leave the folder.
pub(super) struct Site {
    policy: Policy,
    assets: HashMap<String, Asset>,
}

struct Asset {
    content_type: HeaderValue,
    cache_control: HeaderValue,
    plain: Representation,
    /// The best one first.
    packed: Vec<(Encoding, Representation)>,
}

/// The bytes as sent. Each encoding has a separate strong `ETag`, as RFC 9110, section 8.8.3.3,
/// requires.
struct Representation {
    bytes: Bytes,
    etag: HeaderValue,
}

impl Site {
    pub(super) fn embedded<F: RustEmbed>(policy: Policy) -> Self {
        let files = F::iter().filter_map(|name| F::get(&name).map(|file| (name, bytes(file.data))));
        Self::new(policy, files.collect())
    }

    pub(super) fn new(policy: Policy, mut files: HashMap<Cow<'static, str>, Bytes>) -> Self {
        let names: Vec<String> = files
            .keys()
            .filter(|name| !Encoding::ALL.iter().any(|encoding| name.ends_with(encoding.suffix())))
            .map(ToString::to_string)
            .collect();
        let assets = names
            .into_iter()
            .filter_map(|name| {
                let plain = Representation::of(files.remove(name.as_str())?);
                let packed = Encoding::ALL
                    .into_iter()
                    .filter_map(|encoding| {
                        let bytes = files.remove(format!("{name}{}", encoding.suffix()).as_str())?;
                        Some((encoding, Representation::of(bytes)))
                    })
                    .collect();
                let cache_control = HeaderValue::from_static(if is_hashed(&name) { IMMUTABLE } else { policy.kept });
                Some((name.clone(), Asset { content_type: content_type(&name), cache_control, plain, packed }))
            })
            .collect();
        Self { policy, assets }
    }

    /// The names of the files, unordered.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.assets.keys().map(String::as_str)
    }

    pub(super) fn answer(&self, name: &str, request: &HeaderMap) -> Response {
        let Some(asset) = self.assets.get(name) else {
            return (
                StatusCode::NOT_FOUND,
                [(header::X_CONTENT_TYPE_OPTIONS, "nosniff"), (header::CACHE_CONTROL, "no-cache")],
                "File not found.\n",
            )
                .into_response();
        };
        let (encoding, chosen) = asset.choose(request);
        let unchanged = etag::is_known(request, &chosen.etag);

        // Also with a 304, because a browser updates the stored headers, and a new version of the
        // server may have another policy.
        let mut response = Response::new(Body::empty());
        let headers = response.headers_mut();
        // For all files, not only pages: a worker obeys the policy that its script was sent with.
        headers.clone_from(&self.policy.headers);
        headers.insert(header::ETAG, chosen.etag.clone());
        headers.insert(header::CACHE_CONTROL, asset.cache_control.clone());
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if !asset.packed.is_empty() {
            headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        if unchanged {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        headers.insert(header::CONTENT_TYPE, asset.content_type.clone());
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding.name()));
        }
        *response.body_mut() = Body::from(chosen.bytes.clone());
        response
    }
}

impl Asset {
    /// The representation that the request prefers. Of equal ones, the smallest.
    ///
    /// Returns the plain one also if the request refuses it (`identity;q=0`). RFC 9110, section
    /// 12.5.3, allows that instead of a 406, and a page is more useful than an error.
    fn choose(&self, request: &HeaderMap) -> (Option<Encoding>, &Representation) {
        let accepted = Accepted::of(request);
        let mut best = (None, &self.plain);
        let mut best_weight = accepted.identity();
        // The worst one first, so that the better of two equal ones comes last and is selected.
        for (encoding, representation) in self.packed.iter().rev() {
            let weight = accepted.weight(*encoding);
            if weight > 0 && weight >= best_weight {
                best = (Some(*encoding), representation);
                best_weight = weight;
            }
        }
        best
    }
}

impl Representation {
    fn of(bytes: Bytes) -> Self {
        Self { etag: etag::of(&bytes), bytes }
    }
}

fn bytes(data: Cow<'static, [u8]>) -> Bytes {
    match data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => Bytes::from(data),
    }
}

/// For files whose content never changes.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// Whether the name changes with the content. Each web build puts all such files, and no others,
/// there.
fn is_hashed(name: &str) -> bool {
    name.starts_with("assets/")
}

/// The type of a file with an unknown extension.
pub(super) const UNKNOWN_TYPE: &str = "application/octet-stream";

/// The types of our files. They are not guessed: with `nosniff`, a script of the wrong type does
/// not run.
pub(super) fn content_type(name: &str) -> HeaderValue {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    HeaderValue::from_static(match extension {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "jpg" => "image/jpeg",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "md" => "text/markdown; charset=utf-8",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "ttf" => "font/ttf",
        "txt" => "text/plain; charset=utf-8",
        "webmanifest" => "application/manifest+json",
        "woff" => "font/woff",
        "woff2" => "font/woff2",
        _ => UNKNOWN_TYPE,
    })
}
