//! The limits on a photo, and the reasons for which one is rejected.

/// The minimum length of each side in pixels.
pub const MIN_SIDE: u32 = 100;

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

impl Limits {
    pub(super) fn exceeded(&self) -> Rejection {
        Rejection::TooLarge { max_bytes: self.max_bytes, max_pixels: self.max_pixels }
    }

    pub(super) fn admit(&self, width: u32, height: u32) -> Result<(), Rejection> {
        let pixels = u64::from(width) * u64::from(height);
        if width.max(height) > self.max_side || pixels > self.max_pixels {
            Err(self.exceeded())
        } else if width.min(height) < MIN_SIDE {
            Err(Rejection::TooSmall { min_side: MIN_SIDE })
        } else {
            Ok(())
        }
    }

    pub(super) fn admit_memory(&self, bytes: u64) -> Result<(), Rejection> {
        if bytes > self.max_memory_bytes { Err(self.exceeded()) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_limits() {
        assert_eq!(Limits::default().exceeded().to_string(), "must have at most 5 MiB and 40 megapixels");
        assert_eq!(Rejection::TooSmall { min_side: MIN_SIDE }.to_string(), "must have at least 100 × 100 pixels");
    }
}
