//! The component's export.

use crate::allow_list::AllowList;
use azure_middleware_bindings::{AccessToken, CredentialError, TokenCredential, TokenRequest};
use azure_middleware_bindings::{export, host, maybe_async, refusal};

struct AllowScopes;
export!(AllowScopes);

impl TokenCredential for AllowScopes {
    #[maybe_async]
    async fn get_token(request: TokenRequest) -> Result<AccessToken, CredentialError> {
        let allowed = AllowList::read(host::variable).and_then(|list| list.check(request));
        let request = allowed.map_err(|reason| refusal("allow-scopes", &reason))?;
        host::get_token(request).await
    }
}
