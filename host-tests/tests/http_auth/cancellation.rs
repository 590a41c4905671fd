//! An app that gives up in the middle of a request, on a real connection: nothing of the request is left behind, and no other
//! request is affected.

use crate::connection::{Connection, Middleware};
use crate::order::order;
use crate::way::Way;
use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use host_tests::async_app::Usage;
use host_tests::edition::Edition;
use http::{Request, Response};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

over_each_way! {
    #[tokio::test(flavor = "multi_thread")]
    a_request_that_is_cancelled_while_its_token_is_fetched_takes_the_token_from_no_other_one,
    the_server_sees_the_end_of_a_cancelled_request,
    a_thousand_cancelled_requests_leave_nothing_behind
}

/// A server that answers nothing until its peer is gone.
struct Patient {
    address: SocketAddr,
    /// The number of requests that arrived, and of connections that the peer ended.
    begun: Arc<AtomicUsize>,
    ended: Arc<AtomicUsize>,
}

impl Patient {
    async fn serve() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let patient = Self { address: listener.local_addr()?, begun: Arc::default(), ended: Arc::default() };
        let (begun, ended) = (Arc::clone(&patient.begun), Arc::clone(&patient.ended));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(wait(stream, Arc::clone(&begun), Arc::clone(&ended)));
            }
        });
        Ok(patient)
    }

    fn target(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn counts(&self) -> (usize, usize) {
        (self.begun.load(Ordering::SeqCst), self.ended.load(Ordering::SeqCst))
    }
}

/// Reads until the peer ends the connection. `/response` begins a response that does not end.
async fn wait(mut stream: TcpStream, begun: Arc<AtomicUsize>, ended: Arc<AtomicUsize>) {
    let mut buffer = vec![0; 64 << 10];
    let length = stream.read(&mut buffer).await.unwrap_or_default();
    begun.fetch_add(1, Ordering::SeqCst);
    if buffer[..length].starts_with(b"GET /response") {
        let framing = if buffer[..length].starts_with(b"GET /response/chunked") {
            "transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n"
        } else {
            "content-length: 1000000\r\n\r\nabc"
        };
        let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\n{framing}").as_bytes()).await;
    }
    while stream.read(&mut buffer).await.is_ok_and(|length| length > 0) {}
    ended.fetch_add(1, Ordering::SeqCst);
}

/// When an app gives up.
struct Moment {
    name: &'static str,
    /// The path of the server.
    path: &'static str,
    orders: &'static [(&'static str, &'static str)],
}

const fn moment(
    name: &'static str,
    path: &'static str,
    orders: &'static [(&'static str, &'static str)],
) -> Moment {
    Moment { name, path, orders }
}

const MOMENTS: &[Moment] = &[
    moment("while it waits for the response", "/", &[("x-cancel", "300")]),
    moment("while it sends a body", "/", &[("x-cancel", "300"), ("x-body", "3"), ("x-open", "")]),
    moment(
        "while it sends a body with a length",
        "/",
        &[("x-cancel", "300"), ("x-body", "9"), ("x-with-content-length", "1000"), ("x-open", "")],
    ),
    moment(
        "while it sends a long body",
        "/",
        &[("x-cancel", "300"), ("x-body", "9"), ("x-with-content-length", "100000"), ("x-open", "")],
    ),
    moment("while it receives a body", "/response", &[("x-cancel-body", "")]),
    moment("while it receives a body without a length", "/response/chunked", &[("x-cancel-body", "")]),
    // This one passes through http-auth, which looks every second whether it is still wanted.
    moment(
        "while it receives a body that may have trailers",
        "/response/chunked",
        &[("x-cancel-body", ""), ("x-with-te", "trailers")],
    ),
];

impl Connection {
    async fn over(way: Way, rule: &Patient, settings: &str) -> Result<Self> {
        Self::open_for(Middleware::HttpAuth(way), &[rule.address], settings).await
    }

    /// Makes the app give up in each of these requests.
    async fn give_up(&mut self, orders: Vec<Request<Bytes>>) -> Result<()> {
        for response in self.app.handle_all(orders).await? {
            ensure!(response?.body() == "cancelled", "it was not cancelled");
        }
        Ok(())
    }
}

impl Connection {
    /// Runs the app until the server has seen this number of requests begin and end, and the host has no task left for the
    /// app; for ten seconds at most.
    async fn until_ended(&mut self, server: &Patient, count: usize) -> Result<Usage> {
        let ended = (count, count, 0);
        let mut seen = (0, 0, 0);
        for _ in 0..500 {
            let (begun, ended_there) = server.counts();
            seen = (begun, ended_there, self.app.usage().tasks);
            if seen == ended {
                break;
            }
            self.app.pass(Duration::from_millis(20)).await?;
        }
        assert_eq!(seen, ended, "requests that began, that ended, and tasks");
        Ok(self.app.usage())
    }
}

impl Moment {
    fn order(&self, server: &Patient) -> Result<Request<Bytes>> {
        let method = if self.path == "/" { "PUT" } else { "GET" };
        order(method, &server.target(self.path), self.orders)
    }
}

async fn a_request_that_is_cancelled_while_its_token_is_fetched_takes_the_token_from_no_other_one(
    way: Way,
) -> Result<()> {
    let patient = Patient::serve().await?;
    let slow = "[[faults]]\nservice = 'imds'\ndelay = '300ms'";
    let mut connection = Connection::over(way, &patient, slow).await?;
    let target = format!("http://{}/", connection.server);
    let cancelled = order("GET", &target, &[("x-cancel", "30")])?;
    let responses = connection.app.handle_all(vec![cancelled, order("GET", &target, &[])?]).await?;
    let bodies: Vec<_> = responses.into_iter().map(|response| response.map(Response::into_body)).collect();
    let [Ok(first), Ok(second)] = &bodies[..] else { panic!("{bodies:?}") };
    assert_eq!(&second[..], b"GET -");
    // The edition for WASI 0.2 blocks the whole instance, so that the app gives up after the token is there, or not at all.
    if way != Way::Composed(Edition::Wasi02) {
        assert_eq!(&first[..], b"cancelled");
    }
    assert_eq!(connection.send("GET", "/", &[]).await?.body(), "GET -");
    assert_eq!(connection.azure.journal().len(), 1, "{:?}", connection.azure.journal());
    Ok(())
}

async fn the_server_sees_the_end_of_a_cancelled_request(way: Way) -> Result<()> {
    let patient = Patient::serve().await?;
    let mut connection = Connection::over(way, &patient, "").await?;
    connection.send("GET", "/", &[]).await?;
    for (number, moment) in MOMENTS.iter().enumerate() {
        connection.give_up(vec![moment.order(&patient)?]).await?;
        connection.until_ended(&patient, number + 1).await.context(moment.name)?;
        assert_eq!(connection.send("GET", "/", &[]).await?.body(), "GET -", "{}", moment.name);
    }
    Ok(())
}

async fn a_thousand_cancelled_requests_leave_nothing_behind(way: Way) -> Result<()> {
    let patient = Patient::serve().await?;
    let mut connection = Connection::over(way, &patient, "").await?;
    connection.send("GET", "/", &[]).await?;
    let mut total = 0;
    for moment in MOMENTS {
        let mut usages = Vec::new();
        // The first batches fill tables and allocators.
        while usages.len() < 12 && !is_constant(&usages) {
            let orders = (0..50).map(|_| moment.order(&patient)).collect::<Result<_>>()?;
            connection.give_up(orders).await?;
            total += 50;
            // Otherwise the batches overlap, and the memory is that of several.
            usages.push(connection.until_ended(&patient, total).await.context(moment.name)?);
        }
        assert!(is_constant(&usages), "{}: after each 50 requests: {usages:#?}", moment.name);
    }
    assert!(total >= 1000, "only {total} requests");
    Ok(())
}

/// Whether nothing grew in the last three of four batches.
fn is_constant(usages: &[Usage]) -> bool {
    usages.last_chunk::<4>().is_some_and(|last| last.iter().all(|usage| *usage == last[0]))
}
