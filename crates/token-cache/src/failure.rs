//! A failure that instances of a fleet share for a moment, so that those that waited for it do not repeat it.

use crate::claims::ClaimsHash;
use crate::entry_key::EntryKey;
use crate::key_ring::KeyRing;
use crate::sealing::{self, Nonce, TooLarge, Unusable};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Why a request brought no token. It is encrypted in the store, because a message may name tenants and clients.
///
/// It is for failures that may pass (kind `transient` of the interface): any other one can be of one instance alone, whose
/// configuration differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The source that failed, and what it tried, for people.
    pub message: String,
    /// What the service wrote; `None`: no service responded.
    pub response: Option<Response>,
    /// Further facts, by key and value.
    pub details: Vec<(String, String)>,
}

/// What the service wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The OAuth error code; `None`: there is none.
    pub error: Option<String>,
    /// Microsoft Entra's refinement of `error`; `None`: there is none.
    pub suberror: Option<String>,
    /// The numbers of the `AADSTS` codes; empty: there is none.
    pub error_codes: Vec<u32>,
    /// The id by which Microsoft's support finds the request; `None`: the service reported none.
    pub correlation_id: Option<String>,
    /// The id of the response in the service's logs; `None`: the service reported none.
    pub trace_id: Option<String>,
    /// When the service accepts a further request, in seconds after the failure; `None`: it did not say.
    pub retry_after: Option<u32>,
}

impl Failure {
    /// Encrypts the failure of the requests for a key with these claims; `None`: without claims. `nonce` is 24 random bytes.
    ///
    /// # Errors
    /// [`TooLarge`] when it is longer than a record may be.
    pub fn seal(
        &self,
        keys: &KeyRing,
        key: &EntryKey,
        claims: Option<&ClaimsHash>,
        nonce: &Nonce,
    ) -> Result<Vec<u8>, TooLarge> {
        let content = Zeroizing::new(serde_json::to_vec(self).map_err(|_| TooLarge)?);
        sealing::seal(&purpose(claims), &content, (keys, key), nonce)
    }

    /// Decrypts the failure of the requests for a key with these claims.
    ///
    /// # Errors
    /// [`Unusable`], after which there is no failure to share.
    pub fn open(
        sealed: &[u8],
        keys: &KeyRing,
        key: &EntryKey,
        claims: Option<&ClaimsHash>,
    ) -> Result<Self, Unusable> {
        let content = sealing::open(&purpose(claims), sealed, (keys, key))?;
        serde_json::from_slice(&content).map_err(|_| Unusable::OtherVersion)
    }
}

fn purpose(claims: Option<&ClaimsHash>) -> Vec<u8> {
    [&b"failure"[..], claims.map_or(&[], ClaimsHash::as_bytes)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry_key::Parts;
    use crate::partition::Partition;
    use crate::record::Record;
    use alloc::borrow::ToOwned;

    const KEYS: &str =
        "lookup=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE= a=AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";

    fn key(scope: &str) -> EntryKey {
        let (partition, scopes) = (Partition::parse("p").unwrap(), [scope.to_owned()]);
        EntryKey::new(Parts {
            partition: &partition,
            identity: &[],
            scopes: &scopes,
            tenant_id: None,
            enable_cae: false,
            options: &[],
        })
    }

    #[test]
    fn a_failure_opens_for_its_key_and_claims_alone_and_is_no_record() {
        let keys = KeyRing::parse(KEYS).unwrap();
        let response = Response { status: 503, ..Response::default() };
        let failure = Failure {
            message: "managed-identity: IMDS failed".to_owned(),
            response: Some(response),
            details: Vec::new(),
        };
        let claims = ClaimsHash::of("{}");
        for of in [None, Some(&claims)] {
            let sealed = failure.seal(&keys, &key("a"), of, &[7; 24]).unwrap();
            assert_eq!(Failure::open(&sealed, &keys, &key("a"), of).as_ref(), Ok(&failure));
            let other = if of.is_none() { Some(&claims) } else { None };
            for opened in [
                Failure::open(&sealed, &keys, &key("b"), of),
                Failure::open(&sealed, &keys, &key("a"), other),
            ] {
                assert_eq!(opened, Err(Unusable::NotAuthentic));
            }
            assert_eq!(Record::open(&sealed, &keys, &key("a")), Err(Unusable::NotAuthentic));
        }
    }
}
