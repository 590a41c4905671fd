//! The connection to a Redis server, which is opened in the background and opened again when it is lost.
//!
//! The connection manager of the `redis` crate is not used: its TLS panics in a program that links two implementations of
//! cryptography, and a connection that stays open without a response (a machine that lost its power) is not replaced.

use super::super::store::StoreError;
use super::address::{Address, RESPONSE_TIMEOUT};
use redis::aio::MultiplexedConnection;
use redis::{Cmd, Value};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A connection to one server.
pub(super) struct Connection {
    address: Address,
    state: watch::Sender<State>,
}

enum State {
    /// It was not used yet, or was lost.
    Closed,
    Connecting,
    Open(Open),
    /// After so many failures in a row, the last with this error. No attempt is made before `retry_on`.
    Failed {
        failures: u32,
        error: StoreError,
        retry_on: Instant,
    },
}

#[derive(Clone)]
struct Open {
    connection: MultiplexedConnection,
    driver: Arc<Driver>,
}

/// The task that serves the connection. Dropping it closes the connection.
struct Driver {
    task: JoinHandle<()>,
    /// When the first command was sent that no response has followed.
    unanswered_since: Mutex<Option<Instant>>,
}

impl Connection {
    /// Begins to connect, if this is called in a tokio runtime.
    pub(super) fn new(address: Address) -> Arc<Self> {
        let connection = Arc::new(Self { address, state: watch::Sender::new(State::Closed) });
        if Handle::try_current().is_ok() {
            connection.connect_if_necessary();
        }
        connection
    }

    /// Sends a command, and returns the reply; an error of the server is a reply.
    pub(super) async fn query(self: &Arc<Self>, command: &Cmd) -> Result<Value, StoreError> {
        let mut open = self.open().await?;
        open.driver.is_sent();
        match open.connection.send_packed_command(command).await {
            Ok(reply) => {
                open.driver.is_answered();
                Ok(reply)
            }
            Err(error) => {
                if error.is_unrecoverable_error() {
                    self.forget(&open);
                }
                Err(self.error(error))
            }
        }
    }

    /// An error with the server's address.
    pub(super) fn error(&self, what: impl fmt::Display) -> StoreError {
        StoreError::new(format_args!("{}: {what}", self.address.shown()))
    }

    /// The open connection; while one is being opened, this waits for it.
    async fn open(self: &Arc<Self>) -> Result<Open, StoreError> {
        self.connect_if_necessary();
        let mut states = self.state.subscribe();
        // `self` holds the sender.
        let state = states.wait_for(|state| !matches!(state, State::Connecting)).await;
        match state.as_deref() {
            Ok(State::Open(open)) => Ok(open.clone()),
            Ok(State::Failed { error, .. }) => Err(error.clone()),
            _ => Err(self.error("the connection was closed")),
        }
    }

    /// Begins to connect unless there is a connection that works, or an attempt failed a moment ago.
    fn connect_if_necessary(self: &Arc<Self>) {
        let mut failures = 0;
        let is_necessary = self.state.send_if_modified(|state| {
            failures = match state {
                State::Closed => 0,
                State::Open(open) if open.driver.is_lost() => 0,
                State::Failed { failures, retry_on, .. } if *retry_on <= Instant::now() => *failures,
                _ => return false,
            };
            *state = State::Connecting;
            true
        });
        if is_necessary {
            // A task of its own: a caller that has waited long enough does not take the attempt with it.
            let attempt = Attempt(Arc::clone(self));
            tokio::spawn(async move {
                let connected = attempt.0.address.connect().await;
                attempt.0.state.send_replace(attempt.0.state_after(connected, failures));
            });
        }
    }

    /// Drops a connection, unless it was replaced already.
    fn forget(&self, lost: &Open) {
        self.state.send_if_modified(|state| {
            let is_current = matches!(state, State::Open(open) if Arc::ptr_eq(&open.driver, &lost.driver));
            if is_current {
                *state = State::Closed;
            }
            is_current
        });
    }

    fn state_after(
        &self,
        connected: Result<(MultiplexedConnection, JoinHandle<()>), String>,
        failures: u32,
    ) -> State {
        match connected {
            Ok((connection, task)) => {
                let driver = Arc::new(Driver { task, unanswered_since: Mutex::new(None) });
                State::Open(Open { connection, driver })
            }
            Err(error) => {
                let pause = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(failures)).min(LONGEST_PAUSE);
                // Hosts that lost the server together do not come back together.
                let pause = pause.mul_f64(rand::random_range(0.5..1.0));
                let retry_on = Instant::now() + pause;
                State::Failed { failures: failures.saturating_add(1), error: self.error(error), retry_on }
            }
        }
    }
}

/// Frees the state when the task that connects is dropped before its end, with its runtime.
struct Attempt(Arc<Connection>);

impl Drop for Attempt {
    fn drop(&mut self) {
        self.0.state.send_if_modified(|state| {
            let is_connecting = matches!(state, State::Connecting);
            if is_connecting {
                *state = State::Closed;
            }
            is_connecting
        });
    }
}

impl Driver {
    fn is_sent(&self) {
        self.unanswered_since().get_or_insert_with(Instant::now);
    }

    fn is_answered(&self) {
        *self.unanswered_since() = None;
    }

    /// Whether the connection is closed, or silent for longer than a response may take. A caller that gives up earlier does
    /// not see the timeout, so the time is kept here.
    fn is_lost(&self) -> bool {
        self.task.is_finished()
            || self.unanswered_since().is_some_and(|since| since.elapsed() > RESPONSE_TIMEOUT)
    }

    fn unanswered_since(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.unanswered_since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Between two attempts to connect. It doubles with each failure.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
