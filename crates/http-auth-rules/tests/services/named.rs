//! What the table says: its hosts and scopes.

use crate::sdk::Kind;
use azure_http_auth_rules::rules::customer_hosts::{EXACT, Exact};
use azure_http_auth_rules::rules::services::{Row, TABLE};
use std::collections::BTreeSet;

/// A host or scope of the table, with the service that it belongs to.
pub type Fact = (&'static str, Kind, String);

/// Every host, without its wildcards, and every scope, of the table and of the services whose hosts must be named.
pub fn all_facts() -> BTreeSet<Fact> {
    let of_row = |row: &'static Row| {
        let hosts = row.hosts.iter().map(|host| (row.service, Kind::Host, base(host).to_owned()));
        hosts.chain([(row.service, Kind::Scope, row.scope.to_owned())])
    };
    let of_exact = |exact: &'static Exact| {
        let host = (exact.service, Kind::Host, base(exact.address).to_owned());
        [host, (exact.service, Kind::Scope, exact.scope.to_owned())]
    };
    TABLE.iter().flat_map(of_row).chain(EXACT.iter().flat_map(of_exact)).collect()
}

/// The part of a host that customers do not choose.
fn base(host: &'static str) -> &'static str {
    let host = host.split('/').next().unwrap_or_default();
    let host = host.rsplit_once(">.").map_or(host, |(_, base)| base);
    host.trim_start_matches("*.")
}
