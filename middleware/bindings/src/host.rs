//! The host and the provider of an instance. No other file names WASI.

use crate::bindings::azure::identity::token_credential;
use crate::{AccessToken, CredentialError, TokenRequest, maybe_async};
use alloc::string::String;

#[cfg(feature = "wasi-0-3")]
use crate::bindings::wasi::{
    cli::{environment::get_environment, stderr},
    clocks::{monotonic_clock, system_clock},
};
#[cfg(not(feature = "wasi-0-3"))]
use wasi::{
    cli::{environment::get_environment, stderr},
    clocks::{monotonic_clock, wall_clock},
};

/// The value of an environment variable; `None`: it is not set, or blank.
pub fn variable(name: &str) -> Option<String> {
    let found = get_environment().into_iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value).filter(|value| !value.trim().is_empty())
}

/// Calls the provider with which the middleware is composed.
///
/// # Errors
/// The provider's.
#[maybe_async]
pub async fn get_token(request: TokenRequest) -> Result<AccessToken, CredentialError> {
    #[cfg(feature = "wasi-0-3")]
    return token_credential::get_token(request).await;
    #[cfg(not(feature = "wasi-0-3"))]
    token_credential::get_token(&request)
}

/// The current time, in seconds since 1970-01-01T00:00:00Z; 0: the clock is before that, so it was never set.
pub fn now() -> u64 {
    #[cfg(feature = "wasi-0-3")]
    return u64::try_from(system_clock::now().seconds).unwrap_or_default();
    #[cfg(not(feature = "wasi-0-3"))]
    wall_clock::now().seconds
}

/// A clock that is never set back, in nanoseconds since an unspecified point.
pub fn elapsed() -> u64 {
    monotonic_clock::now()
}

/// Waits for a duration, in milliseconds.
#[maybe_async]
pub async fn wait(milliseconds: u64) {
    let nanoseconds = milliseconds.saturating_mul(1_000_000);
    #[cfg(feature = "wasi-0-3")]
    {
        monotonic_clock::wait_for(nanoseconds).await;
    }
    #[cfg(not(feature = "wasi-0-3"))]
    monotonic_clock::subscribe_duration(nanoseconds).block();
}

/// Writes a line to standard error and waits until it is written. A failure is ignored: there is no other place to tell.
#[maybe_async]
pub async fn log(line: String) {
    #[cfg(feature = "wasi-0-3")]
    {
        let (mut writer, reader) = crate::bindings::wit_stream::new();
        let written = stderr::write_via_stream(reader);
        writer.write_all(line.into_bytes()).await;
        drop(writer);
        let _ = written.await;
    }
    #[cfg(not(feature = "wasi-0-3"))]
    {
        let stderr = stderr::get_stderr();
        // WASI's limit of one write: the host traps at more.
        for part in line.as_bytes().chunks(4096) {
            let _ = stderr.blocking_write_and_flush(part);
        }
    }
}
