//! What goes wrong in a day: IMDS is away for an hour, from the second day on; Microsoft Entra throttles for three minutes, or its
//! connections break for two, every other day.

use crate::clock::Clock;
use crate::network::{Fault, Network, Outcome};
use azure_simulator::Azure;
use bytes::Bytes;
use http::{Request, Response};
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Azure, on some hours of every day out of reach.
pub struct Weather {
    clock: Clock,
    azure: Azure,
    requests: AtomicUsize,
    last_bad: Mutex<Option<Duration>>,
}

impl Weather {
    /// The weather over that Azure.
    pub fn new(clock: Clock, azure: Azure) -> Self {
        Self { clock, azure, requests: AtomicUsize::new(0), last_bad: Mutex::default() }
    }

    /// The requests so far.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    /// Whether something went wrong within the last two minutes, the longest that a call may take.
    pub fn was_bad_lately(&self) -> bool {
        let last = *self.last_bad.lock().expect("nobody panics here");
        last.is_some_and(|last| self.clock.elapsed().saturating_sub(last) <= Duration::from_secs(121))
    }

    fn fault(&self, request: &Request<Bytes>) -> Option<Outcome> {
        let minutes = self.clock.elapsed().as_secs() / 60;
        let (minute, is_even_day) = (minutes % (24 * 60), (minutes / (24 * 60)).is_multiple_of(2));
        let is_imds = request.uri().authority().is_some_and(|it| it.as_str() == "169.254.169.254");
        match (is_imds, minute) {
            // Half of it nobody listens, half of it the service is busy.
            (true, 360..390) if minutes > 24 * 60 => Some(Outcome::Fault(Fault::Refused)),
            (true, 390..420) if minutes > 24 * 60 => Some(busy(503, "30")),
            (false, 720..723) if is_even_day => Some(busy(429, "7")),
            (false, 1080..1082) if !is_even_day => Some(Outcome::Fault(Fault::ResetBeforeResponse)),
            _ => None,
        }
    }
}

impl Network for Weather {
    fn send(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        match self.fault(&request) {
            Some(answer) => {
                *self.last_bad.lock().expect("nobody panics here") = Some(self.clock.elapsed());
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
