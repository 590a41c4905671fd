//! The host's randomness, as the `rsa` crate draws it for one signature.

use crate::host::Host;
use rsa::rand_core::{TryCryptoRng, TryRng};

/// Refuses a generator that is stuck before anything is blinded with it.
///
/// The crate draws a blinding factor until one is below the modulus and has an inverse. With a generator
/// that always returns zeros or ones this loop never ends, and any other constant blinds nothing.
pub struct SigningRng<'a> {
    host: &'a dyn Host,
    draws: usize,
}

/// The generator is stuck.
#[derive(Debug, thiserror::Error)]
#[error("the random number generator is stuck")]
pub struct Stuck;

impl<'a> SigningRng<'a> {
    /// A generator for one signature.
    pub fn new(host: &'a dyn Host) -> Self {
        Self { host, draws: 0 }
    }
}

impl TryRng for SigningRng<'_> {
    type Error = Stuck;

    fn try_next_u32(&mut self) -> Result<u32, Stuck> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_ne_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Stuck> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_ne_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Stuck> {
        self.draws = self.draws.saturating_add(1);
        self.host.fill_random(bytes);
        if self.draws > MOST_DRAWS || is_constant(bytes) { Err(Stuck) } else { Ok(()) }
    }
}

impl TryCryptoRng for SigningRng<'_> {}

/// Whether all bytes of a draw that is as long as a blinding factor are the same.
fn is_constant(bytes: &[u8]) -> bool {
    bytes.len() >= SHORTEST_FACTOR
        && bytes.windows(2).all(|pair| matches!(pair, [one, other] if one == other))
}

/// A signature takes six draws, and one more for each factor that is not below the modulus, which is every
/// second one at worst: with a working generator more than this come once in 2^90 signatures.
const MOST_DRAWS: usize = 100;
/// The bytes of a blinding factor for the smallest key; the salt and the other masks are shorter.
const SHORTEST_FACTOR: usize = 256;
