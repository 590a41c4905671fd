//! A host in memory, for unit tests: whatever they need is said in one line, and time stands still
//! until somebody sleeps.

use super::{BoxFuture, FileError, Host, Task};
use crate::http::{HttpError, Request, Response, Timeouts};
use futures_executor::{LocalPool, LocalSpawner};
use futures_util::task::LocalSpawnExt;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::time::Duration;

/// The host. 2027-01-15T08:00:00Z, no variables, no files, nobody answers.
pub struct FakeHost {
    variables: HashMap<String, String>,
    files: HashMap<String, Vec<u8>>,
    answer: Result<Response, HttpError>,
    requests: Cell<usize>,
    waits: RefCell<Vec<Duration>>,
    elapsed: Cell<Duration>,
    /// Itself, when calls may come while others wait.
    lasting: OnceCell<&'static FakeHost>,
    spawner: RefCell<Option<LocalSpawner>>,
    chance: u8,
}

impl FakeHost {
    /// An empty world.
    pub fn new() -> Self {
        Self {
            variables: HashMap::new(),
            files: HashMap::new(),
            answer: Err(HttpError::Refused),
            requests: Cell::new(0),
            waits: RefCell::default(),
            elapsed: Cell::new(Duration::ZERO),
            lasting: OnceCell::new(),
            spawner: RefCell::default(),
            chance: 7,
        }
    }

    /// The same with a variable set.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The same with a file.
    pub fn file(mut self, path: &str, content: &str) -> Self {
        self.files.insert(path.to_owned(), content.as_bytes().to_owned());
        self
    }

    /// The same, where every request is answered so.
    pub fn answers(mut self, answer: Result<Response, HttpError>) -> Self {
        self.answer = answer;
        self
    }

    /// The same as a host that serves several calls at once. `pool` runs what is to run beside them.
    pub fn concurrent(self, pool: &LocalPool) -> &'static Self {
        let host: &'static Self = Box::leak(Box::new(self));
        host.lasting.set(host).unwrap_or_else(|_| panic!("it was set before"));
        host.run_on(pool);
        host
    }

    /// Has another pool run what is to run beside the calls from now on.
    pub fn run_on(&self, pool: &LocalPool) {
        self.spawner.replace(Some(pool.spawner()));
    }

    /// The same, whose chance is that byte, always.
    pub fn chance(mut self, byte: u8) -> Self {
        self.chance = byte;
        self
    }

    /// Lets time pass, in seconds.
    pub fn advance(&self, seconds: u64) {
        self.elapsed.set(self.elapsed.get() + Duration::from_secs(seconds));
    }

    /// How many requests there were.
    pub fn request_count(&self) -> usize {
        self.requests.get()
    }

    /// How long was slept, each time.
    pub fn waits(&self) -> Vec<Duration> {
        self.waits.borrow().clone()
    }
}

impl Host for FakeHost {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    fn read_file<'a>(&'a self, path: &'a str, limit: usize) -> BoxFuture<'a, Result<Vec<u8>, FileError>> {
        let file = self.files.get(path).cloned().ok_or(FileError::Missing);
        Box::pin(std::future::ready(
            file.and_then(|file| if file.len() > limit { Err(FileError::TooLarge) } else { Ok(file) }),
        ))
    }

    fn read_file_not_link<'a>(
        &'a self,
        path: &'a str,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<u8>, FileError>> {
        // There are no links in this world.
        self.read_file(path, limit)
    }

    fn send<'a>(&'a self, _: &'a Request, _: Timeouts) -> BoxFuture<'a, Result<Response, HttpError>> {
        self.requests.set(self.requests.get() + 1);
        Box::pin(std::future::ready(self.answer.clone()))
    }

    fn now(&self) -> u64 {
        1_800_000_000 + self.elapsed.get().as_secs()
    }

    fn elapsed(&self) -> Duration {
        self.elapsed.get()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        self.waits.borrow_mut().push(duration);
        self.elapsed.set(self.elapsed.get() + duration);
        Box::pin(std::future::ready(()))
    }

    fn spawn(&self, task: Task) -> Result<(), Task> {
        match (self.lasting.get(), &*self.spawner.borrow()) {
            (Some(host), Some(spawner)) => {
                spawner.spawn_local(task(*host)).expect("the pool is there");
                Ok(())
            }
            _ => Err(task),
        }
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        bytes.fill(self.chance);
    }
}
