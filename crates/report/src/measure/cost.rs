//! Costs that do not depend on the machine: instructions, memory, requests.

use super::benchmark_host::{BenchmarkHost, Counting, request};
use super::timing::scopes;
use super::token_server::TokenServer;
use anyhow::Result;

/// The instructions of a cached call from another component, including those of the caller, for the scopes in turn.
///
/// # Errors
/// When the provider at `path` returns no token.
pub fn instructions(path: &str, server: &TokenServer, scopes: &[String]) -> Result<u64> {
    let host = BenchmarkHost::new(Counting::Instructions)?;
    let mut caller = host.caller(path, &server.imds())?;
    // The first calls fetch the token and grow the memory.
    caller.call(10, scopes)?;
    let before = caller.fuel()?;
    caller.call(1000, scopes)?;
    Ok((before - caller.fuel()?) / 1000)
}

/// The instructions of an instance's first token, without those of its start.
///
/// # Errors
/// When the provider at `path` returns no token.
pub fn instructions_of_first(path: &str, env: &[(&str, String)], scope: &str) -> Result<u64> {
    let host = BenchmarkHost::new(Counting::Instructions)?;
    let mut instance = host.provider(path)?.start(env)?;
    let before = instance.fuel()?;
    instance.get_token(&request(scope))?;
    Ok(before - instance.fuel()?)
}

/// The size of an instance's linear memory after its first token, in bytes.
///
/// # Errors
/// When the provider at `path` returns no token.
pub fn linear_memory(path: &str, env: &[(&str, String)], scope: &str) -> Result<usize> {
    let host = BenchmarkHost::new(Counting::Nothing)?;
    let mut instance = host.provider(path)?.start(env)?;
    instance.get_token(&request(scope))?;
    Ok(instance.linear_bytes())
}

/// The requests for an instance's first token from IMDS, and the bytes of them and their responses.
///
/// # Errors
/// When the provider at `path` returns no token.
pub fn wire(path: &str, server: &TokenServer) -> Result<(u64, u64)> {
    let host = BenchmarkHost::new(Counting::Nothing)?;
    let mut instance = host.provider(path)?.start(&server.imds())?;
    server.take();
    instance.get_token(&request(&scopes(1)[0]))?;
    Ok(server.take())
}

/// The resident memory of an instance after its first token, in bytes: the mean of `count` instances.
///
/// # Errors
/// When the provider at `path` returns no token, or the system has no `/proc/self/status`.
pub fn resident(path: &str, server: &TokenServer, count: usize) -> Result<u64> {
    let host = BenchmarkHost::new(Counting::Nothing)?;
    let (provider, scopes) = (host.provider(path)?, scopes(1));
    let start = || -> Result<_> {
        let mut instance = provider.start(&server.imds())?;
        instance.get_token(&request(&scopes[0]))?;
        Ok(instance)
    };
    // The first instance includes what all of them share.
    let _first = start()?;
    let before = resident_now()?;
    let instances = (0..count).map(|_| start()).collect::<Result<Vec<_>>>()?;
    let after = resident_now()?;
    drop(instances);
    Ok(after.saturating_sub(before) / count as u64)
}

/// This process's resident memory, in bytes (Linux).
pub(super) fn resident_now() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix("kB")).map(str::trim);
    Ok(kilobytes.ok_or_else(|| anyhow::anyhow!("no VmRSS in /proc/self/status"))?.parse::<u64>()? * 1024)
}
