//! What an RSA key is for, as the algorithm beside it says.

use super::ber::{self, Result};
use super::digest::Hash;
use super::error::CertificateError;
use der::asn1::ObjectIdentifier;
use der::{Reader, SliceReader};

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
        // Comparisons, because a pattern would be one for each byte of an identifier (2 KB).
        let algorithm: ObjectIdentifier = ber::read(&mut identifier)?;
        if algorithm == RSA_ENCRYPTION {
            return Ok(Some(Self::Any));
        }
        if algorithm != RSASSA_PSS {
            return Ok(None);
        }
        // Without parameters the key is for RSASSA-PSS with any.
        Ok(Some(if identifier.is_finished() { Self::Pss } else { read_restriction(&mut identifier)? }))
    }

    /// What both allow.
    ///
    /// # Errors
    /// When they do not allow what this project needs.
    pub fn and(self, other: Self) -> Result<Self> {
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
    // Each of them is optional, and none has the default that PS256 needs, which is SHA-1.
    let (Some(mut hash), Some(mut mask)) =
        (ber::enter_optional(&mut parameters, 0)?, ber::enter_optional(&mut parameters, 1)?)
    else {
        return Ok(Usage::OtherPss);
    };
    let mut mask = ber::enter(&mut mask)?;
    ber::expect(&mut mask, MGF1)?;
    let functions = [ber::read_algorithm(&mut hash)?, ber::read_algorithm(&mut mask)?];
    let salt = match ber::enter_optional(&mut parameters, 2)? {
        Some(mut field) => ber::read(&mut field)?,
        None => 20_u32,
    };
    let is_ps256 = functions.into_iter().all(|it| Hash::of(it) == Some(Hash::Sha256)) && salt <= 32;
    Ok(if is_ps256 { Usage::Pss } else { Usage::OtherPss })
}

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSASSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const MGF1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.8");
