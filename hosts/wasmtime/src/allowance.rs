//! What an embedder allows: the hosts that a provider may send requests to.

use crate::cloud::Cloud;
use crate::outgoing::{AllowedHost, AllowedHosts};

/// A host, or the hosts of a cloud, that a provider may send requests to.
pub(crate) enum Allowance {
    Any,
    Azure(Cloud),
    Host(String),
}

/// The hosts of all allowances, in an environment of these variables.
///
/// # Errors
/// The option of the builder, and which host or variable is malformed.
pub(crate) fn allowed_hosts(
    allowances: &[Allowance],
    env: &[(String, String)],
) -> Result<AllowedHosts, (&'static str, String)> {
    let mut hosts = Vec::new();
    for allowance in allowances {
        match allowance {
            Allowance::Any => return Ok(AllowedHosts::Any),
            Allowance::Azure(cloud) => hosts.extend(cloud.hosts(env).map_err(|what| ("allow_azure", what))?),
            Allowance::Host(host) => {
                hosts.push(AllowedHost::parse(host).map_err(|what| ("allow_host", what))?);
            }
        }
    }
    Ok(AllowedHosts::Listed(hosts.into()))
}
