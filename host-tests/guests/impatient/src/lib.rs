//! An app that requests tokens with a timeout: it drops a call that takes too long, which cancels the call.

use bindings::azure::identity::token_credential::{TokenRequest, get_token};
use bindings::wasi::clocks::monotonic_clock::wait_for;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

mod bindings {
    wit_bindgen::generate!({
        path: ["../../../wit", "../../../wit/0.3", "wit"],
        world: "host-tests:impatient/app",
        generate_all,
    });
}

struct App;

bindings::export!(App with_types_in bindings);

impl bindings::Guest for App {
    async fn ask(scope: String, timeout: Option<u64>) -> String {
        let request = TokenRequest {
            scopes: vec![scope],
            tenant_id: None,
            claims: None,
            enable_cae: false,
            options: Vec::new(),
        };
        let mut call = pin!(get_token(request));
        let milliseconds = timeout.unwrap_or(3_600_000);
        let mut timer = pin!(wait_for(milliseconds.saturating_mul(1_000_000)));
        let outcome = poll_fn(|context| match call.as_mut().poll(context) {
            Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
            Poll::Pending => timer.as_mut().poll(context).map(|()| None),
        });
        match outcome.await {
            Some(Ok(token)) => token.source,
            Some(Err(error)) => error.message,
            None => "gave up".to_owned(),
        }
    }
}
