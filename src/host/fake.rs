//! A host in memory, for tests: its variables, files and responses are what the test sets, and its clocks
//! advance when a call sleeps or the test says so.

use super::{FileError, Host, Task};
use crate::concurrency::BoxFuture;
use crate::http::{HttpError, Request, Response, Timeouts};
use crate::instance::InstanceState;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::future::{poll_fn, ready};
use std::task::Poll;
use std::time::Duration;

/// The host. By default it is 2027-01-15T08:00:00Z, there are no variables and no files, and connections are
/// refused.
pub struct FakeHost {
    /// The environment variables.
    pub variables: BTreeMap<String, String>,
    /// The files, by path.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The responses to the next requests, in order.
    pub responses: RefCell<VecDeque<Result<Response, HttpError>>>,
    /// The requests so far, as they are sent.
    pub requests: RefCell<Vec<SentRequest>>,
    /// The paths that were read so far.
    pub paths_read: RefCell<Vec<String>>,
    further_response: Result<Response, HttpError>,
    /// Whether other tasks run while a response is on its way.
    is_slow: bool,
    sleeps: RefCell<Vec<Duration>>,
    now: Cell<u64>,
    wall_clock_reads: Cell<usize>,
    elapsed: Cell<Duration>,
    fill_random: fn(&mut [u8]),
    state: InstanceState,
    /// The host itself, when it runs tasks.
    this: OnceCell<&'static FakeHost>,
    executor: RefCell<Option<Executor>>,
}

/// Runs a task concurrently with the test.
type Executor = Box<dyn Fn(BoxFuture<'static, ()>)>;

/// A request as it is sent.
#[derive(Clone, Debug)]
pub struct SentRequest {
    /// The URL.
    pub url: String,
    /// The names and values of the headers.
    pub headers: Vec<(String, String)>,
    /// The body; `None`: the request has none.
    pub body: Option<String>,
}

impl Default for FakeHost {
    fn default() -> Self {
        Self {
            variables: BTreeMap::new(),
            files: BTreeMap::new(),
            responses: RefCell::default(),
            requests: RefCell::default(),
            paths_read: RefCell::default(),
            further_response: Err(HttpError::Refused),
            is_slow: false,
            sleeps: RefCell::default(),
            now: Cell::new(NOW),
            wall_clock_reads: Cell::new(0),
            elapsed: Cell::new(Duration::ZERO),
            fill_random: |bytes| {
                bytes.iter_mut().zip((0..=u8::MAX).cycle().skip(7)).for_each(|(byte, next)| *byte = next);
            },
            state: InstanceState::default(),
            this: OnceCell::new(),
            executor: RefCell::default(),
        }
    }
}

impl FakeHost {
    /// The default host.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Adds a file.
    #[must_use]
    pub fn file(mut self, path: &str, content: &str) -> Self {
        self.files.insert(path.to_owned(), content.as_bytes().to_owned());
        self
    }

    /// Sets the response to every request that [`responses`](Self::responses) has none for.
    #[must_use]
    pub fn respond(mut self, response: Result<Response, HttpError>) -> Self {
        self.further_response = response;
        self
    }

    /// Lets other tasks run while a response is on its way.
    #[must_use]
    pub fn slow(mut self) -> Self {
        self.is_slow = true;
        self
    }

    /// Sets the random number generator. By default every draw returns the bytes from 7 upwards.
    #[must_use]
    pub fn random(mut self, fill: fn(&mut [u8])) -> Self {
        self.fill_random = fill;
        self
    }

    /// Makes a host that runs tasks, with `executor`. It lives as long as the process.
    pub fn concurrent(self, executor: impl Fn(BoxFuture<'static, ()>) + 'static) -> &'static Self {
        let host: &'static Self = Box::leak(Box::new(self));
        host.this.get_or_init(|| host);
        host.run_on(executor);
        host
    }

    /// Runs the tasks from now on with another executor.
    pub fn run_on(&self, executor: impl Fn(BoxFuture<'static, ()>) + 'static) {
        self.executor.replace(Some(Box::new(executor)));
    }

    /// Advances both clocks, by seconds.
    pub fn advance(&self, seconds: u64) {
        self.pass(Duration::from_secs(seconds));
    }

    /// Sets the time of day forwards or backwards, by seconds. The monotonic clock does not move.
    pub fn step_clock(&self, seconds: i64) {
        self.now.set(self.now.get().saturating_add_signed(seconds));
    }

    /// Advances the monotonic clock alone.
    pub fn advance_monotonic(&self, duration: Duration) {
        self.elapsed.set(self.elapsed.get().saturating_add(duration));
    }

    /// How often the wall clock was read so far.
    pub fn wall_clock_reads(&self) -> usize {
        self.wall_clock_reads.get()
    }

    /// The number of requests so far.
    pub fn request_count(&self) -> usize {
        self.requests.borrow().len()
    }

    /// The duration of each sleep so far.
    pub fn sleeps(&self) -> Vec<Duration> {
        self.sleeps.borrow().clone()
    }

    fn pass(&self, duration: Duration) {
        let before = self.elapsed.get();
        let after = before.saturating_add(duration);
        self.elapsed.set(after);
        self.now.set(self.now.get().saturating_add(after.as_secs().saturating_sub(before.as_secs())));
    }
}

impl Host for FakeHost {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    fn read_file<'a>(&'a self, path: &'a str, limit: usize) -> BoxFuture<'a, Result<Vec<u8>, FileError>> {
        self.paths_read.borrow_mut().push(path.to_owned());
        let file = self.files.get(path).cloned().ok_or(FileError::Missing);
        let file = file.and_then(|file| if file.len() > limit { Err(FileError::TooLarge) } else { Ok(file) });
        Box::pin(ready(file))
    }

    fn read_file_not_link<'a>(
        &'a self,
        path: &'a str,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<u8>, FileError>> {
        // This host has no links.
        self.read_file(path, limit)
    }

    fn send<'a>(&'a self, request: &'a Request, _: Timeouts) -> BoxFuture<'a, Result<Response, HttpError>> {
        let headers = request.headers.iter();
        let headers = headers.map(|(name, value)| ((*name).to_owned(), value.expose().to_owned())).collect();
        let body = request.body.as_ref().map(|body| body.expose().to_owned());
        self.requests.borrow_mut().push(SentRequest { url: request.url.to_string(), headers, body });
        let response = self.responses.borrow_mut().pop_front();
        let response = response.unwrap_or_else(|| self.further_response.clone());
        let mut is_pending = self.is_slow;
        Box::pin(poll_fn(move |context| {
            context.waker().wake_by_ref();
            if std::mem::take(&mut is_pending) { Poll::Pending } else { Poll::Ready(response.clone()) }
        }))
    }

    fn now(&self) -> u64 {
        self.wall_clock_reads.set(self.wall_clock_reads.get().saturating_add(1));
        self.now.get()
    }

    fn elapsed(&self) -> Duration {
        self.elapsed.get()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        self.sleeps.borrow_mut().push(duration);
        self.pass(duration);
        Box::pin(ready(()))
    }

    fn spawn(&self, task: Task) -> Result<(), Task> {
        match (self.this.get(), &*self.executor.borrow()) {
            (Some(this), Some(executor)) => {
                executor(task(*this));
                Ok(())
            }
            _ => Err(task),
        }
    }

    fn instance(&self) -> &InstanceState {
        &self.state
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        (self.fill_random)(bytes);
    }
}

/// The time of day at the start: 2027-01-15T08:00:00Z.
const NOW: u64 = 1_800_000_000;
