//! The flows with a user between their two halves.

use super::credentials::CredentialResult;
use super::exports::azure::identity::credentials as wit;
use super::{host, types};
use crate::credential::Credential;
use crate::error::Error;
use crate::prelude::*;
use crate::sources::{authorization_code, device_code};

impl wit::GuestAuthorizationCodeFlow for authorization_code::Flow {
    fn url(&self) -> String {
        self.url().to_owned()
    }

    fn state(&self) -> String {
        self.state().to_owned()
    }

    fn code_verifier(&self) -> String {
        self.code_verifier().expose().to_owned()
    }

    #[maybe_async]
    async fn redeem(&self, code: String, state: String) -> CredentialResult {
        made(self.redeem(host(), code, &state).await)
    }
}

impl wit::GuestDeviceCodeFlow for device_code::Flow {
    fn user_code(&self) -> String {
        self.user_code.clone()
    }

    fn verification_uri(&self) -> String {
        self.verification_uri.clone()
    }

    fn message(&self) -> String {
        self.message.clone()
    }

    fn expires_on(&self) -> u64 {
        self.expires_on
    }

    #[maybe_async]
    async fn poll(&self) -> Result<Option<wit::Credential>, types::CredentialError> {
        Ok(self.poll(host()).await?.map(wit::Credential::new))
    }

    #[maybe_async]
    async fn wait(&self) -> CredentialResult {
        made(self.wait(host()).await)
    }
}

fn made(credential: Result<Credential, Error>) -> CredentialResult {
    Ok(wit::Credential::new(credential?))
}
