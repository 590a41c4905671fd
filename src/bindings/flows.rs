//! The flows with a user between their two halves.

use super::credentials::Made;
use super::exports::azure::identity::credentials as wit;
use super::types;
use crate::prelude::*;

/// A flow that cannot be begun, so no handle of it exists and none of its functions can be called.
pub enum NotYet {}

impl wit::GuestAuthorizationCodeFlow for NotYet {
    fn url(&self) -> String {
        match *self {}
    }

    fn state(&self) -> String {
        match *self {}
    }

    fn code_verifier(&self) -> String {
        match *self {}
    }

    fn redeem(&self, _: String, _: String) -> Made {
        match *self {}
    }
}

impl wit::GuestDeviceCodeFlow for NotYet {
    fn user_code(&self) -> String {
        match *self {}
    }

    fn verification_uri(&self) -> String {
        match *self {}
    }

    fn message(&self) -> String {
        match *self {}
    }

    fn expires_on(&self) -> u64 {
        match *self {}
    }

    fn poll(&self) -> Result<Option<wit::Credential>, types::CredentialError> {
        match *self {}
    }

    fn wait(&self) -> Made {
        match *self {}
    }
}
