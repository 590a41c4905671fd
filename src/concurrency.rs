//! Concurrent calls: futures, a mutex, and single-flight.
//!
//! `concurrency/blocking.rs` has the same names for a host that blocks. `lib.rs` chooses between the two
//! files.

mod async_mutex;
mod future;

pub use async_mutex::{AsyncMutex, Guard};
pub use azure_token_rules::single_flight::{CompletionGuard, InFlight, PendingRequest};
pub use future::{BoxFuture, boxed, run};
pub use maybe_async::must_be_async as maybe_async;

/// Whether another call may come while one waits.
pub const IS_CONCURRENT: bool = true;
