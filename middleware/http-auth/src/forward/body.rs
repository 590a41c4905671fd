//! Bodies on their way through.
//!
//! A body whose length is known goes on as the stream that the app writes to: not a byte of it passes through this
//! component. Without a length it may be none at all, which is looked at once, without waiting: a request
//! without a body must not become one with an empty body, which some services refuse.

use crate::bindings::wasi::http::types::{ErrorCode, Request, Trailers};
use crate::bindings::{wit_future, wit_stream};
use crate::prelude::*;
use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::Poll;
use wit_bindgen::{FutureReader, FutureWriter, StreamReader, StreamResult, StreamWriter};

type TrailersReader = FutureReader<Result<Option<Trailers>, ErrorCode>>;
type SentReader = FutureReader<Result<(), ErrorCode>>;

/// The body of a request that is about to be sent.
pub struct Body {
    contents: Option<StreamReader<u8>>,
    trailers: TrailersReader,
    sent: Option<Sent>,
}

/// Who wants to know whether the request was sent.
pub struct Sent(FutureWriter<Result<(), ErrorCode>>);

/// What is left of a body when it was sent: enough to send it again.
pub struct Contents(Vec<u8>);

impl Contents {
    /// Takes a request's body out of it: to be sent, and to be sent again if it is none or at most `keep` bytes
    /// long.
    pub async fn of(request: Request, length: Option<u64>, keep: usize) -> (Body, Option<Self>) {
        let (sent, is_sent) = wit_future::new(|| Ok(()));
        let (mut stream, trailers) = Request::consume_body(request, is_sent);
        // Of no body nothing can be left unsent; dropped, it says that all is well. To wait for the other request's
        // word would cost such a request as much again as all else that is done with it.
        let none = |trailers, sent| {
            drop(sent);
            (Body { contents: None, trailers, sent: None }, Some(Self(Vec::new())))
        };
        let kept = length.and_then(|length| usize::try_from(length).ok()).filter(|length| *length <= keep);
        match (length, kept) {
            (Some(0), _) => none(trailers, sent),
            (_, Some(length)) => {
                // Not to its end: an app may end its body when it has the answer.
                let bytes = read_up_to(&mut stream, length).await;
                let contents = Some(written(bytes.clone()));
                (Body { contents, trailers, sent: Some(Sent(sent)) }, Some(Self(bytes)))
            }
            (Some(_), None) => (Body { contents: Some(stream), trailers, sent: Some(Sent(sent)) }, None),
            (None, None) => match first_bytes(&mut stream).await {
                First::End => none(trailers, sent),
                First::NotYet => (Body { contents: Some(stream), trailers, sent: Some(Sent(sent)) }, None),
                // A stream that was read from is never handed on: hosts may take it for one that was not.
                First::Bytes(bytes) => {
                    (Body { contents: Some(pumped(bytes, stream)), trailers, sent: Some(Sent(sent)) }, None)
                }
            },
        }
    }

    /// The same body once more.
    pub fn into_body(self) -> Body {
        let (writer, trailers) = wit_future::new(|| Ok(None));
        drop(writer);
        let contents = if self.0.is_empty() { None } else { Some(written(self.0)) };
        Body { contents, trailers, sent: None }
    }
}

impl Body {
    /// What a request is made of.
    pub fn into_parts(self) -> (Option<StreamReader<u8>>, TrailersReader, Option<Sent>) {
        (self.contents, self.trailers, self.sent)
    }
}

impl Sent {
    /// Says what another request says.
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

/// As much as hosts hand over at once.
const CHUNK: usize = 64 << 10;

/// What can be read without waiting. Most requests have no body, so that it is little that there is room for.
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

async fn read_up_to(stream: &mut StreamReader<u8>, most: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(most);
    while bytes.len() < most {
        let (result, read) = stream.read(bytes).await;
        bytes = read;
        if result == StreamResult::Dropped {
            break;
        }
    }
    bytes
}

/// A stream with these bytes in it.
fn written(bytes: Vec<u8>) -> StreamReader<u8> {
    let (mut writer, reader) = wit_stream::new();
    wit_bindgen::spawn_local(async move {
        writer.write_all(bytes).await;
    });
    reader
}

/// A stream with these bytes in front of another's.
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
        // The buffer comes back empty, with its room.
        buffer = writer.write_all(bytes).await;
        if !buffer.is_empty() {
            return;
        }
    }
}
