//! Converts untrusted bytes to a square photo in a few sizes.
//!
//! Nothing that the client declares is trusted. The bytes determine the format, the header is
//! checked before anything is decoded, and the output is re-encoded from pixels. So no metadata
//! (position, thumbnail, serial number), no trailing data and no second format inside the first one
//! survives. JPEG and PNG are accepted. Other known image formats get their own error, so that the
//! message can name the formats to use.
//!
//! **Memory.** A photo of 40 megapixels takes 153 MiB as RGBA, and more while it is scaled. So rows
//! are cropped to the centre square, blended with white and averaged down to a square of at most
//! 2,047 px as the decoder returns them ([`reduce`]). Only this small square is resized with a good
//! filter and rotated. A PNG is read row by row unless it is interlaced; a JPEG is decoded as
//! a whole, because its decoder has no other interface. The peak stays under 256 MiB: an image that
//! would need more (a progressive JPEG without colour subsampling over 27 megapixels) is rejected
//! as too large.
//!
//! **Cropping before rotating** gives the same square, except for one pixel if the longer side is
//! odd, and rotates 0.26 megapixels instead of 40.
//!
//! **Colours** are averaged as encoded (sRGB), as browsers do, and not in linear light: fine dark
//! texture on a bright background gets slightly darker, and edges do not ring. Colour profiles are
//! dropped with the other metadata, and pixels are interpreted as sRGB.
//!
//! All of this is CPU work: call it on a blocking thread, and only a few times concurrently.

mod format;
mod jpeg;
mod limits;
mod png;
mod reduce;
mod renditions;
mod survey;
#[cfg(test)]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};

use image::{DynamicImage, metadata::Orientation};

use self::{format::Format, renditions::render};
pub use self::{
    limits::{Limits, MIN_SIDE, Rejection},
    renditions::{Rendition, SIDES, Square},
};

/// The centre square of a photo, and how to rotate it.
type Decoded = (DynamicImage, Orientation);

/// Decodes, crops, rotates and shrinks a photo, under the default [`Limits`].
///
/// # Errors
/// [`Rejection`].
pub fn renditions(bytes: &[u8]) -> Result<Square, Rejection> {
    renditions_within(bytes, &Limits::default())
}

/// Decodes, crops, rotates and shrinks a photo.
///
/// # Errors
/// [`Rejection`].
pub fn renditions_within(bytes: &[u8], limits: &Limits) -> Result<Square, Rejection> {
    if bytes.len() > limits.max_bytes {
        return Err(limits.exceeded());
    }
    let decode = match Format::of(bytes) {
        Format::Jpeg => jpeg::decode,
        Format::Png => png::decode,
        Format::Other => return Err(Rejection::UnsupportedFormat),
        Format::Unknown => return Err(Rejection::NotAnImage),
    };
    // A decoder that panics on hostile bytes has a bug, but the file is rejected anyway.
    let (square, orientation) =
        catch_unwind(AssertUnwindSafe(|| decode(bytes, limits))).unwrap_or(Err(Rejection::NotAnImage))?;
    Ok(render(square, orientation))
}
