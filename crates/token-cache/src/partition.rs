//! Which instances share tokens.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;

/// The instances that an operator declares to be one identity. They share tokens, and no others do.
///
/// There is no default: a wrong partition gives one app the tokens of another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Partition(String);

impl Partition {
    /// Reads the name of a partition: 1 to 64 ASCII letters, digits, `.`, `_` and `-`.
    ///
    /// # Errors
    /// [`InvalidPartition`] for any other text.
    ///
    /// # Examples
    /// ```
    /// use azure_token_cache::partition::Partition;
    ///
    /// assert_eq!(Partition::parse("orders-prod").unwrap().as_str(), "orders-prod");
    /// assert!(Partition::parse("").is_err());
    /// ```
    pub fn parse(name: &str) -> Result<Self, InvalidPartition> {
        let is_allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        match (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(is_allowed) {
            true => Ok(Self(name.to_owned())),
            false => Err(InvalidPartition),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text is not the name of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidPartition;

impl fmt::Display for InvalidPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a partition must be 1 to {MAX_NAME} ASCII letters, digits, '.', '_' and '-'")
    }
}

impl core::error::Error for InvalidPartition {}

/// In bytes.
const MAX_NAME: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_has_1_to_64_plain_characters() {
        for name in ["a", "orders-prod_2.eu", &"x".repeat(64)] {
            assert_eq!(Partition::parse(name).as_ref().map(Partition::as_str), Ok(name));
        }
        for name in ["", " ", "a b", "a/b", "ä", &"x".repeat(65)] {
            assert_eq!(Partition::parse(name), Err(InvalidPartition), "{name}");
        }
    }
}
