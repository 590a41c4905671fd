//! The response that the app receives: not one that contains the token that was sent.
//!
//! Headers are searched before the app gets the response, trailers when they arrive. A host may attach the trailers to the
//! body's stream and ignore others (wasmtime 48), so a response that may have trailers passes through this component. Any
//! other one is handed on as it is.

use super::transfer::Buffer;
use crate::bindings::wasi::clocks::monotonic_clock;
use crate::bindings::wasi::http::types::{ErrorCode, Response, Trailers};
use crate::bindings::{wit_future, wit_stream};
use crate::host::{Instance, instance};
use crate::prelude::*;
use crate::token_store::Token;
use alloc::rc::Rc;
use azure_http_auth_rules::headers::{self, Header};
use azure_http_auth_rules::log::{Kind, WITHHELD_HEADERS, WITHHELD_TRAILERS};
use core::future::{Future, poll_fn};
use core::pin::{Pin, pin};
use core::task::Poll;
use wit_bindgen::{FutureReader, FutureWriter, StreamReader, StreamResult, StreamWriter};

/// The response, whose headers are `list`, to a request with the headers `sent`.
///
/// # Errors
/// When a header contains the token.
pub fn checked(
    instance: &Instance,
    token: &Rc<Token>,
    sent: &[Header],
    response: Response,
    list: &[Header],
) -> Result<Response, ErrorCode> {
    if headers::contain(list, token.secret.as_bytes()) {
        instance.log(Kind::Withheld, &WITHHELD_HEADERS);
        return Err(ErrorCode::HttpResponseHeaderSectionSize(None));
    }
    if headers::may_have_trailers(sent, list) {
        return Ok(with_checked_trailers(Rc::clone(token), response));
    }
    Ok(response)
}

/// The same response, whose trailers are an error if they contain the token.
fn with_checked_trailers(token: Rc<Token>, response: Response) -> Response {
    let (status, headers) = (response.get_status_code(), response.get_headers());
    let (received, is_received) = wit_future::new(|| Ok(()));
    let (stream, trailers) = Response::consume_body(response, is_received);
    let (writer, contents) = wit_stream::new();
    let (trailers_writer, checked) = wit_future::new(|| Ok(None));
    wit_bindgen::spawn_local(async move {
        if transfer(stream, writer).await {
            let trailers = without_token(&token, trailers.await);
            let _ = trailers_writer.write(trailers).await;
        }
    });
    let (response, outcome) = Response::new(headers, Some(contents), checked);
    // A status that was received is valid.
    let _ = response.set_status_code(status);
    report(received, outcome);
    response
}

type Outcome = Result<(), ErrorCode>;

/// Tells the host what became of the response.
fn report(received: FutureWriter<Outcome>, outcome: FutureReader<Outcome>) {
    wit_bindgen::spawn_local(async move { received.write(outcome.await).await });
}

/// Transfers a body to its end, and returns whether the app read all of it.
async fn transfer(mut from: StreamReader<u8>, mut to: StreamWriter<u8>) -> bool {
    let (mut buffer, mut length) = (Vec::new(), 0);
    loop {
        let reading = from.read(Buffer::emptied(buffer, length));
        let Some((result, bytes)) = unless_dropped(pin!(reading), &mut to).await else { return false };
        if result == StreamResult::Dropped {
            return true;
        }
        length = bytes.len();
        buffer = to.write_all(bytes).await;
        if !buffer.is_empty() {
            return false;
        }
    }
}

/// The output of a read; `None`: the app has dropped the body meanwhile.
///
/// A writer learns that from a write alone, so an empty one follows each second in which nothing arrives.
async fn unless_dropped<F: Future>(mut reading: Pin<&mut F>, to: &mut StreamWriter<u8>) -> Option<F::Output> {
    let mut dropped = pin!(async {
        loop {
            monotonic_clock::wait_for(PROBE_EVERY).await;
            if to.write(Vec::new()).await.0 == StreamResult::Dropped {
                return;
            }
        }
    });
    poll_fn(|context| match reading.as_mut().poll(context) {
        Poll::Ready(read) => Poll::Ready(Some(read)),
        Poll::Pending => dropped.as_mut().poll(context).map(|()| None),
    })
    .await
}

/// In nanoseconds.
const PROBE_EVERY: u64 = 1_000_000_000;

fn without_token(
    token: &Token,
    trailers: Result<Option<Trailers>, ErrorCode>,
) -> Result<Option<Trailers>, ErrorCode> {
    let contain = |trailers: &Trailers| headers::contain(&trailers.copy_all(), token.secret.as_bytes());
    if trailers.as_ref().is_ok_and(|trailers| trailers.as_ref().is_some_and(contain)) {
        instance().log(Kind::Withheld, &WITHHELD_TRAILERS);
        return Err(ErrorCode::HttpResponseTrailerSectionSize(None));
    }
    trailers
}
