//! The table of Azure's services in all clouds: their hosts, and the scope of the tokens that they accept.
//!
//! None of it applies until the deployer names the service: `use key-vault`.
//!
//! All hosts are endpoints that Microsoft runs. A host below which customers' code is called with a request's headers is
//! in no row, because that code would receive the tokens: see [`super::customer_hosts`].

use super::{Access, Action, Hosts, Origin, Rule, Servers};
use crate::prelude::*;
use crate::target::{Host, Scheme, Server};

mod row;
mod table;

pub use row::{Cloud, Plane, Row};
pub use table::{PROJECTS, TABLE};

/// Which rows a `use` line opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection<'a> {
    /// The name of a service, or [`ALL_DATA_PLANE`].
    pub service: &'a str,
    /// The cloud.
    pub cloud: Cloud,
}

/// The name that stands for every service of the [data plane](Plane::Data).
pub const ALL_DATA_PLANE: &str = "all-data-plane";

impl Selection<'_> {
    /// The rules of the rows that are selected, with the tenant, revocation and length of kept bodies of `options`.
    /// Empty: there is no such service in this cloud.
    pub fn rules(&self, options: &Access) -> Vec<Rule> {
        let rows = TABLE.iter().filter(|row| self.selects(row));
        rows.flat_map(|row| row.hosts.iter().flat_map(|hosts| rules(row, hosts, options))).collect()
    }

    fn selects(&self, row: &Row) -> bool {
        let is_named = match self.service {
            ALL_DATA_PLANE => row.plane == Plane::Data,
            name => row.service == name,
        };
        is_named && row.cloud == self.cloud
    }
}

/// The row to whose hosts a server belongs, to suggest its name; `None`: none of the table.
pub fn row_of(server: &Server) -> Option<&'static Row> {
    let has = |row: &&Row| {
        let hosts = row.hosts.iter().filter_map(|hosts| servers(hosts));
        hosts.into_iter().any(|servers| servers.contain(server))
    };
    TABLE.iter().find(has)
}

/// The rules of a row for one of its hosts.
fn rules(row: &Row, hosts: &str, options: &Access) -> Vec<Rule> {
    let Some(servers) = servers(hosts) else { return Vec::new() };
    let access = Access { scope: row.scope.to_owned(), ..options.clone() };
    let rule = |path: Option<&str>, action| Rule {
        origin: Origin::Service(row.service),
        methods: Vec::new(),
        servers: servers.clone(),
        path: path.map(ToOwned::to_owned),
        action,
    };
    let refused = row.refused_path.map(|path| rule(Some(path), Action::Deny));
    [rule(None, Action::Authenticate(access))].into_iter().chain(refused).collect()
}

fn servers(hosts: &str) -> Option<Servers> {
    Some(Servers { scheme: Scheme::Https, hosts: Hosts::parse(hosts)?, port: 443 })
}

impl Hosts {
    /// Parses the hosts of a rule: a host, or one or more `*.` in front of a name of at least two labels. `None`: it is
    /// neither.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text;
        let mut labels = 0usize;
        while let Some(behind) = rest.strip_prefix("*.") {
            labels = labels.saturating_add(1);
            rest = behind;
        }
        match (Host::parse(rest).ok()?, labels) {
            (host, 0) => Some(Self::One(host)),
            (Host::Name(suffix), labels) if suffix.contains('.') => Some(Self::Below(labels, suffix)),
            _ => None,
        }
    }
}
