//! Runs futures in a component: one thread, and `wasi:io/poll` to wait with.
//!
//! Inside of [`block_on`], whatever waits for a clock or the network lets everything else go on; requests that
//! are joined are under way at once. Under an executor of somebody else, which does not know what to wait for,
//! each wait blocks the component: slower, and never stuck.

use std::cell::{Cell, RefCell};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use wasip2::io::poll::{self, Pollable};

type TaskFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs `future` to its end, and spawned tasks along with it. Those that are not done then go on in the next
/// `block_on`.
///
/// # Panics
/// When everything waits for something that is neither a clock nor the network and nobody is left to cause
/// it: it would wait for ever.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let awake = Arc::new(Awake(AtomicBool::new(true)));
    let waker = Waker::from(Arc::clone(&awake));
    let _active = Active::enter();
    loop {
        let is_awake = awake.take();
        if is_awake && let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        // Those that are awake now; whom they wake has its turn in the next round, and so has the network.
        let tasks = TASKS.with_borrow_mut(std::mem::take);
        let is_busy = is_awake || !tasks.is_empty();
        tasks.iter().for_each(Task::run);
        let has_woken = if is_busy { wake_whom_something_is_ready_for() } else { wait_for_anything() };
        assert!(is_busy || has_woken, "the future waits for something that nobody will do");
    }
}

/// Whether [`block_on`] is running, so that a wait may leave the waiting to it.
pub(crate) fn is_active() -> bool {
    DEPTH.with(Cell::get) > 0
}

/// Waits until one of some pollables is ready; its output is the index of the first that is.
pub(crate) struct Wait {
    pollables: Arc<[Pollable]>,
}

impl Wait {
    pub(crate) fn for_first_of(pollables: impl Into<Arc<[Pollable]>>) -> Self {
        Self { pollables: pollables.into() }
    }

    fn forget(&self) {
        WAITING.with_borrow_mut(|waiting| waiting.retain(|(it, _)| !Arc::ptr_eq(it, &self.pollables)));
    }
}

impl Future for Wait {
    type Output = usize;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<usize> {
        self.forget();
        match self.pollables.iter().position(Pollable::ready) {
            Some(index) => Poll::Ready(index),
            None if is_active() => {
                let waiting = (Arc::clone(&self.pollables), context.waker().clone());
                WAITING.with_borrow_mut(|all| all.push(waiting));
                Poll::Pending
            }
            None => {
                let ready = poll::poll(&self.pollables.iter().collect::<Vec<_>>());
                Poll::Ready(ready.first().and_then(|&index| usize::try_from(index).ok()).unwrap_or(0))
            }
        }
    }
}

impl Drop for Wait {
    /// A pollable has to go before what it belongs to, which is dropped after this.
    fn drop(&mut self) {
        self.forget();
    }
}

/// A future that runs beside the one of [`block_on`].
pub(crate) struct Task(Mutex<State>);

struct State {
    /// `None` while it is polled, and when it is done.
    future: Option<TaskFuture>,
    is_done: bool,
    is_queued: bool,
    /// Whoever waits for its end.
    joined_by: Option<Waker>,
}

impl Task {
    /// Puts it in the queue.
    pub(crate) fn spawn(future: TaskFuture) -> Arc<Task> {
        let state = State { future: Some(future), is_done: false, is_queued: false, joined_by: None };
        let task = Arc::new(Task(Mutex::new(state)));
        Arc::clone(&task).wake();
        task
    }

    /// Ready when it is done. Under somebody else's executor this is what runs it.
    pub(crate) fn poll_join(self: &Arc<Self>, context: &mut Context<'_>) -> Poll<()> {
        if !is_active() {
            self.poll_future(context);
        }
        let mut state = self.state();
        if state.is_done {
            return Poll::Ready(());
        }
        state.joined_by = Some(context.waker().clone());
        Poll::Pending
    }

    /// Ends it; what it was doing is dropped, at once or when it returns from being polled.
    pub(crate) fn abort(&self) {
        let future = self.state().future.take();
        self.finish();
        drop(future);
    }

    fn run(self: &Arc<Self>) {
        self.state().is_queued = false;
        let waker = Waker::from(Arc::clone(self));
        self.poll_future(&mut Context::from_waker(&waker));
    }

    fn poll_future(&self, context: &mut Context<'_>) {
        // Nothing is locked while the future runs: it may wake, join or abort this very task.
        let Some(mut future) = self.state().future.take() else { return };
        match future.as_mut().poll(context) {
            Poll::Ready(()) => self.finish(),
            Poll::Pending => {
                let mut state = self.state();
                if !state.is_done {
                    state.future = Some(future);
                }
            }
        }
    }

    fn finish(&self) {
        let joined_by = {
            let mut state = self.state();
            state.is_done = true;
            state.joined_by.take()
        };
        if let Some(waker) = joined_by {
            waker.wake();
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        let was_queued = std::mem::replace(&mut self.state().is_queued, true);
        if !was_queued {
            TASKS.with_borrow_mut(|tasks| tasks.push(self));
        }
    }
}

/// Sleeps until something that somebody waits for is ready; whether there was anything.
fn wait_for_anything() -> bool {
    WAITING.with_borrow(|waiting| {
        let all: Vec<&Pollable> = waiting.iter().flat_map(|(pollables, _)| pollables.iter()).collect();
        // To wait for nothing at all is a trap.
        if !all.is_empty() {
            poll::poll(&all);
        }
    });
    wake_whom_something_is_ready_for()
}

/// Whether there was anybody.
fn wake_whom_something_is_ready_for() -> bool {
    let ready: Vec<Waiting> = WAITING.with_borrow_mut(|waiting| {
        let is_ready = |(pollables, _): &mut Waiting| pollables.iter().any(Pollable::ready);
        waiting.extract_if(.., is_ready).collect()
    });
    let any = !ready.is_empty();
    // They are woken, and their pollables dropped, when nothing is borrowed any more.
    ready.into_iter().for_each(|(_, waker)| waker.wake());
    any
}

/// What somebody waits for, and how to wake them.
type Waiting = (Arc<[Pollable]>, Waker);

/// Whether the future of a `block_on` is to be polled.
struct Awake(AtomicBool);

impl Awake {
    fn take(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

impl Wake for Awake {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Says for its lifetime that a `block_on` is running.
struct Active;

impl Active {
    fn enter() -> Self {
        DEPTH.with(|depth| depth.set(depth.get() + 1));
        Self
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        DEPTH.with(|depth| depth.set(depth.get() - 1));
    }
}

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static TASKS: RefCell<Vec<Arc<Task>>> = const { RefCell::new(Vec::new()) };
    static WAITING: RefCell<Vec<Waiting>> = const { RefCell::new(Vec::new()) };
}

#[cfg(test)]
mod tests;
