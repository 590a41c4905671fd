//! Searches the whole linear memory of this component.

/// The size of the memory, in bytes.
pub fn size() -> usize {
    core::arch::wasm32::memory_size(0) << 16
}

/// The number of occurrences of the needle. The needle is hexadecimal and is never decoded into memory, so that the search
/// does not find itself.
pub fn count(needle: &[u8]) -> usize {
    let length = needle.len() / 2;
    let last = size().saturating_sub(length);
    let matches_at = |start: usize| (0..length).all(|at| byte(start + at) == decoded(needle, at));
    // Address 0 is the null pointer in Rust, so no object is there.
    (1..=last).filter(|start| matches_at(*start)).count()
}

fn byte(address: usize) -> u8 {
    // SAFETY: the address is below the size of the memory, and all of the memory is readable.
    unsafe { core::ptr::read_volatile(core::ptr::without_provenance::<u8>(address)) }
}

fn decoded(hex: &[u8], at: usize) -> u8 {
    let digit = |byte: u8| if byte <= b'9' { byte - b'0' } else { byte - b'a' + 10 };
    digit(hex[2 * at]) << 4 | digit(hex[2 * at + 1])
}
