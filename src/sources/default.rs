//! The default chain, as `AZURE_TOKEN_CREDENTIALS` and the caller restrict it.
//!
//! `AZURE_TOKEN_CREDENTIALS` is `prod`, `dev` or one credential's name, in any case, as in the Azure SDKs
//! (Microsoft Learn, "Credential chains in the Azure Identity library", how to customise).

use super::{DEFAULT, DefaultSource, Group, SourceOptions};
use crate::call_context::CallContext;
use crate::chain::Chain;
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
        .map(|source| (source.make)(&options.sources))
        .collect();
    if members.is_empty() {
        return Err(Error::invalid_argument(
            NAME,
            format_args!("exclude and {VARIABLE} together leave no source"),
        ));
    }
    Ok(Chain::new(NAME, members))
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
mod tests {
    use super::*;
    use crate::concurrency::run;
    use crate::host::fake::FakeHost;
    use crate::request::RawRequest;

    /// The sources that are tried when none is available, or the error when there is no chain.
    fn tried(variable: &str, exclude: &[&str]) -> Result<Vec<&'static str>, String> {
        let host = FakeHost::new().env(VARIABLE, variable);
        let exclude = exclude.iter().map(ToString::to_string).collect();
        let chain = DefaultChain::new(Options { exclude, ..Default::default() });
        chain.prepare(&host).map_err(|error| error.into_details().message)?;
        let raw = RawRequest { scopes: vec!["s".into()], ..Default::default() };
        let request = TokenRequest::parse(raw).expect("well-formed");
        let error =
            run(chain.get_token(&CallContext::new(&host), &request)).expect_err("no source is available");
        // A chain of one source reports that source's error, without attempts.
        let single = || {
            DEFAULT
                .iter()
                .filter(|source| error.message.contains(source.name))
                .map(|source| source.name)
                .collect()
        };
        Ok(if error.attempts.is_empty() {
            single()
        } else {
            error.attempts.iter().map(|attempt| attempt.source).collect()
        })
    }

    #[test]
    fn all_sources_are_tried_unless_the_variable_restricts_them() {
        for (variable, expected) in [
            (
                "",
                vec![
                    "environment",
                    "workload-identity",
                    "managed-identity",
                    "shared-token-cache",
                    "azure-cli",
                    "azure-developer-cli",
                ],
            ),
            (
                " ",
                vec![
                    "environment",
                    "workload-identity",
                    "managed-identity",
                    "shared-token-cache",
                    "azure-cli",
                    "azure-developer-cli",
                ],
            ),
            ("prod", vec!["environment", "workload-identity", "managed-identity"]),
            ("DEV", vec!["shared-token-cache", "azure-cli", "azure-developer-cli"]),
            ("EnvironmentCredential", vec!["environment"]),
            ("azure-cli", vec!["azure-cli"]),
        ] {
            assert_eq!(tried(variable, &[]), Ok(expected), "{variable:?}");
        }
    }

    #[test]
    fn an_unknown_name_is_an_error() {
        let names = "environment, workload-identity, managed-identity, shared-token-cache, azure-cli, azure-developer-cli";
        assert_eq!(
            tried("Foo", &[]),
            Err(format!(
                "default: AZURE_TOKEN_CREDENTIALS names no source of the chain; set it to prod, dev or one of {names}"
            ))
        );
        assert_eq!(
            tried("", &["foo"]),
            Err(format!("default: exclude names no source of the chain; it has {names}"))
        );
        assert_eq!(
            tried("azure-cli", &["azure-cli"]),
            Err("default: exclude and AZURE_TOKEN_CREDENTIALS together leave no source".to_owned())
        );
    }

    #[test]
    fn an_excluded_source_is_not_tried() {
        assert_eq!(
            tried("", &["managed-identity"]),
            Ok(vec![
                "environment",
                "workload-identity",
                "shared-token-cache",
                "azure-cli",
                "azure-developer-cli"
            ])
        );
    }

    #[test]
    fn the_error_for_an_unsupported_credential_names_another_one() {
        for (name, _, why) in UNSUPPORTED {
            let message = format!("default: AZURE_TOKEN_CREDENTIALS names {name}, which {why}");
            assert_eq!(tried(&name.to_lowercase(), &[]), Err(message));
        }
    }
}
