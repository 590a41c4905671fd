//! Bodies that are copied while they are sent, so that their requests can be sent again.
//!
//! The body of the app is read by the first sending, in place. When a service challenges that one, the second sending gets the
//! copy of what was read, then what the app still writes, then the trailers. So an app may end its body only after the
//! response.

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use wasmtime_wasi_http::{Error, WasiBody};

/// The body to send, and what keeps it; `None`: it is longer than `keep` by its length, and is sent as it is.
pub(super) fn keep(
    body: WasiBody,
    length: Option<u64>,
    keep: usize,
    kept: &Arc<KeptBytes>,
) -> (WasiBody, Option<Kept>) {
    let is_long = length.is_some_and(|length| usize::try_from(length).map_or(true, |length| length > keep));
    if is_long || (keep == 0 && !body.is_end_stream()) {
        return (body, None);
    }
    let reserved = Reserved { kept: Arc::clone(kept), bytes: 0 };
    let copy = Some(Copied { bytes: Vec::new(), keep, trailers: None, reserved });
    let source = Source { body, remaining: length };
    let shared = Arc::new(Mutex::new(Shared { source: Some(source), copy }));
    (First(Arc::clone(&shared)).boxed_unsync(), Some(Kept(shared)))
}

/// A body that is being sent and can be sent again.
pub(super) struct Kept(Arc<Mutex<Shared>>);

struct Shared {
    /// What the app writes; `None`: the second sending has it.
    source: Option<Source>,
    /// `None`: it was longer than is kept, or it failed, or it is not needed.
    copy: Option<Copied>,
}

/// The body of an app. It ends with its length, also if the app does not end it: clients read no further, and one that reads a
/// copy must not wait longer.
struct Source {
    body: WasiBody,
    /// The number of bytes left by the `content-length`; `None`: there is none.
    remaining: Option<u64>,
}

impl Source {
    fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if self.remaining == Some(0) {
            return Poll::Ready(None);
        }
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        let bytes = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref()).map_or(0, Bytes::len);
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.remaining = self.remaining.map(|remaining| remaining.saturating_sub(bytes));
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.remaining == Some(0) || self.body.is_end_stream()
    }
}

/// What was read of a body.
struct Copied {
    bytes: Vec<u8>,
    /// The length of `bytes`, at most.
    keep: usize,
    trailers: Option<HeaderMap>,
    reserved: Reserved,
}

impl Kept {
    /// Ends the first sending, and returns the body for the second one; `None`: not all of it was kept.
    pub(super) fn into_body(self) -> Option<WasiBody> {
        let mut shared = lock(&self.0);
        let Copied { bytes, trailers, reserved, .. } = shared.copy.take()?;
        let copied = Some(Bytes::from(bytes));
        Some(Again { copied, source: shared.source.take()?, trailers, _reserved: reserved }.boxed_unsync())
    }
}

/// Nothing more is copied once it cannot be sent again.
impl Drop for Kept {
    fn drop(&mut self) {
        lock(&self.0).copy = None;
    }
}

impl Copied {
    /// Copies a frame. Returns whether it was kept.
    fn note(&mut self, frame: &Frame<Bytes>) -> bool {
        if let Some(trailers) = frame.trailers_ref() {
            self.trailers = Some(trailers.clone());
        }
        let Some(bytes) = frame.data_ref() else { return true };
        let fits = self.bytes.len().saturating_add(bytes.len()) <= self.keep;
        if !fits || !self.reserved.add(bytes.len()) {
            return false;
        }
        self.bytes.extend_from_slice(bytes);
        true
    }
}

/// The number of bytes that are kept for all apps together.
#[derive(Default)]
pub(super) struct KeptBytes(AtomicUsize);

/// The part of it for one body.
struct Reserved {
    kept: Arc<KeptBytes>,
    bytes: usize,
}

impl Reserved {
    /// Whether so many more bytes may be kept.
    fn add(&mut self, bytes: usize) -> bool {
        let add = |kept: usize| kept.checked_add(bytes).filter(|kept| *kept <= MAX_KEPT);
        let may = self.kept.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).is_ok();
        self.bytes = self.bytes.saturating_add(if may { bytes } else { 0 });
        may
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        self.kept.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// In bytes. A request whose body would exceed it is sent, and not again.
const MAX_KEPT: usize = 16 << 20;

/// The body of the first sending.
struct First(Arc<Mutex<Shared>>);

impl Body for First {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let mut shared = lock(&self.0);
        let Shared { source, copy } = &mut *shared;
        let Some(source) = source else { return Poll::Ready(Some(Err(Error::ConnectionTerminated))) };
        let frame = ready!(source.poll_frame(context));
        match &frame {
            Some(Ok(frame)) => drop(copy.take_if(|copy| !copy.note(frame))),
            Some(Err(_)) => *copy = None,
            None => {}
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        lock(&self.0).source.as_ref().is_none_or(Source::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        lock(&self.0).source.as_ref().map(|source| source.body.size_hint()).unwrap_or_default()
    }
}

/// The body of the second sending.
struct Again {
    /// What the first sending had read; `None`: it was sent.
    copied: Option<Bytes>,
    source: Source,
    /// Trailers that the first sending had read, so that the source has ended.
    trailers: Option<HeaderMap>,
    _reserved: Reserved,
}

impl Body for Again {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if let Some(copied) = self.copied.take().filter(|copied| !copied.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(copied))));
        }
        if let Some(trailers) = self.trailers.take() {
            return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
        }
        self.source.poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.copied.as_ref().is_none_or(Bytes::is_empty)
            && self.trailers.is_none()
            && self.source.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let copied = self.copied.as_ref().map_or(0, Bytes::len) as u64;
        let rest = self.source.body.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower().saturating_add(copied));
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper.saturating_add(copied));
        }
        hint
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
