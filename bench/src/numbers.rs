//! Medians and percentiles, and the few conversions that are lossless here.

use std::time::Duration;

/// Converts a count into a float.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts here are far below 2^52")]
pub fn real(count: usize) -> f64 {
    count as f64
}

/// Converts a number of bytes or nanoseconds into a float.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "no figure here has more than fifteen significant digits")]
pub fn real64(count: u64) -> f64 {
    count as f64
}

/// The smallest value that is at least as large as `per_mille` of all values (nearest rank, so
/// always a measured one). Sorts the values.
#[must_use]
pub fn percentile(values: &mut [Duration], per_mille: usize) -> Option<Duration> {
    values.sort_unstable();
    let rank = (values.len() * per_mille.min(1000)).div_ceil(1000).max(1);
    values.get(rank - 1).copied()
}

/// Median, minimum and maximum of several runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    pub median: f64,
    pub min: f64,
    pub max: f64,
}

impl Spread {
    /// `None` without a value.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        let (min, max) = (*values.first()?, *values.last()?);
        let middle = values.len() / 2;
        let median =
            if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) };
        Some(Self { median, min, max })
    }
}

/// The median of some durations, in milliseconds; NaN without any, which meets no target.
#[must_use]
pub fn median_ms(values: &mut [Duration]) -> f64 {
    percentile(values, 500).map_or(f64::NAN, ms)
}

#[must_use]
pub fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

#[must_use]
pub fn us(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn durations(ms: impl IntoIterator<Item = u64>) -> Vec<Duration> {
        ms.into_iter().map(Duration::from_millis).collect()
    }

    #[test]
    fn a_percentile_is_a_value_that_was_seen() {
        let mut values = durations((1..=100).rev());
        let at = |values: &mut Vec<_>, per_mille| percentile(values, per_mille).map(|found| found.as_millis());
        assert_eq!(at(&mut values, 990), Some(99));
        assert_eq!(at(&mut values, 1000), Some(100));
        assert_eq!(at(&mut values, 500), Some(50));
        assert_eq!(at(&mut values, 0), Some(1));
        assert_eq!(at(&mut durations([7]), 990), Some(7));
        // Rounded up: of ten values, the 99th percentile is the largest, not the one before it.
        assert_eq!(at(&mut durations(1..=10), 990), Some(10));
        assert_eq!(percentile(&mut [], 990), None);
    }

    #[test]
    fn a_median_of_an_even_number_lies_between() {
        assert_eq!(Spread::of(&[4.0, 1.0, 2.0]), Some(Spread { median: 2.0, min: 1.0, max: 4.0 }));
        assert_eq!(Spread::of(&[4.0, 1.0]), Some(Spread { median: 2.5, min: 1.0, max: 4.0 }));
        assert_eq!(Spread::of(&[]), None);
    }
}
