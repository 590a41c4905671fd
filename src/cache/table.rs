//! A hash table with open addressing, from hashes to values.
//!
//! `alloc` has no hash map. The keys are hashes already, so the table computes none, and it has no removal of one
//! value, for which open addressing would need tombstones.

use crate::prelude::*;

/// A table of at most [`u16::MAX`] values.
#[derive(Debug)]
pub struct Table<T> {
    entries: Vec<(u64, T)>,
    /// The places of `entries`, counted from one; 0 is a free slot. Their number is a power of two, and at most half of
    /// them are taken, so a search ends.
    slots: Vec<u16>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), slots: Vec::new() }
    }
}

impl<T> Table<T> {
    /// The value of a hash.
    pub fn get(&self, hash: u64) -> Option<&T> {
        self.entries.get(self.find(hash)?).map(|(_, value)| value)
    }

    /// As [`get`](Self::get), to be changed.
    pub fn get_mut(&mut self, hash: u64) -> Option<&mut T> {
        let index = self.find(hash)?;
        self.entries.get_mut(index).map(|(_, value)| value)
    }

    /// Sets the value of a hash.
    pub fn insert(&mut self, hash: u64, value: T) {
        match self.get_mut(hash) {
            Some(before) => *before = value,
            None => {
                self.entries.push((hash, value));
                self.index();
            }
        }
    }

    /// The number of values.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// All values.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().map(|(_, value)| value)
    }

    /// Removes the values that are not to be kept.
    pub fn retain(&mut self, mut is_kept: impl FnMut(&T) -> bool) {
        self.entries.retain(|(_, value)| is_kept(value));
        self.index();
    }

    /// The place of a hash in `entries`.
    fn find(&self, hash: u64) -> Option<usize> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut slot = first_slot(hash);
        loop {
            let place = usize::from(*self.slots.get(slot & mask)?).checked_sub(1)?;
            if self.entries.get(place)?.0 == hash {
                return Some(place);
            }
            slot = slot.wrapping_add(1);
        }
    }

    /// Writes the slots anew. It is called after a request to a service, beside which its time does not count.
    fn index(&mut self) {
        let count = self.entries.len().saturating_mul(2).next_power_of_two();
        self.slots.clear();
        self.slots.resize(count, 0);
        let mask = count.saturating_sub(1);
        for (place, (hash, _)) in (1..=u16::MAX).zip(&self.entries) {
            let mut slot = first_slot(*hash);
            while self.slots.get(slot & mask).is_some_and(|taken| *taken != 0) {
                slot = slot.wrapping_add(1);
            }
            if let Some(free) = self.slots.get_mut(slot & mask) {
                *free = place;
            }
        }
    }
}

/// The slot from which a hash is searched. The last step of the hash is a multiplication, so its upper bits are the best.
fn first_slot(hash: u64) -> usize {
    (hash >> 48) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_found_by_its_hash_and_no_other() {
        let mut table = Table::default();
        assert_eq!(table.get(0), None);
        for key in 0..1000_u64 {
            table.insert(key.wrapping_mul(0x9E37_79B9_7F4A_7C15), key);
        }
        for key in 0..1000_u64 {
            assert_eq!(table.get(key.wrapping_mul(0x9E37_79B9_7F4A_7C15)), Some(&key));
            assert_eq!(table.get(key.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1)), None);
        }
    }

    #[test]
    fn hashes_with_the_same_first_slot_are_told_apart() {
        let mut table = Table::default();
        (0..100).for_each(|hash| table.insert(hash, hash));
        table.insert(7, 700);
        table.retain(|value| value % 2 == 0);
        assert_eq!((table.len(), table.values().count()), (51, 51));
        assert_eq!(
            (table.get(6), table.get(7), table.get(9), table.get(100)),
            (Some(&6), Some(&700), None, None)
        );
        table.retain(|_| false);
        assert_eq!((table.get(6), table.len()), (None, 0));
    }
}
