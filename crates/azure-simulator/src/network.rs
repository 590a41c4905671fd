//! How requests reach the simulation without a socket, and what may happen to them on the way.

use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};

/// Carries HTTP requests.
pub trait Network: Send + Sync {
    /// Sends one request, whose URI is absolute and whose body is complete.
    fn send(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>>;

    /// Whether it reads the body of a request with this head before it responds.
    fn reads_body(&self, _: &http::request::Parts) -> bool {
        true
    }
}

/// What happens to a request.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// A whole response arrives.
    Response(Response<Bytes>),
    /// The network fails, before or during the response.
    Fault(Fault),
}

/// A failure of the network.
#[derive(Clone, Debug)]
pub enum Fault {
    /// The connection is refused.
    Refused,
    /// The connection attempt receives no response: the client's connect timeout elapses.
    ConnectTimeout,
    /// The client's connect timeout elapses on a clock other than the simulation's.
    ConnectTimeoutAtOnce,
    /// The client's timeout for the first byte elapses on a clock other than the simulation's.
    ReadTimeoutAtOnce,
    /// There is no route to the address.
    Unroutable,
    /// The name does not resolve.
    DnsError,
    /// The certificate is not trusted.
    TlsError,
    /// The host's policy denies the request.
    Denied,
    /// The connection is reset before the response.
    ResetBeforeResponse,
    /// The connection stays open, and no response comes.
    HangBeforeResponse,
    /// The connection ends within the body.
    Truncated {
        /// The whole response.
        response: Response<Bytes>,
        /// The number of bytes of its body that arrive.
        after: usize,
    },
    /// The body stops, and the connection stays open.
    HangMidBody {
        /// The whole response.
        response: Response<Bytes>,
        /// The number of bytes of its body that arrive.
        after: usize,
    },
    /// The body arrives in small pieces with pauses between them.
    Drip {
        /// The whole response.
        response: Response<Bytes>,
        /// The size of a piece, in bytes.
        chunk: usize,
        /// The pause before each piece.
        every: Duration,
    },
}
