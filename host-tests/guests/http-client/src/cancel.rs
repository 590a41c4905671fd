//! An app that gives up in the middle of a request.

use crate::bindings::wasi::clocks::monotonic_clock::wait_for;
use crate::bindings::wasi::http::types::{ErrorCode, Response};
use crate::bindings::wit_future;
use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::Poll;

/// When the app gives up.
#[derive(Clone, Copy)]
pub enum Cancelled {
    /// Never.
    Never,
    /// After this time, in nanoseconds.
    In(u64),
    /// In the middle of the response's body.
    InBody,
}

/// The response; `None`: the app gave up before.
pub async fn unless_cancelled(
    cancelled: Cancelled,
    sending: impl Future<Output = Result<Response, ErrorCode>>,
) -> Result<Option<Response>, ErrorCode> {
    if let Cancelled::In(time) = cancelled {
        return before(sending, time).await.transpose();
    }
    let response = sending.await?;
    if let Cancelled::Never = cancelled {
        return Ok(Some(response));
    }
    let (finished, is_finished) = wit_future::new(|| Ok(()));
    let (mut contents, _trailers) = Response::consume_body(response, is_finished);
    drop(finished);
    let _ = contents.read(Vec::with_capacity(16)).await;
    Ok(None)
}

/// The output of a future; `None`: it was dropped after this time, in nanoseconds.
async fn before<T>(future: impl Future<Output = T>, time: u64) -> Option<T> {
    let (mut future, mut timer) = (pin!(future), pin!(wait_for(time)));
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => timer.as_mut().poll(context).map(|()| None),
    })
    .await
}
