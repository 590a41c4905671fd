//! What a test, or a person at the page, changes while the simulator runs.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::azure::Azure;
use crate::duration;
use crate::settings::{FaultSettings, ServiceName};

/// Adds a fault, or ends those of a service.
///
/// # Errors
/// When the body is not `{"service": …, "fault": …}`, or names a service or fault that does not exist.
pub fn faults(azure: &Azure, body: &[u8]) -> Result<(), String> {
    let Faults { service, fault } = parse(body)?;
    let only = if service == ALL { None } else { Some(service.parse::<ServiceName>()?) };
    match (fault, only) {
        (Some(fault), _) => azure.inject(format!("{service}={fault}").parse::<FaultSettings>()?),
        (None, Some(service)) => azure.end_faults_of(service),
        (None, None) => azure.end_faults(),
    }
    Ok(())
}

/// Moves the clock forward.
///
/// # Errors
/// When the body is not `{"advance": …}` with a duration such as `90s` or `24h`.
pub fn clock(azure: &Azure, body: &[u8]) -> Result<(), String> {
    let Clock { advance } = parse(body)?;
    azure.advance_clock(duration::parse(&advance)?);
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Faults {
    service: String,
    /// As on the command line behind `SERVICE=`.
    fault: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clock {
    advance: String,
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| format!("the body is not what this path expects: {error}"))
}

/// The name for every service.
const ALL: &str = "all";
