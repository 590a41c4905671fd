//! The floors of a token by certificate: the crates `rsa` and `pbkdf2` alone, which the component uses, compiled for speed.

use pbkdf2::pbkdf2_hmac_array;
use rsa::PrivateKey;
use rsa::pkcs8::DecodePrivateKey;
use rsa::rand_core::{TryCryptoRng, TryRng};
use sha2::Sha256;
use std::alloc::{GlobalAlloc, Layout, System};
use std::convert::Infallible;
use std::hint::black_box;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use wasi::random::random::get_random_bytes;

wit_bindgen::generate!({
    inline: "
        package tests:crypto-alone;
        world crypto-alone {
            /// Reads a key for `sign` (PKCS#8, DER).
            export read: func(key: list<u8>) -> bool;
            /// Signs so often with SHA-256 and PKCS#1 v1.5, blinded and verified as by the component.
            export sign: func(times: u32) -> bool;
            /// As `sign`, with an allocator that overwrites freed memory as the component's does.
            export sign-overwriting: func(times: u32) -> bool;
            /// Derives a key of 32 bytes with HMAC-SHA-256 and so many rounds.
            export derive: func(rounds: u32) -> list<u8>;
        }
    ",
});
export!(CryptoAlone);

struct CryptoAlone;

impl Guest for CryptoAlone {
    fn read(key: Vec<u8>) -> bool {
        PrivateKey::from_pkcs8_der(&key).is_ok_and(|key| KEY.set(key).is_ok())
    }

    fn sign(times: u32) -> bool {
        let Some(key) = KEY.get() else { return false };
        let sign = |_| black_box(key.pkcs1v15_sign_with_rng::<Sha256, _>(&mut HostRng, b"message")).is_ok();
        (0..times).all(sign)
    }

    fn sign_overwriting(times: u32) -> bool {
        OVERWRITES.store(true, Ordering::Relaxed);
        let signs = Self::sign(times);
        OVERWRITES.store(false, Ordering::Relaxed);
        signs
    }

    fn derive(rounds: u32) -> Vec<u8> {
        pbkdf2_hmac_array::<Sha256, 32>(b"password", b"saltsalt", rounds).to_vec()
    }
}

/// The allocator of Rust's standard library, which overwrites freed memory when it is told to.
struct Allocator;

// SAFETY: each method is the system's; a block is overwritten before it is freed.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if OVERWRITES.load(Ordering::Relaxed) {
            // SAFETY: the block is the caller's until it is freed below.
            unsafe { block.write_bytes(0, layout.size()) };
            black_box(block);
        }
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;
static OVERWRITES: AtomicBool = AtomicBool::new(false);
static KEY: OnceLock<PrivateKey> = OnceLock::new();

/// The host's randomness.
struct HostRng;

impl TryRng for HostRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_ne_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_ne_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.copy_from_slice(&get_random_bytes(bytes.len() as u64));
        Ok(())
    }
}

impl TryCryptoRng for HostRng {}
