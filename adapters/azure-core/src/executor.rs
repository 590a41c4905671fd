//! Runs futures and tasks on one thread, and waits with `wasi:io/poll`.
//!
//! The tasks are those of [`async-executor`](async_executor). Inside [`block_on`], a future that waits for a clock or the
//! network lets the other futures run, so joined requests are concurrent. Another executor does not know the pollables, so
//! under it each wait blocks the component: requests are sequential, and there is no deadlock.

use crate::reactor::{Active, is_active, wait_for_any, wake_ready};
use async_executor::{Executor, Task};
use futures_util::future::{AbortHandle, Aborted, abortable};
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// Runs `future` to completion, and spawned tasks concurrently. Tasks that are not complete then continue in the next
/// `block_on`. A task may call it, too: the other tasks run meanwhile.
///
/// # Panics
/// When every future waits for a wake-up that neither a clock nor the network nor another task can cause, because the
/// wait would never end.
///
/// # Examples
/// ```
/// let answer = azure_core_wasi::block_on(async { 42 });
/// assert_eq!(answer, 42);
/// ```
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let awake = Arc::new(Awake(AtomicBool::new(true)));
    let waker = Waker::from(Arc::clone(&awake));
    let executor = executor();
    let _active = Active::enter();
    loop {
        let is_awake = awake.take();
        if is_awake && let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        // One task at a time leaves the queue, so that a `block_on` inside a task runs those that are queued behind it.
        let has_run = (0..ROUND).take_while(|_| executor.try_tick()).count() > 0;
        let is_busy = is_awake || has_run;
        let has_woken = if is_busy { wake_ready() } else { wait_for_any() };
        assert!(is_busy || has_woken, "the future waits for a wake-up that nothing can cause");
    }
}

/// Creates a task and queues it.
pub(crate) fn spawn(future: impl Future<Output = ()> + Send + 'static) -> JoinHandle {
    let (future, abort) = abortable(future);
    JoinHandle { task: Some(executor().spawn(future)), abort, driver: None }
}

/// Is ready when the task is done. The task goes on when it is dropped.
pub(crate) struct JoinHandle {
    /// `None` only while it is dropped.
    task: Option<Task<Result<(), Aborted>>>,
    abort: AbortHandle,
    /// What runs the tasks under another executor.
    driver: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl JoinHandle {
    /// Aborts the task: its future is dropped in the task's next turn.
    pub(crate) fn abort(&self) {
        self.abort.abort();
    }
}

impl Future for JoinHandle {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if !is_active() {
            let driver = self.driver.get_or_insert_with(|| Box::pin(run_tasks(executor())));
            let _ = driver.as_mut().poll(context);
        }
        match &mut self.task {
            Some(task) => Pin::new(task).poll(context).map(drop),
            None => Poll::Ready(()),
        }
    }
}

impl Drop for JoinHandle {
    /// A task of `async-executor` ends with its handle; those of the SDK's other runtimes do not.
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.detach();
        }
    }
}

/// Gives the future's waker another turn, and lets other futures run before it.
pub(crate) fn yield_now() -> impl Future<Output = ()> + Send {
    let mut has_yielded = false;
    poll_fn(move |context| {
        if std::mem::replace(&mut has_yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
}

/// Runs the tasks that are woken, for ever. `Executor::run` would take several tasks at once out of the queue.
async fn run_tasks(executor: Arc<Executor<'static>>) {
    loop {
        for _ in 0..ROUND {
            executor.tick().await;
        }
        yield_now().await;
    }
}

/// The executor of this thread; a component has one.
fn executor() -> Arc<Executor<'static>> {
    EXECUTOR.with(Arc::clone)
}

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

/// The number of tasks that run before the future and the network have their turn.
const ROUND: usize = 64;

thread_local! {
    static EXECUTOR: Arc<Executor<'static>> = Arc::new(Executor::new());
}

#[cfg(test)]
mod tests;
