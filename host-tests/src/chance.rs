//! Chance without chance: the same in every run, so that waits are the same and golden files hold.

use rand::TryRng;
use std::convert::Infallible;

/// Always the middle, which is what waits are spread by, until 256 bytes were drawn: then the next byte
/// value, and so on, because ids and salts must not come twice. wasmtime draws byte by byte. One byte in 64 differs
/// a little, because the component refuses a generator that is stuck.
#[derive(Debug, Default)]
pub struct Chance {
    draws: u64,
}

impl Chance {
    fn next(&mut self) -> u8 {
        let (draws, [.., block, _]) = (self.draws, self.draws.to_be_bytes());
        self.draws += 1;
        // Whoever lives for days draws more than such a counter has: from then on the whole number is mixed.
        let mixed = draws.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes()[0];
        let differs = u8::from(draws >= 256 && draws % 64 == 63);
        if draws < 1 << 16 { MIDDLE ^ block ^ differs } else { mixed ^ block }
    }
}

impl TryRng for Chance {
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
