//! Random numbers that a seed determines, so that a run can be repeated.

use std::{ops::Range, time::Duration};

/// `SplitMix64`.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Another generator, with different numbers.
    #[must_use]
    pub fn fork(&mut self) -> Self {
        Self(self.number())
    }

    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Uniformly random, at least the start and less than the end of a range.
    pub fn between(&mut self, range: Range<Duration>) -> Duration {
        let share = (range.end.saturating_sub(range.start).as_nanos() * u128::from(self.number())) >> 64;
        range.start + Duration::from_nanos(u64::try_from(share).expect("less than 585 years"))
    }

    /// Uniformly random, at least the start and less than the end of a range of milliseconds.
    pub fn ms(&mut self, range: Range<u64>) -> Duration {
        self.between(Duration::from_millis(range.start)..Duration::from_millis(range.end))
    }

    /// Uniformly random, less than `count`, which is not 0.
    pub fn below(&mut self, count: usize) -> usize {
        usize::try_from((count as u128 * u128::from(self.number())) >> 64).expect("less than a usize")
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of several, or `None` of none.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        (!of.is_empty()).then(|| &of[self.below(of.len())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_determines_the_numbers() {
        let numbers = |seed| {
            let mut random = Random::new(seed);
            (random.number(), random.fork().number(), random.ms(5..10), random.below(3))
        };
        assert_eq!(numbers(7), numbers(7));
        assert_ne!(numbers(7), numbers(8));
    }

    #[test]
    fn numbers_stay_in_their_range_and_reach_all_of_it() {
        let mut random = Random::new(0);
        let mut seen = [0; 5];
        for _ in 0..1_000 {
            seen[random.below(5)] += 1;
            assert!((5..10).contains(&random.ms(5..10).as_millis()));
        }
        assert!(seen.iter().all(|count| *count > 100), "{seen:?}");
        assert_eq!(random.pick::<u8>(&[]), None);
    }
}
