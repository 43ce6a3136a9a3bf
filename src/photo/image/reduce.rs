//! Crops, blends and averages the rows of a picture as a decoder returns them.

use image::{DynamicImage, RgbImage};

use super::{Rejection, SIDES};

/// The minimum side of the averaged square: twice the largest rendition, so that the final filter
/// still has enough detail.
const WORKING_SIDE: u32 = 2 * SIDES[0];

/// Reduces the rows of a picture to a small square.
///
/// Crops each row to the centre square, blends it with white, and averages blocks of `factor` ×
/// `factor` pixels into one.
pub(super) struct Reduction {
    left: u32,
    top: u32,
    side: u32,
    factor: u32,
    sums: Vec<u32>,
    rows: u32,
    square: Vec<u8>,
}

impl Reduction {
    pub(super) fn new(width: u32, height: u32) -> Self {
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
    pub(super) fn take(&mut self, y: u32, row: &[u8], channels: usize) {
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
    pub(super) fn finish(self) -> Result<DynamicImage, Rejection> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
