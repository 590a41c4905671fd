//! The keys of a shared cache: one for names, and those for records, of which one writes.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use base64ct::{Base64, Encoding as _};
use core::fmt;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The keys of a shared cache. `Debug` shows none, and their memory is overwritten when the ring is dropped.
#[derive(Clone)]
pub struct KeyRing {
    /// For names. It does not rotate with the keys of records: while half of a fleet has the new key of records, both halves
    /// look for the same names.
    pub(crate) lookup: Key,
    /// For records. The first one writes; all read.
    pub(crate) records: Vec<RecordKey>,
}

/// A derived key.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Key(pub(crate) [u8; 32]);

#[derive(Clone)]
pub(crate) struct RecordKey {
    pub(crate) id: String,
    pub(crate) key: Key,
}

impl KeyRing {
    /// Reads keys from a text: entries `id=key` with blanks or line feeds between them, each key 32 random bytes in base64, as
    /// `openssl rand -base64 32` writes them.
    ///
    /// The entry `lookup` is the key of names. It stays for as long as the store's content does. The others are keys of
    /// records: the first one encrypts, and all decrypt. Their ids are 1 to 32 ASCII letters, digits, `.`, `_` and `-`, and
    /// stand readable in the store.
    ///
    /// # Errors
    /// [`InvalidKeys`] when an entry is malformed, is there twice or is missing, or two entries have the same key.
    ///
    /// # Examples
    /// ```
    /// use azure_token_cache::key_ring::KeyRing;
    ///
    /// let ring = KeyRing::parse(
    ///     "lookup=cZDLmPYmv08qWn0bBfXDkuzh8ZyG6wVYbZ/5ZLh2pYM= 2026-11=3gqQVv7kTL0VM0qmBd2pVLmQdC1Hf3Y9q7W5b8bUe1k=",
    /// );
    /// assert!(ring.is_ok());
    /// ```
    pub fn parse(text: &str) -> Result<Self, InvalidKeys> {
        let mut masters: Vec<(&str, Zeroizing<[u8; 32]>)> = Vec::new();
        for entry in text.split_ascii_whitespace() {
            let (id, key) =
                entry.split_once('=').ok_or_else(|| invalid("an entry is not of the form id=key"))?;
            let master = master(id, key)?;
            if let Some((other, _)) = masters.iter().find(|(other, it)| *other == id || *it == master) {
                return Err(invalid(&match *other == id {
                    true => format!("the entry {id} is there twice"),
                    false => format!("the entries {other} and {id} have the same key; make one for each"),
                }));
            }
            masters.push((id, master));
        }
        let lookup = masters.iter().find(|(id, _)| *id == LOOKUP);
        let (_, lookup) = lookup.ok_or_else(|| invalid("the entry lookup, the key of names, is missing"))?;
        let lookup = derive(lookup, b"azure-token-cache 1 names")?;
        let records = masters.iter().filter(|(id, _)| *id != LOOKUP).map(|(id, master)| {
            Ok(RecordKey { id: (*id).to_owned(), key: derive(master, b"azure-token-cache 1 records")? })
        });
        let records = records.collect::<Result<Vec<_>, InvalidKeys>>()?;
        match records.is_empty() {
            true => Err(invalid("there is no key of records; add an entry id=key")),
            false => Ok(Self { lookup, records }),
        }
    }

    /// The ids of the keys of records, the one that encrypts first.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.records.iter().map(|key| key.id.as_str())
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing").field("ids", &self.ids().collect::<Vec<_>>()).finish_non_exhaustive()
    }
}

/// Why a text is no [`KeyRing`]. It repeats no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidKeys(String);

impl fmt::Display for InvalidKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for InvalidKeys {}

fn invalid(what: &str) -> InvalidKeys {
    InvalidKeys(what.to_owned())
}

fn master(id: &str, key: &str) -> Result<Zeroizing<[u8; 32]>, InvalidKeys> {
    let is_allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    // A key in the place of the id is not repeated.
    if !(1..=MAX_ID).contains(&id.len()) || !id.bytes().all(is_allowed) {
        let what = format!("an id must be 1 to {MAX_ID} ASCII letters, digits, '.', '_' and '-'");
        return Err(invalid(&what));
    }
    let mut bytes = Zeroizing::new([0; 32]);
    let is_whole = Base64::decode(key, bytes.as_mut()).is_ok_and(|decoded| decoded.len() == 32);
    match is_whole {
        true => Ok(bytes),
        false => Err(invalid(&format!(
            "the key of the entry {id} must be 32 bytes in base64; make one with `openssl rand -base64 32`"
        ))),
    }
}

/// HKDF-SHA-256 (RFC 5869) without a salt: the master key is random and as long as the hash (section 3.1).
fn derive(master: &[u8; 32], label: &[u8]) -> Result<Key, InvalidKeys> {
    let mut key = Key([0; 32]);
    // The length is at most 255 times that of the hash (RFC 5869, section 2.3), so this never fails.
    let expanded = Hkdf::<Sha256>::new(None, master).expand(label, &mut key.0);
    expanded.map_err(|_| invalid("a key cannot be derived"))?;
    Ok(key)
}

/// The id of the key of names.
const LOOKUP: &str = "lookup";
/// In bytes.
const MAX_ID: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn base64(byte: u8) -> String {
        Base64::encode_string(&[byte; 32])
    }

    fn refusal(text: &str) -> String {
        KeyRing::parse(text).expect_err(text).to_string()
    }

    #[test]
    fn the_first_key_of_records_writes_wherever_the_lookup_key_stands() {
        let ring =
            KeyRing::parse(&format!("b={}\nlookup={}\na={}\n", base64(1), base64(2), base64(3))).unwrap();
        assert_eq!(ring.ids().collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(format!("{ring:?}"), r#"KeyRing { ids: ["b", "a"], .. }"#);
    }

    #[test]
    fn the_keys_of_names_and_records_are_derived_with_different_labels() {
        let master = [7; 32];
        let keys = [&b"azure-token-cache 1 names"[..], b"azure-token-cache 1 records"];
        let [names, records] = keys.map(|label| derive(&master, label).unwrap());
        assert!(names != records && names.0 != master && records.0 != master);
    }

    #[test]
    fn a_malformed_text_is_refused_without_its_keys() {
        let (one, two) = (base64(1), base64(2));
        let long = Base64::encode_string(&[1; 33]);
        for (text, why) in [
            ("", "the entry lookup, the key of names, is missing"),
            (&*format!("lookup={one}"), "there is no key of records; add an entry id=key"),
            (&*format!("a={one}"), "the entry lookup, the key of names, is missing"),
            (&*format!("lookup={one} a={two} a={two}"), "the entry a is there twice"),
            (
                &*format!("lookup={one} a={one}"),
                "the entries lookup and a have the same key; make one for each",
            ),
            ("lookup", "an entry is not of the form id=key"),
            (&*format!("{one} a={two}"), "an id must be 1 to 32 ASCII letters, digits, '.', '_' and '-'"),
            (
                &*format!("lookup={long}"),
                "the key of the entry lookup must be 32 bytes in base64; make one with `openssl rand -base64 32`",
            ),
            (
                "lookup=passphrase",
                "the key of the entry lookup must be 32 bytes in base64; make one with `openssl rand -base64 32`",
            ),
        ] {
            assert_eq!(refusal(text), why, "{text}");
        }
    }
}
