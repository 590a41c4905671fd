//! A host in memory, whose variables, files and answers somebody else makes up.

use azure_identity_component::host::{BoxFuture, FileError, Host};
use azure_identity_component::http::{HttpError, Request, Response, Timeouts};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::future::ready;
use std::time::Duration;

/// The host. Time passes when somebody sleeps, and when it is told to.
#[derive(Default)]
pub struct World {
    /// Its variables.
    pub variables: BTreeMap<String, String>,
    /// Its files.
    pub files: BTreeMap<String, Vec<u8>>,
    /// What the next requests are answered; then nobody answers any more.
    pub answers: RefCell<VecDeque<Result<Response, HttpError>>>,
    /// Every request, rendered as it goes over the wire.
    pub sent: RefCell<Vec<Sent>>,
    /// Every path that was read.
    pub read: RefCell<Vec<String>>,
    /// The time of day, in seconds since the Unix epoch.
    pub now: Cell<u64>,
    elapsed: Cell<Duration>,
}

/// A request.
pub struct Sent {
    /// The address.
    pub url: String,
    /// Header names and values.
    pub headers: Vec<(String, String)>,
    /// The body; empty: none.
    pub body: String,
}

impl World {
    /// An empty world at that time of day.
    pub fn at(now: u64) -> Self {
        Self { now: Cell::new(now), ..Self::default() }
    }

    /// Lets time pass, in seconds.
    pub fn advance(&self, seconds: u64) {
        self.elapsed.set(self.elapsed.get().saturating_add(Duration::from_secs(seconds)));
        self.now.set(self.now.get().saturating_add(seconds));
    }

    /// How much time has passed, in seconds.
    pub fn elapsed_seconds(&self) -> u64 {
        self.elapsed.get().as_secs()
    }

    /// Sets the time of day, and lets none pass.
    pub fn jump(&self, seconds: i64) {
        self.now.set(self.now.get().saturating_add_signed(seconds));
    }
}

impl Host for World {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    fn read_file<'a>(&'a self, path: &'a str, limit: usize) -> BoxFuture<'a, Result<Vec<u8>, FileError>> {
        self.read.borrow_mut().push(path.to_owned());
        let file = self.files.get(path).cloned().ok_or(FileError::Missing);
        Box::pin(ready(
            file.and_then(|file| if file.len() > limit { Err(FileError::TooLarge) } else { Ok(file) }),
        ))
    }

    fn read_file_not_link<'a>(
        &'a self,
        path: &'a str,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<u8>, FileError>> {
        self.read_file(path, limit)
    }

    fn send<'a>(&'a self, request: &'a Request, _: Timeouts) -> BoxFuture<'a, Result<Response, HttpError>> {
        let headers =
            request.headers.iter().map(|(name, value)| ((*name).to_owned(), value.expose().to_owned()));
        let body = request.body.as_ref().map_or_else(String::new, |body| body.expose().to_owned());
        self.sent.borrow_mut().push(Sent { url: request.url.text(), headers: headers.collect(), body });
        let answer = self.answers.borrow_mut().pop_front();
        Box::pin(ready(answer.unwrap_or(Err(HttpError::Refused))))
    }

    fn now(&self) -> u64 {
        self.now.get()
    }

    fn elapsed(&self) -> Duration {
        self.elapsed.get()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        self.elapsed.set(self.elapsed.get().saturating_add(duration));
        self.now.set(self.now.get().saturating_add(duration.as_secs()));
        Box::pin(ready(()))
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}
