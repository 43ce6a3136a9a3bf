//! Decodes JPEG, as a whole.

use std::io::Cursor;

use image::{ColorType, ImageDecoder, ImageError, codecs::jpeg::JpegDecoder};

use super::{Decoded, Limits, Rejection, reduce::Reduction, survey::Survey};

pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Decoded, Rejection> {
    let refuse = |error: ImageError| rejection(limits, &error);
    let survey = Survey::of(bytes)?;
    limits.admit(survey.width, survey.height)?;
    if survey.scans > limits.max_scans {
        return Err(limits.exceeded());
    }

    let mut decoder = JpegDecoder::new(Cursor::new(bytes)).map_err(refuse)?;
    if decoder.dimensions() != (survey.width, survey.height) {
        return Err(Rejection::NotAnImage); // two different headers: ambiguous
    }
    let orientation = decoder.orientation().map_err(refuse)?;
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
    decoder.read_image(&mut pixels).map_err(refuse)?;

    let mut reduction = Reduction::new(survey.width, survey.height);
    for (y, row) in (0..).zip(pixels.chunks_exact(survey.width as usize * channels)) {
        reduction.take(y, row, channels);
    }
    Ok((reduction.finish()?, orientation))
}

fn rejection(limits: &Limits, error: &ImageError) -> Rejection {
    match error {
        ImageError::Limits(_) => limits.exceeded(),
        ImageError::Unsupported(_) => Rejection::UnsupportedFormat,
        _ => Rejection::NotAnImage,
    }
}
