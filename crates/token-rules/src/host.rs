//! Hosts in one canonical form, and which of them are this machine or a metadata service.

use alloc::string::String;
use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};

/// A host in its canonical form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// A name in lower case, without the final dot of an absolute name.
    Name(String),
    /// An IPv4 address.
    V4(Ipv4Addr),
    /// An IPv6 address that holds no IPv4 address.
    V6(Ipv6Addr),
}

/// Why a text is not a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostError {
    /// A name has no such character, label or length.
    Malformed,
    /// An address in a form that parsers read differently: decimal, octal or hexadecimal, fewer than four numbers, or
    /// an IPv4 address in an IPv6 one.
    Ambiguous,
}

impl Host {
    /// Reads a host as it stands in an authority: a name, an IPv4 address, or an IPv6 address in brackets.
    ///
    /// # Errors
    /// [`HostError::Malformed`] when it is not a host, [`HostError::Ambiguous`] when two parsers could read it as
    /// different hosts.
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
        // What ends in a number is an address and never a name (URL Standard, "ends in a number checker").
        if name.rsplit('.').next().is_some_and(is_number) {
            // Ipv4Addr accepts four decimal numbers without leading zeros, the one form that all parsers agree on.
            return name.parse().map(Self::V4).map_err(|_| HostError::Ambiguous);
        }
        Ok(Self::Name(name))
    }

    /// Whether it is loopback: 127.0.0.0/8 (RFC 1122), `::1` (RFC 4291), `localhost` and names below it (RFC 6761).
    pub fn is_loopback(&self) -> bool {
        match self {
            Self::Name(name) => name == "localhost" || name.ends_with(".localhost"),
            Self::V4(address) => address.is_loopback(),
            Self::V6(address) => address.is_loopback(),
        }
    }

    /// Whether requests to it end on this machine: loopback, and the unspecified address, which systems route there as
    /// well.
    pub fn is_this_machine(&self) -> bool {
        self.is_loopback()
            || match self {
                Self::Name(_) => false,
                Self::V4(address) => address.octets().first() == Some(&0),
                Self::V6(address) => address.is_unspecified(),
            }
    }

    /// Whether it is in 169.254.0.0/16 (RFC 3927), where Azure's metadata services are.
    pub fn is_ipv4_link_local(&self) -> bool {
        matches!(self, Self::V4(address) if address.is_link_local())
    }

    /// Whether it is an address of a private network: RFC 1918, and unique local addresses (RFC 4193) except that of a
    /// metadata service. Never a name, which another resolver may resolve to another address.
    pub fn is_private(&self) -> bool {
        match self {
            Self::Name(_) => false,
            Self::V4(address) => address.is_private(),
            Self::V6(address) => address.is_unique_local() && !self.is_metadata_service(),
        }
    }

    /// Whether it is or may be a metadata service: the link-local ranges, the address at which Azure's machines reach
    /// their host, and the names of the clouds' metadata services.
    pub fn is_metadata_service(&self) -> bool {
        match self {
            Self::Name(name) => METADATA_NAMES.contains(&name.as_str()),
            Self::V4(address) => address.is_link_local() || *address == WIRE_SERVER,
            Self::V6(address) => {
                address.is_unicast_link_local() || address.segments().starts_with(EC2_METADATA)
            }
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

/// The names of metadata services. All of them are served over plain `http`, so another name that leads to one is refused
/// for its scheme.
const METADATA_NAMES: &[&str] = &[
    "metadata",
    "metadata.azure.internal",
    "metadata.google.internal",
    "metadata.goog",
    "instance-data",
    "instance-data.ec2.internal",
];

/// Azure's platform channel ("What is IP address 168.63.129.16?"): extension settings and certificates.
const WIRE_SERVER: Ipv4Addr = Ipv4Addr::new(168, 63, 129, 16);

/// The range in which Amazon EC2 has its services of an instance over IPv6: metadata at `fd00:ec2::254`, credentials of
/// EKS Pod Identity at `fd00:ec2::23`.
const EC2_METADATA: &[u16] = &[0xfd00, 0xec2];

/// Whether an IPv4 address is embedded in it: IPv4-mapped and -compatible (RFC 4291), translated (RFC 2765, 6052, 8215), 6to4 (RFC 3056), Teredo (RFC 4380).
fn holds_ipv4(address: Ipv6Addr) -> bool {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => false,
        [0, 0, 0, 0, 0, 0 | 0xffff, ..] | [0, 0, 0, 0, 0xffff, 0, ..] => true,
        [0x64, 0xff9b, 0 | 1, ..] | [0x2002, ..] | [0x2001, 0, ..] => true,
        _ => false,
    }
}

/// Whether a text in lower case is a label of a name. DNS has no underscore in host names, but names with one are in use.
fn is_label(label: &str) -> bool {
    let allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    (1..=63).contains(&label.len()) && label.bytes().all(allowed)
}

/// Whether a label is a decimal, octal or hexadecimal number.
fn is_number(label: &str) -> bool {
    label.bytes().all(|byte| byte.is_ascii_digit())
        || label.strip_prefix("0x").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests;
