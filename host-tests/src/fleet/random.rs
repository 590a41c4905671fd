//! Random numbers that are the same in each run with the same seed.

use rand::TryRng;
use std::convert::Infallible;
use std::time::Duration;

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators").
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The numbers of one of many users of a seed.
    pub fn new(seed: u64, user: u64) -> Self {
        let mut random = Self(seed ^ user.wrapping_mul(0xD134_2543_DE82_EF95));
        random.next();
        random
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 if that is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next().checked_rem(end).unwrap_or(0)
    }

    /// A duration between two, in whole milliseconds.
    pub fn between(&mut self, from: Duration, to: Duration) -> Duration {
        let range = to.saturating_sub(from).as_millis() as u64;
        from + Duration::from_millis(self.below(range + 1))
    }
}

impl TryRng for Random {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.next() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes
            .chunks_mut(8)
            .for_each(|chunk| chunk.copy_from_slice(&self.next().to_be_bytes()[..chunk.len()]));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_and_a_user_determine_the_numbers() {
        let first = |seed, user| Random::new(seed, user).next();
        assert_eq!(first(1, 2), first(1, 2));
        assert_ne!(first(1, 2), first(1, 3));
        assert_ne!(first(1, 2), first(2, 2));
    }

    #[test]
    fn a_duration_is_within_its_bounds_and_reaches_both() {
        let (from, to) = (Duration::from_millis(3), Duration::from_millis(5));
        let mut random = Random::new(1, 1);
        let drawn: std::collections::BTreeSet<_> = (0..100).map(|_| random.between(from, to)).collect();
        assert_eq!(drawn.into_iter().collect::<Vec<_>>(), [3, 4, 5].map(Duration::from_millis));
    }
}
