//! The options of the token, which rules with an address and `use` lines have in common.

use super::word::{ParseError, Word};
use crate::prelude::*;
use crate::rules::Access;
use azure_token_rules::request::is_tenant;

/// Sets an option. `false`: it is another option.
///
/// # Errors
/// When its value is malformed.
pub fn set_option(access: &mut Access, option: &Word<'_>) -> Result<bool, ParseError> {
    match option.text.split_once('=') {
        Some(("tenant", tenant)) if is_tenant(tenant) => access.tenant = Some(tenant.to_owned()),
        Some(("tenant", _)) => return Err(option.error("a tenant is an id or a domain name")),
        Some(("cae", "on")) => access.enable_cae = true,
        Some(("cae", "off")) => access.enable_cae = false,
        Some(("batch", "on")) => access.allows_batch = true,
        Some(("batch", "off")) => access.allows_batch = false,
        Some(("copy", "on")) => access.allows_copy = true,
        Some(("copy", "off")) => access.allows_copy = false,
        Some(("keep", bytes)) => {
            let bytes = bytes.parse().ok().filter(|bytes| *bytes <= MAX_KEPT);
            access.keep = bytes.ok_or_else(|| option.error("keep= takes a number of bytes up to 1048576"))?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// The length of a body that a rule may keep, at most, in bytes.
const MAX_KEPT: usize = 1 << 20;
