//! Random UUIDs (RFC 9562, section 5.4).

use crate::host::Host;
use crate::prelude::*;
use core::fmt;

/// A UUID.
#[derive(Clone, Copy, Debug)]
pub struct Uuid(u128);

impl Uuid {
    /// A random UUID, which is version 4.
    pub fn random(host: &dyn Host) -> Self {
        let mut bytes = [0_u8; 16];
        host.fill_random(&mut bytes);
        Self(u128::from_be_bytes(bytes) & !VERSION_AND_VARIANT | VERSION_4)
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let half = |shift: u32| u64::try_from(self.0 >> shift & u128::from(u64::MAX)).unwrap_or_default();
        let digits = format!("{:016x}{:016x}", half(64), half(0));
        let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| digits.get(part).unwrap_or_default());
        f.write_str(&parts.join("-"))
    }
}

const VERSION_AND_VARIANT: u128 = 0xF000_C000_0000_0000_0000;
const VERSION_4: u128 = 0x4000_8000_0000_0000_0000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fake::FakeHost;

    #[test]
    fn a_uuid_has_its_version_and_variant() {
        assert_eq!(Uuid::random(&FakeHost::new()).to_string(), "0708090a-0b0c-4d0e-8f10-111213141516");
    }
}
