//! A response body that arrives as a fault requires.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

/// A body in pieces with pauses between them, which may end early or not at all.
pub struct SlowBody {
    pieces: VecDeque<Bytes>,
    /// The `Content-Length`.
    length: u64,
    every: Duration,
    pause: Option<Pin<Box<Sleep>>>,
    end: End,
}

enum End {
    /// The body is complete.
    Complete,
    /// The connection is reset.
    Reset,
    /// The connection stays open.
    Hang,
}

impl SlowBody {
    /// The whole body at once.
    pub fn whole(body: Bytes) -> SlowBody {
        let length = body.len() as u64;
        SlowBody {
            pieces: VecDeque::from([body]),
            length,
            every: Duration::ZERO,
            pause: None,
            end: End::Complete,
        }
    }

    /// The first `after` bytes, then a reset.
    pub fn truncated(body: Bytes, after: usize) -> SlowBody {
        SlowBody { end: End::Reset, ..SlowBody::start(body, after) }
    }

    /// The first `after` bytes, then nothing.
    pub fn hanging(body: Bytes, after: usize) -> SlowBody {
        SlowBody { end: End::Hang, ..SlowBody::start(body, after) }
    }

    /// Pieces of `chunk` bytes with the pause `every` between them.
    pub fn dripping(body: Bytes, chunk: usize, every: Duration) -> SlowBody {
        let pieces = (0..body.len()).step_by(chunk.max(1));
        let pieces = pieces.map(|start| body.slice(start..(start + chunk.max(1)).min(body.len())));
        SlowBody { pieces: pieces.collect(), every, ..SlowBody::whole(body) }
    }

    /// The length of the whole body, and its first `after` bytes.
    fn start(body: Bytes, after: usize) -> SlowBody {
        let first = body.slice(..after.min(body.len()));
        SlowBody { pieces: VecDeque::from([first]), every: FLUSH, ..SlowBody::whole(body) }
    }
}

impl Body for SlowBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(pause) = &mut self.pause {
            std::task::ready!(pause.as_mut().poll(context));
            self.pause = None;
        }
        if let Some(piece) = self.pieces.pop_front() {
            if !self.every.is_zero() {
                self.pause = Some(Box::pin(tokio::time::sleep(self.every)));
            }
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        match self.end {
            End::Reset => Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into()))),
            End::Complete => Poll::Ready(None),
            End::Hang => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty() && matches!(self.end, End::Complete)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}

/// A pause in which hyper sends the bytes so far; it would drop them if the next frame were an error at once.
const FLUSH: Duration = Duration::from_millis(20);
