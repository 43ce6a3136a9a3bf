//! Decodes PNG, row by row.

use std::io::Cursor;

use image::metadata::Orientation;
use png::{Decoder, DecodingError, Transformations};

use super::{Decoded, Limits, Rejection, reduce::Reduction};

/// Decodes the first frame of a PNG. For an animated PNG, this is the picture that other programs
/// show.
///
/// Uses the `png` crate rather than `image`, which would hold the whole picture in memory, in 16
/// bits.
pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Decoded, Rejection> {
    let refuse = |error: DecodingError| rejection(limits, &error);
    let max = usize::try_from(limits.max_memory_bytes).unwrap_or(usize::MAX);
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: max });
    decoder.set_transformations(Transformations::normalize_to_color8());
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let (width, height) = decoder.read_header_info().map_err(refuse)?.size();
    limits.admit(width, height)?;

    let mut reader = decoder.read_info().map_err(refuse)?;
    if reader.info().frame_control.is_some_and(|frame| (frame.width, frame.height) != (width, height)) {
        return Err(Rejection::NotAnImage); // APNG: the first frame covers the whole picture
    }
    let channels = reader.output_color_type().0.samples();
    let mut reduction = Reduction::new(width, height);
    if reader.info().interlaced {
        let size = reader.output_buffer_size().ok_or_else(|| limits.exceeded())?;
        limits.admit_memory(size as u64)?;
        let mut pixels = vec![0; size];
        reader.next_frame(&mut pixels).map_err(refuse)?;
        for (y, row) in (0..).zip(pixels.chunks_exact(width as usize * channels)) {
            reduction.take(y, row, channels);
        }
    } else {
        for y in 0..height {
            let row = reader.next_row().map_err(refuse)?.ok_or(Rejection::NotAnImage)?;
            reduction.take(y, row.data(), channels);
        }
    }
    // Reads to the end chunk. A file without it is truncated.
    reader.finish().map_err(refuse)?;
    let exif = reader.info().exif_metadata.as_deref();
    let orientation = exif.and_then(Orientation::from_exif_chunk);
    Ok((reduction.finish()?, orientation.unwrap_or(Orientation::NoTransforms)))
}

fn rejection(limits: &Limits, error: &DecodingError) -> Rejection {
    match error {
        DecodingError::LimitsExceeded => limits.exceeded(),
        _ => Rejection::NotAnImage,
    }
}
