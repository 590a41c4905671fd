//! Records of the shared token cache: those that were changed, moved or never sealed do not open.

use crate::text::text;
use azure_token_cache::claims::ClaimsHash;
use azure_token_cache::entry_key::{EntryKey, Parts};
use azure_token_cache::identity::Identity;
use azure_token_cache::key_ring::KeyRing;
use azure_token_cache::names;
use azure_token_cache::partition::Partition;
use azure_token_cache::record::{MAX_SEALED, Record};
use std::sync::LazyLock;

/// The first byte selects what is done with the others.
pub fn record(data: &[u8]) {
    let Some((what, data)) = data.split_first() else { return };
    match what % 4 {
        0 => never_sealed(data),
        1 => changed(data),
        2 => moved(data),
        _ => settings(data),
    }
}

/// Bytes that were not sealed do not open, with or without a header that looks right.
fn never_sealed(data: &[u8]) {
    let key = key("p", &["s".to_owned()], None);
    assert!(Record::open(data, &KEYS, &key).is_err());
    let with_header = [&[1, 1, b'a'][..], data].concat();
    assert!(Record::open(&with_header, &KEYS, &key).is_err());
}

/// A sealed record with bytes that are replaced, removed or added does not open.
fn changed(data: &[u8]) {
    let key = key("p", &["s".to_owned()], None);
    let sealed = sealed("token", &key);
    let mut changed = sealed.clone();
    for edit in data.chunks_exact(3) {
        let at = usize::from(edit[0]) | usize::from(edit[1] & 1) << 8;
        match edit[1] >> 1 & 3 {
            0 => changed.truncate(at),
            1 => changed.insert(at.min(changed.len()), edit[2]),
            _ => {
                if let Some(byte) = changed.get_mut(at) {
                    *byte = edit[2];
                }
            }
        }
    }
    assert_eq!(Record::open(&changed, &KEYS, &key).is_ok(), changed == sealed);
}

/// A record opens with the key for which it was sealed, and with no other.
fn moved(data: &[u8]) {
    let text = text(data);
    let parts: Vec<String> = text.split('\n').map(ToOwned::to_owned).collect();
    let token = parts.first().map_or("", String::as_str);
    let (one, other) = parts.split_at(parts.len() / 2);
    let (one, other) = (key("p", one, parts.last()), key("p", other, None));
    let sealed = sealed(token, &one);
    let opened = Record::open(&sealed, &KEYS, &one).expect("it was sealed for this key");
    assert_eq!(opened.token, token);
    assert_eq!(Record::open(&sealed, &KEYS, &other).is_ok(), one == other);
    assert_eq!(names::record(&KEYS, &one) == names::record(&KEYS, &other), one == other);
    let partition = key("q", &parts, parts.last());
    assert!(Record::open(&sealed, &KEYS, &partition).is_err());
}

/// No setting panics, and no key is shown.
fn settings(data: &[u8]) {
    let text = text(data);
    let _ = (Partition::parse(&text), Identity::parse(&text));
    if let Err(error) = KeyRing::parse(&format!("lookup={text} {text}")) {
        let message = error.to_string();
        assert!(text.split_whitespace().all(|word| word.len() < 40 || !message.contains(word)), "{message}");
    }
}

fn key(partition: &str, scopes: &[String], tenant_id: Option<&String>) -> EntryKey {
    let partition = Partition::parse(partition).expect("a name");
    let (identity, options) = (&[][..], &[][..]);
    let (tenant_id, enable_cae) = (tenant_id.map(String::as_str), false);
    EntryKey::new(Parts { partition: &partition, identity, scopes, tenant_id, enable_cae, options })
}

fn sealed(token: &str, key: &EntryKey) -> Vec<u8> {
    let record = Record {
        token: token.chars().take(MAX_SEALED / 16).collect(),
        token_type: "Bearer".to_owned(),
        expires_on: 1_800_003_600,
        refresh_on: None,
        source: "test".to_owned(),
        details: Vec::new(),
        issued_on: 1_800_000_000,
        satisfied: Some(ClaimsHash::of(token)),
    };
    record.seal(&KEYS, key, &[7; 24]).expect("it is small")
}

static KEYS: LazyLock<KeyRing> = LazyLock::new(|| {
    let keys =
        "lookup=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE= a=AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
    KeyRing::parse(keys).expect("keys")
});
