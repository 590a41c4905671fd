//! The component's export.

use crate::line::Line;
use azure_middleware_bindings::{AccessToken, CredentialError, TokenCredential, TokenRequest};
use azure_middleware_bindings::{export, host, maybe_async};

struct Log;
export!(Log);

impl TokenCredential for Log {
    #[maybe_async]
    async fn get_token(request: TokenRequest) -> Result<AccessToken, CredentialError> {
        let (line, began) = (Line::of(&request), host::elapsed());
        let outcome = host::get_token(request).await;
        let duration = host::elapsed().saturating_sub(began);
        host::log(line.complete(&outcome, host::now(), duration)).await;
        outcome
    }
}
