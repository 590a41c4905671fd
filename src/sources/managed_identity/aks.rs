//! Azure Kubernetes Service: pods have no managed identity, so programs that ask for one are given
//! workload identity, as by the Azure SDKs. A pod that names no client has its node's, by IMDS.

use super::{ManagedHost, Protocol, RequestContext, imds};
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
    protocol: Protocol::Custom(get_token),
    ..imds::HOST
};

#[maybe_async]
fn get_token(context: RequestContext<'_>) -> BoxFuture<'_, Result<AccessToken, Error>> {
    boxed(async move {
        let RequestContext { call, request, identity, .. } = context;
        match WorkloadIdentity::as_managed_identity(call.host, identity)? {
            Some(workload) => workload.get_token(call, request).await,
            None => imds::get_token(RequestContext { host: &imds::HOST, ..context }).await,
        }
    })
}
