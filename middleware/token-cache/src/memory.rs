//! The first level: the tokens that this instance has seen. A host may end the instance after one request.

use alloc::vec::Vec;
use azure_token_cache::entry_key::EntryKey;
use azure_token_cache::record::Record;
use core::cell::RefCell;

/// The records of an instance, of which the ones that end first make room.
#[derive(Debug, Default)]
pub struct Memory(RefCell<Vec<(EntryKey, Record)>>);

impl Memory {
    /// The record of a key; `None`: there is none.
    pub fn get(&self, key: &EntryKey) -> Option<Record> {
        let records = self.0.borrow();
        records.iter().find(|(other, _)| other == key).map(|(_, record)| record.clone())
    }

    /// Replaces the record of a key.
    pub fn put(&self, key: &EntryKey, record: Record) {
        let mut records = self.0.borrow_mut();
        records.retain(|(other, _)| other != key);
        if records.len() >= CAPACITY {
            let first = records.iter().enumerate().min_by_key(|(_, (_, record))| record.expires_on);
            if let Some(first) = first.map(|(index, _)| index) {
                records.swap_remove(first);
            }
        }
        records.push((key.clone(), record));
    }
}

/// An app has a handful of scopes.
const CAPACITY: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::borrow::ToOwned;
    use alloc::format;
    use azure_token_cache::entry_key::Parts;
    use azure_token_cache::partition::Partition;

    fn key(scope: u64) -> EntryKey {
        EntryKey::new(Parts {
            partition: &Partition::parse("p").unwrap(),
            identity: &[],
            scopes: &[format!("{scope}")],
            tenant_id: None,
            enable_cae: false,
            options: &[],
        })
    }

    fn record(expires_on: u64) -> Record {
        Record {
            token: "t".to_owned(),
            token_type: "Bearer".to_owned(),
            expires_on,
            refresh_on: None,
            source: "test".to_owned(),
            details: Vec::new(),
            issued_on: 0,
            satisfied: None,
        }
    }

    #[test]
    fn the_record_that_ends_first_makes_room() {
        let memory = Memory::default();
        (1..=64).for_each(|number| memory.put(&key(number), record(number + 10)));
        memory.put(&key(1), record(100));
        memory.put(&key(65), record(50));
        assert_eq!(memory.get(&key(1)), Some(record(100)));
        assert_eq!(memory.get(&key(2)), None);
        assert_eq!(memory.get(&key(3)), Some(record(13)));
        assert_eq!(memory.get(&key(65)), Some(record(50)));
    }
}
