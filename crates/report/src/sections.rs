//! The sections of the report: what is measured, and the goals.

mod cached;
mod costs;
mod first_token;
pub(crate) mod labels;

use crate::figures::Section;
use crate::measure::peers::Peers;
use crate::measure::token_server::TokenServer;
use anyhow::Result;

/// Measures everything; `progress` receives the name of the next step.
///
/// # Errors
/// When a measurement fails. A peer that is not installed is not measured.
pub fn measure(progress: &mut dyn FnMut(&str)) -> Result<Vec<Section>> {
    let server = TokenServer::start()?;
    progress("the Azure SDKs");
    let peers = Peers::measure(&server)?;
    progress("cached calls");
    let one = cached::one(&server, &peers)?;
    let among_many = cached::among_many(&server)?;
    progress("first tokens");
    let first = first_token::section(&server, &peers)?;
    progress("costs");
    let many_callers = cached::many_callers(&server)?;
    let costs = [costs::size()?, costs::contents()?, costs::others(&server, &peers)?];
    Ok([one, among_many, many_callers, first].into_iter().chain(costs).collect())
}
