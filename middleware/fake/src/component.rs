//! The component's export.

use crate::answers::{ANSWERS, parse};
use crate::request::check;
use azure_middleware_bindings::{AccessToken, CredentialError, TokenCredential, TokenRequest};
use azure_middleware_bindings::{export, host, maybe_async, refusal};
use core::sync::atomic::{AtomicUsize, Ordering};

struct Fake;
export!(Fake);

/// The calls of this instance with a well-formed request.
static CALLS: AtomicUsize = AtomicUsize::new(0);

impl TokenCredential for Fake {
    #[maybe_async]
    async fn get_token(request: TokenRequest) -> Result<AccessToken, CredentialError> {
        let malformed = |field| refusal("fake", &format_args!("{field} of the request is malformed"));
        let include_details = check(&request).map_err(malformed)?;
        let answers = parse(host::variable(ANSWERS)).map_err(|reason| refusal("fake", &reason))?;
        let number = CALLS.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        let answer = answers.of_call(number);
        host::wait(answer.delay_ms()).await;
        answer.outcome(number, include_details, host::now())
    }
}
