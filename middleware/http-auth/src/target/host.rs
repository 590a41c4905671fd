//! Hosts, each of which has one form here, however it was spelled.

use crate::prelude::*;
use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};

/// A host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// A name in lower case, without the dot that may end it.
    Name(String),
    /// An IPv4 address.
    V4(Ipv4Addr),
    /// An IPv6 address that holds no IPv4 address.
    V6(Ipv6Addr),
}

/// Why a text is no host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostError {
    /// A character, a label or a length that no name has.
    Malformed,
    /// An address in a form that parsers read differently: decimal, octal, hexadecimal, fewer than four
    /// numbers, or an IPv4 address in an IPv6 one.
    Ambiguous,
}

impl Host {
    /// Reads a host as it stands in an authority: a name, an IPv4 address, or an IPv6 address in brackets.
    ///
    /// # Errors
    /// When it is none, or one that somebody else could read as another.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        if let Some(inner) = text.strip_prefix('[') {
            let inner = inner.strip_suffix(']').ok_or(HostError::Malformed)?;
            let address: Ipv6Addr = inner.parse().map_err(|_| HostError::Malformed)?;
            return if holds_ipv4(address) { Err(HostError::Ambiguous) } else { Ok(Self::V6(address)) };
        }
        // The dot that ends an absolute name (RFC 1034, section 3.1) names the same host.
        let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        if name.len() > 253 || !name.split('.').all(is_label) {
            return Err(HostError::Malformed);
        }
        // Whatever ends in a number is an address and never a name (URL Standard, "ends in a number checker").
        if name.rsplit('.').next().is_some_and(is_number) {
            // Ipv4Addr takes four decimal numbers without leading zeros, and that is the one form that all agree on.
            return name.parse().map(Self::V4).map_err(|_| HostError::Ambiguous);
        }
        Ok(Self::Name(name))
    }

    /// Whether it is this machine by one of the forms that nothing else has: 127.0.0.0/8, `::1`, `localhost`
    /// and names below it (RFC 6761).
    pub fn is_loopback(&self) -> bool {
        match self {
            Self::Name(name) => name == "localhost" || name.ends_with(".localhost"),
            Self::V4(address) => address.is_loopback(),
            Self::V6(address) => address.is_loopback(),
        }
    }

    /// Whether requests to it end on this machine: loopback, and the unspecified address, which systems take
    /// there as well.
    pub fn is_this_machine(&self) -> bool {
        self.is_loopback()
            || match self {
                Self::Name(_) => false,
                Self::V4(address) => address.octets().first() == Some(&0),
                Self::V6(address) => address.is_unspecified(),
            }
    }

    /// Whether it is a metadata service, or could be: the whole link-local range, the address by which Azure's
    /// machines reach their host, and the names that clouds give theirs.
    pub fn is_metadata_service(&self) -> bool {
        match self {
            Self::Name(name) => METADATA_NAMES.contains(&name.as_str()),
            Self::V4(address) => address.is_link_local() || *address == WIRE_SERVER,
            Self::V6(address) => address.is_unicast_link_local() || *address == OTHERS_METADATA,
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::V4(address) => address.fmt(f),
            Self::V6(address) => write!(f, "[{address}]"),
        }
    }
}

/// Names by which metadata services are reached. All of them speak plain `http`, so another name for one of
/// them is refused for that.
const METADATA_NAMES: &[&str] = &[
    "metadata",
    "metadata.azure.internal",
    "metadata.google.internal",
    "instance-data",
    "instance-data.ec2.internal",
];

/// Azure's platform channel ("What is IP address 168.63.129.16?"): extension settings and certificates.
const WIRE_SERVER: Ipv4Addr = Ipv4Addr::new(168, 63, 129, 16);

/// Where another cloud has its metadata service for IPv6.
const OTHERS_METADATA: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

/// IPv4-mapped and -compatible (RFC 4291), translated (RFC 2765, 6052, 8215), 6to4 (RFC 3056), Teredo (RFC 4380).
fn holds_ipv4(address: Ipv6Addr) -> bool {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => false,
        [0, 0, 0, 0, 0, 0 | 0xffff, ..] | [0, 0, 0, 0, 0xffff, 0, ..] => true,
        [0x64, 0xff9b, 0 | 1, ..] | [0x2002, ..] | [0x2001, 0, ..] => true,
        _ => false,
    }
}

/// A label of a name, already in lower case. The underscore is none of DNS's and yet used.
fn is_label(label: &str) -> bool {
    let allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    (1..=63).contains(&label.len()) && label.bytes().all(allowed)
}

fn is_number(label: &str) -> bool {
    label.bytes().all(|byte| byte.is_ascii_digit())
        || label.strip_prefix("0x").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_one_form() {
        for (text, form) in [
            ("Vault.Azure.NET", "vault.azure.net"),
            ("vault.azure.net.", "vault.azure.net"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("127.0.0.1", "127.0.0.1"),
            ("127.0.0.1.", "127.0.0.1"),
            ("[::1]", "[::1]"),
            ("[0:0:0:0:0:0:0:1]", "[::1]"),
            ("[2001:DB8::A]", "[2001:db8::a]"),
            ("0x.example", "0x.example"),
            ("1.example", "1.example"),
        ] {
            assert_eq!(Host::parse(text).map(|host| host.to_string()), Ok(form.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in [
            "",
            ".",
            "..",
            "a..b",
            ".a",
            "a..",
            "a b",
            "a\tb",
            "a\0b",
            "a%2eb",
            "a/b",
            "a\\b",
            "a@b",
            "a:b",
            "bücher.example",
            "ｌocalhost",
            "１６９.254.169.254",
            "vault。azure.net",
            "[",
            "]",
            "[]",
            "[::1",
            "::1",
            "[::1]x",
            "[fe80::1%eth0]",
            "[127.0.0.1]",
            "[::g]",
            "[v1.x]",
        ] {
            assert_eq!(Host::parse(text), Err(HostError::Malformed), "{text:?}");
        }
        assert_eq!(Host::parse(&"a".repeat(64)), Err(HostError::Malformed));
        assert_eq!(Host::parse(&["a"; 200].join(".")), Err(HostError::Malformed));
    }

    #[test]
    fn an_address_that_parsers_disagree_on_is_ambiguous() {
        for text in [
            "2852039166",
            "0xa9fea9fe",
            "0xA9FEA9FE",
            "025177524776",
            "169.254.43518",
            "169.16689662",
            "0251.0376.0251.0376",
            "0xa9.0xfe.0xa9.0xfe",
            "169.254.169.0376",
            "169.254.169.254.1",
            "256.1.1.1",
            "127.1",
            "0",
            "0x",
            "0x7f.1",
            "1.2.3.4.5",
            "01.2.3.4",
            "example.1",
            "example.0x1f",
            "[::ffff:169.254.169.254]",
            "[::ffff:a9fe:a9fe]",
            "[::169.254.169.254]",
            "[64:ff9b::a9fe:a9fe]",
            "[64:ff9b:1::a9fe:a9fe]",
            "[2002:a9fe:a9fe::]",
            "[2001:0:1::]",
            "[::ffff:127.0.0.1]",
            "[::2]",
        ] {
            assert_eq!(Host::parse(text), Err(HostError::Ambiguous), "{text}");
        }
    }

    #[test]
    fn metadata_services_are_known_by_address_and_name() {
        for text in [
            "169.254.169.254",
            "169.254.0.1",
            "169.254.255.255",
            "168.63.129.16",
            "[fe80::1]",
            "[febf::1]",
            "[fd00:ec2::254]",
            "metadata.google.internal",
            "METADATA.azure.internal.",
            "metadata",
            "instance-data",
        ] {
            assert!(Host::parse(text).is_ok_and(|host| host.is_metadata_service()), "{text}");
        }
        for text in
            ["169.253.0.1", "168.63.129.17", "[2001:db8::1]", "metadata.example.com", "vault.azure.net"]
        {
            assert!(Host::parse(text).is_ok_and(|host| !host.is_metadata_service()), "{text}");
        }
    }

    #[test]
    fn this_machine_has_many_names() {
        for (text, loopback, here) in [
            ("localhost", true, true),
            ("LOCALHOST.", true, true),
            ("a.localhost", true, true),
            ("127.0.0.1", true, true),
            ("127.255.0.3", true, true),
            ("[::1]", true, true),
            ("0.0.0.0", false, true),
            ("[::]", false, true),
            ("localhost.example", false, false),
            ("notlocalhost", false, false),
            ("128.0.0.1", false, false),
        ] {
            let host = Host::parse(text).expect(text);
            assert_eq!((host.is_loopback(), host.is_this_machine()), (loopback, here), "{text}");
        }
    }
}
