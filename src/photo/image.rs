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
//! 2,047 px as the decoder returns them (`Reduction`). Only this small square is resized with a
//! good filter and rotated. A PNG is read row by row unless it is interlaced; a JPEG is decoded as
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

use std::fmt;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{ColorType, DynamicImage, ImageDecoder, ImageError, RgbImage};
use sha2::{Digest, Sha256};

/// Sides of the renditions in pixels, largest first. For a photo that is smaller than the first
/// side, the largest rendition has the photo's own size: nothing is scaled up.
pub const SIDES: [u32; 4] = [512, 256, 128, 64];

/// The minimum length of each side in pixels.
pub const MIN_SIDE: u32 = 100;

/// The minimum side of the averaged square: twice the largest rendition, so that the final filter
/// still has enough detail.
const WORKING_SIDE: u32 = 2 * SIDES[0];

const QUALITY: u8 = 85;

/// Limits on the work and memory for one photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file.
    pub max_bytes: usize,
    /// Width × height.
    pub max_pixels: u64,
    /// Width, and height.
    pub max_side: u32,
    /// Bytes that the decoder may use for pixels and coefficients together.
    pub max_memory_bytes: u64,
    /// Scans of a JPEG. Each one is a pass over the whole picture and costs a dozen bytes of the
    /// file. Encoders write about ten.
    pub max_scans: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 5 << 20,
            max_pixels: 40_000_000,
            max_side: 20_000,
            max_memory_bytes: 240 << 20,
            max_scans: 32,
        }
    }
}

/// Why a file was rejected. Continues the name of the field: "must be a JPEG or a PNG".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Not an image, or one that is damaged or truncated.
    #[error("is not an image, or is damaged")]
    NotAnImage,
    /// An image in another format, or in a variant of JPEG that browsers do not show either.
    #[error("must be a JPEG or a PNG")]
    UnsupportedFormat,
    /// Fewer pixels than a face needs.
    #[error("must have at least {min_side} × {min_side} pixels")]
    TooSmall {
        /// The minimum length of each side.
        min_side: u32,
    },
    /// More bytes, pixels or decoding work than the limits allow.
    #[error(
        "must have at most {} MiB and {} megapixels", .max_bytes >> 20, .max_pixels / 1_000_000
    )]
    TooLarge {
        /// The maximum size of the file.
        max_bytes: usize,
        /// The maximum of width × height.
        max_pixels: u64,
    },
}

/// A photo as it is stored and served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Square {
    /// Width and height of the largest rendition in pixels, [`MIN_SIDE`] to 512.
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
        Format::Jpeg => decode_jpeg,
        Format::Png => decode_png,
        Format::Other => return Err(Rejection::UnsupportedFormat),
        Format::Unknown => return Err(Rejection::NotAnImage),
    };
    // A decoder that panics on hostile bytes has a bug, but the file is rejected anyway.
    let (square, orientation) =
        catch_unwind(AssertUnwindSafe(|| decode(bytes, limits))).unwrap_or(Err(Rejection::NotAnImage))?;

    let mut largest = shrink(&square, square.width().min(SIDES[0]));
    drop(square);
    largest.apply_orientation(orientation);
    let smaller = SIDES.into_iter().filter(|side| *side < largest.width());
    let renditions: Vec<_> =
        std::iter::once(encode(&largest)).chain(smaller.map(|side| encode(&shrink(&largest, side)))).collect();
    let digest = Sha256::digest(&renditions[0].jpeg);
    let name = digest[..16].iter().fold(0_u128, |name, byte| name << 8 | u128::from(*byte));
    Ok(Square { side: largest.width(), hash: format!("{name:032x}"), renditions })
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

impl Limits {
    fn exceeded(&self) -> Rejection {
        Rejection::TooLarge { max_bytes: self.max_bytes, max_pixels: self.max_pixels }
    }

    fn admit(&self, width: u32, height: u32) -> Result<(), Rejection> {
        let pixels = u64::from(width) * u64::from(height);
        if width.max(height) > self.max_side || pixels > self.max_pixels {
            Err(self.exceeded())
        } else if width.min(height) < MIN_SIDE {
            Err(Rejection::TooSmall { min_side: MIN_SIDE })
        } else {
            Ok(())
        }
    }

    fn admit_memory(&self, bytes: u64) -> Result<(), Rejection> {
        if bytes > self.max_memory_bytes { Err(self.exceeded()) } else { Ok(()) }
    }

    fn judge_png(&self, error: &png::DecodingError) -> Rejection {
        match error {
            png::DecodingError::LimitsExceeded => self.exceeded(),
            _ => Rejection::NotAnImage,
        }
    }

    fn judge_jpeg(&self, error: &ImageError) -> Rejection {
        match error {
            ImageError::Limits(_) => self.exceeded(),
            ImageError::Unsupported(_) => Rejection::UnsupportedFormat,
            _ => Rejection::NotAnImage,
        }
    }
}

/// The format of the bytes, regardless of the name of the file.
#[derive(Debug, PartialEq, Eq)]
enum Format {
    Jpeg,
    Png,
    /// An image in a format that is not accepted.
    Other,
    /// Not a known image format.
    Unknown,
}

impl Format {
    fn of(bytes: &[u8]) -> Self {
        let has = |at: usize, magic: &[u8]| bytes.get(at..).is_some_and(|b| b.starts_with(magic));
        if has(0, b"\xff\xd8\xff") {
            Self::Jpeg
        } else if has(0, b"\x89PNG\r\n\x1a\n") {
            Self::Png
        } else if has(0, b"GIF87a")
            || has(0, b"GIF89a")
            || (has(0, b"RIFF") && has(8, b"WEBP"))
            || [&b"II*\0"[..], b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|magic| has(0, magic))
            || has(0, b"8BPS\0")
            || has(0, b"\xff\x0a")
            || has(0, b"\0\0\0\x0cJXL ")
            || has(0, b"\0\0\0\x0cjP  ")
            || has(0, b"qoif")
            || (has(0, b"\0\0\x01\0") || has(0, b"\0\0\x02\0")) && !has(4, b"\0\0")
            || is_bmp(bytes)
            || is_heif(bytes)
            || is_svg(bytes)
        {
            Self::Other
        } else {
            Self::Unknown
        }
    }
}

/// The two letters are not enough to detect a BMP. The size of its second header is one of a few
/// values.
fn is_bmp(bytes: &[u8]) -> bool {
    bytes.starts_with(b"BM") && matches!(bytes.get(14..18), Some([12 | 40 | 52 | 56 | 64 | 108 | 124, 0, 0, 0]))
}

/// HEIC, AVIF and related formats are listed in the brands of their first box.
fn is_heif(bytes: &[u8]) -> bool {
    const BRANDS: [&[u8]; 8] = [b"avif", b"avis", b"heic", b"heix", b"heim", b"hevc", b"mif1", b"msf1"];
    let Some((size, b"ftyp")) = bytes.get(..8).map(|head| head.split_at(4)) else {
        return false;
    };
    let size = size.iter().fold(0, |size, byte| size << 8 | usize::from(*byte));
    let brands = &bytes[8..size.clamp(8, bytes.len().min(256))];
    brands.chunks(4).any(|brand| BRANDS.contains(&brand))
}

/// An SVG document: finds its root element after anything that XML allows before it.
fn is_svg(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]);
    let head = head.trim_start_matches('\u{feff}').trim_start();
    let starts = |prefix: &str| head.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    let is_root = |rest: &str| rest.starts_with([' ', '\t', '\r', '\n', '>', '/']);
    let named = || head.split("<svg").skip(1).any(is_root);
    (starts("<svg") || starts("<?xml") || starts("<!--") || starts("<!doctype svg")) && named()
}

/// Reduces the rows of a picture to a small square.
///
/// Crops each row to the centre square, blends it with white, and averages blocks of `factor` ×
/// `factor` pixels into one.
struct Reduction {
    left: u32,
    top: u32,
    side: u32,
    factor: u32,
    sums: Vec<u32>,
    rows: u32,
    square: Vec<u8>,
}

impl Reduction {
    fn new(width: u32, height: u32) -> Self {
        let whole = width.min(height);
        let factor = (whole / WORKING_SIDE).max(1);
        let side = whole / factor;
        Self {
            left: (width - side * factor) / 2,
            top: (height - side * factor) / 2,
            side,
            factor,
            sums: vec![0; side as usize * 3],
            rows: 0,
            square: Vec::with_capacity(side as usize * side as usize * 3),
        }
    }

    /// Adds row `y` with `channels` bytes per pixel: grey, grey and alpha, RGB, or RGBA.
    fn take(&mut self, y: u32, row: &[u8], channels: usize) {
        if y < self.top || self.rows == self.side * self.factor {
            return;
        }
        let used = row.chunks_exact(channels).skip(self.left as usize);
        let mut blocks = self.sums.chunks_exact_mut(3);
        let mut block = blocks.next();
        let mut left_in_block = self.factor;
        for pixel in used {
            let Some(sums) = block.as_mut() else { break };
            let [r, g, b] = on_white(pixel);
            sums[0] += r;
            sums[1] += g;
            sums[2] += b;
            left_in_block -= 1;
            if left_in_block == 0 {
                left_in_block = self.factor;
                block = blocks.next();
            }
        }
        self.rows += 1;
        if self.rows.is_multiple_of(self.factor) {
            let area = self.factor * self.factor;
            self.square.extend(
                self.sums
                    .iter()
                    .map(|sum| u8::try_from((sum + area / 2) / area).expect("an average of bytes is a byte")),
            );
            self.sums.fill(0);
        }
    }

    /// The square, if all of its rows were added.
    fn finish(self) -> Result<DynamicImage, Rejection> {
        RgbImage::from_raw(self.side, self.side, self.square).map(DynamicImage::from).ok_or(Rejection::NotAnImage)
    }
}

fn on_white(pixel: &[u8]) -> [u32; 3] {
    let blend = |value: u8, opacity: u8| {
        let (value, opacity) = (u32::from(value), u32::from(opacity));
        (value * opacity + 255 * (255 - opacity) + 127) / 255
    };
    match *pixel {
        [grey] => [u32::from(grey); 3],
        [grey, opacity] => [blend(grey, opacity); 3],
        [r, g, b] | [r, g, b, 255] => [r, g, b].map(u32::from),
        [r, g, b, opacity] => [r, g, b].map(|value| blend(value, opacity)),
        _ => unreachable!("pixels have one to four channels"),
    }
}

type Decoded = (DynamicImage, Orientation);

/// Decodes the first frame of a PNG. For an animated PNG, this is the picture that other programs
/// show.
///
/// Uses the `png` crate rather than `image`, which would hold the whole picture in memory, in 16
/// bits.
fn decode_png(bytes: &[u8], limits: &Limits) -> Result<Decoded, Rejection> {
    let judge = |error: png::DecodingError| limits.judge_png(&error);
    let max = usize::try_from(limits.max_memory_bytes).unwrap_or(usize::MAX);
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: max });
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let (width, height) = decoder.read_header_info().map_err(judge)?.size();
    limits.admit(width, height)?;

    let mut reader = decoder.read_info().map_err(judge)?;
    if reader.info().frame_control.is_some_and(|frame| (frame.width, frame.height) != (width, height)) {
        return Err(Rejection::NotAnImage); // APNG: the first frame covers the whole picture
    }
    let channels = reader.output_color_type().0.samples();
    let mut reduction = Reduction::new(width, height);
    if reader.info().interlaced {
        let size = reader.output_buffer_size().ok_or_else(|| limits.exceeded())?;
        limits.admit_memory(size as u64)?;
        let mut pixels = vec![0; size];
        reader.next_frame(&mut pixels).map_err(judge)?;
        for (y, row) in (0..).zip(pixels.chunks_exact(width as usize * channels)) {
            reduction.take(y, row, channels);
        }
    } else {
        for y in 0..height {
            let row = reader.next_row().map_err(judge)?.ok_or(Rejection::NotAnImage)?;
            reduction.take(y, row.data(), channels);
        }
    }
    // Reads to the end chunk. A file without it is truncated.
    reader.finish().map_err(judge)?;
    let exif = reader.info().exif_metadata.as_deref();
    let orientation = exif.and_then(Orientation::from_exif_chunk);
    Ok((reduction.finish()?, orientation.unwrap_or(Orientation::NoTransforms)))
}

fn decode_jpeg(bytes: &[u8], limits: &Limits) -> Result<Decoded, Rejection> {
    let judge = |error: ImageError| limits.judge_jpeg(&error);
    let survey = Survey::of(bytes)?;
    limits.admit(survey.width, survey.height)?;
    if survey.scans > limits.max_scans {
        return Err(limits.exceeded());
    }

    let mut decoder = JpegDecoder::new(Cursor::new(bytes)).map_err(judge)?;
    if decoder.dimensions() != (survey.width, survey.height) {
        return Err(Rejection::NotAnImage); // two different headers: ambiguous
    }
    let orientation = decoder.orientation().map_err(judge)?;
    let channels = match decoder.color_type() {
        ColorType::L8 => 1,
        ColorType::La8 => 2,
        ColorType::Rgb8 => 3,
        ColorType::Rgba8 => 4,
        _ => return Err(Rejection::UnsupportedFormat),
    };
    limits.admit_memory(decoder.total_bytes() + survey.coefficient_bytes)?;
    let size = usize::try_from(decoder.total_bytes()).map_err(|_| limits.exceeded())?;
    let mut pixels = vec![0; size];
    decoder.read_image(&mut pixels).map_err(judge)?;

    let mut reduction = Reduction::new(survey.width, survey.height);
    for (y, row) in (0..).zip(pixels.chunks_exact(survey.width as usize * channels)) {
        reduction.take(y, row, channels);
    }
    Ok((reduction.finish()?, orientation))
}

/// The data in the markers of a JPEG (ITU-T T.81, annex B), read without decoding.
///
/// The decoder fills in what a truncated file lacks, and passes over the picture once for every
/// scan. Its interface shows neither.
#[derive(Debug, PartialEq, Eq)]
struct Survey {
    width: u32,
    height: u32,
    scans: usize,
    /// The memory that the decoder needs in addition to the pixels: all coefficients, if there are
    /// several scans.
    coefficient_bytes: u64,
}

impl Survey {
    fn of(bytes: &[u8]) -> Result<Self, Rejection> {
        let mut frame = None;
        let mut scans = 0;
        let mut components_in_first_scan = 0;
        let mut rest = bytes;
        loop {
            let (marker, after) = next_marker(rest).ok_or(Rejection::NotAnImage)?;
            rest = after;
            if marker == 0xd9 {
                break; // end of image
            }
            if matches!(marker, 0x01 | 0xd8) {
                continue; // markers without a segment
            }
            let (segment, after) = segment(rest).ok_or(Rejection::NotAnImage)?;
            rest = after;
            match marker {
                0xc4 | 0xc8 | 0xcc => {} // tables, whose numbers are between those of frame headers
                0xc0..=0xcf if frame.is_some() => return Err(Rejection::NotAnImage),
                0xc0..=0xc2 => frame = Some(Frame::of(segment, marker == 0xc2)?),
                0xc3..=0xcf => return Err(Rejection::UnsupportedFormat), // lossless, arithmetic
                0xda => {
                    if scans == 0 {
                        components_in_first_scan = segment.first().copied().unwrap_or(0);
                    }
                    scans += 1;
                }
                _ => {}
            }
        }
        let frame: Frame = frame.filter(|_| scans > 0).ok_or(Rejection::NotAnImage)?;
        let at_once = !frame.progressive && components_in_first_scan == frame.components;
        Ok(Self {
            width: frame.width,
            height: frame.height,
            scans,
            coefficient_bytes: if at_once { 0 } else { frame.coefficient_bytes },
        })
    }
}

/// The next marker, and the bytes after it. Skips the compressed data: stuffed bytes and restart
/// markers.
fn next_marker(mut bytes: &[u8]) -> Option<(u8, &[u8])> {
    loop {
        let at = bytes.iter().position(|byte| *byte == 0xff)?;
        let (marker, after) = bytes[at + 1..].split_first()?;
        match marker {
            0x00 | 0xd0..=0xd7 => bytes = after,
            0xff => bytes = &bytes[at + 1..], // fill byte
            _ => return Some((*marker, after)),
        }
    }
}

/// The segment of a marker without its length, and the bytes after it.
fn segment(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)).checked_sub(2)?)
}

struct Frame {
    width: u32,
    height: u32,
    components: u8,
    progressive: bool,
    coefficient_bytes: u64,
}

impl Frame {
    fn of(segment: &[u8], progressive: bool) -> Result<Self, Rejection> {
        let [precision, h0, h1, w0, w1, count, components @ ..] = segment else {
            return Err(Rejection::NotAnImage);
        };
        if *precision != 8 {
            return Err(Rejection::UnsupportedFormat);
        }
        let (width, height) = (u16::from_be_bytes([*w0, *w1]), u16::from_be_bytes([*h0, *h1]));
        let sampling: Vec<(u64, u64)> = components
            .chunks_exact(3)
            .map(|component| (u64::from(component[1] >> 4), u64::from(component[1] & 15)))
            .collect();
        let valid = |(h, v): &(u64, u64)| (1..=4).contains(h) && (1..=4).contains(v);
        let (Some(h_max), Some(v_max), true) = (
            sampling.iter().map(|(h, _)| *h).max(),
            sampling.iter().map(|(_, v)| *v).max(),
            sampling.len() == usize::from(*count) && sampling.iter().all(valid) && height > 0,
        ) else {
            return Err(Rejection::NotAnImage);
        };
        let blocks = |pixels: u16, most: u64| u64::from(pixels).div_ceil(8 * most);
        let units = blocks(width, h_max) * blocks(height, v_max);
        let per_unit: u64 = sampling.iter().map(|(h, v)| h * v).sum();
        Ok(Self {
            width: u32::from(width),
            height: u32::from(height),
            components: *count,
            progressive,
            coefficient_bytes: units * per_unit * 64 * 2,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use image::{ImageFormat, Rgb};

    use super::*;

    const RED: Rgb<u8> = Rgb([220, 30, 30]);
    const GREEN: Rgb<u8> = Rgb([30, 180, 30]);
    const BLUE: Rgb<u8> = Rgb([30, 30, 220]);
    const YELLOW: Rgb<u8> = Rgb([240, 220, 40]);

    fn fixture(name: &str) -> Vec<u8> {
        let path = format!("{}/tests/fixtures/photos/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn taken(name: &str) -> Square {
        renditions(&fixture(name)).unwrap_or_else(|rejection| panic!("{name}: {rejection}"))
    }

    fn reason(bytes: &[u8]) -> &'static str {
        match renditions(bytes) {
            Ok(_) => "taken",
            Err(Rejection::NotAnImage) => "not an image",
            Err(Rejection::UnsupportedFormat) => "unsupported",
            Err(Rejection::TooSmall { .. }) => "too small",
            Err(Rejection::TooLarge { .. }) => "too large",
        }
    }

    fn pixels(rendition: &Rendition) -> RgbImage {
        image::load_from_memory_with_format(&rendition.jpeg, ImageFormat::Jpeg).unwrap().into_rgb8()
    }

    /// The middle of each quarter of the largest rendition: above left, right, below left, right.
    fn quarters(square: &Square) -> [Rgb<u8>; 4] {
        let picture = pixels(&square.renditions[0]);
        let (near, far) = (square.side / 4, square.side * 3 / 4);
        [(near, near), (far, near), (near, far), (far, far)].map(|(x, y)| *picture.get_pixel(x, y))
    }

    fn assert_alike(name: &str, seen: [Rgb<u8>; 4], expected: [Rgb<u8>; 4]) {
        for (seen, expected) in seen.iter().zip(expected) {
            let far = seen.0.iter().zip(expected.0).any(|(a, b)| a.abs_diff(b) > 8);
            assert!(!far, "{name}: {seen:?} instead of {expected:?}");
        }
    }

    fn png_of(picture: impl Into<DynamicImage>) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.into().write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    fn jpeg_of(picture: impl Into<DynamicImage>) -> Vec<u8> {
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, 90).encode_image(&picture.into()).unwrap();
        bytes
    }

    /// Four quarters, in any size.
    fn picture(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| match (x < width / 2, y < height / 2) {
            (true, true) => RED,
            (false, true) => GREEN,
            (true, false) => BLUE,
            (false, false) => YELLOW,
        })
    }

    /// An EXIF block that contains only the orientation.
    fn exif(orientation: u8) -> Vec<u8> {
        let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
        exif
    }

    fn with_segment(jpeg: &[u8], marker: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
        let (start, rest) = jpeg.split_at(2);
        [start, &[0xff, marker], &length, content, rest].concat()
    }

    #[test]
    fn every_kind_of_jpeg_and_png_shows_its_colours() {
        let all = [RED, GREEN, BLUE, YELLOW];
        let half_black = Rgb([127, 127, 0]);
        let white = Rgb([255; 3]);
        for (name, expected) in [
            ("100x100.png", all),
            ("photo.jpg", all),
            ("progressive.jpg", all),
            ("grey.jpg", [Rgb([87; 3]), Rgb([118; 3]), Rgb([52; 3]), Rgb([205; 3])]),
            ("16bit.png", all),
            ("palette.png", all),
            ("interlaced.png", all),
            ("animated.png", all),
            ("cmyk.jpg", [RED, GREEN, BLUE, half_black]),
            ("ycck.jpg", [RED, GREEN, BLUE, half_black]),
            ("transparent.png", [white, GREEN, Rgb([142, 142, 237]), YELLOW]),
            ("gps.jpg", [BLUE, RED, YELLOW, GREEN]),
        ] {
            assert_alike(name, quarters(&taken(name)), expected);
        }
    }

    #[test]
    fn a_rejection_has_the_right_reason() {
        for (name, expected) in [
            ("99x100.png", "too small"),
            ("bomb.png", "too large"),
            ("bomb.jpg", "too large"),
            ("animation.gif", "unsupported"),
            ("photo.webp", "unsupported"),
            ("drawing.svg", "unsupported"),
            ("html.png", "not an image"),
            ("truncated.jpg", "not an image"),
            ("truncated.png", "not an image"),
        ] {
            assert_eq!(reason(&fixture(name)), expected, "{name}");
        }
    }

    #[test]
    fn other_formats_are_known_by_their_first_bytes() {
        let bmp = [&b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0"[..], &[40, 0, 0, 0]].concat();
        for (bytes, expected) in [
            (&b""[..], Format::Unknown),
            (b"plain text", Format::Unknown),
            (b"BMW and other cars, in a text", Format::Unknown),
            (&bmp, Format::Other),
            (b"II*\0\x08\0\0\0", Format::Other),
            (b"MM\0*\0\0\0\x08", Format::Other),
            (b"\0\0\x01\0\x01\0\x10\x10", Format::Other),
            (b"\0\0\x01\0\0\0", Format::Unknown),
            (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", Format::Other),
            (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", Format::Other),
            (b"\0\0\0\x18ftypisom\0\0\x02\0isommp41", Format::Unknown),
            (b"\xff\xff\xff\xffftyp", Format::Unknown),
            (b"\xff\x0a\xfa\x1f", Format::Other),
            (b"\xef\xbb\xbf <svg xmlns='x'/>", Format::Other),
            (b"<!-- made by hand --><svg>", Format::Other),
            (b"<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' ''><svg width='1'>", Format::Other),
            (b"<?xml version='1.0'?><svgish/>", Format::Unknown),
            (b"<?xml version='1.0'?><feed/>", Format::Unknown),
            (b"<!doctype html><p>see <svg></svg>", Format::Unknown),
            (b"<html><svg></svg>", Format::Unknown),
            (b"\x89PNG\r\n\x1a\n", Format::Png),
            (b"\x89PNG\n\x1a\n", Format::Unknown),
            (b"\xff\xd8\xff\xe0", Format::Jpeg),
            (b"\xff\xd8", Format::Unknown),
        ] {
            assert_eq!(Format::of(bytes), expected, "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn nothing_is_scaled_up_and_no_size_comes_twice() {
        for (width, height, expected) in [
            (100, 100, &[100, 64][..]),
            (100, 300, &[100, 64]),
            (128, 200, &[128, 64]),
            (300, 301, &[300, 256, 128, 64]),
            (512, 512, &[512, 256, 128, 64]),
            (513, 700, &[512, 256, 128, 64]),
            (2049, 2050, &[512, 256, 128, 64]),
        ] {
            let square = renditions(&png_of(picture(width, height))).unwrap();
            let sides: Vec<_> = square.renditions.iter().map(|r| r.side).collect();
            assert_eq!(sides, expected);
            assert_eq!(square.side, expected[0]);
            for rendition in &square.renditions {
                assert_eq!(pixels(rendition).dimensions(), (rendition.side, rendition.side));
            }
            assert_alike("size", quarters(&square), [RED, GREEN, BLUE, YELLOW]);
        }
    }

    #[test]
    fn the_centre_is_kept() {
        let stripes = |along: fn(u32, u32) -> u32| {
            move |x, y| match along(x, y) {
                0..1000 => RED,
                1000..2200 => GREEN,
                _ => BLUE,
            }
        };
        let wide = RgbImage::from_fn(3200, 1200, stripes(|x, _| x));
        let tall = RgbImage::from_fn(1200, 3200, stripes(|_, y| y));
        for photo in [png_of(wide), jpeg_of(tall)] {
            let picture = pixels(&renditions(&photo).unwrap().renditions[0]);
            for at in [2, 255, 509] {
                for (x, y) in [(at, 255), (255, at)] {
                    assert_alike("centre", [*picture.get_pixel(x, y); 4], [GREEN; 4]);
                }
            }
        }
    }

    #[test]
    fn blocks_are_averaged_and_every_pixel_of_the_square_counts() {
        // 3 × 3 blocks out of a square of 3,075 px in a wider picture.
        let mut reduction = Reduction::new(3081, 3075);
        assert_eq!((reduction.factor, reduction.side, reduction.left), (3, 1025, 3));
        for y in 0..3075 {
            let row: Vec<u8> = (0..3081).map(|x| if (x + y) % 3 == 0 { 90 } else { 0 }).collect();
            reduction.take(y, &row, 1);
        }
        assert!(reduction.finish().unwrap().into_rgb8().pixels().all(|pixel| pixel.0 == [30; 3]));
    }

    #[test]
    fn a_photo_stands_upright_however_the_camera_was_held() {
        let jpeg = jpeg_of(picture(240, 160));
        for (orientation, expected) in [
            (1, [RED, GREEN, BLUE, YELLOW]),
            (2, [GREEN, RED, YELLOW, BLUE]),
            (3, [YELLOW, BLUE, GREEN, RED]),
            (4, [BLUE, YELLOW, RED, GREEN]),
            (5, [RED, BLUE, GREEN, YELLOW]),
            (6, [BLUE, RED, YELLOW, GREEN]),
            (7, [YELLOW, GREEN, BLUE, RED]),
            (8, [GREEN, YELLOW, RED, BLUE]),
            (0, [RED, GREEN, BLUE, YELLOW]),
            (9, [RED, GREEN, BLUE, YELLOW]),
        ] {
            let photo = with_segment(&jpeg, 0xe1, &exif(orientation));
            let square = renditions(&photo).unwrap();
            assert_alike(&format!("orientation {orientation}"), quarters(&square), expected);
        }
    }

    #[test]
    fn a_png_may_say_how_the_camera_was_held_too() {
        let png = png_of(picture(120, 120));
        let chunk = png_chunk(*b"eXIf", &exif(3)[6..]);
        let photo = [&png[..33], &chunk, &png[33..]].concat();
        let square = renditions(&photo).unwrap();
        assert_alike("eXIf", quarters(&square), [YELLOW, BLUE, GREEN, RED]);
    }

    #[test]
    fn no_metadata_and_no_appended_data_survives() {
        const SECRET: &[u8] = b"a marker that must not get out";
        let jpeg = jpeg_of(picture(160, 160));
        let mut photos = vec![("gps.jpg", fixture("gps.jpg"))];
        for (name, marker) in [("EXIF", 0xe1), ("ICC", 0xe2), ("IPTC", 0xed), ("comment", 0xfe)] {
            photos.push((name, with_segment(&jpeg, marker, SECRET)));
        }
        photos.push(("behind", [&jpeg[..], SECRET].concat()));
        let png = png_of(picture(160, 160));
        let chunk = png_chunk(*b"tEXt", &[b"Comment\0", SECRET].concat());
        photos.push(("tEXt", [&png[..33], &chunk, &png[33..]].concat()));
        photos.push(("behind", [&png[..], SECRET].concat()));

        for (name, photo) in photos {
            for rendition in renditions(&photo).unwrap().renditions {
                let holds = |bytes: &[u8]| rendition.jpeg.windows(bytes.len()).any(|w| w == bytes);
                for trace in [SECRET, b"Secretcam", b"Exif", b"ICC_PROFILE", b"\xff\xe1", b"GPS"] {
                    assert!(!holds(trace), "{name}: {}", String::from_utf8_lossy(trace));
                }
            }
        }
    }

    #[test]
    fn the_name_is_the_largest_rendition() {
        let (first, again) = (taken("photo.jpg"), taken("photo.jpg"));
        assert_eq!(first, again);
        assert_eq!(first.hash.len(), 32);
        assert!(first.hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')));
        assert_ne!(first.hash, taken("gps.jpg").hash);
        let digest = Sha256::digest(&first.renditions[0].jpeg);
        assert!(first.hash.starts_with(&format!("{:02x}{:02x}", digest[0], digest[1])));
    }

    fn png_chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
        let crc = [&kind[..], data].concat().iter().fold(!0_u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 })
        });
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        [&length, &kind, data, &(!crc).to_be_bytes()].concat()
    }

    fn png_header(width: u32, height: u32, depth: u8, colour: u8) -> Vec<u8> {
        let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
        let header = png_chunk(*b"IHDR", &[&size[..], &[depth, colour, 0, 0, 0]].concat());
        [&b"\x89PNG\r\n\x1a\n"[..], &header].concat()
    }

    #[test]
    fn bombs_are_refused_by_their_header_alone() {
        let start = Instant::now();
        for (width, height) in [(20_000, 20_000), (65_535, 65_535), (1, u32::MAX >> 1), (40_001, 1_000)] {
            assert_eq!(reason(&png_header(width, height, 16, 6)), "too large");
        }
        assert_eq!(reason(&fixture("bomb.png")), "too large");
        assert_eq!(reason(&fixture("bomb.jpg")), "too large");
        assert_eq!(reason(&vec![0; (5 << 20) + 1]), "too large");
        assert!(start.elapsed() < Duration::from_secs(1));
    }

    #[test]
    fn a_header_without_a_picture_is_no_image() {
        assert_eq!(reason(&png_header(200, 200, 8, 2)), "not an image");
        assert_eq!(reason(&png_header(0, 0, 8, 2)), "not an image");
        assert_eq!(reason(b"\xff\xd8\xff\xd9"), "not an image");
        assert_eq!(reason(b"\xff\xd8\xff"), "not an image");
    }

    #[test]
    fn limits_are_met_to_the_pixel() {
        let limits = Limits { max_bytes: 100_000, max_pixels: 40_000, max_side: 300, ..Limits::default() };
        let of = |width, height| renditions_within(&png_of(picture(width, height)), &limits).map(|square| square.side);
        assert_eq!(of(200, 200), Ok(200));
        assert_eq!(of(300, 133), Ok(133));
        for (width, height) in [(200, 201), (301, 100)] {
            assert_eq!(of(width, height), Err(limits.exceeded()));
        }
        assert_eq!(of(300, 99), Err(Rejection::TooSmall { min_side: 100 }));
        let bytes = png_of(picture(120, 120));
        let tight = Limits { max_bytes: bytes.len() - 1, ..Limits::default() };
        assert_eq!(renditions_within(&bytes, &tight), Err(tight.exceeded()));
    }

    #[test]
    fn decoding_that_takes_too_much_memory_or_too_many_walks_is_refused() {
        let bytes = fixture("progressive.jpg");
        let survey = Survey::of(&bytes).unwrap();
        assert_eq!((survey.width, survey.height), (320, 240));
        assert_eq!(survey.coefficient_bytes, 320 * 240 * 3 * 2);
        let pixels = 320 * 240 * 3;
        let with = |max_memory_bytes, max_scans| {
            let limits = Limits { max_memory_bytes, max_scans, ..Limits::default() };
            renditions_within(&bytes, &limits).is_ok()
        };
        assert!(with(pixels * 3, survey.scans));
        assert!(!with(pixels * 3 - 1, survey.scans));
        assert!(!with(pixels * 3, survey.scans - 1));
        assert_eq!(Survey::of(&fixture("photo.jpg")).unwrap().coefficient_bytes, 0);
    }

    #[test]
    fn messages_name_the_limits() {
        assert_eq!(Limits::default().exceeded().to_string(), "must have at most 5 MiB and 40 megapixels");
        assert_eq!(Rejection::TooSmall { min_side: MIN_SIDE }.to_string(), "must have at least 100 × 100 pixels");
    }

    #[test]
    fn wherever_a_file_is_cut_off_it_is_no_image() {
        for name in ["photo.jpg", "progressive.jpg", "cmyk.jpg", "100x100.png", "animated.png", "interlaced.png"] {
            let bytes = fixture(name);
            for length in (3..bytes.len()).step_by(13).chain([bytes.len() - 1]) {
                assert_eq!(reason(&bytes[..length]), "not an image", "{name} at {length}");
            }
        }
    }

    #[test]
    fn no_damage_makes_it_panic_or_hang() {
        let mut random = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = move |below: usize| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            usize::try_from(random % below as u64).unwrap()
        };
        let limits = Limits { max_pixels: 1_000_000, ..Limits::default() };
        for name in
            ["photo.jpg", "progressive.jpg", "gps.jpg", "ycck.jpg", "animated.png", "interlaced.png", "palette.png"]
        {
            let whole = fixture(name);
            for _ in 0..30 {
                let mut bytes = whole.clone();
                for _ in 0..=next(4) {
                    let at = next(bytes.len());
                    bytes[at] = u8::try_from(next(256)).unwrap();
                }
                if let Ok(square) = renditions_within(&bytes, &limits) {
                    assert_eq!(pixels(&square.renditions[0]).width(), square.side);
                }
            }
        }
    }
}
