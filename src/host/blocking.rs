//! Steps that may have to wait, on a host that blocks: each is done when it is handed over.
//!
//! The same names as in `waiting.rs`, for code that [`maybe_async`](crate::prelude::maybe_async) has taken the
//! waiting from.

/// What a step comes to.
pub type BoxFuture<'a, T> = T;

/// Hands a step over to whoever would await it.
pub fn boxed<T>(step: T) -> T {
    step
}

/// A step that has nothing to wait for.
pub fn done<T>(outcome: T) -> T {
    outcome
}

/// Runs a step, which has been done.
pub fn run<T>(step: T) -> T {
    step
}

/// What only one caller may do at a time; there is no other.
#[derive(Default)]
pub struct AsyncMutex(());

/// A caller's turn.
pub struct Guard;

impl AsyncMutex {
    /// The caller's turn.
    pub fn lock(&self) -> Guard {
        Guard
    }
}
