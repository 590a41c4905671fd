//! The failures of a store.

/// What is wrong with the store, or with the record in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    None,
    Slow,
    Frozen,
    Down,
    Full,
    FullAndEmpty,
    Flushed,
    Garbage,
    Truncated,
    OneBitChanged,
    AnotherVersion,
    AnotherKey,
    AnotherKeyOfTheSameId,
    AnotherPartition,
    AnotherScope,
    PlainText,
}

impl Failure {
    pub const ALL: &[Self] = &[
        Self::None,
        Self::Slow,
        Self::Frozen,
        Self::Down,
        Self::Full,
        Self::FullAndEmpty,
        Self::Flushed,
        Self::Garbage,
        Self::Truncated,
        Self::OneBitChanged,
        Self::AnotherVersion,
        Self::AnotherKey,
        Self::AnotherKeyOfTheSameId,
        Self::AnotherPartition,
        Self::AnotherScope,
        Self::PlainText,
    ];

    /// Its name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "as it should be",
            Self::Slow => "slower than the deadline",
            Self::Frozen => "frozen",
            Self::Down => "down",
            Self::Full => "full",
            Self::FullAndEmpty => "full, without the record",
            Self::Flushed => "flushed",
            Self::Garbage => "garbage",
            Self::Truncated => "record cut in half",
            Self::OneBitChanged => "one bit changed",
            Self::AnotherVersion => "record of another version",
            Self::AnotherKey => "record of another key",
            Self::AnotherKeyOfTheSameId => "another key, the same id",
            Self::AnotherPartition => "moved between partitions",
            Self::AnotherScope => "moved between scopes",
            Self::PlainText => "token in plain text",
        }
    }

    /// Whether a host can still read the token that another one stored.
    pub fn leaves_the_record_readable(self) -> bool {
        matches!(self, Self::None | Self::Full)
    }
}
