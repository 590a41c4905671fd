//! RSA signatures (RFC 8017): PS256, and RS256 for AD FS.
//!
//! The arithmetic is crypto-bigint's, in constant time; above it stands what a signature needs and no
//! more: blinding, the Chinese remainder theorem, a check of the result. Weighed alone in a
//! module (opt-level z, Rust 1.95): crypto-bigint 0.7 60 KB and 11 ms for a signature with
//! 2048 bits, the `rsa` crate 0.9 43 KB and 11 ms. The `rsa` crate computes in variable time
//! (RUSTSEC-2023-0071), brings 20 more crates, and its maintained successor stands on crypto-bigint
//! too. Without the remainder theorem a signature takes 36 ms and saves 6 KB.

use super::CertificateError;
use super::digest::{LONGEST, sha256};
use crate::host::Host;
use crate::prelude::*;
use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};

/// A public key; both numbers big-endian, without zeros in front.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// `n`
    pub modulus: Vec<u8>,
    /// `e`
    pub exponent: Vec<u8>,
}

/// A private key: `p` and `q`, the private exponent modulo each less one, and the inverse of `q` mod `p`.
pub struct PrivateKey {
    /// Its public half.
    pub public: PublicKey,
    /// `p` and `q`
    pub primes: [Vec<u8>; 2],
    /// `dP` and `dQ`
    pub exponents: [Vec<u8>; 2],
    /// `qInv`
    pub coefficient: Vec<u8>,
}

impl PrivateKey {
    /// Checks that sizes are sound, before anything is computed. Whether the numbers belong together,
    /// every signature shows.
    ///
    /// # Errors
    /// When they are not.
    pub fn check(&self) -> Result<(), CertificateError> {
        let modulus = &self.public.modulus;
        if !(2048..=8192).contains(&bits(modulus)) {
            return Err(CertificateError::KeySize);
        }
        let is_odd = |number: &[u8]| number.last().is_some_and(|last| last & 1 == 1);
        let exponent = &self.public.exponent;
        let fine = is_odd(modulus)
            && is_odd(exponent)
            && (1..=4).contains(&exponent.len())
            && self.primes.iter().all(|prime| is_odd(prime) && is_half(prime, modulus))
            && self
                .exponents
                .iter()
                .chain([&self.coefficient])
                .all(|number| (1..modulus.len()).contains(&number.len()));
        if fine { Ok(()) } else { Err(CertificateError::Damaged) }
    }

    /// Signs by RSASSA-PSS with SHA-256 and a salt of its length (RFC 7518, section 3.5: PS256);
    /// `None`: the key's numbers do not belong together.
    pub fn sign_ps256(&self, host: &dyn Host, message: &[u8]) -> Option<Vec<u8>> {
        let mut salt = [0; LONGEST];
        host.fill_random(&mut salt);
        self.sign(host, &encode_pss(message, &salt, bits(&self.public.modulus))?)
    }

    /// Signs by RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518, section 3.3: RS256); `None` as above.
    pub fn sign_rs256(&self, host: &dyn Host, message: &[u8]) -> Option<Vec<u8>> {
        let hash = sha256(&[message]);
        let length = self.public.modulus.len().checked_sub(DIGEST_INFO.len())?.checked_sub(hash.len())?;
        let mut encoded = vec![0, 1];
        encoded.resize(length.checked_sub(1)?, 0xFF);
        encoded.push(0);
        encoded.extend_from_slice(DIGEST_INFO);
        encoded.extend_from_slice(&hash);
        self.sign(host, &encoded)
    }

    /// RSASP1 (RFC 8017, section 5.2.1), blinded: what is raised to the secret power is a random number
    /// for everybody who watches how long that takes. The result is checked, because a wrong one would
    /// give the key away (Boneh, DeMillo, Lipton).
    fn sign(&self, host: &dyn Host, encoded: &[u8]) -> Option<Vec<u8>> {
        let modulus = BoxedMontyParams::new_vartime(odd(&self.public.modulus)?);
        let exponent = number(&self.public.exponent);
        let raise = |base: &BoxedMontyForm| base.pow_bounded_exp(&exponent, exponent.bits_vartime());
        let mut random = vec![0; self.public.modulus.len()];
        host.fill_random(&mut random);
        let mask = reduce(&number(&random), &modulus);
        let unmask = Option::<BoxedMontyForm>::from(mask.invert())?;
        let message = reduce(&number(encoded), &modulus);
        let masked = message.mul(&raise(&mask)).retrieve();
        let signature = self.raise_to_secret(&masked, &modulus)?.mul(&unmask);
        if raise(&signature).retrieve() != message.retrieve() {
            return None;
        }
        let bytes = signature.retrieve().to_be_bytes();
        bytes.get(bytes.len().checked_sub(self.public.modulus.len())?..).map(Into::into)
    }

    /// By the Chinese remainder theorem, which is four times as fast.
    fn raise_to_secret(&self, base: &BoxedUint, modulus: &BoxedMontyParams) -> Option<BoxedMontyForm> {
        let [p, q] = &self.primes;
        let [to_p, to_q] = &self.exponents;
        let (p, q) = (BoxedMontyParams::new(odd(p)?), BoxedMontyParams::new(odd(q)?));
        let of_p = reduce(base, &p).pow(&number(to_p));
        let of_q = reduce(base, &q).pow(&number(to_q)).retrieve();
        let coefficient = reduce(&number(&self.coefficient), &p);
        let times = of_p.sub(&reduce(&of_q, &p)).mul(&coefficient).retrieve();
        let product = reduce(&times, modulus).mul(&reduce(q.modulus().as_ref(), modulus));
        Some(product.add(&reduce(&of_q, modulus)))
    }
}

/// EMSA-PSS-ENCODE (RFC 8017, section 9.1.1) for a modulus of so many bits.
fn encode_pss(message: &[u8], salt: &[u8; LONGEST], modulus_bits: usize) -> Option<Vec<u8>> {
    let bits = modulus_bits.checked_sub(1)?;
    let hash = sha256(&[&[0; 8], &sha256(&[message]), salt]);
    let mut block =
        vec![0; bits.div_ceil(8).checked_sub(salt.len())?.checked_sub(hash.len())?.checked_sub(2)?];
    block.push(1);
    block.extend_from_slice(salt);
    // MGF1 (appendix B.2.1)
    for (counter, chunk) in (0_u32..).zip(block.chunks_mut(LONGEST)) {
        let mask = sha256(&[&hash, &counter.to_be_bytes()]);
        chunk.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
    }
    let unused = block.len().checked_add(hash.len())?.checked_add(1)?.checked_mul(8)?.checked_sub(bits)?;
    let first = block.first_mut()?;
    *first &= 0xFF_u8.checked_shr(u32::try_from(unused).ok()?)?;
    block.extend_from_slice(&hash);
    block.push(0xBC);
    Some(block)
}

fn number(bytes: &[u8]) -> BoxedUint {
    BoxedUint::from_be_slice_vartime(bytes)
}

fn odd(bytes: &[u8]) -> Option<Odd<BoxedUint>> {
    number(bytes).into_odd().into()
}

fn reduce(number: &BoxedUint, modulus: &BoxedMontyParams) -> BoxedMontyForm {
    BoxedMontyForm::new(number.rem(modulus.modulus().as_nz_ref()), modulus)
}

/// Whether a prime is about half as long as the modulus: what computes with it may rely on that.
fn is_half(prime: &[u8], modulus: &[u8]) -> bool {
    bits(prime).saturating_mul(2).abs_diff(bits(modulus)) <= 64
}

fn bits(number: &[u8]) -> usize {
    let zeros = number.first().map_or(0, |first| first.leading_zeros());
    number.len().saturating_mul(8).saturating_sub(usize::try_from(zeros).unwrap_or_default())
}

/// What stands in front of a SHA-256 in PKCS#1 (RFC 8017, section 9.2, note 1).
const DIGEST_INFO: &[u8] = b"\x30\x31\x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20";
