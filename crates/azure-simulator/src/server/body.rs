//! A response body that arrives as a fault wants it to.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

/// A body in pieces, with pauses between them, that may end too early or not at all.
pub struct SlowBody {
    pieces: VecDeque<Bytes>,
    promised: u64,
    every: Duration,
    pause: Option<Pin<Box<Sleep>>>,
    end: End,
}

enum End {
    /// The connection breaks.
    Cut,
    /// As it should.
    Proper,
    /// Nothing more happens.
    Stuck,
}

impl SlowBody {
    /// The whole body at once.
    pub fn whole(body: Bytes) -> SlowBody {
        let promised = body.len() as u64;
        SlowBody {
            pieces: VecDeque::from([body]),
            promised,
            every: Duration::ZERO,
            pause: None,
            end: End::Proper,
        }
    }

    /// The first `after` bytes, then the connection breaks.
    pub fn cut(body: Bytes, after: usize) -> SlowBody {
        SlowBody { end: End::Cut, ..SlowBody::start(body, after) }
    }

    /// The first `after` bytes, then nothing.
    pub fn stuck(body: Bytes, after: usize) -> SlowBody {
        SlowBody { end: End::Stuck, ..SlowBody::start(body, after) }
    }

    /// `chunk` bytes at a time, one piece `every` so often.
    pub fn dripping(body: Bytes, chunk: usize, every: Duration) -> SlowBody {
        let pieces = (0..body.len()).step_by(chunk.max(1));
        let pieces = pieces.map(|start| body.slice(start..(start + chunk.max(1)).min(body.len())));
        SlowBody { pieces: pieces.collect(), every, ..SlowBody::whole(body) }
    }

    /// The promise of the whole body, and its first `after` bytes.
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
            End::Cut => Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into()))),
            End::Proper => Poll::Ready(None),
            End::Stuck => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty() && matches!(self.end, End::Proper)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.promised)
    }
}

/// hyper sends what it was given when it has to wait; an error at once would swallow it.
const FLUSH: Duration = Duration::from_millis(20);
