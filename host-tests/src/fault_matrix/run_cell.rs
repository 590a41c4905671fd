//! Runs one cell: injects a fault, calls the source, removes the fault, and calls the source again: at once, if the error
//! states a wait, and after that wait.

use super::cell::{Cell, Recovery, SentRequest};
use super::environment::CellEnvironment;
use super::fault_point::FaultPoint;
use super::faults::{Fault, Injection};
use super::file_fault;
use super::rules;
use super::source::Source;
use crate::bindings::{AccessToken, CredentialError};
use crate::case::expect::render;
use crate::guest::Start;
use crate::secrets;
use anyhow::{Context, Result};
use azure_simulator::settings::{FaultSettings, Pattern};
use http::Uri;
use std::time::Duration;

/// Runs the cell, in a runtime of its own on a paused clock.
pub fn run_cell(source: &Source, point: &FaultPoint, fault: &Fault, start: Start) -> Cell {
    CellEnvironment::block_on(try_run(source, point, fault, start))
        .unwrap_or_else(|error| Cell::not_run(&error))
}

async fn try_run(source: &Source, point: &FaultPoint, fault: &Fault, start: Start) -> Result<Cell> {
    let mut environment = start_with_fault(source, point, fault, start).await?;
    let (began, sent_before) = (environment.clock.elapsed(), environment.sent().len());
    let outcome = environment.get_token(source).await.map_err(|error| format!("{error:#}"));
    let took = environment.clock.elapsed().saturating_sub(began);
    let sent = environment.sent();
    let of_guest = sent[sent_before..].iter().filter(|sent| sent.timeouts.is_some());
    let requests = of_guest.map(|sent| SentRequest {
        at: sent.at.saturating_sub(began),
        authority: sent.request.uri().authority().map_or("", |it| it.as_str()).to_owned(),
        path: sent.request.uri().path().to_owned(),
    });
    let requests = requests.collect();
    let mut errors = text(&outcome);
    remove_fault(&environment, source, point, fault)?;
    let mut violations = Vec::new();
    let recovery = match &outcome {
        Err(_) => Recovery::None("not called, after a trap".to_owned()),
        Ok(called) => {
            if let Some(wait) = called.as_ref().err().and_then(remembered_wait) {
                violations.extend(call_early(&mut environment, source, point, &mut errors).await);
                environment.clock.advance(wait).await;
            }
            recover(&mut environment, source, &mut errors).await?
        }
    };
    let mut cell = Cell { outcome, requests, took, recovery, violations };
    cell.violations.extend(leaks(&environment, source, errors));
    let unexpected = environment.azure.unexpected();
    cell.violations.extend(unexpected.into_iter().map(|it| format!("unexpected request: {it}")));
    cell.violations.extend(rules::violations(&cell, source, point, fault));
    Ok(cell)
}

async fn start_with_fault(
    source: &Source,
    point: &FaultPoint,
    fault: &Fault,
    start: Start,
) -> Result<CellEnvironment> {
    let (mut faults, mut jump) = (Vec::new(), None);
    if let FaultPoint::Request(address) = point {
        match &fault.injection {
            Injection::Response(settings) => faults.push(FaultSettings {
                authority: Some(exactly(&address.authority)?),
                path: Some(exactly(&address.path)?),
                after: address.after,
                ..(**settings).clone()
            }),
            Injection::ClockDuringRequest(seconds) => jump = Some((address.clone(), *seconds)),
            Injection::Clock(_) | Injection::File(_) => {}
        }
    }
    let environment = CellEnvironment::start(source, faults, jump, start).await?;
    match (&fault.injection, point) {
        (Injection::Clock(seconds), _) => environment.guest_clock.jump(*seconds),
        (Injection::File(file), FaultPoint::File(path)) => {
            file_fault::inject(&environment, *file, path, content(source, path))?;
        }
        _ => {}
    }
    Ok(environment)
}

/// Removes the fault, whether it is Azure's or one of the component's clock or files.
fn remove_fault(
    environment: &CellEnvironment,
    source: &Source,
    point: &FaultPoint,
    fault: &Fault,
) -> Result<()> {
    environment.azure.end_faults();
    environment.file_faults.clear();
    match (&fault.injection, point) {
        (Injection::Clock(seconds) | Injection::ClockDuringRequest(seconds), _) => {
            environment.guest_clock.jump(-seconds);
        }
        (Injection::File(_), FaultPoint::File(path)) => {
            file_fault::replace(environment, path, content(source, path))?;
        }
        _ => {}
    }
    Ok(())
}

/// The wait for which the component remembers the error (ARCHITECTURE §4, Throttling).
fn remembered_wait(error: &CredentialError) -> Option<Duration> {
    let response = error.response.as_ref().filter(|response| response.status >= 400)?;
    let wait = Duration::from_secs(response.retry_after?.into()).min(Duration::from_secs(3600));
    (!wait.is_zero()).then_some(wait)
}

/// Calls the source before the wait is over. The rule that it violates if it sends a request to the service then; a grant
/// that can be redeemed once is another one in each call.
async fn call_early(
    environment: &mut CellEnvironment,
    source: &Source,
    point: &FaultPoint,
    errors: &mut String,
) -> Option<String> {
    let FaultPoint::Request(address) = point else { return None };
    let sent_before = environment.sent().len();
    let outcome = environment.get_token(source).await.map_err(|error| format!("{error:#}"));
    errors.push_str(&text(&outcome));
    let sent = environment.sent();
    let is_of_address = |uri: &Uri| {
        uri.authority().is_some_and(|it| it.as_str() == address.authority) && uri.path() == address.path
    };
    let early = sent[sent_before..].iter().filter(|sent| is_of_address(sent.request.uri())).count();
    let is_wrong = early > 0 && !source.is_single_use();
    is_wrong.then(|| format!("{early} requests were sent before the time that the service stated"))
}

async fn recover(
    environment: &mut CellEnvironment,
    source: &Source,
    errors: &mut String,
) -> Result<Recovery> {
    for is_new in [false, true] {
        if is_new {
            environment.drop_credential().await.context("a trap while the credential was dropped")?;
        }
        let outcome = environment.get_token(source).await.map_err(|error| format!("{error:#}"));
        errors.push_str(&text(&outcome));
        match outcome {
            Ok(Ok(_)) if is_new => return Ok(Recovery::NewCredential),
            Ok(Ok(_)) => return Ok(Recovery::SameCredential),
            Ok(Err(_)) if source.is_single_use() && !is_new => {}
            Ok(Err(error)) => return Ok(Recovery::None(error.message)),
            Err(trap) => return Ok(Recovery::None(trap)),
        }
    }
    Ok(Recovery::None("no token from a new credential".to_owned()))
}

fn leaks(environment: &CellEnvironment, source: &Source, errors: String) -> Vec<String> {
    let secrets = [source.secrets.clone(), environment.azure.secrets()].concat();
    let seen = [("the errors".to_owned(), errors), ("the output".to_owned(), environment.guest.output())];
    secrets::find(&secrets, &seen).into_iter().map(|leak| format!("leaks: {leak}")).collect()
}

fn text(outcome: &Result<Result<AccessToken, CredentialError>, String>) -> String {
    match outcome {
        Ok(Ok(token)) => format!("{} {}", token.source, token.token_type),
        Ok(Err(error)) => render(error),
        Err(trap) => trap.clone(),
    }
}

fn content<'a>(source: &'a Source, path: &str) -> &'a [u8] {
    source.files.iter().find(|(it, _)| it == path).map_or(&[], |(_, content)| content)
}

fn exactly(text: &str) -> Result<Pattern> {
    Ok(Pattern::new(&format!("^{}$", regex::escape(text)))?)
}
