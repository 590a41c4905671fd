//! A client (application) of Microsoft Entra.

use super::authority::Authority;
use crate::error::Error;
use crate::host::{self, Host};
use crate::http::Url;
use crate::identifiers::{ClientId, TenantId};
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::retry::Repetition;
use crate::source::Description;
use crate::token_details::TokenDetails;

/// A client in one tenant of one authority.
#[derive(Clone, Debug)]
pub struct Client {
    /// The source that it belongs to; its name begins messages.
    pub source: &'static str,
    /// The authority.
    pub authority: Authority,
    /// The client's own tenant.
    pub tenant_id: TenantId,
    /// The client's id.
    pub client_id: ClientId,
    /// The tenants that requests may name besides the client's own; `*` allows all.
    pub allowed_tenants: Vec<String>,
}

impl Client {
    /// An endpoint of a tenant, e.g. `token`; of the authority itself, not of its regions. A request to
    /// another one than `token` has to be preceded by [`check_authority`](Self::check_authority).
    pub fn endpoint(&self, tenant: &TenantId, name: &str) -> Url {
        self.authority.join(&self.path(tenant, name))
    }

    /// Where tokens are requested, and the audience of assertions.
    pub fn token_endpoint(&self) -> Url {
        self.endpoint(&self.tenant_id, "token")
    }

    /// The path of an endpoint. AD FS has no versions (Microsoft Learn, "AD FS OpenID Connect/OAuth flows").
    pub(super) fn path(&self, tenant: &TenantId, name: &str) -> String {
        let (tenant, version) = if self.is_adfs() { ("adfs", "") } else { (tenant.as_str(), "v2.0/") };
        format!("{tenant}/oauth2/{version}{name}")
    }

    /// What it was made of, by the keys of `credential.describe`.
    pub fn description(&self) -> Description {
        vec![
            ("tenant-id", self.tenant_id.as_str().to_owned()),
            ("client-id", self.client_id.as_str().to_owned()),
            ("authority", self.authority.origin()),
        ]
    }

    /// Adds what the client knows of a token's identity to what the response says.
    pub(super) fn describe(&self, details: &mut TokenDetails) {
        // `organizations` and `common` stand for the user's own tenant, which the response may name.
        let is_specific =
            !["organizations", "common", "consumers", "adfs"].iter().any(|it| self.tenant_id.is(it));
        let tenant_id = is_specific.then(|| self.tenant_id.as_str().to_owned());
        details.tenant_id = tenant_id.or(details.tenant_id.take());
        details.client_id = Some(self.client_id.as_str().to_owned());
        details.authority = Some(self.authority.origin());
    }

    /// Whether the authority is an AD FS, by the name that MSAL gives its only tenant. The credential decides
    /// it, never a request.
    pub(super) fn is_adfs(&self) -> bool {
        self.tenant_id.is("adfs")
    }

    /// Whether a refresh token may be sent again whose response was lost. Microsoft Entra accepts it again after use
    /// ("Refresh tokens in the Microsoft identity platform"). Another service may replace it with each use, and
    /// revoke the session when it comes a second time (RFC 9700, section 4.14.2).
    pub fn repetition_of_refresh(&self) -> Repetition {
        if self.authority.is_known() { Repetition::Always } else { Repetition::UnlessServed }
    }

    /// The tenant of a request: the one that it names, if that is allowed, else the client's own.
    ///
    /// # Errors
    /// `invalid-argument` when the request names a tenant that is not allowed.
    pub fn tenant_for<'a>(
        &'a self,
        host: &dyn Host,
        request: &'a TokenRequest,
    ) -> Result<&'a TenantId, Error> {
        let own = &self.tenant_id;
        let Some(wanted) = request.tenant_id().filter(|wanted| !own.is(wanted.as_str())) else {
            return Ok(own);
        };
        // As in the Azure SDKs: the variable turns overrides off. AD FS has no tenants at all.
        if self.is_adfs() || host::is_on(host, "AZURE_IDENTITY_DISABLE_MULTITENANTAUTH") {
            return Ok(own);
        }
        if self.allowed_tenants.iter().any(|allowed| allowed == "*" || wanted.is(allowed)) {
            return Ok(wanted);
        }
        Err(Error::invalid_argument(
            self.source,
            "the request's tenant-id is not this credential's tenant; allow it among the additionally allowed tenants",
        ))
    }
}

/// Parses the ids of a client; `names` are those of the fields or variables that they come from.
///
/// # Errors
/// `invalid-argument`, naming the one that is malformed.
pub fn parse_ids(
    source: &str,
    names: (&str, &str),
    tenant_id: String,
    client_id: String,
) -> Result<(TenantId, ClientId), Error> {
    let malformed = |name: &str, error| Error::invalid_argument(source, format_args!("{name} {error}"));
    Ok((
        TenantId::parse(tenant_id).map_err(|error| malformed(names.0, error))?,
        ClientId::parse(client_id).map_err(|error| malformed(names.1, error))?,
    ))
}
