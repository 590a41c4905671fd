//! PEM (RFC 7468): base64 between two lines of text. Text between the blocks is ignored.
//!
//! More is read than RFC 7468 writes, because variables and YAML files hold blocks in one line or indented.

use super::error::CertificateError;
use crate::base64;
use crate::prelude::*;

/// A block.
pub struct Block<'a> {
    /// Its label, e.g. `PRIVATE KEY`.
    pub label: &'a str,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Whether there is a block in the text.
pub fn is_pem(text: &str) -> bool {
    text.contains(BEGIN)
}

/// The blocks of a text, in order.
///
/// # Errors
/// For a block without its end, or with anything but base64 in it.
pub fn blocks(text: &str) -> Result<Vec<Block<'_>>, CertificateError> {
    let (mut blocks, mut rest) = (Vec::new(), text);
    while let Some((_, after)) = rest.split_once(BEGIN) {
        let block = after.split_once(DASHES).and_then(|(label, after)| {
            let (body, after) = after.split_once("-----END ")?;
            Some((label, body, after.strip_prefix(label)?.strip_prefix(DASHES)?))
        });
        let (label, body, after) = block.ok_or(CertificateError::Damaged)?;
        // OpenSSL's old encryption (RFC 1421 headers) derives its key by a single iteration of MD5.
        if body.contains("DEK-Info:") {
            return Err(CertificateError::OldPem);
        }
        let bytes = base64::decode_standard(body);
        blocks.push(Block { label, bytes: bytes.ok_or(CertificateError::Damaged)? });
        rest = after;
    }
    Ok(blocks)
}

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";
