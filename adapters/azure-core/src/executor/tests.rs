//! Tests without a host: tasks, joins, wakers.

use super::*;
use crate::runtime::WasiRuntime;
use azure_core::async_runtime::AsyncRuntime;
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
fn under_another_executor_a_task_runs_when_it_is_awaited() {
    let done = Arc::new(AtomicBool::new(false));
    let mark = Arc::clone(&done);
    let mut task = WasiRuntime.spawn(Box::pin(async move { mark.store(true, Ordering::Relaxed) }));
    let mut context = Context::from_waker(Waker::noop());
    assert!(task.as_mut().poll(&mut context).is_ready());
    assert!(done.load(Ordering::Relaxed));
}

#[test]
fn block_on_may_be_nested() {
    let output = block_on(async { block_on(async { 41 }) + 1 });
    assert_eq!((output, is_active()), (42, false));
}

#[test]
fn a_wait_that_cannot_end_panics_with_a_message() {
    let outcome = std::panic::catch_unwind(|| block_on(std::future::pending::<()>()));
    let message = *outcome.expect_err("block_on panics").downcast::<&str>().expect("the panic has a message");
    assert_eq!(message, "the future waits for a wake-up that nothing can cause");
}
