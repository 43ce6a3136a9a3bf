//! Photos of operators, as visitors see them.
//!
//! The type of a photo is detected from its bytes, never from its name or declared type. It is
//! decoded under limits, cropped to a square, and re-encoded as JPEG in a few sizes, without
//! metadata. The renditions are rows of the database. Their names are derived from their content,
//! so they can be cached forever.

pub mod graphql;
pub mod http;
pub mod image;
pub mod rules;

use crate::config::Config;

/// The URL of the rendition for a requested size: the smallest rendition that is not smaller, or
/// the largest one. Absolute, because the widget shows it on other sites.
#[must_use]
pub fn url(config: &Config, hash: &str, largest: i32, wished: Option<i32>) -> String {
    let sizes = image::SIDES.iter().filter_map(|side| i32::try_from(*side).ok()).filter(|side| *side < largest);
    let side = match wished {
        Some(wished) => sizes.filter(|side| *side >= wished).min().unwrap_or(largest),
        None => largest,
    };
    format!("{}/photos/{hash}-{side}.jpg", config.http.public_base())
}
