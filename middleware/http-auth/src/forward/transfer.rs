//! Bytes on their way from one stream to another.

use crate::prelude::*;

/// The bytes that were read and are not written yet. It grows to the size that hosts write at once, because most bodies
/// are short.
#[derive(Default)]
pub struct Buffer(Vec<u8>);

impl Buffer {
    /// For a body of this length in bytes; `None`: it is unknown.
    pub fn for_length(length: Option<u64>) -> Self {
        let length = length.and_then(|length| usize::try_from(length).ok()).unwrap_or(SMALLEST);
        Self(Vec::with_capacity(length.clamp(1, LARGEST)))
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Takes it to read into, or to write from.
    pub fn take(&mut self) -> Vec<u8> {
        core::mem::take(&mut self.0)
    }

    /// Puts it back after a read.
    pub fn put(&mut self, bytes: Vec<u8>) {
        self.0 = bytes;
    }

    /// Takes it to read into after its bytes were written, larger if the last read filled it.
    pub fn emptied(mut bytes: Vec<u8>, last_read: usize) -> Vec<u8> {
        bytes.clear();
        let capacity = bytes.capacity();
        if last_read >= capacity && capacity < LARGEST {
            return Vec::with_capacity(capacity.saturating_mul(8).clamp(SMALLEST, LARGEST));
        }
        bytes
    }
}

/// In bytes.
const SMALLEST: usize = 256;
/// The size that hosts write at once, in bytes.
const LARGEST: usize = 64 << 10;
