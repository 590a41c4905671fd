//! Azure Kubernetes Service: pods have no managed identity, so a program that requests one gets workload
//! identity, as from the Azure SDKs. A pod that names no client has the identity of its node, from IMDS.

use super::imds;
use super::managed_host::{ManagedHost, Protocol, RequestContext};
use crate::concurrency::{BoxFuture, boxed};
use crate::error::Error;
use crate::prelude::*;
use crate::source::Source;
use crate::sources::workload_identity::WorkloadIdentity;
use crate::token::AccessToken;

/// AKS.
pub const HOST: ManagedHost = ManagedHost {
    source: "managed-identity/workload-identity",
    title: "AKS",
    protocol: Protocol::Custom(|context| -> BoxFuture<'_, _> { boxed(fetch_token(context)) }),
    ..imds::HOST
};

#[maybe_async]
async fn fetch_token(context: RequestContext<'_>) -> Result<AccessToken, Error> {
    let RequestContext { call, request, identity, .. } = context;
    match WorkloadIdentity::as_managed_identity(call.host, identity)? {
        Some(workload) => workload.get_token(call, request).await,
        None => imds::fetch_token(RequestContext { host: &imds::HOST, ..context }).await,
    }
}
