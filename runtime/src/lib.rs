//! What a component needs when it does without `std`: an allocator, which forgets, and an end for panics.
//!
//! Linked with `extern crate component_runtime as _`.

#![cfg_attr(target_family = "wasm", no_std)]

use core::alloc::{GlobalAlloc, Layout};

/// An allocator that overwrites whatever is freed, so that no secret outlives the value that held it: neither
/// the chunks that bodies and files come in, nor what text grew out of, nor what a dependency copied.
#[derive(Clone, Copy, Debug)]
pub struct ZeroizingAllocator<A>(pub A);

// SAFETY: everything is the inner allocator's; blocks are overwritten while they are still the caller's.
// `realloc` is the trait's own: it takes a new block, and frees the old one here.
unsafe impl<A: GlobalAlloc> GlobalAlloc for ZeroizingAllocator<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promised.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promised.
        unsafe { self.0.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block is the caller's until it is freed below.
        unsafe { block.write_bytes(0, layout.size()) };
        // Nobody reads the zeros; an optimiser that knew would leave them out.
        core::hint::black_box(block);
        // SAFETY: as the caller promised.
        unsafe { self.0.dealloc(block, layout) }
    }
}

#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: ZeroizingAllocator<dlmalloc::GlobalDlmalloc> = ZeroizingAllocator(dlmalloc::GlobalDlmalloc);

/// Panics cannot happen as far as the lints of the components can tell; one in a dependency traps, as it would
/// with `std`, only without a message that nobody could read.
#[cfg(target_family = "wasm")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
