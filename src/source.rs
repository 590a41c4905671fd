//! What a source of tokens is.

use crate::call_context::CallContext;
use crate::concurrency::{BoxFuture, boxed};
use crate::error::Error;
use crate::prelude::*;
use crate::request::TokenRequest;
use crate::token::AccessToken;
use alloc::rc::Rc;

/// A source of tokens: one way to get a token from Microsoft Entra, a metadata endpoint or a developer tool.
#[maybe_async(AFIT)]
#[allow(async_fn_in_trait, reason = "a component has one thread, so no future has to be `Send`")]
pub trait Source {
    /// Its name in messages and attempts, e.g. `managed-identity`.
    fn name(&self) -> &'static str;

    /// Fetches a token. A source has no cache; [`Credential`](crate::credential::Credential) has one.
    ///
    /// # Errors
    /// `not-configured` when the source is not configured here, after which a chain tries the next one; any
    /// other kind when it is configured and failed.
    async fn get_token(&self, call: &CallContext<'_>, request: &TokenRequest) -> Result<AccessToken, Error>;

    /// Whether its tokens are for a resource, so that a scope with and without `/.default` has the same token.
    fn issues_by_resource(&self) -> bool {
        false
    }

    /// What it was made of, by key and value, for logs; no secret.
    fn describe(&self) -> Description {
        Vec::new()
    }
}

/// What a source was made of, by the keys of `credential.describe`.
pub type Description = Vec<(&'static str, String)>;

/// A [`Source`] as a trait object. Every source is one.
pub trait DynSource {
    /// As [`Source::name`].
    fn name(&self) -> &'static str;

    /// As [`Source::get_token`].
    ///
    /// # Errors
    /// As [`Source::get_token`].
    fn get_token<'a>(
        &'a self,
        call: &'a CallContext<'a>,
        request: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<AccessToken, Error>>;

    /// As [`Source::issues_by_resource`].
    fn issues_by_resource(&self) -> bool;

    /// As [`Source::describe`].
    fn describe(&self) -> Description;
}

/// A source that several owners share: a credential, and the chains that it is a member of.
pub type SharedSource = Rc<dyn DynSource>;

impl<S: Source> DynSource for S {
    fn name(&self) -> &'static str {
        Source::name(self)
    }

    fn get_token<'a>(
        &'a self,
        call: &'a CallContext<'a>,
        request: &'a TokenRequest,
    ) -> BoxFuture<'a, Result<AccessToken, Error>> {
        boxed(Source::get_token(self, call, request))
    }

    fn issues_by_resource(&self) -> bool {
        Source::issues_by_resource(self)
    }

    fn describe(&self) -> Description {
        Source::describe(self)
    }
}
