//! What carries a request to a service, and what may go wrong with it.

use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};

/// Answers HTTP requests without a socket.
pub trait Network: Send + Sync {
    /// Answers one request: full address, whole body.
    fn answer(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Answer> + Send + '_>>;
}

/// What becomes of a request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// It is answered.
    Response(Response<Bytes>),
    /// Something goes wrong on the way.
    Fault(Fault),
}

/// What may go wrong.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Nobody listens there.
    Refused,
    /// The address swallows packets: the guest's connect timeout passes.
    ConnectTimeout,
    /// As `ConnectTimeout`, on a clock that does not count it.
    ConnectTimeoutAtOnce,
    /// As `HangBeforeResponse`, on a clock that does not count it.
    ReadTimeoutAtOnce,
    /// No way leads there.
    Unroutable,
    /// The name does not resolve.
    DnsError,
    /// The certificate is not trusted.
    TlsError,
    /// The host's policy forbids it.
    Denied,
    /// The connection is reset before an answer comes.
    ResetBeforeResponse,
    /// The connection stands and no answer comes.
    HangBeforeResponse,
    /// The answer's body breaks off after so many bytes.
    Truncated {
        /// The answer that is begun.
        response: Response<Bytes>,
        /// How much of its body arrives.
        after: usize,
    },
    /// The answer's body stops after so many bytes, and the connection stands.
    HangMidBody {
        /// The answer that is begun.
        response: Response<Bytes>,
        /// How much of its body arrives.
        after: usize,
    },
    /// The answer's body comes in small pieces with pauses between them.
    Drip {
        /// The answer.
        response: Response<Bytes>,
        /// How large the pieces are.
        chunk: usize,
        /// How long the pauses are.
        every: Duration,
    },
}
