//! Reads the markers of a JPEG without decoding it.

use super::Rejection;

/// The data in the markers of a JPEG (ITU-T T.81, annex B), read without decoding.
///
/// The decoder fills in what a truncated file lacks, and passes over the picture once for every
/// scan. Its interface shows neither.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Survey {
    pub width: u32,
    pub height: u32,
    pub scans: usize,
    /// The memory that the decoder needs in addition to the pixels: all coefficients, if there are
    /// several scans.
    pub coefficient_bytes: u64,
}

impl Survey {
    pub(super) fn of(bytes: &[u8]) -> Result<Self, Rejection> {
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
