//! A service principal: a client that proves itself and asks in its own name (Microsoft Learn, "OAuth
//! 2.0 client credentials flow").

use super::Source;
use crate::call::Call;
use crate::entra::proof::Proof;
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
    proof: Rc<dyn Proof>,
    label: &'static str,
}

impl ClientCredentials {
    /// A client and its proof; `label` is what its tokens are marked with.
    pub fn new(client: Client, proof: Rc<dyn Proof>, label: &'static str) -> Self {
        Self { client, proof, label }
    }

    #[may_wait]
    async fn request(&self, call: &Call<'_>, request: &TokenRequest) -> Result<AccessToken, Error> {
        let grant = Grant {
            fields: vec![("grant_type", "client_credentials".into())],
            is_regional: true,
            ..Grant::by(&*self.proof)
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
        call: &'a Call<'a>,
        request: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<AccessToken, Error>> {
        boxed(self.request(call, request))
    }
}
