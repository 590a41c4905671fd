use super::*;
use std::task::Waker;
use tokio::sync::mpsc;

type Part = Result<Frame<Bytes>, Error>;

/// A body that ends when the sender is dropped.
struct Written(mpsc::UnboundedReceiver<Part>);

impl Body for Written {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Part>> {
        self.0.poll_recv(context)
    }
}

fn written() -> (mpsc::UnboundedSender<Part>, WasiBody) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (sender, Written(receiver).boxed_unsync())
}

fn data(text: &'static str) -> Part {
    Ok(Frame::data(Bytes::from_static(text.as_bytes())))
}

fn trailers() -> HeaderMap {
    HeaderMap::from_iter([(http::header::ETAG, http::HeaderValue::from_static("1"))])
}

/// What is there of a body: its bytes and trailers, and whether it has ended.
fn read(body: &mut WasiBody) -> (String, Option<HeaderMap>, bool) {
    let (mut text, mut trailers) = (String::new(), None);
    loop {
        match Pin::new(&mut *body).poll_frame(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => return (text, trailers, false),
            Poll::Ready(None) => return (text, trailers, true),
            Poll::Ready(Some(frame)) => match frame.expect("no error").into_data() {
                Ok(bytes) => text += std::str::from_utf8(&bytes).expect("text"),
                Err(frame) => trailers = frame.into_trailers().ok(),
            },
        }
    }
}

#[test]
fn the_second_body_is_the_copy_then_what_is_still_written_then_the_trailers() {
    let (app, body) = written();
    let (mut first, kept) = keep(body, None, 100, &Arc::default());
    app.send(data("ab")).expect("it is read");
    assert_eq!(read(&mut first), ("ab".to_owned(), None, false));
    let mut second = kept.and_then(Kept::into_body).expect("it is kept");
    drop(first);
    app.send(data("cd")).expect("it is read");
    app.send(Ok(Frame::trailers(trailers()))).expect("it is read");
    drop(app);
    assert_eq!(read(&mut second), ("abcd".to_owned(), Some(trailers()), true));
}

#[test]
fn a_body_that_was_read_to_its_end_is_sent_again_with_its_trailers() {
    let (app, body) = written();
    let (mut first, kept) = keep(body, None, 100, &Arc::default());
    app.send(data("ab")).expect("it is read");
    app.send(Ok(Frame::trailers(trailers()))).expect("it is read");
    drop(app);
    assert_eq!(read(&mut first), ("ab".to_owned(), Some(trailers()), true));
    let mut second = kept.and_then(Kept::into_body).expect("it is kept");
    assert!(!second.is_end_stream());
    assert_eq!(read(&mut second), ("ab".to_owned(), Some(trailers()), true));
    assert!(second.is_end_stream() || second.size_hint().lower() == 0);
}

#[test]
fn a_client_that_goes_on_with_the_first_body_gets_an_error_and_takes_nothing_from_the_second() {
    let (app, body) = written();
    let (mut first, kept) = keep(body, None, 100, &Arc::default());
    let mut second = kept.and_then(Kept::into_body).expect("it is kept");
    app.send(data("ab")).expect("it is read");
    let polled = Pin::new(&mut first).poll_frame(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(polled, Poll::Ready(Some(Err(Error::ConnectionTerminated)))));
    assert_eq!(read(&mut second).0, "ab");
}

#[test]
fn a_body_longer_than_is_kept_is_sent_once_and_unchanged() {
    let kept_bytes = Arc::default();
    for length in [None, Some(4)] {
        let (app, body) = written();
        let (mut first, kept) = keep(body, length, 3, &kept_bytes);
        app.send(data("ab")).expect("it is read");
        app.send(data("cd")).expect("it is read");
        drop(app);
        assert_eq!(read(&mut first), ("abcd".to_owned(), None, true));
        assert!(kept.and_then(Kept::into_body).is_none());
    }
    assert_eq!(kept_bytes.0.load(Ordering::Relaxed), 0);
}

#[test]
fn nothing_is_copied_once_the_response_is_handed_on() {
    let (app, body) = written();
    let kept_bytes = Arc::default();
    let (mut first, kept) = keep(body, None, 100, &kept_bytes);
    app.send(data("ab")).expect("it is read");
    assert_eq!(read(&mut first).0, "ab");
    assert_eq!(kept_bytes.0.load(Ordering::Relaxed), 2);
    drop(kept);
    app.send(data("cd")).expect("it is read");
    assert_eq!(read(&mut first).0, "cd");
    assert_eq!(kept_bytes.0.load(Ordering::Relaxed), 0);
}

#[test]
fn what_is_kept_for_all_apps_together_is_bounded() {
    let kept_bytes = Arc::<KeptBytes>::default();
    let mut all = Vec::new();
    for _ in 0..20 {
        let (app, body) = written();
        app.send(Ok(Frame::data(Bytes::from(vec![b'x'; 1 << 20])))).expect("it is read");
        let (mut first, kept) = keep(body, None, 1 << 20, &kept_bytes);
        assert_eq!(read(&mut first).0.len(), 1 << 20);
        all.push((first, kept));
    }
    assert_eq!(kept_bytes.0.load(Ordering::Relaxed), MAX_KEPT);
    let is_kept = |(_, kept): (WasiBody, Option<Kept>)| kept.and_then(Kept::into_body).is_some();
    let kept: Vec<_> = all.into_iter().map(is_kept).collect();
    assert_eq!(kept.iter().filter(|kept| **kept).count(), MAX_KEPT >> 20);
    assert_eq!(kept_bytes.0.load(Ordering::Relaxed), 0);
}

#[test]
fn a_body_ends_with_its_length_although_the_app_does_not_end_it() {
    let (app, body) = written();
    let (mut first, kept) = keep(body, Some(2), 100, &Arc::default());
    app.send(data("ab")).expect("it is read");
    assert_eq!(read(&mut first), ("ab".to_owned(), None, true));
    let mut second = kept.and_then(Kept::into_body).expect("it is kept");
    assert_eq!(read(&mut second), ("ab".to_owned(), None, true));
}
