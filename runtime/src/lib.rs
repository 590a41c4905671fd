//! The runtime of a `no_std` component: an allocator that zeroizes freed memory, and a panic handler.
//!
//! Linked with `extern crate component_runtime as _`.

#![cfg_attr(target_family = "wasm", no_std)]

use core::alloc::{GlobalAlloc, Layout};

/// An allocator that overwrites each block when it is freed, so that no secret outlives its value. That
/// includes the chunks of bodies and files, the old blocks of strings that grew, and the copies of
/// dependencies.
#[derive(Clone, Copy, Debug)]
pub struct ZeroizingAllocator<A>(pub A);

// SAFETY: each method is the inner allocator's; a block is overwritten before it is freed. `realloc` is the
// trait's default, which allocates a new block and frees the old one with `dealloc`.
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
        // The zeros are never read, so the optimiser would remove them without this.
        core::hint::black_box(block);
        // SAFETY: as the caller promised.
        unsafe { self.0.dealloc(block, layout) }
    }
}

#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: ZeroizingAllocator<dlmalloc::GlobalDlmalloc> = ZeroizingAllocator(dlmalloc::GlobalDlmalloc);

/// The lints of the components deny panics in their own code. A panic in a dependency traps, as with `std`,
/// but without the message, which no host shows.
#[cfg(target_family = "wasm")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
