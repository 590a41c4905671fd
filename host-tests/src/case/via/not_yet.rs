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
const ARGUMENTS: &[(&str, &str, &str)] = &[(
    "client-certificate",
    "client-certificate",
    "tenant-id = 't', client-id = 'c', certificate = { data = '' }",
)];

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
