//! Photos: what a visitor sees of an operator's face.
//!
//! A photo is decided by its bytes, never by its name or declared type; it is decoded under limits, cropped to a square, and
//! encoded anew as JPEG in a few sizes, without metadata. The renditions are rows of the database, served under a name made of
//! their content, so that they may be cached for ever.

pub mod graphql;
pub mod http;
pub mod image;
pub mod rules;

use crate::config::Config;

/// Where the rendition is that suits a wish: the smallest that is not smaller, or the largest there is. Absolute, since the
/// widget shows it on other sites.
#[must_use]
pub fn url(config: &Config, hash: &str, largest: i32, wished: Option<i32>) -> String {
    let sizes = image::SIDES.iter().filter_map(|side| i32::try_from(*side).ok()).filter(|side| *side < largest);
    let side = match wished {
        Some(wished) => sizes.filter(|side| *side >= wished).min().unwrap_or(largest),
        None => largest,
    };
    format!("{}/photos/{hash}-{side}.jpg", config.http.public_base())
}
