//! The default chain, as `AZURE_TOKEN_CREDENTIALS` and the caller restrict it.
//!
//! `AZURE_TOKEN_CREDENTIALS` is `prod`, `dev` or one credential's name, in any case, as in the Azure SDKs
//! (Microsoft Learn, "Credential chains in the Azure Identity library", how to customise).

use super::{DEFAULT, DefaultSource, Group, SourceOptions};
use crate::call_context::CallContext;
use crate::chain::{Chain, Member};
use crate::error::{Error, ErrorKind};
use crate::host::{self, Host};
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::source::{Description, Source};
use crate::token::AccessToken;
use core::cell::OnceCell;

/// The caller's restrictions of the chain; by default there are none.
#[derive(Debug, Default)]
pub struct Options {
    /// The names of sources to leave out.
    pub exclude: Vec<String>,
    /// The options of the sources.
    pub sources: SourceOptions,
}

/// The default chain. It is made with the first request, because a host may give an environment to calls
/// alone.
pub struct DefaultChain {
    options: Options,
    chain: OnceCell<Result<Chain, Error>>,
}

impl DefaultChain {
    /// A default chain with these options.
    pub fn new(options: Options) -> Self {
        Self { options, chain: OnceCell::new() }
    }

    /// Makes the chain, so that an unknown name is an error before the first request.
    ///
    /// # Errors
    /// `invalid-argument` when the options or the environment name an unknown source.
    pub fn prepare(&self, host: &dyn Host) -> Result<&Chain, Error> {
        self.chain.get_or_init(|| make(host, &self.options)).as_ref().map_err(Clone::clone)
    }
}

#[maybe_async(AFIT)]
impl Source for DefaultChain {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn get_token(&self, call: &CallContext<'_>, request: &TokenRequest) -> Result<AccessToken, Error> {
        self.prepare(call.host)?.get_token(call, request).await
    }

    fn describe(&self) -> Description {
        self.chain.get().and_then(|chain| chain.as_ref().ok()).map(Source::describe).unwrap_or_default()
    }
}

fn make(host: &dyn Host, options: &Options) -> Result<Chain, Error> {
    for name in &options.exclude {
        if !DEFAULT.iter().any(|source| source.name == name) {
            return Err(Error::invalid_argument(
                NAME,
                format_args!("exclude names no source of the chain; it has {}", names()),
            ));
        }
    }
    let chosen = host::env(host, VARIABLE);
    let chosen = chosen.as_deref().map(str::trim);
    let is_in_variable = |source: &&DefaultSource| chosen.is_none_or(|chosen| is_chosen(chosen, source));
    if let Some((name, kind, why)) = chosen.and_then(unsupported) {
        return Err(Error::new(kind, NAME, format_args!("{VARIABLE} names {name}, which {why}")));
    }
    // Some sources do not use the authority. A malformed one is an error whichever source has a token (as in
    // the Azure SDKs).
    options.sources.client.authority(host, NAME)?;
    if !DEFAULT.iter().any(|source| is_in_variable(&source)) {
        let what = format_args!(
            "{VARIABLE} names no source of the chain; set it to prod, dev or one of {}",
            names()
        );
        return Err(Error::invalid_argument(NAME, what));
    }
    let kept = |source: &&DefaultSource| !options.exclude.iter().any(|name| name == source.name);
    let members: Vec<_> = DEFAULT
        .iter()
        .filter(is_in_variable)
        .filter(kept)
        .map(|source| Member {
            source: (source.make)(&options.sources),
            on_failure: source.group.on_failure(),
        })
        .collect();
    if members.is_empty() {
        return Err(Error::invalid_argument(
            NAME,
            format_args!("exclude and {VARIABLE} together leave no source"),
        ));
    }
    Ok(Chain::of_members(NAME, members))
}

fn is_chosen(chosen: &str, source: &DefaultSource) -> bool {
    let group = match source.group {
        Group::Dev => "dev",
        Group::Prod => "prod",
    };
    [group, source.name, source.sdk_name].iter().any(|name| name.eq_ignore_ascii_case(chosen))
}

/// A credential of the Azure SDKs that a component cannot have, the kind of error that the SDKs report where
/// it is missing, and the remedy.
fn unsupported(chosen: &str) -> Option<(&'static str, ErrorKind, &'static str)> {
    UNSUPPORTED.iter().copied().find(|(name, ..)| name.eq_ignore_ascii_case(chosen))
}

fn names() -> String {
    DEFAULT.iter().map(|source| source.name).collect::<Vec<_>>().join(", ")
}

const NAME: &str = "default";
const UNSUPPORTED: &[(&str, ErrorKind, &str)] = &[
    (
        "AzurePowerShellCredential",
        ErrorKind::NotConfigured,
        "starts a process, as no component can; name shared-token-cache, which reads a login that PowerShell left unencrypted, or azure-cli",
    ),
    (
        "BrokerCredential",
        ErrorKind::NotConfigured,
        "needs a broker on the machine, which no component can reach; name azure-cli",
    ),
    (
        "InteractiveBrowserCredential",
        ErrorKind::InvalidArgument,
        "opens a browser, as no component can; begin a device-code or authorization-code flow in the app",
    ),
    (
        "SharedTokenCacheCredential",
        ErrorKind::InvalidArgument,
        "the Azure SDKs do not take either; name shared-token-cache",
    ),
    (
        "VisualStudioCodeCredential",
        ErrorKind::NotConfigured,
        "needs a broker on the machine, which no component can reach; name azure-cli or shared-token-cache",
    ),
];
const VARIABLE: &str = "AZURE_TOKEN_CREDENTIALS";

#[cfg(test)]
mod tests;
