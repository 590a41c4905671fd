//! A single-threaded executor that waits with `wasi:io/poll`.
//!
//! Inside [`block_on`], a future that waits for a clock or the network lets the other futures run, so joined requests
//! are concurrent. Another executor does not know the pollables, so under it each wait blocks the component: requests
//! are sequential, and there is no deadlock.

use std::cell::{Cell, RefCell};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use wasip2::io::poll::{self, Pollable};

type TaskFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs `future` to completion, and spawned tasks concurrently. Tasks that are not complete then continue in the next
/// `block_on`.
///
/// # Panics
/// When every future waits for a wake-up that neither a clock nor the network nor another task can cause, because the
/// wait would never end.
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
        // Only the tasks that are woken now; those that they wake, and the network, follow in the next round.
        let tasks = TASKS.with_borrow_mut(std::mem::take);
        let is_busy = is_awake || !tasks.is_empty();
        tasks.iter().for_each(Task::run);
        let has_woken = if is_busy { wake_ready() } else { wait_for_any() };
        assert!(is_busy || has_woken, "the future waits for a wake-up that nothing can cause");
    }
}

/// Whether [`block_on`] is running; if so, it polls the pollables of every wait.
pub(crate) fn is_active() -> bool {
    DEPTH.with(Cell::get) > 0
}

/// Waits until one of several pollables is ready; the output is the index of the first one.
pub(crate) struct Wait {
    pollables: Arc<[Pollable]>,
}

impl Wait {
    pub(crate) fn for_first_of(pollables: impl Into<Arc<[Pollable]>>) -> Self {
        Self { pollables: pollables.into() }
    }

    fn unregister(&self) {
        WAITING.with_borrow_mut(|waiting| waiting.retain(|(it, _)| !Arc::ptr_eq(it, &self.pollables)));
    }
}

impl Future for Wait {
    type Output = usize;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<usize> {
        self.unregister();
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
    /// A pollable must be dropped before its parent resource, which the owner of this wait drops next.
    fn drop(&mut self) {
        self.unregister();
    }
}

/// A task that runs concurrently with the future of [`block_on`].
pub(crate) struct Task(Mutex<State>);

struct State {
    /// `None` while it is polled, and when it is done.
    future: Option<TaskFuture>,
    is_done: bool,
    is_queued: bool,
    /// The waker of the future that joins the task.
    joined_by: Option<Waker>,
}

impl Task {
    /// Creates a task and queues it.
    pub(crate) fn spawn(future: TaskFuture) -> Arc<Task> {
        let state = State { future: Some(future), is_done: false, is_queued: false, joined_by: None };
        let task = Arc::new(Task(Mutex::new(state)));
        Arc::clone(&task).wake();
        task
    }

    /// Ready when the task is done. Under another executor this call polls the task.
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

    /// Aborts the task; its future is dropped at once, or after the current poll.
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
        // The lock is not held while the future is polled, because the future may wake, join or abort this task.
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

/// Blocks until a pollable of some wait is ready. Returns whether there was one.
fn wait_for_any() -> bool {
    WAITING.with_borrow(|waiting| {
        let all: Vec<&Pollable> = waiting.iter().flat_map(|(pollables, _)| pollables.iter()).collect();
        // `poll` traps on an empty list.
        if !all.is_empty() {
            poll::poll(&all);
        }
    });
    wake_ready()
}

/// Wakes the waits with a ready pollable. Returns whether there was one.
fn wake_ready() -> bool {
    let ready: Vec<Waiting> = WAITING.with_borrow_mut(|waiting| {
        let is_ready = |(pollables, _): &mut Waiting| pollables.iter().any(Pollable::ready);
        waiting.extract_if(.., is_ready).collect()
    });
    let any = !ready.is_empty();
    // Waking and dropping the pollables may register new waits, so the list must not be borrowed here.
    ready.into_iter().for_each(|(_, waker)| waker.wake());
    any
}

/// The pollables of a wait, and its waker.
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

/// Marks a `block_on` as running while it lives.
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
