//! RSA keys and their signatures (RFC 8017), by the `rsa` crate.
//!
//! The crate blinds the message, both exponents and both primes with the host's randomness, computes in
//! constant time, and raises every signature to the public exponent before it returns it
//! (`rsa_decrypt_and_check` in its `algorithms/rsa.rs`): a fault in the Chinese remainder theorem would
//! give a prime away (Boneh, DeMillo, Lipton 1997).

use super::error::CertificateError;
use super::rsa_usage::Usage;
use super::signing_rng::SigningRng;
use super::stack::overwriting_stack;
use crate::host::Host;
use crate::prelude::*;
use rsa::BoxedUint;
use sha2::Sha256;

/// A public key; both numbers big-endian, without zeros in front.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// `n`
    pub modulus: Vec<u8>,
    /// `e`
    pub exponent: Vec<u8>,
}

/// A private key whose numbers belong together.
pub struct PrivateKey {
    /// Its public half.
    pub public: PublicKey,
    usage: Usage,
    key: rsa::PrivateKey,
}

/// Why there is no signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SigningError {
    /// The signature that was computed does not verify.
    #[error("the signature does not verify with the certificate's own key; the machine miscomputed")]
    Fault,
    /// RS256 with a key for RSASSA-PSS.
    #[error(
        "AD FS takes RS256 alone, and the certificate's key is for RSASSA-PSS; make a certificate with an RSA key"
    )]
    PssAlone,
    /// The host's randomness does not change.
    #[error("the host's random number generator is stuck, and without randomness no signature is blinded")]
    Randomness,
}

impl PrivateKey {
    /// The key of these numbers, all big-endian: the private exponent and the two primes.
    ///
    /// # Errors
    /// [`KeySize`](CertificateError::KeySize) for a modulus of fewer than 2048 or more than 8192 bits, and
    /// [`InconsistentKey`](CertificateError::InconsistentKey) when the numbers are not those of one key.
    pub fn new(public: PublicKey, exponent: &[u8], primes: [&[u8]; 2]) -> Result<Self, CertificateError> {
        if !(2048..=8192).contains(&bits(&public.modulus)) {
            return Err(CertificateError::KeySize);
        }
        // Every number is held at the modulus's width, so neither the time nor the memory of what follows
        // depends on how long a hostile file makes one, and the width of a secret one is not revealed.
        let width = public.modulus.len();
        let key = || {
            let [p, q] = primes.map(|prime| number(prime, width));
            let (n, e) = (number(&public.modulus, width)?, number(&public.exponent, WIDEST_EXPONENT)?);
            rsa::PrivateKey::from_components(n, e, number(exponent, width)?, vec![p?, q?]).ok()
        };
        let key = key().ok_or(CertificateError::InconsistentKey)?;
        Ok(Self { public, usage: Usage::Any, key })
    }

    /// The same key, for nothing but what this allows too.
    ///
    /// # Errors
    /// [`OtherPss`](CertificateError::OtherPss) when it does not allow PS256.
    pub fn restrict(self, usage: Usage) -> Result<Self, CertificateError> {
        Ok(Self { usage: self.usage.and(usage)?, ..self })
    }

    /// Signs by RSASSA-PSS with SHA-256 and a salt of its length (RFC 7518, section 3.5: PS256).
    ///
    /// # Errors
    /// When the host's randomness is stuck, or the signature does not verify.
    pub fn sign_ps256(&self, host: &dyn Host, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        overwriting_stack(|| {
            Ok(self.key.pss_sign_with_rng::<Sha256, _>(&mut SigningRng::new(host), message)?)
        })
    }

    /// Signs by RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518, section 3.3: RS256).
    ///
    /// # Errors
    /// As [`sign_ps256`](Self::sign_ps256), and when the key is for RSASSA-PSS alone.
    pub fn sign_rs256(&self, host: &dyn Host, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        if self.usage == Usage::Pss {
            return Err(SigningError::PssAlone);
        }
        // `pkcs1v15_sign` compiles as well, and does not blind without the crate's feature `getrandom`.
        overwriting_stack(|| {
            Ok(self.key.pkcs1v15_sign_with_rng::<Sha256, _>(&mut SigningRng::new(host), message)?)
        })
    }
}

impl From<rsa::Error> for SigningError {
    fn from(error: rsa::Error) -> Self {
        if error == rsa::Error::Rng { Self::Randomness } else { Self::Fault }
    }
}

/// A number at the width of so many bytes; `None`: it is longer.
fn number(bytes: &[u8], width: usize) -> Option<BoxedUint> {
    BoxedUint::from_be_slice(bytes, u32::try_from(width.checked_mul(8)?).ok()?).ok()
}

fn bits(number: &[u8]) -> usize {
    let zeros = number.first().map_or(0, |first| first.leading_zeros());
    number.len().saturating_mul(8).saturating_sub(usize::try_from(zeros).unwrap_or_default())
}

/// The bytes of the longest public exponent; the `rsa` crate takes none of more than 33 bits.
const WIDEST_EXPONENT: usize = 8;
