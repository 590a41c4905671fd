//! What does not depend on the machine: instructions, memory, requests.

use super::answering::Answering;
use super::lab::{Counting, Lab, request};
use super::timing::scopes;
use anyhow::Result;

/// The instructions of a cached call from another component, its part in them included.
///
/// # Errors
/// When the provider at `path` gives no token.
pub fn instructions(path: &str, server: &Answering) -> Result<u64> {
    let lab = Lab::new(Counting::Instructions)?;
    let (mut caller, scopes) = (lab.caller(path, &server.imds())?, scopes(1));
    // The first calls get the token and let memory grow.
    caller.ask(10, &scopes)?;
    let before = caller.fuel()?;
    caller.ask(1000, &scopes)?;
    Ok((before - caller.fuel()?) / 1000)
}

/// The instructions of an instance's first token, without those of making the instance.
///
/// # Errors
/// When the provider at `path` gives no token.
pub fn instructions_of_first(path: &str, env: &[(&str, String)], scope: &str) -> Result<u64> {
    let lab = Lab::new(Counting::Instructions)?;
    let mut instance = lab.provider(path)?.start(env)?;
    let before = instance.fuel()?;
    instance.get_token(&request(scope))?;
    Ok(before - instance.fuel()?)
}

/// How large an instance's memory is after its first token, in bytes.
///
/// # Errors
/// When the provider at `path` gives no token.
pub fn linear_memory(path: &str, env: &[(&str, String)], scope: &str) -> Result<usize> {
    let lab = Lab::new(Counting::Nothing)?;
    let mut instance = lab.provider(path)?.start(env)?;
    instance.get_token(&request(scope))?;
    Ok(instance.linear_bytes())
}

/// The requests, and the bytes with their answers, until an instance has its first token from IMDS.
///
/// # Errors
/// When the provider at `path` gives no token.
pub fn wire(path: &str, server: &Answering) -> Result<(u64, u64)> {
    let lab = Lab::new(Counting::Nothing)?;
    let mut instance = lab.provider(path)?.start(&server.imds())?;
    server.take();
    instance.get_token(&request(&scopes(1)[0]))?;
    Ok(server.take())
}

/// What an instance that has a token takes of this machine's memory, in bytes: the mean of `count`.
///
/// # Errors
/// When the provider at `path` gives no token, or this machine does not tell.
pub fn resident(path: &str, server: &Answering, count: usize) -> Result<u64> {
    let lab = Lab::new(Counting::Nothing)?;
    let (machine, scopes) = (lab.provider(path)?, scopes(1));
    let start = || -> Result<_> {
        let mut instance = machine.start(&server.imds())?;
        instance.get_token(&request(&scopes[0]))?;
        Ok(instance)
    };
    // What all of them share comes with the first.
    let _first = start()?;
    let before = resident_now()?;
    let instances = (0..count).map(|_| start()).collect::<Result<Vec<_>>>()?;
    let after = resident_now()?;
    drop(instances);
    Ok(after.saturating_sub(before) / count as u64)
}

/// This process's resident memory, in bytes (Linux).
fn resident_now() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix("kB")).map(str::trim);
    Ok(kilobytes.ok_or_else(|| anyhow::anyhow!("no VmRSS in /proc/self/status"))?.parse::<u64>()? * 1024)
}
