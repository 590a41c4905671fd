//! A service principal with a secret (Microsoft Learn, "OAuth 2.0 client credentials flow", first
//! case: access token request with a shared secret).

use super::Source;
use crate::call::Call;
use crate::entra::{Client, Grant};
use crate::error::Error;
use crate::host::BoxFuture;
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::token::{AccessToken, Secret};

/// The source; `label` is what its tokens are marked with.
#[derive(Debug)]
pub struct ClientSecret {
    client: Client,
    secret: Secret,
    label: &'static str,
}

impl ClientSecret {
    /// A client and its secret.
    ///
    /// # Errors
    /// `invalid-request` when the secret is blank.
    pub fn new(client: Client, secret: Secret, label: &'static str) -> Result<Self, Error> {
        if secret.expose().trim().is_empty() {
            return Err(Error::invalid(client.source, "the client secret is blank"));
        }
        Ok(Self { client, secret, label })
    }

    async fn request(&self, call: &Call<'_>, request: &TokenRequest) -> Result<AccessToken, Error> {
        let fields = [("grant_type", "client_credentials"), ("client_secret", self.secret.expose())];
        let grant = Grant { fields: &fields, secrets: &[&self.secret], more_scopes: "", headers: &[] };
        let response = self.client.request_token(call, request, &grant).await?;
        Ok(response.into_access_token(self.label))
    }
}

impl Source for ClientSecret {
    fn name(&self) -> &'static str {
        self.client.source
    }

    fn get_token<'a>(
        &'a self,
        call: &'a Call<'a>,
        request: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<AccessToken, Error>> {
        Box::pin(self.request(call, request))
    }
}
