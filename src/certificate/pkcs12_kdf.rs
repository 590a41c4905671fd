//! How PKCS#12 derives keys from passwords (RFC 7292, appendix B.2).

use super::digest::Hash;
use super::password::Password;
use crate::prelude::*;

/// What the bytes are for: the standard's `ID`.
#[derive(Clone, Copy)]
pub enum Purpose {
    /// A key that encrypts.
    Key = 1,
    /// An initialisation vector.
    Iv = 2,
    /// A key that authenticates.
    Mac = 3,
}

/// Derives so many bytes from a password; the salt and the number of iterations come from the file.
pub fn derive(
    hash: Hash,
    purpose: Purpose,
    password: &Password,
    (salt, iterations): (&[u8], u32),
    length: usize,
) -> Vec<u8> {
    let block_length = hash.block_length();
    let diversifier = vec![purpose as u8; block_length];
    let mut input = Vec::new();
    input.extend(repeated(salt, block_length));
    input.extend(repeated(&password.wide, block_length));
    let mut out = Vec::with_capacity(length);
    while out.len() < length {
        let digest = hash.iterate(&[&diversifier, &input], iterations);
        let missing = length.saturating_sub(out.len());
        out.extend(digest.iter().take(missing));
        for block in input.chunks_exact_mut(block_length) {
            add(block, &digest);
        }
    }
    out
}

/// The bytes again and again, up to a whole number of blocks.
fn repeated(bytes: &[u8], block_length: usize) -> impl Iterator<Item = u8> + '_ {
    // The standard's blocks are as long as those of the hash function; a length of zero does not occur.
    let length = bytes.len().checked_next_multiple_of(block_length).unwrap_or_default();
    bytes.iter().copied().cycle().take(length)
}

/// Adds `digest`, repeated, and one to a block, as big-endian numbers modulo two to the number of its bits.
fn add(block: &mut [u8], digest: &[u8]) {
    let mut addend = digest.iter().copied().cycle().take(block.len()).collect::<Vec<_>>();
    addend.reverse();
    let mut carry = 1_u16;
    for (byte, addend) in block.iter_mut().rev().zip(addend) {
        let sum = u16::from(*byte).saturating_add(u16::from(addend)).saturating_add(carry);
        let [high, low] = sum.to_be_bytes();
        (*byte, carry) = (low, u16::from(high));
    }
}
