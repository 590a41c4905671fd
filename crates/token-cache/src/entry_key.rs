//! What identifies a token in a shared store.

use crate::partition::Partition;
use alloc::string::String;
use alloc::vec::Vec;

/// What identifies a token in a shared store: the partition, the identity, and what a request asks for.
///
/// Claims are no part of it: the token that satisfies a challenge replaces the one that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EntryKey(Vec<u8>);

/// The parts of an [`EntryKey`].
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// The instances that share the token.
    pub partition: &'a Partition,
    /// The settings of the provider that select its identity, by name and value, where they are known; empty: the partition
    /// alone is the identity.
    pub identity: &'a [(String, String)],
    /// The scopes, in any order, with or without repetition.
    pub scopes: &'a [String],
    /// The tenant of the request; `None`: the credential's own.
    pub tenant_id: Option<&'a str>,
    /// Whether the token is for a caller that can satisfy claims challenges (continuous access evaluation).
    pub enable_cae: bool,
    /// The options of the request that change its token, by key and value.
    pub options: &'a [(String, String)],
}

impl EntryKey {
    /// The key of the parts. Different parts have different keys, because each part stands with its length.
    pub fn new(parts: Parts<'_>) -> Self {
        let mut scopes: Vec<&String> = parts.scopes.iter().collect();
        scopes.sort_unstable();
        scopes.dedup();
        let mut key = Vec::new();
        push(&mut key, parts.partition.as_str());
        push_pairs(&mut key, parts.identity);
        push_count(&mut key, scopes.len());
        scopes.iter().for_each(|scope| push(&mut key, scope));
        // No tenant has the length 0.
        push(&mut key, parts.tenant_id.unwrap_or_default());
        key.push(u8::from(parts.enable_cae));
        push_pairs(&mut key, parts.options);
        Self(key)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

fn push_pairs(key: &mut Vec<u8>, pairs: &[(String, String)]) {
    let mut pairs: Vec<_> = pairs.iter().collect();
    pairs.sort_unstable();
    push_count(key, pairs.len());
    for (name, value) in pairs {
        push(key, name);
        push(key, value);
    }
}

fn push(key: &mut Vec<u8>, text: &str) {
    push_count(key, text.len());
    key.extend_from_slice(text.as_bytes());
}

/// `usize` has 32 bits in a component, and 64 on its host: both write 64.
fn push_count(key: &mut Vec<u8>, count: usize) {
    key.extend_from_slice(&u64::try_from(count).unwrap_or(u64::MAX).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::borrow::ToOwned;
    use alloc::string::ToString;
    use alloc::vec;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(ToString::to_string).collect()
    }

    fn pair(name: &str, value: &str) -> Vec<(String, String)> {
        vec![(name.to_owned(), value.to_owned())]
    }

    #[test]
    fn the_order_and_repetition_of_scopes_and_the_order_of_settings_do_not_change_the_key() {
        let partition = Partition::parse("p").unwrap();
        let key = |scopes: &[&str], identity: &[(String, String)]| {
            let scopes = texts(scopes);
            let (tenant_id, enable_cae, options) = (None, false, &[][..]);
            EntryKey::new(Parts {
                partition: &partition,
                identity,
                scopes: &scopes,
                tenant_id,
                enable_cae,
                options,
            })
        };
        let (there, back) =
            ([pair("a", "1"), pair("b", "2")].concat(), [pair("b", "2"), pair("a", "1")].concat());
        assert_eq!(key(&["a", "b"], &there), key(&["b", "a", "b"], &back));
    }

    #[test]
    fn every_part_changes_the_key_and_none_runs_into_another() {
        let (p, q) = (Partition::parse("p").unwrap(), Partition::parse("q").unwrap());
        let (a, ab, a_b) = (texts(&["a"]), texts(&["ab"]), texts(&["a", "b"]));
        let (x, y, z) = (pair("x", "1"), pair("x1", ""), pair("x", "2"));
        let base = Parts {
            partition: &p,
            identity: &[],
            scopes: &a,
            tenant_id: None,
            enable_cae: false,
            options: &[],
        };
        let all = [
            base,
            Parts { partition: &q, ..base },
            Parts { identity: &x, ..base },
            Parts { identity: &y, ..base },
            Parts { identity: &z, ..base },
            Parts { options: &x, ..base },
            Parts { options: &y, ..base },
            Parts { scopes: &ab, ..base },
            Parts { scopes: &a_b, ..base },
            Parts { tenant_id: Some("t"), ..base },
            Parts { tenant_id: Some("b"), ..base },
            Parts { enable_cae: true, ..base },
        ];
        let mut keys: Vec<_> = all.into_iter().map(|parts| EntryKey::new(parts).0).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), all.len());
    }
}
