//! What a managed host is: an Azure service whose programs have a managed identity.

pub use super::user_assigned::NAME;
use super::user_assigned::UserAssigned;
use crate::call_context::CallContext;
use crate::concurrency::BoxFuture;
use crate::error::Error;
use crate::http::{HttpError, Request};
use crate::identifiers::Resource;
use crate::request::TokenRequest;
use crate::retry::Policy;
use crate::token::{AccessToken, Secret};

/// A managed host.
#[derive(Debug)]
pub struct ManagedHost {
    /// The source of its tokens, e.g. `managed-identity/app-service`.
    pub source: &'static str,
    /// Its name in messages.
    pub title: &'static str,
    /// The retry policy of its endpoint.
    pub policy: &'static Policy,
    /// The remedy when its endpoint gives no response, with `; ` in front; empty: there is none.
    pub remedy: fn(HttpError) -> &'static str,
    /// How a token is fetched from it.
    pub protocol: Protocol,
}

/// How a token is fetched from a managed host.
#[derive(Debug)]
pub enum Protocol {
    /// With one request, which the function builds.
    SingleRequest(fn(&RequestContext<'_>) -> Result<PreparedRequest, Error>),
    /// In a way of its own, by the function.
    Custom(for<'a> fn(RequestContext<'a>) -> BoxFuture<'a, Result<AccessToken, Error>>),
}

/// A request that is ready to be sent.
#[derive(Debug)]
pub struct PreparedRequest {
    /// The request.
    pub request: Request,
    /// The secret in it, which no message may repeat; `None`: it has none.
    pub secret: Option<Secret>,
}

/// A token request to a managed host.
#[derive(Clone, Copy, Debug)]
pub struct RequestContext<'a> {
    /// The call.
    pub call: &'a CallContext<'a>,
    /// The managed host.
    pub host: &'static ManagedHost,
    /// The request.
    pub request: &'a TokenRequest,
    /// The one resource of the request.
    pub resource: Resource<'a>,
    /// The user-assigned identity; `None`: the system-assigned one.
    pub identity: Option<&'a UserAssigned>,
}
