//! Tests of hosts.

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
fn a_text_that_is_not_a_host_is_refused() {
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
fn metadata_services_are_recognised_by_address_and_name() {
    for text in [
        "169.254.169.254",
        "169.254.0.1",
        "169.254.255.255",
        "168.63.129.16",
        "[fe80::1]",
        "[febf::1]",
        "[fd00:ec2::254]",
        "metadata.google.internal",
        "metadata.goog",
        "[fd00:ec2::23]",
        "METADATA.azure.internal.",
        "metadata",
        "instance-data",
    ] {
        assert!(Host::parse(text).is_ok_and(|host| host.is_metadata_service()), "{text}");
    }
    for text in [
        "169.253.0.1",
        "168.63.129.17",
        "[2001:db8::1]",
        "[fd00:ec3::254]",
        "metadata.example.com",
        "vault.azure.net",
    ] {
        assert!(Host::parse(text).is_ok_and(|host| !host.is_metadata_service()), "{text}");
    }
}

#[test]
fn private_networks_are_recognised_by_address_and_never_by_name() {
    for (text, private) in [
        ("10.0.0.1", true),
        ("172.16.0.1", true),
        ("172.31.255.255", true),
        ("192.168.1.1", true),
        ("[fc00::1]", true),
        ("[fdff::1]", true),
        ("[fd00:ec2::254]", false),
        ("172.15.0.1", false),
        ("172.32.0.1", false),
        ("192.169.0.1", false),
        ("11.0.0.1", false),
        ("100.64.0.1", false),
        ("168.63.129.16", false),
        ("169.254.169.254", false),
        ("[fe80::1]", false),
        ("[2001:db8::1]", false),
        ("10.0.0.1.example", false),
        ("router.local", false),
    ] {
        assert_eq!(Host::parse(text).map(|host| host.is_private()), Ok(private), "{text}");
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
