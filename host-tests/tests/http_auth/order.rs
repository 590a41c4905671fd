//! Commands to the test app `http-client`, encoded as requests.

use anyhow::Result;
use bytes::Bytes;
use http::Request;

/// The command to send a request.
pub fn order(method: &str, target: &str, orders: &[(&str, &str)]) -> Result<Request<Bytes>> {
    let mut request =
        Request::builder().method(method).uri("http://app.example/send").header("x-target", target);
    for (name, value) in orders {
        request = request.header(*name, *value);
    }
    Ok(request.body(Bytes::new())?)
}
