//! Which fault a request meets, and what the fault does to it.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::Response;

use crate::incoming_request::IncomingRequest;
use crate::network::Outcome;
use crate::reply::{response, set_header};
use crate::settings::{FaultSettings, Pattern, ServiceName};
use kind::Mutation;

mod kind;

/// The faults of the settings, and how many requests each has matched.
#[derive(Debug)]
pub struct FaultPlan {
    faults: Vec<(FaultSettings, AtomicU32)>,
    ended: AtomicBool,
}

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
        let faults = faults.into_iter().map(|fault| (fault, AtomicU32::new(0))).collect();
        FaultPlan { faults, ended: AtomicBool::new(false) }
    }

    /// Ends every fault.
    pub fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }

    /// The first fault that matches the request and is due. The faults behind it do not count the request, so that a
    /// list is a sequence: "twice 503, then once 429".
    pub fn next(&self, service: Option<ServiceName>, request: &IncomingRequest) -> Option<PlannedFault> {
        if self.ended.load(Ordering::Relaxed) {
            return None;
        }
        let is_due = |(fault, matched): &&(FaultSettings, AtomicU32)| {
            matches(fault, service, request) && is_due(fault, matched.fetch_add(1, Ordering::Relaxed))
        };
        let (fault, _) = self.faults.iter().find(is_due)?;
        Some(PlannedFault { effect: effect(fault), delay: fault.delay })
    }
}

fn matches(fault: &FaultSettings, service: Option<ServiceName>, request: &IncomingRequest) -> bool {
    let fits = |pattern: &Option<Pattern>, text| pattern.as_ref().is_none_or(|it| it.is_match(text));
    fault.service.is_none_or(|it| Some(it) == service)
        && fits(&fault.authority, request.authority())
        && fits(&fault.path, request.path())
}

fn is_due(fault: &FaultSettings, matched_before: u32) -> bool {
    let end = fault.times.map_or(u32::MAX, |times| fault.after.saturating_add(times));
    (fault.after..end).contains(&matched_before)
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
