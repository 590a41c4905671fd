//! The faults of a day: from the second day on, IMDS is unavailable for an hour; on alternate days Microsoft Entra
//! throttles for three minutes or resets connections for two.

use crate::clock::Clock;
use crate::network::{Fault, Network, Outcome};
use azure_simulator::Azure;
use bytes::Bytes;
use http::{Request, Response};
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// The simulated Azure with the faults of the schedule.
pub struct FaultSchedule {
    clock: Clock,
    azure: Azure,
    requests: AtomicUsize,
    last_fault: Mutex<Option<Duration>>,
}

impl FaultSchedule {
    /// Adds the schedule to `azure`.
    pub fn new(clock: Clock, azure: Azure) -> Self {
        Self { clock, azure, requests: AtomicUsize::new(0), last_fault: Mutex::default() }
    }

    /// The number of requests so far.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    /// Whether a fault was injected within the last two minutes, the deadline of a call.
    pub fn had_recent_fault(&self) -> bool {
        let last = *self.last_fault.lock().expect("the lock is not poisoned");
        last.is_some_and(|last| self.clock.elapsed().saturating_sub(last) <= Duration::from_secs(121))
    }

    fn fault(&self, request: &Request<Bytes>) -> Option<Outcome> {
        let minutes = self.clock.elapsed().as_secs() / 60;
        let (minute, is_even_day) = (minutes % (24 * 60), (minutes / (24 * 60)).is_multiple_of(2));
        let is_imds = request.uri().authority().is_some_and(|it| it.as_str() == "169.254.169.254");
        match (is_imds, minute) {
            // Half of the hour the connection is refused, half of it the service is busy.
            (true, 360..390) if minutes > 24 * 60 => Some(Outcome::Fault(Fault::Refused)),
            (true, 390..420) if minutes > 24 * 60 => Some(busy(503, "30")),
            (false, 720..723) if is_even_day => Some(busy(429, "7")),
            (false, 1080..1082) if !is_even_day => Some(Outcome::Fault(Fault::ResetBeforeResponse)),
            _ => None,
        }
    }
}

impl Network for FaultSchedule {
    fn send(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        match self.fault(&request) {
            Some(answer) => {
                *self.last_fault.lock().expect("the lock is not poisoned") = Some(self.clock.elapsed());
                Box::pin(std::future::ready(answer))
            }
            None => self.azure.send(request),
        }
    }
}

fn busy(status: u16, seconds: &str) -> Outcome {
    let body = Bytes::from_static(br#"{"error": "temporarily_unavailable", "error_description": "busy"}"#);
    let response = Response::builder().status(status).header("retry-after", seconds).body(body);
    Outcome::Response(response.expect("a response"))
}
