//! Credentials that only say that they do not exist yet, whatever their arguments.

use super::{Made, Via};
use crate::guest::Guest;
use anyhow::{Context, Result};
use serde::Deserialize;

/// Makes the credential of this name with arguments that stand for any.
pub(super) async fn make(kind: &str, guest: &mut Guest) -> Made {
    via(kind)?.make_member(guest).await
}

fn via(kind: &str) -> Result<Via> {
    #[derive(Deserialize)]
    struct Anything {
        via: Via,
    }
    let found = ARGUMENTS.iter().find(|(name, ..)| *name == kind);
    let (_, variant, arguments) = found.with_context(|| format!("no case knows how to make {kind}"))?;
    Ok(toml::from_str::<Anything>(&format!("via = {{ {variant} = {{ {arguments} }} }}"))?.via)
}

/// The function's name in `wit/credentials.wit`, the variant of [`Via`] that calls it, and arguments.
const ARGUMENTS: &[(&str, &str, &str)] = &[
    (
        "authorization-code",
        "authorization-code",
        "tenant-id = 't', client-id = 'c', redirect-uri = 'http://localhost', code = 'x'",
    ),
    (
        "azure-pipelines",
        "azure-pipelines",
        "tenant-id = 't', client-id = 'c', service-connection-id = 's', system-access-token = 'x'",
    ),
    (
        "begin-authorization-code",
        "authorization-code-flow",
        "tenant-id = 't', client-id = 'c', redirect-uri = 'http://localhost', scopes = [], code = 'x'",
    ),
    ("client-assertion", "client-assertion", "tenant-id = 't', client-id = 'c', assertion = { text = 'x' }"),
    (
        "client-certificate",
        "client-certificate",
        "tenant-id = 't', client-id = 'c', certificate = { data = '' }",
    ),
    ("device-code", "device-code", "tenant-id = 't', client-id = 'c', scopes = []"),
    (
        "on-behalf-of",
        "on-behalf-of",
        "tenant-id = 't', client-id = 'c', client = { secret = 's' }, user-assertion = 'x'",
    ),
    ("shared-token-cache", "shared-token-cache", ""),
    (
        "username-password",
        "username-password",
        "tenant-id = 't', client-id = 'c', username = 'u', password = 'p'",
    ),
    ("workload-identity", "workload-identity", ""),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_arguments_that_fit() {
        for (kind, ..) in ARGUMENTS {
            let via = via(kind);
            assert!(via.is_ok(), "{kind}: {via:?}");
        }
        assert_eq!(via("magic").expect_err("there is none").to_string(), "no case knows how to make magic");
    }
}
