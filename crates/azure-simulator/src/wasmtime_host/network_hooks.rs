//! Connects the guest's requests to a simulated network, without sockets. The requests keep their real authorities, and the
//! responses behave like real ones, including failures and the guest's timeouts.

use crate::network::{Fault, Network, Outcome};
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, StreamBody, combinators::UnsyncBoxBody};
use hyper::body::Frame;
use std::sync::Arc;
use std::time::Duration;
use wasmtime_wasi_http::{Error, RequestOptions, WasiHttpHooks};

/// The timeouts of the guest, from its `wasi:http` request options.
///
/// A timeout that the guest does not specify is 600 s, as in wasmtime's own client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Until the connection is established.
    pub connect: Duration,
    /// From the connection to the first byte of the response.
    pub first_byte: Duration,
    /// From one chunk of the response's body to the next.
    pub between_bytes: Duration,
}

impl From<Option<RequestOptions>> for Timeouts {
    fn from(options: Option<RequestOptions>) -> Self {
        let options = options.unwrap_or_default();
        let or_default = |timeout: Option<Duration>| timeout.unwrap_or(Duration::from_secs(600));
        Self {
            connect: or_default(options.connect_timeout),
            first_byte: or_default(options.first_byte_timeout),
            between_bytes: or_default(options.between_bytes_timeout),
        }
    }
}

/// The hooks through which wasmtime sends the guest's requests to any simulated network, for WASI 0.2 and 0.3.
///
/// The trailers of a request and of a response, a `HeaderMap`, are among its extensions, and so are a request's [`Timeouts`].
///
/// ```
/// use azure_simulator::wasmtime_host::{NetworkHooks, VirtualClock};
/// use azure_simulator::{Azure, Settings};
/// use std::sync::Arc;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let azure = Azure::new(VirtualClock::simulated(), Settings::default());
/// let hooks = NetworkHooks(Arc::new(azure)); // for the `WasiHttpView` of a store's state
/// # }
/// ```
pub struct NetworkHooks(pub Arc<dyn Network>);

impl WasiHttpHooks for NetworkHooks {
    fn send_request(
        &mut self,
        request: Request<GuestBody>,
        options: Option<RequestOptions>,
        _: Done,
    ) -> Sent {
        let network = Arc::clone(&self.0);
        Box::new(async move {
            let (head, body) = request.into_parts();
            let mut request = if network.reads_body(&head) {
                let body = body.collect().await?;
                let trailers = body.trailers().cloned().unwrap_or_default();
                let mut request = Request::from_parts(head, body.to_bytes());
                request.extensions_mut().insert(trailers);
                request
            } else {
                Request::from_parts(head, Bytes::new())
            };
            let timeouts = Timeouts::from(options);
            request.extensions_mut().insert(timeouts);
            let outcome = tokio::time::timeout(timeouts.first_byte, first_byte(&*network, request)).await;
            let response = match outcome.map_err(|_| Error::ConnectionReadTimeout)? {
                Outcome::Response(response) => {
                    let trailers = response.extensions().get().cloned().map(Part::Trailers);
                    let trailers = trailers.into_iter();
                    response.map(|body| {
                        body_of([Part::Bytes(body)].into_iter().chain(trailers).collect(), timeouts)
                    })
                }
                Outcome::Fault(fault) => inject_fault(fault, timeouts).await?,
            };
            Ok((response, Box::new(std::future::ready(Ok(()))) as Done))
        })
    }
}

type GuestBody = UnsyncBoxBody<Bytes, Error>;
type Done = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Box<dyn Future<Output = Result<(Response<GuestBody>, Done), Error>> + Send>;

/// The response, as soon as its first byte arrives; if the connection hangs, the future stays pending.
async fn first_byte(network: &dyn Network, request: Request<Bytes>) -> Outcome {
    match network.send(request).await {
        Outcome::Fault(Fault::HangBeforeResponse) => std::future::pending().await,
        answer => answer,
    }
}

/// Injects a fault, with the error codes of wasmtime's own client, because those are the codes that a guest must handle. The
/// client reports every broken connection as `http-protocol-error`.
async fn inject_fault(fault: Fault, timeouts: Timeouts) -> Result<Response<GuestBody>, Error> {
    match fault {
        Fault::Refused => Err(Error::ConnectionRefused),
        Fault::ConnectTimeout => {
            tokio::time::sleep(timeouts.connect).await;
            Err(Error::ConnectionTimeout)
        }
        Fault::ConnectTimeoutAtOnce => Err(Error::ConnectionTimeout),
        Fault::ReadTimeoutAtOnce => Err(Error::ConnectionReadTimeout),
        Fault::Unroutable => Err(Error::DestinationUnavailable),
        Fault::DnsError => {
            Err(Error::DnsError { rcode: Some("address not available".to_owned()), info_code: None })
        }
        Fault::TlsError => Err(Error::TlsProtocolError),
        // wasmtime's own client has no policy; this is the code that WASI defines for a denied request.
        Fault::Denied => Err(Error::HttpRequestDenied),
        Fault::ResetBeforeResponse => Err(Error::HttpProtocolError),
        Fault::HangBeforeResponse => Err(Error::ConnectionReadTimeout),
        Fault::Truncated { response, after } => Ok(response.map(|body| {
            let start = body.slice(..after.min(body.len()));
            body_of(vec![Part::Bytes(start), Part::Error(Error::HttpProtocolError)], timeouts)
        })),
        Fault::HangMidBody { response, after } => Ok(response.map(|body| {
            let start = body.slice(..after.min(body.len()));
            body_of(vec![Part::Bytes(start), Part::Pause(Duration::MAX)], timeouts)
        })),
        Fault::Drip { response, chunk, every } => Ok(response.map(|body| {
            let chunks = body.chunks(chunk.max(1));
            let parts =
                chunks.flat_map(|chunk| [Part::Pause(every), Part::Bytes(Bytes::copy_from_slice(chunk))]);
            body_of(parts.collect(), timeouts)
        })),
    }
}

/// A part of a body.
enum Part {
    Bytes(Bytes),
    Trailers(HeaderMap),
    Pause(Duration),
    Error(Error),
}

/// A body of these parts. A pause that exceeds the guest's timeout between bytes ends the body with an error.
fn body_of(parts: Vec<Part>, timeouts: Timeouts) -> GuestBody {
    let timeout = timeouts.between_bytes;
    let stream = futures_util::stream::unfold(parts.into_iter(), move |mut parts| async move {
        loop {
            match parts.next()? {
                // A client sends no empty frame, and wasmtime's WASI 0.2 treats one as the end.
                Part::Bytes(bytes) if bytes.is_empty() => {}
                Part::Bytes(bytes) => return Some((Ok(Frame::data(bytes)), parts)),
                Part::Trailers(trailers) => return Some((Ok(Frame::trailers(trailers)), parts)),
                Part::Error(error) => return Some((Err(error), Vec::new().into_iter())),
                Part::Pause(pause) if pause > timeout => {
                    tokio::time::sleep(timeout).await;
                    return Some((Err(Error::ConnectionReadTimeout), Vec::new().into_iter()));
                }
                Part::Pause(pause) => tokio::time::sleep(pause).await,
            }
        }
    });
    StreamBody::new(stream).boxed_unsync()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wasmtime_host::virtual_clock::VirtualClock;
    use std::pin::Pin;

    /// A network that always responds in this way, after a pause.
    struct Always(Outcome, Duration);

    impl Network for Always {
        fn send(&self, _: Request<Bytes>) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>> {
            Box::pin(async {
                tokio::time::sleep(self.1).await;
                self.0.clone()
            })
        }
    }

    /// The outcome for a guest with timeouts of 2, 3 and 4 s, and its duration in seconds.
    async fn outcome_of(outcome: Outcome) -> (Result<String, String>, u64) {
        let options = RequestOptions {
            connect_timeout: Some(Duration::from_secs(2)),
            first_byte_timeout: Some(Duration::from_secs(3)),
            between_bytes_timeout: Some(Duration::from_secs(4)),
        };
        outcome_with(Some(options), Always(outcome, Duration::ZERO)).await
    }

    async fn outcome_with(options: Option<RequestOptions>, network: Always) -> (Result<String, String>, u64) {
        let clock = VirtualClock::simulated();
        let body = http_body_util::Empty::new().map_err(|never| match never {}).boxed_unsync();
        let request = Request::get("http://service.example/").body(body).expect("a request");
        let done = Box::new(std::future::ready(Ok(())));
        let sent = NetworkHooks(Arc::new(network)).send_request(request, options, done);
        let outcome = async {
            let (response, _) = Box::into_pin(sent).await?;
            let body = response.into_body().collect().await?.to_bytes();
            Ok::<_, Error>(String::from_utf8_lossy(&body).into_owned())
        };
        (outcome.await.map_err(|error| error.to_string()), clock.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn a_fault_has_the_error_and_the_duration_of_a_real_one() {
        let response = || Response::new(Bytes::from_static(b"abcdef"));
        let drip = |every| Fault::Drip { response: response(), chunk: 2, every: Duration::from_secs(every) };
        for (fault, outcome, seconds) in [
            (Fault::Refused, Err("connection refused"), 0),
            (Fault::ConnectTimeout, Err("connection timeout"), 2),
            (Fault::ConnectTimeoutAtOnce, Err("connection timeout"), 0),
            (Fault::ReadTimeoutAtOnce, Err("connection read timeout"), 0),
            (Fault::Unroutable, Err("destination unavailable"), 0),
            (Fault::DnsError, Err("DNS error: rcode address not available"), 0),
            (Fault::TlsError, Err("TLS protocol error"), 0),
            (Fault::Denied, Err("HTTP request denied"), 0),
            (Fault::ResetBeforeResponse, Err("HTTP protocol error"), 0),
            (Fault::HangBeforeResponse, Err("connection read timeout"), 3),
            (Fault::Truncated { response: response(), after: 3 }, Err("HTTP protocol error"), 0),
            (Fault::HangMidBody { response: response(), after: 3 }, Err("connection read timeout"), 4),
            (drip(4), Ok("abcdef"), 12),
            (drip(5), Err("connection read timeout"), 4),
        ] {
            let expected = outcome.map(ToOwned::to_owned).map_err(ToOwned::to_owned);
            assert_eq!(outcome_of(Outcome::Fault(fault.clone())).await, (expected, seconds), "{fault:?}");
        }
        assert_eq!(outcome_of(Outcome::Response(response())).await, (Ok("abcdef".to_owned()), 0));
    }

    #[tokio::test(start_paused = true)]
    async fn the_default_timeout_is_ten_minutes() {
        let response = Response::new(Bytes::from_static(b"abcdef"));
        for (fault, outcome) in [
            (Fault::ConnectTimeout, "connection timeout"),
            (Fault::HangBeforeResponse, "connection read timeout"),
            (Fault::HangMidBody { response, after: 3 }, "connection read timeout"),
        ] {
            let network = Always(Outcome::Fault(fault.clone()), Duration::ZERO);
            assert_eq!(outcome_with(None, network).await, (Err(outcome.to_owned()), 600), "{fault:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_before_the_response_counts_towards_its_first_byte() {
        let options =
            RequestOptions { first_byte_timeout: Some(Duration::from_secs(3)), ..Default::default() };
        let late = |answer, seconds| Always(answer, Duration::from_secs(seconds));
        let timed_out = || (Err("connection read timeout".to_owned()), 3);
        let response = || Outcome::Response(Response::new(Bytes::from_static(b"abcdef")));
        assert_eq!(outcome_with(Some(options), late(response(), 2)).await, (Ok("abcdef".to_owned()), 2));
        assert_eq!(outcome_with(Some(options), late(response(), 4)).await, timed_out());
        let hang = Outcome::Fault(Fault::HangBeforeResponse);
        assert_eq!(outcome_with(Some(options), late(hang, 2)).await, timed_out());
    }
}
