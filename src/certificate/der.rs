//! DER (ITU-T X.690), as far as certificates, keys and PKCS#12 files need it.
//!
//! Our own, because these files are read forward once, element by element; crates that map them to
//! types bring every field of every type. Nothing here recurses, so no file can use up the stack;
//! lengths of unknown end (BER) are no DER.

/// What is left of a sequence of elements.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Reads elements from `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The content of the next element, which must have this tag.
    pub fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (found, rest) = self.0.split_first()?;
        let (first, mut rest) = rest.split_first()?;
        let mut length = usize::from(*first);
        if length >= 0x80 {
            let (digits, after) = rest.split_at_checked(length.checked_sub(0x80)?)?;
            if digits.is_empty() || digits.len() > 4 {
                return None;
            }
            length = digits.iter().try_fold(0_usize, |length, digit| {
                length.checked_mul(256)?.checked_add(usize::from(*digit))
            })?;
            rest = after;
        }
        let (content, rest) = rest.split_at_checked(length)?;
        (*found == tag).then(|| self.0 = rest)?;
        Some(content)
    }

    /// The elements in the next one, which must have this tag.
    pub fn enter(&mut self, tag: u8) -> Option<Self> {
        self.take(tag).map(Self)
    }

    /// The next element, if it has this tag.
    pub fn optional(&mut self, tag: u8) -> Option<&'a [u8]> {
        if self.0.first() == Some(&tag) { self.take(tag) } else { None }
    }

    /// A whole number that is not negative, big-endian, without zeros in front.
    pub fn number(&mut self) -> Option<&'a [u8]> {
        let digits = self.take(INTEGER)?;
        if digits.first()? & 0x80 != 0 {
            return None;
        }
        let zeros = digits.iter().take_while(|digit| **digit == 0).count();
        digits.get(zeros..)
    }

    /// A whole number that is not negative and fits 32 bits.
    pub fn small_number(&mut self) -> Option<u32> {
        let digits = self.number()?;
        (digits.len() <= 4).then(|| digits.iter().fold(0, |number, digit| number << 8 | u32::from(*digit)))
    }

    /// Whether there is nothing left.
    pub fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }
}

/// `INTEGER`
pub const INTEGER: u8 = 0x02;
/// `BIT STRING`
pub const BIT_STRING: u8 = 0x03;
/// `OCTET STRING`
pub const OCTET_STRING: u8 = 0x04;
/// `OBJECT IDENTIFIER`
pub const OID: u8 = 0x06;
/// `SEQUENCE`
pub const SEQUENCE: u8 = 0x30;
/// `[0]`, around another element.
pub const CONTEXT_0: u8 = 0xA0;
/// `[0]`, in place of a primitive element's own tag.
pub const CONTEXT_0_PRIMITIVE: u8 = 0x80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_read_one_after_the_other() {
        let mut outer = Reader::new(b"\x30\x81\x0B\x02\x02\x00\x80\x80\x00\x04\x03abc");
        let mut inner = outer.enter(SEQUENCE).expect("a sequence");
        assert_eq!(inner.optional(OCTET_STRING), None);
        assert_eq!(inner.small_number(), Some(128));
        assert_eq!(inner.take(CONTEXT_0_PRIMITIVE), Some(&b""[..]));
        assert_eq!(inner.take(SEQUENCE), None, "another tag, and nothing is consumed");
        assert_eq!(inner.take(OCTET_STRING), Some(&b"abc"[..]));
        assert!(inner.is_at_end() && outer.is_at_end());
    }

    #[test]
    fn what_is_no_der_is_none() {
        for bytes in [
            &b""[..],
            b"\x04",
            b"\x04\x02a",
            b"\x04\x80a\x00\x00",
            b"\x04\x85\x00\x00\x00\x00\x01a",
            b"\x04\x84\xFF\xFF\xFF\xFFa",
            b"\x04\x82\x01",
        ] {
            assert_eq!(Reader::new(bytes).take(OCTET_STRING), None, "{bytes:?}");
        }
        for number in [&b"\x02\x00"[..], b"\x02\x01\xFF", b"\x02\x05\x01\x00\x00\x00\x00"] {
            assert_eq!(Reader::new(number).small_number(), None, "{number:?}");
        }
    }
}
