//! The seam: whatever the guest sends goes to its real authority, and is answered here instead, without
//! a socket. The answer takes the way of a real one, its failures and the guest's timeouts included.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, StreamBody, combinators::UnsyncBoxBody};
use hyper::body::Frame;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use wasmtime_wasi_http::{Error, RequestOptions, WasiHttpHooks};

/// Whoever answers the guest's requests.
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

/// The hook that wasmtime hands the guest's requests to.
pub struct Seam(pub Arc<dyn Network>);

impl WasiHttpHooks for Seam {
    fn send_request(
        &mut self,
        request: Request<GuestBody>,
        options: Option<RequestOptions>,
        _: Done,
    ) -> Sent {
        let network = Arc::clone(&self.0);
        Box::new(async move {
            let (head, body) = request.into_parts();
            let request = Request::from_parts(head, body.collect().await?.to_bytes());
            let options = options.unwrap_or_default();
            let first_byte = options.first_byte_timeout.unwrap_or(NEVER);
            let answer = tokio::time::timeout(first_byte, network.answer(request)).await;
            let response = match answer.map_err(|_| Error::ConnectionReadTimeout)? {
                Answer::Response(response) => response.map(|body| pieces(vec![Piece::Bytes(body)], options)),
                Answer::Fault(fault) => suffer(fault, options).await?,
            };
            Ok((response, Box::new(std::future::ready(Ok(()))) as Done))
        })
    }
}

type GuestBody = UnsyncBoxBody<Bytes, Error>;
type Done = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Box<dyn Future<Output = Result<(Response<GuestBody>, Done), Error>> + Send>;

/// Lets a fault happen, with the error codes of wasmtime's own client.
async fn suffer(fault: Fault, options: RequestOptions) -> Result<Response<GuestBody>, Error> {
    match fault {
        Fault::Refused => Err(Error::ConnectionRefused),
        Fault::ConnectTimeout => {
            tokio::time::sleep(options.connect_timeout.unwrap_or(NEVER)).await;
            Err(Error::ConnectionTimeout)
        }
        Fault::ConnectTimeoutAtOnce => Err(Error::ConnectionTimeout),
        Fault::ReadTimeoutAtOnce => Err(Error::ConnectionReadTimeout),
        Fault::Unroutable => Err(Error::DestinationUnavailable),
        Fault::DnsError => Err(Error::DnsError { rcode: Some("NXDOMAIN".to_owned()), info_code: None }),
        Fault::TlsError => Err(Error::TlsCertificateError),
        Fault::Denied => Err(Error::HttpRequestDenied),
        Fault::ResetBeforeResponse => Err(Error::ConnectionTerminated),
        Fault::HangBeforeResponse => {
            tokio::time::sleep(options.first_byte_timeout.unwrap_or(NEVER)).await;
            Err(Error::ConnectionReadTimeout)
        }
        Fault::Truncated { response, after } => Ok(response.map(|body| {
            let start = body.slice(..after.min(body.len()));
            pieces(vec![Piece::Bytes(start), Piece::Error(Error::HttpResponseIncomplete)], options)
        })),
        Fault::HangMidBody { response, after } => Ok(response.map(|body| {
            let start = body.slice(..after.min(body.len()));
            pieces(vec![Piece::Bytes(start), Piece::Pause(NEVER)], options)
        })),
        Fault::Drip { response, chunk, every } => Ok(response.map(|body| {
            let drops = body.chunks(chunk.max(1));
            let drops =
                drops.flat_map(|drop| [Piece::Pause(every), Piece::Bytes(Bytes::copy_from_slice(drop))]);
            pieces(drops.collect(), options)
        })),
    }
}

/// A part of a body.
enum Piece {
    Bytes(Bytes),
    Pause(Duration),
    Error(Error),
}

/// A body of these parts; a pause past the guest's timeout between bytes ends it, as a client would.
fn pieces(pieces: Vec<Piece>, options: RequestOptions) -> GuestBody {
    let patience = options.between_bytes_timeout.unwrap_or(NEVER);
    let stream = futures_util::stream::unfold(pieces.into_iter(), move |mut pieces| async move {
        loop {
            match pieces.next()? {
                Piece::Bytes(bytes) => return Some((Ok(Frame::data(bytes)), pieces)),
                Piece::Error(error) => return Some((Err(error), Vec::new().into_iter())),
                Piece::Pause(pause) if pause > patience => {
                    tokio::time::sleep(patience).await;
                    return Some((Err(Error::HttpResponseTimeout), Vec::new().into_iter()));
                }
                Piece::Pause(pause) => tokio::time::sleep(pause).await,
            }
        }
    });
    StreamBody::new(stream).boxed_unsync()
}

/// What nobody waits for; short enough for clocks to add it up.
const NEVER: Duration = Duration::from_secs(365 * 86_400);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    struct Always(Answer);

    impl Network for Always {
        fn answer(&self, _: Request<Bytes>) -> Pin<Box<dyn Future<Output = Answer> + Send + '_>> {
            Box::pin(std::future::ready(self.0.clone()))
        }
    }

    /// What a guest with timeouts of 2, 3 and 4 s gets, and after how many seconds.
    async fn fate(answer: Answer) -> (Result<String, String>, u64) {
        let clock = Clock::simulated();
        let options = RequestOptions {
            connect_timeout: Some(Duration::from_secs(2)),
            first_byte_timeout: Some(Duration::from_secs(3)),
            between_bytes_timeout: Some(Duration::from_secs(4)),
        };
        let body = http_body_util::Empty::new().map_err(|never| match never {}).boxed_unsync();
        let request = Request::get("http://service.example/").body(body).expect("a request");
        let done = Box::new(std::future::ready(Ok(())));
        let sent = Seam(Arc::new(Always(answer))).send_request(request, Some(options), done);
        let outcome = async {
            let (response, _) = Box::into_pin(sent).await?;
            let body = response.into_body().collect().await?.to_bytes();
            Ok::<_, Error>(String::from_utf8_lossy(&body).into_owned())
        };
        (outcome.await.map_err(|error| error.to_string()), clock.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn a_fault_ends_when_and_as_a_real_one_would() {
        let response = || Response::new(Bytes::from_static(b"abcdef"));
        let drip = |every| Fault::Drip { response: response(), chunk: 2, every: Duration::from_secs(every) };
        for (fault, outcome, seconds) in [
            (Fault::Refused, Err("connection refused"), 0),
            (Fault::ConnectTimeout, Err("connection timeout"), 2),
            (Fault::ConnectTimeoutAtOnce, Err("connection timeout"), 0),
            (Fault::ReadTimeoutAtOnce, Err("connection read timeout"), 0),
            (Fault::Unroutable, Err("destination unavailable"), 0),
            (Fault::DnsError, Err("DNS error: rcode NXDOMAIN"), 0),
            (Fault::TlsError, Err("TLS certificate error"), 0),
            (Fault::Denied, Err("HTTP request denied"), 0),
            (Fault::ResetBeforeResponse, Err("connection terminated"), 0),
            (Fault::HangBeforeResponse, Err("connection read timeout"), 3),
            (Fault::Truncated { response: response(), after: 3 }, Err("incomplete HTTP response"), 0),
            (Fault::HangMidBody { response: response(), after: 3 }, Err("HTTP response timeout"), 4),
            (drip(4), Ok("abcdef"), 12),
            (drip(5), Err("HTTP response timeout"), 4),
        ] {
            let expected = outcome.map(ToOwned::to_owned).map_err(ToOwned::to_owned);
            assert_eq!(fate(Answer::Fault(fault.clone())).await, (expected, seconds), "{fault:?}");
        }
        assert_eq!(fate(Answer::Response(response())).await, (Ok("abcdef".to_owned()), 0));
    }
}
