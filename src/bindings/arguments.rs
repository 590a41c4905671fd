//! The arguments of callers, parsed.

use super::builder::{BuilderOptions, RawAssertion, RawAuthentication, RawCertificate};
use super::exports::azure::identity_credentials::credentials as wit;
use super::host;
use crate::entra::assertion::Assertion;
use crate::entra::client::parse_ids;
use crate::entra::client_authentication::{PublicClient, SharedAuthentication, SharedSecret};
use crate::entra::client_certificate::CertificateInput;
use crate::entra::{Client, ClientOptions};
use crate::error::Error;
use crate::host::MAX_FILE;
use crate::identifiers::{ClientId, TenantId};
use crate::prelude::*;
use crate::sources::managed_identity::user_assigned::{IdKind, UserAssigned};
use alloc::rc::Rc;

/// A client of Microsoft Entra.
pub fn client(
    source: &'static str,
    application: &wit::Application,
    options: &ClientOptions,
) -> Result<Client, Error> {
    let names = ("tenant-id", "client-id");
    let (tenant_id, client_id) = (application.tenant_id.clone(), application.client_id.clone());
    let (tenant_id, client_id) = parse_ids(source, names, tenant_id, client_id)?;
    options.client(host(), source, tenant_id, client_id)
}

/// An optional tenant.
pub fn tenant_id(source: &'static str, tenant_id: Option<String>) -> Result<Option<TenantId>, Error> {
    let malformed = |error| Error::invalid_argument(source, format_args!("tenant-id {error}"));
    tenant_id.map(TenantId::parse).transpose().map_err(malformed)
}

/// An optional client id.
pub fn client_id(source: &'static str, client_id: Option<String>) -> Result<Option<ClientId>, Error> {
    let malformed = |error| Error::invalid_argument(source, format_args!("client-id {error}"));
    client_id.map(ClientId::parse).transpose().map_err(malformed)
}

/// A client assertion.
pub fn assertion(source: &'static str, assertion: &RawAssertion) -> Result<Assertion, Error> {
    match assertion.clone() {
        RawAssertion::Text(text) => Assertion::text(source, &text),
        RawAssertion::File(path) => Assertion::file(source, path, "the argument assertion"),
        RawAssertion::Credential { credential, scope } => Assertion::federated(credential, scope),
    }
}

/// The authentication of a client; `None`: a public client.
pub fn client_authentication(
    source: &'static str,
    authentication: Option<&RawAuthentication>,
) -> Result<SharedAuthentication, Error> {
    Ok(match authentication {
        None => Rc::new(PublicClient),
        Some(RawAuthentication::Secret(secret)) => Rc::new(SharedSecret::new(source, secret.clone())?),
        Some(RawAuthentication::Assertion(raw)) => Rc::new(assertion(source, raw)?),
        Some(RawAuthentication::Certificate(raw)) => certificate(source, raw.clone())?,
    })
}

/// The authentication by a client's certificate.
pub fn certificate(source: &'static str, certificate: RawCertificate) -> Result<SharedAuthentication, Error> {
    if certificate.data.0.len() > MAX_FILE {
        let what = format_args!("certificate has more than {MAX_FILE} bytes");
        return Err(Error::invalid_argument(source, what));
    }
    let input = CertificateInput {
        source,
        name: "certificate",
        password: certificate.password,
        password_name: Some("the password of certificate"),
        send_chain: certificate.send_chain,
        kept: None,
    };
    input.in_bytes(certificate.data)
}

/// The user-assigned identity that options name; `None`: they name none.
pub fn user_assigned(options: &BuilderOptions) -> Result<Option<UserAssigned>, Error> {
    let ids = [
        (IdKind::Client, &options.client_id),
        (IdKind::Object, &options.object_id),
        (IdKind::Resource, &options.resource_id),
    ];
    let mut named = ids.into_iter().filter_map(|(kind, id)| Some((kind, id.clone()?)));
    match (named.next(), named.next()) {
        (None, _) => Ok(None),
        (Some((kind, id)), None) => UserAssigned::parse(kind, id).map(Some),
        (Some(_), Some(_)) => Err(Error::invalid_argument(
            "managed-identity",
            "the options name an identity by several ids; set one of them",
        )),
    }
}
