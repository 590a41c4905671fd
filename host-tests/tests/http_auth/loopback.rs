//! A server on a real socket, which reports the framing of a request: lengths, chunks, trailers. Used by tests and the
//! benchmark.

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::{BodyExt, StreamBody, combinators::BoxBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::net::SocketAddr;
use tokio::net::TcpListener;

/// Serves until the runtime ends. `/download/<n>` returns n bytes, `/trailers` a body with trailers, `/echo-in-trailers` one
/// whose trailers have the `authorization` of the request, and `/redirect` a redirect. Any other path describes the request: the framing and length of the body, and `x-trailer`.
pub async fn serve() -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(respond)));
        }
    });
    Ok(address)
}

type Body = BoxBody<Bytes, Infallible>;

async fn respond(request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let path = request.uri().path().to_owned();
    let is_authenticated = request.headers().get("authorization").is_some();
    let response = Response::builder().header("x-authenticated", is_authenticated.to_string());
    let response = match path.strip_prefix("/download/").and_then(|length| length.parse::<usize>().ok()) {
        Some(length) => response.header("content-length", length).body(zeros(length)),
        None if path == "/redirect" => {
            response.status(302).header("location", "/elsewhere").body(whole("redirected".to_owned()))
        }
        None if path == "/trailers" => {
            response.header("trailer", "x-sum").body(with_trailers(HeaderValue::from_static("42")))
        }
        None if path == "/echo-in-trailers" => {
            let echo = request.headers().get("authorization").cloned();
            let echo = echo.unwrap_or_else(|| HeaderValue::from_static("none"));
            response.header("trailer", "x-sum").body(with_trailers(echo))
        }
        None => response.body(whole(describe(request).await)),
    };
    Ok(response.expect("a response"))
}

/// `GET -` (no body), `PUT length 3` or `PUT chunked 3 trailer`.
async fn describe(request: Request<Incoming>) -> String {
    let (head, mut body) = request.into_parts();
    let framing = if head.headers.contains_key("transfer-encoding") {
        "chunked"
    } else if head.headers.contains_key("content-length") {
        "length"
    } else {
        return format!("{} -", head.method);
    };
    let (mut count, mut trailer) = (0, String::new());
    while let Some(Ok(frame)) = body.frame().await {
        count += frame.data_ref().map_or(0, Bytes::len);
        let value = frame.trailers_ref().and_then(|it| it.get("x-trailer")).and_then(|it| it.to_str().ok());
        trailer = value.map_or(trailer, |value| format!(" {value}"));
    }
    format!("{} {framing} {count}{trailer}", head.method)
}

fn whole(text: String) -> Body {
    http_body_util::Full::new(Bytes::from(text)).boxed()
}

fn zeros(length: usize) -> Body {
    static CHUNK: [u8; 64 << 10] = [0; 64 << 10];
    let sizes = (0..length).step_by(CHUNK.len()).map(move |start| CHUNK.len().min(length - start));
    BoxBody::new(StreamBody::new(
        stream::iter(sizes).map(|size| Ok(Frame::data(Bytes::from_static(&CHUNK[..size])))),
    ))
}

fn with_trailers(value: HeaderValue) -> Body {
    let trailers = HeaderMap::from_iter([("x-sum".parse().expect("a name"), value)]);
    let frames = [Frame::data(Bytes::from_static(b"in pieces")), Frame::trailers(trailers)];
    BoxBody::new(StreamBody::new(stream::iter(frames.map(Ok))))
}
