//! The default chain: THE LIST, narrowed by `AZURE_TOKEN_CREDENTIALS` and by the caller.
//!
//! `AZURE_TOKEN_CREDENTIALS` is `prod`, `dev` or one credential's name, in any case, as in the Azure
//! SDKs (Microsoft Learn, "Credential chains in the Azure Identity library", how to customise).

use super::managed_identity::UserAssigned;
use super::{DEFAULT, DefaultSource, Group, Source};
use crate::call_context::CallContext;
use crate::chain::Chain;
use crate::entra;
use crate::error::{Error, ErrorKind};
use crate::host::{self, BoxFuture, Host, boxed};
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::text;
use crate::token::AccessToken;
use core::cell::OnceCell;

/// How a caller narrows the chain; by default it is not.
#[derive(Debug, Default)]
pub struct Options {
    /// Names of sources to leave out.
    pub exclude: Vec<String>,
    /// Which managed identity; `None`: `AZURE_CLIENT_ID`, else the system-assigned one.
    pub managed_identity: Option<UserAssigned>,
    /// The tenants that requests may name besides each source's own.
    pub allowed_tenants: Vec<String>,
}

/// The default chain, made when it is first asked: only then is there an environment to look at.
pub struct DefaultChain {
    options: Options,
    chain: OnceCell<Result<Chain, Error>>,
}

impl DefaultChain {
    /// A chain for these options.
    pub fn new(options: Options) -> Self {
        Self { options, chain: OnceCell::new() }
    }

    /// Makes the chain, so that a wrong name is told at once.
    ///
    /// # Errors
    /// `invalid-request` when the options or the environment name no such source.
    pub fn prepare(&self, host: &dyn Host) -> Result<&Chain, Error> {
        self.chain.get_or_init(|| make(host, &self.options)).as_ref().map_err(Clone::clone)
    }
}

impl Source for DefaultChain {
    fn name(&self) -> &'static str {
        NAME
    }

    #[maybe_async]
    fn get_token<'a>(
        &'a self,
        call: &'a CallContext<'a>,
        request: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<AccessToken, Error>> {
        boxed(async move { self.prepare(call.host)?.get_token(call, request).await })
    }
}

fn make(host: &dyn Host, options: &Options) -> Result<Chain, Error> {
    for name in &options.exclude {
        if !DEFAULT.iter().any(|source| source.name == name) {
            return Err(Error::invalid(
                NAME,
                format_args!("exclude names no source of the chain; it has {}", names()),
            ));
        }
    }
    let chosen = host::env(host, VARIABLE);
    let chosen = chosen.as_deref().map(str::trim);
    let narrowed = |source: &&DefaultSource| chosen.is_none_or(|chosen| is_chosen(chosen, source));
    if let Some((name, kind, why)) = chosen.and_then(elsewhere) {
        return Err(Error::new(kind, NAME, format_args!("{VARIABLE} names {name}, which {why}")));
    }
    // Not every member needs it, and a mistake is told whoever is first to answer (as the Azure SDKs).
    entra::url_of_environment(host, NAME)?;
    if !DEFAULT.iter().any(|source| narrowed(&source)) {
        let what = format_args!(
            "{VARIABLE} names no source of the chain; set it to prod, dev or one of {}",
            names()
        );
        return Err(Error::invalid(NAME, what));
    }
    let kept = |source: &&DefaultSource| !options.exclude.iter().any(|name| name == source.name);
    let members: Vec<_> =
        DEFAULT.iter().filter(narrowed).filter(kept).map(|source| (source.make)(options)).collect();
    if members.is_empty() {
        return Err(Error::invalid(NAME, format_args!("exclude and {VARIABLE} together leave no source")));
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

/// A credential of the Azure SDKs that no component can be, what the SDKs call it where it is missing, and
/// what to do instead.
fn elsewhere(chosen: &str) -> Option<(&'static str, ErrorKind, &'static str)> {
    ELSEWHERE.iter().copied().find(|(name, ..)| name.eq_ignore_ascii_case(chosen))
}

fn names() -> String {
    text::join(&DEFAULT.iter().map(|source| source.name).collect::<Vec<_>>(), ", ")
}

const NAME: &str = "default";
const ELSEWHERE: &[(&str, ErrorKind, &str)] = &[
    (
        "AzurePowerShellCredential",
        ErrorKind::Unavailable,
        "starts a process, as no component can; name shared-token-cache, which reads a login that PowerShell left unencrypted, or azure-cli",
    ),
    (
        "BrokerCredential",
        ErrorKind::Unavailable,
        "needs a broker on the machine, which no component can reach; name azure-cli",
    ),
    (
        "InteractiveBrowserCredential",
        ErrorKind::InvalidRequest,
        "opens a browser, as no component can; begin a device-code or authorization-code flow in the app",
    ),
    (
        "SharedTokenCacheCredential",
        ErrorKind::InvalidRequest,
        "the Azure SDKs do not take either; name shared-token-cache",
    ),
    (
        "VisualStudioCodeCredential",
        ErrorKind::Unavailable,
        "needs a broker on the machine, which no component can reach; name azure-cli or shared-token-cache",
    ),
];
const VARIABLE: &str = "AZURE_TOKEN_CREDENTIALS";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call_context::run;
    use crate::host::fake::FakeHost;
    use crate::request::RawRequest;

    /// The sources that are tried when none is there, or why there is no chain.
    fn tried(variable: &str, exclude: &[&str]) -> Result<Vec<&'static str>, String> {
        let host = FakeHost::new().env(VARIABLE, variable);
        let exclude = exclude.iter().map(ToString::to_string).collect();
        let chain = DefaultChain::new(Options { exclude, ..Default::default() });
        chain.prepare(&host).map_err(|error| error.into_details().message)?;
        let raw = RawRequest { scopes: vec!["s".into()], ..Default::default() };
        let request = TokenRequest::parse(raw).expect("well-formed");
        let error = run(chain.get_token(&CallContext::alone(&host), &request)).expect_err("nothing is there");
        // A chain of one is that one, and has nothing to list.
        let one = || {
            DEFAULT
                .iter()
                .filter(|source| error.message.contains(source.name))
                .map(|source| source.name)
                .collect()
        };
        Ok(if error.attempts.is_empty() {
            one()
        } else {
            error.attempts.iter().map(|attempt| attempt.source).collect()
        })
    }

    #[test]
    fn all_sources_are_tried_unless_the_variable_narrows_them() {
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
    fn a_name_that_is_none_is_told_and_not_ignored() {
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
    fn what_is_excluded_is_not_tried() {
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
    fn a_credential_that_no_component_can_be_is_answered_with_another_one() {
        for (name, _, why) in ELSEWHERE {
            let told = format!("default: AZURE_TOKEN_CREDENTIALS names {name}, which {why}");
            assert_eq!(tried(&name.to_lowercase(), &[]), Err(told));
        }
    }
}
