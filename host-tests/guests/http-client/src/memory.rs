//! A look through this component's whole memory.

/// How large it is, in bytes.
pub fn size() -> usize {
    core::arch::wasm32::memory_size(0) << 16
}

/// How often the needle stands in it. The needle is hexadecimal and is never decoded into memory: the search must
/// not find itself.
pub fn count(needle: &[u8]) -> usize {
    let length = needle.len() / 2;
    let last = size().saturating_sub(length);
    let stands_at = |start: usize| (0..length).all(|at| byte(start + at) == decoded(needle, at));
    // Address 0 is a null pointer to Rust, and nothing of ours is there.
    (1..=last).filter(|start| stands_at(*start)).count()
}

fn byte(address: usize) -> u8 {
    // SAFETY: it is below the size of the memory, all of which can be read.
    unsafe { core::ptr::read_volatile(core::ptr::without_provenance::<u8>(address)) }
}

fn decoded(hex: &[u8], at: usize) -> u8 {
    let digit = |byte: u8| if byte <= b'9' { byte - b'0' } else { byte - b'a' + 10 };
    digit(hex[2 * at]) << 4 | digit(hex[2 * at + 1])
}
