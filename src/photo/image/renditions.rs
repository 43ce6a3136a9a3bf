//! The sizes in which a photo is stored, encoded as JPEG.

use std::{fmt, iter};

use image::{DynamicImage, codecs::jpeg::JpegEncoder, imageops::FilterType, metadata::Orientation};
use sha2::{Digest, Sha256};

/// Sides of the renditions in pixels, largest first. For a photo that is smaller than the first
/// side, the largest rendition has the photo's own size: nothing is scaled up.
pub const SIDES: [u32; 4] = [512, 256, 128, 64];

const QUALITY: u8 = 85;

/// A photo as it is stored and served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Square {
    /// Width and height of the largest rendition in pixels, [`MIN_SIDE`](super::MIN_SIDE) to 512.
    pub side: u32,
    /// The same picture in decreasing sizes; never empty.
    pub renditions: Vec<Rendition>,
    /// Names the picture: the first 16 bytes of the largest rendition's SHA-256, in hexadecimal.
    pub hash: String,
}

/// One size of a photo.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendition {
    /// Width and height in pixels.
    pub side: u32,
    /// A baseline JPEG without metadata.
    pub jpeg: Vec<u8>,
}

impl fmt::Debug for Rendition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rendition({} px, {} bytes)", self.side, self.jpeg.len())
    }
}

/// Shrinks a square into its renditions, upright.
pub(super) fn render(square: DynamicImage, orientation: Orientation) -> Square {
    let mut largest = shrink(&square, square.width().min(SIDES[0]));
    drop(square);
    largest.apply_orientation(orientation);
    let smaller = SIDES.into_iter().filter(|side| *side < largest.width());
    let renditions: Vec<_> =
        iter::once(encode(&largest)).chain(smaller.map(|side| encode(&shrink(&largest, side)))).collect();
    let digest = Sha256::digest(&renditions[0].jpeg);
    let name = digest[..16].iter().fold(0_u128, |name, byte| name << 8 | u128::from(*byte));
    Square { side: largest.width(), hash: format!("{name:032x}"), renditions }
}

fn shrink(square: &DynamicImage, side: u32) -> DynamicImage {
    // If the photo has this size already, this is a copy.
    square.resize_exact(side, side, FilterType::CatmullRom)
}

fn encode(square: &DynamicImage) -> Rendition {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
        .encode_image(square)
        .expect("writing to memory succeeds, and the size fits into a JPEG");
    Rendition { side: square.width(), jpeg }
}
