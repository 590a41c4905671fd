//! The block ciphers of encrypted keys, in CBC mode.

use crate::prelude::*;
use aes::cipher::{Array, BlockCipherDecrypt, KeyInit};

/// A cipher and the length of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cipher {
    /// AES-128
    Aes128,
    /// AES-192
    Aes192,
    /// AES-256
    Aes256,
    /// DES three times, with three keys.
    TripleDes,
    /// RC2 with a key of 40 bits: what protects the certificates, public as they are, in old files.
    Rc2With40Bits,
}

impl Cipher {
    /// The cipher with this object identifier, for PBES2.
    pub fn of(oid: &[u8]) -> Option<Self> {
        match oid {
            b"\x60\x86\x48\x01\x65\x03\x04\x01\x02" => Some(Self::Aes128), // 2.16.840.1.101.3.4.1.2
            b"\x60\x86\x48\x01\x65\x03\x04\x01\x16" => Some(Self::Aes192), // 2.16.840.1.101.3.4.1.22
            b"\x60\x86\x48\x01\x65\x03\x04\x01\x2A" => Some(Self::Aes256), // 2.16.840.1.101.3.4.1.42
            b"\x2A\x86\x48\x86\xF7\x0D\x03\x07" => Some(Self::TripleDes),  // 1.2.840.113549.3.7
            _ => None,
        }
    }

    /// The length of its key, in bytes.
    pub fn key_length(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes192 | Self::TripleDes => 24,
            Self::Aes256 => 32,
            Self::Rc2With40Bits => 5,
        }
    }

    /// The length of its blocks and of its IV, in bytes.
    pub fn block_length(self) -> usize {
        match self {
            Self::TripleDes | Self::Rc2With40Bits => 8,
            _ => 16,
        }
    }

    fn with_key(self, key: &[u8]) -> Option<Box<dyn Decrypt>> {
        Some(match self {
            Self::Aes128 => Box::new(aes::Aes128::new_from_slice(key).ok()?),
            Self::Aes192 => Box::new(aes::Aes192::new_from_slice(key).ok()?),
            Self::Aes256 => Box::new(aes::Aes256::new_from_slice(key).ok()?),
            Self::TripleDes => Box::new(des::TdesEde3::new_from_slice(key).ok()?),
            Self::Rc2With40Bits => Box::new(rc2::Rc2::new_with_eff_key_len(key, 40)),
        })
    }
}

/// Decrypts CBC and takes the padding off (RFC 8018, section 6.1.1); `None`: that is not what was
/// encrypted with this key.
pub fn decrypt_cbc(cipher: Cipher, key: &[u8], iv: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let size = cipher.block_length();
    let decrypt = cipher.with_key(key)?;
    if iv.len() != size || data.is_empty() || !data.len().is_multiple_of(size) {
        return None;
    }
    let mut plain = data.to_vec();
    let mut previous = iv;
    for (block, encrypted) in plain.chunks_exact_mut(size).zip(data.chunks_exact(size)) {
        decrypt.block(block)?;
        block.iter_mut().zip(previous).for_each(|(byte, previous)| *byte ^= previous);
        previous = encrypted;
    }
    let padding = *plain.last()?;
    let length = plain.len().checked_sub(usize::from(padding))?;
    let is_padding = (1..=size).contains(&usize::from(padding))
        && plain.get(length..)?.iter().all(|byte| *byte == padding);
    is_padding.then(|| plain.truncate(length))?;
    Some(plain)
}

/// A cipher with its key.
trait Decrypt {
    /// Decrypts a block in its place.
    fn block(&self, block: &mut [u8]) -> Option<()>;
}

impl<C: BlockCipherDecrypt> Decrypt for C {
    fn block(&self, block: &mut [u8]) -> Option<()> {
        let block: &mut Array<u8, C::BlockSize> = block.try_into().ok()?;
        self.decrypt_block(block);
        Some(())
    }
}
