//! How a client authenticates to Microsoft Entra (RFC 6749, section 2.3; RFC 7523, section 2.2).

use super::client::Client;
use crate::call_context::CallContext;
use crate::concurrency::{BoxFuture, boxed};
use crate::error::Error;
use crate::prelude::*;
use crate::token::Secret;
use alloc::rc::Rc;

/// The form fields of a client authentication, by name and value.
pub type FormFields = Vec<(&'static str, Secret)>;

/// A method of client authentication. A confidential client has a secret, a certificate or an assertion; a
/// public client has none.
#[maybe_async(AFIT)]
#[allow(async_fn_in_trait, reason = "a component has one thread, so no future has to be `Send`")]
pub trait ClientAuthentication {
    /// The form fields that authenticate the client, made anew for each request.
    ///
    /// # Errors
    /// When the assertion or the certificate cannot be read, fetched or signed.
    async fn form_fields(&self, call: &CallContext<'_>, client: &Client) -> Result<FormFields, Error>;

    /// Whether the fields are valid for one attempt of a request, as an assertion is whose `jti` the service
    /// remembers (RFC 7523, section 3).
    fn is_for_one_attempt(&self) -> bool {
        false
    }
}

/// A [`ClientAuthentication`] as a trait object. Every client authentication is one.
pub trait DynClientAuthentication {
    /// As [`ClientAuthentication::form_fields`].
    ///
    /// # Errors
    /// As [`ClientAuthentication::form_fields`].
    fn form_fields<'a>(
        &'a self,
        call: &'a CallContext<'a>,
        client: &'a Client,
    ) -> BoxFuture<'a, Result<FormFields, Error>>;

    /// As [`ClientAuthentication::is_for_one_attempt`].
    fn is_for_one_attempt(&self) -> bool;
}

/// A client authentication that clones of a client share.
pub type SharedAuthentication = Rc<dyn DynClientAuthentication>;

impl<A: ClientAuthentication> DynClientAuthentication for A {
    fn form_fields<'a>(
        &'a self,
        call: &'a CallContext<'a>,
        client: &'a Client,
    ) -> BoxFuture<'a, Result<FormFields, Error>> {
        boxed(ClientAuthentication::form_fields(self, call, client))
    }

    fn is_for_one_attempt(&self) -> bool {
        ClientAuthentication::is_for_one_attempt(self)
    }
}

/// A client secret (RFC 6749, section 2.3.1).
#[derive(Debug)]
pub struct SharedSecret(Secret);

impl SharedSecret {
    /// A client secret.
    ///
    /// # Errors
    /// `invalid-argument` when it is blank.
    pub fn new(source: &str, secret: Secret) -> Result<Self, Error> {
        if secret.expose().trim().is_empty() {
            return Err(Error::invalid_argument(source, "the client secret is blank"));
        }
        Ok(Self(secret))
    }
}

#[maybe_async(AFIT)]
impl ClientAuthentication for SharedSecret {
    async fn form_fields(&self, _: &CallContext<'_>, _: &Client) -> Result<FormFields, Error> {
        Ok(vec![("client_secret", self.0.clone())])
    }
}

/// No authentication: a public client, such as a command-line tool, cannot keep a secret.
#[derive(Debug)]
pub struct PublicClient;

#[maybe_async(AFIT)]
impl ClientAuthentication for PublicClient {
    async fn form_fields(&self, _: &CallContext<'_>, _: &Client) -> Result<FormFields, Error> {
        Ok(Vec::new())
    }
}
