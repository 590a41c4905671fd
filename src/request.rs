//! A token request, parsed once when the call begins. A [`TokenRequest`] needs no further checks.

use crate::error::{Error, quote};
use crate::identifiers::{Resource, Scope, TenantId};
use crate::prelude::*;
use azure_token_rules::request::{MAX_CLAIMS, MAX_SCOPES};
use core::hash::BuildHasher;
use rustc_hash::FxBuildHasher;
use serde_json::Value;

/// A request as the caller made it, unchecked. The fields are those of `types.wit`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawRequest {
    /// The scopes of the token.
    pub scopes: Vec<String>,
    /// The tenant to ask instead of the credential's own.
    pub tenant_id: Option<String>,
    /// A claims challenge, as JSON text.
    pub claims: Option<String>,
    /// Whether the caller can answer a claims challenge.
    pub enable_cae: bool,
    /// Further options, by key and value.
    pub options: Vec<(String, String)>,
}

impl RawRequest {
    /// Whether the token depends on nothing but the scopes, the tenant and CAE.
    pub fn is_plain(&self) -> bool {
        self.claims.is_none() && self.options.is_empty()
    }

    /// As [`TokenRequest::key`], of a request to a source whose tokens are for a resource or not.
    pub fn key(&self, is_for_resource: bool) -> u64 {
        key(self.scopes.iter(), self.tenant_id.as_deref(), self.enable_cae, is_for_resource)
    }
}

/// A well-formed request.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    scopes: Vec<Scope>,
    tenant_id: Option<TenantId>,
    claims: Option<String>,
    enable_cae: bool,
    include_details: bool,
    is_for_resource: bool,
    /// The SHA-256 of the token that a service refused, in lower-case hexadecimal; `None`: it is not known.
    pub refused_token_sha256: Option<String>,
}

impl TokenRequest {
    /// Parses a request. A blank option counts as unset.
    ///
    /// # Errors
    /// `invalid-argument`, naming the field and what is wrong with it.
    pub fn parse(raw: RawRequest) -> Result<Self, Error> {
        if raw.scopes.is_empty() {
            return Err(invalid("scopes is empty; name at least one, e.g. https://vault.azure.net/.default"));
        }
        if raw.scopes.len() > MAX_SCOPES {
            return Err(invalid(format_args!("scopes has more than {MAX_SCOPES} entries")));
        }
        let scopes: Result<Vec<_>, _> = raw.scopes.into_iter().map(Scope::parse).collect();
        let tenant_id = raw.tenant_id.filter(|tenant| !tenant.trim().is_empty()).map(TenantId::parse);
        let claims = raw.claims.filter(|claims| !claims.trim().is_empty());
        Ok(Self {
            scopes: scopes?,
            tenant_id: tenant_id.transpose().map_err(|error| invalid(format_args!("tenant-id {error}")))?,
            claims: claims.map(parse_claims).transpose()?,
            enable_cae: raw.enable_cae,
            include_details: parse_options(raw.options)?,
            is_for_resource: false,
            refused_token_sha256: None,
        })
    }

    /// A request for one scope, and nothing else.
    pub fn for_scope(scope: Scope) -> Self {
        Self {
            scopes: vec![scope],
            tenant_id: None,
            claims: None,
            enable_cae: false,
            include_details: false,
            is_for_resource: false,
            refused_token_sha256: None,
        }
    }

    /// The same request, with the hash of the token that a service refused.
    pub fn refusing(&self, hash: String) -> Self {
        Self { refused_token_sha256: Some(hash), ..self.clone() }
    }

    /// The request to a source whose tokens are for a resource: scopes of the same resource have the same token.
    pub fn for_resource(self) -> Self {
        Self { is_for_resource: true, ..self }
    }

    /// The scopes, in the caller's order; at least one.
    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }

    /// The `scope` parameter of OAuth: the scopes, with spaces between them (RFC 6749, section 3.3).
    pub fn scope(&self) -> String {
        let scopes: Vec<&str> = self.scopes.iter().map(Scope::as_str).collect();
        scopes.join(" ")
    }

    /// The tenant that the caller named; `None`: the credential's own tenant.
    pub fn tenant_id(&self) -> Option<&TenantId> {
        self.tenant_id.as_ref()
    }

    /// The claims challenge, a JSON object; `None`: there is none.
    pub fn claims(&self) -> Option<&str> {
        self.claims.as_deref()
    }

    /// Whether the caller can answer a claims challenge.
    pub fn enable_cae(&self) -> bool {
        self.enable_cae
    }

    /// Whether the caller wants the facts about the token's identity. The token does not depend on it.
    pub fn include_details(&self) -> bool {
        self.include_details
    }

    /// The resource of the request, for a service that takes one resource instead of scopes.
    ///
    /// # Errors
    /// `invalid-argument` when there are several scopes.
    pub fn resource(&self, source: &str) -> Result<Resource<'_>, Error> {
        match self.scopes() {
            [scope] => Ok(scope.resource()),
            _ => Err(Error::invalid_argument(
                source,
                "takes exactly one scope; ask for one resource at a time",
            )),
        }
    }

    /// A hash of what the token depends on: the set of scopes, the tenant and CAE. Claims do not count: they
    /// ask for a newer token of the same kind.
    pub fn key(&self) -> u64 {
        let tenant = self.tenant_id.as_ref().map(TenantId::as_str);
        key(self.scopes.iter().map(Scope::as_str), tenant, self.enable_cae, self.is_for_resource)
    }

    /// Whether an unparsed request has the same texts, in the same order.
    pub fn is_spelled(&self, raw: &RawRequest) -> bool {
        self.enable_cae == raw.enable_cae
            && self.tenant_id.as_ref().map(TenantId::as_str) == raw.tenant_id.as_deref()
            && self.scopes.iter().map(Scope::as_str).eq(raw.scopes.iter().map(String::as_str))
    }

    /// Whether the same token answers both requests. Requests of which this is true have the same
    /// [`key`](Self::key).
    pub fn same_token(&self, other: &Self) -> bool {
        self.enable_cae == other.enable_cae
            && self.tenant_id == other.tenant_id
            && (self.scopes == other.scopes || self.same_scopes(other))
    }

    /// Whether the scopes are the same in any order.
    fn same_scopes(&self, other: &Self) -> bool {
        self.scopes.len() == other.scopes.len() && self.has_targets_of(other) && other.has_targets_of(self)
    }

    fn has_targets_of(&self, other: &Self) -> bool {
        let has = |target: &str| self.scopes.iter().any(|scope| self.target(scope) == target);
        other.scopes.iter().all(|scope| has(other.target(scope)))
    }

    /// What the token of a scope depends on.
    fn target<'a>(&self, scope: &'a Scope) -> &'a str {
        if self.is_for_resource { scope.resource().as_str() } else { scope.as_str() }
    }
}

/// See [`TokenRequest::key`]. A collision costs a comparison.
fn key(
    scopes: impl Iterator<Item: AsRef<str>>,
    tenant: Option<&str>,
    enable_cae: bool,
    is_for_resource: bool,
) -> u64 {
    let target = |scope: &str| hash(if is_for_resource { Resource::of(scope).as_str() } else { scope });
    // A sum, because the order of the scopes does not count.
    let scopes = scopes.fold(0_u64, |sum, scope| sum.wrapping_add(target(scope.as_ref())));
    FxBuildHasher.hash_one((scopes, tenant, enable_cae))
}

fn hash(text: &str) -> u64 {
    FxBuildHasher.hash_one(text)
}

fn parse_claims(claims: String) -> Result<String, Error> {
    if claims.len() > MAX_CLAIMS {
        return Err(invalid(format_args!("claims is longer than {MAX_CLAIMS} bytes")));
    }
    match serde_json::from_slice(claims.as_bytes()) {
        Ok(Value::Object(_)) => Ok(claims),
        _ => Err(invalid(
            "claims is not a JSON object; pass the decoded value of the challenge's claims parameter",
        )),
    }
}

/// Parses the options. The only one is whether the caller wants the facts about the token's identity.
fn parse_options(options: Vec<(String, String)>) -> Result<bool, Error> {
    let mut include_details = None;
    for (key, value) in options {
        if key != INCLUDE_DETAILS {
            let key = quote(&key, &[]);
            let what = format_args!("options has the unknown key {key}; the known one is {INCLUDE_DETAILS}");
            return Err(invalid(what));
        }
        let value = match value.as_str() {
            "true" => true,
            "false" => false,
            _ => return Err(invalid(format_args!("the option {INCLUDE_DETAILS} must be true or false"))),
        };
        if include_details.replace(value).is_some() {
            return Err(invalid(format_args!("options has the key {INCLUDE_DETAILS} twice")));
        }
    }
    Ok(include_details.unwrap_or(false))
}

fn invalid(what: impl core::fmt::Display) -> Error {
    Error::invalid_argument("get-token", what)
}

const INCLUDE_DETAILS: &str = "include-details";

#[cfg(test)]
mod tests;
