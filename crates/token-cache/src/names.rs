//! The names of entries: keyed hashes, which say nothing about a token.

use crate::claims::ClaimsHash;
use crate::entry_key::EntryKey;
use crate::key_ring::KeyRing;
use alloc::string::String;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The name of the record of a key: 43 characters of base64url.
pub fn record(keys: &KeyRing, key: &EntryKey) -> String {
    name(keys, &[b"record", key.as_bytes()])
}

/// The name of the lease of a key, for requests with these claims; `None`: without claims. A challenge has a lease of its own,
/// so that its request does not wait for one that cannot satisfy it.
pub fn lease(keys: &KeyRing, key: &EntryKey, claims: Option<&ClaimsHash>) -> String {
    match claims {
        None => name(keys, &[b"lease", key.as_bytes()]),
        Some(claims) => name(keys, &[b"challenge", key.as_bytes(), claims.as_bytes()]),
    }
}

fn name(keys: &KeyRing, parts: &[&[u8]]) -> String {
    // HMAC pads a key with zeros to the length of a block (RFC 2104, section 2).
    let mut block = Zeroizing::new([0; 64]);
    block.iter_mut().zip(keys.lookup.0).for_each(|(to, from)| *to = from);
    let mut mac = Hmac::<Sha256>::new(&(*block).into());
    for part in parts {
        mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(part);
    }
    Base64UrlUnpadded::encode_string(&mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry_key::Parts;
    use crate::partition::Partition;

    const KEYS: &str =
        "lookup=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE= a=AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";

    fn key(scope: &str) -> EntryKey {
        let (partition, scopes) = (Partition::parse("p").unwrap(), [scope.into()]);
        let (identity, tenant_id, enable_cae, options) = (&[][..], None, false, &[][..]);
        EntryKey::new(Parts {
            partition: &partition,
            identity,
            scopes: &scopes,
            tenant_id,
            enable_cae,
            options,
        })
    }

    #[test]
    fn a_record_and_each_lease_have_names_of_their_own() {
        let keys = KeyRing::parse(KEYS).unwrap();
        let (one, two) = (ClaimsHash::of("{}"), ClaimsHash::of("{ }"));
        let mut names = [
            record(&keys, &key("a")),
            record(&keys, &key("b")),
            lease(&keys, &key("a"), None),
            lease(&keys, &key("a"), Some(&one)),
            lease(&keys, &key("a"), Some(&two)),
        ];
        assert!(names.iter().all(|name| name.len() == 43), "{names:?}");
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    }

    #[test]
    fn a_name_depends_on_the_lookup_key_and_not_on_those_of_records() {
        let rotated = KEYS.replace(" a=", " b=Awb5DgMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM= a=");
        let other = KEYS.replace("lookup=AQ", "lookup=BQ");
        let name = |keys: &str| record(&KeyRing::parse(keys).unwrap(), &key("a"));
        assert_eq!(name(KEYS), name(&rotated));
        assert_ne!(name(KEYS), name(&other));
    }
}
