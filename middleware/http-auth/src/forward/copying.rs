//! A body that passes through this component and is copied meanwhile, so that its request can be sent again.
//!
//! One task reads what the app writes, and writes it to the request that is sent. When a service challenges that request,
//! the task is stopped wherever it is: the second request gets the copy of what was read, and what the app still
//! writes after it. So an app may end its body only after the response.

use super::transfer::Buffer;
use crate::bindings::wasi::http::types::{ErrorCode, Fields};
use crate::bindings::{wit_future, wit_stream};
use crate::prelude::*;
use alloc::rc::Rc;
use azure_http_auth_rules::headers::Header;
use core::cell::{Cell, RefCell};
use core::future::{Future, poll_fn};
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};
use wit_bindgen::{FutureReader, FutureWriter, JoinHandle, StreamReader, StreamResult, StreamWriter};

/// The trailers of a request, once they are there.
pub type TrailersReader = FutureReader<TrailersResult>;
type TrailersResult = Result<Option<Fields>, ErrorCode>;

/// What the app has not written yet, or was not read.
pub struct Source {
    /// The rest of the body; `None`: it has ended.
    pub stream: Option<StreamReader<u8>>,
    /// The number of bytes left by the `content-length`; `None`: there is none.
    pub remaining: Option<u64>,
    /// The trailers, which follow the body.
    pub trailers: Trailers,
}

/// The trailers of the app's request.
pub enum Trailers {
    /// They were not read.
    Pending(TrailersReader),
    /// They were read, and sent nowhere yet.
    Read(TrailersResult),
    /// They were sent, and these are a copy.
    Copied(Result<Option<Vec<Header>>, ErrorCode>),
}

/// A body on its way. Dropped, it goes on without a copy.
pub struct Copying {
    shared: Rc<Shared>,
    task: Option<JoinHandle<Source>>,
}

/// A body to be sent again.
pub struct Again {
    copy: Vec<u8>,
    source: Source,
}

struct Shared {
    /// What was read so far; `None`: it was longer than `keep`, or it is not needed.
    copy: RefCell<Option<Vec<u8>>>,
    keep: usize,
    fate: Cell<Fate>,
    /// Wake the task, and the report of the sending, when the fate is decided.
    task: Cell<Option<Waker>>,
    report: Cell<Option<Waker>>,
}

/// What becomes of the task.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Undecided,
    /// It goes on to the end.
    GoesOn,
    /// It stops, and returns what it has not read.
    Stops,
}

impl Copying {
    /// Begins to send a body: what is in the buffer, then what the source has.
    pub fn start(
        source: Source,
        buffer: Buffer,
        keep: usize,
    ) -> (Option<StreamReader<u8>>, TrailersReader, Self) {
        let shared = Rc::new(Shared::new(Some(Vec::new()), keep, Fate::Undecided));
        let mut source = source;
        shared.note(buffer.bytes(), &mut source);
        let (contents, trailers, task) = send(Rc::clone(&shared), source, buffer);
        (contents, trailers, Self { shared, task: Some(task) })
    }

    /// What the app is told of this sending, which `outcome` ends: nothing of one that was stopped.
    pub fn report<F: Future<Output = Result<(), ErrorCode>>>(
        &self,
        outcome: F,
    ) -> impl Future<Output = Result<(), ErrorCode>> + use<F> {
        let shared = Rc::clone(&self.shared);
        async move {
            let error = match outcome.await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            if shared.settled().await == Fate::Stops { Ok(()) } else { Err(error) }
        }
    }

    /// Whether all that was read so far is kept.
    pub fn is_whole(&self) -> bool {
        self.shared.copy.borrow().is_some()
    }

    /// Stops sending it, and returns it to be sent again; `None`: not all of it was kept.
    pub async fn stop(mut self) -> Option<Again> {
        let task = self.task.take()?;
        self.shared.decide(Fate::Stops);
        let source = task.await?;
        Some(Again { copy: self.shared.copy.take()?, source })
    }
}

impl Drop for Copying {
    fn drop(&mut self) {
        if self.shared.fate.get() == Fate::Undecided {
            self.shared.decide(Fate::GoesOn);
        }
    }
}

impl Again {
    /// Begins to send it again.
    pub fn start(self) -> (Option<StreamReader<u8>>, TrailersReader) {
        let shared = Rc::new(Shared::new(None, 0, Fate::GoesOn));
        let mut buffer = Buffer::default();
        buffer.put(self.copy);
        let (contents, trailers, _) = send(shared, self.source, buffer);
        (contents, trailers)
    }
}

/// Spawns the task. There are contents unless there was neither a stream nor a byte.
fn send(
    shared: Rc<Shared>,
    source: Source,
    mut buffer: Buffer,
) -> (Option<StreamReader<u8>>, TrailersReader, JoinHandle<Source>) {
    let first = buffer.take();
    let (writer, contents) = if source.stream.is_some() || !first.is_empty() {
        let (writer, contents) = wit_stream::new();
        (Some(writer), Some(contents))
    } else {
        (None, None)
    };
    let (trailers_writer, trailers) = wit_future::new(|| Ok(None));
    let task = wit_bindgen::spawn_local(async move {
        let mut source = source;
        if let Some(writer) = writer
            && !shared.send_contents(first, &mut source, writer).await
        {
            return source;
        }
        shared.send_trailers(&mut source, trailers_writer).await;
        source
    });
    (contents, trailers, task)
}

impl Shared {
    fn new(copy: Option<Vec<u8>>, keep: usize, fate: Fate) -> Self {
        let (task, report) = (Cell::new(None), Cell::new(None));
        Self { copy: RefCell::new(copy), keep, fate: Cell::new(fate), task, report }
    }

    fn decide(&self, fate: Fate) {
        self.fate.set(fate);
        if fate == Fate::GoesOn {
            drop(self.copy.take());
        }
        [&self.task, &self.report].into_iter().filter_map(Cell::take).for_each(Waker::wake);
    }

    /// Sends the contents, and returns whether all of them were sent.
    async fn send_contents(&self, first: Vec<u8>, source: &mut Source, mut writer: StreamWriter<u8>) -> bool {
        let mut bytes = first;
        loop {
            let read = bytes.len();
            if read > 0 {
                match self.unless_stopped(pin!(writer.write_all(bytes))).await {
                    Some(rest) if rest.is_empty() => bytes = rest,
                    // The request takes no more of it. It may be sent again.
                    _ => {
                        self.decided().await;
                        return false;
                    }
                }
            }
            let Some(stream) = source.stream.as_mut().filter(|_| source.remaining != Some(0)) else {
                return true;
            };
            let (result, read) = self.read(stream, Buffer::emptied(bytes, read)).await;
            bytes = read;
            self.note(&bytes, source);
            match result {
                StreamResult::Complete(_) => {}
                StreamResult::Dropped => {
                    source.stream = None;
                    return true;
                }
                StreamResult::Cancelled => return false,
            }
            if self.fate.get() == Fate::Stops {
                return false;
            }
        }
    }

    /// Sends the trailers when they are there.
    async fn send_trailers(&self, source: &mut Source, writer: FutureWriter<TrailersResult>) {
        let trailers = core::mem::replace(&mut source.trailers, Trailers::Copied(Ok(None)));
        let fields = match trailers {
            Trailers::Read(read) => read,
            Trailers::Copied(copied) => {
                copied.map(|list| list.and_then(|list| Fields::from_list(&list).ok()))
            }
            Trailers::Pending(reader) => {
                let mut reading = pin!(reader.into_future());
                match self.unless_stopped(reading.as_mut()).await {
                    Some(read) => read,
                    None => {
                        source.trailers = match reading.as_mut().cancel() {
                            Ok(read) => Trailers::Read(read),
                            Err(reader) => Trailers::Pending(reader),
                        };
                        return;
                    }
                }
            }
        };
        if self.copy.borrow().is_some() {
            let copied = fields.as_ref().map(|fields| fields.as_ref().map(Fields::copy_all));
            source.trailers = Trailers::Copied(copied.map_err(Clone::clone));
        }
        let _ = self.unless_stopped(pin!(writer.write(fields))).await;
    }

    /// Copies bytes that were read, unless they are too many.
    fn note(&self, bytes: &[u8], source: &mut Source) {
        let mut copy = self.copy.borrow_mut();
        match copy.as_mut() {
            Some(copied) if copied.len().saturating_add(bytes.len()) <= self.keep => {
                copied.extend_from_slice(bytes);
            }
            _ => *copy = None,
        }
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        source.remaining = source.remaining.map(|remaining| remaining.saturating_sub(length));
    }

    /// Reads, and stops without losing a byte.
    async fn read(&self, stream: &mut StreamReader<u8>, buffer: Vec<u8>) -> (StreamResult, Vec<u8>) {
        let mut reading = pin!(stream.read(buffer));
        match self.unless_stopped(reading.as_mut()).await {
            Some(read) => read,
            None => reading.as_mut().cancel(),
        }
    }

    /// The output of a future; `None`: the task stops.
    async fn unless_stopped<F: Future>(&self, mut future: Pin<&mut F>) -> Option<F::Output> {
        poll_fn(|context| {
            if self.fate.get() == Fate::Stops {
                return Poll::Ready(None);
            }
            self.register(context);
            future.as_mut().poll(context).map(Some)
        })
        .await
    }

    /// Waits until the fate of the task is decided.
    async fn decided(&self) {
        poll_fn(|context| {
            // What is not kept cannot be sent again.
            if self.fate.get() != Fate::Undecided || self.copy.borrow().is_none() {
                return Poll::Ready(());
            }
            self.register(context);
            Poll::Pending
        })
        .await;
    }

    fn register(&self, context: &Context<'_>) {
        if self.fate.get() == Fate::Undecided {
            self.task.set(Some(context.waker().clone()));
        }
    }

    /// The fate of the task, once it is decided.
    async fn settled(&self) -> Fate {
        poll_fn(|context| match self.fate.get() {
            Fate::Undecided => {
                self.report.set(Some(context.waker().clone()));
                Poll::Pending
            }
            fate => Poll::Ready(fate),
        })
        .await
    }
}
