//! Tests of URLs.

use super::*;

#[test]
fn metadata_endpoints_may_be_plain_http_on_this_machine_alone() {
    for good in [
        "http://169.254.169.254/x",
        "http://localhost:8169",
        "http://127.0.0.1/?a=b",
        "http://[::1]:80/",
        "https://elsewhere.example",
        "HTTP://LOCALHOST",
    ] {
        assert!(Url::parse_metadata_endpoint(good).is_ok(), "{good}");
    }
    for bad in [
        "http://elsewhere.example",
        "http://168.63.129.16/",
        "http://0251.254.169.254/",
        "http://2852039166/",
        "http://0xa9fea9fe/",
        "http://169.254.169.254.example/",
        "http://127.0.0.1.example/",
        "http://127.1/",
        "http://localhost.example/",
        "http://[::ffff:127.0.0.1]/",
    ] {
        assert_eq!(Url::parse_metadata_endpoint(bad), Err(UrlError::PlainHttp), "{bad}");
    }
}

#[test]
fn the_endpoint_of_app_service_may_be_plain_http_to_a_literal_private_address_as_well() {
    for good in
        ["http://172.16.5.3:8081/msi/token", "http://10.0.0.1/", "http://[fd12::1]:80/", "http://localhost/"]
    {
        assert!(Url::parse_private_endpoint(good).is_ok(), "{good}");
    }
    for bad in [
        "http://elsewhere.example",
        "http://app.internal/",
        "http://10.0.0.1.example/",
        "http://172.32.0.1/",
        "http://168.63.129.16/",
        "http://[fd00:ec2::254]/",
        "http://0xa000001/",
        "http://10.1/",
        "http://012.0.0.1/",
        "http://[::ffff:10.0.0.1]/",
        "ftp://10.0.0.1/",
    ] {
        assert_eq!(Url::parse_private_endpoint(bad), Err(UrlError::PlainHttpBeyondPrivate), "{bad}");
    }
    assert_eq!(Url::parse_private_endpoint("http://10.0.0.1@evil.example/"), Err(UrlError::HasUserinfo));
    assert_eq!(Url::parse_metadata_endpoint("http://10.0.0.1/"), Err(UrlError::PlainHttp));
}

#[test]
fn urls_with_two_readings_are_refused() {
    for (text, error) in [
        ("https://a@b/", UrlError::HasUserinfo),
        ("http://169.254.169.254:80@evil.example/", UrlError::HasUserinfo),
        ("https://a b/", UrlError::MalformedHost),
        ("https://a:b/", UrlError::MalformedHost),
        ("https://a:99999/", UrlError::MalformedHost),
        ("https://a:+1/", UrlError::MalformedHost),
        ("https:///x", UrlError::MalformedHost),
        ("https://ä/", UrlError::MalformedHost),
        ("https://a\\b/", UrlError::MalformedHost),
        ("https://[::1", UrlError::MalformedHost),
        ("https://a/\r\nx", UrlError::MalformedPath),
        ("https://a/#x", UrlError::MalformedPath),
        ("https://a/\\x", UrlError::MalformedPath),
        ("ftp://a/", UrlError::NotHttps),
        ("//a/", UrlError::NotHttps),
        ("", UrlError::NotHttps),
    ] {
        assert_eq!(Url::parse(text), Err(error), "{text:?}");
    }
}

#[test]
fn an_authority_is_a_host_over_https() {
    for (text, host) in [
        ("https://login.microsoftonline.us/", "login.microsoftonline.us"),
        ("login.chinacloudapi.cn", "login.chinacloudapi.cn"),
        ("http://127.0.0.1:8169", "127.0.0.1:8169"),
        (" https://LOGIN.example ", "login.example"),
    ] {
        assert_eq!(Url::parse_authority(text).expect(text).authority(), host);
    }
    for (text, error) in [
        ("http://login.microsoftonline.com", UrlError::NotHttps),
        ("http://169.254.169.254", UrlError::NotHttps),
        ("https://a/path", UrlError::HasPath),
        ("https://a/?q", UrlError::HasPath),
        ("https://user@a", UrlError::HasUserinfo),
    ] {
        assert_eq!(Url::parse_authority(text), Err(error), "{text}");
    }
}

#[test]
fn a_query_is_kept_and_added_parameters_are_encoded() {
    let url = Url::parse("http://localhost/msi/token?x=1").expect("a URL");
    let url = url.query(&[("resource", "a&b=c d")]);
    assert_eq!(url.path_and_query(), "/msi/token?x=1&resource=a%26b%3Dc%20d");
}

#[test]
fn segments_are_joined_with_one_slash() {
    for base in ["http://localhost:9999", "http://localhost:9999/"] {
        let url = Url::parse(base).expect("a URL").join("metadata/identity");
        assert_eq!((url.authority(), url.path_and_query()), ("localhost:9999", "/metadata/identity"));
    }
}
