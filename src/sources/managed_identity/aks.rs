//! Azure Kubernetes Service: pods have no managed identity, so programs that ask for one are given
//! workload identity, as by the Azure SDKs. A pod that names no client has its node's, by IMDS.

use super::{Ask, Asked, ManagedHost, imds};
use crate::error::Error;
use crate::host::{BoxFuture, boxed};
use crate::prelude::*;
use crate::sources::Source;
use crate::sources::workload_identity::WorkloadIdentity;
use crate::token::AccessToken;

/// AKS.
pub const HOST: ManagedHost = ManagedHost {
    source: "managed-identity/workload-identity",
    title: "AKS",
    ask: Ask::Itself(get_token),
    ..imds::HOST
};

#[may_wait]
fn get_token(asked: Asked<'_>) -> BoxFuture<'_, Result<AccessToken, Error>> {
    boxed(async move {
        let Asked { call, request, identity, .. } = asked;
        match WorkloadIdentity::as_managed_identity(call.host, identity)? {
            Some(workload) => workload.get_token(call, request).await,
            None => imds::get_token(Asked { host: &imds::HOST, ..asked }).await,
        }
    })
}
