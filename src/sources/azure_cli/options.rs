//! The options of the source.

use crate::identifiers::TenantId;
use crate::prelude::*;

/// The login to use; by default the one that the CLI uses by default.
#[derive(Debug, Default)]
pub struct Options {
    /// The tenant; `None`: the subscription's.
    pub tenant_id: Option<TenantId>,
    /// The id or name of the subscription whose account is used; `None`: the CLI's default subscription.
    pub subscription: Option<String>,
    /// The tenants that requests may name besides that.
    pub allowed_tenants: Vec<String>,
}

/// The name in messages and attempts.
pub const NAME: &str = "azure-cli";
