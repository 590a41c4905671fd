//! The block ciphers of encrypted keys, in CBC mode.

use crate::prelude::*;
use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt, InnerIvInit, KeyInit};
use der::asn1::ObjectIdentifier;

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
    /// DES three times, with two keys.
    TwoKeyTripleDes,
    /// RC2 with a key of 40 bits, which old tools encrypt the (public) certificates with.
    Rc2With40Bits,
    /// RC2 with a key of 128 bits.
    Rc2With128Bits,
}

impl Cipher {
    /// The cipher of PBES2 with this object identifier.
    pub fn of_pbes2(oid: ObjectIdentifier) -> Option<Self> {
        PBES2_CIPHERS.iter().find(|(found, _)| *found == oid).map(|(_, cipher)| *cipher)
    }

    /// The cipher of the PKCS#12 scheme with this object identifier.
    pub fn of_pkcs12(oid: ObjectIdentifier) -> Option<Self> {
        PKCS12_CIPHERS.iter().find(|(found, _)| *found == oid).map(|(_, cipher)| *cipher)
    }

    /// The length of its key, in bytes.
    pub fn key_length(self) -> usize {
        match self {
            Self::Aes128 | Self::TwoKeyTripleDes | Self::Rc2With128Bits => 16,
            Self::Aes192 | Self::TripleDes => 24,
            Self::Aes256 => 32,
            Self::Rc2With40Bits => 5,
        }
    }

    /// The length of its blocks and of its IV, in bytes.
    pub fn block_length(self) -> usize {
        match self {
            Self::Aes128 | Self::Aes192 | Self::Aes256 => 16,
            Self::TripleDes | Self::TwoKeyTripleDes | Self::Rc2With40Bits | Self::Rc2With128Bits => 8,
        }
    }

    /// Decrypts CBC and removes the padding (RFC 8018, section 6.1.1); `None`: the data were not encrypted
    /// with this key.
    pub fn decrypt(self, key: &[u8], iv: &[u8], data: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Aes128 => decrypt_with(aes::Aes128::new_from_slice(key).ok()?, iv, data),
            Self::Aes192 => decrypt_with(aes::Aes192::new_from_slice(key).ok()?, iv, data),
            Self::Aes256 => decrypt_with(aes::Aes256::new_from_slice(key).ok()?, iv, data),
            Self::TripleDes => decrypt_with(des::TdesEde3::new_from_slice(key).ok()?, iv, data),
            // The third key is the first again. `des::TdesEde2` is another copy of the mode (1.5 KB).
            Self::TwoKeyTripleDes => {
                let key = [key, key.get(..8)?].concat();
                decrypt_with(des::TdesEde3::new_from_slice(&key).ok()?, iv, data)
            }
            Self::Rc2With40Bits => decrypt_with(rc2::Rc2::new_with_eff_key_len(key, 40), iv, data),
            Self::Rc2With128Bits => decrypt_with(rc2::Rc2::new_with_eff_key_len(key, 128), iv, data),
        }
    }
}

fn decrypt_with<C: BlockCipherDecrypt>(cipher: C, iv: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let decryptor = Decryptor::inner_iv_slice_init(cipher, iv).ok()?;
    decryptor.decrypt_padded_vec::<Pkcs7>(data).ok()
}

/// RFC 8018, appendix B.2
const PBES2_CIPHERS: [(ObjectIdentifier, Cipher); 4] = [
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.2"), Cipher::Aes128),
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.22"), Cipher::Aes192),
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.42"), Cipher::Aes256),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.3.7"), Cipher::TripleDes),
];
/// RFC 7292, appendix C
const PKCS12_CIPHERS: [(ObjectIdentifier, Cipher); 4] = [
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.3"), Cipher::TripleDes),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.4"), Cipher::TwoKeyTripleDes),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.5"), Cipher::Rc2With128Bits),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.6"), Cipher::Rc2With40Bits),
];
