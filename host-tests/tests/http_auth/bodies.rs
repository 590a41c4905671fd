//! Bodies and trailers on a real connection: the server receives the same with and without http-auth.

use crate::connection::{Connection, Middleware};
use crate::order::order;
use crate::trace;
use crate::way::Way;
use anyhow::Result;
use bytes::Bytes;
use http::{HeaderMap, Response};

over_each_way! {
    #[tokio::test(flavor = "multi_thread")]
    a_server_receives_the_body_that_the_app_sent,
    an_empty_stream_stays_a_stream,
    an_app_receives_the_body_and_trailers_that_the_server_sent,
    trailers_that_echo_the_token_are_withheld,
    a_redirect_is_returned_and_not_followed
}

async fn a_server_receives_the_body_that_the_app_sent(way: Way) -> Result<()> {
    let (mut direct, mut through) =
        (Connection::open(Middleware::None).await?, Connection::open(Middleware::HttpAuth(way)).await?);
    for (method, orders) in [
        ("GET", &[][..]),
        ("DELETE", &[]),
        ("POST", &[]),
        ("PUT", &[]),
        ("POST", &[("x-with-content-length", "0")]),
        ("PUT", &[("x-body", "0"), ("x-with-content-length", "0")]),
        ("PUT", &[("x-body", "3"), ("x-with-content-length", "3")]),
        ("PUT", &[("x-body", "3000000"), ("x-with-content-length", "3000000")]),
        ("PUT", &[("x-body", "3")]),
        ("POST", &[("x-body", "3000000")]),
        ("PATCH", &[("x-body", "200000"), ("x-trailer", "sum"), ("x-with-trailer", "x-trailer")]),
        // Trailers that are not announced.
        ("PATCH", &[("x-body", "3"), ("x-trailer", "sum")]),
        ("PATCH", &[("x-body", "0"), ("x-trailer", "sum")]),
        ("GET", &[("x-body", "3")]),
    ] {
        let (direct, through) =
            (direct.send(method, "/", orders).await?, through.send(method, "/", orders).await?);
        let authenticated = |response: &Response<Bytes>| {
            response.headers()["x-authenticated"].to_str().map(ToOwned::to_owned)
        };
        assert_eq!(
            (authenticated(&direct)?.as_str(), authenticated(&through)?.as_str()),
            ("false", "true"),
            "{method} {orders:?}"
        );
        assert_eq!(direct.body(), through.body(), "{method} {orders:?}");
    }
    Ok(())
}

/// A service may distinguish an empty stream from a request without a body.
async fn an_empty_stream_stays_a_stream(way: Way) -> Result<()> {
    let mut direct = Connection::open(Middleware::None).await?;
    let mut through = Connection::open(Middleware::HttpAuth(way)).await?;
    for method in ["PUT", "POST", "DELETE"] {
        for (orders, received) in [
            (&[("x-body", "0")][..], "chunked 0"),
            (&[("x-body", "ended")], "chunked 0"),
            // Trailers require the end of the stream, so it is sent even with a known length.
            (&[("x-body", "0"), ("x-trailer", "sum"), ("x-with-trailer", "x-trailer")], "chunked 0 sum"),
            (&[("x-body", "0"), ("x-with-content-length", "0")], "length 0"),
        ] {
            for connection in [&mut direct, &mut through] {
                let response = connection.send(method, "/", orders).await?;
                assert_eq!(response.body(), &format!("{method} {received}"), "{orders:?}");
            }
        }
    }
    Ok(())
}

async fn an_app_receives_the_body_and_trailers_that_the_server_sent(way: Way) -> Result<()> {
    let mut through = Connection::open(Middleware::HttpAuth(way)).await?;
    let response = through.send("GET", "/trailers", &[("x-with-te", "trailers")]).await?;
    assert_eq!(response.body(), "in pieces");
    assert_eq!(response.extensions().get::<HeaderMap>().map(|it| it["x-sum"].clone()), Some("42".parse()?));
    for length in [0, 1, 65_536, 32 << 20] {
        let target = format!("http://{}/download/{length}", through.server);
        assert_eq!(through.app.count(order("GET", &target, &[])?).await?, length);
    }
    Ok(())
}

async fn trailers_that_echo_the_token_are_withheld(way: Way) -> Result<()> {
    let orders = &[("x-with-te", "trailers"), ("x-with-authorization", "Bearer mine")];
    let mut direct = Connection::open(Middleware::None).await?;
    let echo = direct.send("GET", "/echo-in-trailers", orders).await?;
    let trailers = echo.extensions().get::<HeaderMap>().map(|it| it["x-sum"].clone());
    assert_eq!(trailers, Some("Bearer mine".parse()?), "the server echoes");
    trace::begin();
    let mut through = Connection::open(Middleware::HttpAuth(way)).await?;
    let error = through.send("GET", "/echo-in-trailers", orders).await.expect_err("they contain the token");
    assert!(format!("{error:#}").contains("trailer"), "{error:#}");
    let log = if let Way::Hooks(_) = way { trace::log() } else { through.app.output() };
    assert_eq!(
        log,
        "http-auth: the trailers of a response are withheld: they contain the token that was sent\n"
    );
    Ok(())
}

/// http-auth relies on the host: a host that followed it would send the token to the other address.
async fn a_redirect_is_returned_and_not_followed(way: Way) -> Result<()> {
    let mut through = Connection::open(Middleware::HttpAuth(way)).await?;
    let response = through.send("GET", "/redirect", &[]).await?;
    assert_eq!((response.status().as_u16(), &response.body()[..]), (302, &b"redirected"[..]));
    assert_eq!(response.headers()["location"], "/elsewhere");
    Ok(())
}
