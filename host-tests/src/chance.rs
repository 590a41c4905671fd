//! Chance without chance: the same in every run, so that waits are the same and golden files hold.

use rand::TryRng;
use std::convert::Infallible;

/// Draws of a byte or two (what waits are spread by) are always the same; long ones (ids, salts) differ
/// from each other, because a service may refuse one that comes twice.
#[derive(Debug, Default)]
pub struct Chance {
    long_draws: u64,
}

impl TryRng for Chance {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_ne_bytes([MIDDLE; 4]))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_ne_bytes([MIDDLE; 8]))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.fill(MIDDLE);
        if bytes.len() >= 16 {
            let number = self.long_draws.to_be_bytes();
            bytes.iter_mut().rev().zip(number.iter().rev()).for_each(|(byte, number)| *byte ^= number);
            self.long_draws += 1;
        }
        Ok(())
    }
}

const MIDDLE: u8 = 0x80;
