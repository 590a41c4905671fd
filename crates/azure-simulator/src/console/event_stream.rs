//! The journal as server-sent events.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame};
use tokio::sync::mpsc;

use crate::azure::Azure;
use crate::journal::Entry;

/// A body that starts with the entries so far and goes on until the client closes the connection.
pub struct EventStream {
    so_far: VecDeque<Entry>,
    later: mpsc::Receiver<Entry>,
}

impl EventStream {
    /// The journal of `azure`.
    pub fn of(azure: &Azure) -> EventStream {
        let (so_far, later) = azure.follow();
        EventStream { so_far, later }
    }
}

impl Body for EventStream {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let entry = match self.so_far.pop_front() {
            Some(entry) => Some(entry),
            // It ends when the client reads so slowly that entries would be lost; a browser then connects again.
            None => ready!(self.later.poll_recv(context)),
        };
        Poll::Ready(entry.map(|entry| Ok(Frame::data(event(&entry)))))
    }
}

/// One event; JSON has no line breaks.
fn event(entry: &Entry) -> Bytes {
    let json = serde_json::to_string(entry).expect("an entry is JSON");
    format!("id: {}\ndata: {json}\n\n", entry.number).into()
}
