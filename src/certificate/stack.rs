//! Overwriting what a secret leaves on the stack, which the allocator that overwrites freed memory does not reach.

use core::hint::black_box;

/// Runs a function, and then overwrites the stack that it used.
///
/// This is the stack in the component's memory. What the host's compiler keeps in registers and on the host's
/// stack, no component can overwrite.
pub fn overwriting_stack<T>(function: impl FnOnce() -> T) -> T {
    let result = call(function);
    overwrite();
    result
}

/// Without its own frame the function's variables would be in the caller's, which is not overwritten.
#[inline(never)]
fn call<T>(function: impl FnOnce() -> T) -> T {
    function()
}

/// This frame begins where that of `call` began.
#[inline(never)]
fn overwrite() {
    let mut frame = [0_u8; DEPTH];
    // The zeros are never read, so the optimiser would remove them without this.
    black_box(&mut frame);
}

/// In bytes. All test cases pass with a stack of this size (CONTRIBUTING.md).
const DEPTH: usize = 64 << 10;
