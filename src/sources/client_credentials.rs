//! A service principal: a client that authenticates and gets tokens for itself (Microsoft Learn, "OAuth 2.0
//! client credentials flow").

use crate::call_context::CallContext;
use crate::entra::client_authentication::SharedAuthentication;
use crate::entra::{Client, Grant};
use crate::error::Error;
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::source::{Description, Source};
use crate::token::AccessToken;

/// The source. Secret, certificate and assertion differ in the client authentication alone.
pub struct ClientCredentials {
    client: Client,
    authentication: SharedAuthentication,
    label: &'static str,
}

impl ClientCredentials {
    /// A client and its authentication; `label` is the source of its tokens.
    pub fn new(client: Client, authentication: SharedAuthentication, label: &'static str) -> Self {
        Self { client, authentication, label }
    }
}

#[maybe_async(AFIT)]
impl Source for ClientCredentials {
    fn name(&self) -> &'static str {
        self.client.source
    }

    async fn get_token(&self, call: &CallContext<'_>, request: &TokenRequest) -> Result<AccessToken, Error> {
        let grant = Grant {
            fields: vec![("grant_type", "client_credentials".into())],
            is_regional: true,
            ..Grant::authenticated_by(&*self.authentication)
        };
        Ok(self.client.fetch_token(call, request, &grant).await?.into_access_token(self.label))
    }

    fn describe(&self) -> Description {
        self.client.description()
    }
}
