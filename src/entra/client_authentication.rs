//! How a client proves to Microsoft Entra who it is.

use super::Client;
use crate::call_context::CallContext;
use crate::error::Error;
use crate::host::{BoxFuture, done};
use crate::prelude::*;
use crate::token::Secret;

/// A proof. Confidential clients have one of secret, certificate and assertion; public clients none.
pub trait ClientAuthentication {
    /// The form fields that prove it, made anew for every request.
    ///
    /// # Errors
    /// When what it is made of cannot be had.
    fn fields<'a>(
        &'a self,
        call: &'a CallContext<'a>,
        client: &'a Client,
    ) -> BoxFuture<'a, Result<Vec<(&'static str, Secret)>, Error>>;
}

/// A secret that both sides know (RFC 6749, section 2.3.1).
#[derive(Debug)]
pub struct SharedSecret(Secret);

impl SharedSecret {
    /// A client's secret.
    ///
    /// # Errors
    /// `invalid-request` when it is blank.
    pub fn new(source: &str, secret: Secret) -> Result<Self, Error> {
        if secret.expose().trim().is_empty() {
            return Err(Error::invalid(source, "the client secret is blank"));
        }
        Ok(Self(secret))
    }
}

impl ClientAuthentication for SharedSecret {
    fn fields<'a>(
        &'a self,
        _: &'a CallContext<'a>,
        _: &'a Client,
    ) -> BoxFuture<'a, Result<Vec<(&'static str, Secret)>, Error>> {
        done(Ok(vec![("client_secret", self.0.clone())]))
    }
}

/// None: a public client, which everybody may claim to be.
#[derive(Debug)]
pub struct PublicClient;

impl ClientAuthentication for PublicClient {
    fn fields<'a>(
        &'a self,
        _: &'a CallContext<'a>,
        _: &'a Client,
    ) -> BoxFuture<'a, Result<Vec<(&'static str, Secret)>, Error>> {
        done(Ok(Vec::new()))
    }
}
