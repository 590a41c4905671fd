//! An NKey: a pair of Ed25519, as NATS writes it.

use rcgen::{KeyPair, PKCS_ED25519, PublicKeyData};

/// The key pair of a user.
pub struct NKey {
    pub public: String,
    pub seed: String,
}

impl NKey {
    pub fn generate() -> Self {
        let pair = KeyPair::generate_for(&PKCS_ED25519).expect("ring generates a key");
        // PKCS#8 of Ed25519 (RFC 8410): the seed follows a head of 16 bytes.
        let pkcs8 = pair.serialize_der();
        let public = encode(&[&[USER], pair.der_bytes()].concat());
        let seed = encode(&[&[SEED | USER >> 5, (USER & 31) << 3], &pkcs8[16..48]].concat());
        Self { public, seed }
    }
}

/// Base32 (RFC 4648) of the bytes and their CRC.
fn encode(bytes: &[u8]) -> String {
    let bytes = [bytes, &crc16(bytes).to_le_bytes()].concat();
    let bits: Vec<_> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    let character = |bits: &[u8]| {
        let value = bits.iter().fold(0, |value, bit| value << 1 | bit) << (5 - bits.len());
        char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[usize::from(value)])
    };
    bits.chunks(5).map(character).collect()
}

/// CRC-16/XMODEM.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        let shift = |crc: u16, _| if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 };
        (0..8).fold(crc ^ u16::from(*byte) << 8, shift)
    })
}

/// The prefixes "S" and "U".
const SEED: u8 = 18 << 3;
const USER: u8 = 20 << 3;
