//! Which fault a request meets, and what the fault does to it.

use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use http::Response;

use crate::incoming_request::IncomingRequest;
use crate::network::Outcome;
use crate::reply::{response, set_header};
use crate::settings::{FaultSettings, Pattern, ServiceName};
use kind::Mutation;

mod kind;

/// The faults, and how many requests each has matched.
#[derive(Debug)]
pub struct FaultPlan(Mutex<Vec<(FaultSettings, u32)>>);

/// What happens to one request.
#[derive(Debug, Default)]
pub struct PlannedFault {
    /// What replaces or mutates the service's outcome.
    pub effect: Effect,
    /// The delay of the outcome.
    pub delay: Duration,
}

/// What a fault does to the outcome of a request.
#[derive(Debug, Default)]
pub enum Effect {
    /// Nothing.
    #[default]
    None,
    /// The service handles the request, and its response is mutated.
    Mutate(Mutation),
    /// The service does not receive the request; this is the outcome and the journal's description of it.
    Replace(Outcome, String),
}

impl FaultPlan {
    /// A plan in which no fault has matched a request yet.
    pub fn new(faults: Vec<FaultSettings>) -> FaultPlan {
        FaultPlan(Mutex::new(faults.into_iter().map(|fault| (fault, 0)).collect()))
    }

    /// Adds a fault before all others.
    pub fn inject(&self, fault: FaultSettings) {
        self.0.lock().expect("no holder of this lock panics").insert(0, (fault, 0));
    }

    /// Ends the faults that `which` selects.
    pub fn end(&self, which: impl Fn(&FaultSettings) -> bool) {
        self.0.lock().expect("no holder of this lock panics").retain(|(fault, _)| !which(fault));
    }

    /// The faults that have not hit all their requests yet.
    pub fn pending(&self) -> Vec<FaultSettings> {
        let faults = self.0.lock().expect("no holder of this lock panics");
        faults
            .iter()
            .filter(|(fault, matched)| *matched < end(fault))
            .map(|(fault, _)| fault.clone())
            .collect()
    }

    /// The first fault that matches the request and is due. The faults behind it do not count the request, so that a
    /// list is a sequence: "twice 503, then once 429".
    pub fn next(&self, service: Option<ServiceName>, request: &IncomingRequest) -> Option<PlannedFault> {
        let mut faults = self.0.lock().expect("no holder of this lock panics");
        for (fault, matched) in faults.iter_mut().filter(|(fault, _)| matches(fault, service, request)) {
            *matched = matched.saturating_add(1);
            if is_due(fault, *matched - 1) {
                return Some(PlannedFault { effect: effect(fault), delay: fault.delay });
            }
        }
        None
    }
}

fn matches(fault: &FaultSettings, service: Option<ServiceName>, request: &IncomingRequest) -> bool {
    let fits = |pattern: &Option<Pattern>, text| pattern.as_ref().is_none_or(|it| it.is_match(text));
    fault.service.is_none_or(|it| Some(it) == service)
        && fits(&fault.authority, request.authority())
        && fits(&fault.path, request.path())
}

fn is_due(fault: &FaultSettings, matched_before: u32) -> bool {
    (fault.after..end(fault)).contains(&matched_before)
}

/// The number of matching requests after which the fault hits no more.
fn end(fault: &FaultSettings) -> u32 {
    fault.times.map_or(u32::MAX, |times| fault.after.saturating_add(times))
}

fn effect(fault: &FaultSettings) -> Effect {
    let given = fault.status.map(|status| given_response(fault, status));
    let mutation = |kind| Mutation { kind, bytes: fault.bytes, every: fault.every };
    let (outcome, note) = match (fault.kind, given) {
        (None, None) => return Effect::None,
        (None, Some(response)) => (Outcome::Response(response), String::new()),
        (Some(kind), given) => match (kind::fixed_outcome(kind), given) {
            (Some(outcome), _) => (outcome, format!("{kind:?}")),
            (None, None) => return Effect::Mutate(mutation(kind)),
            (None, Some(response)) => (mutation(kind).apply(response), format!("{kind:?}")),
        },
    };
    Effect::Replace(outcome, format!("fault of the settings {note}").trim_end().to_owned())
}

fn given_response(fault: &FaultSettings, status: u16) -> Response<Bytes> {
    let mut response = response(status, fault.body.clone());
    let content_type = match fault.body.trim_start().chars().next() {
        Some('{') => "application/json; charset=utf-8",
        Some('<') => "text/html",
        _ => "text/plain",
    };
    set_header(&mut response, "content-type", content_type);
    for (name, value) in &fault.headers {
        set_header(&mut response, name, value);
    }
    response
}
