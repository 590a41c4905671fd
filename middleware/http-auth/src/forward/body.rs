//! The bodies of forwarded requests.
//!
//! A body with a `content-length` is forwarded as the stream that the app writes to: none of its bytes passes through
//! this component. Without a length, one read that does not wait finds out whether there is a body at all: a request
//! without one must not become one with an empty body, which some services refuse.

use crate::bindings::wasi::http::types::{ErrorCode, Request, Trailers};
use crate::bindings::{wit_future, wit_stream};
use crate::prelude::*;
use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::Poll;
use wit_bindgen::{FutureReader, FutureWriter, StreamReader, StreamResult, StreamWriter};

type TrailersReader = FutureReader<Result<Option<Trailers>, ErrorCode>>;
type SentReader = FutureReader<Result<(), ErrorCode>>;

/// The body of a request to be sent.
pub struct Body {
    contents: Option<StreamReader<u8>>,
    trailers: TrailersReader,
    sent: Option<Sent>,
}

/// Reports to the app's request whether it was sent.
pub struct Sent(FutureWriter<Result<(), ErrorCode>>);

/// A copy of a body, with which the request can be sent again.
pub struct Contents(Vec<u8>);

impl Contents {
    /// Takes the body out of a request. A body of at most `keep` bytes, or no body, is returned as a copy as well, to be
    /// sent again.
    pub async fn of(request: Request, length: Option<u64>, keep: usize) -> (Body, Option<Self>) {
        let (sent, is_sent) = wit_future::new(|| Ok(()));
        let (mut stream, trailers) = Request::consume_body(request, is_sent);
        // Dropped, `sent` reports success, which without a body is certain. Waiting for the report of the forwarded
        // request would double the cost of such a request.
        let none = |trailers, sent| {
            drop(sent);
            (Body { contents: None, trailers, sent: None }, Some(Self(Vec::new())))
        };
        let kept = length.and_then(|length| usize::try_from(length).ok()).filter(|length| *length <= keep);
        match (length, kept) {
            (Some(0), _) => none(trailers, sent),
            (_, Some(length)) => {
                // Not until the end of the stream: an app may end it only after the response.
                let bytes = read_up_to(&mut stream, length).await;
                let contents = Some(written(bytes.clone()));
                (Body { contents, trailers, sent: Some(Sent(sent)) }, Some(Self(bytes)))
            }
            (Some(_), None) => (Body { contents: Some(stream), trailers, sent: Some(Sent(sent)) }, None),
            (None, None) => match first_bytes(&mut stream).await {
                First::End => none(trailers, sent),
                First::NotYet => (Body { contents: Some(stream), trailers, sent: Some(Sent(sent)) }, None),
                // A stream that was read from is not forwarded: a host may treat it as unread (wasmtime 48).
                First::Bytes(bytes) => {
                    (Body { contents: Some(pumped(bytes, stream)), trailers, sent: Some(Sent(sent)) }, None)
                }
            },
        }
    }

    /// The body for the second request.
    pub fn into_body(self) -> Body {
        let (writer, trailers) = wit_future::new(|| Ok(None));
        drop(writer);
        let contents = if self.0.is_empty() { None } else { Some(written(self.0)) };
        Body { contents, trailers, sent: None }
    }
}

impl Body {
    /// The parts that a new request takes.
    pub fn into_parts(self) -> (Option<StreamReader<u8>>, TrailersReader, Option<Sent>) {
        (self.contents, self.trailers, self.sent)
    }
}

impl Sent {
    /// Reports what the forwarded request reports.
    pub fn follows(self, is_sent: SentReader) {
        wit_bindgen::spawn_local(async move {
            let _ = self.0.write(is_sent.await).await;
        });
    }
}

enum First {
    End,
    NotYet,
    Bytes(Vec<u8>),
}

/// The size that hosts write at once, in bytes.
const CHUNK: usize = 64 << 10;

/// Reads what is there without waiting. The buffer is small, because most requests have no body.
async fn first_bytes(stream: &mut StreamReader<u8>) -> First {
    let mut reading = pin!(stream.read(Vec::with_capacity(256)));
    let at_once = poll_fn(|context| Poll::Ready(reading.as_mut().poll(context))).await;
    let (result, bytes) = match at_once {
        Poll::Ready(read) => read,
        Poll::Pending => reading.as_mut().cancel(),
    };
    match result {
        StreamResult::Dropped => First::End,
        _ if bytes.is_empty() => First::NotYet,
        _ => First::Bytes(bytes),
    }
}

async fn read_up_to(stream: &mut StreamReader<u8>, limit: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(limit);
    while bytes.len() < limit {
        let (result, read) = stream.read(bytes).await;
        bytes = read;
        if result == StreamResult::Dropped {
            break;
        }
    }
    bytes
}

/// A stream of these bytes.
fn written(bytes: Vec<u8>) -> StreamReader<u8> {
    let (mut writer, reader) = wit_stream::new();
    wit_bindgen::spawn_local(async move {
        writer.write_all(bytes).await;
    });
    reader
}

/// A stream of these bytes, followed by those of another stream.
fn pumped(first: Vec<u8>, rest: StreamReader<u8>) -> StreamReader<u8> {
    let (writer, reader) = wit_stream::new();
    wit_bindgen::spawn_local(pump(first, rest, writer));
    reader
}

async fn pump(first: Vec<u8>, mut rest: StreamReader<u8>, mut writer: StreamWriter<u8>) {
    if !writer.write_all(first).await.is_empty() {
        return;
    }
    let mut buffer = Vec::with_capacity(CHUNK);
    loop {
        let (result, bytes) = rest.read(buffer).await;
        if result == StreamResult::Dropped {
            return;
        }
        // The buffer is returned empty, with its capacity.
        buffer = writer.write_all(bytes).await;
        if !buffer.is_empty() {
            return;
        }
    }
}
