use super::*;
use crate::entry_key::Parts;
use crate::partition::Partition;
use alloc::borrow::ToOwned;
use alloc::string::ToString;
use alloc::vec;
use proptest::prelude::*;

const LOOKUP: &str = "lookup=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
const A: &str = "a=AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
const B: &str = "b=AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=";
/// The id of [`A`] with the key of [`B`].
const FORGED_A: &str = "a=AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=";

fn ring(keys: &[&str]) -> KeyRing {
    KeyRing::parse(&format!("{LOOKUP} {}", keys.join(" "))).unwrap()
}

fn key(partition: &str, scope: &str) -> EntryKey {
    let (partition, scopes) = (Partition::parse(partition).unwrap(), [scope.to_owned()]);
    let (identity, tenant_id, enable_cae, options) = (&[][..], None, false, &[][..]);
    EntryKey::new(Parts { partition: &partition, identity, scopes: &scopes, tenant_id, enable_cae, options })
}

fn record() -> Record {
    Record {
        token: "eyJ0eXAiOiJKV1Qi".to_owned(),
        token_type: "Bearer".to_owned(),
        expires_on: 1_800_003_600,
        refresh_on: Some(1_800_001_800),
        source: "managed-identity/imds".to_owned(),
        details: vec![("client-id".to_owned(), "c-1".to_owned())],
        issued_on: 1_800_000_000,
        satisfied: Some(ClaimsHash::of("{}")),
    }
}

fn sealed(keys: &KeyRing) -> Vec<u8> {
    record().seal(keys, &key("p", "s"), &[7; 24]).unwrap()
}

#[test]
fn a_record_opens_with_its_key_alone() {
    let keys = ring(&[A]);
    let sealed = sealed(&keys);
    assert_eq!(Record::open(&sealed, &keys, &key("p", "s")), Ok(record()));
    for (keys, key, why) in [
        (ring(&[A]), key("q", "s"), Unusable::NotAuthentic),
        (ring(&[A]), key("p", "t"), Unusable::NotAuthentic),
        (ring(&[FORGED_A]), key("p", "s"), Unusable::NotAuthentic),
        (ring(&[B]), key("p", "s"), Unusable::UnknownKey),
    ] {
        assert_eq!(Record::open(&sealed, &keys, &key), Err(why));
    }
}

#[test]
fn a_rotation_reads_old_records_and_writes_new_ones() {
    let (before, during, after) = (ring(&[A]), ring(&[B, A]), ring(&[B]));
    let key = key("p", "s");
    assert_eq!(Record::open(&sealed(&before), &during, &key), Ok(record()));
    assert_eq!(Record::open(&sealed(&during), &after, &key), Ok(record()));
    assert_eq!(Record::open(&sealed(&during), &before, &key), Err(Unusable::UnknownKey));
}

#[test]
fn each_flipped_bit_and_each_truncation_is_refused() {
    let (keys, key) = (ring(&[A, B]), key("p", "s"));
    let sealed = sealed(&keys);
    for index in 0..sealed.len() {
        for bit in 0..8 {
            let mut changed = sealed.clone();
            changed[index] ^= 1 << bit;
            assert!(Record::open(&changed, &keys, &key).is_err(), "byte {index}, bit {bit}");
        }
        assert!(Record::open(&sealed[..index], &keys, &key).is_err(), "{index} bytes");
    }
    assert!(Record::open(&[&sealed[..], &[0]].concat(), &keys, &key).is_err());
}

#[test]
fn plain_text_and_other_versions_are_refused() {
    let (keys, key) = (ring(&[A]), key("p", "s"));
    let plain = serde_json::to_vec(&record()).unwrap();
    assert_eq!(Record::open(&plain, &keys, &key), Err(Unusable::OtherVersion));
    let mut newer = sealed(&keys);
    newer[0] = 2;
    assert_eq!(Record::open(&newer, &keys, &key), Err(Unusable::OtherVersion));
    assert_eq!(Record::open(&[], &keys, &key), Err(Unusable::Malformed));
    assert_eq!(Record::open(&[1; MAX_SEALED + 1], &keys, &key), Err(Unusable::Malformed));
}

#[test]
fn a_sealed_record_shows_nothing_but_the_id_of_its_key() {
    let sealed = sealed(&ring(&[A]));
    let contains = |text: &str| sealed.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(!["eyJ0eXAi", "Bearer", "imds", "client-id", "1800"].into_iter().any(contains), "{sealed:?}");
    assert_eq!(sealed[..3], [1, 1, b'a']);
}

#[test]
fn a_record_that_is_too_large_is_not_sealed() {
    let mut large = record();
    large.token = "x".repeat(MAX_SEALED);
    assert_eq!(large.seal(&ring(&[A]), &key("p", "s"), &[7; 24]), Err(TooLarge));
}

#[test]
fn debug_shows_no_token() {
    assert!(!format!("{:?}", record()).contains("eyJ0"), "{:?}", record());
    assert_eq!(TooLarge.to_string(), "the record is longer than 65536 bytes, so it is not stored");
}

proptest! {
    #[test]
    fn no_bytes_open_that_were_not_sealed(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Record::open(&bytes, &ring(&[A]), &key("p", "s")).is_err());
    }
}
