//! The body of a request, on its way.

use super::timer;
use crate::executor::Wait;
use azure_core::Bytes;
use azure_core::error::{Error, ErrorKind};
use azure_core::http::Body;
use futures_core::Stream;
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;
use wasip2::http::types::{FutureIncomingResponse, OutgoingBody};
use wasip2::io::streams::OutputStream;

/// Sends the whole body, unless the answer comes first or nobody wants it: then the answer tells.
///
/// Only a body that the app itself cannot read on, or a server that takes nothing for too long, is an error.
pub(super) async fn send(
    body: OutgoingBody,
    content: Body,
    answer: &FutureIncomingResponse,
    patience: Duration,
) -> azure_core::Result<()> {
    let stream =
        body.write().map_err(|()| Error::with_message(ErrorKind::Other, "the body was sent before"))?;
    let is_complete = write_all(&stream, content, answer, patience).await?;
    // A stream has to go before the body that it belongs to.
    drop(stream);
    if is_complete {
        // That it came out too short or long is the host's to say, in the answer.
        let _ = OutgoingBody::finish(body, None);
    }
    Ok(())
}

/// Whether everything was written.
async fn write_all(
    stream: &OutputStream,
    content: Body,
    answer: &FutureIncomingResponse,
    patience: Duration,
) -> azure_core::Result<bool> {
    let mut content = Pieces::from(content);
    while let Some(piece) = content.next().await? {
        let mut rest = &piece[..];
        while !rest.is_empty() {
            let Ok(room) = stream.check_write() else { return Ok(false) };
            if room == 0 {
                match Wait::for_first_of([stream.subscribe(), answer.subscribe(), timer(patience)]).await {
                    0 => continue,
                    1 => return Ok(false),
                    _ => {
                        return Err(Error::with_message(
                            ErrorKind::Io,
                            "the server does not take the request's body",
                        ));
                    }
                }
            }
            let (now, later) = rest.split_at(usize::try_from(room).unwrap_or(usize::MAX).min(rest.len()));
            if stream.write(now).is_err() {
                return Ok(false);
            }
            rest = later;
        }
    }
    Ok(stream.flush().is_ok())
}

/// A body as a stream.
enum Pieces {
    Bytes(Option<Bytes>),
    Stream(Box<dyn azure_core::stream::SeekableStream>),
}

impl From<Body> for Pieces {
    fn from(body: Body) -> Self {
        match body {
            Body::Bytes(bytes) => Self::Bytes(Some(bytes)),
            Body::SeekableStream(stream) => Self::Stream(stream),
        }
    }
}

impl Pieces {
    async fn next(&mut self) -> azure_core::Result<Option<Bytes>> {
        match self {
            Self::Bytes(bytes) => Ok(bytes.take()),
            Self::Stream(stream) => {
                poll_fn(|context| Pin::new(&mut **stream).poll_next(context)).await.transpose()
            }
        }
    }
}
