//! The fault-free run of a source, which yields its fault points.

use super::environment::CellEnvironment;
use super::fault_point::{Address, FaultPoint};
use super::source::Source;
use crate::guest::Start;
use crate::journal::Sent;
use anyhow::{Context, Result};

/// Reads the case and runs its first call with no fault injected.
///
/// # Errors
/// When the case cannot be read, or the call returns no token.
pub fn record(name: &str, start: Start) -> Result<Source> {
    let mut source = Source::read(name)?;
    let (label, sent) = CellEnvironment::block_on(async {
        let mut environment = CellEnvironment::start(&source, Vec::new(), None, start).await?;
        let outcome = environment.get_token(&source).await?;
        let token = outcome.map_err(|error| anyhow::anyhow!("no token: {}", error.message))?;
        Ok((token.source, environment.sent()))
    })
    .with_context(|| format!("{} without a fault", source.name))?;
    source.label = label;
    source.points = points(&source, &sent);
    Ok(source)
}

fn points(source: &Source, sent: &[Sent]) -> Vec<FaultPoint> {
    let mut requests: Vec<Address> = Vec::new();
    // Requests without timeouts come from the user's browser, not from the component.
    for request in sent.iter().filter(|sent| sent.timeouts.is_some()).map(|sent| &sent.request) {
        let authority = request.uri().authority().map_or("", |it| it.as_str()).to_owned();
        let path = request.uri().path().to_owned();
        let is_same = |it: &&Address| it.authority == authority && it.path == path;
        let after = requests.iter().filter(is_same).count() as u32;
        requests.push(Address { authority, path, after, index: requests.len() });
    }
    let requests = requests.into_iter().map(FaultPoint::Request);
    let files = source.files.iter().map(|(path, _)| FaultPoint::File(path.clone()));
    std::iter::once(FaultPoint::Call).chain(requests).chain(files).collect()
}
