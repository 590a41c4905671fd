//! Input as text.

use std::borrow::Cow;

/// The bytes as the component would receive them in a WIT string, which is UTF-8.
pub(crate) fn text(data: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(data)
}
