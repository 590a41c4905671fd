//! What a simulated service implements.

use http::Uri;

use crate::incoming_request::IncomingRequest;
use crate::reply::Reply;
use crate::service_name::ServiceName;
use crate::state::State;

/// A simulated service of Azure.
pub trait Service: Send + Sync {
    /// Its name in faults, in the journal and on the command line.
    fn name(&self) -> ServiceName;

    /// Whether the service is at the scheme and authority of `uri`.
    fn is_at(&self, uri: &Uri) -> bool;

    /// The scheme and authority of the service if `path` is one of its paths; `None` if it is not.
    ///
    /// The server, which has one address for all services, chooses the service by this.
    fn origin_of(&self, path: &str) -> Option<&'static str>;

    /// Handles a request as the real service does, refusals included.
    fn handle(&self, state: &State, request: &IncomingRequest) -> Reply;
}
