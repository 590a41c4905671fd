//! The arguments of callers, parsed.

use super::exports::azure::identity::credentials as wit;
use super::host;
use crate::credential::Credential;
use crate::entra::assertion::Assertion;
use crate::entra::client::parse_ids;
use crate::entra::client_authentication::{PublicClient, SharedAuthentication, SharedSecret};
use crate::entra::client_certificate::CertificateInput;
use crate::entra::{self, Client, authority::Authority};
use crate::error::Error;
use crate::host::MAX_FILE;
use crate::http::{Body, Url};
use crate::identifiers::{ClientId, TenantId};
use crate::prelude::*;
use crate::sources::authorization_code::{self, App};
use crate::sources::managed_identity::user_assigned::{IdKind, UserAssigned};
use crate::token::Secret;
use alloc::rc::Rc;

/// A client of Microsoft Entra.
pub fn client(
    source: &'static str,
    tenant_id: String,
    client_id: String,
    options: wit::ClientOptions,
) -> Result<Client, Error> {
    let (tenant_id, client_id) = parse_ids(source, ("tenant-id", "client-id"), tenant_id, client_id)?;
    let authority = authority(source, options.authority, options.region, options.disable_instance_discovery)?;
    let allowed_tenants = options.additionally_allowed_tenants;
    Ok(Client { source, authority, tenant_id, client_id, allowed_tenants })
}

/// An authority; what is unset comes from the environment.
pub fn authority(
    source: &'static str,
    authority: Option<String>,
    region: Option<String>,
    disable_instance_discovery: bool,
) -> Result<Authority, Error> {
    let host = host();
    let url = match set(authority) {
        Some(authority) => Url::parse_authority(&authority)
            .map_err(|error| Error::invalid_argument(source, format_args!("authority {error}")))?,
        None => entra::url_of_environment(host, source)?,
    };
    let authority = Authority::new(host, source, url, set(region))?;
    Ok(if disable_instance_discovery { authority.validated() } else { authority })
}

/// An optional tenant.
pub fn tenant_id(source: &'static str, tenant_id: Option<String>) -> Result<Option<TenantId>, Error> {
    let malformed = |error| Error::invalid_argument(source, format_args!("tenant-id {error}"));
    set(tenant_id).map(TenantId::parse).transpose().map_err(malformed)
}

/// An optional client id.
pub fn client_id(source: &'static str, client_id: Option<String>) -> Result<Option<ClientId>, Error> {
    let malformed = |error| Error::invalid_argument(source, format_args!("client-id {error}"));
    set(client_id).map(ClientId::parse).transpose().map_err(malformed)
}

/// A client assertion.
pub fn assertion(source: &'static str, assertion: wit::Assertion) -> Result<Assertion, Error> {
    match assertion {
        wit::Assertion::Text(text) => Assertion::text(source, &Secret::from(text)),
        wit::Assertion::File(path) => Assertion::file(source, path, "the argument assertion"),
        wit::Assertion::Federated(federated) => {
            Assertion::federated(federated.credential.into_inner::<Credential>(), set(federated.scope))
        }
    }
}

/// An optional argument; a blank one is unset.
pub fn set(argument: Option<String>) -> Option<String> {
    argument.filter(|argument| !argument.trim().is_empty())
}

/// The authentication of a confidential client.
pub fn client_authentication(
    source: &'static str,
    authentication: wit::ClientAuthentication,
) -> Result<SharedAuthentication, Error> {
    Ok(match authentication {
        wit::ClientAuthentication::Secret(secret) => {
            Rc::new(SharedSecret::new(source, Secret::from(secret))?)
        }
        wit::ClientAuthentication::Assertion(argument) => Rc::new(assertion(source, argument)?),
        wit::ClientAuthentication::Certificate(argument) => certificate(source, argument)?,
    })
}

/// An app that a user signs in to.
pub fn app(options: wit::AuthorizationCodeOptions) -> Result<App, Error> {
    const NAME: &str = authorization_code::NAME;
    let client = client(NAME, options.tenant_id, options.client_id, options.options)?;
    let authentication = match options.client {
        Some(authentication) => client_authentication(NAME, authentication)?,
        None => Rc::new(PublicClient),
    };
    App::new(client, authentication, options.redirect_uri)
}

/// The authentication by a client's certificate.
pub fn certificate(
    source: &'static str,
    certificate: wit::Certificate,
) -> Result<SharedAuthentication, Error> {
    let input = CertificateInput {
        source,
        name: "certificate.data",
        password: certificate.password.map(Secret::from),
        password_name: Some("certificate.password"),
        send_chain: certificate.send_chain,
    };
    let data = Body(certificate.data);
    if data.0.len() > MAX_FILE {
        return Err(Error::invalid_argument(
            source,
            "certificate.data is larger than anything that belongs there",
        ));
    }
    input.in_bytes(data)
}

/// A user-assigned identity.
pub fn user_assigned(identity: wit::UserAssigned) -> Result<UserAssigned, Error> {
    match identity {
        wit::UserAssigned::ClientId(id) => UserAssigned::parse(IdKind::Client, id),
        wit::UserAssigned::ObjectId(id) => UserAssigned::parse(IdKind::Object, id),
        wit::UserAssigned::ResourceId(id) => UserAssigned::parse(IdKind::Resource, id),
    }
}
