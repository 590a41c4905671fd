//! What callers hand over, checked.

use super::exports::azure::identity::credentials as wit;
use super::host;
use crate::credential::Credential;
use crate::entra::assertion::Assertion;
use crate::entra::client_authentication::{ClientAuthentication, PublicClient, SharedSecret};
use crate::entra::client_certificate::CertificateInput;
use crate::entra::{self, Client, authority::Authority};
use crate::error::Error;
use crate::host::MAX_FILE;
use crate::http::{Body, Url};
use crate::prelude::*;
use crate::sources::authorization_code::{self, App};
use crate::sources::managed_identity;
use crate::token::Secret;
use alloc::rc::Rc;

/// A client of Microsoft Entra.
pub fn client(
    source: &'static str,
    tenant_id: String,
    client_id: String,
    options: wit::ClientOptions,
) -> Result<Client, Error> {
    entra::check_ids(source, ("tenant-id", "client-id"), &tenant_id, &client_id)?;
    let given = |value: Option<String>| value.filter(|value| !value.trim().is_empty());
    let host = host();
    let url = match given(options.authority) {
        Some(authority) => Url::parse_authority(&authority)
            .map_err(|error| Error::invalid(source, format_args!("authority {error}")))?,
        None => entra::url_of_environment(host, source)?,
    };
    let authority = Authority::new(host, source, url, given(options.region))?;
    let authority = if options.disable_instance_discovery { authority.validated() } else { authority };
    Ok(Client {
        source,
        authority,
        tenant_id,
        client_id,
        allowed_tenants: options.additionally_allowed_tenants,
    })
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

/// An optional argument; blank is unset.
pub fn set(argument: Option<String>) -> Option<String> {
    argument.filter(|argument| !argument.trim().is_empty())
}

/// What a confidential client proves itself by.
pub fn client_authentication(
    source: &'static str,
    authentication: wit::ClientAuthentication,
) -> Result<Rc<dyn ClientAuthentication>, Error> {
    Ok(match authentication {
        wit::ClientAuthentication::Secret(secret) => {
            Rc::new(SharedSecret::new(source, Secret::from(secret))?)
        }
        wit::ClientAuthentication::Assertion(given) => Rc::new(assertion(source, given)?),
        wit::ClientAuthentication::Certificate(given) => certificate(source, given)?,
    })
}

/// An app that users sign in to.
pub fn app(options: wit::AuthorizationCodeOptions) -> Result<App, Error> {
    const NAME: &str = authorization_code::NAME;
    let client = client(NAME, options.tenant_id, options.client_id, options.options)?;
    let authentication = match options.client {
        Some(authentication) => client_authentication(NAME, authentication)?,
        None => Rc::new(PublicClient),
    };
    App::new(client, authentication, options.redirect_uri)
}

/// The proof by a client's certificate.
pub fn certificate(
    source: &'static str,
    certificate: wit::Certificate,
) -> Result<Rc<dyn ClientAuthentication>, Error> {
    let given = CertificateInput {
        source,
        name: "certificate.data",
        password: certificate.password.map(Secret::from),
        password_name: "certificate.password",
        send_chain: certificate.send_chain,
    };
    let data = Body(certificate.data);
    if data.0.len() > MAX_FILE {
        return Err(Error::invalid(source, "certificate.data is larger than anything that belongs there"));
    }
    given.in_bytes(data)
}

/// A user-assigned identity.
pub fn user_assigned(identity: wit::UserAssigned) -> Result<managed_identity::UserAssigned, Error> {
    match identity {
        wit::UserAssigned::ClientId(id) => managed_identity::UserAssigned::ClientId(id),
        wit::UserAssigned::ObjectId(id) => managed_identity::UserAssigned::ObjectId(id),
        wit::UserAssigned::ResourceId(id) => managed_identity::UserAssigned::ResourceId(id),
    }
    .parse()
}
