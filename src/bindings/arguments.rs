//! What callers hand over, checked.

use super::INSTANCE;
use super::exports::azure::identity::credentials as wit;
use crate::entra::client_certificate::Given;
use crate::entra::proof::Proof;
use crate::entra::{self, Client};
use crate::error::Error;
use crate::host::MAX_FILE;
use crate::http::{Body, Url};
use crate::prelude::*;
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
    let authority = match options.authority.filter(|authority| !authority.trim().is_empty()) {
        Some(authority) => Url::parse_authority(&authority)
            .map_err(|error| Error::invalid(source, format_args!("authority {error}")))?,
        None => entra::authority_of_environment(&INSTANCE.0.host, source)?,
    };
    if options.region.is_some_and(|region| !region.trim().is_empty()) {
        return Err(Error::other(source, "regional endpoints are not implemented yet; leave region out"));
    }
    Ok(Client {
        source,
        authority,
        tenant_id,
        client_id,
        allowed_tenants: options.additionally_allowed_tenants,
    })
}

/// The proof by a client's certificate.
pub fn certificate(source: &'static str, certificate: wit::Certificate) -> Result<Rc<dyn Proof>, Error> {
    let given = Given {
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
