use super::*;
use crate::rules::parse::parse;
use crate::rules::services::{Selection, TABLE};
use crate::rules::{Access, Action, Hosts, Servers};
use crate::target::{Host, Scheme, Server};
use std::collections::BTreeSet;

/// Below which suffix of the list a host of this pattern could be.
fn reached(hosts: &str, path: Option<&str>) -> Option<&'static str> {
    let hosts = Hosts::parse(hosts).expect(hosts);
    CustomerHosts::reached_by(&hosts, path).map(|(suffix, _)| suffix)
}

#[test]
fn a_wildcard_reaches_the_suffixes_that_it_could_match() {
    for (hosts, suffix) in [
        ("*.servicebus.windows.net", Some("servicebus.windows.net")),
        ("*.*.servicebus.windows.net", Some("servicebus.windows.net")),
        ("*.my-ns.servicebus.windows.net", Some("servicebus.windows.net")),
        ("*.privatelink.servicebus.windows.net", Some("servicebus.windows.net")),
        ("*.*.windows.net", Some("servicebus.windows.net")),
        ("*.*.*.windows.net", Some("servicebus.windows.net")),
        ("*.SERVICEBUS.windows.net.", Some("servicebus.windows.net")),
        ("*.*.chinacloudapi.cn", Some("servicebus.chinacloudapi.cn")),
        ("*.*.*.usgovcloudapi.net", Some("servicebus.usgovcloudapi.net")),
        ("*.windows.net", None),
        ("*.*.core.windows.net", None),
        ("*.blob.core.windows.net", None),
        ("*.*.evil.windows.net", None),
        ("*.*.azure.com", Some("webpubsub.azure.com")),
        ("*.*.cloudapp.azure.com", Some("cloudapp.azure.com")),
        ("*.azure.com", None),
        ("*.*.vault.azure.com", None),
        ("*.xservicebus.windows.net", None),
        ("*.servicebus.windows.net.evil.example", None),
        ("my-ns.servicebus.windows.net", None),
    ] {
        assert_eq!(reached(hosts, None), suffix, "{hosts}");
    }
}

/// The check compares labels; this test tries names instead.
#[test]
fn a_wildcard_is_refused_if_and_only_if_it_matches_some_name_below_a_suffix() {
    let suffixes: BTreeSet<_> = CUSTOMER_HOSTS.iter().flat_map(|entry| entry.suffixes).copied().collect();
    let below = |suffix: &&str| ["a", "a.b", "a.b.c", "a.b.c.d"].map(|own| format!("{own}.{suffix}"));
    let names: Vec<_> = suffixes.iter().flat_map(below).collect();
    let others = ["core.windows.net", "blob.core.windows.net", "azure.com", "evil.example", "windows.net.cn"];
    let tails: BTreeSet<_> = suffixes.iter().copied().chain(others).flat_map(tails).collect();
    let mut refused = 0;
    for (wildcards, tail) in (1..=4).flat_map(|count| tails.iter().map(move |tail| (count, tail))) {
        let hosts = Hosts::parse(&("*.".repeat(wildcards) + tail)).expect(tail);
        let servers = Servers { scheme: Scheme::Https, hosts: hosts.clone(), port: 443 };
        let matches = |name: &String| Server::of_address(name).is_ok_and(|server| servers.contain(&server));
        let expected = names.iter().any(matches);
        refused += usize::from(expected);
        assert_eq!(CustomerHosts::reached_by(&hosts, None).is_some(), expected, "{hosts:?}");
    }
    assert!(refused > 100, "{refused}");
}

/// The name, and the names that are left when its first labels are taken away, of at least two labels.
fn tails(name: &'static str) -> Vec<&'static str> {
    let dots = name.match_indices('.').map(|(at, _)| name.split_at(at + 1).1);
    [name].into_iter().chain(dots).filter(|tail| tail.contains('.')).collect()
}

#[test]
fn the_path_of_a_wildcard_may_lead_past_the_programs_of_customers() {
    for (path, suffix) in [
        (None, Some("services.ai.azure.com")),
        (Some("/api"), Some("services.ai.azure.com")),
        (Some("/api/projects"), Some("services.ai.azure.com")),
        (Some("/api/projects/mine/agents"), Some("services.ai.azure.com")),
        (Some("/api/projectsx"), None),
        (Some("/openai"), None),
    ] {
        assert_eq!(reached("*.services.ai.azure.com", path), suffix, "{path:?}");
    }
}

#[test]
fn no_row_of_the_table_authenticates_where_customers_code_is_called() {
    for row in TABLE {
        let rules = Selection { service: row.service, cloud: row.cloud }.rules(&Access::new(""));
        let refused = |hosts: &Hosts| {
            let refusals = rules.iter().filter(|rule| rule.action == Action::Deny);
            refusals.filter(|rule| rule.servers.hosts == *hosts).find_map(|rule| rule.path.as_deref())
        };
        for hosts in row.hosts.iter().filter_map(|hosts| Hosts::parse(hosts)) {
            let reached = CustomerHosts::reached_by(&hosts, None);
            assert_eq!(reached.and_then(|(_, entry)| entry.path), refused(&hosts), "{row}: {hosts:?}");
            assert!(reached.is_none_or(|(_, entry)| entry.path.is_some()), "{row}: {hosts:?}");
            if let Hosts::One(Host::Name(name)) = &hosts {
                let is_below = |suffix: &&str| name == suffix || name.ends_with(&format!(".{suffix}"));
                assert!(
                    !CUSTOMER_HOSTS.iter().flat_map(|entry| entry.suffixes).any(is_below),
                    "{row}: {name}"
                );
            }
        }
    }
}

#[test]
fn the_rules_to_write_can_be_parsed_and_stand_under_a_suffix_of_the_list() {
    for exact in EXACT {
        let rule = exact.to_string().replace(['<', '>'], "");
        let parsed = parse(&rule).expect(&rule);
        assert_eq!(parsed.rules.len(), 1, "{rule}");
        let reason = exact.reason();
        assert!(reason.contains("customers"), "{rule}: {reason}");
        assert!(TABLE.iter().all(|row| row.service != exact.service), "{rule}");
    }
    let all: BTreeSet<_> = EXACT.iter().map(|exact| (exact.service, exact.cloud.name())).collect();
    assert_eq!(all.len(), EXACT.len());
}

#[test]
fn no_suffix_is_in_the_list_twice_and_each_is_a_name() {
    let all: Vec<_> = CUSTOMER_HOSTS.iter().flat_map(|entry| entry.suffixes).collect();
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    for suffix in all {
        assert_eq!(Host::parse(suffix), Ok(Host::Name((*suffix).to_owned())));
    }
}
