//! The bodies of forwarded requests.
//!
//! A body that is longer than the rule keeps, by its `content-length`, is forwarded as the stream that the app writes to:
//! none of its bytes passes through this component. Any other body passes through it, and is copied up to that length, so
//! that the request can be sent again (`copying.rs`).
//!
//! Without a length, one read that does not wait finds out whether there is a body at all: a request without one must not
//! become one with an empty body, which some services refuse.

use super::copying::{Copying, Source, Trailers, TrailersReader};
use super::transfer::Buffer;
use crate::bindings::wasi::http::types::{ErrorCode, Request};
use crate::bindings::wit_future;
use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::Poll;
use wit_bindgen::{FutureReader, FutureWriter, StreamReader, StreamResult};

/// What a request reports when it was sent.
pub type SentReader = FutureReader<Result<(), ErrorCode>>;

/// The body of a request to be sent.
pub struct Body {
    /// Its bytes; `None`: it has none.
    pub contents: Option<StreamReader<u8>>,
    /// Its trailers.
    pub trailers: TrailersReader,
    /// Reports to the app's request; `None`: nothing is reported.
    pub sent: Option<Sent>,
}

/// What a request can be sent again with.
pub enum Kept {
    /// The body is gone, or is longer than the rule keeps.
    Nothing,
    /// The request has neither a body nor trailers.
    NoBody,
    /// What was read so far of the body.
    Copy(Copying),
}

/// What a request says of its body.
#[derive(Clone, Copy)]
pub struct Framing {
    /// The `content-length`; `None`: there is none.
    pub length: Option<u64>,
    /// Whether it has no trailers if it has no body.
    pub has_no_trailers: bool,
}

/// Reports to the app's request whether it was sent.
pub type Sent = FutureWriter<Result<(), ErrorCode>>;

impl Body {
    /// Takes the body out of a request. At most `keep` bytes are copied.
    pub async fn of(request: Request, framing: Framing, keep: usize) -> (Self, Kept) {
        let length = framing.length;
        let (sent, is_sent) = wit_future::new(|| Ok(()));
        let (mut stream, trailers) = Request::consume_body(request, is_sent);
        let is_short = length.is_none_or(|length| length <= keep as u64);
        if length == Some(0) {
            return Self::without_contents(trailers, sent, framing).await;
        }
        if !is_short {
            return (Self { contents: Some(stream), trailers, sent: Some(sent) }, Kept::Nothing);
        }
        let mut buffer = Buffer::for_length(length);
        if length.is_none() {
            match first_bytes(&mut stream, &mut buffer).await {
                First::End => return Self::without_contents(trailers, sent, framing).await,
                First::NotYet if keep == 0 => {
                    return (Self { contents: Some(stream), trailers, sent: Some(sent) }, Kept::Nothing);
                }
                // A stream that was read from is not forwarded: a host may treat it as unread (wasmtime 48).
                First::NotYet | First::Bytes => {}
            }
        }
        let source =
            Source { stream: Some(stream), remaining: length, trailers: Trailers::Pending(trailers) };
        let (contents, trailers, copying) = Copying::start(source, buffer, keep);
        (Self { contents, trailers, sent: Some(sent) }, Kept::Copy(copying))
    }

    /// A request without a body. Its trailers are usually there at once, and there are none.
    async fn without_contents(trailers: TrailersReader, sent: Sent, framing: Framing) -> (Self, Kept) {
        // Dropped, it reports success, which without a body is certain. Waiting for the report of the forwarded
        // request would double the cost of such a request.
        drop(sent);
        if framing.has_no_trailers {
            return (Self { contents: None, trailers, sent: None }, Kept::NoBody);
        }
        let mut reading = pin!(trailers.into_future());
        let at_once = poll_fn(|context| Poll::Ready(reading.as_mut().poll(context))).await;
        let trailers = match at_once {
            Poll::Ready(Ok(None)) => {
                return (Self::none(), Kept::NoBody);
            }
            Poll::Ready(read) => Trailers::Read(read),
            Poll::Pending => match reading.as_mut().cancel() {
                Ok(read) => Trailers::Read(read),
                Err(reader) => Trailers::Pending(reader),
            },
        };
        let source = Source { stream: None, remaining: None, trailers };
        let (contents, trailers, copying) = Copying::start(source, Buffer::default(), 0);
        (Self { contents, trailers, sent: None }, Kept::Copy(copying))
    }

    fn none() -> Self {
        Self { contents: None, trailers: no_trailers(), sent: None }
    }
}

impl Kept {
    /// Tells the app's request what the forwarded request reports.
    pub fn report(&self, sent: Sent, is_sent: SentReader) {
        match self {
            Self::Copy(copying) => {
                let outcome = copying.report(is_sent.into_future());
                wit_bindgen::spawn_local(async move { sent.write(outcome.await).await });
            }
            Self::Nothing | Self::NoBody => {
                wit_bindgen::spawn_local(async move { sent.write(is_sent.await).await });
            }
        }
    }

    /// Whether the request can be sent again, as far as is known yet.
    pub fn can_be_sent(&self) -> bool {
        match self {
            Self::Nothing => false,
            Self::NoBody => true,
            Self::Copy(copying) => copying.is_whole(),
        }
    }

    /// Ends the first sending, and returns the body for the second one; `None`: it is longer than the rule keeps.
    pub async fn into_body(self) -> Option<Body> {
        match self {
            Self::Nothing => None,
            Self::NoBody => Some(Body::none()),
            Self::Copy(copying) => {
                let (contents, trailers) = copying.stop().await?.start();
                Some(Body { contents, trailers, sent: None })
            }
        }
    }
}

fn no_trailers() -> TrailersReader {
    wit_future::new(|| Ok(None)).1
}

enum First {
    End,
    NotYet,
    Bytes,
}

/// Reads what is there without waiting.
async fn first_bytes(stream: &mut StreamReader<u8>, buffer: &mut Buffer) -> First {
    let mut reading = pin!(stream.read(buffer.take()));
    let at_once = poll_fn(|context| Poll::Ready(reading.as_mut().poll(context))).await;
    let (result, bytes) = match at_once {
        Poll::Ready(read) => read,
        Poll::Pending => reading.as_mut().cancel(),
    };
    let is_empty = bytes.is_empty();
    buffer.put(bytes);
    match result {
        StreamResult::Dropped => First::End,
        _ if is_empty => First::NotYet,
        _ => First::Bytes,
    }
}
