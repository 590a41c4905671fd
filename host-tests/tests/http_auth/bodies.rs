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
        ("PATCH", &[("x-body", "200000"), ("x-trailer", "sum")]),
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
    let empty = direct.send("PUT", "/", &[("x-body", "0")]).await?;
    assert_eq!(empty.body(), "PUT chunked 0", "the one difference: a stream with nothing in it");
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
