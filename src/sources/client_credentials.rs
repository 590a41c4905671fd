//! A service principal: a client that proves itself and asks in its own name (Microsoft Learn, "OAuth
//! 2.0 client credentials flow").

use super::Source;
use crate::call_context::CallContext;
use crate::entra::client_authentication::ClientAuthentication;
use crate::entra::{Client, Grant};
use crate::error::Error;
use crate::host::{BoxFuture, boxed};
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::token::AccessToken;
use alloc::rc::Rc;

/// The source; secret, certificate and assertion differ in the proof alone.
pub struct ClientCredentials {
    client: Client,
    authentication: Rc<dyn ClientAuthentication>,
    label: &'static str,
}

impl ClientCredentials {
    /// A client and its proof; `label` is what its tokens are marked with.
    pub fn new(client: Client, authentication: Rc<dyn ClientAuthentication>, label: &'static str) -> Self {
        Self { client, authentication, label }
    }

    #[maybe_async]
    async fn fetch_token(
        &self,
        call: &CallContext<'_>,
        request: &TokenRequest,
    ) -> Result<AccessToken, Error> {
        let grant = Grant {
            fields: vec![("grant_type", "client_credentials".into())],
            is_regional: true,
            ..Grant::authenticated_by(&*self.authentication)
        };
        Ok(self.client.request_token(call, request, &grant).await?.into_access_token(self.label))
    }
}

impl Source for ClientCredentials {
    fn name(&self) -> &'static str {
        self.client.source
    }

    fn get_token<'a>(
        &'a self,
        call: &'a CallContext<'a>,
        request: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<AccessToken, Error>> {
        boxed(self.fetch_token(call, request))
    }
}
