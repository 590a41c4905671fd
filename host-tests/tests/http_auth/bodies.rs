//! Bodies and trailers on a real connection, with and without http-auth: what the server sees is the same.

use crate::order::order;
use crate::wire::{Between, Wire};
use anyhow::Result;
use bytes::Bytes;
use host_tests::edition::Edition;
use http::{HeaderMap, Response};

over_each_edition! {
    #[tokio::test(flavor = "multi_thread")]
    a_server_sees_the_body_that_the_app_sent,
    a_stream_with_nothing_in_it_stays_one,
    an_app_gets_the_body_and_trailers_that_the_server_sent
}

async fn a_server_sees_the_body_that_the_app_sent(edition: Edition) -> Result<()> {
    let (mut direct, mut through) =
        (Wire::lay(Between::Nothing).await?, Wire::lay(Between::HttpAuth(edition)).await?);
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
        ("GET", &[("x-body", "3")]),
    ] {
        let (direct, through) =
            (direct.send(method, "/", orders).await?, through.send(method, "/", orders).await?);
        let of = |response: &Response<Bytes>| {
            response.headers()["x-authenticated"].to_str().map(ToOwned::to_owned)
        };
        assert_eq!((of(&direct)?.as_str(), of(&through)?.as_str()), ("false", "true"), "{method} {orders:?}");
        assert_eq!(direct.body(), through.body(), "{method} {orders:?}");
    }
    Ok(())
}

/// A stream may have nothing in it, and to a service that is not the same as no body.
async fn a_stream_with_nothing_in_it_stays_one(edition: Edition) -> Result<()> {
    let mut direct = Wire::lay(Between::Nothing).await?;
    let mut through = Wire::lay(Between::HttpAuth(edition)).await?;
    for method in ["PUT", "POST", "DELETE"] {
        for (orders, seen) in [
            (&[("x-body", "0")][..], "chunked 0"),
            (&[("x-body", "ended")], "chunked 0"),
            // Even so its end cannot be left out.
            (&[("x-body", "0"), ("x-trailer", "sum"), ("x-with-trailer", "x-trailer")], "chunked 0 sum"),
            (&[("x-body", "0"), ("x-with-content-length", "0")], "length 0"),
        ] {
            for wire in [&mut direct, &mut through] {
                let answer = wire.send(method, "/", orders).await?;
                assert_eq!(answer.body(), &format!("{method} {seen}"), "{orders:?}");
            }
        }
    }
    Ok(())
}

async fn an_app_gets_the_body_and_trailers_that_the_server_sent(edition: Edition) -> Result<()> {
    let mut through = Wire::lay(Between::HttpAuth(edition)).await?;
    let response = through.send("GET", "/trailers", &[("x-with-te", "trailers")]).await?;
    assert_eq!(response.body(), "in pieces");
    assert_eq!(response.extensions().get::<HeaderMap>().map(|it| it["x-sum"].clone()), Some("42".parse()?));
    for length in [0, 1, 65_536, 32 << 20] {
        let target = format!("http://{}/download/{length}", through.server);
        assert_eq!(through.app.count(order("GET", &target, &[])?).await?, length);
    }
    Ok(())
}
