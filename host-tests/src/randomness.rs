//! A deterministic random number generator: every run draws the same bytes, so waits and golden files are stable.

use rand::TryRng;
use std::convert::Infallible;

/// Draws the byte in the middle of the range, which makes the jitter of a wait its mean. After 256 draws it continues
/// with another byte, because ids and salts must not repeat. One byte in 64 differs slightly, because the component refuses
/// a generator that is stuck. wasmtime draws byte by byte.
#[derive(Debug, Default)]
pub struct DeterministicRng {
    draws: u64,
}

impl DeterministicRng {
    fn next(&mut self) -> u8 {
        let (draws, [.., block, _]) = (self.draws, self.draws.to_be_bytes());
        self.draws += 1;
        // A run of simulated days exceeds the 65,536 draws of that scheme; then all bits of the counter are mixed.
        let mixed = draws.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes()[0];
        let differs = u8::from(draws >= 256 && draws % 64 == 63);
        if draws < 1 << 16 { MIDDLE ^ block ^ differs } else { mixed ^ block }
    }
}

impl TryRng for DeterministicRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_ne_bytes([self.next(); 4]))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_ne_bytes([self.next(); 8]))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.iter_mut().for_each(|byte| *byte = self.next());
        Ok(())
    }
}

const MIDDLE: u8 = 0x80;
