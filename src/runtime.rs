//! What a component needs when it does without `std`: an allocator, and an end for panics.
//!
//! Panics cannot happen as far as the lints of this crate can tell; one in a dependency traps, as it
//! would with `std`, only without a message that nobody could read.

#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
