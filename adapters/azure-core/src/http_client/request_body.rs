//! Sends the body of a request.

use super::timeouts::Timeouts;
use super::timer::timer;
use crate::reactor::Wait;
use azure_core::Bytes;
use azure_core::error::{Error, ErrorKind};
use azure_core::http::Body;
use futures_util::Stream;
use std::future::poll_fn;
use std::pin::Pin;
use wasip2::http::types::{FutureIncomingResponse, OutgoingBody};
use wasip2::io::streams::OutputStream;

/// Sends the body, and returns the number of bytes that the host has accepted. Sending ends early when the response arrives
/// or the server closes the stream; the response then describes the outcome.
///
/// # Errors
/// When the app's stream fails, or the host accepts no data within the timeout.
pub(super) async fn send(
    body: OutgoingBody,
    content: Body,
    response: &FutureIncomingResponse,
    timeouts: &Timeouts,
) -> azure_core::Result<u64> {
    let stream =
        body.write().map_err(|()| Error::with_message(ErrorKind::Other, "the body has been sent before"))?;
    let mut sent = 0;
    let is_complete = write_all(&stream, content, response, timeouts, &mut sent).await?;
    // A stream must be dropped before its body.
    drop(stream);
    if is_complete {
        // The host reports a wrong length in the response.
        let _ = OutgoingBody::finish(body, None);
    }
    Ok(sent)
}

/// Returns whether the whole body was written.
async fn write_all(
    stream: &OutputStream,
    content: Body,
    response: &FutureIncomingResponse,
    timeouts: &Timeouts,
    sent: &mut u64,
) -> azure_core::Result<bool> {
    let mut content = Chunks::from(content);
    while let Some(chunk) = content.next().await? {
        let mut rest = &chunk[..];
        while !rest.is_empty() {
            let Ok(capacity) = stream.check_write() else { return Ok(false) };
            if capacity == 0 {
                let timer = timer(timeouts.progress_after(*sent));
                match Wait::for_first_of([stream.subscribe(), response.subscribe(), timer]).await {
                    0 => continue,
                    1 => return Ok(false),
                    _ => {
                        return Err(Error::with_message(
                            ErrorKind::Io,
                            "the server does not accept the body of the request",
                        ));
                    }
                }
            }
            let (now, later) = rest.split_at(usize::try_from(capacity).unwrap_or(usize::MAX).min(rest.len()));
            if stream.write(now).is_err() {
                return Ok(false);
            }
            *sent = sent.saturating_add(now.len() as u64);
            rest = later;
        }
    }
    Ok(stream.flush().is_ok())
}

/// A body as a stream.
enum Chunks {
    Bytes(Option<Bytes>),
    Stream(Box<dyn azure_core::stream::SeekableStream>),
}

impl From<Body> for Chunks {
    fn from(body: Body) -> Self {
        match body {
            Body::Bytes(bytes) => Self::Bytes(Some(bytes)),
            Body::SeekableStream(stream) => Self::Stream(stream),
        }
    }
}

impl Chunks {
    async fn next(&mut self) -> azure_core::Result<Option<Bytes>> {
        match self {
            Self::Bytes(bytes) => Ok(bytes.take()),
            Self::Stream(stream) => {
                poll_fn(|context| Pin::new(&mut **stream).poll_next(context)).await.transpose()
            }
        }
    }
}
