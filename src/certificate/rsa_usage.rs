//! What an RSA key is for, as the algorithm beside it says.

use super::ber;
use super::digest::Hash;
use super::error::CertificateError;
use der::asn1::ObjectIdentifier;
use der::{Reader, Result, SliceReader};

/// What an RSA key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// Everything: `rsaEncryption` (RFC 8017, appendix A.1).
    Any,
    /// RSASSA-PSS alone: `id-RSASSA-PSS` (RFC 4055, section 1.2).
    Pss,
    /// RSASSA-PSS with other parameters than those of PS256.
    OtherPss,
}

impl Usage {
    /// Reads the `AlgorithmIdentifier` of a key; `None`: the key is not RSA.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn read(reader: &mut SliceReader<'_>) -> Result<Option<Self>> {
        let mut identifier = ber::enter(reader)?;
        Ok(match ber::read::<ObjectIdentifier>(&mut identifier)? {
            RSA_ENCRYPTION => Some(Self::Any),
            // Without parameters the key is for RSASSA-PSS with any.
            RSASSA_PSS if identifier.is_finished() => Some(Self::Pss),
            RSASSA_PSS => Some(read_restriction(&mut identifier)?),
            _ => None,
        })
    }

    /// What both allow.
    ///
    /// # Errors
    /// When they do not allow what this project needs.
    pub fn and(self, other: Self) -> core::result::Result<Self, CertificateError> {
        match (self, other) {
            (Self::OtherPss, _) | (_, Self::OtherPss) => Err(CertificateError::OtherPss),
            (Self::Pss, _) | (_, Self::Pss) => Ok(Self::Pss),
            (Self::Any, Self::Any) => Ok(Self::Any),
        }
    }
}

/// Reads `RSASSA-PSS-params` (RFC 4055, section 3.1) of a key: its hash functions, and the shortest salt.
fn read_restriction(identifier: &mut SliceReader<'_>) -> Result<Usage> {
    let mut parameters = ber::enter(identifier)?;
    let hash = match ber::enter_optional(&mut parameters, 0)? {
        Some(mut field) => Hash::of(ber::read_algorithm(&mut field)?),
        None => Some(Hash::Sha1),
    };
    let mask = match ber::enter_optional(&mut parameters, 1)? {
        Some(mut field) => {
            let mut function = ber::enter(&mut field)?;
            ber::expect(&mut function, MGF1)?;
            Hash::of(ber::read_algorithm(&mut function)?)
        }
        None => Some(Hash::Sha1),
    };
    let salt = match ber::enter_optional(&mut parameters, 2)? {
        Some(mut field) => ber::read(&mut field)?,
        None => 20_u32,
    };
    let is_ps256 = (hash, mask) == (Some(Hash::Sha256), Some(Hash::Sha256)) && salt <= 32;
    Ok(if is_ps256 { Usage::Pss } else { Usage::OtherPss })
}

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSASSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const MGF1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.8");
