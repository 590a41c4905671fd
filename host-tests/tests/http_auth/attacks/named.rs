//! Which tokens a row's rules allow at which server, read from the rules' text without the parser under test.

use azure_http_auth_rules::rules::services::{Plane, TABLE};

/// The hosts and resources that rules name.
pub struct Named(Vec<(String, String)>);

impl Named {
    /// Reads rules.
    pub fn read(rules: &str) -> Self {
        let lines = rules.lines().map(|line| line.split('#').next().unwrap_or_default());
        let rules = lines.flat_map(|line| line.split(';'));
        Self(rules.flat_map(|rule| named_by(&rule.split_whitespace().collect::<Vec<_>>())).collect())
    }

    /// Whether a token for this resource may be sent to this server, e.g. `https://my.vault.azure.net`.
    pub fn allow(&self, server: &str, resource: &str) -> bool {
        self.0.iter().any(|(hosts, allowed)| allowed == resource && matches(hosts, server))
    }
}

fn named_by(words: &[&str]) -> Vec<(String, String)> {
    let resource = |scope: &str| scope.strip_suffix("/.default").unwrap_or(scope).to_owned();
    if words.first() == Some(&"use") {
        let rows = TABLE.iter().filter(|row| {
            words.contains(&row.service) || (words.contains(&"all-data-plane") && row.plane == Plane::Data)
        });
        let hosts = rows.flat_map(|row| row.hosts.iter().map(|host| (*host, row.scope)));
        return hosts.map(|(host, scope)| (format!("https://{host}"), resource(scope))).collect();
    }
    let address = words.iter().find(|word| word.contains("://"));
    let scope = words.iter().find_map(|word| word.strip_prefix("scope="));
    let server = address.map(|it| it.split('/').take(3).collect::<Vec<_>>().join("/"));
    server.zip(scope).map(|(server, scope)| (server, resource(scope))).into_iter().collect()
}

/// Whether a server is one of a rule's: the same scheme, port and labels, of which `*` is any.
fn matches(hosts: &str, server: &str) -> bool {
    let (hosts, server): (Vec<_>, Vec<_>) = (hosts.split('.').collect(), server.split('.').collect());
    let label = |(of_rule, of_server): (&&str, &&str)| {
        of_rule == of_server
            || of_rule.strip_suffix('*').is_some_and(|scheme| {
                of_server
                    .strip_prefix(scheme)
                    .is_some_and(|label| !label.is_empty() && !label.contains(['/', ':']))
            })
    };
    hosts.len() == server.len() && hosts.iter().zip(&server).all(label)
}
