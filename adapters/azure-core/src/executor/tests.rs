//! Tests without a host: tasks, joins, wakers.

use super::*;
use crate::runtime::WasiRuntime;
use azure_core::async_runtime::{AsyncRuntime, SpawnedTask};
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;

#[test]
fn a_detached_task_runs_concurrently() {
    let done = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&done);
    block_on(async move {
        let counting = Arc::clone(&counted);
        let _detached = WasiRuntime.spawn(Box::pin(async move {
            counting.fetch_add(1, Ordering::Relaxed);
        }));
        while counted.load(Ordering::Relaxed) == 0 {
            WasiRuntime.yield_now().await;
        }
    });
    assert_eq!(done.load(Ordering::Relaxed), 1);
}

#[test]
fn tasks_are_joined_in_any_order_and_may_spawn_tasks() {
    let sum = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sum);
    block_on(async move {
        let tasks: Vec<_> = (1..=10)
            .map(|number| {
                let counted = Arc::clone(&counted);
                WasiRuntime.spawn(Box::pin(async move {
                    WasiRuntime.yield_now().await;
                    let adding = async move { _ = counted.fetch_add(number, Ordering::Relaxed) };
                    WasiRuntime.spawn(Box::pin(adding)).await.expect("the task completes");
                }))
            })
            .collect();
        for task in tasks.into_iter().rev() {
            task.await.expect("the task completes");
        }
    });
    assert_eq!(sum.load(Ordering::Relaxed), 55);
}

#[test]
fn an_aborted_task_ends_and_drops_its_captures() {
    let held = Arc::new(());
    let holding = Arc::clone(&held);
    block_on(async move {
        let task = WasiRuntime.spawn(Box::pin(async move {
            std::future::pending::<()>().await;
            drop(holding);
        }));
        WasiRuntime.yield_now().await;
        task.abort();
        task.await.expect("the task completes");
    });
    assert_eq!(Arc::strong_count(&held), 1);
}

#[test]
fn an_incomplete_task_continues_in_the_next_block_on() {
    let done = Arc::new(AtomicBool::new(false));
    let mark = Arc::clone(&done);
    let task = WasiRuntime.spawn(Box::pin(async move {
        WasiRuntime.yield_now().await;
        mark.store(true, Ordering::Relaxed);
    }));
    block_on(async {});
    assert!(!done.load(Ordering::Relaxed));
    block_on(task).expect("the task completes");
    assert!(done.load(Ordering::Relaxed));
}

#[test]
fn under_another_executor_all_tasks_run_while_one_is_awaited() {
    let done = Arc::new(AtomicBool::new(false));
    let (mark, seen) = (Arc::clone(&done), Arc::clone(&done));
    let mut first = WasiRuntime.spawn(Box::pin(async move {
        while !seen.load(Ordering::Relaxed) {
            WasiRuntime.yield_now().await;
        }
    }));
    let _second = WasiRuntime.spawn(Box::pin(async move { mark.store(true, Ordering::Relaxed) }));
    let mut context = Context::from_waker(Waker::noop());
    assert!((0..10).any(|_| first.as_mut().poll(&mut context).is_ready()));
}

#[test]
fn under_another_executor_an_endless_task_lets_other_futures_run() {
    let mut endless = WasiRuntime.spawn(Box::pin(async {
        loop {
            WasiRuntime.yield_now().await;
        }
    }));
    assert!(endless.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
}

#[test]
fn block_on_may_be_nested() {
    let output = block_on(async { block_on(async { 41 }) + 1 });
    assert_eq!((output, is_active()), (42, false));
}

#[test]
fn a_task_may_block_on_tasks_that_are_queued_behind_it() {
    const TASKS: usize = 10;
    let order = Arc::new(Mutex::new(Vec::new()));
    let handles: Arc<Mutex<Vec<SpawnedTask>>> = Arc::default();
    for number in 0..TASKS {
        let (order, others) = (Arc::clone(&order), Arc::clone(&handles));
        let task = WasiRuntime.spawn(Box::pin(async move {
            // Each task takes the last handle, which is that of the last task in the queue.
            let last = others.lock().expect("no task panics").pop();
            if let Some(last) = last.filter(|_| number < TASKS / 2) {
                block_on(last).expect("the task completes");
            }
            order.lock().expect("no task panics").push(number);
        }));
        handles.lock().expect("no task panics").push(task);
    }
    block_on(async {
        while order.lock().expect("no task panics").len() < TASKS {
            WasiRuntime.yield_now().await;
        }
    });
    let mut order = std::mem::take(&mut *order.lock().expect("no task panics"));
    order.sort_unstable();
    assert_eq!(order, Vec::from_iter(0..TASKS));
}

#[test]
fn a_nested_block_on_wakes_the_futures_outside() {
    let (done, sum) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let (mark, adding) = (Arc::clone(&done), Arc::clone(&sum));
    let inner = WasiRuntime.spawn(Box::pin(async move { mark.store(true, Ordering::Relaxed) }));
    let outer = WasiRuntime.spawn(Box::pin(async move {
        block_on(inner).expect("the task completes");
        adding.fetch_add(1, Ordering::Relaxed);
    }));
    block_on(async move {
        outer.await.expect("the task completes");
        assert!(done.load(Ordering::Relaxed));
    });
    assert_eq!(sum.load(Ordering::Relaxed), 1);
}

#[test]
fn a_task_goes_on_when_its_handle_is_dropped() {
    let done = Arc::new(AtomicBool::new(false));
    let mark = Arc::clone(&done);
    drop(WasiRuntime.spawn(Box::pin(async move {
        WasiRuntime.yield_now().await;
        mark.store(true, Ordering::Relaxed);
    })));
    block_on(async {
        while !done.load(Ordering::Relaxed) {
            WasiRuntime.yield_now().await;
        }
    });
}

#[test]
fn a_wait_that_cannot_end_panics_with_a_message() {
    let outcome = std::panic::catch_unwind(|| block_on(std::future::pending::<()>()));
    let message = *outcome.expect_err("block_on panics").downcast::<&str>().expect("the panic has a message");
    assert_eq!(message, "the future waits for a wake-up that nothing can cause");
}
